"""Polynomials of a path's parameters, with exact coefficients, small in every respect."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby

from .number import Number, normal

MAX_COEFFICIENT_BITS = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a polynomial may be, and how many pairs of terms a product may multiply."""

    terms: int
    degree: int
    products: int


SMALL = Limits(terms=256, degree=16, products=4096)

# The coefficient of each monomial; a monomial is its parameters in ascending order, () for the constant.
Polynomial = dict[tuple[int, ...], Number]
Ends = tuple[Number, Number]


def combined(
    parts: Iterable[tuple[Number, Polynomial]], constant: Number, limits: Limits = SMALL
) -> Polynomial | None:
    """constant + sum of factor * polynomial; None where that is not small."""
    found: Polynomial = {(): constant}
    for factor, part in parts:
        for monomial, c in part.items():
            found[monomial] = found.get(monomial, 0) + factor * c
        if len(found) > limits.terms:
            return None
    return small(found, limits)


def times(a: Polynomial, b: Polynomial, limits: Limits = SMALL) -> Polynomial | None:
    """The product; None where that is not small."""
    if len(a) * len(b) > limits.products:
        return None
    found: Polynomial = {}
    for one, c in a.items():
        for other, d in b.items():
            monomial = tuple(sorted(one + other))
            found[monomial] = found.get(monomial, 0) + c * d
    return small(found, limits)


def small(found: Polynomial, limits: Limits = SMALL) -> Polynomial | None:
    """The polynomial without terms that vanish; None where it has too many, too long or too high ones."""
    kept = {monomial: normal(c) for monomial, c in found.items() if c}
    long = any(map(is_long, kept.values()))
    high = max(map(len, kept), default=0) > limits.degree
    return None if long or high or len(kept) > limits.terms else kept


def is_long(c: Number) -> bool:
    """Whether a number is too long for a coefficient, or for an end of a parameter."""
    return max(c.numerator.bit_length(), c.denominator.bit_length()) > MAX_COEFFICIENT_BITS


def bounds_of(found: Polynomial, box: Mapping[int, Ends]) -> Ends:
    """Bounds of a polynomial on a box: the sum of those of its terms. The ends of a linear one are its own."""
    low: Number = 0
    high: Number = 0
    for monomial, c in found.items():
        ends: Ends = (c, c)
        for p, group in groupby(monomial):
            ends = _product(ends, _power(box[p], len(list(group))))
        low, high = low + ends[0], high + ends[1]
    return low, high


def _power(ends: Ends, n: int) -> Ends:
    low, high = ends[0] ** n, ends[1] ** n
    if n % 2 == 0:
        return (0 if ends[0] < 0 < ends[1] else min(low, high)), max(low, high)
    return low, high


def _product(a: Ends, b: Ends) -> Ends:
    corners = [x * y for x in a for y in b]
    return min(corners), max(corners)
