"""Products of what is known on a path, as polynomials, with what the kernel has to be told of them.

A monomial has p for a parameter and ~v for a node that stands for itself, as in `kernel/algebra/values.py`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.kernel.search import Number, Polynomial, Sign, product_of, sum_of

# How a step names what is known (docs/kernel.md, "positivstellensatz"), as data that can be hashed.
Reference = tuple[Any, ...]
Multiples = Mapping[Reference, Polynomial]


@dataclass(frozen=True, slots=True)
class Equality:
    """A polynomial that is zero on the path."""

    reference: Reference
    polynomial: Polynomial


@dataclass(frozen=True, slots=True)
class Term:
    """A product of squares and of what is known: ``whole`` written out, which is ``polynomial`` plus the ``multiples``
    of equalities. It is >= 0 on the path, > 0 if ``strict``.
    """

    polynomial: Polynomial
    whole: Polynomial
    strict: bool
    squares: tuple[Polynomial, ...] = ()
    references: tuple[Reference, ...] = ()
    multiples: Multiples = field(default_factory=dict)

    @property
    def degree(self) -> int:
        """The degree of the polynomial."""
        return degree_of(self.polynomial)


ONE = Term({(): 1}, {(): 1}, strict=True)


def known_term(reference: Reference, polynomial: Polynomial, sign: Sign) -> Term:
    """What is known, as a term: of what is not zero, its square."""
    found = times(polynomial, polynomial) if sign == "!=" else polynomial
    return Term(found, found, sign != ">=", references=(reference,))


def square_of(polynomial: Polynomial) -> Term:
    """A square."""
    found = times(polynomial, polynomial)
    return Term(found, found, strict=False, squares=(polynomial,))


def product_of_terms(a: Term, b: Term, equalities: Mapping[Reference, Polynomial]) -> Term:
    """The product of two terms: a (b + its multiples) + (a's multiples) b, written out."""
    whole = times(a.whole, b.whole)
    multiples = dict(scaled(b.multiples, a.polynomial))
    for reference, factor in scaled(a.multiples, b.whole).items():
        multiples[reference] = plus(multiples.get(reference, {}), factor)
    polynomial = whole
    for reference, factor in multiples.items():
        polynomial = plus(polynomial, times(factor, equalities[reference]), -1)
    return Term(
        polynomial, whole, a.strict and b.strict, a.squares + b.squares, a.references + b.references, multiples
    )


def scaled(multiples: Multiples, factor: Polynomial) -> dict[Reference, Polynomial]:
    """Each multiple times a polynomial."""
    return {reference: times(one, factor) for reference, one in multiples.items()}


def times(a: Polynomial, b: Polynomial) -> Polynomial:
    """The product. Raises InvalidError where the kernel would not take it."""
    spend(costs.EXACT_TERM * (1 + len(a) * len(b)))
    return product_of(a, b)


def plus(a: Polynomial, b: Polynomial, factor: Number = 1) -> Polynomial:
    """a + factor * b. Raises InvalidError where the kernel would not take it."""
    spend(costs.EXACT_TERM * (len(a) + len(b)))
    return sum_of((1, a), (factor, b))


def degree_of(polynomial: Polynomial) -> int:
    """The largest number of factors of a monomial."""
    return max(map(len, polynomial), default=0)


def variables_of(polynomials: Iterable[Polynomial]) -> set[int]:
    """What their monomials are made of."""
    return {x for one in polynomials for monomial in one for x in monomial}
