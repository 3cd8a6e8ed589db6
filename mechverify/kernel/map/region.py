"""The set of points on one path of a map: a product of intervals and polygons, one factor for inputs that splits tie.

A split that would tie more than two inputs is not looked at: the region is then larger than the path's own set, its
size is a bracket, and what is shown on it holds all the more. Of real inputs one side of a split is open; each factor
is the closed polygon, with the planes that must be positive on it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import mul

from ..fault import InvalidError
from ..numbers.number import Number, normal, over_common, ratio
from ..reading.node import Input
from .polygon import Corner, Plane, Polygon, area, clipped, height, rectangle, whole_between, whole_points


@dataclass(frozen=True, slots=True)
class Factor:
    """A closed polygon over one or two inputs, in ascending order, and the planes that are positive on it."""

    inputs: tuple[int, ...]
    corners: Polygon
    strict: tuple[Plane, ...] = ()

    def excludes(self, face: list[Corner]) -> bool:
        """Whether no point of the factor lies on a face of the polygon, given by its corners. That is so exactly if
        one plane vanishes on them all: else each is positive at some corner, and so all are at the corners' mean."""
        return any(all(height(plane, corner) == 0 for corner in face) for plane in self.strict)


@dataclass(frozen=True, slots=True)
class FormEnds:
    """The least and greatest value of a form on the closure of a region, and whether the region itself has them not."""

    low: Number
    high: Number
    low_open: bool
    high_open: bool


@dataclass(frozen=True, slots=True)
class Size:
    """Points or volume between `low` and `high`: of what has that many real coordinates."""

    dimension: int
    low: Number
    high: Number


