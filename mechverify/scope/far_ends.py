"""The ends of the inputs' ranges to which the slope of a claim points: where a claim about a linear form fails first.

Rounding counts as the identity, so that what is rounded to the same number everywhere has a slope too.
"""

import numpy as np

from mechverify.engines.affine.gradients import gap_slopes
from mechverify.engines.affine.layout import make_plan
from mechverify.engines.points.judge import PointJudge
from mechverify.engines.points.nominal import Points
from mechverify.explanation.compiled import CompiledClaim
from mechverify.scope.variants import Witness

_STEPS = 2
_MOST_NODES = 20_000


def broken_at_an_end(compiled: CompiledClaim) -> Witness | None:
    """An input at the ends of its ranges that breaks the claim in every execution; None where none was found."""
    obligation = compiled.obligation
    graph = obligation.graph
    if len(graph.nodes) > _MOST_NODES or not graph.inputs:
        return None
    plan, judge = make_plan(graph, (obligation.assumption, obligation.claim)), PointJudge(obligation)
    low, high = np.array([float(i.low) for i in graph.inputs]), np.array([float(i.high) for i in graph.inputs])
    whole = np.array([i.kind == "integer" for i in graph.inputs])
    for tie in (1.0, -1.0):
        points = np.array([low, np.where(whole, np.floor((low + high) / 2), (low + high) / 2), high])
        for _ in range(_STEPS):
            slopes = gap_slopes(Points(plan, points), obligation.claim, tie=tie)
            points = np.where(slopes > 0, low, high)
            for chosen in slopes > 0:
                exact = tuple(i.low if down else i.high for i, down in zip(graph.inputs, chosen, strict=True))
                if judge.breaks(exact):
                    return dict(zip((i.name for i in graph.inputs), exact, strict=True))
    return None
