"""Sparse exact equations."""

import random
from fractions import Fraction

import pytest

from mechverify.engines.algebra.exact import solve


def total(columns, coefficients):
    found = {}
    for column, c in zip(columns, coefficients, strict=True):
        for place, value in column.items():
            found[place] = found.get(place, 0) + c * value
    return {place: value for place, value in found.items() if value}


@pytest.mark.parametrize("seed", range(30))
def test_solutions(seed):
    rng = random.Random(seed)
    columns = [
        {p: Fraction(rng.randint(-3, 3), rng.randint(1, 3)) for p in rng.sample("abcdefgh", rng.randint(1, 4))}
        for _ in range(rng.randint(1, 9))
    ]
    wanted = total(columns, [Fraction(rng.randint(-4, 4), 3) for _ in columns])
    found = solve(columns, wanted)
    assert found is not None
    assert total(columns, found) == wanted
    assert solve(columns, wanted | {"elsewhere": 1}) is None


def test_the_first_columns_are_used():
    same = {"a": 1, "b": 2}
    assert solve([same, same, {"b": 4}], {"a": 3, "b": 2}) == [3, 0, -1]
    assert solve([], {}) == []
    assert solve([], {"a": 1}) is None
