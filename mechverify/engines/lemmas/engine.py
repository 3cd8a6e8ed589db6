"""Proofs of networks that read their inputs one after the other, by a lemma for each cut of the graph.

At a frontier the nodes that later ones use are forgotten: all that is kept of them are bounds and linear conditions,
guessed at sampled points and proved from those of the frontier before. So the cost is a sum over the frontiers, where
splitting on all switches of the network at once would make it a product.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.boxes import Box, fact_roots, fact_slots, make_chart, steps_of
from mechverify.engines.affine.influence import Influence
from mechverify.engines.affine.layout import Floats, Plan, cone, make_plan
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.certificates.reread import obligation_of
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.lemmas.frontiers import Frontier, frontiers
from mechverify.engines.lemmas.invariants import Condition, guesses, signs, statement
from mechverify.engines.points.nominal import Points
from mechverify.engines.points.turning_points import TurningPoints, turning_points
from mechverify.engines.relaxed.engine import close
from mechverify.engines.resume import opened
from mechverify.engines.search.branching import Judged, Search
from mechverify.engines.search.candidates import halvings, switch_steps
from mechverify.engines.search.paths import Move, branch_of, eliminate, settled
from mechverify.engines.search.substitution import plain_readback
from mechverify.engines.work.meter import work_done
from mechverify.engines.work.rules import evaluate_forms, take_step
from mechverify.graph.graph import Input, Obligation
from mechverify.kernel.api import format_number
from mechverify.kernel.search import ClosedError, Forms, InvalidError, NodeFact, State

_PRECISION = 96
_MOST_INPUTS = 512
_MOST_MEMBERS = 24
_LEAST_FRONTIERS = 3
_SAMPLES = 4096
_BATCHES = 16
_REAL_STEPS = 1024
_BOUND_BITS = 8
_MOST_BOXES = 4096
_FEW_BOXES = 200
_SOME_BOXES = 600
_LEMMA_SHARE, _SIGN_SHARE = 0.1, 0.3
_KEPT_PROOFS = 3
_MOST_ADDED = 64
_CLEARLY = 1e-6


@dataclass(frozen=True, slots=True)
class LemmasEngine:
    """A chain of lemmas along the frontiers, each proved by branch and bound on switches.

    Where the assumption counts comparisons with one input, the chain branches on them as the inputs are read.
    """

    margin: float = 4.0
    name: str = "lemmas"

    def suits(self, obligation: Obligation) -> bool:
        """Exact graphs that read their inputs one by one, with frontiers of moderate size."""
        graph = obligation.graph
        if len(graph.inputs) > _MOST_INPUTS or any(n.rounds for n in graph.nodes):
            return False
        found = frontiers(obligation)
        return len(found) >= _LEAST_FRONTIERS and max(len(f.members) for f in found) <= _MOST_MEMBERS

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """Search for a proof; a counterexample only if a sampled point happens to be one."""
        chain = _Chain(obligation, work_done() + 0.9 * budget.work, self.margin, budget.seed)
        if not len(chain.found.points):
            return GaveUp("vacuity", "No sampled input meets the preconditions.")
        broken = np.nonzero(chain.found.gap(obligation.claim) < -_CLEARLY)[0]
        if len(broken):
            return CounterexampleFound(tuple(Fraction(x) for x in chain.found.points[broken[0]].tolist()))
        everything = tuple(range(len(obligation.graph.inputs)))
        for compared in [chain.turns.pivots] if chain.turns.pivots else [(), everything]:
            steps = chain.run(compared)
            if steps is not None:
                return ProofFound(tuple(steps), _PRECISION)
        return GaveUp("work", "A lemma between two parts of the network was not proved.")


@dataclass(slots=True)
class _Chain:
    """``found`` are sampled points that meet the assumption, ``values`` the numbers there, (rows, points).

    ``lasting`` are the nodes whose truth is kept at every cut: those of the assumption, and conditions on inputs alone.
    ``proved`` has, by the nodes that a cut forgets, the latest proofs of its lemma. Paths that differ in what the
    assumption says of early inputs come to the same cuts, and what splits one proof splits the next.
    """

    obligation: Obligation
    deadline: float
    margin: float
    seed: int
    plan: Plan = field(init=False)
    found: Points = field(init=False)
    values: Floats = field(init=False)
    turns: TurningPoints = field(init=False)
    cuts: tuple[Frontier, ...] = field(init=False)
    compared: list[int] = field(init=False, default_factory=list)
    first: int = field(init=False, default=0)
    lasting: set[int] = field(init=False)
    proved: dict[tuple[int, ...], list[list[Step]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.plan = make_plan(self.obligation.graph, (self.obligation.assumption, self.obligation.claim))
        self.found = sample(self.plan, self.obligation, self.seed)
        self.values = self.found.numbers
        self.turns = turning_points(self.obligation, self.found)
        self.cuts = frontiers(self.obligation)
        self.lasting = set(cone(self.obligation.graph, (self.obligation.assumption,)))

    def run(self, compared: Sequence[int]) -> list[Step] | None:
        """The steps of a proof, or None. ``compared``: the inputs that lemmas compare nodes with."""
        nodes = self.obligation.graph.nodes
        self.compared = [v for v in self.plan.number_row if nodes[v].op == "input" and nodes[v].args[0] in compared]
        state = State.start(prepare(self.obligation, _PRECISION))
        self.first = len(state.facts)
        steps: list[Step] = []
        if self.turns.pivots:
            for condition in signs(self.plan, self.values, self.compared):
                more, state = self._sign(state, condition)
                steps += more
                self.lasting |= {f.node for f in state.facts[self.first :] if isinstance(f, NodeFact)}
        rest = self._along(state, 0, np.ones(self.values.shape[1], dtype=np.bool_))
        return None if rest is None else [*steps, *rest]

    def _along(self, state: State, index: int, here: NDArray[np.bool_]) -> list[Step] | None:
        """A proof from frontier ``index`` on, on a path that the points ``here`` take; None if a part fails."""
        steps: list[Step] = []
        while not state.closed and here.any() and work_done() < self.deadline:
            prefix = self.cuts[index].prefix if index < len(self.cuts) else len(self.obligation.graph.inputs)
            turn = next((c for c in self.turns.conditions if c[1] <= prefix and c[0] not in state.known), None)
            if turn is not None:
                steps.append(["case", turn[0]])
                for child, side in zip(take_step(state, steps[-1]), (turn[2], ~turn[2]), strict=True):
                    part = self._along(child, index, here & side)
                    if part is None:
                        return None
                    steps += part
                return steps
            if index >= len(self.cuts):
                break
            more, state = self._cut(state, self.cuts[index].members, self.values[:, here])
            steps += more
            index += 1
        common = bool(here.any())
        if not common and settled(state, ["leaf"]):
            return [*steps, ["leaf"]]
        rest = self._search(state, 1.0, _MOST_BOXES if common else _FEW_BOXES, sparing=common)
        return None if rest is None else [*steps, *rest]

    def _cut(self, state: State, members: Sequence[int], values: Floats) -> tuple[list[Step], State]:
        """Steps that prove what they can of the members, then forget them and what was known of those before."""
        bounds = _bounds(state, members)
        if bounds is None:
            return [], state
        wanted = guesses(self.plan, values, self.compared, members)
        keep = [
            i
            for i, fact in enumerate(state.facts)
            if i >= self.first and isinstance(fact, NodeFact) and fact.node in self.lasting
        ]
        together: Step = ["forget", bounds, [statement(c) for c in wanted], keep]
        lemma, rest = take_step(state, together)
        proof = self._search(lemma, _LEMMA_SHARE, _FEW_BOXES, about=tuple(members))
        if proof is not None:
            return [together, *proof], rest
        steps: list[Step] = []
        before, start = state, len(state.facts)
        for condition in wanted:
            more, state = self._lemma(state, condition, _FEW_BOXES)
            steps += more
        step: Step = ["forget", bounds, [], [*keep, *range(start, len(state.facts))]]
        lemma, rest = take_step(state, step)
        proof = self._search(lemma, _LEMMA_SHARE, _FEW_BOXES)
        return ([], before) if proof is None else ([*steps, step, *proof], rest)

    def _lemma(
        self, state: State, condition: Condition, boxes: int, *, sparing: bool = True
    ) -> tuple[list[Step], State]:
        """Steps that make the condition known, and the state after them; nothing where it is not proved."""
        step: Step = ["forget", [], [statement(condition)], list(range(self.first, len(state.facts)))]
        lemma, rest = take_step(state, step)
        proof = self._search(lemma, _LEMMA_SHARE, boxes, sparing=sparing)
        return ([], state) if proof is None else ([step, *proof], rest)

    def _sign(self, state: State, condition: Condition) -> tuple[list[Step], State]:
        """A lemma of an input's sign, which is about the assumption alone: what counts and orders say together may take
        cases on conditions that few moves of a search over boxes find, and linear programs do.
        """
        more, after = self._lemma(state, condition, _SOME_BOXES, sparing=False)
        if more:
            return more, after
        step: Step = ["forget", [], [statement(condition)], list(range(self.first, len(state.facts)))]
        lemma, rest = take_step(state, step)
        root, now = _box(lemma), work_done()
        most = len(lemma.prepared.problem.nodes) + _MOST_ADDED
        failed = close(root.state, root.leaf, most, now + _SIGN_SHARE * (self.deadline - now))
        return ([step, *steps_of(root.leaf)], rest) if failed is None else ([], state)

    def _search(
        self, state: State, share: float, boxes: int, *, sparing: bool = True, about: tuple[int, ...] | None = None
    ) -> list[Step] | None:
        """A proof of what a path has to show; ``about``: the nodes of a lemma that other paths have too."""
        now = work_done()
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
            focus=True,
            sparing=sparing,
        )
        begun = self._begun(state, about)
        root, first = (root, [eliminate(root)]) if begun is None else begun
        if not search.run(first):
            return None
        steps = list(steps_of(root.leaf))
        if about is not None:
            known = self.proved.setdefault(about, [])
            known[:] = [steps, *(one for one in known if one != steps)][:_KEPT_PROOFS]
        return steps

    def _begun(self, state: State, about: tuple[int, ...] | None) -> tuple[Box, list[Box]] | None:
        """A tree with the splits of a proof of the same lemma on another path, and the boxes at its ends; None where
        there is none whose splits are such here."""
        for steps in () if about is None else self.proved.get(about, ()):
            root = _box(state)
            with suppress(InvalidError):
                return root, opened(root, steps)
        return None


def _box(state: State) -> Box:
    chart = make_chart(state, plain_readback(len(state.prepared.problem.inputs)))
    return Box(state, chart, fact_slots(state, chart, 0), branch_of(state), fact_roots(state.facts))


def _bounds(state: State, members: Sequence[int]) -> list[list[object]] | None:
    """Bounds of the members by the kernel's own forms, a little wider; None where the path has no execution."""
    box = eliminate(_box(state))
    forms = Forms(box.state, {}, {})
    try:
        evaluate_forms(forms)
    except (ClosedError, InvalidError):  # InvalidError: numbers that grow too long
        return None
    if box.state.closed or any(v in forms.tops for v in members):
        return None
    unit = forms.bits - _BOUND_BITS
    found: list[list[object]] = []
    for v in members:
        low, high = forms.lo[v] >> unit, -(-forms.hi[v] >> unit)
        found.append([v, *(format_number(Fraction(x, 1 << _BOUND_BITS)) for x in (low, high))])
    return found