@dataclass(frozen=True, slots=True)
class Region:
    """One path's set. `factors` has each input's own; `whole`: every split on the path was looked at."""

    kinds: tuple[Input, ...]
    factors: Mapping[int, Factor]
    whole: bool = True

    @staticmethod
    def start(inputs: tuple[Input, ...]) -> "Region":
        """The bounds of the inputs."""
        found = {}
        for k, one in enumerate(inputs):
            ends = [(one.low.denominator, one.low.numerator), (one.high.denominator, one.high.numerator)]
            found[k] = Factor((k,), tuple(dict.fromkeys(ends)))
        return Region(inputs, found)

    def split(self, terms: Mapping[int, Number], bound: Number) -> tuple["Region", "Region"]:
        """Where the form is at most the bound, and the rest: each point of the region is in exactly one of them.

        Of integer inputs the form and the bound have integer numbers, and the rest is form >= bound + 1. Otherwise it
        is form > bound. Raises `InvalidError` for another form.
        """
        if not terms or 0 in terms.values():
            raise InvalidError("a form has no terms, or a coefficient zero")
        integers = all(self.kinds[k].integer for k in terms)
        if integers and not all(type(x) is int for x in (bound, *terms.values())):
            raise InvalidError("a split of integer inputs has integer numbers")
        below = self._where(bound, {k: -c for k, c in terms.items()}, strict=False)
        return below, self._where(-bound - 1 if integers else -bound, dict(terms), strict=not integers)

    def _where(self, constant: Number, terms: dict[int, Number], *, strict: bool) -> "Region":
        """The points where constant + sum of terms is >= 0, or > 0 if strict. An input of one value is a constant: what
        is left may be of integer inputs alone, and no plane is open then, so that their points are counted."""
        first = self.factors[next(iter(terms))]
        for k in tuple(terms):
            one = self.factors[k]
            if not one.corners:
                return self
            if len(one.corners) == 1:
                constant += terms.pop(k) * Fraction(one.corners[0][1 + one.inputs.index(k)], one.corners[0][0])
        if not terms:
            kept = constant > 0 or (constant == 0 and not strict)
            return self if kept else self._with(replace(first, corners=()))
        joined = self._joined(frozenset(j for k in terms for j in self.factors[k].inputs))
        if joined is None:
            return replace(self, whole=False)
        plane, _ = over_common([constant, *(terms.get(k, 0) for k in joined.inputs)])
        if strict and all(self.kinds[k].integer for k in terms):
            plane[0], strict = plane[0] - 1, False  # integers: > 0 is >= 1
        planes = (*joined.strict, tuple(plane)) if strict else joined.strict
        return self._with(Factor(joined.inputs, clipped(joined.corners, tuple(plane)), planes))

    def _joined(self, inputs: frozenset[int]) -> Factor | None:
        """The factor of these inputs, which are all those of some factors; None for more than two."""
        one, other = self.factors[min(inputs)], self.factors[max(inputs)]
        if len(inputs) > 2:
            return None
        if one is other:
            return one
        planes = [(c, a, 0) for c, a in one.strict] + [(c, 0, a) for c, a in other.strict]
        return Factor((*one.inputs, *other.inputs), rectangle(one.corners, other.corners), tuple(planes))

    def _with(self, factor: Factor) -> "Region":
        return replace(self, factors={**self.factors, **dict.fromkeys(factor.inputs, factor)})

    def parts(self) -> tuple[Factor, ...]:
        """Each factor once."""
        return tuple(one for k, one in self.factors.items() if one.inputs[0] == k)

    def is_void(self) -> bool:
        """Whether no point of real coordinates is left, as far as the splits that were looked at show."""
        return any(one.excludes(list(one.corners)) or not one.corners for one in self.parts())

    def ends(self, constant: Number, terms: Mapping[int, Number]) -> FormEnds:
        """The least and greatest value of a form on a region that is not empty.

        Where the least value is taken is the product of faces of the factors: no point of the region lies there if one
        factor excludes its face.
        """
        low = high = constant
        low_open = high_open = False
        for one in dict.fromkeys(self.factors[k].inputs[0] for k in terms):
            factor = self.factors[one]
            plane = [0, *(terms.get(k, 0) for k in factor.inputs)]
            values = [ratio(sum(map(mul, plane, corner)), corner[0]) for corner in factor.corners]
            least, greatest = min(values), max(values)
            low, high = low + least, high + greatest
            if factor.strict:
                pairs = list(zip(factor.corners, values, strict=True))
                low_open = low_open or factor.excludes([c for c, x in pairs if x == least])
                high_open = high_open or factor.excludes([c for c, x in pairs if x == greatest])
        return FormEnds(low, high, low_open, high_open)

    def size(self) -> Size:
        """The product of the sizes of the factors; at least nothing, where a split was not looked at."""
        dimension = 0
        low: Number = 1
        high: Number = 1
        for one in self.parts():
            size = self._size(one)
            dimension, low, high = dimension + size.dimension, low * size.low, high * size.high
        return Size(dimension, normal(low) if self.whole else 0, normal(high))

    def _size(self, one: Factor) -> Size:
        integer = [self.kinds[k].integer for k in one.inputs]
        columns = [tuple((c[0], c[1 + j]) for c in one.corners) for j in range(len(integer))]
        if all(integer):
            points = whole_points(one.corners) if len(integer) == 2 else whole_between(one.corners)
            return Size(0, points, points)
        lengths = [_length(column) for column in columns]
        if any(integer):
            of_integer, of_real = columns[integer.index(True)], lengths[integer.index(False)]
            points = whole_between(of_integer)
            return Size(1, 0, points * of_real) if of_real else Size(0, 0, points)
        if len(one.corners) > 2:
            volume = area(one.corners)
            return Size(2, volume, volume)
        length = lengths[0] or lengths[-1]
        volume = length if len(one.corners) == 2 else Fraction(len(one.corners))
        return Size(len(one.corners) - 1 if one.corners else 0, volume, volume)


def _length(values: Polygon) -> Fraction:
    found = [Fraction(x, w) for w, x in values]
    return max(found) - min(found) if found else Fraction(0)
