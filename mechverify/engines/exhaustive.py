"""Small domains: every point, either in a certificate for the kernel or in the real model.

The engine eliminates equality preconditions first, so that a line in a large box counts as small.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, product
from math import prod
from typing import Generic, TypeVar

import numpy as np

from mechverify.engines.affine.boxes import Box, steps_of
from mechverify.engines.affine.layout import make_plan
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome, ProofFound
from mechverify.engines.points.judge import Point, PointJudge, PointStatus
from mechverify.engines.points.nominal import Points
from mechverify.engines.points.search_space import SearchSpace
from mechverify.engines.ranges.narrowing import narrowed
from mechverify.engines.search.implied import bounded
from mechverify.engines.search.paths import eliminate, root_box, settled
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.errors import InternalError
from mechverify.graph.graph import Graph, Node, Obligation
from mechverify.graph.intervals import IntervalEvaluator
from mechverify.graph.operations.comparisons import LE
from mechverify.kernel.search import MAX_POINTS, State, batch_of, sweep_of

T = TypeVar("T")

_PRECISION = 96
_CELLS = 2_000_000
_ASKED = 64
_FEW = 1024
_NEAR = 1e-9


@dataclass(frozen=True, slots=True)
class ExhaustiveEngine:
    """Emits ``enumerate`` where the kernel can afford it: by its own count at most ``most_operations``, or
    ``most_at_once`` where it evaluates many points at once. That is for networks with exponentials, such as attention:
    of others the relaxations of other engines close more.
    """

    name: str = "exhaustive"
    most_operations: int = 9_000_000
    most_at_once: int = 8_000_000_000

    def suits(self, obligation: Obligation) -> bool:
        """Whether all parameters are integers and few enough, once the equalities are eliminated."""
        return self._boxes(obligation, empty=False) is not None

    def _terms(self, state: State) -> int:
        """The terms that the kernel takes where it evaluates one point after the other."""
        return prod(int(one.high - one.low) + 1 for one in state.live.values()) + sweep_of(state).operations

    def _affordable(self, state: State) -> bool:
        """Whether the kernel can evaluate all points, by its own count."""
        points = prod(int(one.high - one.low) + 1 for one in state.live.values())
        if points > MAX_POINTS:
            return False
        if self._terms(state) <= self.most_operations:
            return True
        batch = batch_of(state) if any(node.op == "exp" for node in state.prepared.problem.nodes) else None
        return batch is not None and points + batch.operations <= self.most_at_once

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """A counterexample, or steps that the kernel's own rule accepts in this process, or will as far as intervals
        tell; a single leaf where that is enough. Where it evaluates many points at once, as far as a scan in float64
        tells.
        """
        for empty in (False, True):
            boxes = self._boxes(obligation, empty=empty)
            if boxes is None:
                return GaveUp("unsupported", "The domain is too large to enumerate.")
            root, box = boxes
            if box.state.closed:
                return ProofFound(steps_of(root.leaf), _PRECISION, empty=True)
            space, many = SearchSpace.of(obligation, box), self._terms(box.state) > self.most_operations
            one_leaf = not empty and not many and settled(box.state, ["leaf"])
            seen = _scan(obligation, space, work_done() + budget.work / 3, brief=one_leaf, near=not many)
            if seen.broken is not None:
                return CounterexampleFound(seen.broken)
            if seen.admissible and (one_leaf or many):
                box.leaf.step = ["leaf"] if one_leaf else ["enumerate"]
                return ProofFound(steps_of(root.leaf), _PRECISION)
            if seen.admissible or empty:
                return _proof(obligation, root, box, empty=empty)
        raise InternalError("one of two kinds of proof is always tried")

    def _boxes(self, obligation: Obligation, *, empty: bool) -> tuple[Box, Box] | None:
        """The root and the box after elimination; None if that is too large."""
        root = root_box(prepare(obligation, _PRECISION, empty=empty))
        box = eliminate(bounded(root))
        if box.state.closed:
            return root, box
        live = box.state.live.values()
        if not all(one.integer for one in live):
            return None
        return (root, box) if self._affordable(box.state) else None


def _proof(obligation: Obligation, root: Box, box: Box, *, empty: bool) -> Outcome:
    """The steps if the kernel's rule takes them; otherwise the exact reason why it does not. Where intervals settle all
    points, which takes a small part of the time, the rule is left to the kernel.
    """
    clear = not empty and _all_clear(obligation, SearchSpace.of(obligation, box))
    if clear or settled(box.state, ["enumerate"]):
        box.leaf.step = ["enumerate"]
        return ProofFound(steps_of(root.leaf), _PRECISION, empty=empty)
    judge = PointJudge(obligation)
    space = SearchSpace.of(obligation, box)
    suspects: list[Point] = []
    for at in product(*space.ranges()):
        point = space.point([Fraction(x) for x in at])
        status = judge.status(point)
        if status is PointStatus.BREAKS:
            return CounterexampleFound(point)
        if status is PointStatus.UNCLEAR and len(suspects) < _ASKED:
            suspects.append(point)
    return GaveUp("rounding", "At some inputs executions differ on the claim.", tuple(suspects))


def _all_clear(obligation: Obligation, space: SearchSpace) -> bool:
    """Whether at every point, by intervals in float64, the claim is true or the assumption false in every execution."""
    graph = obligation.graph
    of_itself = {k for k, node in enumerate(graph.nodes) if node.op == LE.name and node.args[0] == node.args[1]}
    # v <= v says that v has a value, which intervals of v and v do not show, and finite ends of v do.
    valued = sorted({graph.nodes[k].args[0] for k in of_itself})
    nodes = tuple(Node("bool", truth=True) if k in of_itself else node for k, node in enumerate(graph.nodes))
    evaluator = IntervalEvaluator(Graph(graph.inputs, nodes))
    for batch in batches(product(*space.ranges()), max(1, _CELLS // len(nodes))):
        spend(len(nodes) * (costs.INTERVAL_NODE + costs.INTERVAL_CELL * len(batch)))
        spend(costs.LISTED * len(batch) * (1 + len(space.live)))
        low, high = evaluator.values(
            space.inputs(np.array(batch, dtype=np.float64).reshape(len(batch), len(space.live)))
        )
        known = np.isfinite(low[valued]).all(axis=0) & np.isfinite(high[valued]).all(axis=0)
        if not (known & ((low[obligation.claim] == 1) | (high[obligation.assumption] == 0))).all():
            return False
    return True


@dataclass(frozen=True, slots=True)
class _Seen:
    """What a scan in float64 came across, each point judged exactly: one that breaks the claim, and whether any is
    admissible.
    """

    broken: Point | None = None
    admissible: bool = False


def _scan(obligation: Obligation, space: SearchSpace, deadline: float, *, brief: bool, near: bool) -> _Seen:
    """Look at all points, the most suspicious of each batch exactly: where the claim is false, or with ``near`` nearly
    so. What it misses costs time, never soundness. ``brief``: only until one is seen to be admissible.
    """
    plan = make_plan(narrowed(obligation).graph, (obligation.assumption, obligation.claim))
    judge = PointJudge(obligation)
    admissible = False
    size = _FEW if brief else max(1, _CELLS // (len(plan.number_row) + len(plan.truth_row)))
    for batch in batches(product(*space.ranges()), size):
        parameters = np.array(batch, dtype=np.float64).reshape(len(batch), len(space.live))
        spend(costs.LISTED * len(batch) * (1 + len(space.live)))
        values = Points(plan, space.inputs(parameters))
        good, gap = values.gap(obligation.assumption) > -_NEAR, values.gap(obligation.claim)
        worst = np.flatnonzero(good & ~(gap > _NEAR if near else values.holds(obligation.claim)))
        for i in worst[np.argsort(gap[worst], kind="stable")][:_ASKED]:
            point = space.point([Fraction(x) for x in batch[i]])
            status = judge.status(point)
            admissible = admissible or status is not PointStatus.OUTSIDE
            if status is PointStatus.BREAKS:
                return _Seen(point, admissible)
        if not admissible:
            some = np.flatnonzero(good)[:_ASKED]
            statuses = (judge.status(space.point([Fraction(x) for x in batch[i]])) for i in some)
            admissible = any(status is not PointStatus.OUTSIDE for status in statuses)
        if work_done() > deadline or (brief and admissible):
            break
    return _Seen(admissible=admissible)


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most ``size`` items, in order."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


@dataclass(frozen=True, slots=True)
class JudgedBatch:
    """What running the model on a batch showed: a margin for each point, negative where the claim is broken.

    A claim that is true or false without a distance has margin None where it holds; ``broken`` says it for each point.
    """

    broken: Sequence[bool]
    margins: Sequence[Fraction | float | None]


@dataclass(frozen=True, slots=True)
class HeldReport(Generic[T]):
    """What running every admissible input showed: how many ran, the first that breaks the claim, the smallest margin
    and where.

    ``complete`` is False when the work ran out; then nothing is said of the inputs that were not run. ``runtimes`` are
    what the model was run in.
    """

    runs: int
    complete: bool
    violation: T | None = None
    smallest_margin: Fraction | float | None = None
    tightest: T | None = None
    description: str = ""
    runtimes: tuple[str, ...] = ()


def run_all(
    points: Iterable[Sequence[T]],
    judge: Callable[[Sequence[T]], JudgedBatch],
    *,
    work: float = float("inf"),
    runtime: str = "the model",
) -> HeldReport[T]:
    """Run every batch of admissible points, in order, and stop at the first violation or when the ``work`` is used up.

    Raises InternalError where ``judge`` does not answer for each point: a point without an answer never counts as
    held.
    """
    deadline = work_done() + work
    runs = 0
    margin: Fraction | float | None = None
    tightest: T | None = None
    for batch in points:
        if work_done() > deadline:
            words = f"{runs} inputs were run in {runtime} before the work was used up."
            return HeldReport(runs, complete=False, smallest_margin=margin, tightest=tightest, description=words)
        judged = judge(batch)
        for point, broken, own in zip(batch, _truths(judged, batch), judged.margins, strict=True):
            runs += 1
            if broken:
                words = f"Input number {runs} breaks it in {runtime}."
                return HeldReport(runs, complete=False, violation=point, smallest_margin=own, description=words)
            if own is not None and (margin is None or own < margin):
                margin, tightest = own, point
    words = f"Every admissible input, {runs} in all, was run in {runtime}."
    return HeldReport(runs, complete=True, smallest_margin=margin, tightest=tightest, description=words)


def _truths(judged: JudgedBatch, batch: Sequence[T]) -> list[bool]:
    """Whether each point breaks the claim; a margin that is negative or no number breaks it too."""
    if not len(judged.broken) == len(judged.margins) == len(batch):
        raise InternalError(f"{len(judged.broken)} answers to a batch of {len(batch)} points")
    return [
        broken is not False or (margin is not None and not margin >= 0)
        for broken, margin in zip(judged.broken, judged.margins, strict=True)
    ]
