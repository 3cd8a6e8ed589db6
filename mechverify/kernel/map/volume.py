"""Volumes of polytopes, and sums of lengths over the integers along a polygon, in exact fractions.

A polytope is cut into simplices from a corner of it to the facets that do not have this corner, each cut in the same
way. Its faces are what planes that bound it have of it, and the facets of a face are the largest of those.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import factorial, prod

from .polygon import Corner, Plane, Polygon, height

Face = frozenset[int]


def volume(corners: Polygon, planes: Sequence[Plane]) -> Fraction:
    """The volume of a polytope in all its coordinates, 0 where it is flat; `planes` are all that bound it."""
    n = len(corners[0]) - 1
    faces = {frozenset(k for k, one in enumerate(corners) if height(plane, one) == 0) for plane in planes}
    total = Fraction(0)
    for simplex in _simplices(frozenset(range(len(corners))), faces, n):
        found = [corners[k] for k in simplex]
        total += Fraction(abs(_determinant(found)), factorial(n) * prod(w for w, *_ in found))
    return total


def _simplices(face: Face, faces: set[Face], dimension: int) -> Iterator[tuple[int, ...]]:
    """The corners of simplices that together are a face of so many dimensions; none of one that has fewer."""
    apex = min(face)
    if dimension == 0:
        yield (apex,)
        return
    met = {one & face for one in faces} - {face, frozenset[int]()}
    for facet in met:
        if apex not in facet and not any(facet < other for other in met):
            for simplex in _simplices(facet, met, dimension - 1):
                yield (apex, *simplex)


def _determinant(rows: Sequence[Corner]) -> int:
    """By elimination without fractions (Bareiss 1968)."""
    left, before, sign = [list(row) for row in rows], 1, 1
    for k in range(len(left) - 1):
        pivot = next((i for i in range(k, len(left)) if left[i][k]), None)
        if pivot is None:
            return 0
        if pivot != k:
            left[k], left[pivot], sign = left[pivot], left[k], -sign
        for i in range(k + 1, len(left)):
            for j in range(k + 1, len(left)):
                left[i][j] = (left[i][j] * left[k][k] - left[i][k] * left[k][j]) // before
        before = left[k][k]
    return sign * left[-1][-1]


def columns(corners: Polygon) -> Fraction:
    """The sum of what a polygon has of y at each integer x. Each x from the least on, short of the greatest, lies under
    one edge that runs to the left and over one that runs to the right; the last has its own column."""
    total = Fraction(0)
    for k, (w, x, y) in enumerate(corners):
        v, a, b = corners[k - 1]
        start, end = Fraction(a, v), Fraction(x, w)
        if start != end:
            slope = (Fraction(y, w) - Fraction(b, v)) / (end - start)
            first, last = min(start, end).__ceil__(), max(start, end).__ceil__()
            among = Fraction((first + last - 1) * (last - first), 2)  # the sum of the integers from first to last - 1
            part = slope * (among - start * (last - first)) + Fraction(b, v) * (last - first)
            total += part if end < start else -part
    most = max(Fraction(x, w) for w, x, _ in corners)
    if most.denominator == 1:
        column = [Fraction(y, w) for w, x, y in corners if x == most * w]
        total += max(column) - min(column)
    return total
