"""`["positivstellensatz", domains, terms, multiples]`: no execution agrees with the path, since a sum is 0 and above 0.

Side conditions:
- domains: `[v, w]`, in the order given: v has a domain, and w, a comparison known on the path, says that its argument
  is in it, by a positive multiple of the argument, or any multiple where it must only not be 0 (`algebra/values.py`);
- terms: `[c, [square, ...], [known, ...]]`: c > 0; a square is a polynomial, which counts squared; what is known is at
  least 0, above 0, or not 0, which counts squared; no equality;
- multiples: `[polynomial, known]`: what is known is an equality;
- a polynomial is `[[c, [v, ...]], ...]`: a sum of c times the product of number nodes, of which each has a polynomial;
- all terms and multiples, written out over the path's parameters and the nodes that stand for themselves, add up to the
  zero polynomial;
- one term at least has no squares, and nothing known in it that is only at least 0.

What is known: `["known", w]`, a comparison known on the path; `["fact", f]`, a fact that is a sign or a linear form;
`["low", p]`, `["high", p]`, a bound of a live parameter; `["node", v, k]`, relation k of a node that stands for itself;
`["log", u, w]`, two logarithms, null for that of 1.

Why it is sound: in an execution that agrees with the path each node used has a real value, the terms are >= 0, one of
them is > 0, the multiples are 0, and so is the sum of all: there is no such execution. (By Krivine 1964 and Stengle
1974 there is such a sum wherever polynomials contradict each other over the reals.)
"""

from ..algebra.relations import Known, product_of, sum_of
from ..algebra.values import NodePolynomials
from ..cursor import Step, step_index, step_list, step_number
from ..numbers.number import normal
from ..numbers.polynomial import Polynomial
from ..plan import Linear
from ..reading.reader import Json
from ..state import LinearFact, SignFact, State


def positivstellensatz(state: State, step: Step) -> list[State]:
    """No children: the branch is closed here, or the step is invalid."""
    step.arity(3)
    reader = _SumReader(state, step)
    for raw in step_list(step.fields[1]):
        raw_v, raw_w = step_list(raw, 2)
        reader.values.grant(step_index(raw_v, reader.size), step_index(raw_w, reader.size))
    total: Polynomial = {}
    strict = False
    for raw in step_list(step.fields[2]):
        term, positive = reader.term(raw)
        total, strict = sum_of((1, total), (1, term)), strict or positive
        step.count(len(total))
    for raw in step_list(step.fields[3]):
        total = sum_of((1, total), (1, reader.multiple(raw)))
        step.count(len(total))
    if not strict:
        raise step.invalid("no term is above zero")
    if total:
        raise step.invalid("the terms and multiples do not add up to zero")
    return []


class _SumReader:
    def __init__(self, state: State, step: Step) -> None:
        self.state, self.step, self.values = state, step, NodePolynomials(state)
        self.size = len(state.prepared.problem.nodes)

    def term(self, raw: Json) -> tuple[Polynomial, bool]:
        """A term, and whether it is above zero."""
        raw_c, raw_squares, raw_known = step_list(raw, 3)
        c = step_number(raw_c)
        if c <= 0:
            raise self.step.invalid("the factor of a term is not above zero")
        squares = step_list(raw_squares)
        found: Polynomial = {(): c}
        positive = not squares
        for raw_square in squares:
            square = self.polynomial(raw_square)
            found = self.product(self.product(found, square), square)
        for raw_one in step_list(raw_known):
            one = self.known(raw_one)
            if one.sign == "==":
                raise self.step.invalid("an equality is no part of a term")
            positive = positive and one.sign != ">="
            found = self.product(found, one.polynomial)
            if one.sign == "!=":
                found = self.product(found, one.polynomial)
        return found, positive

    def multiple(self, raw: Json) -> Polynomial:
        """A polynomial times what is zero."""
        raw_polynomial, raw_known = step_list(raw, 2)
        one = self.known(raw_known)
        if one.sign != "==":
            raise self.step.invalid("a multiple is of an equality")
        return self.product(self.polynomial(raw_polynomial), one.polynomial)

    def polynomial(self, raw: Json) -> Polynomial:
        """A polynomial over number nodes, written out."""
        found: Polynomial = {}
        for raw_term in step_list(raw):
            raw_c, raw_nodes = step_list(raw_term, 2)
            part: Polynomial = {(): normal(step_number(raw_c))}
            for raw_v in step_list(raw_nodes):
                part = self.product(part, self.values.of(step_index(raw_v, self.size)))
            found = sum_of((1, found), (1, part))
        return found

    def product(self, a: Polynomial, b: Polynomial) -> Polynomial:
        self.step.count(1 + len(a) * len(b))
        return product_of(a, b)

    def known(self, raw: Json) -> Known:
        """What a reference says."""
        fields = step_list(raw)
        rule = _REFERENCES.get(fields[0]) if fields and type(fields[0]) is str else None
        if rule is None:
            raise self.step.invalid("something known is named in no way that there is")
        return rule(self, fields[1:])

    def comparison(self, fields: list[Json]) -> Known:
        (raw_w,) = step_list(fields, 1)
        return self.values.known(step_index(raw_w, self.size))

    def fact(self, fields: list[Json]) -> Known:
        (raw_f,) = step_list(fields, 1)
        fact = self.state.facts[step_index(raw_f, len(self.state.facts))]
        if isinstance(fact, LinearFact):
            return Known(self.values.linear(fact.form), ">=")
        if isinstance(fact, SignFact):
            return self.values.signed(fact)
        raise self.step.invalid("a fact of a node is named by the node")

    def low(self, fields: list[Json]) -> Known:
        p = self.parameter(fields)
        return Known(self.values.linear(Linear(-self.state.live[p].low, {p: 1})), ">=")

    def high(self, fields: list[Json]) -> Known:
        p = self.parameter(fields)
        return Known(self.values.linear(Linear(self.state.live[p].high, {p: -1})), ">=")

    def parameter(self, fields: list[Json]) -> int:
        (raw_p,) = step_list(fields, 1)
        p = step_index(raw_p, len(self.state.values))
        if p not in self.state.live:
            raise self.step.invalid(f"there is no live parameter {p}")
        return p

    def relation(self, fields: list[Json]) -> Known:
        raw_v, raw_k = step_list(fields, 2)
        found = self.values.relations(step_index(raw_v, self.size))
        return found[step_index(raw_k, len(found))]

    def logarithms(self, fields: list[Json]) -> Known:
        u, w = (None if raw is None else step_index(raw, self.size) for raw in step_list(fields, 2))
        return self.values.logarithms(u, w)


_REFERENCES = {
    "known": _SumReader.comparison,
    "fact": _SumReader.fact,
    "low": _SumReader.low,
    "high": _SumReader.high,
    "node": _SumReader.relation,
    "log": _SumReader.logarithms,
}

