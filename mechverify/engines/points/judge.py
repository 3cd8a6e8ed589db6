"""What the kernel's point evaluation says of one point of an obligation, for searches that want to know before they
answer.
"""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction

from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.work.rules import evaluate
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import InvalidError, normal

Point = tuple[Fraction, ...]


class PointStatus(StrEnum):
    """``BREAKS``: assumption true and claim false in every execution. ``HOLDS``: claim true in every execution.
    ``OUTSIDE``: not in the box, or the assumption is not established. ``UNCLEAR``: admissible, and executions may
    differ on the claim.
    """

    BREAKS = "breaks"
    HOLDS = "holds"
    OUTSIDE = "outside"
    UNCLEAR = "unclear"


class PointJudge:
    """Judges points of one obligation; what does not depend on the point is prepared once."""

    def __init__(self, obligation: Obligation) -> None:
        self._prepared = prepare(obligation)
        self.calls = 0

    def status(self, point: Sequence[Fraction]) -> PointStatus:
        """Evaluate the obligation at one point, one number for each input."""
        self.calls += 1
        problem = self._prepared.problem
        try:
            truth = evaluate(self._prepared, [normal(x) for x in point]).truth
        except InvalidError:
            return PointStatus.OUTSIDE
        if truth[problem.assumption] is not True:
            return PointStatus.OUTSIDE
        claim = truth[problem.claim]
        if claim is None:
            return PointStatus.UNCLEAR
        return PointStatus.HOLDS if claim else PointStatus.BREAKS

    def breaks(self, point: Sequence[Fraction]) -> bool:
        """Whether the point meets the assumption and breaks the claim in every execution."""
        return self.status(point) is PointStatus.BREAKS
