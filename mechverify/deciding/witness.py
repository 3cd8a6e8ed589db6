"""The simplest witness we can find, confirmed by the kernel."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mechverify.deciding import combine
from mechverify.deciding.decision import Decision, Point
from mechverify.engines.affine.layout import make_plan
from mechverify.engines.certificates.problem import point_certificate, problem_data, problem_sha256
from mechverify.engines.points.judge import PointJudge
from mechverify.engines.points.nominal import Points
from mechverify.engines.points.shrink import FirstBroken, shrink
from mechverify.engines.processes.kernel import check_certificate
from mechverify.engines.work.meter import work_done
from mechverify.graph.graph import Obligation

_MOST_CALLS = 600
_SHRINK_WORK = 30.0
_CHECK_SECONDS = 60.0
_NEAR = 1e-9
_DISTANCES = (0.0, 1e-7, 1e-6, 1e-5, 1e-4)
_SMALL_GRAPH = 100
_FEW_CALLS = 24


def simplest(obligation: Obligation, decision: Decision) -> Decision:
    """The decision with its witness made as simple as a few hundred tries can make it.

    The smaller witness counts only if the kernel, in its own process, accepts it; otherwise the decision stays as it
    is.
    """
    if decision.point is None:
        return decision
    point = simpler(obligation, decision.point)
    if point == decision.point:
        return decision
    problem = problem_data(obligation)
    certificate = point_certificate(problem, point)
    answer = check_certificate(certificate, _CHECK_SECONDS)
    confirmed = combine.refuted(point, certificate, problem_sha256(problem), answer)
    if confirmed is None:
        return decision
    return replace(
        confirmed,
        engine=decision.engine,
        inhabitant=decision.inhabitant,
        seconds=decision.seconds,
        check_seconds=(decision.check_seconds or 0.0) + answer.seconds,
    )


def simpler(
    obligation: Obligation, point: Point, *, exact_calls: int | None = None, work: float = _SHRINK_WORK
) -> Point:
    """A simpler point that definitely meets the assumption and breaks the claim, or the point itself.

    ``exact_calls``: how many points are evaluated exactly at most, by default few for large graphs. ``work``: as a
    ``Budget`` counts it.

    A descent in float64 comes first, with more and more distance kept from the edge of the violation until exact
    evaluation confirms where it ended; the last steps are evaluated exactly.
    """
    judge, nominal = PointJudge(obligation), _Nominal(obligation)
    deadline = work_done() + work
    inputs = obligation.graph.inputs

    def within_work(first: FirstBroken) -> FirstBroken:
        return lambda points: first(points) if work_done() < deadline else None

    def exactly(points: Sequence[Point]) -> int | None:
        likely = np.flatnonzero(nominal.broken(points, -_NEAR)).tolist()
        return next((k for k in likely if work_done() < deadline and judge.breaks(points[k])), None)

    for distance in _DISTANCES:
        clearly = within_work(partial(nominal.first_broken, distance=distance))
        nearer = shrink(point, clearly, inputs, most_calls=_MOST_CALLS)
        if nearer != point and judge.breaks(nearer):
            point = nearer
            break
    calls = exact_calls or (_MOST_CALLS if len(obligation.graph.nodes) < _SMALL_GRAPH else _FEW_CALLS)
    return shrink(point, within_work(exactly), inputs, most_calls=calls)


class _Nominal:
    """The obligation in float64, without the rounding that executions may differ in."""

    def __init__(self, obligation: Obligation) -> None:
        self._assumption, self._claim = obligation.assumption, obligation.claim
        self._plan = make_plan(obligation.graph, (obligation.assumption, obligation.claim))

    def broken(self, points: Sequence[Point], distance: float) -> NDArray[np.bool_]:
        """Which points meet the assumption and break the claim by ``distance``, relative to the largest value there.

        A claim without a value, such as one that divides by zero, is broken.
        """
        values = Points(self._plan, np.array([[float(x) for x in point] for point in points]))
        scale = 1.0 + np.abs(np.nan_to_num(values.numbers)).max(axis=0, initial=0.0)
        excluded = values.gap(self._assumption) < -_NEAR * scale
        broken: NDArray[np.bool_] = ~(excluded | (values.gap(self._claim) > -distance * scale))
        return broken

    def first_broken(self, points: Sequence[Point], distance: float) -> int | None:
        """The place of the first of them."""
        found = np.flatnonzero(self.broken(points, distance))
        return int(found[0]) if len(found) else None
