"""Proofs by induction of programs of exact integers that read their inputs one after the other.

Before each input what was computed so far is forgotten, but for bounds, sums that are equal, sums that are equal modulo
m, order, and functions of sums and of each other by cases. They are guessed at sampled points and proved from those of
the cut before, by cases on the few values that the step depends on. So a claim about 32 bits takes some 32 small
proofs, not one over 2^32 inputs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import gcd, lcm

import numpy as np

from mechverify.engines.affine.layout import cone
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.induction.cuts import Cut, cuts
from mechverify.engines.induction.guesses import Guess, congruences, equalities, junctions, orders
from mechverify.engines.induction.prover import Prover
from mechverify.engines.induction.tables import Function, Terms, bent, tables
from mechverify.engines.integers.points import IntegerPoints, Integers
from mechverify.engines.work.meter import work_done
from mechverify.engines.work.rules import evaluate_forms, take_step
from mechverify.graph.graph import Graph, Input, Obligation
from mechverify.graph.operations.steps import FLOOR
from mechverify.kernel.api import format_number
from mechverify.kernel.search import (
    OPERATIONS,
    ClosedError,
    Forms,
    InvalidError,
    Node,
    State,
    integers,
)

_PRECISION = 96
_MOST_INPUTS = 256
_MOST_NODES = 4_000
_MOST_MEMBERS = 16
_MOST_KNOWN = 128
_LEAST_CUTS = 2
_SAMPLES = 1024
_SMALL = 64
_MOST_MODULI = 4
_MOST_MODULUS = 1 << 20
_MOST_STEPS = 300
_LONG = 1 << 52
_LONG_SUM = 4
_FEW_MEMBERS = 4
_SPREAD = 0.7


@dataclass(frozen=True, slots=True)
class InductionEngine:
    """A chain of lemmas, one for each input that is read."""

    name: str = "induction"

    def suits(self, obligation: Obligation) -> bool:
        """Exact graphs over integers that read their inputs one by one, and pass on a few values each time."""
        graph = obligation.graph
        if not _LEAST_CUTS < len(graph.inputs) <= _MOST_INPUTS or any(i.kind != "integer" for i in graph.inputs):
            return False
        order = cone(graph, (obligation.assumption, obligation.claim))
        if len(order) > _MOST_NODES or any(graph.nodes[v].rounding != "exact" for v in range(len(graph.nodes))):
            return False
        if any(not OPERATIONS[graph.nodes[v].op].total for v in order):
            return False
        found = cuts(obligation)
        if len(found) < _LEAST_CUTS or max(len(c.members) for c in found) > _MOST_KNOWN:
            return False
        before = [(), *(c.members for c in found)]
        return all(len({*c.members} - {*b}) <= _MOST_MEMBERS for b, c in zip(before, found, strict=False))

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """Search for a proof; a counterexample only if a sampled point happens to be one."""
        try:
            chain = _Chain(obligation, work_done() + 0.9 * budget.work, budget.seed)
        except OverflowError as long:
            return GaveUp("passed", f"It has {long}.")
        if not len(chain.found.points):
            return GaveUp("vacuity", "No sampled input meets the preconditions.")
        broken = np.nonzero(~chain.found.holds(obligation.claim))[0]
        if len(broken):
            return CounterexampleFound(tuple(Fraction(x) for x in chain.found.points[broken[0]].tolist()))
        few = max(len(c.members) for c in cuts(obligation)) <= _FEW_MEMBERS
        for chain.by_cases in (few, not few):
            steps = chain.run()
            if steps is not None:
                return ProofFound(tuple(steps), _PRECISION)
        return GaveUp("passed", "A lemma between two steps of the program was not proved.")


@dataclass(slots=True)
class _Chain:
    """``found`` are sampled points that meet the assumption. ``by_cases``: members are told by functions too."""

    obligation: Obligation
    deadline: float
    seed: int
    found: IntegerPoints = field(init=False)
    moduli: tuple[int, ...] = field(init=False)
    inputs: dict[int, int] = field(init=False)
    sums: list[Terms] = field(init=False)
    by_cases: bool = field(init=False, default=False)
    first: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        graph = self.obligation.graph
        wanted = (self.obligation.assumption, self.obligation.claim)
        self.found = _sample(self.obligation, self.seed)
        self.moduli = _moduli(graph, cone(graph, wanted))
        self.inputs = {graph.nodes[v].args[0]: v for v in cone(graph, wanted) if graph.nodes[v].op == "input"}
        self.sums = [
            tuple((c, a) for c, a in zip(graph.nodes[v].numbers[1:], graph.nodes[v].args, strict=True) if c)
            for v in cone(graph, wanted)
            if graph.nodes[v].op == "affine" and len(graph.nodes[v].args) >= _LONG_SUM
        ]

    def run(self) -> list[Step] | None:
        """The steps of a proof, or None."""
        state = State.start(prepare(self.obligation, _PRECISION))
        self.first = len(state.facts)
        steps: list[Step] = []
        for cut in cuts(self.obligation):
            if state.closed or work_done() > self.deadline:
                break
            more, state = self._cut(state, cut)
            steps += more
        rest = self._prover(4 * _MOST_STEPS).prove(state)
        return None if rest is None else [*steps, *rest]

    def _prover(self, most: int = _MOST_STEPS) -> Prover:
        return Prover(self.deadline, self.moduli, most)

    def _cut(self, state: State, cut: Cut) -> tuple[list[Step], State]:
        """Steps that prove what they can of the members, then forget them and what was known before."""
        before = state
        steps, state, number = _with_numbers(state, tuple(dict.fromkeys((*cut.members, *cut.marks, *cut.own))))
        values = self._values(cut, number)
        members = [number[v] for v in cut.members if number[v] in values]
        basis = [v for v in (*(self.inputs[i] for i in cut.read if i in self.inputs), *cut.terms) if v in values]
        guesses = equalities(values, basis, members)
        tied = {g.terms[0][1] for g in guesses}
        free = [v for v in members if v not in tied]
        for modulus in self._moduli_for(values, free):
            guesses += congruences(values, basis, free, modulus)
        compared = [*free, *(number[v] for v in cut.own if number[v] in values and v not in cut.members)]
        guesses += orders(values, compared, free)
        guesses += junctions(values, free, [number[v] for v in cut.marks])
        truths = [v for v in cut.terms if v in values and set(np.unique(values[v]).tolist()) == {0, 1}]
        guesses += junctions(values, free, truths)
        functions = self._functions(values, members, basis, guesses) if self.by_cases else []
        more, state, conditions = _conditions(state, guesses, functions)
        steps += more
        now = state.prepared.problem.nodes
        bounds = _bounds(state, [v for v in cut.members if now[v].op not in ("input", "free")])
        if bounds is None:
            return [], before
        narrow = [row if len(row) < 4 else _narrowed(row, values[number[row[0]]]) for row in bounds]
        start = len(state.facts)
        for rows in (narrow, bounds) if narrow != bounds else (bounds,):
            together: Step = ["forget", rows, conditions, []]
            lemma, rest = take_step(state, together)
            proof = self._prover().prove(lemma)
            if proof is not None:
                return [*steps, together, *proof], rest
        for row, other in zip(narrow, bounds, strict=True):
            if row != other:
                ends: list[Step] = [["ge", str(-int(row[1])), [["1", row[0]]]], ["ge", row[2], [["-1", row[0]]]]]
                more, after = self._lemma(state, ends)
                steps += more
                bounds = [row if more and one is other else one for one in bounds]
                state = after
        for condition in conditions:
            more, state = self._lemma(state, [condition])
            steps += more
        last: Step = ["forget", bounds, [], list(range(start, len(state.facts)))]
        lemma, rest = take_step(state, last)
        proof = self._prover().prove(lemma)
        return ([], before) if proof is None else ([*steps, last, *proof], rest)

    def _functions(
        self, values: dict[int, Integers], members: Sequence[int], basis: Sequence[int], guesses: Sequence[Guess]
    ) -> list[Function]:
        """The members as functions of sums and of each other, where no equation says as much."""
        equal = [g for g in guesses if g.relation == "eq"]
        loose = {g.terms[0][1] for g in equal if not g.modulus and {v for _, v in g.terms} & {*basis}}
        told = {g.terms[0][1] for g in guesses}
        found = bent(values, self._sums_over(basis), [v for v in members if v not in told])
        known = ({g.terms[0][1] for g in equal} - loose) | {f.member for f in found}
        return found + tables(values, members, known)

    def _moduli_for(self, values: dict[int, Integers], members: Sequence[int]) -> tuple[int, ...]:
        """The moduli, and their multiples by what the values of a member lie apart; from then on those count too."""
        for v in members:
            apart = int(np.gcd.reduce(values[v] - values[v][0]))
            more = [m * apart for m in self.moduli if 1 < apart <= _SMALL and m * apart <= _MOST_MODULUS]
            self.moduli = tuple(dict.fromkeys((*self.moduli, *more)))[:_MOST_MODULI]
        return self.moduli

    def _sums_over(self, basis: Sequence[int]) -> list[Terms]:
        """The part of each long sum that is over these nodes, in coprime integers."""
        found: dict[Terms, None] = {}
        for terms in self.sums:
            part = [(c, v) for c, v in terms if v in basis]
            if part:
                bottom = lcm(*(c.denominator for c, _ in part))
                common = gcd(*(int(c * bottom) for c, _ in part))
                found[tuple((c * bottom / common, v) for c, v in part)] = None
        return list(found)

    def _lemma(self, state: State, conditions: list[Step]) -> tuple[list[Step], State]:
        """Steps that make conditions known, and the state after them; nothing where they are not proved."""
        step: Step = ["forget", [], conditions, list(range(self.first, len(state.facts)))]
        lemma, rest = take_step(state, step)
        proof = self._prover().prove(lemma)
        return ([], state) if proof is None else ([step, *proof], rest)

    def _values(self, cut: Cut, number: dict[int, int]) -> dict[int, Integers]:
        """What inputs, terms, members and marks are at the points, where they are integers; a truth value is 0 or 1."""
        known = {v: v for v in (*self.inputs.values(), *cut.terms)} | number
        found = {name: self.found.whole(v) for v, name in known.items()}
        return {name: row for name, row in found.items() if row is not None}


def _with_numbers(state: State, members: Sequence[int]) -> tuple[list[Step], State, dict[int, int]]:
    """The members that are numbers, and 0 or 1 for those that are truth values, defined where there are some."""
    nodes = state.prepared.problem.nodes
    truths = [v for v in members if nodes[v].boolean]
    number = {v: v for v in members if not nodes[v].boolean}
    said = {node.args[0]: i for i, node in enumerate(nodes) if node.op == "ite" and _one_or_zero(nodes, node)}
    number |= {v: said[v] for v in truths if v in said}
    truths = [v for v in truths if v not in said]
    if not truths:
        return [], state, {v: number[v] for v in members}
    size = len(nodes)
    number |= {v: size + 2 + k for k, v in enumerate(truths)}
    step: Step = ["define", [["const", "0"], ["const", "1"], *(["ite", v, size + 1, size] for v in truths)]]
    (after,) = take_step(state, step)
    return [step], after, {v: number[v] for v in members}


def _one_or_zero(nodes: Sequence[Node], choice: Node) -> bool:
    return all(
        nodes[a].op == "const" and nodes[a].constant == c for a, c in zip(choice.args[1:], (1, 0), strict=True)
    )


def _conditions(
    state: State, guesses: Sequence[Guess], functions: Sequence[Function]
) -> tuple[list[Step], State, list[Step]]:
    """The guesses as conditions of the kernel; multiples of m by a quotient that is defined to be whole."""
    nodes: list[Step] = []
    size = len(state.prepared.problem.nodes)
    found: list[Step] = []
    given = list(guesses)
    for function in functions:
        more, guess = function.defined(size + len(nodes))
        nodes += more
        given.append(guess)
    for guess in given:
        terms = [[format_number(c), v] for c, v in guess.terms]
        if guess.modulus:
            part = [[format_number(c / guess.modulus), v] for c, v in guess.terms]
            nodes.append(["affine", "exact", format_number(guess.constant / guess.modulus), part])
            nodes.append([FLOOR.name, size + len(nodes) - 1])
            terms.append([str(-guess.modulus), size + len(nodes) - 1])
        found.append([guess.relation, format_number(guess.constant), terms])
    if not nodes:
        return [], state, found
    step: Step = ["define", nodes]
    (after,) = take_step(state, step)
    return [step], after, found


def _bounds(state: State, members: Sequence[int]) -> list[Step] | None:
    """What `forget` says of the members: numbers with the bounds of the kernel's own forms, truth values without."""
    forms = Forms(state, {}, {})
    try:
        evaluate_forms(forms)
    except (ClosedError, InvalidError):  # InvalidError: numbers that grow too long
        return None
    problem = state.prepared.problem
    whole = integers(problem.nodes, [one.integer for one in problem.inputs])
    found: list[Step] = []
    for v in members:
        if problem.nodes[v].boolean:
            found.append([v])
        elif v in forms.tops:
            return None
        elif whole[v]:
            low, high = -(-forms.lo[v] >> forms.bits), forms.hi[v] >> forms.bits
            found.append([v, str(low), str(high), "integer"])
        else:
            found.append([v, *(format_number(Fraction(x, 1 << forms.bits)) for x in (forms.lo[v], forms.hi[v]))])
    return found


