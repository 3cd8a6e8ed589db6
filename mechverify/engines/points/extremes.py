"""Where the left sides of a claim's bounds are largest, as far as a search in float64 finds.

Special values, random points and ascent along slopes, over the points that meet the assumption; what is found is a
point, and its value a lower bound of the largest one.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

import numpy as np

from mechverify.engines.affine.gradients import gap_slopes
from mechverify.engines.affine.layout import Floats, make_plan
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.points.judge import Point
from mechverify.engines.points.nominal import Points
from mechverify.engines.points.proposals import Proposals
from mechverify.engines.points.search_space import SearchSpace
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.graph.graph import Obligation

_CELLS = 1_000_000
_MOST_POINTS, _LEAST_POINTS = 2048, 16
_ELITE = 16
_STALE, _RESTARTS = 6, 3


def bounded_nodes(obligation: Obligation) -> Iterator[tuple[int, int, int]]:
    """(comparison, left, right) of every ``left <= right`` or ``left < right`` that the claim is a conjunction of; none
    if it is anything else. That a value is defined, ``v <= v``, is none of them.
    """
    nodes = obligation.graph.nodes
    stack, found = [obligation.claim], []
    while stack:
        index = stack.pop()
        node = nodes[index]
        if node.op == "and":
            stack.extend(node.args)
        elif node.op in ("le", "lt"):
            a, b = node.args
            found += [(index, a, b)] if a != b else []
        elif node.op == "not" and nodes[node.args[0]].op in ("le", "lt"):
            a, b = nodes[node.args[0]].args
            found.append((index, b, a))
        elif not (node.op == "bool" and node.truth):
            return
    yield from found


def extreme_points(
    obligation: Obligation,
    bound: Fraction,
    work: float,
    seed: int,
    near: Sequence[Point] = (),
    listed: Mapping[str, Sequence[Fraction]] | None = None,
) -> list[Point]:
    """Admissible points at which the left sides of the comparisons with ``bound`` are largest, the best first; none
    where the claim has no such comparison. The search ends early where it finds nothing better any more.
    """
    comparisons = [
        index
        for index, _, right in bounded_nodes(obligation)
        if obligation.graph.nodes[right].op == "const" and obligation.graph.nodes[right].numbers[0] == bound
    ]
    admissible = AdmissiblePoints(obligation, seed, listed or {})
    if not comparisons or admissible.space is None:
        return []
    return _Ascent(obligation, comparisons, admissible, admissible.space, seed).run(near, work_done() + work)


class _Ascent:
    def __init__(
        self,
        obligation: Obligation,
        comparisons: Sequence[int],
        admissible: AdmissiblePoints,
        space: SearchSpace,
        seed: int,
    ) -> None:
        self._comparisons, self._admissible, self._space = comparisons, admissible, space
        self._plan = make_plan(obligation.graph, (obligation.assumption, obligation.claim))
        rows = len(self._plan.number_row) + len(self._plan.truth_row)
        self._size = max(_LEAST_POINTS, min(_MOST_POINTS, _CELLS // max(1, rows)))
        self._proposals = Proposals(space, np.random.default_rng([seed, 2]), self._size)
        self._best: list[tuple[float, tuple[float, ...]]] = []

    def run(self, near: Sequence[Point], deadline: float) -> list[Point]:
        everything = self._proposals.everything()
        if everything is not None:
            self._look(everything)
            return self._points()
        if near:
            self._look(self._space.parameters_near(np.array([[float(x) for x in p] for p in near])))
        for special in self._proposals.special():
            self._look(special)
            if work_done() > deadline:
                return self._points()
        stale, last = 0, np.inf
        while stale < _RESTARTS and work_done() < deadline:
            self._look(self._proposals.uniform())
            for draws in self._admissible.batches(self._size, deadline):
                self._look(draws.parameters)
            self._climb(deadline)
            best = self._best[0][0] if self._best else np.inf
            stale = 0 if best < last else stale + 1
            last = min(last, best)
        return self._points()

    def _points(self) -> list[Point]:
        return [self._space.point(self._space.exact(np.array(at))) for _, at in self._best]

    def _look(self, parameters: Floats) -> float:
        """Keep the best of these points; the least gap, which is the bound less the largest left side."""
        for start in range(0, len(parameters), self._size):
            some = parameters[start : start + self._size]
            spend(costs.LOOK + len(some) * (costs.RANKED + costs.DRAWN * some.shape[1]))
            inputs = self._space.inputs(some)
            good = np.flatnonzero(self._admissible.admitted(inputs))
            if not len(good):
                continue
            values = Points(self._plan, inputs[good])
            gaps = np.min([values.gap(c) for c in self._comparisons], axis=0)
            gaps = np.where(np.isfinite(gaps), gaps, np.inf)
            order = np.argsort(gaps, kind="stable")[:_ELITE]
            ranked = {(float(gaps[i]), tuple(some[good[i]].tolist())) for i in order if np.isfinite(gaps[i])}
            self._best = sorted({*self._best, *ranked})[:_ELITE]
        return self._best[0][0] if self._best else np.inf

    def _climb(self, deadline: float) -> None:
        stale, last = 0, np.inf
        while self._best and stale < _STALE and work_done() < deadline:
            parents = np.array([at for _, at in self._best])
            best = self._look(np.concatenate([self._uphill(parents), self._proposals.neighbours(parents)]))
            stale = 0 if best < last else stale + 1
            last = min(last, best)

    def _uphill(self, parents: Floats) -> Floats:
        values = Points(self._plan, self._space.inputs(parents))
        gaps = np.array([values.gap(c) for c in self._comparisons])
        slopes = np.array([gap_slopes(values, c) for c in self._comparisons])
        chosen = slopes[gaps.argmin(axis=0), np.arange(len(parents))]
        return self._proposals.steps(parents, -chosen @ self._space.matrix)
