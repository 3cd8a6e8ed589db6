"""Columns of values at many rows: each rule holds whatever its arguments' values are within what their columns say."""

import random
from fractions import Fraction

import pytest
from kernel_tools import float32_dot

from mechverify.kernel.fault import InvalidError
from mechverify.kernel.numbers.float32 import round_float32
from mechverify.kernel.numbers.number import MAX_BITS
from mechverify.kernel.plan import plan_affine
from mechverify.kernel.points.columns import (
    Picking,
    Rows,
    exact,
    larger_of,
    positive_part,
    product_of_rows,
    quotient_of_rows,
    smaller_of,
    sum_of_rows,
)
from mechverify.kernel.reading.node import Node

SEEDS = range(20)
ROWS = 12


def _column(rng: random.Random, *, away: int = 0) -> Rows:
    """Any column, its values at least `away` from zero beyond their radius, some with a radius for each row."""
    scale, bits = rng.choice([-3, 0, 5, 40, 90]), rng.choice([3, 20, 55, 100])
    radius = rng.choice([0, 1, 3, rng.getrandbits(max(1, bits - 2))])
    least = away + radius if away else 0
    values = [rng.choice([-1, 1]) * (least + rng.getrandbits(bits)) for _ in range(ROWS)]
    own = [rng.randint(0, radius) for _ in range(ROWS)] if rng.random() < 0.4 else None
    return Rows(values, scale, radius, own)


def _within(rng: random.Random, column: Rows, row: int) -> Fraction:
    """Some value that the column allows, often an end."""
    low, high = map(Fraction, column.ends(row))
    return rng.choice([low, high, low + (high - low) * Fraction(rng.randint(0, 8), 8)])


def _holds(column: Rows | None, row: int, value: Fraction) -> bool:
    if column is None:
        return True
    low, high = column.ends(row)
    greatest = column.greatest()
    return low <= value <= high and abs(value) <= greatest


@pytest.mark.parametrize("seed", SEEDS)
def test_products_quotients_and_switches(seed: int) -> None:
    rng = random.Random(seed)
    a, b, apart = _column(rng), _column(rng), _column(rng, away=1)
    found = {
        "mul": product_of_rows(a, b, rounded=False),
        "square": product_of_rows(a, a, rounded=False),
        "div": quotient_of_rows(a, apart),
        "relu": positive_part(a),
        "max": larger_of(a, b),
        "min": smaller_of(a, b),
    }
    assert None not in found.values()
    for row in range(ROWS):
        for _ in range(6):
            x, y, z = (_within(rng, one, row) for one in (a, b, apart))
            true = {"mul": x * y, "square": x * x, "div": x / z, "relu": max(x, Fraction(0))}
            true |= {"max": max(x, y), "min": min(x, y)}
            assert all(_holds(found[op], row, true[op]) for op in true), (row, x, y, z)


@pytest.mark.parametrize("seed", SEEDS)
def test_sums(seed: int) -> None:
    """Exact and in float32, weights of any kind, few terms and many."""
    rng = random.Random(seed)
    count = rng.choice([1, 3, 9, 20])
    weights = [rng.choice([Fraction(rng.randint(-9, 9)), Fraction(rng.randint(-99, 99), 2**7)]) for _ in range(count)]
    if rng.random() < 0.4:
        weights = [w / 3 for w in weights]
    bias = Fraction(rng.randint(-9, 9), rng.choice([1, 8, 3]))
    columns = [_column(rng) for _ in range(count)]
    args = tuple(range(count))
    plain = plan_affine(Node("affine", args, numerators=tuple(weights), constant=bias))
    rounded = plan_affine(Node("affine", args, rounded=True, numerators=tuple(weights), constant=bias))
    found = sum_of_rows(plain, args, columns, rounded=False)
    close = sum_of_rows(rounded, args, columns, rounded=True)
    for row in range(ROWS):
        for _ in range(3):
            at = [_within(rng, one, row) for one in columns]
            true = bias + sum(w * x for w, x in zip(weights, at, strict=True))
            assert found is not None
            assert _holds(found, row, true)
            assert _holds(close, row, true)


