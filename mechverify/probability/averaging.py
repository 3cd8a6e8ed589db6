"""The average of a node over what meets the preconditions: its parts are cut until the node is linear on each."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite

import numpy as np

from mechverify.graph.graph import Graph
from mechverify.graph.intervals import IntervalEvaluator
from mechverify.kernel.search import BITS, Following, Prepared, Region
from mechverify.mapping.cutting import cut_for, narrowest_halved
from mechverify.mapping.search import Limits, Mapped, MapSearch, Undecided
from mechverify.mapping.tree import Part
from mechverify.probability.bracket import NOTHING, Bracket
from mechverify.probability.measures import Measure, with_whole
from mechverify.probability.of_map import Leaf
from mechverify.probability.weighing import Scales


def find_parts(prepared: Prepared, node: int, limits: Limits) -> Mapped:
    """Cut the box of a problem until each part is outside, or the node is a line on it; the largest first."""
    return _Parting(prepared, node, limits).run()


class _Parting(MapSearch):
    """Settled are parts that are outside, and those inside on which the node is a line."""

    def __init__(self, prepared: Prepared, node: int, limits: Limits) -> None:
        super().__init__(prepared, limits)
        self._node = node
        self._wanted = (*self.roots[:-1], node)

    def is_settled(self, part: Part, following: Following) -> bool:
        if part.place == "inside":
            return following.line(self._node) is not None
        return part.place != "open"

    def work_on(self, one: Undecided) -> None:
        choice = cut_for(one.following, self._wanted)
        cut = choice.cut
        if cut is None and choice.strip is None:
            cut = narrowest_halved(one.part.region)
        if cut is not None:
            self.divide(one.part, cut, one.following, None)


@dataclass(frozen=True, slots=True)
class Average:
    """The average, and how much it is over; None where nothing bounds it. ``linear``: the node is one line on every
    part, or its error is all that is left.
    """

    mean: Bracket | None
    mass: Bracket
    linear: bool


def average_over(
    prepared: Prepared,
    graph: Graph,
    node: int,
    defined: Sequence[int],
    parts: Sequence[Leaf],
    measures: Sequence[Measure],
    boxes: int | None = None,
) -> Average:
    """The average of a node over the parts of a map that are inside. Where it is no line, its range on the box around
    the part is all that is used. ``defined`` are truths without which it has no value: nothing bounds the average
    where one of them is not shown. ``graph`` has the nodes of the problem. Curves that are
    tied are cut into at most about so many ``boxes``.
    """
    looked_at = sum(one.place in ("inside", "open") for one in parts)
    measures = with_whole(measures, [one.region for one in parts])
    scales = Scales(measures, moments=True, boxes=boxes, regions=looked_at)
    order = prepared.problem.cone((node, *defined))
    evaluator = IntervalEvaluator(graph)
    total: Bracket | None = NOTHING
    mass = NOTHING
    linear = True
    for one in parts:
        if one.place not in ("inside", "open"):
            continue
        weighed = scales.weigh(one.region)
        if weighed.mass.high == 0:
            continue
        following = Following(prepared, one.region)
        following.run(order)
        if not all(following.values[v] is True for v in defined):
            return Average(None, mass, linear=False)
        line = following.line(node)
        if line is not None and one.place == "inside":
            d, constant, *numbers = line
            found = weighed.mass.times(constant)
            for c, moment in zip(numbers, weighed.moments, strict=True):
                if c:
                    found += moment.times(c)
            error = Fraction(following.errors[node], 1 << BITS)
            part: Bracket | None = found.times(Fraction(1, d)) + weighed.mass * Bracket(-error, error)
            mass += weighed.mass
        else:
            linear = False
            part = _ranged(evaluator, node, one.region, weighed.mass)
            if one.place == "open":
                part = None if part is None else Bracket(min(part.low, Fraction(0)), max(part.high, Fraction(0)))
                mass += Bracket(Fraction(0), weighed.mass.high)
            else:
                mass += weighed.mass
        total = None if total is None or part is None else total + part
    if total is None or mass.low <= 0:
        return Average(None, mass, linear)
    ends = [total.low / m for m in (mass.low, mass.high)], [total.high / m for m in (mass.low, mass.high)]
    return Average(Bracket(min(ends[0]), max(ends[1])), mass, linear)


def _ranged(evaluator: IntervalEvaluator, node: int, region: Region, mass: Bracket) -> Bracket | None:
    """The integral by the range of the node on the box around a region."""
    low, high = [], []
    for k in range(len(region.kinds)):
        factor = region.factors[k]
        at = 1 + factor.inputs.index(k)
        values = [Fraction(corner[at], corner[0]) for corner in factor.corners]
        least, most = min(values), max(values)
        low.append(_toward(least, -np.inf))
        high.append(_toward(most, np.inf))
    lows, highs = evaluator.values(np.array([low]), np.array([high]))
    ends = float(lows[node, 0]), float(highs[node, 0])
    if not all(map(isfinite, ends)):
        return None
    return mass * Bracket(Fraction(ends[0]), Fraction(ends[1]))


def _toward(value: Fraction, end: float) -> float:
    """A float that is the value or lies to that side of it."""
    found = float(value)
    beyond = Fraction(found) > value if end < 0 else Fraction(found) < value
    return float(np.nextafter(found, end)) if beyond else found
