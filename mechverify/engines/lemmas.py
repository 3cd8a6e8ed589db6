"""Proofs of networks that read their inputs one after the other, by a lemma for each cut of the graph.

At a frontier the nodes that later ones use are forgotten: all that is kept of them are bounds and linear conditions,
guessed at sampled points and proved from those of the frontier before. So the cost is a sum over the frontiers, where
splitting on all switches of the network at once would make it a product.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from mechverify.engines.boxes import Box, fact_roots, fact_slots, make_chart, steps_of
from mechverify.engines.candidates import halvings, switch_steps
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.frontiers import frontiers
from mechverify.engines.invariants import Condition, guesses
from mechverify.engines.paths import Move, apply, branch_of, eliminate
from mechverify.engines.plan import Floats, Plan, cone, make_plan
from mechverify.engines.points import Points
from mechverify.engines.preparation import prepare
from mechverify.engines.problem import number_text
from mechverify.engines.search import Judged, Search
from mechverify.engines.substitution import plain_readback
from mechverify.graph.graph import Graph, Input, Node, Obligation, Rounding
from mechverify.kernel.form import ClosedError, Forms
from mechverify.kernel.form_table import FORM_TABLE
from mechverify.kernel.plan import Prepared
from mechverify.kernel.state import State

_PRECISION = 96
_MOST_INPUTS = 64
_MOST_MEMBERS = 24
_LEAST_FRONTIERS = 3
_SAMPLES = 512
_REAL_STEPS = 1024
_BOUND_BITS = 8
_MOST_BOXES = 4096
_FEW_BOXES = 200
_LEMMA_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class LemmasEngine:
    """A chain of lemmas along the frontiers, each proved by branch and bound on switches."""

    margin: float = 4.0
    name: str = "lemmas"

    def suits(self, obligation: Obligation) -> bool:
        """Exact graphs that read their inputs one by one, with frontiers of moderate size."""
        graph = obligation.graph
        if len(graph.inputs) > _MOST_INPUTS or any(n.rounding != "exact" or n.op == "round32" for n in graph.nodes):
            return False
        found = frontiers(obligation)
        return len(found) >= _LEAST_FRONTIERS and max(map(len, found)) <= _MOST_MEMBERS

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """Search for a proof; never looks for counterexamples."""
        chain = _Chain(obligation, time.monotonic() + 0.9 * budget.seconds, self.margin, budget.seed)
        for compared in (False, True):
            steps = chain.run(compared=compared)
            if steps is not None:
                return ProofFound(tuple(steps), _PRECISION)
        return GaveUp("time", "A lemma between two parts of the network was not proved.")


@dataclass(slots=True)
class _Chain:
    obligation: Obligation
    deadline: float
    margin: float
    seed: int
    plan: Plan = field(init=False)
    values: Floats = field(init=False)
    inputs: list[int] = field(init=False)

    def __post_init__(self) -> None:
        graph = self.obligation.graph
        self.plan = make_plan(graph, (self.obligation.assumption, self.obligation.claim))
        needed = cone(graph, (self.obligation.assumption, self.obligation.claim))
        self.inputs = [v for v in needed if graph.nodes[v].op == "input"]
        found = Points(self.plan, _sample(graph.inputs, self.seed))
        self.values = found.numbers[:, found.holds(self.obligation.assumption)]

    def run(self, *, compared: bool) -> list[Step] | None:
        """The steps of a proof, or None. ``compared``: lemmas compare nodes with inputs too."""
        state = State.start(prepare(self.obligation, _PRECISION))
        first = len(state.facts)
        steps: list[Step] = []
        for members in frontiers(self.obligation):
            if state.closed or not self.values.shape[1] or time.monotonic() > self.deadline:
                break
            more, state = self._cut(state, members, first, compared=compared)
            steps += more
        rest = self._search(state, 1.0, _MOST_BOXES)
        return None if rest is None else [*steps, *rest]

    def _cut(self, state: State, members: Sequence[int], first: int, *, compared: bool) -> tuple[list[Step], State]:
        """Steps that prove what they can of the members, then forget them and all facts from ``first`` on."""
        steps: list[Step] = []
        before, start = state, len(state.facts)
        for condition in guesses(self.plan, self.values, self.inputs if compared else [], members):
            step: Step = ["forget", [], [_condition(condition)], list(range(first, len(state.facts)))]
            lemma, rest = apply(state, step)
            proof = self._search(lemma, _LEMMA_SHARE, _FEW_BOXES)
            if proof is not None:
                steps += [step, *proof]
                state = rest
        bounds = _bounds(state, members)
        if bounds is None:
            return [], before
        step = ["forget", bounds, [], list(range(start, len(state.facts)))]
        lemma, rest = apply(state, step)
        proof = self._search(lemma, _LEMMA_SHARE, _FEW_BOXES)
        return ([], before) if proof is None else ([*steps, step, *proof], rest)

    def _search(self, state: State, share: float, boxes: int) -> list[Step] | None:
        now = time.monotonic()
        obligation = obligation_of(state.prepared)
        root = _box(state)
        search = Search(
            obligation,
            state.prepared,
            now + share * (self.deadline - now),
            self.margin,
            lambda judged: _moves(obligation, judged),
            None,
            boxes,
        )
        return list(steps_of(root.leaf)) if search.run([eliminate(root)]) else None


def obligation_of(prepared: Prepared) -> Obligation:
    """The kernel's problem as an obligation, node for node."""
    problem = prepared.problem
    inputs = tuple(
        Input(i.name, "integer" if i.integer else "real", Fraction(i.low), Fraction(i.high)) for i in problem.inputs
    )
    nodes = []
    for n in problem.nodes:
        numbers = (Fraction(n.constant), *map(Fraction, n.weights)) if n.op in ("const", "affine") else ()
        args = (n.index,) if n.op == "input" else n.args
        rounding: Rounding = "float32" if n.rounded else "exact"
        nodes.append(Node(n.op, args, numbers, rounding, n.op == "bool" and bool(n.constant)))
    return Obligation(Graph(inputs, tuple(nodes)), problem.assumption, problem.claim)