def _narrowed(row: Step, values: Integers) -> Step:
    """The row with the range at the sampled points, where that is small and narrower."""
    low, high = max(int(row[1]), int(values.min())), min(int(row[2]), int(values.max()))
    return row if not 0 <= high - low <= _SMALL else [row[0], str(low), str(high), row[3]]


def _moduli(graph: Graph, order: Sequence[int]) -> tuple[int, ...]:
    """By what sums are divided before they are rounded down."""
    found: dict[int, None] = {}
    for v in order:
        node = graph.nodes[v]
        inner = graph.nodes[node.args[0]] if node.op == FLOOR.name else None
        if inner is not None and inner.op == "affine":
            bottom = lcm(*(c.denominator for c in inner.numbers))
            if 1 < bottom <= _MOST_MODULUS:
                found[bottom] = None
    return tuple(found)[:_MOST_MODULI]


def _sparse(points: Integers, low: Integers, high: Integers, random: np.random.Generator) -> Integers:
    """The points with most of their numbers at one end: sums of few, and of all but few."""
    count = len(points)
    share = 2.0 ** -random.integers(0, max(2, points.shape[1]).bit_length() + 1, count)
    end = np.where(random.random(count)[:, None] < _SPREAD, low, high)
    return np.where(random.random(points.shape) < share[:, None], points, end)


