"""Float32 rounding: the error of each rounded operation, the exact grid, and the rounding function itself.

u = 2^-24, gamma(n) = n u / (1 - n u) = n / (2^24 - n). ETA = 2^-126 bounds what underflow, and the flushing
of a subnormal operand or result, can lose each time; it is counted twice to cover its own amplification.
"""

from fractions import Fraction

from .number import BITS, Number, ceil_scaled, magnitude, normal, ratio

PLACES = 24
UNIT = 1 << PLACES
ETA_EXPONENT = 126
LARGEST = 1 << 127
ETA = Fraction(1, 1 << ETA_EXPONENT)
HALF_SUBNORMAL = Fraction(1, 1 << 149)
_GUARD = 60
_OVERFLOW = (1 << 128) - (1 << 103)


def round_float32(value: Number) -> Number | None:
    """The float32 nearest to an exact value, ties to even, subnormals kept; None where it overflows."""
    size = magnitude(value)
    if size >= _OVERFLOW:
        return None
    if size == 0:
        return 0
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    if size < (1 << exponent if exponent >= 0 else Fraction(1, 1 << -exponent)):
        exponent -= 1
    step = max(exponent - PLACES + 1, -149)
    unit = Fraction(1 << step) if step >= 0 else Fraction(1, 1 << -step)
    return normal(round(value / unit) * unit)


def overflows(total: Number, n: int, bottom: int = 1) -> bool:
    """Whether an operation of n roundings on terms of absolute sum `total / bottom` may leave the range of float32."""
    return n >= UNIT or total * UNIT >= LARGEST * (UNIT - n) * bottom


def gamma_error(total: Number, n: int, losses: Number) -> Fraction:
    """gamma(n) * total + 2 * losses * 2^-126."""
    return Fraction(n, UNIT - n) * total + 2 * losses * ETA


def rounded_ends(low: int, high: int, total: int, bottom: int, n: int, losses: Number) -> tuple[Number, Number]:
    """[low, high] / bottom widened by gamma(n) * total / bottom + 2 * losses * 2^-126 on both sides, and by far less
    than that to short numbers."""
    error = -((-n * total << BITS) // ((UNIT - n) * bottom)) + ceil_scaled(losses, BITS + 1 - ETA_EXPONENT)
    spare = min(BITS, max(0, error.bit_length() - _GUARD))
    least, most = (low << BITS) // bottom - error, -((-high << BITS) // bottom) + error
    one = 1 << BITS - spare
    return ratio(least >> spare, one), ratio(-(-most >> spare), one)


def on_grid(total: Number, k: int | None, bottom: int = 1) -> bool:
    """Whether operands on the grid 2^-k, of absolute sum `total / bottom`, are added and multiplied without error."""
    return k is not None and k <= ETA_EXPONENT and total * (1 << k) <= UNIT * bottom
