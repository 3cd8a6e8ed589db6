"""Points at which some float32 execution may break a claim, the likeliest first, for a search in the real runtimes.

Where a claim holds in ideal arithmetic, or fails by less than rounding, only a run can tell. Points are drawn at random
and from special values, near points that are known to be close, and along the boundary of the part that is broken
nominally; numpy's own float32 execution ranks them. Where the real executions can be asked about many points at once,
some of these are run, and what comes closest there is bred (``climb``).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.layout import Floats, Rows, make_plan
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.points.judge import Point
from mechverify.engines.points.nominal import Points
from mechverify.engines.points.proposals import Proposals
from mechverify.engines.points.rounding.climb import Climb
from mechverify.engines.points.rounding.executed import ExecutedPoints
from mechverify.engines.points.search_space import SearchSpace
from mechverify.engines.work.meter import work_done
from mechverify.graph.graph import Obligation

_CELLS = 1_000_000
_MOST_POINTS, _LEAST_POINTS = 2048, 16
_CHOSEN = 24
_ELITE = 16
_HALVINGS = 24
_ULP = 2.0**-24
_MOST_ULPS = 32
_RUN = 256
_GENERATIONS = 8

# Points (n, inputs) to whether the claim holds in every execution at hand, and how clearly in the least clear one.
Executions = Callable[[Floats], tuple[NDArray[np.bool_], Floats]]


class FragilePoints:
    """Candidates of one obligation, without end. ``near`` are points whose neighbourhood is looked at first; ``listed``
    as in ``AdmissiblePoints``. With ``executions`` only points that these break are candidates; ``run`` is how many
    were run so far. Deterministic for a seed.
    """

    def __init__(
        self,
        obligation: Obligation,
        seed: int,
        near: Sequence[Point] = (),
        listed: Mapping[str, Sequence[Fraction]] | None = None,
        executions: Executions | None = None,
    ) -> None:
        self._obligation = obligation
        self._random = np.random.default_rng([seed, 1])
        self._admissible = AdmissiblePoints(obligation, seed, listed or {})
        self._plan = make_plan(obligation.graph, (obligation.assumption, obligation.claim))
        rows = len(self._plan.number_row) + len(self._plan.truth_row)
        self._size = max(_LEAST_POINTS, min(_MOST_POINTS, _CELLS // max(1, rows)))
        self._near = near
        self._executions = executions
        self.run = 0
        self._told: set[Point] = set()
        self._elite: list[tuple[float, tuple[float, ...]]] = []

    def batches(self, deadline: float) -> Iterator[list[Point]]:
        """Lists of at most a few dozen new points, with executions also empty ones, until the work of this process has
        come to ``deadline``; none where the assumption is seen to exclude everything.
        """
        space = self._admissible.space
        if space is None:
            return
        proposals = Proposals(space, self._random, self._size)
        climb = Climb(space, self._random)
        whole = proposals.everything()
        rows = self._size if whole is None or self._executions is None else _RUN
        for parameters in self._parameters(space, proposals, whole, deadline):
            for start in range(0, len(parameters), rows):
                if work_done() > deadline:
                    return
                part = parameters[start : start + rows]
                if self._executions is None:
                    chosen = self._chosen(space, part)
                    if chosen:
                        yield chosen
                else:
                    yield self._broken(space, climb, self._executions, self._picked(space, part))
            if self._executions is not None and whole is None:
                yield from self._climbed(space, climb, self._executions, deadline)

    def _climbed(
        self, space: SearchSpace, climb: Climb, executions: Executions, deadline: float
    ) -> Iterator[list[Point]]:
        """What some generations break."""
        for _ in range(_GENERATIONS):
            if not climb.has_points or work_done() > deadline:
                return
            strangers = self._uniform(deadline, _RUN)
            yield self._broken(space, climb, executions, climb.offspring(strangers))

    def _parameters(
        self, space: SearchSpace, proposals: Proposals, whole: Floats | None, deadline: float
    ) -> Iterator[Floats]:
        if whole is not None:
            yield self._random.permutation(whole)
            return
        known = self._nearby(space)
        if len(known):
            yield np.concatenate([known, self._beside(space, known), proposals.neighbours(known)])
        yield self._uniform(deadline)
        yield from proposals.special()
        while True:
            yield self._uniform(deadline)
            yield proposals.uniform()
            if self._elite:
                parents = np.array([at for _, at in self._elite])
                yield np.concatenate([self._beside(space, parents), proposals.neighbours(parents)])
                yield self._boundary(space, parents, deadline)

    def _uniform(self, deadline: float, most: int = _MOST_POINTS) -> Floats:
        space = self._admissible.space
        width = 0 if space is None else len(space.parameters)
        drawn = [d.parameters for d in self._admissible.batches(min(most, self._size), deadline)]
        return np.concatenate(drawn) if drawn else np.empty((0, width))

    def _nearby(self, space: SearchSpace) -> Floats:
        """The known points as parameters."""
        points = np.array([[float(x) for x in p] for p in self._near])
        return space.parameters_near(points.reshape(len(self._near), len(space.forms)))

    def _beside(self, space: SearchSpace, parents: Floats) -> Floats:
        """The nearest integers and the nearest floats: a few parameters moved by a few steps each."""
        rows = self._random.integers(len(parents), size=self._size)
        points = parents[rows]
        steps = self._random.integers(1, _MOST_ULPS + 1, points.shape) * self._random.choice((-1.0, 1.0), points.shape)
        whole = np.sign(steps) * np.minimum(np.abs(steps) % 3 + 1, 3)
        moves = np.where(space.integer, whole, steps * _ULP * np.maximum(np.abs(points), 2.0**-126))
        moved = self._random.random(points.shape) < self._random.choice((0.1, 0.5, 1.0), (len(points), 1))
        return self._fit(space, points + np.where(moved, moves, 0.0))

    def _boundary(self, space: SearchSpace, inside: Floats, deadline: float) -> Floats:
        """Points on both sides of the boundary of the nominally broken part, by bisection towards random points."""
        outside = self._uniform(deadline)
        if not len(outside):
            return outside
        low = inside[self._random.integers(len(inside), size=len(outside))]
        high = outside
        for _ in range(_HALVINGS):
            middle = self._fit(space, (low + high) / 2.0)
            broken = Points(self._plan, space.inputs(middle)).gap(self._obligation.claim) <= 0.0
            low = np.where(broken[:, None], middle, low)
            high = np.where(broken[:, None], high, middle)
        return np.concatenate([low, high])

    @staticmethod
    def _fit(space: SearchSpace, points: Floats) -> Floats:
        return np.clip(np.where(space.integer, np.round(points), points), space.low, space.high)

    def _chosen(self, space: SearchSpace, parameters: Floats) -> list[Point]:
        """The admissible points that are broken in numpy's execution, then those that come closest, nominally or
        there.
        """
        parameters, order, best = self._ranked(space, parameters)
        return self._new(space, parameters, chain(order[: 2 * _CHOSEN], best))

    def _broken(self, space: SearchSpace, climb: Climb, executions: Executions, parameters: Floats) -> list[Point]:
        """Those of these points, not too many, that are admissible and that an execution breaks."""
        inputs = space.inputs(parameters)
        good = np.flatnonzero(self._admissible.admitted(inputs))
        if not len(good):
            return []
        self.run += len(good)
        parameters = parameters[good]
        holds, gaps = executions(inputs[good])
        gaps = np.nan_to_num(gaps, nan=np.inf)
        climb.add(parameters, gaps)
        nearest = np.argsort(gaps, kind="stable")
        return self._new(space, parameters, nearest[~holds[nearest] & (gaps[nearest] < np.inf)])

    def _picked(self, space: SearchSpace, parameters: Floats) -> Floats:
        """Points worth a run: where they are many, those that ``_chosen`` prefers and some of the others."""
        if len(parameters) <= _RUN:
            return parameters
        parameters, order, _ = self._ranked(space, parameters)
        first = order[: _RUN // 2]
        others = self._random.permutation(order[len(first) :])[: _RUN - len(first)]
        picked: Floats = parameters[np.concatenate([first, others])]
        return picked

    def _ranked(self, space: SearchSpace, parameters: Floats) -> tuple[Floats, Rows, Rows]:
        """The admissible ones of these points, their order by numpy's execution, then nominally, and the first by what
        they are nominally.
        """
        inputs = space.inputs(parameters)
        good = np.flatnonzero(self._admissible.admitted(inputs))
        inputs, parameters, claim = inputs[good], parameters[good], self._obligation.claim
        if not len(good):
            return parameters, good, good
        executed, nominal = ExecutedPoints(self._plan, inputs), Points(self._plan, inputs)
        gaps = np.nan_to_num(nominal.gap(claim), nan=np.inf)
        there = np.where(~executed.holds(claim), -np.inf, np.nan_to_num(executed.gap(claim), nan=-np.inf))
        best = np.argsort(gaps, kind="stable")[:_ELITE]
        ranked = {(float(gaps[i]), tuple(float(x) for x in parameters[i])) for i in best}
        self._elite = sorted({*self._elite, *ranked})[:_ELITE]
        return parameters, np.lexsort((gaps, there)), best

    def _new(self, space: SearchSpace, parameters: Floats, rows: Iterable[int]) -> list[Point]:
        """Points that were not told before."""
        chosen: list[Point] = []
        for i in rows:
            if len(chosen) == _CHOSEN:
                break
            point = space.point(space.exact(parameters[i]))
            if point not in self._told:
                self._told.add(point)
                chosen.append(point)
        return chosen
