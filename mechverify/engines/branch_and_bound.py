"""Branch and bound on boxes, switches and conditions: the general proof-producing engine."""

import time
from dataclasses import dataclass

import numpy as np

from mechverify.engines.boxes import Box
from mechverify.engines.candidates import halvings, switch_steps
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome, Step
from mechverify.engines.paths import eliminate, prepare, root_box
from mechverify.engines.plan import make_plan
from mechverify.engines.search import Judged, Search
from mechverify.engines.witnesses import WitnessHunt
from mechverify.graph.graph import Obligation

PRECISION = 96
_MAX_PARAMETERS = 64
_FEW = 3
_DETAIL = {
    "time": "the time ran out with {open} boxes open",
    "memory": "the search grew beyond {bounded} boxes",
    "stuck": "a box has nothing left to split on",
}


@dataclass(frozen=True, slots=True)
class BranchAndBoundEngine:
    """Splits boxes, phases and conditions until affine forms close every leaf. ``margin`` scales the safety against float64 error."""

    margin: float = 4.0
    max_boxes: int = 2_000_000
    name: str = "branch and bound"

    def suits(self, obligation: Obligation) -> bool:
        """Graphs whose inputs are few enough for forms over all of them."""
        return len(obligation.graph.inputs) <= _MAX_PARAMETERS

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """Search for a proof, looking for counterexamples on the way."""
        deadline = time.monotonic() + 0.95 * budget.seconds
        prepared = prepare(obligation, PRECISION)
        root = root_box(prepared)
        box = eliminate(root)
        wanted = {obligation.assumption, obligation.claim, *box.roots}
        hunt = WitnessHunt(obligation, prepared, make_plan(obligation.graph, wanted), budget.seed)
        search = Search(
            obligation, prepared, deadline, self.margin, lambda b, j: _candidates(obligation, b, j), hunt, self.max_boxes,
        )
        return finish(search, root, [box], hunt)


def finish(search: Search, root: Box, boxes: list[Box], hunt: WitnessHunt) -> Outcome:
    """Run a search and say what came of it."""
    if search.run(boxes):
        return search.proof(root)
    if hunt.found is not None:
        return CounterexampleFound(hunt.found)
    if hunt.nominal:
        detail = "points break the claim in ideal arithmetic, but not in every execution"
        return GaveUp("rounding", detail, hunt.suspects())
    reason = search.reason or "time"
    detail = _DETAIL.get(reason, reason).format(open=len(search.open), bounded=search.counts.bounded)
    return GaveUp("time" if reason == "stuck" else reason, detail, hunt.suspects())


def _candidates(obligation: Obligation, box: Box, judged: Judged) -> list[Step]:
    scores = judged.influence.parameters
    wide = [i for i, p in enumerate(box.chart.live) if box.state.live[p].low < box.state.live[p].high]
    few = len(wide) <= _FEW
    if not few:
        wide = sorted(wide, key=lambda i: -scores[i])[:_FEW]
    steps = halvings(box, wide)
    return steps + switch_steps(box, obligation.graph, judged.influence, nonlinear=not few, limit=2)
