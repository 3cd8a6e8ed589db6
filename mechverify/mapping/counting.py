"""The map of a claim about sums of functions of one input each over so many points that what fails is counted alone.

The box is cut by the value of the held input; of each part the points are told apart by the greatest of some inputs,
from its greatest value down (a class is what is above a bound, the rest is looked at next). In each class the label is
shown but where some differences fall short, and how many points that are is bounded by exponential moments
(``engines/attention/rare.py``): what it takes grows with the number of inputs, not with that of the points.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np

from mechverify.engines.affine.layout import make_plan
from mechverify.engines.attention.classes import Reach, Shape
from mechverify.engines.attention.differences import Differences
from mechverify.engines.attention.rare import Class, Rare, rare_among
from mechverify.engines.attention.reasons import Reasons, Wanted
from mechverify.engines.points.nominal import Points
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import MAP_PRECISION, Prepared, Region
from mechverify.mapping.search import Limits, Mapped
from mechverify.mapping.tree import Counted, Cut, Label, Part, Place

_WORTH = 2  # a label that so large a part of a class may not have is not told


class Counting:
    """The search; one part for each class."""

    def __init__(
        self, obligation: Obligation, prepared: Prepared, shape: Shape, live: dict[int, Reach], limits: Limits
    ) -> None:
        self.obligation, self.shape, self.live, self.limits = obligation, shape, live, limits
        self.plan = make_plan(obligation.graph, (obligation.assumption, obligation.claim))
        self.differences = Differences(obligation, shape.held)
        self.root = Part(Region.start(prepared.problem.inputs))
        self.own = tuple(k for k in shape.greatest if k != shape.held)
        self.parts = 1
        self.whole = True

    def run(self, ended: Callable[[], bool]) -> Mapped:
        """All classes, until work is used up; what is left is open."""
        held = self.shape.held
        bounds = (0, 0) if held is None else self.live[held]
        for part, value in self._values(self.root, *bounds):
            if self.parts >= self.limits.parts or ended():
                self.whole = False
                break
            self._classes(part, self.live if held is None else {**self.live, held: (value, value)})
        return Mapped(self.root, self.parts, self.parts * len(self.plan.groups), self.whole)

    def _values(self, part: Part, low: int, high: int) -> Iterator[tuple[Part, int]]:
        """The parts of the values of the held input, by halving, from the greatest down."""
        held = self.shape.held
        if held is None or low == high:
            yield part, low
            return
        outside = self._outside(held, low, high)
        if outside is not None:
            part.place, part.counted = "outside", outside
            return
        middle = (low + high) // 2
        part.cut = Cut(((held, 1),), middle)
        below, above = (Part(region, parent=part) for region in part.region.split({held: 1}, middle))
        part.below, part.above = below, above
        self.parts += 1
        yield from self._values(above, middle + 1, high)
        yield from self._values(below, low, middle)

    def _outside(self, held: int, low: int, high: int) -> Counted | None:
        """What shows that the assumption is false at all of some values of the held input, if that is one thing."""
        found = [Class({**self.live, held: (value, value)}) for value in range(low, high + 1)]
        reasons = self._seen_from(found[:1])
        if reasons.truth(self.obligation.assumption, 0):
            return None
        placing = reasons.of(self.obligation.assumption, 0)
        if any(self._short(placing, one, reasons, 0) != [] for one in found):
            return None
        return Counted([], reasons.grouped(placing), [], [], 0, None)

    def _seen_from(self, classes: Sequence[Class]) -> Reasons:
        """What is so at the corners of classes, where every input has its greatest value."""
        corners = [[one.reach[k][1] for k in sorted(one.reach)] for one in classes]
        return Reasons(Points(self.plan, np.array(corners, dtype=np.float64)))

    def _classes(self, part: Part, reach: dict[int, Reach]) -> None:
        """Classes by the greatest value that an input has, one after the other."""
        found = list(self._by_greatest(reach))
        reasons = self._seen_from(found)
        for at, one in enumerate(found):
            rest = self._rest(part, one)
            part.place, part.label, part.counted = self._told(one, reasons, at)
            if rest is not None:
                part.rest = rest
                self.parts += 1
                part = rest

    def _by_greatest(self, reach: dict[int, Reach]) -> Iterator[Class]:
        greatest = self.shape.greatest
        if len(greatest) < 2 or not self.own:
            yield Class(reach)
            return
        top = max(reach[k][1] for k in greatest)
        bottom = max(reach[k][0] for k in greatest)
        for m in range(top, bottom - 1, -1):
            ends = {k: (low, min(high, m)) if k in greatest else (low, high) for k, (low, high) in reach.items()}
            yield Class(ends, (self.own, m - 1) if m > bottom else None)

    @staticmethod
    def _rest(part: Part, one: Class) -> Part | None:
        """What is left of a part where a class is cut off."""
        if one.above is None:
            return None
        inputs, bound = one.above
        region = part.region
        for k in inputs:
            if one.reach[k][1] > bound:
                region, _ = region.split({k: 1}, bound)
        return Part(region, parent=part)

    def _told(self, one: Class, reasons: Reasons, at: int) -> tuple[Place, Label, Counted]:
        """The label of a class, as it is at its corner, with what shows it and at how many points that fails."""
        obligation = self.obligation
        held = [] if self.shape.held is None else [self.shape.held]
        inside = reasons.truth(obligation.assumption, at)
        placing = reasons.of(obligation.assumption, at)
        short = self._short(placing, one, reasons, at)
        if short is None or short:
            return "open", "open", Counted(held, [], [], [], 0, one.above)
        place: Place = "inside" if inside else "outside"
        groups = reasons.grouped(placing)
        unsettled = Counted(held, groups, [], [], 0, one.above)
        if not inside:
            return place, "open", unsettled
        known = set(placing)
        judging = [wanted for wanted in reasons.of(obligation.claim, at) if wanted not in known]
        rare = self._short(judging, one, reasons, at)
        most = 0 if rare is None else sum(x.most for x in rare)
        if rare is None or most * _WORTH >= one.points():
            return place, "open", unsettled
        label: Literal["proved", "refuted"] = "proved" if reasons.truth(obligation.claim, at) else "refuted"
        named = [[x.a, x.b, x.shift] for x in rare]
        return place, label, Counted(held, groups, named, reasons.grouped(judging), most, one.above)

    def _short(self, wanted: list[Wanted], one: Class, reasons: Reasons, at: int) -> list[Rare] | None:
        pairs = [pair for x in wanted for pair in reasons.pairs(x, at)]
        return rare_among(self.differences, pairs, one, MAP_PRECISION)
