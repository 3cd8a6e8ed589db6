"""A quick look for a counterexample: special values, random points, coincidences of linear forms, and descent.

All points meet the linear equality preconditions by construction. Float64 only ranks them; a counterexample is handed
on only if exact evaluation shows, in every execution, that the assumption holds and the claim does not.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.gradients import gap_slopes
from mechverify.engines.affine.layout import make_plan
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome
from mechverify.engines.integers.collisions import collision_points, turning_forms
from mechverify.engines.points.judge import Point, PointJudge, PointStatus
from mechverify.engines.points.nominal import Points
from mechverify.engines.points.proposals import Proposals
from mechverify.engines.points.search_space import Floats, SearchSpace
from mechverify.engines.ranges.narrowing import narrowed
from mechverify.engines.search.implied import bounded
from mechverify.engines.search.paths import eliminate, root_box
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.graph.graph import Obligation

_SHARE = 0.9
_CELLS = 2_000_000
_MOST_POINTS = 4096
_LEAST_POINTS = 16
_ASKED = 6
_NEAR = 1e-7
_KEPT = 16
_SUSPECTS = 8
_STALE = 8
_UNIFORM = 2


@dataclass(frozen=True, slots=True)
class SamplingEngine:
    """Random and directed search; never proves anything. Deterministic for a seed."""

    name: str = "sampling"

    def suits(self, obligation: Obligation) -> bool:  # noqa: ARG002 - the contract of Engine
        """Looking is always worth it."""
        return True

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """A counterexample that exact evaluation confirms, or GaveUp with the points that come closest."""
        deadline = work_done() + _SHARE * budget.work
        box = eliminate(bounded(root_box(prepare(obligation, 96))))
        if box.state.closed:
            return GaveUp("vacuity", "The preconditions contradict each other.")
        search = _Search(obligation, SearchSpace.of(obligation, box), deadline, budget.seed)
        found = search.run()
        if found is not None:
            return CounterexampleFound(found)
        words = f"The search for a counterexample tried {_points(search.tried)} (seed {budget.seed}) and found none."
        return GaveUp("rounding" if search.doubtful else "work", words, search.suspects())


def _least(scores: Floats, count: int) -> NDArray[np.intp]:
    """The places of the least scores, the first of equal ones first."""
    if len(scores) <= count:
        return np.argsort(scores, kind="stable")
    near = np.flatnonzero(scores <= np.partition(scores, count)[count])
    return near[np.argsort(scores[near], kind="stable")][:count]


def _points(count: int) -> str:
    return "1 point" if count == 1 else f"{count:,} points"


class _Search:
    """One search. ``doubtful`` are admissible points at which executions differ on the claim."""

    def __init__(self, obligation: Obligation, space: SearchSpace, deadline: float, seed: int) -> None:
        self._obligation = obligation
        self._space = space
        self._deadline = deadline
        self._random = np.random.default_rng(seed)
        self._plan = make_plan(narrowed(obligation).graph, (obligation.assumption, obligation.claim))
        self._judge = PointJudge(obligation)
        rows = len(self._plan.number_row) + len(self._plan.truth_row)
        self._batch = max(_LEAST_POINTS, min(_MOST_POINTS, _CELLS // rows))
        self._proposals = Proposals(space, self._random, self._batch)
        inputs = obligation.graph.inputs
        self._low = np.array([float(i.low) for i in inputs])
        self._high = np.array([float(i.high) for i in inputs])
        self._asked: set[Point] = set()
        self._best: list[tuple[float, tuple[float, ...]]] = []
        self._found: Point | None = None
        self.doubtful: list[Point] = []
        self.tried = 0

    def run(self) -> Point | None:
        """The first confirmed counterexample; None once the work is used up or every point has been tried."""
        everything = self._proposals.everything()
        if everything is not None:
            self._try_all([everything])
            return self._found
        stages = (self._proposals.special(), (self._proposals.uniform() for _ in range(_UNIFORM)))
        for stage in stages:
            if self._try_all(stage):
                return self._found
        if self._try_collisions() or self._climb():
            return self._found
        while True:
            before, self._best = self._best, []
            if self._try_all([self._proposals.uniform()]) or self._climb() or self._try_collisions():
                return self._found
            self._best = sorted({*self._best, *before})[:_KEPT]

    def suspects(self) -> tuple[Point, ...]:
        """Doubtful points first, then those that came closest to breaking the claim."""
        near = [self._space.point(self._space.exact(np.array(at))) for _, at in self._best]
        return tuple(dict.fromkeys([*self.doubtful, *near]))[:_SUSPECTS]

    def _over(self) -> bool:
        return self._found is not None or work_done() > self._deadline

    def _try_all(self, stage: Iterator[Floats] | Sequence[Floats]) -> bool:
        """Whether the search is over."""
        for points in stage:
            for start in range(0, len(points), self._batch):
                self._look(points[start : start + self._batch])
                if self._over():
                    return True
        return self._over()

    def _look(self, parameters: Floats) -> float:
        """Rank a batch, ask about the best, keep them for climbing; the best score."""
        spend(costs.LOOK + len(parameters) * (costs.RANKED + costs.DRAWN * parameters.shape[1]))
        scores = self._scores(parameters)
        order = _least(scores, _KEPT)
        asked = 0
        for i in order:
            if scores[i] > _NEAR or asked == _ASKED or self._found is not None:
                break
            asked += self._ask(self._space.point(self._space.exact(parameters[i])))
        best = {(float(scores[i]), tuple(float(x) for x in parameters[i])) for i in order if np.isfinite(scores[i])}
        self._best = sorted({*self._best, *best})[:_KEPT]
        return self._best[0][0] if self._best else np.inf

    def _scores(self, parameters: Floats) -> Floats:
        """How far each point is from meeting the assumption and the bounds and breaking the claim; below zero: it
        nominally does.
        """
        self.tried += len(parameters)
        inputs = self._space.inputs(parameters)
        values = Points(self._plan, inputs)
        outside = np.maximum(self._low - inputs, inputs - self._high).max(axis=1, initial=-np.inf)
        met = np.maximum(-values.gap(self._obligation.assumption), np.where(outside > _NEAR, outside, -np.inf))
        return np.nan_to_num(np.maximum(met, values.gap(self._obligation.claim)), nan=np.inf, posinf=np.inf)

    def _ask(self, point: Point) -> bool:
        """Judge a point exactly, once; whether it was new."""
        if point in self._asked:
            return False
        self._asked.add(point)
        status = self._judge.status(point)
        if status is PointStatus.BREAKS:
            self._found = point
        elif status is PointStatus.UNCLEAR and len(self.doubtful) < _SUSPECTS:
            self.doubtful.append(point)
        return True

    def _climb(self) -> bool:
        """Move the best points downhill until that no longer helps."""
        stale, last = 0, np.inf
        while self._best and stale < _STALE:
            parents = np.array([at for _, at in self._best])
            best = self._look(np.concatenate([self._downhill(parents), self._proposals.neighbours(parents)]))
            if self._over():
                return True
            stale = 0 if best < last else stale + 1
            last = min(last, best)
        return False

    def _downhill(self, parents: Floats) -> Floats:
        """Steps of every size against the slope of whatever keeps a point from breaking the claim."""
        inputs = self._space.inputs(parents)
        values = Points(self._plan, inputs)
        met, broken = -values.gap(self._obligation.assumption), values.gap(self._obligation.claim)
        slopes = np.where(
            (met > broken)[:, None],
            -gap_slopes(values, self._obligation.assumption),
            gap_slopes(values, self._obligation.claim),
        )
        return self._proposals.steps(parents, -slopes @ self._space.matrix)

    def _try_collisions(self) -> bool:
        """Exact coincidences, judged without a look at float64, which may not see that two sums are equal."""
        forms = turning_forms(self._obligation, self._space)
        for points in collision_points(self._space, forms, self._random):
            self._try_all([np.array([[float(x) for x in at] for at in points])])
            for at in points:
                if self._over():
                    return True
                self.tried += self._ask(self._space.point([Fraction(x) for x in at]))
            if self._over():
                return True
        return self._over()
