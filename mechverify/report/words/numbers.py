"""Exact numbers as text: exact for programs, short for people."""

from collections.abc import Mapping
from fractions import Fraction
from math import isfinite

from mechverify.report.words.clean import one_line
from mechverify.results import Value

_EXACT_DIGITS = 40  # a decimal longer than this is written p/q
_SHORT_DIGITS = 12
_COUNT_DIGITS = 24  # a count longer than this is rounded for people
_SHOWN_INPUTS = 48
_CHUNK = 10**4000  # str() of an int refuses more than 4300 digits


def integer_text(value: int) -> str:
    """Decimal digits of an integer of any size."""
    if value < 0:
        return "-" + integer_text(-value)
    chunks = []
    while value >= _CHUNK:
        value, low = divmod(value, _CHUNK)
        chunks.append(str(low).zfill(4000))
    return "".join([str(value), *reversed(chunks)])


def decimal_text(value: Fraction) -> str | None:
    """The finite decimal expansion, None where there is none or it would take more than 40 places."""
    rest, twos, fives = value.denominator, 0, 0
    while rest % 2 == 0:
        rest, twos = rest // 2, twos + 1
    while rest % 5 == 0:
        rest, fives = rest // 5, fives + 1
    places = max(twos, fives)
    if rest != 1 or places > _EXACT_DIGITS:
        return None
    digits = integer_text(abs(value.numerator) * 10**places // value.denominator).zfill(places + 1)
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def exact_text(value: Fraction) -> str:
    """An exact number for programs: decimal if it ends within 40 places, otherwise ``p/q`` in lowest terms."""
    decimal = decimal_text(value)
    return decimal if decimal is not None else f"{integer_text(value.numerator)}/{integer_text(value.denominator)}"


def _rounded(value: Fraction) -> str:
    """Six significant digits, rounded half up in magnitude."""
    magnitude = abs(value)
    exponent = len(integer_text(magnitude.numerator)) - len(integer_text(magnitude.denominator))
    if magnitude < Fraction(10) ** exponent:
        exponent -= 1
    digits = int(magnitude / Fraction(10) ** (exponent - 5) + Fraction(1, 2))
    if digits == 10**6:
        digits, exponent = 10**5, exponent + 1
    sign = "-" if value < 0 else ""
    if -4 <= exponent < _SHORT_DIGITS:
        text = decimal_text(digits * Fraction(10) ** (exponent - 5)) or ""
    else:
        head = str(digits)
        text = f"{head[0]}.{head[1:]}".rstrip("0").rstrip(".") + f"e{exponent:+d}"
    return sign + (text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text)


def short_number(value: Fraction) -> str:
    """For people: exact where 12 digits suffice (integers: 24), or six and a power of ten; else ``≈`` and six."""
    decimal = decimal_text(value)
    if decimal is not None:
        limit = _COUNT_DIGITS if value.denominator == 1 else _SHORT_DIGITS
        if len(decimal.replace(".", "").lstrip("-0")) <= limit and len(decimal) <= limit + 8:
            return decimal
    rounded = _rounded(value)
    return rounded if Fraction(rounded) == value else f"≈ {rounded}"


def rough_size(value: Fraction) -> str:
    """The magnitude of a number in two digits: ``1.2e-4``."""
    magnitude = abs(value)
    if magnitude == 0:
        return "0"
    exponent = len(integer_text(magnitude.numerator)) - len(integer_text(magnitude.denominator))
    if magnitude < Fraction(10) ** exponent:
        exponent -= 1
    digits = int(magnitude / Fraction(10) ** (exponent - 1) + Fraction(1, 2))
    if digits == 100:
        digits, exponent = 10, exponent + 1
    return f"{digits // 10}.{digits % 10}e{exponent}"


def value_text(value: Value) -> str:
    """A value of a report for people."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(value_text(v) for v in value) + "]"
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return short_number(Fraction(value))


def equation(name: str, text: str) -> str:
    """``x = 1``, and ``x ≈ 0.333333`` for a value that is rounded."""
    return f"{name} {text}" if text.startswith("≈ ") else f"{name} = {text}"


def named_values(values: Mapping[str, Value]) -> str:
    """``x = 1, y = 2``; of many values the first ones."""
    shown = [equation(one_line(name), value_text(value)) for name, value in values.items()]
    more = len(shown) - _SHOWN_INPUTS
    if more > 0:
        shown = [*shown[:_SHOWN_INPUTS], f"and {more} more (all of them in the JSON)"]
    return ", ".join(shown)


def count_text(value: int) -> str:
    """A count for people: exact with thousands separators, powers of ten as such, very long ones rounded."""
    if value < 10**15:
        return f"{value:,}"
    digits = integer_text(value)
    if digits.rstrip("0") == "1":
        return f"10^{len(digits) - 1}"
    if len(digits) <= _COUNT_DIGITS:
        return f"{value:,}"
    head, _, power = _rounded(Fraction(value)).partition("e+")
    return f"about 10^{power}" if head == "1" else f"about {head} · 10^{power}"


def bracket_text(bracket: tuple[int, int]) -> str:
    """``1,000,001``, or ``between 5 and 9``."""
    low, high = bracket
    return count_text(low) if low == high else f"between {count_text(low)} and {count_text(high)}"


def plural(count: int, noun: str, nouns: str | None = None) -> str:
    """``1 input``, ``2 inputs``."""
    return f"{count_text(count)} {noun if count == 1 else nouns or noun + 's'}"


def seconds_text(seconds: float) -> str:
    """A duration in the unit that suits it."""
    if seconds < 0.001:
        return "under 1 ms"
    if seconds < 0.1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def bytes_text(size: int) -> str:
    """A file's size."""
    if size < 1000:
        return plural(size, "byte")
    return f"{size / 1000:.1f} kB" if size < 10**6 else f"{size / 10**6:.1f} MB"