def _box(state: State) -> Box:
    chart = make_chart(state, plain_readback(len(state.prepared.problem.inputs)))
    return Box(state, chart, fact_slots(state, chart, 0), branch_of(state), fact_roots(state.facts))


def _bounds(state: State, members: Sequence[int]) -> list[list[object]] | None:
    """Bounds of the members by the kernel's own forms, a little wider; None where the path has no execution."""
    box = eliminate(_box(state))
    forms = Forms(box.state, {}, {})
    try:
        forms.run(FORM_TABLE)
    except ClosedError:
        return None
    if box.state.closed or any(v in forms.tops for v in members):
        return None
    unit = forms.bits - _BOUND_BITS
    found: list[list[object]] = []
    for v in members:
        low, high = forms.lo[v] >> unit, -(-forms.hi[v] >> unit)
        found.append([v, *(number_text(Fraction(x, 1 << _BOUND_BITS)) for x in (low, high))])
    return found


def _condition(condition: Condition) -> list[object]:
    terms = [[number_text(c), v] for c, v in condition.terms]
    return ["eq" if condition.equal else "ge", number_text(condition.constant), terms]


def _moves(obligation: Obligation, judged: Judged) -> list[Move]:
    """The switch or condition that matters most; halves only where there is none."""
    switches = switch_steps(judged.box, obligation.graph, judged.influence, nonlinear=True, limit=1)
    if switches:
        return switches
    live = judged.box.state.live
    wide = [i for i, p in enumerate(judged.box.chart.live) if live[p].low < live[p].high]
    return halvings(judged.box, wide[:2])


def _sample(inputs: Sequence[Input], seed: int) -> Floats:
    """Random points of few binary digits, (points, inputs)."""
    random = np.random.default_rng(seed)
    columns = []
    for one in inputs:
        low, high = float(one.low), float(one.high)
        if one.kind == "integer":
            columns.append(random.integers(int(one.low), int(one.high), _SAMPLES, endpoint=True).astype(np.float64))
        else:
            columns.append(low + (high - low) * random.integers(0, _REAL_STEPS, _SAMPLES, endpoint=True) / _REAL_STEPS)
    return np.stack(columns, axis=1)
