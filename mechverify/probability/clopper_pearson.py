"""The confidence interval of Clopper and Pearson for a share, from a sample (Biometrika 26, 1934).

With k of n draws, ``low`` is at most the share at which k or more have the probability ``tail``, and ``high`` at least
that at which k or fewer have it: each end fails with probability ``tail`` at most, whatever the true share is. The ends
are fractions that a sum of binomial probabilities, rounded up, confirms; floats only guess them.
"""

from fractions import Fraction
from math import comb, exp, lgamma, log, log1p

from mechverify.probability.bracket import Bracket

_GRID = 100_000
_HALVINGS = 60
_BITS = 128
_TERMS = 300
_TINY = 1e-300


def clopper_pearson(k: int, n: int, tail: Fraction) -> Bracket:
    """The ends on a grid of 1/100,000, rounded outward."""
    low = 0 if k == 0 else int(_beta_quantile(float(tail), k, n - k + 1) * _GRID)
    while low and not _tail_at_most(n, k, low, tail):
        low -= 1
    high = _GRID if k == n else min(_GRID, int(_beta_quantile(1 - float(tail), k + 1, n - k) * _GRID) + 1)
    while high < _GRID and not _tail_at_most(n, n - k, _GRID - high, tail):
        high += 1
    return Bracket(Fraction(low, _GRID), Fraction(high, _GRID))


def rough_width(share: float, n: int, tail: float) -> float:
    """About how wide the interval is where that share of n draws is seen, for comparison alone."""
    k = share * n
    low = 0.0 if k <= 0 else _beta_quantile(tail, k, n - k + 1)
    return (1.0 if k >= n else _beta_quantile(1 - tail, k + 1, n - k)) - low


def _tail_at_most(n: int, k: int, p: int, tail: Fraction) -> bool:
    """Whether k or more of n draws, of the share p / grid, surely have at most that probability: the sum of
    C(n, j) p^j q^(n - j) for j = k .. n, the first exactly, each next from the one before, all rounded up.
    """
    q = _GRID - p
    if not q:
        return tail >= 1
    term = -(-(comb(n, k) * p**k * q ** (n - k) << _BITS) // _GRID**n)
    total = term
    for j in range(k, n):
        term = -(-term * (n - j) * p // ((j + 1) * q))
        total += term
        if term <= 1 and (n - j) * p <= (j + 1) * q:  # no later one is larger
            total += n - j
            break
    return bool(total * tail.denominator <= tail.numerator << _BITS)


def _beta_quantile(level: float, a: float, b: float) -> float:
    """About where the regularised incomplete beta function comes to a level, by halving."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _beta(middle, a, b) < level:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _beta(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function, by its continued fraction (Numerical Recipes, 6.4)."""
    if not 0 < x < 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    c, d = 1.0, 1 - (a + b) * x / (a + 1)
    d = 1 / (d if abs(d) > _TINY else _TINY)
    found = d
    for m in range(1, _TERMS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 + term * d
            d = 1 / (d if abs(d) > _TINY else _TINY)
            c = 1 + term / (c if abs(c) > _TINY else _TINY)
            found *= d * c
        if abs(d * c - 1) < 1e-14:
            break
    return front * found
