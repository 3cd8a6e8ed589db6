"""The set of points on one path of a map: a product of intervals, polygons and polytopes, one factor for inputs that
splits tie.

A split that would tie more than four inputs, or cut a polytope of very many corners, is not looked at: the region is
then larger than the path's own set, its size is a bracket, and what is shown on it holds all the more. Of real inputs
one side of a split is open; each factor is the closed polytope, with the planes that must be positive on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from math import prod
from operator import mul

from ..fault import InvalidError
from ..numbers.number import Number, normal, over_common, ratio
from ..reading.node import Input
from .factor import MOST_POLYGONS, Factor, Size, size_of
from .polygon import Plane, box, clipped, clipped_polytope, height, rectangle

_MOST_TIED = 4
_MOST_CORNERS = 96


@dataclass(frozen=True, slots=True)
class FormEnds:
    """The least and greatest value of a form on the closure of a region, and whether the region itself has them not."""

    low: Number
    high: Number
    low_open: bool
    high_open: bool


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
            (v, x), (w, y) = ((end.denominator, end.numerator) for end in (one.low, one.high))
            found[k] = Factor((k,), tuple(dict.fromkeys([(v, x), (w, y)])), ((-x, v), (y, -w)))
        return Region(inputs, found)

    def split(self, terms: Mapping[int, Number], bound: Number) -> tuple["Region", "Region"]:
        """Where the form is at most the bound, and the rest: each point of the region is in exactly one of them.

        Of integer inputs the form and the bound have integer numbers, and the rest is form >= bound + 1. Otherwise it
        is form > bound. Raises `InvalidError` for another form.
        """
        return self.side(terms, bound, low=True), self.side(terms, bound, low=False)

    def side(self, terms: Mapping[int, Number], bound: Number, *, low: bool) -> "Region":
        """One of the two, with `low` where the form is at most the bound."""
        if not terms or 0 in terms.values():
            raise InvalidError("a form has no terms, or a coefficient zero")
        integers = all(self.kinds[k].integer for k in terms)
        if integers and not all(type(x) is int for x in (bound, *terms.values())):
            raise InvalidError("a split of integer inputs has integer numbers")
        if low:
            return self._where(bound, {k: -c for k, c in terms.items()}, strict=False)
        return self._where(-bound - 1 if integers else -bound, dict(terms), strict=not integers)

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
        joined = self._joined(terms)
        if joined is None:
            return replace(self, whole=False)
        numbers, _ = over_common([constant, *(terms.get(k, 0) for k in joined.inputs)])
        if strict and all(self.kinds[k].integer for k in terms):
            numbers[0], strict = numbers[0] - 1, False  # integers: > 0 is >= 1
        plane, flat = tuple(numbers), len(joined.inputs) <= 2
        corners = clipped(joined.corners, plane) if flat else clipped_polytope(joined.corners, joined.planes, plane)
        planes = tuple(p for p in (*joined.planes, plane) if any(height(p, corner) == 0 for corner in corners))
        return self._with(Factor(joined.inputs, corners, planes, (*joined.strict, plane) if strict else joined.strict))

    def _joined(self, terms: Mapping[int, Number]) -> Factor | None:
        """The product of the factors of some inputs; None for too many inputs or corners."""
        parts = list({id(self.factors[k]): self.factors[k] for k in terms}.values())
        if len(parts) == 1 and len(parts[0].corners) <= _MOST_CORNERS:
            return parts[0]
        inputs = tuple(k for part in parts for k in part.inputs)
        if len(inputs) > _MOST_TIED or prod(len(part.corners) for part in parts) > _MOST_CORNERS:
            return None
        order = sorted(range(len(inputs)), key=lambda at: inputs[at])
        if len(inputs) == 2:
            first, second = sorted(parts, key=lambda part: part.inputs)
            corners = rectangle(first.corners, second.corners)
        else:
            corners = tuple((c[0], *(c[1 + at] for at in order)) for c in box([part.corners for part in parts]))
        places = sorted(inputs)
        lifted = [tuple(_lifted(plane, part, places) for plane in part.planes) for part in parts]
        strict = [tuple(_lifted(plane, part, places) for plane in part.strict) for part in parts]
        return Factor(tuple(places), corners, tuple(chain(*lifted)), tuple(chain(*strict)))

    def _with(self, factor: Factor) -> "Region":
        return replace(self, factors={**self.factors, **dict.fromkeys(factor.inputs, factor)})

    def parts(self) -> tuple[Factor, ...]:
        """Each factor once."""
        return tuple(one for k, one in self.factors.items() if one.inputs[0] == k)

    def is_void(self) -> bool:
        """Whether no point of real coordinates is left, as far as the splits that were looked at show."""
        return any(one.excludes(list(one.corners)) or not one.corners for one in self.parts())

    def ends(self, constant: Number, terms: Mapping[int, Number], bottom: int = 1) -> FormEnds:
        """The least and greatest value of (constant + sum of terms) / bottom on a region that is not empty.

        Where the least value is taken is the product of faces of the factors: no point of the region lies there if one
        factor excludes its face.
        """
        low = high = (constant, bottom)
        low_open = high_open = False
        for one in dict.fromkeys(self.factors[k].inputs[0] for k in terms):
            factor = self.factors[one]
            plane = [0, *(terms.get(k, 0) for k in factor.inputs)]
            values = [(sum(map(mul, plane, corner)), corner[0]) for corner in factor.corners]
            least = greatest = values[0]
            for x, w in values[1:]:
                if x * least[1] < least[0] * w:
                    least = x, w
                elif x * greatest[1] > greatest[0] * w:
                    greatest = x, w
            low, high = _sum(low, least, bottom), _sum(high, greatest, bottom)
            if factor.strict:
                pairs = list(zip(factor.corners, values, strict=True))
                low_open = low_open or factor.excludes([c for c, (x, w) in pairs if x * least[1] == least[0] * w])
                high_open = high_open or factor.excludes(
                    [c for c, (x, w) in pairs if x * greatest[1] == greatest[0] * w]
                )
        return FormEnds(ratio(*low), ratio(*high), low_open, high_open)

    def scaled_ends(self, line: Sequence[int], bits: int) -> tuple[int, int]:
        """The ends of (line[1] + sum of line[2 + k] * input k) / line[0] on a region that is not empty, times 2^bits:
        the floor of the least value of each factor, and the ceilings of the greatest, added."""
        bottom, constant, *numbers = line
        low, high = (constant << bits) // bottom, -((-constant << bits) // bottom)
        for one in dict.fromkeys(self.factors[k].inputs[0] for k, c in enumerate(numbers) if c):
            factor = self.factors[one]
            plane = [0, *(numbers[k] for k in factor.inputs)]
            values = [(sum(map(mul, plane, corner)) << bits, corner[0] * bottom) for corner in factor.corners]
            low += min([x // w for x, w in values])
            high += max([-(-x // w) for x, w in values])
        return low, high

    def cost(self) -> int:
        """What counting its points takes, about: by the bits of the corners, for each polygon of a polytope."""
        bits = [(len(one.inputs), max(map(abs, c)).bit_length()) for one in self.parts() for c in one.corners]
        return sum((MOST_POLYGONS if inputs > 2 else 1) * (n // 16) for inputs, n in bits)

    def size(self) -> Size:
        """The product of the sizes of the factors; at least nothing, where a split was not looked at."""
        dimension = 0
        low: Number = 1
        high: Number = 1
        for one in self.parts():
            size = size_of(one, [self.kinds[k].integer for k in one.inputs])
            dimension, low, high = dimension + size.dimension, low * size.low, high * size.high
        return Size(dimension, normal(low) if self.whole else 0, normal(high))


def _sum(total: tuple[Number, int], value: tuple[Number, int], bottom: int) -> tuple[Number, int]:
    """total + value / bottom, as top and bottom."""
    (x, w), (y, v) = total, value
    return x * v + y * (w // bottom), w * v


def _lifted(plane: Plane, part: Factor, inputs: list[int]) -> Plane:
    """A plane of a factor over more inputs."""
    numbers = dict(zip(part.inputs, plane[1:], strict=True))
    return (plane[0], *(numbers.get(k, 0) for k in inputs))
