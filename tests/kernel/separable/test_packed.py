"""Packed sums against the plain ones."""

import random

import pytest

from mechverify.kernel.separable.packed import packed_totals, plain_totals
from mechverify.kernel.separable.sums import exact_column


@pytest.mark.parametrize("seed", range(20))
def test_packed_sums_are_the_plain_ones(seed):
    """Of any signs and lengths, the columns used again with others."""
    rng = random.Random(seed)
    size, count = rng.randint(7, 20), rng.randint(7, 12)
    lengths = [1, 30, 63, 64, 65, 200]

    def number():
        return rng.choice([-1, 1]) * rng.choice([0, 1, (1 << (n := rng.choice(lengths))) - 1, rng.getrandbits(n)])

    columns = [exact_column([number() for _ in range(size)]) for _ in range(count)]
    for _ in range(5):
        weights = [number() for _ in columns]
        assert packed_totals(weights, columns) == plain_totals(weights, columns)


def test_the_greatest_sums_fit_their_lanes():
    for bits in (1, 61, 62, 63, 64):
        for sign in (1, -1):
            most = (1 << bits) - 1
            columns = [exact_column([most, -most] * 8) for _ in range(9)]
            weights = [sign * most] * 9
            assert packed_totals(weights, columns) == plain_totals(weights, columns)
