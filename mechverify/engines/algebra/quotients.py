"""Denominators cleared: a polynomial with quotients in it, times powers of what divides, is one without them.

Of q = a / b, b not zero, h = q b - a is zero. Where P is of degree k in q, P b^k is a polynomial in q b, and
(q b)^i = a^i + h (sum of (q b)^j a^(i-1-j), j < i). So the last quotient goes first: what it divides by has only
earlier ones in it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mechverify.engines.algebra.terms import Equality, Reference, Term, plus, scaled, times
from mechverify.kernel.search import Number, Polynomial, Sign


@dataclass(frozen=True, slots=True)
class Quotient:
    """A node that divides: its place in monomials, top and bottom as polynomials, and what says that the bottom is not
    zero: a comparison whose difference is ``factor`` times the bottom, or nothing, where that is the constant 1.
    """

    place: int
    top: Polynomial
    bottom: Polynomial
    equality: Equality
    grant: Reference | None
    sign: Sign
    factor: Number


def cleared(term: Term, quotients: Sequence[Quotient], *, signed: bool = True) -> Term:
    """The term times powers of what its quotients divide by, without quotients; ``quotients`` from the last one on.
    Where it is not ``signed``, its sign does not matter, and each factor has a reference of its own.
    """
    for one in quotients:
        k = max((monomial.count(one.place) for monomial in term.polynomial), default=0)
        if k:
            term = _without(term, one, k, signed=signed)
    return term


def _without(term: Term, one: Quotient, k: int, *, signed: bool) -> Term:
    """Times bottom^k, or the next even power where the bottom's sign is not known, and matters."""
    paired = signed and one.sign == "!="
    k += k % 2 if paired else 0
    said: Polynomial = {m: c * one.factor for m, c in one.bottom.items()}
    power = _power(said, k)
    references = () if one.grant is None else (one.grant,) * (k // 2 if paired else k)
    parts: dict[int, Polynomial] = {}
    for monomial, c in term.polynomial.items():
        rest = tuple(x for x in monomial if x != one.place)
        parts.setdefault(len(monomial) - len(rest), {})[rest] = c
    polynomial: Polynomial = {}
    multiple: Polynomial = {}
    product = times({(one.place,): 1}, one.bottom)
    for i, part in parts.items():
        outside = times(part, _power(one.bottom, k - i))
        polynomial = plus(polynomial, times(outside, _power(one.top, i)))
        inside: Polynomial = {}
        for j in range(i):
            inside = plus(inside, times(_power(product, j), _power(one.top, i - 1 - j)))
        multiple = plus(multiple, times(outside, inside))
    scale = one.factor**k
    multiples = scaled(term.multiples, power)
    reference = one.equality.reference
    multiples[reference] = plus(multiples.get(reference, {}), multiple, scale)
    return Term(
        plus({}, polynomial, scale),
        times(term.whole, power),
        term.strict,
        term.squares,
        term.references + references,
        multiples,
    )


def _power(a: Polynomial, n: int) -> Polynomial:
    found: Polynomial = {(): 1}
    for _ in range(n):
        found = times(found, a)
    return found


def wanted_domains(domains: Mapping[int, int]) -> list[list[int]]:
    """The first field of the step, in the order of the nodes."""
    return [[v, domains[v]] for v in sorted(domains)]
