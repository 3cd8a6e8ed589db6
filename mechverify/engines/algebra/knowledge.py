"""What is known on a path, as polynomials: terms that are >= 0, equalities, quotients, logarithms."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import permutations

from mechverify.engines.algebra.quotients import Quotient, cleared
from mechverify.engines.algebra.terms import Equality, Reference, Term, known_term, variables_of
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.kernel.search import (
    OPERATIONS,
    InvalidError,
    Known,
    LinearFact,
    NodePolynomials,
    Polynomial,
    Sign,
    SignFact,
    State,
    multiple_of,
)

_MOST_LOGARITHMS = 12


@dataclass(slots=True)
class Knowledge:
    """``domains``: for nodes that have one, the comparison that says that the argument is in it. ``terms`` have the
    reference that each is of as the only one; ``unlike`` are the polynomials that are not zero, ``squared`` those that
    the path squares, ``inputs`` the nodes that are parameters."""

    state: State
    values: NodePolynomials = field(init=False)
    domains: dict[int, int] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    unlike: list[Equality] = field(default_factory=list)
    equalities: dict[Reference, Polynomial] = field(default_factory=dict)
    quotients: list[Quotient] = field(default_factory=list)
    signs: dict[Reference, Sign] = field(default_factory=dict)
    squared: list[Polynomial] = field(default_factory=list)
    inputs: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.values = NodePolynomials(self.state)
        nodes = self.state.prepared.problem.nodes
        comparisons = [w for w in sorted(self.state.known) if OPERATIONS[nodes[w].op].compares]
        order = self.state.prepared.problem.cone(comparisons)
        spend(costs.NODE * len(order) * (1 + len(comparisons)))
        self._grant([v for v in order if not nodes[v].boolean], comparisons)
        for w in comparisons:
            self._note_known(w)
        for f, fact in enumerate(self.state.facts):
            if isinstance(fact, LinearFact):
                self._note(("fact", f), Known(self.values.linear(fact.form), ">="))
            elif isinstance(fact, SignFact):
                self._note_sign(f, fact)
        self._note_relations()
        self._note_bounds()
        for v in order:
            if OPERATIONS[nodes[v].op].product and nodes[v].args[0] == nodes[v].args[1] and self._has_value(v):
                self.squared.append(self.values.of(nodes[v].args[0]))
            if nodes[v].op == "input":
                of = self.state.values[nodes[v].index]
                if not of.constant and list(of.terms.values()) == [1]:
                    self.inputs.setdefault(next(iter(of.terms)), v)

    def variables(self) -> list[int]:
        """What the terms and equalities are made of."""
        return sorted(variables_of([*(t.polynomial for t in self.terms), *self.equalities.values()]))

    def size(self, x: int) -> float:
        """How large a parameter may be; of a node no more than 1 is supposed."""
        one = self.state.live.get(x)
        return 1.0 if one is None else min(max(abs(float(one.low)), abs(float(one.high)), 1e-6), 1e6)

    def cleared(self, term: Term) -> Term:
        """The term without quotients."""
        return cleared(term, self.quotients)

    # --- what is known

    def _note(self, reference: Reference, known: Known) -> None:
        if not known.polynomial and known.sign in ("==", ">="):
            return
        self.signs[reference] = known.sign
        if known.sign == "==":
            self.equalities[reference] = known.polynomial
        else:
            self.terms.append(known_term(reference, known.polynomial, known.sign))
            if known.sign == "!=":
                self.unlike.append(Equality(reference, known.polynomial))

    def _note_known(self, w: int) -> None:
        try:
            self._note(("known", w), self.values.known(w))
        except InvalidError:
            return

    def _note_sign(self, f: int, fact: SignFact) -> None:
        try:
            self._note(("fact", f), self.values.signed(fact))
        except InvalidError:
            return

    def _note_relations(self) -> None:
        nodes = self.state.prepared.problem.nodes
        seen: set[int] = set()
        while True:
            left = {x for x in self.variables() if x < 0} - seen
            if not left:
                break
            for x in sorted(left):
                seen.add(x)
                for k, known in enumerate(self.values.relations(~x)):
                    self._note(("node", ~x, k), known)
        logarithms = [~x for x in sorted(seen, reverse=True) if nodes[~x].op == "log"]
        for pair in permutations([None, *logarithms[:_MOST_LOGARITHMS]], 2):
            self._note(("log", *pair), self.values.logarithms(*pair))
        for v in sorted(self.domains, reverse=True):
            if nodes[v].op == "div" and ~v in seen:
                self._note_quotient(v, self.domains[v])

    def _note_quotient(self, v: int, w: int) -> None:
        top, bottom = (self.values.of(a) for a in self.state.prepared.problem.nodes[v].args)
        said = self.values.known(w)
        factor = multiple_of(said.polynomial, bottom)
        if factor is not None:
            reference: Reference = ("node", v, 0)
            equality = Equality(reference, self.equalities[reference])
            self.quotients.append(Quotient(~v, top, bottom, equality, ("known", w), said.sign, factor))

    def _note_bounds(self) -> None:
        for p in self.variables():
            if p >= 0:
                one = self.state.live[p]
                self._note(("low", p), Known({(p,): 1, (): -one.low} if one.low else {(p,): 1}, ">="))
                self._note(("high", p), Known({(p,): -1, (): one.high} if one.high else {(p,): -1}, ">="))

    # --- what has a value

    def _grant(self, numbers: list[int], comparisons: list[int]) -> None:
        nodes = self.state.prepared.problem.nodes
        for v in numbers:
            algebra = OPERATIONS[nodes[v].op].algebra
            if algebra is None or algebra.domain is None or nodes[v].rounded or self._has_value(v):
                continue
            for w in self._strict_first(comparisons):
                try:
                    self.values.grant(v, w)
                except InvalidError:
                    continue
                self.domains[v] = w
                break

    def _has_value(self, v: int) -> bool:
        try:
            self.values.of(v)
        except InvalidError:
            return False
        return True

    def _strict_first(self, comparisons: list[int]) -> Iterator[int]:
        """Comparisons that give a sign before those that only say what a number is not."""
        nodes, known = self.state.prepared.problem.nodes, self.state.known
        yield from (w for w in comparisons if nodes[w].op != "eq")
        yield from (w for w in comparisons if nodes[w].op == "eq" and not known[w])
