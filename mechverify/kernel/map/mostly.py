"""Points of a map that have a label but for some of them, which are counted and not found.

`["mostly", place, verdict, [k, ...], groups, rare, more, most, cut]`. With `cut` `[]` the step is about all points of
the part, which ends there. With `[[i, ...], bound]` it is about the points at which one of the inputs i is above the
bound, and the rest of the part, at which none is, is its only child.

The inputs k are held, and comparisons are shown, as by `by_sums.py`: first those of `groups`, which show the place.
`rare` has entries `[a, b, shift]`: b > a is taken as shown from there on, and the points at which it fails are
counted (`separable/rare.py`). Then those of `more` are shown, and the verdict. At every point but those that are
counted it has all truths that were drawn, in every execution. Of the points counted only the place is told.

Side conditions:
- all inputs are integers, the part is cut at them one by one, and the problem has no `domain` or nothing is told;
- the inputs i are distinct and not held, one of them has values above the bound, and a point is left below it;
- there are no more points counted than `most`; a verdict `open` has nothing counted and nothing shown for it.
"""

from dataclasses import dataclass

from ..cursor import Step, step_index, step_list, step_number
from ..fault import InvalidError
from ..plan import Prepared
from ..reading.reader import Json
from ..separable.bounds import Box, Cases, Range
from ..separable.judgement import ContradictionError
from ..separable.kept import judgement_for
from ..separable.rare import most_not_above
from ..separable.showing import held_inputs, ranges_of, show
from .by_sums import columns_for
from .label import MapLabel, shows
from .region import Region
from .relaxed import box_around

MAX_SHIFT = 1 << 14


@dataclass(frozen=True, slots=True)
class Mostly:
    """So many points that have a label, but for at most `most` of them, which have its place; and what is left of the
    part, None for nothing."""

    label: MapLabel
    points: int
    most: int
    rest: Region | None


def check_mostly(prepared: Prepared, region: Region, step: Step) -> Mostly:
    """What a step of this kind tells, where that is so. Raises `InvalidError`."""
    step.arity(8)
    place, verdict, raw_held, groups, raw_rare, more, raw_most, raw_cut = step.fields[1:]
    if place not in ("inside", "outside", "open") or verdict not in ("proved", "refuted", "open"):
        raise step.invalid("points have a place and a verdict")
    whole = _points(region)
    problem = prepared.problem
    box = {k: (one.low, one.high) for k, one in box_around(region).items()}
    held = held_inputs(problem, step, raw_held, box)
    ranges = ranges_of(problem, held, box)
    cases, rest = _cut(region, ranges, step, raw_cut)
    judgement = judgement_for(columns_for(prepared), held, Box(ranges, () if rest is None else (cases,)))
    label = str(place), str(verdict)
    counted = 0
    try:
        show(judgement, step, groups)
        if not shows(prepared, judgement.truths.get, (str(place), "open")):
            raise step.invalid("the place is not shown by its comparisons")
        for raw in step_list(raw_rare):
            raw_a, raw_b, raw_shift = step_list(raw, 3)
            pair = step_index(raw_a, len(problem.nodes)), step_index(raw_b, len(problem.nodes))
            counted += most_not_above(judgement.bounds, pair, step_index(raw_shift, MAX_SHIFT), judgement.box)
            judgement.grant(*pair)
        show(judgement, step, more)
    except ContradictionError:
        raise step.invalid("the comparisons contradict each other") from None
    if not shows(prepared, judgement.truths.get, label):
        raise step.invalid("the label is not shown by its comparisons")
    most = step_number(raw_most)
    if type(most) is not int or counted > most:
        raise step.invalid("there may be more points at which the label is not shown")
    if verdict == "open" and (raw_rare or more or most):
        raise step.invalid("where no verdict is told there is nothing to count")
    points = whole - (0 if rest is None else _points(rest))
    return Mostly(label, points, min(most, points), rest)


def _points(region: Region) -> int:
    """How many points a part has that is cut at integer inputs, one by one. Raises `InvalidError` for another."""
    if not region.whole or not all(one.integer for one in region.kinds):
        raise InvalidError("points are counted of parts that are cut at integers alone")
    if any(len(one.inputs) > 1 for one in region.parts()) or region.is_void():
        raise InvalidError("the part is empty, or is no box")
    size = region.size()
    if type(size.low) is not int or size.low != size.high or size.low < 1:
        raise InvalidError("the part has no points")
    return size.low


def _cut(region: Region, ranges: dict[int, Range], step: Step, raw: Json) -> tuple[Cases, Region | None]:
    """The cases in which a point is above the bound, and the points at which it is not."""
    if raw == []:
        return (), None
    raw_inputs, raw_bound = step_list(raw, 2)
    bound = step_number(raw_bound)
    if type(bound) is not int:
        raise step.invalid("the bound is no integer")
    cases: dict[int, Range] = {}
    rest, seen = region, set[int]()
    for raw_k in step_list(raw_inputs):
        k = step_index(raw_k, len(region.kinds))
        if k in seen or k not in ranges:
            raise step.invalid(f"input {k} is held, or named twice")
        seen.add(k)
        first, last = ranges[k]
        above = max(first, bound + 1 - int(region.kinds[k].low))
        if above <= last:
            cases[k] = above, last
            rest, _ = rest.split({k: 1}, bound)
    if not cases or rest.is_void() or rest.size().high == 0:
        raise step.invalid("the bound cuts nothing off, or all")
    return tuple(cases.items()), rest
