"""What a region of a map weighs, by the measures of its inputs, and the integral of each input over it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import prod

from mechverify.kernel.search import Factor, Region, area, clipped
from mechverify.probability.bracket import NOTHING, Bracket
from mechverify.probability.counted import counted
from mechverify.probability.lattice import polygon_sums
from mechverify.probability.measures import Counting, Density, Measure, Weights

Plane = tuple[Fraction | int, ...]
_MOST_LISTED = 4_096
_MOST_STEPS = 2_000_000
_HALVINGS = 11


@dataclass(frozen=True, slots=True)
class Weighed:
    """The mass, and for each input the integral of its value."""

    mass: Bracket
    moments: tuple[Bracket, ...]

    def __add__(self, other: "Weighed") -> "Weighed":
        """Both together."""
        pairs = zip(self.moments, other.moments, strict=True)
        return Weighed(self.mass + other.mass, tuple(a + b for a, b in pairs))


class Scales:
    """Weighs regions of one problem. With ``moments`` unset the integrals are left out, and are nothing.

    ``steps`` is the work that is left: with none, what is not a box is told between nothing and its box. ``boxes`` is
    how many more boxes may be looked at where curves are tied to other inputs, and ``regions`` of how many regions that
    are still to come: each takes its share of what is left, and with none is told by its largest boxes.
    """

    def __init__(
        self,
        measures: Sequence[Measure],
        *,
        moments: bool = False,
        steps: int = _MOST_STEPS,
        boxes: int | None = None,
        regions: int = 1,
    ) -> None:
        self.measures = tuple(measures)
        self.moments = moments
        self.steps = steps
        self.boxes, self.regions = boxes, regions

    def mass(self, region: Region) -> Bracket:
        """The mass of a region alone."""
        return self.weigh(region).mass

    def weigh(self, region: Region) -> Weighed:
        """The product of the factors of a region; at least nothing, where a split was not looked at."""
        parts = region.parts()
        found = [self._factor(one) for one in parts]
        self.regions = max(1, self.regions - 1)
        masses = [one.mass for one in found]
        moments = [NOTHING] * len(self.measures)
        for at, (part, one) in enumerate(zip(parts, found, strict=True)):
            rest = prod((m for k, m in enumerate(masses) if k != at), start=Bracket.at(1))
            for k, moment in zip(part.inputs, one.moments, strict=True):
                moments[k] = moment * rest
        mass = prod(masses, start=Bracket.at(1))
        if region.whole:
            return Weighed(mass, tuple(moments))
        ends = [self._range(part, k) for part in parts for k in part.inputs]
        inputs = [k for part in parts for k in part.inputs]
        hull = {k: _any_part(Bracket(Fraction(0), mass.high), e) for k, e in zip(inputs, ends, strict=True)}
        return Weighed(Bracket(Fraction(0), mass.high), tuple(hull.get(k, NOTHING) for k in range(len(self.measures))))

    @staticmethod
    def _range(factor: Factor, k: int) -> tuple[Fraction, Fraction]:
        at = 1 + factor.inputs.index(k)
        values = [Fraction(corner[at], corner[0]) for corner in factor.corners]
        return (min(values), max(values)) if values else (Fraction(0), Fraction(0))

    def _factor(self, factor: Factor) -> Weighed:
        if not factor.corners:
            return Weighed(NOTHING, (NOTHING,) * len(factor.inputs))
        ranges = [self._range(factor, k) for k in factor.inputs]
        measures = [self.measures[k] for k in factor.inputs]
        if not self.moments:
            planes = [*factor.planes, *map(_above, factor.strict)]
            whole = counted(planes, measures, ranges, self.steps)
            if whole is not None:
                return Weighed(Bracket.at(whole), (NOTHING,) * len(measures))
        return self._polytope(factor.planes, factor.strict, measures, ranges)

    def _polytope(
        self,
        planes: Sequence[Plane],
        strict: Sequence[Plane],
        measures: Sequence[Measure],
        ranges: Sequence[tuple[Fraction, Fraction]],
    ) -> Weighed:
        """Of the points where all planes (c, a, b, ...) are at least 0, and the strict ones above it. Closed and open
        ends of real inputs weigh alike."""
        self.steps -= 1
        if not measures:
            empty = any(p[0] < 0 for p in planes) or any(p[0] <= 0 for p in strict)
            return Weighed(Bracket.at(0 if empty else 1), ())
        if len(measures) == 1:
            return self._interval(planes, strict, measures[0], ranges[0])
        if self.steps <= 0:
            return self._box(measures, ranges)
        at = _listed(measures, ranges)
        if at is not None:
            return self._by_values(planes, strict, measures, ranges, at)
        plain = [m for m in measures if isinstance(m, Counting)]
        if len(measures) == len(plain) == 2 and plain[0].integer is plain[1].integer:
            closed = [*planes, *map(_above, strict)] if plain[0].integer else planes
            return self._polygon(closed, ranges, integer=plain[0].integer)
        curved = any(isinstance(m, Density) for m in measures)
        return self._by_boxes(planes, measures, ranges) if curved else self._box(measures, ranges)

    def _interval(
        self, planes: Sequence[Plane], strict: Sequence[Plane], measure: Measure, ends: tuple[Fraction, Fraction]
    ) -> Weighed:
        low, high = ends
        if isinstance(measure, Counting) and measure.integer:
            planes, strict = [*planes, *map(_above, strict)], ()
        for c, a in planes:
            if a > 0:
                low = max(low, Fraction(-c) / a)
            elif a < 0:
                high = min(high, Fraction(c) / -a)
            elif c < 0:
                return Weighed(NOTHING, (NOTHING,))
        mass, moment = measure.mass(low, high), NOTHING
        if self.moments:
            moment = measure.moment(low, high)
        if isinstance(measure, Weights):
            for k in range(*measure.within(low, high)):
                value = measure.values[k]
                if any(c + a * value <= 0 for c, a in strict):
                    mass += Bracket.at(-measure.weights[k])
                    moment += Bracket.at(-measure.weights[k] * value if self.moments else 0)
        elif any(a == 0 and c <= 0 for c, a in strict):
            return Weighed(NOTHING, (NOTHING,))
        return Weighed(mass, (moment,))

    def _by_values(
        self,
        planes: Sequence[Plane],
        strict: Sequence[Plane],
        measures: Sequence[Measure],
        ranges: Sequence[tuple[Fraction, Fraction]],
        at: int,
    ) -> Weighed:
        """Value by value of an input of which only single values have mass."""
        measure, rest = measures[at], [*measures[:at], *measures[at + 1 :]]
        others = [*ranges[:at], *ranges[at + 1 :]]
        total = Weighed(NOTHING, (NOTHING,) * len(measures))
        low, high = ranges[at]
        if isinstance(measure, Weights):
            first, end = measure.within(low, high)
            pairs = list(zip(measure.values[first:end], measure.weights[first:end], strict=True))
        else:
            pairs = [(Fraction(v), Fraction(1)) for v in range(low.__ceil__(), high.__floor__() + 1)]
        for value, weight in pairs:
            there = [[_at(p, at, value) for p in some] for some in (planes, strict)]
            if any(p[0] < 0 and not any(p[1:]) for p in there[0]):
                continue
            if any(p[0] <= 0 and not any(p[1:]) for p in there[1]):
                continue
            one = self._polytope(there[0], there[1], rest, others)
            mass = one.mass.times(weight)
            moments = [m.times(weight) for m in one.moments]
            moments.insert(at, mass.times(value) if self.moments else NOTHING)
            total += Weighed(mass, tuple(moments))
        return total

    def _polygon(
        self, planes: Sequence[Plane], ranges: Sequence[tuple[Fraction, Fraction]], *, integer: bool
    ) -> Weighed:
        (a, b), (c, d) = ranges
        corners = tuple(dict.fromkeys(_corner(x, y) for x, y in ((a, c), (b, c), (b, d), (a, d))))
        for plane in planes:
            corners = clipped(corners, _whole(plane))
        if integer:
            sums = polygon_sums(corners)
            return Weighed(Bracket.at(sums.points), (Bracket.at(sums.x), Bracket.at(sums.y)))
        mass = area(corners) if len(corners) > 2 else Fraction(0)
        if not mass:
            return Weighed(NOTHING, (NOTHING, NOTHING))
        x = y = Fraction(0)
        first = corners[0]
        for one, other in pairwise(corners[1:]):
            triangle = (first, one, other)
            size = area(triangle)
            x += size * sum(Fraction(k[1], k[0]) for k in triangle) / 3
            y += size * sum(Fraction(k[2], k[0]) for k in triangle) / 3
        return Weighed(Bracket.at(mass), (Bracket.at(x), Bracket.at(y)))

    def _by_boxes(
        self, planes: Sequence[Plane], measures: Sequence[Measure], ranges: Sequence[tuple[Fraction, Fraction]]
    ) -> Weighed:
        """Where curves are tied to other inputs: boxes within all planes weigh the product of their sides, those beyond
        one nothing, and those between are halved; the least of them are told between ends."""
        total = Weighed(NOTHING, (NOTHING,) * len(measures))
        spare = self.steps if self.boxes is None else min(self.steps, self.boxes // self.regions)
        looked = 0
        queue = deque([(tuple(ranges), tuple(planes), _HALVINGS)])
        while queue:  # the largest first, so that what is left when the work is used up is small
            box, near, left = queue.popleft()
            looked += 1
            ends = [_ends(plane, box) for plane in near]
            if any(high < 0 for _, high in ends):
                continue
            near = tuple(plane for plane, (low, _) in zip(near, ends, strict=True) if low < 0)
            if not near:
                total += self._whole_box(measures, box)
            elif left and looked + len(queue) + 2 <= spare:
                at = max(range(len(box)), key=lambda k: (box[k][1] - box[k][0]) / (ranges[k][1] - ranges[k][0] or 1))
                halves = _halves(measures[at], *box[at])
                queue.extend(((*box[:at], half, *box[at + 1 :]), near, left - 1) for half in halves)
            else:
                total += self._cut_box(near, measures, box)
        self.steps -= looked
        self.boxes = None if self.boxes is None else max(0, self.boxes - looked)
        return total

    def _whole_box(self, measures: Sequence[Measure], box: Sequence[tuple[Fraction, Fraction]]) -> Weighed:
        masses = [m.mass(*ends) for m, ends in zip(measures, box, strict=True)]
        mass = prod(masses, start=Bracket.at(1))
        if not self.moments:
            return Weighed(mass, _none(measures))
        moments = []
        for k, (measure, ends) in enumerate(zip(measures, box, strict=True)):
            others = prod((m for j, m in enumerate(masses) if j != k), start=Bracket.at(1))
            moments.append(measure.moment(*ends) * others)
        return Weighed(mass, tuple(moments))

    def _cut_box(
        self, planes: Sequence[Plane], measures: Sequence[Measure], box: Sequence[tuple[Fraction, Fraction]]
    ) -> Weighed:
        """By the area of what is within the planes, between the least and the greatest density."""
        if len(box) != 2 or any(isinstance(m, Weights) or (isinstance(m, Counting) and m.integer) for m in measures):
            return self._box(measures, box)
        mass = self._polygon(planes, box, integer=False).mass
        for measure, ends in zip(measures, box, strict=True):
            if isinstance(measure, Density):
                mass *= measure.heights(*ends)
        return Weighed(mass, tuple(_any_part(mass, ends) for ends in box) if self.moments else _none(measures))

    def _box(self, measures: Sequence[Measure], ranges: Sequence[tuple[Fraction, Fraction]]) -> Weighed:
        """Between nothing and the whole box around it."""
        whole = prod((m.mass(*ends) for m, ends in zip(measures, ranges, strict=True)), start=Bracket.at(1))
        mass = Bracket(Fraction(0), whole.high)
        return Weighed(mass, tuple(_any_part(mass, ends) for ends in ranges))


def _halves(
    measure: Measure, low: Fraction, high: Fraction
) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    """A side in two that have no point of any mass in common; of integers the second begins with the next one."""
    middle = (low + high) / 2
    if isinstance(measure, Counting) and not measure.integer:
        return (low, middle), (middle, high)
    if isinstance(measure, Density):
        return (low, middle), (middle, high)
    whole = Fraction(middle.__floor__())
    return (low, whole), (whole + 1, high)


def _none(measures: Sequence[Measure]) -> tuple[Bracket, ...]:
    return (NOTHING,) * len(measures)


def _ends(plane: Plane, box: Sequence[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction]:
    """The least and the greatest value of a plane on a box."""
    low = high = Fraction(plane[0])
    for a, (least, most) in zip(plane[1:], box, strict=True):
        low, high = low + min(a * least, a * most), high + max(a * least, a * most)
    return low, high


def _any_part(mass: Bracket, ends: tuple[Fraction, Fraction]) -> Bracket:
    """The integral of a value between the ends over a mass."""
    return mass * Bracket(*ends)


def _listed(measures: Sequence[Measure], ranges: Sequence[tuple[Fraction, Fraction]]) -> int | None:
    """The input to go through value by value: of those with weights the one with the fewest values; where there are
    none, of those with few integers, unless only two plain ones are left. None where there is none to go through.
    """
    weighed: dict[int, int] = {}
    whole: dict[int, int] = {}
    for k, (measure, (low, high)) in enumerate(zip(measures, ranges, strict=True)):
        if isinstance(measure, Weights):
            first, end = measure.within(low, high)
            weighed[k] = end - first
        elif isinstance(measure, Counting) and measure.integer:
            whole[k] = high.__floor__() - low.__ceil__() + 1
    if weighed:
        return min(weighed, key=lambda k: weighed[k])
    if len(whole) == len(measures) == 2:
        return None
    least = min(whole, key=lambda k: whole[k], default=None)
    return least if least is not None and whole[least] <= _MOST_LISTED else None


def _at(plane: Plane, at: int, value: Fraction) -> Plane:
    """A plane where one input has a value."""
    return (plane[0] + plane[at + 1] * value, *plane[1 : at + 1], *plane[at + 2 :])


def _corner(x: Fraction, y: Fraction) -> tuple[int, ...]:
    w = x.denominator * y.denominator
    return (w, int(x * w), int(y * w))


def _above(plane: Plane) -> tuple[int, ...]:
    """Where a plane is above 0 at integers: in integers that is at least 1."""
    c, *rest = _whole(plane)
    return (c - 1, *rest)


def _whole(plane: Plane) -> tuple[int, ...]:
    """The same plane in integers."""
    scale = prod(Fraction(x).denominator for x in plane)
    return tuple(int(x * scale) for x in plane)
