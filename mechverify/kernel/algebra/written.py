"""The terms and multiples of a step `positivstellensatz`, as polynomials of a path."""

from ..cursor import Step, step_index, step_list, step_number
from ..numbers.number import normal
from ..numbers.polynomial import Polynomial
from ..plan import Linear
from ..reading.reader import Json
from ..state import LinearFact, SignFact, State
from .relations import Known, product_of, sum_of
from .values import NodePolynomials


class SumReader:
    """Reads the terms and multiples of one step, on the path where it stands."""

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
    "known": SumReader.comparison,
    "fact": SumReader.fact,
    "low": SumReader.low,
    "high": SumReader.high,
    "node": SumReader.relation,
    "log": SumReader.logarithms,
}

