"""The steps of a map: one tree of splits whose leaves are labelled parts, in preorder, and the sizes of all labels.

- `["split", [[c, k], ...], bound]`: first child form <= bound, second child the rest of the region (`region.py`).
- `["part", place, verdict]`: the place is `inside` (the assumption is true), `outside` (it is false), `apart` (the
  problem's domain is false; verdict `open`) or `open` (not said); for the first two the domain is true. The verdict is
  `proved` (the claim is true), `refuted` (it is false) or `open` (not said). Each at every point, in every execution.
- `["part", place, verdict, [k, ...], [[truth, [v, ...]], ...]]`: the same, shown by comparisons as in the step
  `separable` of a proof (`by_sums.py`).
- `["mostly", place, verdict, [k, ...], groups, rare, more, most, cut]`: the same of all points of the part but some, or
  of those of its points that are cut off; the rest is its only child (`mostly.py`).
- `["empty"]`: no point is left here.
"""

from collections.abc import Iterable, Iterator

from ..cursor import Step, step_index, step_list, step_number
from ..fault import InvalidError
from ..numbers.number import Number, format_number
from ..plan import Prepared
from ..reading.problem import canonical_bytes
from ..reading.reader import Json
from ..work import LONG_BITS
from .by_sums import truths_by_sums
from .factor import Size
from .follow import Following, Value
from .label import MAP_PLACES, MAP_VERDICTS, MapLabel, shows
from .mostly import Mostly, check_mostly
from .region import Region
from .relaxed import relaxed_forms

Sizes = dict[tuple[str, str, int], tuple[Number, Number]]


def check_map(prepared: Prepared, steps: Iterable[Json], sizes: list[Json]) -> None:
    """Every branch ends, every label is shown, and the sizes are as stated. Raises `InvalidError`."""
    order = prepared.problem.cone(labels_read(prepared))
    start = Region.start(prepared.problem.inputs)
    stack: list[tuple[Region, Larger | None]] = [(start, None)]
    tally = Tally()
    for raw in steps:
        if not stack:
            raise InvalidError("steps are left over")
        if type(raw) is not list or not raw:
            raise InvalidError("a step is a list that begins with a rule's name")
        (region, before), step = stack.pop(), Step(raw, prepared.work.count)
        step.count(region.cost())
        if raw[0] == "split":
            below, above = _split(region, step)
            known = None if region.is_void() else Larger(prepared, region, before, order)
            stack += [(above, known), (below, known)]
            tally.split(region)
        elif raw == ["empty"]:
            if not region.is_void() and region.size().high != 0:
                raise InvalidError("the part is not shown to be empty")
            tally.part(region, None)
        elif raw[0] == "mostly":
            found = check_mostly(prepared, region, step)
            if found.rest is not None:
                stack.append((found.rest, before))
            tally.mostly(region, found)
        elif raw[0] == "part":
            tally.part(region, _part(prepared, region, before, step, order))
        else:
            raise InvalidError("a step of a map is split, part, mostly or empty")
    if stack:
        raise InvalidError("branches are left open")
    if canonical_bytes(sizes) != canonical_bytes(tally.rows()):
        raise InvalidError("the sizes stated are not those of the parts")


class Larger:
    """What is known of the nodes of the labels on a region that is cut: evaluated when a part of it first asks."""

    def __init__(self, prepared: Prepared, region: Region, before: "Larger | None", order: list[int]) -> None:
        self.prepared, self.region, self.before, self.order = prepared, region, before, order
        self.found: Following | None = None

    def following(self) -> Following:
        """The nodes, what was known on larger regions taken over."""
        waiting = [self]
        while waiting[-1].found is None and waiting[-1].before is not None:
            waiting.append(waiting[-1].before)
        known: Following | None = waiting[-1].found
        for one in reversed(waiting):
            if one.found is None:
                one.found, one.before = _followed(one.prepared, one.region, known, one.order), None
            known = one.found
        if known is None:
            raise InvalidError("nothing is known of a larger part")
        return known


def labels_read(prepared: Prepared) -> tuple[int, ...]:
    """The nodes that labels speak of."""
    problem = prepared.problem
    domain = () if problem.domain is None else (problem.domain,)
    return (*domain, problem.assumption, problem.claim)


