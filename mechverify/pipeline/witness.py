"""The simplest witness we can find, confirmed by the kernel."""

import time
from collections.abc import Callable

from mechverify.engines.kernel_process import check_certificate
from mechverify.engines.problem import number_text, point_certificate, problem_data
from mechverify.engines.shrink import shrink
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import evaluate_point, parse_number, read_problem
from mechverify.kernel.fault import InvalidError
from mechverify.pipeline.decision import Decision, Point

_SHRINK_SECONDS = 1.0
_CHECK_SECONDS = 60.0


def simplest(obligation: Obligation, decision: Decision) -> Decision:
    """The decision with its witness made as simple as can be found in about a second.

    The smaller witness counts only if the kernel, in its own process, accepts it; otherwise the decision stays as it
    is.
    """
    if decision.point is None:
        return decision
    point = shrink(decision.point, _breaker(obligation), obligation.graph.inputs)
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
    """Whether a point definitely meets the assumption and breaks the claim; always False once the time is used up."""
    problem = read_problem(problem_data(obligation))
    deadline = time.monotonic() + _SHRINK_SECONDS

    def breaks(point: Point) -> bool:
        if time.monotonic() > deadline:
            return False
        try:
            values = evaluate_point(problem, [parse_number(number_text(x)) for x in point])
        except InvalidError:
            return False
        return values[obligation.assumption] is True and values[obligation.claim] is False

    return breaks
