"""Cleared of quotients, a term is the same at every point, but for positive factors."""

import random
from fractions import Fraction

import pytest

from mechverify.engines.algebra.quotients import Quotient, cleared
from mechverify.engines.algebra.terms import Equality, Term, known_term, plus, product_of_terms, square_of, times

X, Y, ONE = {(0,): 1}, {(1,): 1}, {(): 1}
Q, R = ~5, ~7  # q = x / y, r = (q + 1) / (2 x)
BOTTOMS = {Q: Y, R: {(0,): 2}}
TOPS = {Q: X, R: {(Q,): 1, (): 1}}
EQUALITIES = {("node", ~q, 0): plus(times({(q,): 1}, BOTTOMS[q]), TOPS[q], -1) for q in (Q, R)}


def quotients(sign):
    return [
        Quotient(q, TOPS[q], BOTTOMS[q], Equality(("node", ~q, 0), EQUALITIES["node", ~q, 0]), ("known", ~q), sign, factor)
        for q, factor in ((R, Fraction(-3)), (Q, 1))
    ]


def at(polynomial, point):
    total = Fraction(0)
    for monomial, c in polynomial.items():
        term = Fraction(c)
        for x in monomial:
            term *= point[x]
        total += term
    return total


def whole_is_polynomial_plus_multiples(term, equalities=EQUALITIES):
    total = term.polynomial
    for reference, factor in term.multiples.items():
        total = plus(total, times(factor, equalities[reference]))
    return total == term.whole


@pytest.mark.parametrize("sign", [">", "!="])
@pytest.mark.parametrize("seed", range(10))
def test_cleared(sign, seed):
    rng = random.Random(seed)
    monomials = [tuple(sorted(rng.choices([0, 1, Q, R], k=rng.randint(0, 3)))) for _ in range(4)]
    term = known_term(("known", 3), {m: Fraction(rng.randint(1, 5), 2) for m in monomials}, ">=")
    found = cleared(term, quotients(sign))
    assert not {x for m in found.polynomial for x in m} & {Q, R}
    assert whole_is_polynomial_plus_multiples(found)
    x, y = Fraction(rng.randint(1, 9)), Fraction(rng.randint(1, 9), 2)
    if sign == ">":
        x = -x  # the factor of the second bottom is negative
    point = {0: x, 1: y, Q: x / y, R: (x / y + 1) / (2 * x)}
    factor = Fraction(1)
    for reference in found.references[1:]:
        said = {~Q: y, ~R: -3 * 2 * x}[reference[1]]
        factor *= said if sign == ">" else said * said
    assert at(found.whole, point) == at(term.whole, point) * factor
    assert factor > 0


def test_products_keep_what_they_are_short_of():
    a = cleared(known_term(("known", 3), {(Q,): 1, (0,): 1}, ">"), quotients(">"))
    b = cleared(known_term(("known", 4), {(R, R): 1}, ">="), quotients(">"))
    for one, other in ((a, b), (b, a), (a, a), (a, square_of({(0,): 1, (1,): -1}))):
        product = product_of_terms(one, other, EQUALITIES)
        assert whole_is_polynomial_plus_multiples(product)
        assert product.whole == times(one.whole, other.whole)
        assert product.strict is (one.strict and other.strict)
    assert isinstance(a, Term)
