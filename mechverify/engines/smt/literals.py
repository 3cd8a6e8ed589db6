"""Numbers and sums as SMT-LIB text."""

from fractions import Fraction


def rational(value: Fraction | int) -> str:
    """A literal of sort Real."""
    exact = Fraction(value)
    top = f"{abs(exact.numerator)}.0"
    text = top if exact.denominator == 1 else f"(/ {top} {exact.denominator}.0)"
    return f"(- {text})" if exact < 0 else text


def integer(value: int) -> str:
    """A literal of sort Int."""
    return str(value) if value >= 0 else f"(- {-value})"


def sum_of(terms: list[str]) -> str:
    """One or more terms of one sort, added."""
    return terms[0] if len(terms) == 1 else f"(+ {' '.join(terms)})"


def zero(unit: int | None) -> str:
    """Zero as a Real (no unit) or as an Int."""
    return "0.0" if unit is None else "0"
