"""Numbers that a person can read, near others."""

from fractions import Fraction

_MOST_DIGITS = 40


def rounded(value: Fraction, digits: int, *, up: bool) -> Fraction:
    """The number with that many significant decimal digits next to a value, or the value itself, up or down."""
    if value == 0:
        return value
    unit = _unit(value, digits)
    steps = value / unit
    whole = -((-steps.numerator) // steps.denominator) if up else steps.numerator // steps.denominator
    return whole * unit


def between(low: Fraction, high: Fraction) -> Fraction:
    """The number of fewest digits in the middle half of ``low`` .. ``high``, ``low`` below ``high``."""
    quarter = (high - low) / 4
    middle = (low + high) / 2
    for digits in range(1, _MOST_DIGITS):
        for up in (False, True):
            found = rounded(middle, digits, up=up)
            if low + quarter <= found <= high - quarter:
                return found
    return middle


def below(value: Fraction, digits: int) -> Fraction:
    """A number of that many significant digits just below a value."""
    found = rounded(value, digits, up=False)
    return found if found < value else value - _unit(value, digits)


def _unit(value: Fraction, digits: int) -> Fraction:
    """The place value of the last of that many significant digits; that of 1 for zero."""
    magnitude, power = abs(value) or Fraction(1), Fraction(1)
    while magnitude >= 10 * power:
        power *= 10
    while magnitude < power:
        power /= 10
    return power / Fraction(10) ** (digits - 1)
