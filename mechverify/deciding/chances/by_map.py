"""A claim that holds usually or on average, decided by a map alone, with the inputs that break it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from mechverify.deciding import combine
from mechverify.deciding.beforehand import look_beforehand
from mechverify.deciding.ceilings import seconds_for
from mechverify.deciding.chances.exact import Exact, boxes_for, decided_exactly, limits_for
from mechverify.deciding.chances.exceptions import exceptions_of, one_exception, worst_of
from mechverify.deciding.clock import Clock
from mechverify.deciding.decision import Decision
from mechverify.deciding.job import Job
from mechverify.deciding.portfolio import Search
from mechverify.engines.processes.ceiling import Ceiling
from mechverify.engines.processes.time_limit import stage
from mechverify.explanation.compiled import CompiledClaim
from mechverify.results import Exceptions
from mechverify.verdict import Verdict


class Moved(Protocol):
    """A decision after the look at what moves, and what of that is not settled."""

    @property
    def decision(self) -> Decision:
        """The decision, another one where nothing moves."""

    @property
    def unsettled(self) -> tuple[str, ...]:
        """Sentences of what is not settled."""


LooksWhatMoves = Callable[[CompiledClaim, Decision, Clock], Moved]


@dataclass(frozen=True, slots=True)
class ByMap:
    """What a map decides, with the map itself. REFUTED has an exception that was replayed; ``exceptions`` are None
    where there was no reason to look for any, or where an average is not refuted.
    """

    decision: Decision
    exact: Exact
    exceptions: Exceptions | None = None
    notes: tuple[str, ...] = ()


def decided_by_map(
    job: Job, work: float, check_seconds: float, moves: LooksWhatMoves, *, short: bool = False
) -> ByMap:
    """Decide a claim by a map that goes with so much ``work``, in millions of steps; ``short``: with no more than the
    exception that refutes it. ``moves`` says of a claim that moves something what is left of a decision where that
    never changes, with notes.

    Raises SpecError where a precondition is undefined at some input, EnclosureError where a runtime leaves its
    enclosure.
    """
    compiled, options, seconds = job.compiled, job.options, seconds_for(work)
    look_beforehand(job)
    with stage("making a map of the claim"):
        exact = decided_exactly(compiled, limits_for(seconds), check_seconds, boxes_for(seconds))
    decision, notes = exact.decision, tuple[str, ...]()
    if compiled.intervened:
        with stage("looking whether what is moved moves at all"):
            clock = Clock(Search(work, options.seed, Ceiling(seconds)))
            looked = moves(compiled, decision, clock)
            decision, notes = looked.decision, looked.unsettled
    if decision.verdict in (Verdict.ERROR, Verdict.VACUOUS):
        return ByMap(decision, exact, notes=notes)
    with stage("looking for exceptions"):
        exceptions = _exceptions(job, exact, decision, short=short)
    if decision.verdict is Verdict.REFUTED and (exceptions is None or not exceptions.listed):
        decision = combine.without_exception(decision)
    return ByMap(decision, exact, exceptions, notes)


def _exceptions(job: Job, exact: Exact, decision: Decision, *, short: bool) -> Exceptions | None:
    refuted = decision.verdict is Verdict.REFUTED
    if job.compiled.claim.kind == "on_average":
        return worst_of(job, exact) if refuted else None
    if short:
        return one_exception(job, exact) if refuted else None
    return exceptions_of(job, exact)