class Tally:
    """The sizes of the labels, told of the parts of a tree in preorder. Parts below one split that have one label are
    together what was split: where that has an exact size, theirs need none."""

    def __init__(self) -> None:
        self.open: list[tuple[Region, list[tuple[frozenset[MapLabel], Sizes]]]] = []
        self.sizes: Sizes = {}

    def split(self, region: Region) -> None:
        """A split of a region; what is told next are its first child, then its second."""
        self.open.append((region, []))

    def part(self, region: Region, label: MapLabel | None) -> None:
        """A part with its label; None for an empty one."""
        size = region.size() if label is not None else Size(0, 0, 0)
        labels = frozenset(() if label is None else (label,))
        self._add(labels, {(*one, size.dimension): (size.low, size.high) for one in labels})

    def mostly(self, region: Region, some: Mostly) -> None:
        """Points of a region that have a label but for some, of which only the place is told; what is told next is the
        rest of the region, if there is one."""
        if some.rest is not None:
            self.split(region)
        place, verdict = some.label
        sizes: Sizes = {(place, verdict, 0): (some.points - some.most, some.points)}
        if some.most:
            sizes[place, "open", 0] = 0, some.most
        self._add(frozenset((p, v) for p, v, _ in sizes), sizes)

    def _add(self, labels: frozenset[MapLabel], sizes: Sizes) -> None:
        while self.open:
            whole, before = self.open[-1]
            before.append((labels, sizes))
            if len(before) < 2:
                return
            self.open.pop()
            labels, sizes = _together(whole, *before)
        self.sizes = sizes

    def rows(self) -> list[Json]:
        """The sizes as they stand in a file: place, verdict, real dimensions, at least, at most; none that are 0."""
        rows = sorted(self.sizes.items())
        return [[*key, format_number(low), format_number(high)] for key, (low, high) in rows if high]


def _together(
    whole: Region, one: tuple[frozenset[MapLabel], Sizes], other: tuple[frozenset[MapLabel], Sizes]
) -> tuple[frozenset[MapLabel], Sizes]:
    """The labels and sizes of both children of a split."""
    labels = one[0] | other[0]
    size = whole.size() if len(labels) == 1 else Size(0, 0, 1)
    if size.low == size.high:
        return labels, {(*label, size.dimension): (size.low, size.high) for label in labels}
    total = dict(one[1])
    for key, (low, high) in other[1].items():
        least, most = total.get(key, (0, 0))
        total[key] = (least + low, most + high)
    return labels, total


def _split(region: Region, step: Step) -> tuple[Region, Region]:
    step.arity(2)
    terms: dict[int, Number] = {}
    for raw in step_list(step.fields[1]):
        raw_c, raw_k = step_list(raw, 2)
        k = step_index(raw_k, len(region.kinds))
        if k in terms:
            raise InvalidError("an input is named twice")
        terms[k] = step_number(raw_c)
    bound = step_number(step.fields[2])
    if any(max(abs(x.numerator), x.denominator).bit_length() > LONG_BITS for x in (bound, *terms.values())):
        raise InvalidError(f"a split has numbers of more than {LONG_BITS} bits")
    step.count(len(region.kinds) + sum(len(region.factors[k].corners) for k in terms) ** 2)
    return region.split(terms, bound)


def _followed(prepared: Prepared, region: Region, before: Following | None, order: list[int]) -> Following:
    """The nodes of the labels on a region, what was known on a larger one taken over."""
    following = Following(prepared, region, before)
    prepared.work.count(following.run(order) * len(region.kinds))
    return following


def _part(prepared: Prepared, region: Region, before: Larger | None, step: Step, order: list[int]) -> MapLabel:
    """The label of a part, shown: by the comparisons that it names; or by what is known of the larger parts that it
    lies in, or of it alone, or with what the forms say of the box around it."""
    if len(step.fields) > 3:
        step.arity(4)
    else:
        step.arity(2)
    place, verdict = step.fields[1:3]
    if place not in MAP_PLACES or verdict not in MAP_VERDICTS or (place == "apart" and verdict != "open"):
        raise InvalidError("a part has a place and a verdict")
    if region.is_void():
        raise InvalidError("the part is empty")
    label = str(place), str(verdict)
    if len(step.fields) > 3:
        truths = truths_by_sums(prepared, region, step, step.fields[3], step.fields[4])
        if not shows(prepared, truths.get, label):
            raise InvalidError("the part's label is not shown by its comparisons")
        return label
    told = () if label == ("open", "open") else _truths(prepared, region, before, order)
    if label != ("open", "open") and not any(shows(prepared, truth.__getitem__, label) for truth in told):
        raise InvalidError("the part's label is not shown")
    return label


def _truths(prepared: Prepared, region: Region, before: Larger | None, order: list[int]) -> Iterator[list[Value]]:
    """What is known of the nodes of a part, by one way after the other."""
    if before is not None:
        yield _followed(prepared, region, before.following(), order).values
    values = _followed(prepared, region, None, order).values
    yield values
    forms = relaxed_forms(prepared, region, order)
    if forms is not None:
        yield [truth if value is None else value for value, truth in zip(values, forms.truth, strict=True)]
