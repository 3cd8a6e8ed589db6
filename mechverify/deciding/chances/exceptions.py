"""The inputs at which a claim fails that holds usually: all where they are few, else some that say most."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mechverify.deciding.chances.exact import Exact
from mechverify.deciding.decision import Point
from mechverify.deciding.job import Job
from mechverify.deciding.reading.enclosure_check import cross_check_points
from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.replay import counterexample, replays_at
from mechverify.deciding.undefined_preconditions import refuse_undefined
from mechverify.deciding.witness import simpler
from mechverify.engines.points.judge import PointJudge
from mechverify.engines.points.shrink import simplicity
from mechverify.kernel.search import Region
from mechverify.probability.bracket import NOTHING, Bracket
from mechverify.probability.measures import Counting, Measures, Weights
from mechverify.probability.of_map import mass_of, masses_of_sizes
from mechverify.probability.points import Points, corners_of
from mechverify.results import Exceptions, ExceptionShown

MOST_LISTED = 64
_CANDIDATES = 96
_CORNERS = 8
_MOST_PARTS = 400
_SIMPLER_WORK = 2.0


def exceptions_of(job: Job, exact: Exact) -> Exceptions:
    """What breaks the claim surely: each point is one that every execution breaks, says the kernel's evaluation, and is
    run in the runtimes.

    Raises SpecError where a precondition is undefined at one, EnclosureError where a runtime leaves its enclosure.
    """
    return _Looking(job, exact).run()


def one_exception(job: Job, exact: Exact) -> Exceptions:
    """The same of one input alone, as simple as parts have at their corners; nothing is counted."""
    return _Looking(job, exact).one()


def counted_inputs(exact: Exact, verdicts: Sequence[str], points: Points | None = None) -> Bracket | None:
    """How many inputs that have a probability meet the preconditions and have one of some verdicts, at least and at
    most; None where they are not counted.
    """
    if not _single_values(exact.measures):
        return None
    points = points or Points(exact.measures.each)
    total = NOTHING
    for one in exact.leaves:
        if one.place not in ("inside", "open") or one.verdict not in (*verdicts, "open"):
            continue
        count = points.count(one.region)
        if count is None:
            return None
        sure = one.place == "inside" and one.verdict in verdicts
        total += Bracket(count if sure else Fraction(0), count)
    return total


@dataclass(slots=True)
class _Found:
    point: Point
    why: str


class _Looking:
    def __init__(self, job: Job, exact: Exact) -> None:
        self.job, self.exact = job, exact
        self.judge = PointJudge(job.compiled.obligation)
        self.points = Points(exact.measures.each)
        self.refuted = [one.region for one in exact.leaves if (one.place, one.verdict) == ("inside", "refuted")]

    def run(self) -> Exceptions:
        total = self._total()
        if total is not None and total.exact and total.low <= MOST_LISTED and self.exact.finished:
            listed = [p for region in self.refuted for p in self.points.all(region)]
            if len(listed) == total.low and all(self.judge.breaks(p) for p in listed):
                ordered = sorted(listed, key=simplicity)
                return Exceptions(total, self._shown([_Found(p, "") for p in ordered]), complete=True)
        return Exceptions(total, self._shown(list(self._telling())), complete=False)

    def one(self) -> Exceptions:
        """One input that breaks it, where there is any."""
        found = min((p for p in self._candidates() if self.judge.breaks(p)), key=simplicity, default=None)
        return Exceptions(None, self._shown([] if found is None else [_Found(found, "")]), complete=False)

    def worst(self) -> tuple[ExceptionShown, ...]:
        """The input of those found that fails by the most."""
        return self._shown(list(self._telling())[-1:])

    def _total(self) -> Bracket | None:
        """How many inputs with a probability break it, at least and at most."""
        if self.exact.measures.plain and not self.exact.measures.dimension:
            verdicts = masses_of_sizes(self.exact.certificate["sizes"], 0)
            return mass_of(verdicts, lambda admitted, holds: admitted and not holds)
        return counted_inputs(self.exact, ("refuted",), self.points)

    def _telling(self) -> Iterator[_Found]:
        """The simplest one found, the most probable one, and the one that fails by the most."""
        found = list(dict.fromkeys(p for p in self._candidates() if self.judge.breaks(p)))
        if not found:
            return
        first = min(found, key=simplicity)
        if self.exact.measures.plain:
            smaller = simpler(self.job.compiled.obligation, first, work=_SIMPLER_WORK)
            first = smaller if self.judge.breaks(smaller) else first
        yield _Found(first, "simplest found")
        if not self.exact.measures.uniform and _single_values(self.exact.measures):
            likely = self.points.most_probable(self.refuted)
            if likely is not None and self.judge.breaks(likely[0]):
                yield _Found(likely[0], "most probable")
        margins = [(self._margin(p), p) for p in (first, *found)]
        known = [(m, p) for m, p in margins if m is not None]
        if known:
            worst = min(known, key=lambda one: (one[0], simplicity(one[1])))[1]
            yield _Found(worst, "fails by the most of those found")

    def _candidates(self) -> Iterator[Point]:
        """Points of the parts that are broken, the largest first: next to their corners."""
        sized = sorted(self.refuted[:_MOST_PARTS], key=lambda region: -_size(region))
        given = 0
        for region in sized:
            for place in corners_of(region)[:_CORNERS]:
                point = self.points.beside(region, place)
                if point is not None:
                    yield point
                    given += 1
            if given >= _CANDIDATES or self.points.exhausted:
                return

    def _margin(self, point: Point) -> Fraction | None:
        view = PointView(self.job.compiled, point)
        return view.judge(view.ideal_network()).margin

    def _shown(self, found: Sequence[_Found]) -> tuple[ExceptionShown, ...]:
        compiled, models = self.job.compiled, self.job.models
        points = tuple(dict.fromkeys(one.point for one in found))
        for point in points:
            refuse_undefined(compiled, point)
        if points:
            cross_check_points(compiled, models, points)
        shown = []
        for point in points:
            why = " and ".join(one.why for one in found if one.point == point)
            margin = self._margin(point)
            beyond = None if margin is None else -margin
            seen = counterexample(compiled, point, replays_at(compiled, models, point), robust=True)
            shown.append(ExceptionShown(why, seen, share_at(self.exact, point), beyond))
        return tuple(shown)


def share_at(exact: Exact, point: Point) -> Fraction | None:
    """How probable one input is, given the preconditions; None where it is no single value or that is not exact."""
    if not _single_values(exact.measures) or not exact.admitted.exact or not exact.admitted.low:
        return None
    weight = Fraction(1)
    for measure, value in zip(exact.measures.each, point, strict=True):
        weight *= measure.mass(value, value).low
    return weight / exact.admitted.low


def worst_of(job: Job, exact: Exact) -> Exceptions:
    """For an average that is too small: an input at which there is less than nothing to spare, in every execution."""
    looking = _Looking(job, exact)
    inside = (one for one in exact.leaves if one.place == "inside")
    looking.refuted = [one.region for one in inside if one.verdict != "proved"]
    return Exceptions(None, looking.worst(), complete=False)


def _single_values(measures: Measures) -> bool:
    return all(isinstance(m, Weights) or (isinstance(m, Counting) and m.integer) for m in measures.each)


def _size(region: Region) -> Fraction:
    return Fraction(region.size().high)
