"""What a polytope weighs whose inputs are all integers, with weights or without: in integers, value by value."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from math import prod

from mechverify.kernel.search import clipped
from mechverify.probability.lattice import polygon_sums
from mechverify.probability.measures import Counting, Measure, Weights

Plane = tuple[int, ...]
Range = tuple[int, int]
_MOST_LISTED = 4_096


class TooManyError(Exception):
    """There are too many values to go through."""


def counted(
    planes: Sequence[Plane], measures: Sequence[Measure], ranges: Sequence[tuple[Fraction, Fraction]], most: int
) -> Fraction | None:
    """The mass of the integer points where every plane (c, a, b, ...) is at least 0, all numbers integers. None where
    an input has other values, and where it takes more than so many steps.
    """
    if not all(_is_whole(m) for m in measures):
        return None
    ends = [(low.__ceil__(), high.__floor__()) for low, high in ranges]
    try:
        found = _Counting(most).mass(planes, measures, ends)
    except TooManyError:
        return None
    return Fraction(found, prod(m.scale for m in measures if isinstance(m, Weights)))


def _is_whole(measure: Measure) -> bool:
    return bool(measure.whole) if isinstance(measure, Weights) else isinstance(measure, Counting) and measure.integer


class _Counting:
    def __init__(self, most: int) -> None:
        self.left = most

    def mass(self, planes: Sequence[Plane], measures: Sequence[Measure], ranges: Sequence[Range]) -> int:
        self.left -= 1
        if self.left < 0:
            raise TooManyError
        if len(measures) == 1:
            return _interval(planes, measures[0], *ranges[0])
        sizes = [_size(m, *ends) for m, ends in zip(measures, ranges, strict=True)]
        if 0 in sizes:
            return 0
        weighed = [k for k, m in enumerate(measures) if isinstance(m, Weights)]
        if not weighed and len(measures) == 2:
            return _polygon(planes, ranges)
        at = min(weighed or range(len(measures)), key=lambda k: sizes[k])
        if sizes[at] > _MOST_LISTED and not weighed:
            raise TooManyError
        rest, others = [*measures[:at], *measures[at + 1 :]], [*ranges[:at], *ranges[at + 1 :]]
        total = 0
        for value, share in _values(measures[at], *ranges[at]):
            there = [(p[0] + p[at + 1] * value, *p[1 : at + 1], *p[at + 2 :]) for p in planes]
            total += share * self.mass(there, rest, others)
        return total


def _interval(planes: Sequence[Plane], measure: Measure, low: int, high: int) -> int:
    for c, a in planes:
        if a > 0:
            low = max(low, -(c // a))
        elif a < 0:
            high = min(high, c // -a)
        elif c < 0:
            return 0
    if not isinstance(measure, Weights):
        return max(0, high - low + 1)
    first = bisect_left(measure.whole, low)
    return measure.shares[max(first, bisect_right(measure.whole, high))] - measure.shares[first]


def _polygon(planes: Sequence[Plane], ranges: Sequence[Range]) -> int:
    (a, b), (c, d) = ranges
    corners: tuple[tuple[int, ...], ...] = tuple(dict.fromkeys(((1, a, c), (1, b, c), (1, b, d), (1, a, d))))
    for plane in planes:
        corners = clipped(corners, plane)
    return polygon_sums(corners).points


def _size(measure: Measure, low: int, high: int) -> int:
    if isinstance(measure, Weights):
        return max(0, bisect_right(measure.whole, high) - bisect_left(measure.whole, low))
    return max(0, high - low + 1)


def _values(measure: Measure, low: int, high: int) -> list[tuple[int, int]]:
    """The values in a range, with what each counts."""
    if not isinstance(measure, Weights):
        return [(v, 1) for v in range(low, high + 1)]
    first, end = bisect_left(measure.whole, low), bisect_right(measure.whole, high)
    return [(measure.whole[k], measure.shares[k + 1] - measure.shares[k]) for k in range(first, max(first, end))]
