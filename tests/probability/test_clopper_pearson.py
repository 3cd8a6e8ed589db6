"""The interval keeps its word: each end fails as seldom as it promises, by exact sums and by repeating the draw."""

import random
from fractions import Fraction as F
from math import comb

import pytest

from mechverify.probability.clopper_pearson import clopper_pearson, rough_width

TAIL = F(1, 200)


def at_least(k: int, n: int, p: F) -> F:
    """The probability of k or more of n."""
    return sum((comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k, n + 1)), F(0))


@pytest.mark.parametrize("n", [1, 2, 7, 30])
def test_each_end_by_exact_sums(n: int) -> None:
    """The ends keep the tail, and one step of the grid further in would not."""
    step = F(1, 100_000)
    for k in range(n + 1):
        found = clopper_pearson(k, n, TAIL)
        if k:
            assert at_least(k, n, found.low) <= TAIL < at_least(k, n, found.low + 2 * step)
        if k < n:
            assert at_least(n - k, n, 1 - found.high) <= TAIL < at_least(n - k, n, 1 - found.high + 2 * step)
        assert (found.low == 0) is (k == 0)
        assert (found.high == 1) is (k == n)


@pytest.mark.parametrize("share", [F(1, 100), F(3, 10), F(1, 2), F(999, 1000)])
def test_a_thousand_repetitions_cover_the_truth(share: float) -> None:
    """Of 1,000 intervals at 99% about 10 may miss; exactly, P(more than 25 miss) is below 0.002%."""
    rng, n, known = random.Random(0), 200, {}
    missed = 0
    for _ in range(1000):
        k = sum(rng.randrange(share.denominator) < share.numerator for _ in range(n))
        if k not in known:
            known[k] = clopper_pearson(k, n, TAIL)
        missed += not known[k].low <= share <= known[k].high
    assert missed <= 25


@pytest.mark.parametrize("n", [10, 60])
@pytest.mark.parametrize("share", [F(1, 20), F(1, 2), F(9, 10)])
def test_the_probability_of_missing_is_what_is_promised(n: int, share: F) -> None:
    """Exactly: the shares of samples whose end lies on the wrong side of the truth."""
    weights = [comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(n + 1)]
    ends = [clopper_pearson(k, n, TAIL) for k in range(n + 1)]
    assert sum((w for w, end in zip(weights, ends, strict=True) if end.low > share), F(0)) <= TAIL
    assert sum((w for w, end in zip(weights, ends, strict=True) if end.high < share), F(0)) <= TAIL


def test_many_draws_take_no_time_and_agree_with_tables() -> None:
    assert (float(clopper_pearson(0, 10, F(1, 40)).high), float(clopper_pearson(5, 10, F(1, 40)).low)) == (0.3085, 0.18708)
    found = clopper_pearson(10_000, 20_000, TAIL)
    assert found.low < F(1, 2) < found.high
    assert abs(float(found.width) - rough_width(0.5, 20_000, 0.005)) < 1e-4
