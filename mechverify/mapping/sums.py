"""The map of a claim about sums of functions of one input each, such as attention makes (``engines/attention/``).

The box is cut by the value of the held input, then by the value of the greatest of some inputs and the first of them
that has it. Where a part falls short, values of one input that alone make up for it are cut off, and the rest is cut
on. Where there are very many points, those that fall short are counted instead (``counting.py``).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from math import prod

import numpy as np

from mechverify.engines.affine.layout import make_plan
from mechverify.engines.attention.classes import Cell, Reach, Shape, cells_of, shape_of
from mechverify.engines.attention.differences import Differences, Shortfall
from mechverify.engines.attention.reasons import Reasons, Wanted
from mechverify.engines.certificates.reread import obligation_of
from mechverify.engines.points.nominal import Points
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import Prepared, Region
from mechverify.mapping.counting import Counting
from mechverify.mapping.search import Limits, Mapped, find_map, never
from mechverify.mapping.tree import Cut, Label, Part, Place

_BATCH = 256
_FEWEST_POINTS = 1 << 16
_MOST_POINTS = 1 << 28  # of more, what fails is counted and not found


def find_map_for(prepared: Prepared, limits: Limits, ended: Callable[[], bool] = never) -> Mapped:
    """The map of a problem, by sums where it is about such, until limits are reached or it is ``ended``."""
    return find_map_by_sums(prepared, limits, ended) or find_map(prepared, limits, ended)


def find_map_by_sums(prepared: Prepared, limits: Limits, ended: Callable[[], bool] = never) -> Mapped | None:
    """The map of such a problem, its classes with as many parts more as are allowed; None where it is none."""
    problem = prepared.problem
    if problem.domain is not None or not all(one.integer for one in problem.inputs):
        return None
    live = {k: (int(one.low), int(one.high)) for k, one in enumerate(problem.inputs)}
    points = prod(float(high - low + 1) for low, high in live.values())
    if points < _FEWEST_POINTS:
        return None
    if not any(node.op == "div" for node in problem.nodes):
        return None
    obligation = obligation_of(prepared)
    shape = shape_of(obligation, live)
    if shape is None:
        return None
    made = Counting if points > _MOST_POINTS else _Map
    return made(obligation, prepared, shape, live, limits).run(ended)


class _Map:
    def __init__(
        self, obligation: Obligation, prepared: Prepared, shape: Shape, live: dict[int, Reach], limits: Limits
    ) -> None:
        self.obligation, self.shape, self.live, self.limits = obligation, shape, live, limits
        self.plan = make_plan(obligation.graph, (obligation.assumption, obligation.claim))
        self.differences = Differences(obligation, shape.held)
        self.root = Part(Region.start(prepared.problem.inputs))
        self.parts = 1

    def run(self, ended: Callable[[], bool]) -> Mapped:
        """The classes, and then what is left of them, the largest first."""
        left: list[Part] = []
        held = self.shape.held
        for part in [self.root] if held is None else list(self._values(self.root, held, *self.live[held])):
            left += self._classes(part)
        most = self.parts + self.limits.parts
        while left and self.parts < most and not ended():
            left.sort(key=lambda part: -part.region.size().high)
            now, left = left[:_BATCH], left[_BATCH:]
            left += self._look(now)
        return Mapped(self.root, self.parts, self.parts * len(self.plan.groups), not left)

    def _values(self, part: Part, k: int, low: int, high: int) -> Iterator[Part]:
        """The parts of each value of an input, by halving."""
        if low == high:
            yield part
            return
        middle = (low + high) // 2
        below, above = self._divided(part, k, middle)
        yield from self._values(below, k, low, middle)
        yield from self._values(above, k, middle + 1, high)

    def _divided(self, part: Part, k: int, bound: int) -> tuple[Part, Part]:
        """Cut a part at ``input k <= bound``."""
        part.cut = Cut(((k, 1),), bound)
        regions = part.region.split({k: 1}, bound)
        part.below, part.above = (Part(region, parent=part) for region in regions)
        self.parts += 1
        return part.below, part.above

    def _classes(self, part: Part) -> Iterator[Part]:
        """Cut a part into classes, and these by the first input that has the greatest value; what is not decided."""
        reach, own = _reach(part), self.shape.greatest
        if len(own) < 2:
            yield from self._look([part])
            return
        cells = list(cells_of(reach, own))
        reasons = self._seen_from([_corner(cell) for cell in cells])
        for i, cell in enumerate(cells):
            short, wanted = self._falls_short(cell, reasons, i)
            members = [part]
            if cell.least is not None:
                members = []
                for k in own:
                    if cell.reach[k][0] < cell.least <= cell.reach[k][1]:
                        part, above = self._divided(part, k, cell.least - 1)
                        members.append(above)
            for member in members:
                if short is None:
                    self._label(member, reasons, i, wanted)
                else:
                    yield member

    def _look(self, parts: Sequence[Part]) -> Iterator[Part]:
        """Decide parts, each by what is so at its corner or where it falls shortest; cut those that are not, and say
        what is left of them."""
        cells = [Cell(_reach(part)) for part in parts]
        reasons = self._seen_from([_corner(cell) for cell in cells])
        unsettled: list[tuple[Part, Cell, Shortfall]] = []
        for i, (part, cell) in enumerate(zip(parts, cells, strict=True)):
            short, wanted = self._falls_short(cell, reasons, i)
            if short is None:
                self._label(part, reasons, i, wanted)
            else:
                unsettled.append((part, cell, short))
        if not unsettled:
            return
        reasons = self._seen_from([_at(cell, short) for _, cell, short in unsettled])
        for i, (part, cell, first) in enumerate(unsettled):
            short, wanted = self._falls_short(cell, reasons, i)
            if short is None:
                self._label(part, reasons, i, wanted)
                continue
            cut = first.cut or short.cut or _half(cell)
            if cut is not None:
                yield from self._divided(part, *cut)

    def _falls_short(self, cell: Cell, reasons: Reasons, at: int) -> tuple[Shortfall | None, list[Wanted]]:
        """Whether what shows the truths at a point does not hold on a cell, and what that is."""
        roots = [self.obligation.assumption]
        if reasons.truth(self.obligation.assumption, at):
            roots.append(self.obligation.claim)
        wanted = list(dict.fromkeys(one for root in roots for one in reasons.of(root, at)))
        pairs = [pair for one in wanted for pair in reasons.pairs(one, at)]
        return self.differences.shortfall(pairs, cell, self.shape.greatest), wanted

    def _label(self, part: Part, reasons: Reasons, at: int, wanted: Iterable[Wanted]) -> None:
        inside = reasons.truth(self.obligation.assumption, at)
        place: Place = "inside" if inside else "outside"
        label: Label = "open"
        if inside:
            label = "proved" if reasons.truth(self.obligation.claim, at) else "refuted"
        held = [] if self.shape.held is None else [self.shape.held]
        part.place, part.label, part.shown = place, label, (held, reasons.grouped(wanted))

    def _seen_from(self, points: Sequence[Sequence[int]]) -> Reasons:
        return Reasons(Points(self.plan, np.array(points, dtype=np.float64)))


def _reach(part: Part) -> dict[int, Reach]:
    """The ranges of the inputs of a part, which are cut one by one."""
    found = {}
    for k, factor in part.region.factors.items():
        values = [corner[1] // corner[0] for corner in factor.corners]
        found[k] = min(values), max(values)
    return found


def _corner(cell: Cell) -> list[int]:
    return [cell.reach[k][1] for k in sorted(cell.reach)]


def _at(cell: Cell, short: Shortfall) -> list[int]:
    return [short.point.get(k, cell.reach[k][1]) for k in sorted(cell.reach)]


def _half(cell: Cell) -> tuple[int, int] | None:
    k = max(cell.reach, key=lambda k: cell.reach[k][1] - cell.reach[k][0])
    low, high = cell.reach[k]
    return None if low == high else (k, (low + high) // 2)
