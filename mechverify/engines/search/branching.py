"""Branch and bound over boxes, in batches: bound, close, choose a step for each open box by trying several, repeat."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from mechverify.engines.affine.bounding import bound_boxes
from mechverify.engines.affine.boxes import Box, steps_of, substituted_grids
from mechverify.engines.affine.forms import Flags, Forms
from mechverify.engines.affine.influence import Influence, InfluenceRule, sensitivities
from mechverify.engines.affine.layout import Plan, Rows, cone, make_plan
from mechverify.engines.affine.polarity import polarity
from mechverify.engines.engine import ProofFound
from mechverify.engines.exact_leaves import exact_leaves
from mechverify.engines.points.breakpoints import roots_in
from mechverify.engines.search.empty_paths import excluding_steps
from mechverify.engines.search.hunt import WitnessHunt
from mechverify.engines.search.leaves import Closing, closings
from mechverify.engines.search.paths import Move, Trial, attempt, settled
from mechverify.engines.work.meter import work_done
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import Prepared

_BATCH_CELLS = 6_000_000
_ENUMERATE_POINTS = 4
_HOPELESS_DEPTH = 400
_AGREEMENTS = 4
_COST_CLOSED = 0.03
_COST_OPEN = 0.045
_TIGHT_EVERY = 4
_MOST_VAIN = 16.0
_BOXES_A_TRY = 32
_TIGHT_AT_ONCE = 16
_NAMED_AT_ONCE = 24
_TIGHT_REST = 3

Moves = Callable[["Judged"], list[Move]]


@dataclass(slots=True)
class Judged:
    """An open box and what its bounds said: ``gap`` < 0 is how far the claim is from shown; ``roots`` are breakpoints,
    in t."""

    box: Box
    gap: float
    influence: Influence
    roots: tuple[tuple[int, float], ...] = ()


@dataclass(slots=True)
class Counts:
    """The work done, for tests and reports: boxes bounded, steps kept, and points evaluated."""

    bounded: int = 0
    rounds: int = 0


@dataclass(slots=True)
class Agreement:
    """How often in a row the kernel agreed with float64; after that it is no longer asked at every box."""

    times: int = 0

    @property
    def trusted(self) -> bool:
        """Whether it has agreed often enough."""
        return self.times >= _AGREEMENTS

    def told(self, accepted: bool) -> bool:  # noqa: FBT001
        """Note an answer, and hand it back."""
        self.times = self.times + 1 if accepted else 0
        return accepted


@dataclass(slots=True)
class Search:
    """One run over an obligation. ``moves`` proposes steps for an open box; the best by the children's bounds is
    kept. ``focus``: what the assumption turns on counts only where nothing of the claim is undecided;
    ``sparing``: facts are tried on comparisons of the claim alone; ``tight``: the kernel is asked of every open box
    whether the claim holds there with nothing to spare; ``sure``: a box is closed only where the kernel agrees.
    ``told`` is called after every round."""

    obligation: Obligation
    prepared: Prepared
    deadline: float
    margin: float
    moves: Moves
    hunt: WitnessHunt | None
    max_boxes: int = 2_000_000
    trace_roots: bool = False
    focus: bool = False
    sparing: bool = False
    tight: bool = False
    sure: bool = False
    told: Callable[[], None] | None = None
    counts: Counts = field(default_factory=Counts)
    open: list[Judged] = field(default_factory=list)
    failed: list[Box] = field(default_factory=list)
    reason: str | None = None

    def run(self, roots: Sequence[Box]) -> bool:
        """Close all boxes under the roots; False (with ``reason``, and what is open in ``open`` and ``failed``) if that
        fails."""
        fresh = [b for b in roots if not b.state.closed]
        if not fresh:
            return True
        self._real_grids = substituted_grids(fresh)
        self.open.extend(j for j in self._judge(fresh, self._plan_for(fresh)) if not self._at_once(j.box))
        self._write(fresh)
        while self.open:
            if self.hunt is not None and self.hunt.found is not None:
                self.reason = "refuted"
                return False
            if work_done() > self.deadline:
                self.reason = "work"
                return False
            if self.counts.bounded > self.max_boxes:
                self.reason = "memory"
                return False
            self._round()
            if self.told is not None:
                self.told()
            if self.failed:
                self.reason = "stuck"
                return False
        return True

    def proof(self, root: Box, uses: tuple[str, ...] = ()) -> ProofFound:
        """The finished tree under the root."""
        return ProofFound(steps_of(root.leaf), self.prepared.precision, self.prepared.empty, uses)

    def _at_once(self, box: Box) -> bool:
        """Whether one leaf is enough: the kernel sees more than forms do where products, steps or remainders cancel."""
        for step in exact_leaves(self.obligation, _NAMED_AT_ONCE):
            if settled(box.state, step):
                box.leaf.step = step
                return True
        return False

    # --- one round

    def _round(self) -> None:
        self.counts.rounds += 1
        plan = self._plan
        width = max(len(self.open[-1].box.chart.live) + 1, 1)
        limit = max(1, _BATCH_CELLS // ((len(plan.number_row) + 1) * width * 8))
        batch, self.open = self.open[-limit:], self.open[:-limit]
        if self.hunt is not None:
            self.hunt.look([j.box for j in batch], self.counts.rounds)
        trials: list[tuple[Judged, Trial]] = []
        for judged in batch:
            if self._enumerated(judged.box):
                continue
            steps = self.moves(judged) if judged.box.depth < _HOPELESS_DEPTH else []
            if not steps:
                self.failed.append(judged.box)
            trials.extend((judged, attempt(judged.box, step)) for step in steps)
        below = [b for _, trial in trials for b in trial.last if not b.state.closed]
        verdicts = {id(j.box): j for j in self._judge(below, plan)}
        best: dict[int, tuple[float, int]] = {}
        for number, (judged, trial) in enumerate(trials):
            cost = sum(self._cost(verdicts.get(id(b)), judged) for b in trial.last)
            key = id(judged)
            if key not in best or cost < best[key][0] - 1e-12:
                best[key] = (cost, number)
        for _, number in best.values():
            judged, trial = trials[number]
            trial.keep(judged.box)
            self._write(trial.last)
            self.open.extend(verdicts[id(b)] for b in trial.last if id(b) in verdicts)
        self._closings.clear()

    @staticmethod
    def _cost(verdict: Judged | None, parent: Judged) -> float:
        """The leaves still needed under a child, relative to those under its parent: about the square of its gap."""
        if verdict is None:
            return _COST_CLOSED
        ratio = min(1.0, verdict.gap / parent.gap) if parent.gap < 0.0 else 1.0
        return max(_COST_OPEN, ratio * ratio)

    def _enumerated(self, box: Box) -> bool:
        """Whether the box has so few points that the kernel's own enumeration settles it."""
        points = 1
        for one in box.state.live.values():
            if not one.integer:
                return False
            points *= int(one.high) - int(one.low) + 1
            if points > _ENUMERATE_POINTS:
                return False
        if not settled(box.state, ["enumerate"]):
            return False
        box.leaf.step = ["enumerate"]
        return True

    # --- bounding

    _plan_cache: Plan | None = None
    _rule: InfluenceRule | None = None
    _claim_rule: InfluenceRule | None = None
    _wanted: Flags | None = None
    _real_grids: Mapping[int, int] = field(default_factory=dict)
    _useful: tuple[Flags, Flags] | None = None
    _contradicts: Agreement = field(default_factory=Agreement)
    _excludes: Agreement = field(default_factory=Agreement)
    _vain: float = 0.0
    _tight_next: int = 0
    _tight: int = _TIGHT_AT_ONCE
    _closings: dict[int, Closing] = field(default_factory=dict)

    @property
    def _plan(self) -> Plan:
        if self._plan_cache is None:
            self._plan_cache = self._plan_for([])
        return self._plan_cache

    def _plan_for(self, boxes: Sequence[Box]) -> Plan:
        if self._plan_cache is None:
            targets = self.obligation.assumption, self.obligation.claim
            plan = self._plan_cache = self._new_plan({*targets, *(v for box in boxes for v in box.roots)})
            self._useful = polarity(plan, *targets)
            self._rule = InfluenceRule(plan, targets[1], sensitivities(plan, targets))
            if self.focus:
                self._claim_rule = InfluenceRule(plan, targets[1], sensitivities(plan, targets[1:]))
            if self.sparing:
                self._wanted = np.isin(plan.truth_nodes, cone(self.obligation.graph, targets[1:]))
        return self._plan_cache

    def _new_plan(self, wanted: set[int]) -> Plan:
        """The plan of the hunt for counterexamples where it has all these nodes."""
        known = None if self.hunt is None else self.hunt.plan
        fits = known is not None and known.graph is self.obligation.graph and wanted <= known.level_of.keys()
        if known is not None and fits and not self._real_grids:
            return known
        return make_plan(self.obligation.graph, wanted, self._real_grids)

    def _judge(self, boxes: Sequence[Box], plan: Plan) -> list[Judged]:
        """Bound boxes; remember how those close that do, and return the others."""
        found: list[Judged] = []
        groups: dict[int, list[Box]] = {}
        for box in boxes:
            groups.setdefault(id(box.chart), []).append(box)
        for members in groups.values():
            width = len(members[0].chart.live) + 1
            limit = max(1, _BATCH_CELLS // ((len(plan.number_row) + 1) * width))
            for start in range(0, len(members), limit):
                found.extend(self._judge_batch(members[start : start + limit], plan))
        return found

    def _judge_batch(self, boxes: Sequence[Box], plan: Plan) -> list[Judged]:
        self.counts.bounded += len(boxes)
        targets = (self.obligation.assumption, self.obligation.claim)
        bounds = bound_boxes(
            plan,
            boxes[0].chart,
            boxes,
            targets,
            empty=self.prepared.empty,
            margin=self.margin,
            wanted=self._wanted,
            useful=self._useful,
        )
        state = bounds.forms
        closed = bounds.closed.copy()
        found = closings(plan, state, [box.slots for box in boxes])
        for i in np.nonzero(closed)[0].tolist():
            asked = self.sure or state.fragile[i]
            if (asked and not settled(boxes[i].state, found[i].step())) or (
                bounds.contradicted[i] and not self._contradiction_stands(boxes[i], found[i])
            ):
                closed[i] = False
            else:
                self._closings[id(boxes[i].leaf)] = found[i]
        self._close_empty(plan, state, boxes, closed)
        self._close_tight(plan, boxes, closed)
        rest = np.nonzero(~closed)[0]
        if not len(rest) or self._rule is None:
            return []
        gaps = -state.gap_high[plan.truth_row[targets[0]]]
        if not self.prepared.empty:
            gaps = np.maximum(gaps, state.gap_low[plan.truth_row[targets[1]]])
        influences = (self._claim_rule or self._rule).of(state, rest)
        if self._claim_rule is not None and any(not i.switches and not i.conditions for i in influences):
            wide = self._rule.of(state, rest)
            influences = [i if i.switches or i.conditions else w for i, w in zip(influences, wide, strict=True)]
        roots = self._roots(state, plan, rest) if self.trace_roots else [()] * len(rest)
        return [
            Judged(boxes[i], min(float(gaps[i]), 0.0), influence, root)
            for i, influence, root in zip(rest.tolist(), influences, roots, strict=True)
        ]

    def _close_empty(self, plan: Plan, state: Forms, boxes: Sequence[Box], closed: Flags) -> None:
        """Close boxes whose claim is false everywhere on them because their facts exclude each other."""
        false = state.truth[plan.truth_row[self.obligation.claim]] < 0
        for i in np.nonzero(false & ~closed)[0].tolist():
            for step in excluding_steps(plan, state, boxes[i], i):
                trusted = self._excludes.trusted and not self.sure
                if trusted or self._excludes.told(settled(boxes[i].state, step)):
                    boxes[i].leaf.step = step
                    closed[i] = True
                    break

    def _close_tight(self, plan: Plan, boxes: Sequence[Box], closed: Flags) -> None:
        """Close boxes on which the claim holds with nothing to spare, which float64 cannot tell: the kernel is asked.

        A few at a time, more where that helps; ever more seldom, and given up, where it brings nothing.
        """
        tried = np.nonzero(~closed)[0].tolist()
        if not self.tight:
            tried = [i for i in tried if boxes[i].depth % _TIGHT_EVERY == 0][: self._tight]
            if self._vain >= _MOST_VAIN or self.counts.rounds < self._tight_next:
                return
        if not tried:
            return
        some = [boxes[i] for i in tried]
        targets = (self.obligation.assumption, self.obligation.claim)
        bounds = bound_boxes(
            plan,
            some[0].chart,
            some,
            targets,
            empty=self.prepared.empty,
            margin=-1.0,
            wanted=self._wanted,
            useful=self._useful,
            flat=True,
        )
        found = closings(plan, bounds.forms, [box.slots for box in some])
        helped, vain = 0, self._vain
        for place in np.nonzero(bounds.closed)[0].tolist():
            if vain >= _MOST_VAIN and not self.tight:
                break
            step = found[place].step()
            if settled(some[place].state, step):
                some[place].leaf.step = step
                closed[tried[place]] = True
                helped += 1
            else:
                vain += 1.0
        self._vain = 0.0 if helped else vain + max(1.0, len(tried) / _BOXES_A_TRY)
        self._tight = 4 * self._tight if 2 * helped >= len(tried) else _TIGHT_AT_ONCE
        self._tight_next = self.counts.rounds + (0 if 2 * helped >= len(tried) else _TIGHT_REST)

    def _write(self, boxes: Sequence[Box]) -> None:
        """Put the leaves of closed boxes into the tree."""
        for box in boxes:
            closing = self._closings.get(id(box.leaf))
            if closing is not None:
                box.leaf.step = closing.step()

    def _contradiction_stands(self, box: Box, closing: Closing) -> bool:
        """Whether the kernel sees the contradiction too; asked until it has agreed often enough."""
        return self._contradicts.trusted or self._contradicts.told(settled(box.state, closing.step()))

    def _roots(
        self,
        state: Forms,
        plan: Plan,
        rest: Rows,
    ) -> list[tuple[tuple[int, float], ...]]:
        return [roots_in(state, plan, int(i)) for i in rest]
