"""Finding a point that meets an assumption: simple ones first, then hill climbing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

import numpy as np

from mechverify.engines.affine.boxes import Box
from mechverify.engines.affine.layout import Floats, make_plan
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.points.exact import exact_point
from mechverify.engines.points.independent_parts import IndependentPart, independent_parts
from mechverify.engines.points.nominal import Points
from mechverify.engines.search.cases import root_boxes
from mechverify.engines.search.paths import root_box
from mechverify.engines.work.meter import work_done
from mechverify.engines.work.rules import check_inhabitant
from mechverify.graph.graph import Graph, Obligation
from mechverify.kernel.search import InvalidError, normal

Point = tuple[Fraction, ...]

_RANDOM = 2048
_ASKED = 16
_STARTS = 8
_SMALL = 3
_MANY = 64  # inputs from which on the fewest points are tried first
_CLIMBS = 60
_REAL_BITS = 10
_SIGNS, _DIGITS = (0, 1, -1), (0, 1, -1, 2, -2)
_LATTICE = 20_000
_ROUNDS = 12
_OFTEN, _FEW = 0.7, (0.1, 0.25, 0.5, 1.0)
_CELLS = 20_000_000
_LEAST_POINTS = 64
WORK = 5.0


def find_inhabitant(obligation: Obligation, seed: int = 0, work: float = WORK) -> Point | None:
    """A point in bounds that meets the assumption in every execution, as the kernel sees it; None if none was found
    with this ``work``, which the first few simple points may exceed.

    Deterministic for a seed. Simple points (zeros, small integers, bounds) are preferred.
    """
    deadline = work_done() + work
    parts = independent_parts(obligation)
    if len(parts) < 2:
        return _found(obligation, seed, deadline, thorough=True)
    found = _found(obligation, seed, deadline, thorough=False)
    if found is None and work_done() < deadline:
        found = _together(obligation, parts, seed, deadline)
    return found


def _together(obligation: Obligation, parts: Sequence[IndependentPart], seed: int, deadline: float) -> Point | None:
    """A point put together from points of the parts of the assumption that share no input."""
    whole = [min(max(Fraction(0), one.low), one.high) for one in obligation.graph.inputs]
    known: dict[Graph, Point] = {}
    for part in parts:
        nameless = _nameless(part.obligation.graph)
        if nameless not in known:
            point = _found(part.obligation, seed, deadline, thorough=True)
            if point is None:
                return None
            known[nameless] = point
        for k, value in zip(part.inputs, known[nameless], strict=True):
            whole[k] = value
    finder = _Finder(obligation, seed, deadline, thorough=False)
    return tuple(whole) if finder.accepts(tuple(whole)) else None


def _nameless(graph: Graph) -> Graph:
    """The graph with inputs that differ in nothing but their kind and bounds."""
    return Graph(
        tuple(replace(one, name="") for one in graph.inputs), tuple(replace(node, run=0) for node in graph.nodes)
    )


def _found(obligation: Obligation, seed: int, deadline: float, *, thorough: bool) -> Point | None:
    finder = _Finder(obligation, seed, deadline, thorough=thorough)
    root = root_box(finder.prepared)
    for box in root_boxes(obligation, root):
        for where in finder.pieces(box):
            found = finder.first(box, where)
            if found is not None or finder.late:
                return found
    return None


class _Finder:
    def __init__(self, obligation: Obligation, seed: int, deadline: float, *, thorough: bool) -> None:
        self.obligation = obligation
        self.thorough = thorough
        self.deadline = deadline
        self.prepared = prepare(obligation, 96, empty=_stays_small(obligation))
        self.plan = make_plan(obligation.graph, (obligation.assumption,))
        self.random = np.random.default_rng(seed)
        self.most_points = max(_LEAST_POINTS, _CELLS // (len(self.plan.number_row) + len(self.plan.truth_row)))

    @property
    def late(self) -> bool:
        """Whether the work is used up."""
        return work_done() > self.deadline

    def pieces(self, box: Box) -> Iterator[Floats]:
        """The batches, in pieces that need a bounded amount of memory."""
        for where in self.batches(box):
            for start in range(0, len(where), self.most_points):
                yield where[start : start + self.most_points]

    def batches(self, box: Box) -> Iterator[Floats]:
        """Parameter points, (points, live), in the order in which they are to be tried."""
        low, high, whole = _ends(box)
        k = len(low)
        simple = [np.zeros(k), low, high, (low + high) / 2.0, np.full(k, 1.0)]
        if k > _MANY:
            yield _clip(np.array(simple), low, high, whole)
        simple += [sign * size * row for size in range(1, _SMALL + 1) for row in np.eye(k) for sign in (1.0, -1.0)]
        simple += [np.arange(k) * 1.0, np.arange(k)[::-1] * 1.0, np.arange(k) + 1.0]
        yield _clip(np.array(simple).reshape(len(simple), k), low, high, whole)
        if not k:
            return
        small = self.random.integers(-_SMALL, _SMALL + 1, (_RANDOM, k)).astype(np.float64)
        yield _clip(small, low, high, whole)
        corners = np.where(self.random.random((_RANDOM, k)) < 0.5, low, high)
        inner = low + self.random.random((_RANDOM, k)) * (high - low)
        near = np.where(self.random.random((_RANDOM, k)) < 0.5, corners, inner)
        yield _clip(np.concatenate([corners, inner, near]), low, high, whole)
        yield self._climbed(box, _clip(np.concatenate([small, inner, near]), low, high, whole))
        if self.thorough:
            yield from self._lattice(low, high, whole)

    def _lattice(
        self, low: Floats, high: Floats, whole: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
    ) -> Iterator[Floats]:
        """Every point of small integers, as far as they are few; then random ones, few of them different from the rest,
        for a while.
        """
        k = len(low)
        for values in (_SIGNS, _DIGITS):
            if len(values) ** k <= _LATTICE:
                yield _clip(np.array(list(product(values, repeat=k)), dtype=np.float64), low, high, whole)
        ends = np.stack([low, high, (low + high) / 2.0, np.clip(0.0, low, high), np.clip(1.0, low, high)])
        for _ in range(_ROUNDS):
            chosen = self.random.integers(len(ends), size=(_RANDOM, 1))
            common = ends[chosen, np.arange(k)]
            own = ends[self.random.integers(len(ends), size=(_RANDOM, k)), np.arange(k)]
            loose = low + self.random.random((_RANDOM, k)) * (high - low)
            other = np.where(self.random.random((_RANDOM, k)) < _OFTEN, own, loose)
            few = self.random.random((_RANDOM, k)) < self.random.choice(_FEW, (_RANDOM, 1))
            yield _clip(np.where(few, other, common), low, high, whole)

    def first(self, box: Box, where: Floats) -> Point | None:
        """The simplest of these points that the kernel accepts."""
        if not len(where):
            return None
        good = np.nonzero(self._gap(box, where)[1])[0]
        order = sorted(good, key=lambda i: (float(np.abs(where[i]).sum()), tuple(where[i])))
        for number, i in enumerate(order[:_ASKED]):
            if number and self.late:
                return None
            point = exact_point(self.obligation, box, where[i])
            if point is not None and self.accepts(point):
                return point
        return None

    def accepts(self, point: Point) -> bool:
        """Whether the kernel's rule admits a point."""
        try:
            check_inhabitant(self.prepared, [normal(x) for x in point])
        except InvalidError:
            return False
        return True

    def _gap(self, box: Box, where: Floats) -> tuple[Floats, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
        """How clearly the assumption and the bounds of the inputs hold, and whether they do."""
        inputs = where @ box.chart.coefficients.T + box.chart.offsets
        values = Points(self.plan, inputs)
        low = np.array([float(i.low) for i in self.obligation.graph.inputs])
        high = np.array([float(i.high) for i in self.obligation.graph.inputs])
        outside = np.minimum(inputs - low, high - inputs).min(axis=1, initial=0.0)
        gap = values.gap(self.obligation.assumption)
        gap = np.where(np.isnan(gap), -1e300, gap)
        slack = 1e-9 * (1.0 + np.abs(inputs).max(axis=1, initial=0.0))
        return np.minimum(gap, 0.0) + outside, values.holds(self.obligation.assumption) & (outside >= -slack)

    def _climbed(self, box: Box, where: Floats) -> Floats:
        """Coordinate search from the best starts, with halving steps."""
        low, high, whole = _ends(box)
        if 4 * _STARTS * len(low) > self.most_points:
            return where[:0]
        where = where[: self.most_points]
        gaps, _ = self._gap(box, where)
        best = where[np.argsort(-gaps, kind="stable")[:_STARTS]]
        step = np.maximum((high - low) / 4.0, np.where(whole, 1.0, 0.0))
        moves = np.concatenate([np.eye(len(low)), -np.eye(len(low))])
        for _ in range(_CLIMBS):
            if self.late:
                break
            scaled = np.concatenate([moves * step, moves * np.where(whole, 1.0, step / 64.0)])
            tried = _clip((best[:, None] + scaled[None]).reshape(-1, len(low)), low, high, whole)
            tried = np.concatenate([best, tried])
            gaps, holds = self._gap(box, tried)
            if holds.any():
                return tried[holds]
            order = np.argsort(-gaps, kind="stable")
            _, first = np.unique(tried[order], axis=0, return_index=True)
            best = tried[order][np.sort(first)[:_STARTS]]
            step = np.where(whole, np.maximum(np.floor(step / 2.0), 1.0), step / 2.0)
        return best


def _stays_small(obligation: Obligation) -> bool:
    """Whether no value at a point can grow beyond what the kernel reads, so that the claim need not be evaluated."""
    return all(not node.operation.grows for node in obligation.graph.nodes)


def _ends(box: Box) -> tuple[Floats, Floats, np.ndarray[tuple[int, ...], np.dtype[np.bool_]]]:
    live = box.state.live.values()
    low = np.array([float(one.low) for one in live])
    high = np.array([float(one.high) for one in live])
    return low, high, np.array([one.integer for one in live], dtype=np.bool_)


def _clip(where: Floats, low: Floats, high: Floats, whole: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> Floats:
    unit = 2.0**_REAL_BITS
    clipped = np.clip(np.where(whole, np.round(where), np.round(where * unit) / unit), low, high)
    clipped += 0.0
    _, first = np.unique(clipped, axis=0, return_index=True)
    return clipped[np.sort(first)]
