"""The map of a problem: parts are cut, the largest undecided one first, until each has a label or work is used up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import count

from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.kernel.search import Following, Forms, LinearForm, Number, Prepared, Region, relaxed_forms
from mechverify.mapping.cutting import SWITCHES, cut_by_forms, cut_for, free_inputs, halved, undecided_switches
from mechverify.mapping.tree import Cut, Part

Priority = tuple[bool, int, Number, int]
_TERMS = 16  # terms of forms that are as much work as a node on a part
_SHRINKS = (3, 4)
_PLANE, _SWITCHES, _BOXES = 2, 24, 1 << 16
_WORTH = 1 << 18  # a part of fewer points of the domain than one of so many is not halved


@dataclass(frozen=True, slots=True)
class Limits:
    """How much work a map may take: leaves of its tree, and evaluations of nodes. The first limit reached ends it.
    ``anew``: where errors leave a part open they are computed anew on it, and it is halved where they shrink so.
    ``inside_first``: what is outside is cut when nothing else is left.
    """

    parts: int = 20_000
    evaluations: int = 50_000_000
    anew: bool = True
    inside_first: bool = False


@dataclass(frozen=True, slots=True)
class Mapped:
    """A tree; ``finished``: no part was left undecided for want of work."""

    root: Part
    parts: int
    evaluations: int
    finished: bool


def never() -> bool:
    """Nothing ends it but its limits."""
    return False


def find_map(prepared: Prepared, limits: Limits, ended: Callable[[], bool] = never) -> Mapped:
    """Cut the box of a problem into labelled parts, until limits are reached or it is ``ended``."""
    return MapSearch(prepared, limits, ended).run()


@dataclass(frozen=True, slots=True)
class Undecided:
    """A part to cut, with what is known on it. ``strip``: the errors that left a larger part open, which was halved.
    ``anew``: errors were computed on a part that has the same points, all others being cut off by its last cut.
    """

    part: Part
    following: Following
    strip: int | None
    anew: bool = False


class MapSearch:
    """The search for a map: what ``is_settled`` of a part, and what to do with one that is not, may be another's."""

    def __init__(self, prepared: Prepared, limits: Limits, ended: Callable[[], bool] = never) -> None:
        self.ended = ended
        problem = prepared.problem
        self.prepared, self.limits = prepared, limits
        self.roots = (*([] if problem.domain is None else [problem.domain]), problem.assumption, problem.claim)
        self.order = problem.cone(self.roots)
        self.parts, self.evaluations = 1, 0
        self.size: Number = 0
        self.tie = count()
        self.queue: list[tuple[Priority, Undecided]] = []

    def run(self) -> Mapped:
        root = Part(Region.start(self.prepared.problem.inputs))
        self.size = root.region.size().high
        root.empty = _is_empty(root.region)
        if not root.empty:
            self._look(root, None, None)
        while self.queue and self._goes_on():
            self.work_on(heappop(self.queue)[1])
        return Mapped(root, self.parts, self.evaluations, not self.queue)

    def _goes_on(self) -> bool:
        limits = self.limits
        return self.parts < limits.parts and self.evaluations < limits.evaluations and not self.ended()

    def work_on(self, one: "Undecided") -> None:
        """Cut a part: a wide one by boxes. Where errors leave one open they are computed anew, on it alone, if nothing
        is to be cut before that and they were not yet; where that leaves it open too, it is halved as long as errors
        become smaller that way.
        """
        part, following, strip, anew = one.part, one.following, one.strip, one.anew
        if self._is_wide(part, following):
            forms = self._forms(part, following)
            box = None
            if forms is not None and not self._decided(part) and undecided_switches(forms) > _SWITCHES:
                box = cut_by_forms(forms, part.region)
            if box is not None:
                self.divide(part, box, following, strip)
            if box is not None or self._decided(part):
                return
        choice = cut_for(following, self.roots)
        if choice.strip is not None and self.limits.anew and not (anew and choice.cut is not None):
            following, anew = Following(self.prepared, part.region), True
            self._evaluate(following)
            self._label(part, following.values)
            if self._decided(part):
                return
            choice = cut_for(following, self.roots)
        cut = choice.cut
        if cut is None and choice.strip is not None and self.limits.anew:
            (less, whole), now = _SHRINKS, choice.strip
            worth = part.region.size().high * _WORTH > self.size and (strip is None or now * whole < strip * less)
            cut = halved(part.region) if worth else None
            strip = now
        if cut is None and choice.strip is None:
            cut = self._relaxed(part, following)
        if cut is not None:
            self.divide(part, cut, following, strip, anew=anew)

    def _is_wide(self, part: Part, following: Following) -> bool:
        """Whether a large part of more than two inputs has so many switches that cutting at each leaves nearly all of
        it open: boxes, and the forms on them, decide more then.
        """
        if free_inputs(part.region) <= _PLANE or part.region.size().high * _BOXES < self.size:
            return False
        nodes = self.prepared.problem.nodes
        unknown = sum(nodes[v].op in SWITCHES and following.values[v] is None for v in self.order)
        return unknown > _SWITCHES

    def _relaxed(self, part: Part, following: Following) -> Cut | None:
        """Label a part by the forms of the box around it; where they do not decide it, the cut that they point to."""
        forms = self._forms(part, following)
        return None if forms is None or self._decided(part) else cut_by_forms(forms, part.region)

    def _forms(self, part: Part, following: Following) -> Forms | None:
        """Label a part by the forms of the box around it, as far as they decide it."""
        work = self.prepared.work.operations
        forms = relaxed_forms(self.prepared, part.region, self.order)
        done = (self.prepared.work.operations - work) // _TERMS
        self.evaluations += done
        spend(costs.MAP_NODE * done)
        if forms is None:
            return None
        truth = [t if value is None else value for value, t in zip(following.values, forms.truth, strict=True)]
        self._label(part, truth)
        return forms

    def _look(self, part: Part, before: Following | None, strip: int | None, *, anew: bool = False) -> None:
        """Evaluate what was not known on the larger part, and label this one as far as it is decided."""
        following = Following(self.prepared, part.region, before)
        self._evaluate(following)
        self._label(part, following.values)
        if not self.is_settled(part, following):
            last = self.limits.inside_first and part.place == "outside"
            size = part.region.size()
            priority = last, -size.dimension, -size.high, next(self.tie)
            heappush(self.queue, (priority, Undecided(part, following, strip, anew)))

    def _evaluate(self, following: Following) -> None:
        done = following.run(self.order)
        self.evaluations += done
        spend(costs.MAP_NODE * done)

    def _label(self, part: Part, truth: Sequence[LinearForm | bool | None]) -> None:
        problem = self.prepared.problem
        domain = True if problem.domain is None else truth[problem.domain]
        assumption, claim = truth[problem.assumption], truth[problem.claim]
        if domain is False:
            part.place = "apart"
            return
        if domain is None:
            return
        if assumption is not None:
            part.place = "inside" if assumption else "outside"
        if claim is not None:
            part.label = "proved" if claim else "refuted"

    def is_settled(self, part: Part, following: Following) -> bool:  # noqa: ARG002
        """Whether nothing is to be done with a part, given what is known on it."""
        return self._decided(part)

    @staticmethod
    def _decided(part: Part) -> bool:
        return part.place == "apart" or (part.place != "open" and part.label != "open")

    def divide(self, part: Part, cut: Cut, following: Following, strip: int | None, *, anew: bool = False) -> None:
        """Cut a part in two, and look at both; whether its errors were computed ``anew`` is so of one of them still
        where the other one is empty.
        """
        below, above = part.region.split(dict(cut.terms), cut.bound)
        part.cut = cut
        part.below, part.above = Part(below, parent=part), Part(above, parent=part)
        self.parts += 1
        children = part.below, part.above
        for child in children:
            child.empty = _is_empty(child.region)
        alone = any(child.empty for child in children)
        for child in children:
            if not child.empty:
                self._look(child, following, strip, anew=anew and alone)


def _is_empty(region: Region) -> bool:
    return region.is_void() or region.size().high == 0
