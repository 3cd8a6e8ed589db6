"""Convex polygons and polytopes in exact integers: cutting, areas, and counts of integer points.

A corner is (w, x) or (w, x, y), coprime integers with w > 0: the point x / w, or (x / w, y / w). A polygon lists its
corners once each, in the plane counterclockwise; two corners are a segment, one is a point, none is the empty set. A
plane (c, a) or (c, a, b) is c + a x + b y; it cuts off where that is negative. In more coordinates all is alike, and
the corners of a polytope have no order.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd
from operator import mul

Corner = tuple[int, ...]
Plane = tuple[int, ...]
Polygon = tuple[Corner, ...]


def height(plane: Plane, corner: Corner) -> int:
    """w times the plane's value at a corner: the sign is the value's own."""
    return sum(map(mul, plane, corner))


def clipped(corners: Polygon, plane: Plane) -> Polygon:
    """What a closed half-plane leaves of a polygon. An edge is crossed between corners of opposite signs."""
    heights = [height(plane, corner) for corner in corners]
    kept: list[Corner] = []
    for k, here in enumerate(heights):
        before = heights[k - 1]
        if before < 0 < here or here < 0 < before:
            kept.append(_crossing(corners[k], here, corners[k - 1], before))
        if here >= 0:
            kept.append(corners[k])
    return tuple(dict.fromkeys(kept))


def clipped_polytope(corners: Polygon, planes: Sequence[Plane], plane: Plane) -> Polygon:
    """The same in any number of coordinates; `planes` are those that bound the polytope so far. Two corners are the
    ends of an edge if no third lies on every plane that both lie on: these corners span the least face with both."""
    heights = [height(plane, corner) for corner in corners]
    on = [frozenset(i for i, one in enumerate(planes) if height(one, corner) == 0) for corner in corners]
    kept = [corner for corner, here in zip(corners, heights, strict=True) if here >= 0]
    for up, high in enumerate(heights):
        for down, low in enumerate(heights):
            if low < 0 < high and sum(on[up] & on[down] <= other for other in on) == 2:
                kept.append(_crossing(corners[up], high, corners[down], low))
    return tuple(dict.fromkeys(kept))


def _crossing(one: Corner, here: int, other: Corner, there: int) -> Corner:
    """The point of height 0 between corners of heights of opposite signs."""
    between = [abs(there) * x + abs(here) * y for x, y in zip(one, other, strict=True)]
    common = gcd(*between)
    return tuple([x // common for x in between])


def box(sides: Sequence[Polygon]) -> Polygon:
    """The product of polygons and polytopes, coordinates in their order."""
    found: list[Corner] = [(1,)]
    for side in sides:
        found = [(v * w, *[w * x for x in one], *[v * y for y in other]) for v, *one in found for w, *other in side]
    return tuple([tuple([x // gcd(*corner) for x in corner]) for corner in found])


def rectangle(across: Polygon, up: Polygon) -> Polygon:
    """The product of two segments or points of one coordinate."""
    xs, ys = sorted(across, key=_only_value), sorted(up, key=_only_value)
    around = [(x, ys[0]) for x in xs] + [(x, ys[-1]) for x in reversed(xs)]
    found = []
    for (v, x), (w, y) in around:
        common = gcd(v * w, x * w, y * v)
        found.append((v * w // common, x * w // common, y * v // common))
    return tuple(dict.fromkeys(found))


def _only_value(corner: Corner) -> Fraction:
    return Fraction(corner[1], corner[0])


def area(corners: Polygon) -> Fraction:
    """Half the sum of the cross products of neighbours."""
    total = Fraction(0)
    for k, (w, x, y) in enumerate(corners):
        v, a, b = corners[k - 1]
        total += Fraction(a * y - x * b, 2 * v * w)
    return total


def floor_sum(count: int, m: int, a: int, b: int) -> int:
    """sum of floor((a x + b) / m) for x = 0 .. count - 1, m > 0, by Euclid's algorithm."""
    total = 0
    while count > 0:
        total += count * (count - 1) // 2 * (a // m) + count * (b // m)
        a, b = a % m, b % m
        last = a * count + b
        if last < m:
            break
        # The points under the line, counted by rows instead of columns.
        count, b = divmod(last, m)
        m, a = a, m
    return total


def whole_between(corners: Polygon) -> int:
    """The integers between the least and the greatest of some numbers."""
    values = [Fraction(x, w) for w, x in corners]
    return max(values).__floor__() - min(values).__ceil__() + 1 if values else 0


def whole_points(corners: Polygon) -> int:
    """The integer points of a polygon in the plane.

    Each integer x from the least on, short of the greatest, lies under one edge that runs to the left and over one that
    runs to the right (a segment is both): floor of the upper - (ceil of the lower - 1) points. The last x has its own
    column.
    """
    if not corners:
        return 0
    total = 0
    for k, (w, x, y) in enumerate(corners):
        v, a, b = corners[k - 1]
        run, rise = x * v - a * w, y * v - b * w
        m, slope, start = v * run, rise * v, b * run - a * rise
        if run > 0:
            first = -(-a // v)
            total -= floor_sum(-(-x // w) - first, m, slope, start + slope * first - 1)
        elif run < 0:
            first = -(-x // w)
            total += floor_sum(-(-a // v) - first, -m, -slope, -start - slope * first)
    last = max(Fraction(x, w) for w, x, _ in corners)
    if last.denominator == 1:
        total += whole_between(tuple((w, y) for w, x, y in corners if x == last * w))
    return total
