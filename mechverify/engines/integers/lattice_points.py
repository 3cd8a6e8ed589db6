"""Exact counts of integer points: sums of floors, and convex polygons given by half-planes."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

from mechverify.kernel.search import floor_sum

HalfPlane = tuple[int, int, int]
"""(a, b, c): a x + b y + c >= 0."""

Range = tuple[int, int]


def polygon_points(x_range: Range, y_range: Range, planes: Sequence[HalfPlane]) -> int:
    """The integer points of a box that satisfy all half-planes."""
    x_low, x_high = x_range
    upper: list[tuple[Fraction, Fraction]] = [(Fraction(0), Fraction(y_range[1]))]
    lower: list[tuple[Fraction, Fraction]] = [(Fraction(0), Fraction(y_range[0]))]
    for a, b, c in planes:
        if b < 0:
            upper.append((Fraction(a, -b), Fraction(c, -b)))
        elif b > 0:
            lower.append((Fraction(-a, b), Fraction(-c, b)))
        elif a > 0:
            x_low = max(x_low, ceil(Fraction(-c, a)))
        elif a < 0:
            x_high = min(x_high, floor(Fraction(c, -a)))
        elif c < 0:
            return 0
    if x_low > x_high:
        return 0
    lines = list(dict.fromkeys([*upper, *lower]))
    stops = {x_low, x_high + 1}
    for i, (s, t) in enumerate(lines):
        for other_s, other_t in lines[:i]:
            if s != other_s:
                cross = (other_t - t) / (s - other_s)
                stops.update(x for x in (floor(cross), floor(cross) + 1) if x_low < x <= x_high)
    ordered = sorted(stops)
    total = 0
    for first, after in pairwise(ordered):
        top = min(upper, key=lambda line: (line[0] * first + line[1], line[0]))
        bottom = max(lower, key=lambda line: (line[0] * first + line[1], line[0]))
        if top[0] * first + top[1] >= bottom[0] * first + bottom[1]:
            total += _strip(first, after - first, top) + _strip(first, after - first, (-bottom[0], -bottom[1]))
            total += after - first
    return total


def _strip(first: int, count: int, line: tuple[Fraction, Fraction]) -> int:
    """sum of floor(s x + t) for ``count`` integers from ``first`` on."""
    s, t = line
    m = s.denominator * t.denominator
    a, b = int(s * m), int(t * m)
    return floor_sum(count, m, a, a * first + b)
