"""Exact rounding to float32, for the feed of a model (SEMANTICS 4)."""

from fractions import Fraction

_LARGEST = Fraction(2**24 - 1) * 2**104
_OVERFLOW = Fraction(2**25 - 1) * 2**103
_LEAST_EXPONENT = -149


def round_to_float32(value: Fraction) -> Fraction | None:
    """The float32 nearest to ``value``, ties to even, subnormals included; None where it would be infinite."""
    top, bottom = value.numerator, value.denominator
    if -(2**24) <= top <= 2**24 and (bottom == 1 or (bottom <= 2**126 and bottom & (bottom - 1) == 0)):
        return value
    magnitude = abs(value)
    if magnitude >= _OVERFLOW:
        return None
    if magnitude == 0:
        return Fraction(0)
    exponent = magnitude.numerator.bit_length() - magnitude.denominator.bit_length()
    if magnitude < Fraction(2) ** exponent:
        exponent -= 1
    unit = Fraction(2) ** max(exponent - 23, _LEAST_EXPONENT)
    rounded = min(round(magnitude / unit) * unit, _LARGEST)
    return rounded if value > 0 else -rounded
