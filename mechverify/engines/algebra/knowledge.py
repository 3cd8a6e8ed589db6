"""What is known on a path, as polynomials: terms that are >= 0, equalities, quotients, logarithms."""

from collections.abc import Iterator
from copy import copy
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
_FEW_LOGARITHMS = 2


@dataclass(slots=True)
class Knowledge:
    """``domains``: for nodes that have one, the comparison that says that the argument is in it. ``terms`` have the
    reference that each is of as the only one; ``unlike`` are the polynomials that are not zero, ``squared`` those that
    the path squares, ``inputs`` the nodes that are parameters, ``open`` those of which nothing says that they have a
    value."""

    state: State
    values: NodePolynomials = field(init=False)
    domains: dict[int, int] = field(default_factory=dict)
    terms: list[Term] = field(default_factory=list)
    unlike: list[Equality] = field(default_factory=list)
    equalities: dict[Reference, Polynomial] = field(default_factory=dict)
    quotients: list[Quotient] = field(default_factory=list)
    signs: dict[Reference, Sign] = field(default_factory=dict)
    open: list[int] = field(default_factory=list)
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

    def parts(self) -> list["Knowledge"]:
        """What is known, by what shares variables: a contradiction lies in one part. First those of the claim."""
        problem = self.state.prepared.problem
        asked = set(problem.cone((problem.claim,)))
        groups: list[set[int]] = []
        for polynomial in (*(t.polynomial for t in self.terms), *self.equalities.values()):
            own = variables_of([polynomial])
            touched = [g for g in groups if g & own]
            groups = [g for g in groups if not g & own] + ([own.union(*touched)] if own else [])
        found = []
        for group in groups or [set()]:
            part = copy(self)
            part.terms = [t for t in self.terms if variables_of([t.polynomial]) <= group]
            part.unlike = [one for one in self.unlike if variables_of([one.polynomial]) <= group]
            part.equalities = {r: p for r, p in self.equalities.items() if variables_of([p]) <= group}
            part.squared = [p for p in self.squared if variables_of([p]) <= group]
            references = {r for t in part.terms for r in t.references}
            found.append((not any(r[0] == "known" and r[1] in asked for r in references), part))
        return [part for _, part in sorted(found, key=lambda one: one[0])]

    def cleared(self, term: Term) -> Term:
        """The term without quotients."""
        return cleared(term, self.quotients)

    def domain_of(self, comparisons: list[int]) -> int | None:
        """A comparison whose truth would say that an open node has a value; None where there is none."""
        nodes = self.state.prepared.problem.nodes
        for v in self.open:
            algebra = OPERATIONS[nodes[v].op].algebra
            argument = None if algebra is None else nodes[v].args[algebra.of]
            if argument is None or not self._has_value(argument):
                continue
            for w in comparisons:
                if all(map(self._has_value, nodes[w].args)) and multiple_of(
                    self.values.difference(*nodes[w].args), self.values.of(argument)
                ):
                    return w
        return None

    # --- what is known

    def _note(self, reference: Reference, known: Known) -> None:
        if not known.polynomial and known.sign in ("==", ">="):
            return
        self.signs[reference] = known.sign
        if known.sign == "==":
            self.equalities[reference] = known.polynomial
        else:
            self.terms.append(known_term(reference, known.polynomial, known.sign))
            if known.sign == "!=" and variables_of([known.polynomial]):
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
        plain = [None, *(v for v in logarithms if self._is_constant(nodes[v].args[0]))]
        few = len(logarithms) <= _FEW_LOGARITHMS
        for pair in permutations([*plain, *(v for v in logarithms if v not in plain)][:_MOST_LOGARITHMS], 2):
            if few or (pair[0] in plain) is not (pair[1] in plain):
                self._note(("log", *pair), self.values.logarithms(*pair))
        for x in sorted(seen):
            if nodes[~x].op == "div":
                self._note_quotient(~x)

    def _is_constant(self, v: int) -> bool:
        return not variables_of([self.values.of(v)])

    def _note_quotient(self, v: int) -> None:
        """The last quotients come first."""
        top, bottom = (self.values.of(a) for a in self.state.prepared.problem.nodes[v].args)
        w = self.domains.get(v)
        said = Known({(): 1}, ">") if w is None else self.values.known(w)
        factor = multiple_of(said.polynomial, bottom)
        if factor is not None:
            reference: Reference = ("node", v, 0)
            equality = Equality(reference, self.equalities[reference])
            grant = None if w is None else ("known", w)
            self.quotients.append(Quotient(~v, top, bottom, equality, grant, said.sign, factor))

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
            else:
                self.open.append(v)

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
