"""The simplest witness we can find, confirmed by the kernel."""

import time
from collections.abc import Callable

import numpy as np

from mechverify.engines.judge import PointJudge
from mechverify.engines.kernel_process import check_certificate
from mechverify.engines.plan import make_plan
from mechverify.engines.points import Points
from mechverify.engines.problem import point_certificate, problem_data
from mechverify.engines.shrink import shrink
from mechverify.graph.graph import Obligation
from mechverify.pipeline.decision import Decision, Point

_MOST_CALLS = 600
_SHRINK_SECONDS = 30.0
_CHECK_SECONDS = 60.0
_NEAR = 1e-9


def simplest(obligation: Obligation, decision: Decision) -> Decision:
    """The decision with its witness made as simple as a few hundred tries can make it.

    The smaller witness counts only if the kernel, in its own process, accepts it; otherwise the decision stays as it
    is.
    """
    if decision.point is None:
        return decision
    point = shrink(decision.point, _breaker(obligation), obligation.graph.inputs, most_calls=_MOST_CALLS)
    if point == decision.point:
        return decision
    certificate = point_certificate(problem_data(obligation), point)
    answer = check_certificate(certificate, _CHECK_SECONDS)
    if answer.answer != "valid":
        return decision
    return Decision(
        verdict=decision.verdict,
        assurance=decision.assurance,
        engine=decision.engine,
        certificate=certificate,
        sha256=answer.problem_sha256,
        steps=answer.steps,
        operations=answer.operations,
        point=point,
        inhabitant=decision.inhabitant,
        seconds=decision.seconds,
        check_seconds=(decision.check_seconds or 0.0) + answer.seconds,
    )


def _breaker(obligation: Obligation) -> Callable[[Point], bool]:
    """Whether a point definitely meets the assumption and breaks the claim; always False once the time is used up.

    Points that clearly do not, in float64, are not evaluated exactly.
    """
    judge = PointJudge(obligation)
    plan = make_plan(obligation.graph, (obligation.assumption, obligation.claim))
    deadline = time.monotonic() + _SHRINK_SECONDS

    def promising(point: Point) -> bool:
        values = Points(plan, np.array([[float(x) for x in point]]))
        slack = _NEAR * (1.0 + float(np.abs(values.numbers).max(initial=0.0)))
        met, holds = float(values.gap(obligation.assumption)[0]), float(values.gap(obligation.claim)[0])
        return not (met < -slack or holds > slack)

    return lambda point: time.monotonic() < deadline and promising(point) and judge.breaks(point)
