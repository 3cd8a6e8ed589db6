"""A sum of terms and multiples of equalities that is zero, with a term above zero: that a path has no execution.

First by normal form: a polynomial that must not be zero, or must be above zero, is zero once its quotients are cleared.
Then among more and more products of what is known and squares, by least squares in float64 (`least_squares.py`); the
columns that these use are solved for exactly. What is left over of a fit tells which square would help: the sum of
squares whose moment matrix has it as its most negative direction.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, combinations_with_replacement
from math import prod
from typing import Any

import numpy as np

from mechverify.engines.algebra.exact import solve
from mechverify.engines.algebra.knowledge import Knowledge
from mechverify.engines.algebra.least_squares import Floats, fit
from mechverify.engines.algebra.quotients import cleared, wanted_domains
from mechverify.engines.algebra.terms import (
    ONE,
    Equality,
    Reference,
    Term,
    degree_of,
    plus,
    product_of_terms,
    scaled,
    square_of,
    times,
)
from mechverify.engines.engine import Step
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.kernel.api import format_number
from mechverify.kernel.search import InvalidError, Number, Polynomial, normal

_MOST_CELLS = 1_500_000
_MOST_TERMS = 1_200
_MOST_BASE = 48
_MOST_BASIS = 28
_SQUARES = 10
_SHORT = 12
_STRICT = "strict"


@dataclass(frozen=True, slots=True)
class Level:
    """How large a sum may be: products of so many known things, of so high a degree; the degrees of monomials that
    multiply equalities, of those in squares, and of those in squares that multiply what is known."""

    products: int
    degree: int
    multipliers: int
    squares: int
    weighed: int


LEVELS = (Level(1, 4, 1, 0, 0), Level(2, 4, 2, 1, 0), Level(2, 4, 2, 1, 1), Level(2, 6, 2, 2, 1), Level(3, 6, 2, 1, 1))
QUICK = LEVELS[:2]
AT_ONCE = LEVELS[:1]


def contradiction(knowledge: Knowledge, levels: Sequence[Level], limit: float) -> Step | None:
    """The step that closes the path; None where none is found before so much work is done, in millions of steps."""
    try:
        return _by_normal_form(knowledge) or _by_sums(knowledge, levels, limit)
    except InvalidError:
        return None


# --- normal forms


def _by_normal_form(knowledge: Knowledge) -> Step | None:
    for one in knowledge.unlike:
        found = _vanishes(knowledge, one)
        if found is not None:
            return found
    for term in knowledge.terms:
        if term.strict and knowledge.signs[term.references[0]] == ">":
            plain = knowledge.cleared(term)
            if not plain.polynomial:
                return _step(knowledge, [(Fraction(1), plain)], {})
    return None


def _vanishes(knowledge: Knowledge, one: Equality) -> Step | None:
    """Where what must not be zero is, times what its quotients divide by: the square of that product is."""
    plain = Term(one.polynomial, one.polynomial, strict=True, references=(one.reference,))
    found = cleared(plain, knowledge.quotients, signed=False)
    if found.polynomial:
        return None
    references = [r for r in found.references for _ in range(1 if knowledge.signs[r] == "!=" else 2)]
    multiples = scaled(found.multiples, found.whole)
    whole = times(found.whole, found.whole)
    squared = Term({}, whole, strict=True, references=tuple(references), multiples=multiples)
    return _step(knowledge, [(Fraction(1), squared)], {})


# --- sums


def _by_sums(knowledge: Knowledge, levels: Sequence[Level], limit: float) -> Step | None:
    parts = [(part, _base(part)) for part in knowledge.parts()]
    for level in levels:
        for part, base in parts:
            found = _Search(part, level, base).run(limit) if work_done() < limit else None
            if found is not None:
                return found
    return None


def _base(knowledge: Knowledge) -> list[Term]:
    """What is known, with and without its quotients; strict things first."""
    ordered = sorted(knowledge.terms, key=lambda t: not t.strict)
    plain = [one for t in ordered if (one := knowledge.cleared(t)).polynomial != t.polynomial]
    return [*ordered[:_MOST_BASE], *plain[:_MOST_BASE]]


class _Search:
    def __init__(self, knowledge: Knowledge, level: Level, base: Sequence[Term]) -> None:
        self.knowledge, self.level = knowledge, level
        self.terms = [ONE, *base, *self._products(base)]
        self.variables = knowledge.variables()
        self.basis = self._basis(level.squares)
        if level.squares:
            wanted = (*knowledge.squared, *_plain_squares(self.basis, shifted=level.squares > 1))
            self.terms += [square_of(p) for p in wanted]
        if level.weighed:
            self.terms += self._weighed(base)
        self.free = list(self._multiples())

    def run(self, limit: float) -> Step | None:
        """A sum, squares being added as they are needed."""
        for k in range(_SQUARES if self.level.squares else 1):
            if k and work_done() > limit:
                break
            places = self._places()
            if len(places) * (len(self.terms) + len(self.free)) > _MOST_CELLS:
                return None
            spend(costs.EXACT_TERM * sum(len(t.polynomial) for t in self.terms))
            matrix = _matrix((self._column(t) for t in self.terms), len(self.terms), places)
            free = _matrix((p for _, _, p in self.free), len(self.free), places)
            weights = np.array([self._size(place) for place in places])
            matrix, free = matrix * weights[:, None], free * weights[:, None]
            wanted = np.zeros(len(places))
            wanted[places[_STRICT]] = 1.0
            found = fit(matrix, free, wanted)
            if found.exact:
                return self._exact(found.used)
            square = self._square(found.left * weights, places)
            if square is None:
                return None
            self.terms.append(square)
        return None

    def _products(self, base: Sequence[Term]) -> Iterator[Term]:
        equalities = self.knowledge.equalities
        count = 0
        for size in range(2, self.level.products + 1):
            for chosen in combinations_with_replacement(base, size):
                if sum(t.degree for t in chosen) > self.level.degree:
                    continue
                if count >= _MOST_TERMS:
                    return
                count += 1
                product = chosen[0]
                for one in chosen[1:]:
                    product = product_of_terms(product, one, equalities)
                yield product

    def _basis(self, degree: int) -> list[Polynomial]:
        found: list[Polynomial] = []
        for size in range(degree + 1):
            found += [{m: 1} for m in combinations_with_replacement(self.variables, size)]
        return found[:_MOST_BASIS]

    def _weighed(self, base: Sequence[Term]) -> Iterator[Term]:
        """What is known, times squares."""
        equalities = self.knowledge.equalities
        squares = [square_of(p) for p in _plain_squares(self._basis(self.level.weighed)[1:])]
        for term in base:
            if term.degree + 2 <= self.level.degree and len(base) * len(squares) <= _MOST_TERMS:
                yield from (product_of_terms(term, square, equalities) for square in squares)

    def _multiples(self) -> Iterator[tuple[Reference, Polynomial, Polynomial]]:
        """Equalities times monomials: the reference, the monomial, the product."""
        for size in range(self.level.multipliers + 1):
            for monomial in combinations_with_replacement(self.variables, size):
                for reference, one in self.knowledge.equalities.items():
                    if size <= 1 or size + degree_of(one) <= self.level.degree:
                        yield reference, {monomial: 1}, times(one, {monomial: 1})

    def _places(self) -> dict[Any, int]:
        found: dict[Any, int] = {_STRICT: 0}
        for polynomial in (*(t.polynomial for t in self.terms), *(p for _, _, p in self.free)):
            for monomial in polynomial:
                found.setdefault(monomial, len(found))
        return found

    def _size(self, place: object) -> float:
        """How large a monomial may be."""
        return prod(map(self.knowledge.size, place)) if isinstance(place, tuple) else 1.0

    @staticmethod
    def _column(term: Term) -> dict[Any, Number]:
        column: dict[Any, Number] = dict(term.polynomial)
        if term.strict:
            column[_STRICT] = 1
        return column

    def _square(self, left: Floats, places: Mapping[Any, int]) -> Term | None:
        """The square that what is left over asks for."""
        if len(self.basis) < 2:
            return None
        monomials = [next(iter(p)) for p in self.basis]
        moments = np.zeros((len(monomials), len(monomials)))
        for i, a in enumerate(monomials):
            for j, b in enumerate(monomials):
                place = places.get(tuple(sorted(a + b)))
                moments[i, j] = 0.0 if place is None else left[place]
        sizes, directions = np.linalg.eigh(moments)
        if sizes[-1] < 1e-9:
            return None
        direction = directions[:, -1] / directions[np.argmax(np.abs(directions[:, -1])), -1]
        short = [normal(Fraction(float(x)).limit_denominator(_SHORT)) for x in direction]
        found = square_of({m: x for m, x in zip(monomials, short, strict=True) if x})
        return None if any(t.squares == found.squares for t in self.terms) else found

    def _exact(self, used: Sequence[int]) -> Step | None:
        terms = [self.terms[k] for k in used]
        free = [p for _, _, p in self.free]
        found = solve([*free, *(self._column(t) for t in terms)], {_STRICT: 1})
        if found is None or min(found[len(free) :], default=Fraction(0)) < 0:
            return None
        multiples: dict[Reference, Polynomial] = {}
        for factor, (reference, monomial, _) in zip(found, self.free, strict=False):
            if factor:
                multiples[reference] = plus(multiples.get(reference, {}), monomial, normal(factor))
        return _step(self.knowledge, list(zip(found[len(free) :], terms, strict=True)), multiples)


def _plain_squares(basis: Sequence[Polynomial], *, shifted: bool = False) -> Iterator[Polynomial]:
    """What is squared: sums and differences of two monomials, and each by itself; ``shifted`` by 1 too."""
    for a, b in combinations(basis, 2):
        yield plus(a, b)
        yield plus(a, b, -1)
    yield from (p for p in basis if p != {(): 1})
    for a, b in combinations([p for p in basis if p != {(): 1}], 2) if shifted else ():
        yield from (plus(plus(a, b, sign), {(): 1}, shift) for sign in (1, -1) for shift in (1, -1))


def _matrix(columns: Iterable[Mapping[Any, Number]], count: int, places: Mapping[Any, int]) -> Floats:
    found = np.zeros((len(places), count))
    for k, column in enumerate(columns):
        for place, value in column.items():
            found[places[place], k] = float(value)
    return found


# --- the step


def _step(
    knowledge: Knowledge, terms: Sequence[tuple[Fraction, Term]], multiples: Mapping[Reference, Polynomial]
) -> Step | None:
    """The terms, with the multiples that they are short of; None for a parameter that no node is."""
    total = dict(multiples)
    rows = []
    for factor, term in terms:
        if not factor:
            continue
        squares = [_written(knowledge, square) for square in term.squares]
        rows.append([format_number(normal(factor)), squares, [list(r) for r in term.references]])
        for reference, multiple in term.multiples.items():
            total[reference] = plus(total.get(reference, {}), multiple, normal(-factor))
    written = [[_written(knowledge, p), list(r)] for r, p in total.items() if p]
    return ["positivstellensatz", wanted_domains(knowledge.domains), rows, written]


def _written(knowledge: Knowledge, polynomial: Polynomial) -> list[list[object]]:
    """Over nodes. Raises InvalidError for a parameter that no node is."""
    found: list[list[object]] = []
    for monomial, c in polynomial.items():
        nodes = []
        for x in monomial:
            if x >= 0 and x not in knowledge.inputs:
                raise InvalidError(f"no node is parameter {x}")
            nodes.append(~x if x < 0 else knowledge.inputs[x])
        found.append([format_number(c), nodes])
    return found
