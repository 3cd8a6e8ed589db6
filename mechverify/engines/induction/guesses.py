"""What may hold of the members of a cut: sums that are equal, sums that are equal modulo m, order. Guesses at sampled
points, in exact integers, for lemmas to prove.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd

import numpy as np

from mechverify.engines.integers.points import Integers

_PRIME = (1 << 31) - 1
_MOST_BOTTOM = 12
_MOST_TOP = 1 << 16
_MOST_ROWS = 512
_MOST_ORDERED = 16
_ROWS = 2


@dataclass(frozen=True, slots=True)
class Guess:
    """constant + sum of c * node is zero (``eq``), not negative (``ge``), or a multiple of ``modulus`` (``eq``, more
    than 0)."""

    relation: str
    constant: Fraction
    terms: tuple[tuple[Fraction, int], ...]
    modulus: int = 0


def equalities(values: dict[int, Integers], basis: Sequence[int], members: Sequence[int]) -> list[Guess]:
    """Each member that is a sum of members before it, and of the basis, with simple coefficients; rather of members."""
    found = []
    for place, v in enumerate(members):
        nodes = [*members[:place], *basis]
        solved = _solve([values[u] for u in nodes], values[v], _PRIME)
        rational = [] if solved is None else [_simple(c) for c in solved]
        if not rational or any(c is None for c in rational):
            continue
        constant, *parts = [c for c in rational if c is not None]
        terms = tuple((c, u) for c, u in zip(parts, nodes, strict=True) if c)
        guess = Guess("eq", constant, ((Fraction(-1), v), *terms))
        if _zero(values, guess):
            found.append(guess)
    return found


def congruences(values: dict[int, Integers], basis: Sequence[int], members: Sequence[int], modulus: int) -> list[Guess]:
    """Each member that is a sum of the basis modulo m."""
    found = []
    for v in members:
        solved = _solve([values[u] for u in basis], values[v], modulus)
        if solved is not None:
            constant, *parts = (Fraction(c if 2 * c <= modulus else c - modulus) for c in solved)
            terms = tuple((c, u) for c, u in zip(parts, basis, strict=True) if c)
            found.append(Guess("eq", constant, ((Fraction(-1), v), *terms), modulus))
    return found


def orders(values: dict[int, Integers], compared: Sequence[int], members: Sequence[int]) -> list[Guess]:
    """Pairs u >= v, one of them a member, that are not always equal, as few as give the others."""
    if len(compared) < 2:
        return []
    table = np.stack([values[v] for v in compared])
    above = (table[:, None, :] >= table[None, :, :]).all(axis=2) & (table[:, None, :] != table[None, :, :]).any(axis=2)
    between = (above[:, :, None] & above[None, :, :]).any(axis=1)
    pairs = [(compared[i], compared[j]) for i, j in np.argwhere(above & ~between).tolist()]
    one = Fraction(1)
    some = [(u, v) for u, v in pairs if u in members or v in members][:_MOST_ORDERED]
    return [Guess("ge", Fraction(0), ((one, u), (-one, v))) for u, v in some]


def junctions(values: dict[int, Integers], members: Sequence[int], marks: Sequence[int]) -> list[Guess]:
    """Members that are 1 where one of the marks is, and 0 otherwise; or where one is not, or the other way round.

    With s and the marks t_i of 0 and 1: s <= sum t_i, and sum t_i <= n s, for n marks.
    """
    if not marks:
        return []
    total = np.sum([values[v] for v in marks], axis=0)
    n, one = len(marks), Fraction(1)
    found = []
    for v in members:
        for turned in (False, True):
            for missing in (False, True):
                s, t = 1 - values[v] if turned else values[v], n - total if missing else total
                if not (s == (t > 0)).all():
                    continue
                sign, way = -one if turned else one, -one if missing else one
                rest = (n if missing else 0) - int(turned)
                below = ((-sign, v), *((way, m) for m in marks))
                above = ((n * sign, v), *((-way, m) for m in marks))
                found.append(Guess("ge", Fraction(rest), below))
                found.append(Guess("ge", Fraction(n * int(turned) - (n if missing else 0)), above))
    return found


def _zero(values: dict[int, Integers], guess: Guess) -> bool:
    bottom = np.lcm.reduce([c.denominator for c in (guess.constant, *(c for c, _ in guess.terms))])
    total = np.full(len(next(iter(values.values()))), int(guess.constant * int(bottom)), dtype=object)
    for c, v in guess.terms:
        total = total + int(c * int(bottom)) * values[v].astype(object)
    return not total.any()


def _simple(c: int) -> Fraction | None:
    """The fraction of small numbers that is c modulo the prime."""
    for bottom in range(1, _MOST_BOTTOM + 1):
        top = c * bottom % _PRIME
        top = top if 2 * top < _PRIME else top - _PRIME
        if abs(top) <= _MOST_TOP:
            return Fraction(top, bottom)
    return None


def _solve(columns: Sequence[Integers], target: Integers, modulus: int) -> list[int] | None:
    """c_0 + sum c_k * column_k = target modulo m at every row, by elimination with units as pivots; None if that finds
    none. First at some of the rows: what has no solution there has none, and few have one there alone.
    """
    table = np.stack([np.ones_like(target), *columns, target], axis=1)[:_MOST_ROWS] % modulus
    some = table[:: max(1, len(table) // (_ROWS * table.shape[1]))]
    found = _eliminated(some, modulus)
    if found is None or len(some) == len(table):
        return found
    said = table[:, 0] * found[0] % modulus
    for k, c in enumerate(found[1:], 1):
        said = (said + table[:, k] * c) % modulus
    return found if (said == table[:, -1]).all() else _eliminated(table, modulus)


def _eliminated(table: Integers, modulus: int) -> list[int] | None:
    table = table.copy()
    width = table.shape[1] - 1
    pivots: list[tuple[int, int]] = []
    row = 0
    for k in range(width):
        units = (i for i in np.nonzero(table[row:, k])[0].tolist() if gcd(int(table[row + i, k]), modulus) == 1)
        at = row + next(units, len(table))
        if at >= len(table):
            continue
        table[[row, at]] = table[[at, row]]
        table[row] = table[row] * pow(int(table[row, k]), -1, modulus) % modulus
        factors = table[:, k].copy()
        factors[row] = 0
        table = (table - factors[:, None] * table[row][None, :] % modulus) % modulus
        pivots.append((row, k))
        row += 1
    if table[row:, width].any():
        return None
    found = [0] * width
    for at, k in pivots:
        found[k] = int(table[at, width])
    return found
