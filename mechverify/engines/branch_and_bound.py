"""Branch and bound on boxes, switches and conditions: the general proof-producing engine."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from mechverify.engines.affine.boxes import Box, steps_of
from mechverify.engines.affine.layout import forms_fit, make_plan
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome, PartlyProved, ProofFound
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.engines.processes.children import keep
from mechverify.engines.ranges.narrowing import narrowed
from mechverify.engines.search.branching import Judged, Search
from mechverify.engines.search.candidates import halvings, regions, switch_steps
from mechverify.engines.search.cases import root_boxes
from mechverify.engines.search.hunt import WitnessHunt
from mechverify.engines.search.paths import Move, root_box
from mechverify.engines.search.proved_parts import proved_parts
from mechverify.engines.work.meter import work_done
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import Prepared

PRECISION = 96
_FEW = 3
_TOGETHER_EVERY = 4
_TOGETHER = 3
_DETAIL = {
    "work": "the work was used up with {open} boxes open",
    "memory": "the search grew beyond {bounded} boxes",
    "stuck": "a part of the inputs is left on which neither bounds nor splits decide the claim",
}


_UNDECIDED_POINTS = "at some inputs the bounds of rounding are too wide to tell whether the claim holds"
_KEEP_EVERY = 2.0
_KEEP_SHARE = 0.05


@dataclass(slots=True)
class _KeepParts:
    """Puts what is proved aside now and then, so that a search which is stopped loses little."""

    parts: Callable[[], PartlyProved]
    due: float = field(default_factory=lambda: work_done() + _KEEP_EVERY)

    def __call__(self) -> None:
        began = work_done()
        if began < self.due:
            return
        found = self.parts()
        if found.parts:
            keep(found)
        ended = work_done()
        self.due = ended + max(_KEEP_EVERY, (ended - began) / _KEEP_SHARE)


@dataclass(frozen=True, slots=True)
class BranchAndBoundEngine:
    """Splits boxes, phases and conditions until affine forms close every leaf. ``margin`` scales the safety against
    float64 error."""

    margin: float = 4.0
    max_boxes: int = 2_000_000
    name: str = "branch and bound"

    def suits(self, obligation: Obligation) -> bool:
        """Graphs whose inputs are few enough for forms over all of them."""
        return forms_fit(obligation)

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """Search for a proof, looking for counterexamples on the way."""
        prepared = prepare(obligation, PRECISION)
        root = root_box(prepared)
        seen = narrowed(obligation)
        return conclude(
            obligation,
            prepared,
            root,
            root_boxes(seen, root),
            budget,
            lambda judged: moves(seen, judged),
            (self.margin, self.max_boxes),
        )


def prove_empty(obligation: Obligation, budget: Budget, margin: float = 4.0) -> ProofFound | None:
    """A proof that no point in bounds meets the assumption, if the search finds one."""
    prepared = prepare(obligation, PRECISION, empty=True)
    root = root_box(prepared)
    boxes = root_boxes(obligation, root)
    search = Search(
        obligation,
        prepared,
        work_done() + budget.work,
        margin,
        lambda judged: moves(obligation, judged),
        None,
    )
    return search.proof(root) if search.run(boxes) else None


def conclude(
    obligation: Obligation,
    prepared: Prepared,
    root: Box,
    boxes: list[Box],
    budget: Budget,
    moves: Callable[[Judged], list[Move]],
    limits: tuple[float, int],
    *,
    lines: bool = False,
    tight: bool = False,
) -> Outcome:
    """Search below the boxes and say what came of it. ``limits``: margin, most boxes; ``lines`` traces breakpoints,
    ``tight`` asks the kernel of every box.
    """
    started = work_done()
    wanted = {obligation.assumption, obligation.claim}
    seen = narrowed(obligation)
    hunt = WitnessHunt(obligation, prepared, make_plan(seen.graph, wanted), budget.seed)
    search = Search(
        seen,
        prepared,
        started + 0.9 * budget.work,
        limits[0],
        moves,
        hunt,
        limits[1],
        lines,
        tight=tight,
    )
    search.told = _KeepParts(lambda: PartlyProved(proved_parts(obligation, root, PRECISION), hunt.suspects()))
    if search.run(boxes):
        left = budget.work - (work_done() - started)
        return _proof(obligation, root, boxes, hunt, Budget(left / 2, budget.seed), limits[0])
    for box in search.failed:
        hunt.corner(box)
    if hunt.found is not None:
        return CounterexampleFound(hunt.found)
    parts = proved_parts(obligation, root, PRECISION)
    if parts:
        return PartlyProved(parts, hunt.suspects())
    if hunt.nominal:
        return GaveUp("rounding", _UNDECIDED_POINTS, hunt.suspects())
    reason = search.reason or "work"
    detail = _DETAIL.get(reason, reason).format(open=len(search.open), bounded=search.counts.bounded)
    return GaveUp("rounding" if reason == "stuck" else reason, detail, hunt.suspects())


def _proof(
    obligation: Obligation,
    root: Box,
    boxes: list[Box],
    hunt: WitnessHunt,
    budget: Budget,
    margin: float,
) -> ProofFound:
    """The proof; where no point seems to meet the assumption, rather one that there is none."""
    proof = ProofFound(steps_of(root.leaf), PRECISION, not boxes)
    if proof.empty or hunt.admissible or find_inhabitant(obligation, budget.seed) is not None:
        return proof
    return prove_empty(obligation, budget, margin) or proof


def moves(obligation: Obligation, judged: Judged) -> list[Move]:
    """Halves of the most influential parameters, and one undecided condition or switch; now and then a few together."""
    box, scores = judged.box, judged.influence.parameters
    wide = [i for i, p in enumerate(box.chart.live) if box.state.live[p].low < box.state.live[p].high]
    if len(wide) > _FEW:
        wide = sorted(wide, key=lambda i: -Fraction(float(scores[i])))[:_FEW]
    together = box.depth % _TOGETHER_EVERY == 0
    switches = switch_steps(box, obligation.graph, judged.influence, nonlinear=True, limit=_TOGETHER if together else 1)
    return halvings(box, wide) + switches[:1] + (regions(switches) if together else [])
