"""Integer solutions of one linear equation near a point, by two of its unknowns at a time."""

from collections.abc import Sequence
from itertools import combinations, islice
from math import gcd

_MOST_PAIRS = 64


def two_unknowns(
    coefficients: Sequence[int], wanted: int, low: Sequence[int], high: Sequence[int]
) -> tuple[tuple[int, int], tuple[int, int]] | None:
    """Two places and changes d with sum coefficient * d = wanted, each d between its ``low`` and ``high``, the first
    as small as it can be; None where no pair that was tried has any.
    """
    places = [k for k, c in enumerate(coefficients) if c]
    for i, j in islice(combinations(places, 2), _MOST_PAIRS):
        a, b = coefficients[i], coefficients[j]
        common = gcd(a, b)
        if wanted % common:
            continue
        inverse = pow(a // common, -1, abs(b // common)) if abs(b) != common else 0
        first = wanted // common * inverse
        second = (wanted - a * first) // b
        found = _within((first, b // common), (second, -a // common), (low[i], high[i]), (low[j], high[j]))
        if found is not None:
            return (i, first + found * (b // common)), (j, second - found * (a // common))
    return None


def _within(one: tuple[int, int], two: tuple[int, int], first: tuple[int, int], second: tuple[int, int]) -> int | None:
    """t such that start + t * step lies in its range for both, with the first nearest to zero."""
    least, most = None, None
    for (start, step), (low, high) in ((one, first), (two, second)):
        ends = sorted((low - start, high - start), reverse=step < 0)
        below, above = -(-ends[0] // step), ends[1] // step
        least = below if least is None else max(least, below)
        most = above if most is None else min(most, above)
    if least is None or most is None or least > most:
        return None
    start, step = one
    return min(max(round(-start / step), least), most)
