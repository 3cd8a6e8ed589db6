"""Intervals of means cover the truth at least as often as they promise."""

import random
from fractions import Fraction as F

import pytest

from mechverify.probability.bounded_mean import mean_interval
from mechverify.probability.bracket import Bracket


@pytest.mark.parametrize("weights", [(1, 1), (1, 30), (97, 3)])
@pytest.mark.parametrize("n", [40, 400])
def test_a_thousand_repetitions_cover_the_truth(weights: tuple[int, int], n: int) -> None:
    """Two values, 0 and 1: at 95% of each end, few of 1,000 may miss; these intervals are wide, and none is seen to."""
    rng, known, missed = random.Random(1), dict[int, Bracket](), 0
    truth = F(weights[1], sum(weights))
    for _ in range(1000):
        ones = sum(rng.randrange(sum(weights)) < weights[1] for _ in range(n))
        if ones not in known:
            values = [F(1)] * ones + [F(0)] * (n - ones)
            known[ones] = mean_interval(values, Bracket(F(0), F(1)), F(1, 20))
        missed += not known[ones].low <= truth <= known[ones].high
    assert missed <= 100


def test_little_spread_makes_it_narrow_and_the_range_bounds_it() -> None:
    same = mean_interval([F(1, 2)] * 500, Bracket(F(0), F(1)), F(1, 200))
    spread = mean_interval([F(0), F(1)] * 250, Bracket(F(0), F(1)), F(1, 200))
    assert same.width < spread.width < F(1, 5)
    assert mean_interval([F(1)], Bracket(F(0), F(1)), F(1, 200)) == Bracket(F(0), F(1))
