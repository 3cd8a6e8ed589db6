"""What running the models adds to a decision: a witness replayed, one found in the runtimes, or every input run."""

from dataclasses import dataclass, replace

from mechverify.deciding import combine
from mechverify.deciding.clock import Clock
from mechverify.deciding.decision import UNDECIDED, Decision, Point
from mechverify.deciding.job import Job
from mechverify.deciding.portfolio import confirm_witness
from mechverify.deciding.reading.enclosure_check import cross_check_points
from mechverify.deciding.running.held import hold_by_running, may_be_run
from mechverify.deciding.running.replay import counterexample, first_shown, replays_at
from mechverify.deciding.running.runtime_search import broken_in_runtimes, simpler_where_shown
from mechverify.deciding.undefined_preconditions import refuse_undefined
from mechverify.deciding.witness import simplest
from mechverify.engines.exhaustive import HeldReport
from mechverify.results import Counterexample
from mechverify.verdict import Assurance, Verdict

_REPLAY_CANDIDATES = 64
_RUNS_SHARE = 1 / 4


@dataclass(frozen=True, slots=True)
class Established:
    """A decision with what running the model added to it. ``notes`` are sentences to stand beside the verdict."""

    decision: Decision
    counterexample: Counterexample | None = None
    held: HeldReport[Point] | None = None
    notes: tuple[str, ...] = ()


def with_runs(job: Job, decision: Decision, ideal: Decision | None, clock: Clock) -> Established:
    """Replay a witness; look for one in the runtimes where the kernel has none; run everything as a last resort."""
    compiled = job.compiled
    if decision.verdict is Verdict.REFUTED and decision.point is not None:
        return _with_witness(job, simplest(compiled.obligation, decision))
    if decision.verdict not in UNDECIDED or compiled.arithmetic != "float32":
        return Established(decision)
    search = clock.part(_RUNS_SHARE, keep=_RUNS_SHARE if may_be_run(compiled) else 0.0)
    found = shown_to_fail(job, decision, candidates_of(decision, ideal), search.work)
    if found is not None:
        return found
    if ideal is not None and ideal.verdict is Verdict.REFUTED:
        decision = combine.broken_in_ideal(decision, ideal)
        point = ideal.point
        if point is not None and job.ideal is not None:
            view = counterexample(job.ideal, point, replays_at(compiled, job.models, point), robust=False)
            return Established(decision, view)
    held = hold_by_running(compiled, job.models, work=clock.part().work)
    if held is not None and held.violation is not None:
        found = shown_to_fail(job, decision, (held.violation,), 0.0)
        return found or Established(decision)
    return Established(decision, held=held if held is not None and held.complete else None)


def shown_to_fail(
    job: Job,
    decision: Decision,
    candidates: tuple[Point, ...],
    work: float,
    *,
    simpler: bool = True,
    patience: float = 1.0,
    most: int | None = None,
) -> Established | None:
    """REFUTED by the best point, of the candidates and of what a search in the runtimes finds with ``work``, that a
    runtime shows to fail and that the kernel finds admissible, made simpler unless it is to stay what it is.
    ``patience`` and ``most`` as in ``broken_in_runtimes``.
    """
    compiled, models = job.compiled, job.models
    points = broken_in_runtimes(compiled, models, candidates, work, job.options.seed, patience=patience, most=most)
    simple = tuple(simpler_where_shown(compiled, models, point) for point in points[:1] if simpler)
    shown = first_shown(compiled, models, (*simple, *points[:_REPLAY_CANDIDATES]))
    if shown is None:
        return None
    cross_check_points(compiled, models, (shown.point,))
    answer = confirm_witness(compiled.obligation, shown.point, shown.replays)
    if answer is None:
        return None
    robust = answer.assurance is Assurance.CHECKED
    return Established(
        replace(answer, seconds=decision.seconds),
        counterexample(job.compiled, shown.point, shown.replays, robust=robust),
    )


def refuted_at(job: Job, decision: Decision, point: Point, *, simpler: bool = True) -> Established | None:
    """REFUTED by a point, if the kernel confirms that every execution breaks the claim there, or that it is admissible
    and a runtime shows it. ``simpler``: a simpler witness may take its place.
    """
    if job.compiled.arithmetic == "float32":
        return shown_to_fail(job, decision, (point,), 0.0, simpler=simpler)
    broken = confirm_witness(job.compiled.obligation, point, ())
    if broken is None:
        return None
    return _with_witness(job, simplest(job.compiled.obligation, broken) if simpler else broken)


def _with_witness(job: Job, decision: Decision) -> Established:
    """A kernel-confirmed witness, run in the runtimes.

    Raises SpecError where a precondition is undefined at it, EnclosureError where a runtime leaves its enclosure.
    """
    compiled = job.compiled
    point = decision.point
    if point is None:
        return Established(decision)
    refuse_undefined(compiled, point)
    cross_check_points(compiled, job.models, (point,))
    return Established(decision, counterexample(compiled, point, replays_at(compiled, job.models, point), robust=True))


def candidates_of(decision: Decision, ideal: Decision | None) -> tuple[Point, ...]:
    points = list(decision.suspects)
    if ideal is not None:
        points += [p for p in (ideal.point, *ideal.suspects) if p is not None]
    return tuple(dict.fromkeys(points))[:_REPLAY_CANDIDATES]
