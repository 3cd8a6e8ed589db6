"""Tables and sums of them, against exact arithmetic."""

import random
from fractions import Fraction
from itertools import product as points

import pytest

from mechverify.kernel.separable.sums import (
    CONSTANT,
    Column,
    column_of,
    divided,
    exact_column,
    least,
    multiplied,
    rounded,
    together,
    weighted,
    weighted_sums,
)

BITS = 20


def table(rng, size, *, exact=None, away=False):
    """A random table; `away` from zero."""
    values = [rng.randint(1 if away else -(1 << 22), 1 << 22) for _ in range(size)]
    if exact if exact is not None else rng.random() < 0.5:
        return exact_column(values)
    width = rng.choice([3, 5000, 1 << 26])
    return column_of(values, [x + rng.randint(0, width) for x in values])


def inside(rng, t, i):
    return Fraction(rng.choice([t.low[i], t.high[i], rng.randint(t.low[i], t.high[i])]), 1 << BITS)


def contains(t, i, value):
    return Fraction(t.low[i], 1 << BITS) <= value <= Fraction(t.high[i], 1 << BITS)


@pytest.mark.parametrize("seed", range(20))
def test_each_operation_contains_the_exact_value(seed):
    rng = random.Random(seed)
    for _ in range(20):
        one, other = table(rng, 4), table(rng, rng.choice([1, 4]), away=True)
        weights, bottom = [rng.randint(-9, 9), rng.randint(-9, 9)], rng.choice([1, 2, 3, 1 << 24])
        third = table(rng, 4)
        scaled = weighted(weights, [one, third], bottom)
        times, shares = multiplied(one, other, BITS), divided(one, other, BITS)
        whole = together({0: one, CONSTANT: table(rng, 1, exact=True)})
        for i in range(4):
            j = i if len(other.low) == 4 else 0
            x, y, z = inside(rng, one, i), inside(rng, other, j), inside(rng, third, i)
            assert contains(scaled, i, (weights[0] * x + weights[1] * z) / bottom)
            assert contains(times, i, x * y)
            assert contains(shares, i, x / y)
            assert whole.high[i] - whole.low[i] == one.high[i] - one.low[i]


@pytest.mark.parametrize("seed", range(5))
def test_ends_of_any_width_are_summed_as_one_by_one(seed):
    """Many columns, so that they are packed, lower and upper ends apart; a column is used again with other weights."""
    rng = random.Random(seed)
    columns = [column_of(v, [x + rng.randint(0, 1 << 60) for x in v]) for v in (table(rng, 9).low for _ in range(9))]
    for bottom in (1, 3, 1 << 24):
        weights = [rng.choice([-1, 1]) * rng.randint(1, 1 << 70) for _ in columns]
        found = weighted(weights, columns, bottom)
        assert found.spread is None
        for i in range(9):
            low = sum(w * (t.low[i] if w > 0 else t.high[i]) for w, t in zip(weights, columns, strict=True))
            high = sum(w * (t.high[i] if w > 0 else t.low[i]) for w, t in zip(weights, columns, strict=True))
            assert (found.low[i], found.high[i]) == (low // bottom, -(-high // bottom))


def test_what_is_exact_stays_exact_and_nothing_else_does():
    halves = exact_column([2, 4, 6])
    assert weighted([1], [halves], 2).spread == 0
    assert weighted([1], [halves], 4).spread == 1
    assert rounded([3], 2) == Column([1], [2], 1)
    assert rounded([-3], 2) == Column([-2], [-1], 1)
    assert multiplied(halves, exact_column([1 << BITS]), BITS).low == [2, 4, 6]
    loose = column_of([1, 1], [2, 1])
    assert loose == Column([1, 1], [2, 2], 1)
    assert weighted([-1], [loose], 1).low == [-2, -2]
    wide = column_of([1, 1], [1 << 60, 1])
    assert wide == Column([1, 1], [1 << 60, 1])


def test_sums_over_several_inputs():
    one = {0: exact_column([1, -5]), CONSTANT: exact_column([7])}
    other = {0: exact_column([2, 3]), 1: exact_column([0, 4])}
    both = weighted_sums([(2, one), (-1, other), (0, {2: exact_column([9])})], 1)
    assert set(both) == {0, 1, CONSTANT}
    worst = min(2 * (one[0].low[i] + 7) - other[0].low[i] - other[1].low[j] for i, j in points(range(2), range(2)))
    assert least(both) == worst
    assert least({}) == 0
    assert together({}) == exact_column([0])
