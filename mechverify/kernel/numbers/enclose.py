"""Enclosures of sqrt, exp and log on intervals of fixed-point integers, rounded outward.

An integer x at `bits` stands for x * 2^-bits. Each function takes the ends of an interval and returns the ends
of an interval that contains every value of the function on it. The three functions are increasing, so only the
lower bound at the lower end and the upper bound at the upper end matter.
"""

from functools import lru_cache
from math import isqrt

EXP_LIMIT = 4096


def sqrt_bounds(low: int, high: int, bits: int) -> tuple[int, int]:
    """Square roots of [low, high], 0 <= low."""
    root = isqrt(high << bits)
    return isqrt(low << bits), root if root * root == high << bits else root + 1


def exp_bounds(low: int, high: int, bits: int) -> tuple[int, int] | None:
    """Exponentials of [low, high]; None where the upper end exceeds 4096. exp(-4096) < 2^-4096 is below every scale."""
    if high > EXP_LIMIT << bits:
        return None
    return _exp(low, bits)[0], _exp(high, bits)[1]


def log_bounds(low: int, high: int, bits: int) -> tuple[int, int]:
    """Natural logarithms of [low, high], 0 < low."""
    return _log(low, bits)[0], _log(high, bits)[1]


def ceil_shift(value: int, bits: int) -> int:
    """value / 2^bits, rounded up."""
    return -(-value >> bits)


def _exp(x: int, bits: int) -> tuple[int, int]:
    """Taylor series of exp(r), r = |x| / 2^s < 2^-7, then s squarings. The tail beyond a term is below that term."""
    if x < -EXP_LIMIT << bits:
        return 0, 1
    size = abs(x)
    squarings = max(0, size.bit_length() - bits + 8)
    work = bits + 2 * squarings + 32
    r = size << (work - bits - squarings)
    low = high = term_low = term_high = 1 << work
    n = 0
    while term_high > 1:
        n += 1
        term_low = (term_low * r >> work) // n
        term_high = -(-ceil_shift(term_high * r, work) // n)
        low += term_low
        high += term_high
    high += term_high
    for _ in range(squarings):
        low = low * low >> work
        high = ceil_shift(high * high, work)
    if x < 0:
        one = 1 << (work + bits)
        return one // high, -(-one // low)
    return low >> (work - bits), ceil_shift(high, work - bits)


def _atanh(top: int, bottom: int, work: int) -> tuple[int, int]:
    """atanh(z) = sum z^(2k+1) / (2k+1), z = top / bottom in [0, 1/3]; the tail is below the last power of z."""
    power_low, power_high = (top << work) // bottom, -((-top << work) // bottom)
    square_low, square_high = power_low * power_low >> work, ceil_shift(power_high * power_high, work)
    low, high, n = power_low, power_high, 1
    while power_high > 1:
        n += 2
        power_low = power_low * square_low >> work
        power_high = ceil_shift(power_high * square_high, work)
        low += power_low // n
        high += -(-power_high // n)
    return low, high + power_high


@lru_cache(maxsize=8)
def _log_two(work: int) -> tuple[int, int]:
    low, high = _atanh(1, 3, work)
    return 2 * low, 2 * high


def _log(x: int, bits: int) -> tuple[int, int]:
    """log(x) = 2 atanh((m - 1) / (m + 1)) + e log 2 with x = m 2^e, 1 <= m < 2."""
    size = x.bit_length() - 1
    exponent = size - bits
    work = bits + 32 + exponent.bit_length()
    low, high = _atanh(x - (1 << size), x + (1 << size), work)
    two_low, two_high = _log_two(work)
    if exponent < 0:
        two_low, two_high = two_high, two_low
    low, high = 2 * low + exponent * two_low, 2 * high + exponent * two_high
    return low >> (work - bits), ceil_shift(high, work - bits)
