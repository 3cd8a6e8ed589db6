"""Whether vectors of exact numbers are linearly independent."""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

_PRIME = 2**61 - 1


def first_dependent(vectors: Sequence[Sequence[Fraction]]) -> int | None:
    """The number of the first vector that is a linear combination of those before it; None if they are independent.

    Vectors that are independent modulo a prime are independent; where they are not, exact elimination decides.
    """
    rows = [_integers(v) for v in vectors]
    if _eliminate([[n % _PRIME for n in row] for row in rows], _PRIME) is None:
        return None
    return _eliminate(rows, None)


def _integers(vector: Sequence[Fraction]) -> list[int]:
    scale = lcm(*(v.denominator for v in vector))
    return [v.numerator * (scale // v.denominator) for v in vector]


def _eliminate(rows: Sequence[list[int]], prime: int | None) -> int | None:
    """The first row that the rows before it reduce to zero, over the integers modulo ``prime`` or the rationals."""
    pivots: list[tuple[int, list[int]]] = []
    for k, row in enumerate(rows):
        left = list(row)
        for column, pivot in pivots:
            if left[column]:
                a, b = pivot[column], left[column]
                left = [a * x - b * y for x, y in zip(left, pivot, strict=True)]
                left = [x % prime for x in left] if prime else _smallest(left)
        place = next((c for c, x in enumerate(left) if x), None)
        if place is None:
            return k
        pivots.append((place, left))
    return None


def _smallest(row: list[int]) -> list[int]:
    common = gcd(*row)
    return [x // common for x in row] if common > 1 else row
