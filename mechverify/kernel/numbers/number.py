"""Exact numbers: integers and reduced fractions, and their one canonical spelling."""

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm

from ..fault import InvalidError, UnreadableError

Number = int | Fraction

MAX_DIGITS = 4000
MAX_EXPONENT = 1 << 16
MAX_BITS = 1 << 17
BITS = 192  # ends of intervals that are no short numbers are multiples of 2^-BITS

_FEW = 8

_SPELLING = re.compile(r"(-?(?:0|[1-9][0-9]*))(?:(p-|/)([1-9][0-9]*))?", re.ASCII)


def parse_number(text: object) -> Number:
    """Read `"-12"`, `"3p-2"` or `"1/3"`. Any other spelling, or more than 4000 digits, raises `UnreadableError`."""
    if type(text) is not str or len(text) > 2 * MAX_DIGITS + 4:
        raise UnreadableError("a number must be a string of reasonable length")
    match = _SPELLING.fullmatch(text)
    if match is None or text == "-0":
        raise UnreadableError(f"not a number in canonical form: {text[:40]!r}")
    head, mark, tail = match.groups()
    if len(head) > MAX_DIGITS or (tail is not None and len(tail) > MAX_DIGITS):
        raise UnreadableError(f"a number has more than {MAX_DIGITS} digits")
    whole = int(head)
    if mark is None:
        return whole
    second = int(tail)
    if mark == "p-":
        if second > MAX_EXPONENT:
            raise UnreadableError(f"an exponent is beyond {MAX_EXPONENT}")
        if whole % 2 == 0:
            raise UnreadableError(f"the mantissa of a dyadic must be odd: {text[:40]!r}")
        return Fraction(whole, 1 << second)
    value = Fraction(whole, second)
    if value.denominator != second or second & (second - 1) == 0:
        raise UnreadableError(f"a fraction must be reduced, and dyadics are written MpE: {text[:40]!r}")
    return value


def format_number(value: Number) -> str:
    """The canonical spelling of an exact number; the inverse of `parse_number`."""
    top, bottom = value.numerator, value.denominator
    if bottom == 1:
        return str(top)
    if bottom & (bottom - 1) == 0:
        return f"{top}p-{bottom.bit_length() - 1}"
    return f"{top}/{bottom}"


def normal(value: Number) -> Number:
    """The same number, as an `int` where it is one."""
    return value.numerator if value.denominator == 1 else value


def magnitude(value: Number) -> Number:
    """The absolute value."""
    return value if value >= 0 else -value


def ratio(top: Number, bottom: Number) -> Number:
    """The exact quotient; `bottom` is not zero."""
    if type(top) is int and type(bottom) is int:
        return normal(Fraction(top, bottom))
    return normal(Fraction(top) / bottom)


def _common(bottoms: Iterable[int]) -> int:
    """The least common multiple, or `InvalidError` where it grows too long."""
    bottom = 1
    for one in bottoms:
        bottom = lcm(bottom, one)
        if bottom.bit_length() > MAX_BITS:
            raise InvalidError(f"a common denominator has grown beyond {MAX_BITS} bits")
    return bottom


def over_common(values: Sequence[Number]) -> tuple[list[int], int]:
    """The values as integers over one positive denominator, and that denominator. Raises `InvalidError` where that
    grows too long."""
    bottoms = [x.denominator for x in values]
    bottom = lcm(*bottoms) if len(bottoms) < _FEW else _common(set(bottoms))
    return [x.numerator * (bottom // x.denominator) for x in values], bottom


def floor_scaled(value: Number, bits: int) -> int:
    """The greatest integer N with N * 2^-bits <= value."""
    return (value.numerator << bits) // value.denominator


def ceil_scaled(value: Number, bits: int) -> int:
    """The least integer N with N * 2^-bits >= value."""
    return -((-value.numerator << bits) // value.denominator)


def grid_of(value: Number) -> int | None:
    """The least k >= 0 such that the value is a multiple of 2^-k; None if there is none."""
    bottom = value.denominator
    return None if bottom & (bottom - 1) else bottom.bit_length() - 1


def bounded(value: Number) -> Number:
    """The value, or `InvalidError` where it has grown beyond what an honest certificate needs."""
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise InvalidError(f"a number has grown beyond {MAX_BITS} bits")
    return value
