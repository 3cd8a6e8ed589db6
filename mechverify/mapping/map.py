"""What a map of a claim establishes: where it is proved, refuted and open, inside its preconditions and outside."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

Corner = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """sum of coefficient * input, related to a bound by ``<=``, ``<``, ``>=``, ``>`` or ``==``."""

    terms: tuple[tuple[str, Fraction], ...]
    relation: str
    bound: Fraction


@dataclass(frozen=True, slots=True)
class Amount:
    """Between ``low`` and ``high`` points, or that volume where ``dimension`` inputs are real."""

    dimension: int
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class ScopeSize:
    """All points of one place (``inside``, ``outside``, ``apart``, ``open``) and verdict, of one dimension."""

    place: str
    verdict: str
    amount: Amount


@dataclass(frozen=True, slots=True)
class ScopePart:
    """A convex part of one label: exactly the points of the domain that meet all of ``where``. ``corners`` are those of
    its polygon, rounded, over the one or two inputs that the domain leaves free, for pictures; else none.
    """

    place: str
    verdict: str
    amount: Amount
    where: tuple[Condition, ...]
    corners: tuple[Corner, ...]


@dataclass(frozen=True, slots=True)
class ScopeInput:
    """An input of the domain with its bounds."""

    name: str
    integer: bool
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class ScopeMap:
    """A map that the kernel accepted. ``leaves``: parts of the tree that it checked; ``parts`` are these, joined for
    people where they make a convex one, none beside a verdict where the tree has many. ``finished``: no part is open
    for want of work.
    """

    inputs: tuple[ScopeInput, ...]
    sizes: tuple[ScopeSize, ...]
    parts: tuple[ScopePart, ...]
    leaves: int
    evaluations: int
    finished: bool
    sha256: str
    operations: int
    certificate: Path | None = None

    def held(self) -> dict[str, Fraction]:
        """The inputs that have one value, and it."""
        return {one.name: one.low for one in self.inputs if one.low == one.high}

    def seen_along(self, axes: Sequence[str]) -> "ScopeMap":
        """The same map for pictures with the first axis across: inputs and corners in the order of the axes."""
        free = [one.name for one in self.inputs if one.low < one.high]
        if len(axes) != 2 or free != [axes[1], axes[0]]:
            return self
        inputs = tuple(sorted(self.inputs, key=lambda one: (one.name not in axes, one.name != axes[0])))
        turned = tuple(replace(p, corners=tuple((y, x) for x, y in reversed(p.corners))) for p in self.parts)
        return replace(self, inputs=inputs, parts=turned)

    def amounts(self, place: str, verdict: str) -> tuple[Amount, ...]:
        """The sizes of one label, the highest dimension first."""
        found = [one.amount for one in self.sizes if (one.place, one.verdict) == (place, verdict)]
        return tuple(sorted(found, key=lambda amount: -amount.dimension))

    @property
    def exact(self) -> bool:
        """Whether every point has its place and its verdict, and every size is exact."""
        decided = all(one.place == "apart" or "open" not in (one.place, one.verdict) for one in self.sizes)
        return decided and all(one.amount.low == one.amount.high for one in self.sizes)