def _moves(obligation: Obligation, judged: Judged) -> list[Move]:
    """The switch that matters most, and the first; a condition where there is none; halves where there is neither."""
    found = judged.influence
    first = tuple(dict.fromkeys((*found.switches[:1], *sorted(found.switches)[:1])))
    for part in (Influence(found.parameters, first, ()), Influence(found.parameters, (), found.conditions[:1])):
        steps = switch_steps(judged.box, obligation.graph, part, nonlinear=True, limit=2)
        if steps:
            return steps
    live = judged.box.state.live
    wide = [i for i, p in enumerate(judged.box.chart.live) if live[p].low < live[p].high]
    return halvings(judged.box, wide[:2])


def sample(plan: Plan, obligation: Obligation, seed: int) -> Points:
    """Random points that meet the assumption."""
    random = np.random.default_rng(seed)
    kept: list[Floats] = []
    for _ in range(_BATCHES):
        points = _random_points(obligation.graph.inputs, random)
        kept.append(points[Points(plan, points).holds(obligation.assumption)])
        if sum(map(len, kept)) >= _SAMPLES:
            break
    return Points(plan, np.concatenate(kept)[:_SAMPLES])


def _random_points(inputs: Sequence[Input], random: np.random.Generator) -> Floats:
    """Random points of few binary digits, (points, inputs)."""
    columns = []
    for one in inputs:
        low, high = float(one.low), float(one.high)
        if one.kind == "integer":
            columns.append(random.integers(int(one.low), int(one.high), _SAMPLES, endpoint=True).astype(np.float64))
        else:
            columns.append(low + (high - low) * random.integers(0, _REAL_STEPS, _SAMPLES, endpoint=True) / _REAL_STEPS)
    return np.stack(columns, axis=1)
