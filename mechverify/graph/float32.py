"""Exact rounding to float32, for the feed of a model (SEMANTICS 4), and whether floats can be read as they are."""

from fractions import Fraction

import numpy as np

_LARGEST = Fraction(2**24 - 1) * 2**104
_OVERFLOW = Fraction(2**25 - 1) * 2**103
_LEAST_EXPONENT = -149
_SUBNORMAL = np.array([1], dtype=np.uint32).view(np.float32)

FLUSHES = "numbers below 2^-126 are flushed to zero in this process, so no weights can be read as they are"
FLUSHES_HINT = (
    "take torch.set_flush_denormal(True) out; where a library that was built with -ffast-math does it, call "
    "torch.set_flush_denormal(False) after its import"
)


def keeps_subnormals() -> bool:
    """Whether this thread reads and adds subnormal numbers, or takes them for zero: a mode of the processor that code
    of a model, or a library, can turn on.
    """
    twice = (_SUBNORMAL + _SUBNORMAL).view(np.uint32)
    return float(_SUBNORMAL[0]) == 2.0**_LEAST_EXPONENT and int(twice[0]) == 2


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
