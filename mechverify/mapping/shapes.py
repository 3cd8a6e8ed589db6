"""Parts of one label joined where together they are convex: fewer and simpler parts for people, with the same points.

A shape is a region by the half-spaces that bound it. Two shapes on either side of a cut become the shape of the
half-spaces that hold on both. Whether that has exactly their points is decided exactly: for integers by counting (it
contains both, which are disjoint), for reals by showing each half-space that was left out on its own side of the cut.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mechverify.kernel.search import FormEnds, Number, Region, Size, height, over_common
from mechverify.mapping.tree import Cut, Label, Part, Place


@dataclass(frozen=True, slots=True)
class HalfSpace:
    """One side of a cut: ``<=`` with ``low``, else the rest."""

    cut: Cut
    low: bool

    def of(self, region: Region) -> Region:
        """What it leaves of a region."""
        return region.side(dict(self.cut.terms), self.cut.bound, low=self.low)

    def holds(self, region: Region) -> bool:
        """Whether it is shown to hold everywhere on a region that is not empty."""
        ends: FormEnds = region.ends(0, dict(self.cut.terms))
        integers = all(region.kinds[k].integer for k, _ in self.cut.terms)
        if self.low:
            return ends.high < self.cut.bound + 1 if integers else ends.high <= self.cut.bound
        if integers:
            return ends.low > self.cut.bound
        return ends.low > self.cut.bound or (ends.low == self.cut.bound and ends.low_open)

    def bounds(self, region: Region) -> bool:
        """Whether the region would be larger without it: it touches an edge, or a corner that it may take away."""
        factor = region.factors[self.cut.terms[0][0]]
        if any(k not in factor.inputs for k, _ in self.cut.terms):
            return True
        terms = dict(self.cut.terms)
        integers = all(region.kinds[k].integer for k in terms)
        level = self.cut.bound if self.low or not integers else self.cut.bound + 1
        plane, _ = over_common([-level, *(terms.get(k, 0) for k in factor.inputs)])
        touched = sum(height(tuple(plane), corner) == 0 for corner in factor.corners)
        plain = 2 >= len(factor.inputs) < len(factor.corners) and (self.low or integers)
        return touched >= len(factor.inputs) if plain else touched > 0


@dataclass(frozen=True, slots=True)
class Shape:
    """The points of one label in a convex region."""

    place: Place
    label: Label
    sides: tuple[HalfSpace, ...]
    region: Region
    size: Size


def region_of(sides: Sequence[HalfSpace], whole: Region) -> Region:
    """What all of some half-spaces leave of a region."""
    for side in sides:
        whole = side.of(whole)
    return whole


def shape_of(place: Place, label: Label, sides: Sequence[HalfSpace], region: Region) -> Shape:
    """A shape by its half-spaces, those that bound nothing left out, and the region that they leave."""
    kept = tuple(side for side in dict.fromkeys(sides) if region.is_void() or side.bounds(region))
    return Shape(place, label, kept, region, region.size())


class Joining:
    """Joins the leaves of a tree from below, in at most so many attempts.

    ``record`` says of each attempt, in order, whether it joined two shapes (``1``) or not (``0``). With the record of
    an earlier run as ``plan``, the attempts that failed are left out; those that succeeded are decided as ever, so that
    a plan of something else can only leave shapes apart.
    """

    def __init__(self, root: Part, attempts: int, plan: str = "") -> None:
        self._root, self._left, self._plan = root, attempts, plan
        self._record: list[str] = []

    @property
    def record(self) -> str:
        """What came of the attempts so far."""
        return "".join(self._record)

    def run(self) -> list[Shape]:
        """The shapes, largest first."""
        shapes: dict[int, list[Shape]] = {}
        stack = [(self._root, False)]
        while stack:
            part, ready = stack.pop()
            if part.cut is None or part.below is None or part.above is None:
                shapes[id(part)] = [] if part.empty else [self._leaf(part)]
            elif not ready:
                stack += [(part, True), (part.below, False), (part.above, False)]
            else:
                shapes[id(part)] = self._joined(part.cut, shapes.pop(id(part.below)), shapes.pop(id(part.above)))
        return sorted(shapes[id(self._root)], key=lambda s: (-s.size.dimension, -s.size.high))

    def _leaf(self, part: Part) -> Shape:
        sides = [HalfSpace(cut, low) for cut, low in part.conditions()]
        return shape_of(part.place, part.label, sides[::-1], part.region)

    def _joined(self, cut: Cut, below: list[Shape], above: list[Shape]) -> list[Shape]:
        done: list[Shape] = []
        while below:
            one = below.pop()
            for k, other in enumerate(above):
                joined = self._join(cut, one, other)
                if joined is not None:
                    done.append(joined)
                    del above[k]
                    break
            else:
                done.append(one)
        return done + above

    def _join(self, cut: Cut, one: Shape, other: Shape) -> Shape | None:
        alike = (one.place, one.label) == (other.place, other.label) and one.size.dimension == other.size.dimension
        if not alike or self._left <= 0 or not (one.region.whole and other.region.whole):
            return None
        self._left -= 1
        fails = self._plan[len(self._record) : len(self._record) + 1] == "0"
        found = None if fails else self._tried(cut, one, other)
        self._record.append("0" if found is None else "1")
        return found

    def _tried(self, cut: Cut, one: Shape, other: Shape) -> Shape | None:
        sides = [s for s in one.sides if s.holds(other.region)] + [s for s in other.sides if s.holds(one.region)]
        found = shape_of(one.place, one.label, sides, region_of(sides, self._root.region))
        sizes = (one.size, other.size, found.size)
        if all(kind.integer for kind in found.region.kinds) and all(size.low == size.high for size in sizes):
            return found if found.size.high == one.size.high + other.size.high else None
        return found if self._same(found, cut, one, other) else None

    def _same(self, found: Shape, cut: Cut, one: Shape, other: Shape) -> bool:
        for shape, low in ((one, True), (other, False)):
            half = HalfSpace(cut, low)
            side = half.of(found.region)
            left_out = [s for s in shape.sides if s not in found.sides and s != half]
            if side.is_void() or not side.whole or not all(s.holds(side) for s in left_out):
                return False
        return True


def numbers_of(cut: Cut) -> tuple[Number, ...]:
    """All numbers of a cut."""
    return (cut.bound, *(c for _, c in cut.terms))
