"""Two networks that are nearly equal: the difference of each pair of like units is bounded, layer by layer, and the
claim follows from the differences, not from the two outputs. In float32 a unit is the sum that it rounds, give or take
its error, so that a difference is the ideal one with both errors.

The proof is a chain of lemmas on each box of inputs: -e <= u - v <= e' for every pair of units of a layer, from those
of the layers before. Where that is not enough for the claim, the box is halved.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

import numpy as np

from mechverify.engines.affine.layout import Plan, make_plan
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.differences.like_units import Known, cancelled, claim_steps, evaluated, written
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.points.nominal import Points
from mechverify.engines.work.meter import work_done
from mechverify.engines.work.rules import take_step
from mechverify.graph.graph import Graph, Obligation
from mechverify.graph.operations.products import DIV, MUL
from mechverify.graph.operations.switches import RELU
from mechverify.kernel.api import format_number
from mechverify.kernel.search import Forms, Number, State, bound_below, row_of

_PRECISION = 96
_MOST_INPUTS = 64
_MOST_UNITS = 512
_LEAST_PAIRS = 2
_SAMPLES = 256
_LIKE = 0.2
_BITS = 40
_MOST_IN_VAIN = 24


@dataclass(frozen=True, slots=True)
class Pair:
    """Two relu nodes that take nearly the same values, and their level."""

    level: int
    u: int
    v: int


@dataclass(frozen=True, slots=True)
class DifferencesEngine:
    """Bounds differences of like units."""

    name: str = "differences"

    def suits(self, obligation: Obligation) -> bool:
        """Networks of sums and switches, of moderate size, with pairs of relus nearly equal at random points."""
        graph = obligation.graph
        units = sum(n.operation is RELU for n in graph.nodes)
        sums = all(n.operation not in (MUL, DIV) for n in graph.nodes)
        if not sums or not 2 * _LEAST_PAIRS <= units <= _MOST_UNITS or len(graph.inputs) > _MOST_INPUTS:
            return False
        return len(pairs_of(obligation)) >= _LEAST_PAIRS

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """Halve boxes until the lemmas of each give the claim."""
        chain = _Chain(obligation, pairs_of(obligation, budget.seed), work_done() + 0.9 * budget.work)
        steps: list[Step] = []
        closed = halved = 0
        stack = [State.start(prepare(obligation, _PRECISION))]
        while stack:
            if halved > _MOST_IN_VAIN and not closed:
                return GaveUp("passed", "differences of units do not give the claim")
            if work_done() > chain.deadline:
                return GaveUp("work", f"the work was used up with {len(stack)} boxes open")
            state = stack.pop()
            found = [["leaf"]] if state.closed else chain.proof(state)
            closed += found is not None
            if found is None:
                halved += 1
                wide = {p: one.high - one.low for p, one in state.live.items() if p in chain.inputs}
                widest = max(wide, key=lambda p: wide[p], default=None)
                if widest is None or not wide[widest]:
                    return GaveUp("work", "a box is left with nothing to split on")
                one = state.live[widest]
                middle = Fraction(one.low + one.high) / 2
                middle = Fraction(middle.__floor__()) if one.integer else middle
                halving: Step = ["split", [["1", widest]], format_number(middle)]
                found = [halving]
                stack.extend(reversed(take_step(state, halving)))
            steps += found
        return ProofFound(tuple(steps), _PRECISION)


def pairs_of(obligation: Obligation, seed: int = 0) -> list[Pair]:
    """Pairs of relus of one level, each the other's nearest and not far from it at random points."""
    graph = obligation.graph
    plan = make_plan(graph, (obligation.assumption, obligation.claim))
    random = np.random.default_rng(seed)
    low = np.array([float(i.low) for i in graph.inputs])
    high = np.array([float(i.high) for i in graph.inputs])
    points = low + (high - low) * random.random((_SAMPLES, len(graph.inputs)))
    numbers = Points(plan, points).numbers
    found: list[Pair] = []
    for level, units in _levels(plan, graph).items():
        values = numbers[[plan.number_row[v] for v in units]]
        apart = np.abs(values[:, None, :] - values[None, :, :]).max(axis=2) + np.diag(np.full(len(units), np.inf))
        nearest = apart.argmin(axis=1)
        for i, j in enumerate(nearest.tolist()):
            near = apart[i, j] <= _LIKE * np.abs(values[[i, j]]).max()
            if i < j and nearest[j] == i and near:
                found.append(Pair(level, units[i], units[j]))
    return found


def _levels(plan: Plan, graph: Graph) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for v in sorted(plan.number_row):
        if graph.nodes[v].operation is RELU:
            found.setdefault(plan.level_of[v], []).append(v)
    return {level: units for level, units in sorted(found.items()) if len(units) > 1}


@dataclass(slots=True)
class _Chain:
    obligation: Obligation
    pairs: Sequence[Pair]
    deadline: float
    inputs: range = field(init=False)
    first: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self.inputs = range(len(self.obligation.graph.inputs))
        self.first = len(State.start(prepare(self.obligation, _PRECISION)).facts)

    def proof(self, state: State) -> list[Step] | None:
        """The steps that prove the claim on a box, or None."""
        steps: list[Step] = []
        known: Known = {}
        for level in sorted({p.level for p in self.pairs}):
            forms = evaluated(state)
            if forms is None:
                return [*steps, ["leaf"]]
            layer = [p for p in self.pairs if p.level == level and _open(forms, p)]
            if not layer:
                continue
            more, state = self._lemmas(state, forms, layer, known)
            steps += more
        rest = claim_steps(state, known, self.deadline)
        return None if rest is None else [*steps, *rest]

    def _lemmas(self, state: State, forms: Forms, layer: Sequence[Pair], known: Known) -> tuple[list[Step], State]:
        """The lemma about a layer's differences with its proof, and the state in which it is known; ``known`` grows."""
        nodes = self.obligation.graph.nodes
        size = len(state.prepared.problem.nodes)
        kept = list(range(self.first, len(state.facts)))
        conditions: list[object] = []
        multipliers: list[object] = []
        named: list[int] = []
        for pair in layer:
            z, other = (row_of(forms, nodes[v].args[0]) for v in (pair.u, pair.v))
            for sign in (1, -1):  # sign (u - v) >= -e
                row = z.plus(other, -1).scaled(sign)
                parts = list(cancelled(row, forms, known))
                error = _up(max(-bound_below(forms, row, parts), 0))
                conditions.append(["ge", format_number(error), [[str(sign), pair.u], [str(-sign), pair.v]]])
                named.append(size + 2 * len(conditions))
                multipliers.append([named[-1], "low", written(parts)])
        step: Step = ["forget", [], conditions, kept]
        _, rest = take_step(state, step)
        start = len(rest.facts) - len(conditions)
        for index, pair in enumerate(layer):
            known[pair.u, pair.v] = (start + 2 * index, start + 2 * index + 1)
        return [step, ["leaf", [], multipliers, named]], rest


def _open(forms: Forms, pair: Pair) -> bool:
    """Whether the box leaves a switch of the pair open: otherwise both are sums."""
    return any(~v in row_of(forms, v).terms for v in (pair.u, pair.v))


def _up(value: Number) -> Fraction:
    """A little above, as a short number."""
    return Fraction(ceil(value * (1 << _BITS)) + 1, 1 << _BITS)
