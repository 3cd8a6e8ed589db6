"""Points of a map's parts: all of them where they are few, the most probable ones, those next to a place."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from heapq import heappop, heappush
from itertools import count

from mechverify.kernel.search import Factor, Region
from mechverify.probability.measures import Counting, Density, Measure, Weights
from mechverify.probability.weighing import Scales

Point = tuple[Fraction, ...]
_LOOKED_AT = 20_000


def support(measures: Sequence[Measure]) -> tuple[Measure, ...]:
    """The measures by which every value that has a weight counts one, and every length its own."""
    return tuple(
        Weights.of([(v, Fraction(1)) for v in m.values])
        if isinstance(m, Weights)
        else Counting(integer=False)
        if isinstance(m, Density)
        else m
        for m in measures
    )


class Points:
    """Looks for points in parts of one map, among the values that have a probability. It takes so many looks at most:
    ``exhausted`` says that they were used up.
    """

    def __init__(self, measures: Sequence[Measure], looks: int = _LOOKED_AT) -> None:
        self.measures = tuple(measures)
        self._scales = Scales(support(measures))
        self._left = looks

    @property
    def exhausted(self) -> bool:
        """Whether no looks are left."""
        return self._left <= 0

    def count(self, region: Region) -> Fraction | None:
        """How many points of a probability a part has; None where they are not counted."""
        if any(isinstance(m, Counting) and not m.integer for m in self.measures):
            return None
        mass = self._scales.mass(region)
        return mass.low if mass.exact and all(self._single(m) for m in self.measures) else None

    @staticmethod
    def _single(measure: Measure) -> bool:
        return isinstance(measure, Weights) or (isinstance(measure, Counting) and measure.integer)

    def all(self, region: Region) -> Iterator[Point]:
        """Every point of a part whose points are counted, in ascending order."""
        stack = [region]
        while stack and self._look():
            here = stack.pop()
            if self._scales.mass(here).high == 0:
                continue
            cut = self._halved(here)
            if cut is None:
                yield self._only(here)
            else:
                stack.extend(reversed(cut))

    def most_probable(self, regions: Sequence[Region]) -> tuple[Point, Fraction] | None:
        """The point of the largest weight, and that; None where looks ran out before it was found."""
        tie = count()
        queue: list[tuple[Fraction, int, Region]] = []
        for region in regions:
            heappush(queue, (-self._most(region), next(tie), region))
        while queue and self._look():
            most, _, here = heappop(queue)
            if self._scales.mass(here).high == 0:
                continue
            cut = self._halved(here)
            if cut is None:
                return self._only(here), -most
            for part in cut:
                heappush(queue, (-self._most(part), next(tie), part))
        return None

    def beside(self, region: Region, place: Sequence[Fraction]) -> Point | None:
        """A point of a part toward a place: input by input the nearer half, as long as it has points. Of real inputs
        the middle of what is left."""
        if not region.whole or self._scales.mass(region).high == 0:
            return None
        here = region
        while self._look():
            cut = self._halved(here)
            if cut is None:
                return self._only(here)
            sides = sorted(cut, key=lambda side: _distance(side, place))
            with_points = next((side for side in sides if self._scales.mass(side).high > 0), None)
            if with_points is None:
                return None
            here = with_points
        return None

    def _look(self) -> bool:
        self._left -= 1
        return self._left >= 0

    def _most(self, region: Region) -> Fraction:
        """An upper bound of the weight of a point."""
        most = Fraction(1)
        for k, measure in enumerate(self.measures):
            if isinstance(measure, Weights):
                low, high = ends_of(region.factors[k], k)
                first, end = measure.within(low, high)
                most *= max(measure.weights[first:end], default=Fraction(0))
        return most

    def _only(self, region: Region) -> Point:
        """The point of a part in which each input of single values has one left, real inputs at their middle."""
        found: dict[int, Fraction] = {}
        for k, measure in enumerate(self.measures):
            low, high = ends_of(region.factors[k], k)
            if isinstance(measure, Weights):
                found[k] = measure.values[measure.within(low, high)[0]]
            elif isinstance(measure, Counting) and measure.integer:
                found[k] = Fraction(low.__ceil__())
        here = region
        for k, value in found.items():
            below = here.split({k: 1}, _number(value))[0]
            here = below.split({k: -1}, _number(-value))[0]
        for part in here.parts():
            for j, k in enumerate(part.inputs):
                if k not in found:
                    found[k] = _middle(part, j)
        return tuple(found[k] for k in range(len(self.measures)))

    def _halved(self, region: Region) -> tuple[Region, Region] | None:
        """A part in two, by the input of single values with the most of them; None where each has one."""
        best: tuple[int, int, Fraction] | None = None
        for k, measure in enumerate(self.measures):
            factor = region.factors[k]
            low, high = ends_of(factor, k)
            if isinstance(measure, Weights):
                first, end = measure.within(low, high)
                size, at = end - first, measure.values[(first + end - 1) // 2] if end > first else low
            elif isinstance(measure, Counting) and measure.integer:
                first_whole, last = low.__ceil__(), high.__floor__()
                size, at = last - first_whole + 1, Fraction((first_whole + last) // 2)
            else:
                continue
            if size > 1 and (best is None or size > best[0]):
                best = (size, k, at)
        if best is None:
            return None
        _, k, at = best
        return region.split({k: 1}, _number(at))


def _number(value: Fraction) -> int | Fraction:
    return int(value) if value.denominator == 1 else value


def ends_of(factor: Factor, k: int) -> tuple[Fraction, Fraction]:
    """The least and greatest value of an input of a factor; (0, -1) where it is empty."""
    at = 1 + factor.inputs.index(k)
    values = [Fraction(corner[at], corner[0]) for corner in factor.corners]
    return (min(values), max(values)) if values else (Fraction(0), Fraction(-1))


def corners_of(region: Region) -> list[Point]:
    """Places of a part where linear forms come to their ends: for each factor its corners, the others at theirs."""
    parts = region.parts()
    most = max((len(part.corners) for part in parts), default=0)
    places = []
    for j in range(most):
        point: dict[int, Fraction] = {}
        for part in parts:
            corner = part.corners[j % len(part.corners)]
            point |= {k: Fraction(x, corner[0]) for k, x in zip(part.inputs, corner[1:], strict=True)}
        places.append(tuple(point[k] for k in range(len(region.kinds))))
    return places


def point_within(region: Region) -> Point | None:
    """A point of a part that is not empty, whatever its volume; None where none was found."""
    if not region.whole:
        return None
    if any(kind.integer for kind in region.kinds):
        measures = [Counting(kind.integer) for kind in region.kinds]
        return Points(measures).beside(region, corners_of(region)[0])
    found: dict[int, Fraction] = {}
    for part in region.parts():
        for j, k in enumerate(part.inputs):
            found[k] = _middle(part, j)
    return tuple(found[k] for k in range(len(region.kinds)))


def _middle(part: Factor, j: int) -> Fraction:
    """The mean of a coordinate over the corners: no open side has their mean."""
    values = [Fraction(corner[1 + j], corner[0]) for corner in part.corners]
    return sum(values, Fraction(0)) / len(values)


def _distance(region: Region, place: Sequence[Fraction]) -> Fraction:
    total = Fraction(0)
    for k, x in enumerate(place):
        low, high = ends_of(region.factors[k], k)
        if low <= high:
            total += max(low - x, x - high, Fraction(0))
    return total