def _sample(obligation: Obligation, seed: int) -> IntegerPoints:
    """Points that meet the assumption: random ones, ends of the ranges, and runs of one end and then of the other.

    Raises OverflowError where values are too long.
    """
    graph = obligation.graph
    random = np.random.default_rng(seed)
    if any(max(abs(i.low), abs(i.high)) > _LONG for i in graph.inputs):
        raise OverflowError("inputs of more than 52 bits")
    columns = [_column(one, random) for one in graph.inputs]
    low, high = (np.array([int(getattr(i, end)) for i in graph.inputs]) for end in ("low", "high"))
    runs = [np.where(np.arange(len(low)) < k, a, b) for k in range(len(low) + 1) for a, b in ((low, high), (high, low))]
    spread = np.stack(columns, axis=1)
    spread[1::2] = _sparse(spread[1::2], low, high, random)
    points: Integers = np.concatenate([np.stack(runs), spread])
    kept = points[IntegerPoints(graph, (obligation.assumption,), points).holds(obligation.assumption)]
    return IntegerPoints(graph, (obligation.assumption, obligation.claim), kept[:_SAMPLES])


def _column(one: Input, random: np.random.Generator) -> Integers:
    low, high = int(one.low), int(one.high)
    spread = random.integers(low, high, _SAMPLES, endpoint=True)
    near = np.clip(random.integers(-4, 5, _SAMPLES), low, high)
    return np.where(random.random(_SAMPLES) < _SPREAD, spread, near)
