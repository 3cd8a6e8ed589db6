"""Float32 operations on two constants, where every execution gives the same number.

A runtime computes what depends on no input once, and may then treat it as it treats a weight. One operation that
rounds to nearest is the same number in every execution of SEMANTICS 6, unless something in it may be flushed to zero
or a quotient may be a product with the rounded reciprocal.
"""

from fractions import Fraction

_SMALLEST_NORMAL = Fraction(1, 2**126)
_LARGEST = Fraction(2**128 - 2**104)


def folded_sum(a: Fraction, b: Fraction) -> Fraction | None:
    """The float32 nearest to a + b, None where executions may differ. a and b are float32 values."""
    return _rounded(a + b) if _kept(a) and _kept(b) else None


def folded_product(a: Fraction, b: Fraction) -> Fraction | None:
    """The float32 nearest to a * b, None where executions may differ. a and b are float32 values."""
    return _rounded(a * b) if _kept(a) and _kept(b) else None


def folded_quotient(a: Fraction, b: Fraction) -> Fraction | None:
    """The float32 nearest to a / b, None where executions may differ. a and b are float32 values."""
    if not (_kept(a) and _kept(b)) or b == 0:
        return None
    reciprocal = _rounded(1 / b)
    if reciprocal is None or _rounded(a * reciprocal) != _rounded(a / b):
        return None
    return _rounded(a / b)


def _kept(value: Fraction) -> bool:
    """Whether the value is never flushed to zero."""
    return value == 0 or abs(value) >= _SMALLEST_NORMAL


def _rounded(value: Fraction) -> Fraction | None:
    """The nearest float32, ties to even; None near and beyond the ends of the normal range."""
    if value == 0:
        return value
    if not 2 * _SMALLEST_NORMAL <= abs(value) <= _LARGEST:
        return None
    exponent = value.numerator.bit_length() - value.denominator.bit_length()
    step = Fraction(2) ** (exponent - 24)
    count = round(value / step)
    if abs(count) >= 2**24:
        step *= 2
        count = round(value / step)
    return count * step
