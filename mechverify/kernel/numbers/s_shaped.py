"""Enclosures of the logistic function, tanh and erf on intervals of fixed-point integers, rounded outward.

As in `enclose.py`: an integer x at `bits` stands for x * 2^-bits, and as the three functions are increasing, only the
lower bound at the lower end and the upper bound at the upper end matter.
"""

from functools import lru_cache
from math import isqrt

from .enclose import ceil_shift, exp_bounds

_SPARE = 32


def sigmoid_bounds(low: int, high: int, bits: int) -> tuple[int, int]:
    """1 / (1 + exp(-x)) on [low, high]."""
    return _sigmoid(low, bits)[0], _sigmoid(high, bits)[1]


def tanh_bounds(low: int, high: int, bits: int) -> tuple[int, int]:
    """tanh(x) = 2 sigmoid(2 x) - 1 on [low, high]."""
    one = 1 << (bits + _SPARE)
    below = 2 * _sigmoid(2 * low << _SPARE, bits + _SPARE)[0] - one
    above = 2 * _sigmoid(2 * high << _SPARE, bits + _SPARE)[1] - one
    return below >> _SPARE, -(-above >> _SPARE)


def erf_bounds(low: int, high: int, bits: int) -> tuple[int, int]:
    """erf(x) = 2 / sqrt(pi) times the integral of exp(-t^2) from 0 to x, on [low, high]."""
    return _erf(low, bits)[0], _erf(high, bits)[1]


def sigmoid_slope(x: int, bits: int) -> tuple[int, int]:
    """s (1 - s), s = sigmoid(x); it falls as |x| grows, so that s is taken for |x|: then 1/2 <= s <= 1."""
    low, high = _sigmoid(abs(x), bits)
    return high * ((1 << bits) - high) >> bits, ceil_shift(low * ((1 << bits) - low), bits)


def tanh_slope(x: int, bits: int) -> tuple[int, int]:
    """1 - tanh(x)^2."""
    low, high = tanh_bounds(abs(x), abs(x), bits)
    one = 1 << (2 * bits)
    return (one - high * high) >> bits, ceil_shift(one - low * low, bits)


def erf_slope(x: int, bits: int) -> tuple[int, int]:
    """2 exp(-x^2) / sqrt(pi)."""
    low, high = exp_bounds(-x * x, -x * x, 2 * bits) or (0, 1)
    root_low, root_high = _root_of_pi(bits + _SPARE)
    return (low << (1 + _SPARE)) // root_high, -((-high << (1 + _SPARE)) // root_low)


def _sigmoid(x: int, bits: int) -> tuple[int, int]:
    """1 / (1 + E) for x >= 0 and E / (1 + E) for x < 0, E = exp(-|x|) <= 1; the latter grows with E."""
    work = bits + _SPARE
    found = exp_bounds(-abs(x) << _SPARE, -abs(x) << _SPARE, work)
    small, large = (0, 1) if found is None else found
    one = 1 << work
    if x >= 0:
        return (one << bits) // (one + large), -((-one << bits) // (one + small))
    return (small << bits) // (one + small), -((-large << bits) // (one + large))


def _erf(x: int, bits: int) -> tuple[int, int]:
    """For x >= 0: 2 / sqrt(pi) exp(-x^2) times the sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)), whose terms are positive;
    once a term is at most half of the one before it, the tail beyond it is below it. Where x >= 1 and x^2 is
    at least 0.7 bits, which is more than bits log 2, 1 - erf(x) < exp(-x^2) < 2^-bits is below the scale.
    """
    if x < 0:
        low, high = _erf(-x, bits)
        return -high, -low
    one = 1 << bits
    square = x * x  # at 2 bits
    if x >= one and 10 * square >= 7 * bits << (2 * bits):
        return one - 1, one
    work = 2 * bits + _SPARE
    decay = exp_bounds(-square << _SPARE, -square << _SPARE, work) or (0, 1)
    low = high = term_low = term_high = x << (work - bits)
    twice = 2 * square << _SPARE  # 2 x^2 at work
    n = 1
    while term_high > 1 or twice << 1 > n << work:
        n += 2
        term_low = (term_low * twice >> work) // n
        term_high = -(-ceil_shift(term_high * twice, work) // n)
        low += term_low
        high += term_high
    high += term_high
    root_low, root_high = _root_of_pi(work)
    low = (2 * low * decay[0]) // root_high
    high = -((-2 * high * decay[1]) // root_low)
    return low >> (work - bits), min(one, ceil_shift(high, work - bits))


@lru_cache(maxsize=8)
def _root_of_pi(work: int) -> tuple[int, int]:
    """sqrt(pi), with pi = 16 atan(1/5) - 4 atan(1/239)."""
    first_low, first_high = _atan_of_reciprocal(5, work)
    second_low, second_high = _atan_of_reciprocal(239, work)
    low, high = 16 * first_low - 4 * second_high, 16 * first_high - 4 * second_low
    return isqrt(low << work), isqrt(high << work) + 1


def _atan_of_reciprocal(k: int, work: int) -> tuple[int, int]:
    """atan(1/k) as the alternating sum of k^-(2n+1) / (2n+1), k > 1: sums that end on a negative term are below it, on
    a positive term above it. Each term is rounded down, by less than 1.
    """
    total, count, power, n = 0, 0, (1 << work) // k, 1
    while power:
        total += power // n if count % 2 == 0 else -(power // n)
        count += 1
        n += 2
        power = (1 << work) // k**n
    return total - 2 * count - 1, total + 2 * count + 1
