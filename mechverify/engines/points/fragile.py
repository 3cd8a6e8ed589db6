"""Points at which some float32 execution may break a claim, the likeliest first, for a search in the real runtimes.

Where a claim holds in ideal arithmetic, or fails by less than rounding, only a run can tell. Points are drawn at random
and from special values, near points that are known to be close, and along the boundary of the part that is broken
nominally; numpy's own float32 execution ranks them.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import chain

import numpy as np

from mechverify.engines.affine.layout import Floats, make_plan
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.points.executed import ExecutedPoints
from mechverify.engines.points.judge import Point
from mechverify.engines.points.nominal import Points
from mechverify.engines.points.proposals import Proposals
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


class FragilePoints:
    """Candidates of one obligation, without end. ``near`` are points whose neighbourhood is looked at first; ``listed``
    as in ``AdmissiblePoints``. Deterministic for a seed.
    """

    def __init__(
        self,
        obligation: Obligation,
        seed: int,
        near: Sequence[Point] = (),
        listed: Mapping[str, Sequence[Fraction]] | None = None,
    ) -> None:
        self._obligation = obligation
        self._random = np.random.default_rng([seed, 1])
        self._admissible = AdmissiblePoints(obligation, seed, listed or {})
        self._plan = make_plan(obligation.graph, (obligation.assumption, obligation.claim))
        rows = len(self._plan.number_row) + len(self._plan.truth_row)
        self._size = max(_LEAST_POINTS, min(_MOST_POINTS, _CELLS // max(1, rows)))
        self._near = near
        self._told: set[Point] = set()
        self._elite: list[tuple[float, tuple[float, ...]]] = []

    def batches(self, deadline: float) -> Iterator[list[Point]]:
        """Lists of at most a few dozen new points, until the work of this process has come to ``deadline``; none
        where the assumption is seen to exclude everything.
        """
        space = self._admissible.space
        if space is None:
            return
        proposals = Proposals(space, self._random, self._size)
        for parameters in self._parameters(space, proposals, deadline):
            if work_done() > deadline:
                return
            for start in range(0, len(parameters), self._size):
                chosen = self._chosen(space, parameters[start : start + self._size])
                if chosen:
                    yield chosen

    def _parameters(self, space: SearchSpace, proposals: Proposals, deadline: float) -> Iterator[Floats]:
        everything = proposals.everything()
        if everything is not None:
            yield self._random.permutation(everything)
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

    def _uniform(self, deadline: float) -> Floats:
        space = self._admissible.space
        width = 0 if space is None else len(space.parameters)
        drawn = [d.parameters for d in self._admissible.batches(self._size, deadline)]
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
        inputs = space.inputs(parameters)
        good = np.flatnonzero(self._admissible.admitted(inputs))
        if not len(good):
            return []
        inputs, claim = inputs[good], self._obligation.claim
        executed, nominal = ExecutedPoints(self._plan, inputs), Points(self._plan, inputs)
        broken = ~executed.holds(claim)
        gaps = np.nan_to_num(nominal.gap(claim), nan=np.inf)
        there = np.where(broken, -np.inf, np.nan_to_num(executed.gap(claim), nan=-np.inf))
        best = np.argsort(gaps, kind="stable")[:_ELITE]
        ranked = {(float(gaps[i]), tuple(float(x) for x in parameters[good[i]])) for i in best}
        self._elite = sorted({*self._elite, *ranked})[:_ELITE]
        order = np.lexsort((gaps, there))
        chosen: list[Point] = []
        for i in chain(order[: 2 * _CHOSEN], best):
            point = space.point(space.exact(parameters[good[i]]))
            if len(chosen) < _CHOSEN and point not in self._told:
                self._told.add(point)
                chosen.append(point)
        return chosen
