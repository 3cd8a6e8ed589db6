"""What is known of a value that is no polynomial of its arguments: equations and inequalities that it obeys.

v is the value, a and b its arguments, all polynomials. Each relation is a polynomial that is zero, or at least zero, in
every execution in which the arguments have values in the operation's domain.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from ..fault import InvalidError
from ..numbers.number import Number
from ..numbers.polynomial import Limits, Polynomial, combined, times

# What is known of a polynomial: it is 0, at least 0, above 0, not 0.
Sign = Literal["==", ">=", ">", "!="]
Domain = Literal["!=", ">=", ">"]

LARGE = Limits(terms=20_000, degree=64, products=20_000_000)


@dataclass(frozen=True, slots=True)
class Known:
    """A polynomial, and how it is related to zero."""

    polynomial: Polynomial
    sign: Sign


Relations = Callable[[Polynomial, Sequence[Polynomial]], Sequence[Known]]


@dataclass(frozen=True, slots=True)
class Algebra:
    """An operation by its relations. Where argument number `of` is not in the `domain`, it may have any value."""

    relations: Relations
    domain: Domain | None = None
    of: int = 0


def sum_of(*parts: tuple[Number, Polynomial]) -> Polynomial:
    """The sum of factor * polynomial. Raises `InvalidError` where that grows too large."""
    found = combined(parts, 0, LARGE)
    if found is None:
        raise InvalidError("a polynomial grows too large")
    return found


def product_of(a: Polynomial, b: Polynomial) -> Polynomial:
    """The product. Raises `InvalidError` where that grows too large."""
    found = times(a, b, LARGE)
    if found is None:
        raise InvalidError("a polynomial grows too large")
    return found


def _less(a: Polynomial, b: Polynomial) -> Polynomial:
    return sum_of((1, a), (-1, b))


def _of_quotient(v: Polynomial, args: Sequence[Polynomial]) -> Sequence[Known]:
    """v b = a."""
    a, b = args
    return (Known(_less(product_of(v, b), a), "=="),)


def _of_root(v: Polynomial, args: Sequence[Polynomial]) -> Sequence[Known]:
    """v v = a, v >= 0."""
    return Known(_less(product_of(v, v), args[0]), "=="), Known(v, ">=")


def _either(v: Polynomial, a: Polynomial, b: Polynomial) -> Sequence[Known]:
    """(v - a)(v - b) = 0, v >= a, v >= b."""
    over_a, over_b = _less(v, a), _less(v, b)
    return Known(product_of(over_a, over_b), "=="), Known(over_a, ">="), Known(over_b, ">=")


def _of_max(v: Polynomial, args: Sequence[Polynomial]) -> Sequence[Known]:
    return _either(v, args[0], args[1])


def _of_min(v: Polynomial, args: Sequence[Polynomial]) -> Sequence[Known]:
    """-v is the larger of -a and -b."""
    return _either(sum_of((-1, v)), sum_of((-1, args[0])), sum_of((-1, args[1])))


def _of_relu(v: Polynomial, args: Sequence[Polynomial]) -> Sequence[Known]:
    return _either(v, args[0], {})


def _of_abs(v: Polynomial, args: Sequence[Polynomial]) -> Sequence[Known]:
    return _either(v, args[0], sum_of((-1, args[0])))


def _no_relations(_v: Polynomial, _args: Sequence[Polynomial]) -> Sequence[Known]:
    return ()


def logarithms(u: Polynomial, a: Polynomial, w: Polynomial, b: Polynomial) -> Known:
    """u = log a and w = log b, a and b above 0: a - b - b (u - w) >= 0, from log t <= t - 1 at t = a / b, times b."""
    return Known(_less(_less(a, b), product_of(b, _less(u, w))), ">=")


QUOTIENT = Algebra(_of_quotient, "!=", 1)
ROOT = Algebra(_of_root, ">=")
LOGARITHM = Algebra(_no_relations, ">")
LARGER = Algebra(_of_max)
SMALLER = Algebra(_of_min)
POSITIVE_PART = Algebra(_of_relu)
MAGNITUDE = Algebra(_of_abs)
