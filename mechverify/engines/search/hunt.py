"""Looking for counterexamples while a search runs: many points in a batch, the kernel asked about the best."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from mechverify.engines.affine.boxes import Box
from mechverify.engines.affine.layout import Floats, Plan, Rows
from mechverify.engines.points.exact import exact_point
from mechverify.engines.points.nominal import Points
from mechverify.engines.work.rules import check_witness
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import InvalidError, Number, Prepared, normal

Point = tuple[Fraction, ...]

_ASKED_AT_ONCE = 4
_SUSPECTS = 8
_EARLY_ROUNDS = 3


@dataclass(slots=True)
class WitnessHunt:
    """Evaluates points of open boxes. ``found`` is a point that the kernel confirms; ``nominal`` break the claim only
    in ideal arithmetic, ``closest`` come near; ``admissible`` says that some point in bounds met the assumption,
    nominally."""

    obligation: Obligation
    prepared: Prepared
    plan: Plan
    seed: int
    found: Point | None = None
    nominal: list[Point] = field(default_factory=list)
    closest: list[tuple[float, Point]] = field(default_factory=list)
    asked: int = 0
    admissible: bool = False

    def look(self, boxes: Sequence[Box], number: int) -> None:
        """Try points of these boxes; round ``number`` tells how generous to be."""
        random = np.random.default_rng([self.seed, number])
        groups: dict[int, list[Box]] = {}
        for box in boxes[-256:]:
            groups.setdefault(id(box.chart), []).append(box)
        for members in groups.values():
            if self.found is None:
                self._look(members, random, 64 if number <= _EARLY_ROUNDS else 4)

    def _look(self, boxes: Sequence[Box], random: np.random.Generator, each: int) -> None:
        chart = boxes[0].chart
        low = np.array([[float(one.low) for one in box.state.live.values()] for box in boxes])
        high = np.array([[float(one.high) for one in box.state.live.values()] for box in boxes])
        low, high = (table.reshape(len(boxes), len(chart.live)) for table in (low, high))
        t = random.random((len(boxes), each, len(chart.live)))
        t[:, 0] = 0.5
        t[:, 1::2] = np.round(t[:, 1::2])
        t[:, 2] = 1.0 - t[:, 1]
        where = low[:, None] + t * (high - low)[:, None]
        integer = np.array([one.integer for one in boxes[0].state.live.values()], dtype=np.bool_)
        where = np.where(integer, np.round(where), where).reshape(len(boxes) * each, len(chart.live))
        self._evaluate(boxes, np.repeat(np.arange(len(boxes)), each), where)

    def _evaluate(self, boxes: Sequence[Box], owner: Rows, where: Floats) -> None:
        """Evaluate parameter points, each of the box that owns it; ask the kernel about those that break the claim."""
        chart = boxes[0].chart
        values = Points(self.plan, where @ chart.coefficients.T + chart.offsets)
        good = values.holds(self.obligation.assumption)
        self.admissible = self.admissible or any(
            exact_point(self.obligation, boxes[owner[i]], where[i]) is not None
            for i in np.nonzero(good)[0][:_ASKED_AT_ONCE].tolist()
        )
        gap = np.where(good, values.gap(self.obligation.claim), np.inf)
        bad = good & ~values.holds(self.obligation.claim)
        order = np.argsort(gap, kind="stable")
        candidates = [int(i) for i in order if bad[i]][:_ASKED_AT_ONCE]
        for i in candidates:
            point = exact_point(self.obligation, boxes[owner[i]], where[i])
            if point is not None:
                self.ask(point)
                if self.found is not None:
                    return
        nearest = int(order[0])
        if not candidates and np.isfinite(gap[nearest]):
            point = exact_point(self.obligation, boxes[owner[nearest]], where[nearest])
            if point is not None:
                self.closest = sorted([*self.closest, (float(gap[nearest]), point)])[:_SUSPECTS]

    def ask(self, point: Point) -> bool:
        """Whether the kernel confirms the point; otherwise it is kept as a suspect if it breaks the claim without
        rounding."""
        self.asked += 1
        numbers: list[Number] = [normal(x) for x in point]
        try:
            check_witness(self.prepared, numbers)
        except InvalidError:
            targets = self.obligation.assumption, self.obligation.claim
            values = evaluate_exact(self.obligation.graph, point, targets)
            if [values[t] for t in targets] == [True, False] and point not in self.nominal:
                self.nominal = [*self.nominal, point][:_SUSPECTS]
            return False
        self.found = point
        return True

    def corner(self, box: Box) -> None:
        """Try the lower corner of a box that could not be closed."""
        low = np.array([[float(one.low) for one in box.state.live.values()]]).reshape(1, len(box.chart.live))
        self._evaluate([box], np.zeros(1, dtype=np.intp), low)

    def suspects(self) -> tuple[Point, ...]:
        """Points worth trying in the real model: nominal breaks first, then those that come closest."""
        return (*self.nominal, *(p for _, p in self.closest))[:_SUSPECTS]
