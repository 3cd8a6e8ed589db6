"""A problem that has been read: its inputs, a straight line of nodes, an assumption and a claim."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from ..numbers.number import Number, normal
from .tables import Table

PLAIN_SUM = "float32 sum"


@dataclass(frozen=True, slots=True)
class Input:
    """One input variable with closed bounds; `integer` says whether only integers are meant."""

    name: str
    integer: bool
    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class Node:
    """One operation. `rounded` marks float32; `constant` is a constant, a bias, or a truth value (0, 1); `index` counts
    inputs, or tables. `plain` marks a rounded `affine` node each of whose products is rounded once, and added.

    The weights of an `affine` node are `numerators` times 2^-shift; where shift is not 0 these are integers.
    """

    op: str
    args: tuple[int, ...] = ()
    boolean: bool = False
    rounded: bool = False
    plain: bool = False
    numerators: tuple[Number, ...] = ()
    constant: Number = 0
    index: int = 0
    shift: int = 0
    table: Table | None = None

    @property
    def rounding(self) -> str:
        """The word for how it rounds."""
        return PLAIN_SUM if self.plain else "float32" if self.rounded else "exact"

    @property
    def weights(self) -> Sequence[Number]:
        """The weights of an `affine` node."""
        return [normal(Fraction(w, 1 << self.shift)) for w in self.numerators] if self.shift else self.numerators


@dataclass(frozen=True, slots=True)
class Problem:
    """A checked problem; `sha256` is the digest of its canonical bytes. `domain`: where a map tells apart which points
    count at all."""

    inputs: tuple[Input, ...]
    nodes: tuple[Node, ...]
    assumption: int
    claim: int
    sha256: str
    domain: int | None = None

    def stated(self, v: int, *, truth: bool) -> tuple[Node, bool]:
        """What a boolean node's truth says of the first node below it that is no `not`."""
        while self.nodes[v].op == "not":
            v, truth = self.nodes[v].args[0], not truth
        return self.nodes[v], truth

    def or_zero(self, v: int) -> int:
        """The node, or -1, which stands for zero, where it is the constant 0."""
        return -1 if v >= 0 and self.nodes[v].op == "const" and self.nodes[v].constant == 0 else v

    def terms(self, order: Iterable[int]) -> int:
        """What the evaluation of these nodes at one point counts as (`work.py`)."""
        nodes = self.nodes
        return sum([1 + len(nodes[v].args) for v in order])

    def cone(self, roots: Iterable[int]) -> list[int]:
        """The nodes that the roots depend on, themselves included, in ascending order."""
        wanted = bytearray(len(self.nodes))
        stack = list(roots)
        while stack:
            v = stack.pop()
            if not wanted[v]:
                wanted[v] = 1
                stack.extend(self.nodes[v].args)
        return [v for v in range(len(self.nodes)) if wanted[v]]
