"""Confidence intervals for the mean of numbers from a known range, from a sample; rounded outward."""

from collections.abc import Sequence
from fractions import Fraction
from math import log, sqrt

from mechverify.probability.bracket import Bracket

_ABOVE = 1 + 1e-9  # more than what floats lose in these few operations


def mean_interval(values: Sequence[Fraction], within: Bracket, tail: Fraction) -> Bracket:
    """Each end fails with probability ``tail`` at most, whatever the distribution within the range: the narrower of
    Hoeffding's interval (J. Amer. Statist. Assoc. 58, 1963) and the empirical Bernstein interval of Maurer and Pontil
    (COLT 2009, theorem 4), each at half of it.
    """
    n = len(values)
    mean = sum(values, Fraction(0)) / n
    each, spread = float(tail) / 2, float(within.width) * _ABOVE
    hoeffding = spread * sqrt(log(1 / each) / (2 * n))
    off = hoeffding
    if n > 1:
        variance = float(sum(((v - mean) ** 2 for v in values), Fraction(0)) / (n - 1)) * _ABOVE
        bernstein = sqrt(2 * variance * log(2 / each) / n) + 7 * spread * log(2 / each) / (3 * (n - 1))
        off = min(hoeffding, bernstein)
    far = Fraction(off * _ABOVE)
    return Bracket(max(within.low, mean - far), min(within.high, mean + far))
