"""What the graph knows of one operation: everything about it that is not the kernel's, an engine's or a reader's.

The kernel has a record of its own, under the same name; the meaning of both is written down in ``docs/kernel.md``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from mechverify.graph.groups import Array, Bounds, Group

Value = Fraction | bool | None
Sort = Literal["number", "truth"]
Ends = tuple[Array, Array]

SLACK = 2.0**-52
U32 = 2.0**-24
TINY32 = 2.0**-126
OVERFLOW32 = 2.0**127

Beside = Literal["nothing", "index", "number", "truth", "terms", "rounding", "entries"]
"""What stands beside the arguments of a node: the index of an input, a constant, a truth, bias and weights, whether it
rounds to float32, or the entries of a table."""

Grid = Literal["none", "arguments", "sum", "integer", "rounded"]
"""On which grid 2^-k a result lies: none, the finest of the number arguments, that of their product, the integers, or
that of the argument as far as it needs no rounding."""


@dataclass(frozen=True, slots=True)
class Covered:
    """What a float32 verdict covers of an operation, for ``mechverify explain``: the executions, the error as a
    formula, and where any value is possible."""

    executions: tuple[str, ...]
    error: str = "0"
    undefined: str | None = None


ANY_SUM = (
    "every order of summation: sequential, pairwise, blocked, batched",
    "with or without fused multiply-add",
    "subnormal operands and results kept or flushed to zero",
)
EXACT_ONLY = Covered(("exact mathematics only: no float32 model is made of them",))
NEVER_ROUNDS = Covered(("every execution: none of them rounds",))


@dataclass(frozen=True, slots=True)
class Switch:
    """A piecewise linear operation of two pieces: ``below`` are the weights of its arguments where z <= 0, ``above``
    where z >= 0, for z the one argument, or the second minus the first."""

    below: tuple[int, ...]
    above: tuple[int, ...]

    @property
    def rise(self) -> int:
        """How fast the piece above grows away from the piece below with z: positive where the larger of them is taken,
        negative where the smaller is."""
        return self.above[-1] - self.below[-1]

    def pieces(self, args: Sequence[Any]) -> tuple[Any, Any]:
        """The values of both pieces: below and above."""
        below, above = (sum(w * a for w, a in zip(weights, args, strict=True)) for weights in (self.below, self.above))
        return below, above

    def of(self, args: Sequence[Any]) -> Any:
        """The value of the piece that is taken."""
        return (max if self.rise > 0 else min)(self.pieces(args))


@dataclass(frozen=True, slots=True)
class Above:
    """Where a partial operation of one argument has a value: at and above ``least``, or only above it (``strict``)."""

    least: Fraction
    strict: bool


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. Only what says what it is has no default; each default is right for an operation of which no more
    is known, so that engines without a rule of their own bound it by its interval, and say nothing where that is any
    value.

    ``takes`` are the sorts of the arguments; with ``many`` there are any number of the one sort. ``value`` is exact, of
    what stands beside the arguments and the arguments: None where it is irrational or undefined. It is given no unknown
    argument (None) unless ``lenient``. ``values`` is the same in float64, of the arguments as arrays (a truth is 0 or
    1), and ``slopes`` the derivative by each of them (at a kink one side's; none: 0). Both are None where a node's
    value does not come from its arguments.

    ``ends`` gives the interval, widened by what float64 loses, of the arguments' intervals, as arrays of one shape (a
    truth is 0, 1 or between; NaN is any value); it is asked only where every argument has an interval, unless
    ``lenient``. ``interval`` stands in its place where the interval depends on grids, on rounding, or on what stands
    beside the arguments.

    ``grows_with``: for each argument 1 where the result never falls as it grows, -1 where it never grows, else 0; none
    where that is not known. ``partial``: it may have no value, on arguments that have one; ``domain``, where it has
    one. ``rational``: of rationals its value is rational, so that constants are folded. ``compares``: its truth is how
    the second of two numbers is related to the first. ``step``: piecewise constant, changing at the integers plus this.
    ``grows``: a few of them make numbers of many digits. ``covered`` is what ``explain`` says of it, ``word`` and
    ``sign`` are how it is printed: a call, or between its arguments; ``negated`` is its negation's sign.
    """

    name: str
    takes: tuple[Sort, ...]
    value: Callable[..., Value] | None
    values: Callable[..., Array] | None
    ends: Callable[..., Ends] | None = None
    gives: Sort = "number"
    many: bool = False
    beside: Beside = "nothing"
    lenient: bool = False
    interval: Callable[[Bounds, Group], None] | None = None
    slopes: Callable[..., Sequence[Array | float]] | None = None
    grid: Grid = "none"
    grows_with: tuple[int, ...] = ()
    partial: bool = False
    domain: Above | None = None
    rational: bool = False
    compares: bool = False
    switch: Switch | None = None
    step: float | None = None
    grows: bool = False
    covered: Covered = EXACT_ONLY
    word: str | None = None
    sign: str | None = None
    negated: str | None = None
    boolean: bool = field(init=False)
    """Whether its value is a truth value."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "boolean", self.gives == "truth")

    @property
    def curved(self) -> bool:
        """Whether it is a number that neither a line nor two of them are near, whatever its arguments."""
        numbers = self.gives == "number" and set(self.takes) == {"number"}
        return numbers and self.switch is None and self.beside != "terms" and not self.rounds

    def bent(self, args: Sequence[int]) -> bool:
        """Whether it is a curve with a tangent: one that is smooth of one number, a quotient, or a square."""
        if not self.curved or self.slopes is None or self.step is not None:
            return False
        return self.name != "mul" or args[0] == args[1]

    @property
    def rounds(self) -> bool:
        """Whether it is its argument, rounded."""
        return self.grid == "rounded"

    @property
    def turns(self) -> bool:
        """Whether its piece, or its truth, is decided by the sign of one number, or of the difference of two."""
        return self.switch is not None or self.compares

    @property
    def joins(self) -> bool:
        """Whether it is a connective: a truth about truths."""
        return self.gives == "truth" and self.takes[:1] == ("truth",)