@pytest.mark.parametrize("seed", SEEDS)
def test_executions_in_float32(seed: int) -> None:
    """What an execution computes of float32 numbers lies in the rounded sum and product of their columns."""
    rng = random.Random(seed)

    def number() -> Fraction:
        found = round_float32(Fraction(rng.randint(-(10**9), 10**9), 10 ** rng.randint(2, 9)))
        assert found is not None
        return Fraction(found)

    count = rng.choice([2, 9, 40])
    weights, bias = [number() for _ in range(count)], number()
    rows = [[number() for _ in range(count)] for _ in range(ROWS)]
    columns = [exact(one, one) for one in zip(*rows, strict=True)]
    args = tuple(range(count))
    plan = plan_affine(Node("affine", args, rounded=True, numerators=tuple(weights), constant=bias))
    total = sum_of_rows(plan, args, columns, rounded=True)
    times = product_of_rows(columns[0], columns[1], rounded=True)
    for k, row in enumerate(rows):
        executed = float32_dot(rng, bias, list(zip(weights, row, strict=True)))
        product = round_float32(row[0] * row[1])
        assert executed is not None
        assert product is not None
        assert _holds(total, k, executed)
        assert _holds(times, k, Fraction(product))
    assert total is not None
    one = sum_of_rows(
        plan_affine(Node("affine", args, numerators=tuple(weights), constant=bias)), args, columns, rounded=False
    )
    assert one is not None
    assert total.radius * Fraction(2) ** -total.scale > one.radius * Fraction(2) ** -one.scale


@pytest.mark.parametrize("seed", SEEDS)
def test_a_divisor_that_may_be_zero_at_one_row_has_no_quotient(seed: int) -> None:
    rng = random.Random(seed)
    a, apart = _column(rng), _column(rng, away=1)
    row, radius = rng.randrange(ROWS), apart.radius
    values = list(apart.values)
    values[row] = rng.randint(-radius, radius)
    assert quotient_of_rows(a, apart) is not None
    assert quotient_of_rows(a, Rows(values, apart.scale, radius)) is None
    if apart.own is not None:
        own = list(apart.own)
        own[row] = abs(values[row])
        assert quotient_of_rows(a, Rows(values, apart.scale, radius, own)) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_what_may_overflow_has_no_rounded_value(seed: int) -> None:
    rng = random.Random(seed)
    small = Rows([rng.randint(1, 9) for _ in range(ROWS)])
    values = list(small.values)
    values[rng.randrange(ROWS)] = rng.choice([-1, 1]) << 127
    large = Rows(values)
    plan = plan_affine(Node("affine", (0, 1), rounded=True, numerators=(Fraction(1), Fraction(1, 2**20))))
    assert sum_of_rows(plan, (0, 1), [small, small], rounded=True) is not None
    assert sum_of_rows(plan, (0, 1), [large, small], rounded=True) is None
    assert product_of_rows(small, small, rounded=True) is not None
    assert product_of_rows(small, large, rounded=True) is None
    wide = Rows(small.values, 0, 1 << 127)
    assert sum_of_rows(plan, (0, 1), [wide, small], rounded=True) is None
    assert product_of_rows(small, wide, rounded=True) is None


@pytest.mark.parametrize("seed", SEEDS)
def test_given_ends_and_picked_rows(seed: int) -> None:
    rng = random.Random(seed)
    lows = [Fraction(rng.randint(-99, 99), rng.choice([1, 4, 3, 2**150, 7**60])) for _ in range(ROWS)]
    highs = [x + Fraction(rng.choice([0, 1]), rng.choice([8, 5, 2**140])) for x in lows]
    column = exact(lows, highs)
    rows = [rng.randrange(ROWS) for _ in range(30)]
    picked = column.picked(Picking(rows))
    for k, row in enumerate(rows):
        assert column.ends(row) == picked.ends(k)
        assert column.ends(row)[0] <= lows[row]
        assert highs[row] <= column.ends(row)[1]
    whole = exact([Fraction(1, 4)] * 3, [Fraction(1, 4)] * 3)
    low, high = whole.ends(0)
    assert low is high


def _squared(column: Rows, times: int) -> Rows | None:
    found: Rows | None = column
    for _ in range(times):
        found = found and product_of_rows(found, found, rounded=False)
    return found


def test_numbers_that_grow_without_end_are_invalid() -> None:
    """Each square of a small number doubles the scale, and sums would shift by it."""
    with pytest.raises(InvalidError, match="grown beyond"):
        _squared(Rows([1, 3], 64), times=40)
    for values, scale, radius in (([1], MAX_BITS + 1, 0), ([1], -MAX_BITS - 1, 0), ([0], 0, 1 << MAX_BITS)):
        with pytest.raises(InvalidError):
            Rows([*values, 1], scale, radius)
    with pytest.raises(InvalidError):
        quotient_of_rows(Rows([1, 1], -MAX_BITS), Rows([1, 1], MAX_BITS))
    assert Rows([1, 2], MAX_BITS).scale == MAX_BITS
