"""Which inputs a claim is proved on and on which it stays open: as few boxes as neighbours that can be joined leave."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from math import prod

from mechverify.deciding.parts import Bounds, ProvedPart, narrowed
from mechverify.engines.integers.counting import count_inputs
from mechverify.graph.graph import Input, Obligation
from mechverify.results import Region, Regions
from mechverify.spec.text import number_text

_MOST_BOXES = 2_000
_MOST_COUNTED = 64


def regions_of(obligation: Obligation, parts: Sequence[ProvedPart], total: tuple[int, int] | None) -> Regions:
    """The proved parts and the rest, largest first. ``total`` is how many inputs are admissible.

    Shares are of the admissible inputs where these can be counted exactly, otherwise of the box of all inputs; parts
    of reals have their faces in common with what is left. Without proved parts everything is open.
    """
    inputs = obligation.graph.inputs
    whole: Bounds = tuple((i.low, i.high) for i in inputs)
    proved = joined(inputs, [part.bounds for part in parts])
    left = joined(inputs, _without(inputs, whole, proved))
    return Regions(tuple(_described(obligation, proved, total)), tuple(_described(obligation, left, total)))


def alone(obligation: Obligation, region: Region) -> str | None:
    """A condition that leaves this region alone, in the spec's words; None where its inputs are several runs'."""
    if not region.where or any(": " in i.name for i in obligation.graph.inputs):
        return None
    bounds = {i.name: (i.low, i.high) for i in obligation.graph.inputs}
    texts = []
    for name, (low, high) in region.where.items():
        below = "" if low == bounds[name][0] else f"{number_text(low)} <= "
        above = "" if high == bounds[name][1] else f" <= {number_text(high)}"
        texts.append(f"{name} == {number_text(low)}" if low == high else f"{below}{name}{above}")
    return " and ".join(texts)


def _described(obligation: Obligation, boxes: Iterable[Bounds], total: tuple[int, int] | None) -> Iterator[Region]:
    inputs = obligation.graph.inputs
    whole = tuple((i.low, i.high) for i in inputs)
    exact = total is not None and total[0] == total[1] > 0
    ordered = sorted(boxes, key=lambda box: -_size(inputs, box))
    for place, box in enumerate(ordered):
        pairs = zip(inputs, box, strict=True)
        where = {i.name: ends for i, ends in pairs if ends != (i.low, i.high)}
        counted = count_inputs(narrowed(obligation, box)) if exact and place < _MOST_COUNTED else None
        if counted == (0, 0):
            continue
        if total is not None and counted is not None and counted[0] == counted[1]:
            yield Region(where, counted, Fraction(counted[0], total[0]), of_box=False)
        else:
            yield Region(where, counted, _size(inputs, box) / _size(inputs, whole), of_box=True)


def _size(inputs: Sequence[Input], box: Bounds) -> Fraction:
    """Points of integers times lengths of reals; a pinned real counts once."""
    sizes = (
        high - low + 1 if i.kind == "integer" else high - low if i.low < i.high else Fraction(1)
        for i, (low, high) in zip(inputs, box, strict=True)
    )
    return prod(sizes, start=Fraction(1))


# --- boxes


def _without(inputs: Sequence[Input], whole: Bounds, taken: Sequence[Bounds]) -> list[Bounds]:
    """The rest of a box, in boxes that do not overlap; everything that is left in one where that would be too many."""
    left = [whole]
    for part in taken:
        left = [piece for box in left for piece in _minus(inputs, box, part)]
        if len(left) > _MOST_BOXES:
            return [whole]
    return left


def _minus(inputs: Sequence[Input], box: Bounds, part: Bounds) -> Iterator[Bounds]:
    pairs = list(zip(inputs, box, part, strict=True))
    if any(b[1] < p[0] or p[1] < b[0] or (i.kind == "real" and _only_touch(b, p)) for i, b, p in pairs):
        yield box
        return
    here = list(box)
    for k, (one, (low, high), (first, last)) in enumerate(pairs):
        step = 1 if one.kind == "integer" else 0
        if low < first:
            yield (*here[:k], (low, first - step), *here[k + 1 :])
        if last < high:
            yield (*here[:k], (last + step, high), *here[k + 1 :])
        here[k] = (max(low, first), min(high, last))


def _only_touch(one: tuple[Fraction, Fraction], other: tuple[Fraction, Fraction]) -> bool:
    """Whether two intervals that meet have an end in common and no more."""
    return max(one[0], other[0]) == min(one[1], other[1]) and one[0] < one[1]


def joined(inputs: Sequence[Input], boxes: Sequence[Bounds]) -> list[Bounds]:
    """Boxes that cover the same points, with neighbours joined as long as two of them make one box."""
    best = list(boxes)
    for first in range(len(inputs)):
        found = _joined_from(inputs, boxes, first)
        best = found if len(found) < len(best) else best
        if len(best) <= 1:
            break
    return best


def _joined_from(inputs: Sequence[Input], boxes: Sequence[Bounds], first: int) -> list[Bounds]:
    """Join along one input after the other, starting at the ``first``, until nothing changes."""
    found, unchanged, k = list(boxes), 0, first
    while unchanged < len(inputs) and len(found) > 1:
        fewer = _joined_along(inputs[k], found, k)
        unchanged = 0 if len(fewer) < len(found) else unchanged + 1
        found, k = fewer, (k + 1) % len(inputs)
    return found


def _joined_along(one: Input, boxes: Sequence[Bounds], k: int) -> list[Bounds]:
    step = 1 if one.kind == "integer" else 0
    rows: dict[Bounds, list[tuple[Fraction, Fraction]]] = {}
    for box in boxes:
        rows.setdefault((*box[:k], *box[k + 1 :]), []).append(box[k])
    found: list[Bounds] = []
    for others, ends in rows.items():
        ends.sort()
        low, high = ends[0]
        for start, end in ends[1:]:
            if start > high + step:
                found.append((*others[:k], (low, high), *others[k:]))
                low = start
            high = max(high, end) if start <= high + step else end
        found.append((*others[:k], (low, high), *others[k:]))
    return found
