"""The roads to a proof of a claim with interventions: one obligation over all runs, or a lemma for each mechanism."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction

from mechverify.deciding import combine
from mechverify.deciding.clock import Clock
from mechverify.deciding.decision import UNDECIDED, Decision, Point
from mechverify.deciding.established import Established, candidates_of, refuted_at, shown_to_fail
from mechverify.deciding.job import Job
from mechverify.deciding.known.memory import Way
from mechverify.deciding.modular.proof import ModularProof
from mechverify.deciding.modular.structures import may_be_modular, modular_proof
from mechverify.deciding.portfolio import Search, check_seconds, decide, decide_like
from mechverify.deciding.running.held import may_be_run
from mechverify.deciding.running.runtime_search import broken_in_runtimes
from mechverify.deciding.running.scouts import scouts
from mechverify.deciding.twin import Twin
from mechverify.deciding.witness import simpler
from mechverify.engines.points.judge import PointJudge
from mechverify.engines.work.meter import work_done
from mechverify.explanation.compiled import CompiledClaim
from mechverify.graph.graph import Input
from mechverify.results import Lemma
from mechverify.verdict import Reason, Verdict

_FIRST_LOOK, _FIRST_LOOK_WORK, _GLANCE_WORK = 1 / 8, 5.0, 1.5
_RUNS, _RUNS_WORK, _RUNS_PATIENCE = 1 / 16, 2.0, 4.0
_GLIMPSE_WORK, _FIRST_RUNS, _MOST_BROKEN = 0.5, 96, 8
_EXACT_CALLS, _SIMPLER_WORK = 6_000, 4.0
_MODULAR = 1 / 2
_FOR_DIRECT = 1 / 3
_AT_THE_END, _FOR_IDEAL, _FOR_RUNNING_ALL = 0.05, 0.1, 0.2


@dataclass(frozen=True, slots=True)
class Decided:
    """A claim's decision, for float32 with the ideal one, and the lemmas of a modular proof that was tried. ``shown``:
    a runtime was seen to break the claim, and there is nothing left to decide. ``todo``: what may make a modular proof
    that failed, where the decision stays open.
    """

    decision: Decision
    ideal: Decision | None = None
    shown: Established | None = None
    lemmas: tuple[Lemma, ...] = ()
    todo: str | None = None


def decide_claim(job: Job, clock: Clock, way: Way | None = None) -> Decided:
    """Decide a claim by the ``way`` that an earlier run went, if that leads there; otherwise by the road that its
    options name, or by the direct one first and then by the other.
    """
    known = None if way is None else _by_known_way(job, clock, way)
    if known is not None:
        return known
    return _exact(job, clock) if job.ideal is None else _rounded(job, job.ideal, clock)


def _by_known_way(job: Job, clock: Clock, way: Way) -> Decided | None:
    """What running the models at the points, or the lemmas, show once more; None where that is not a verdict."""
    if way.points:
        found = (refuted_at(job, combine.nothing(), point, simpler=False) for point in _fitting(job, way.points))
        shown = next((one for one in found if one is not None), None)
        ideal = None if shown is None or job.ideal is None else _ideal_alone(job, job.ideal, clock)
        if shown is None:
            return None
        decision = replace(shown.decision, engine=way.engine)
        return Decided(combine.nothing(), ideal, replace(shown, decision=decision))
    if not way.modular or not may_be_modular(job):
        return None
    proof = modular_proof(job, clock.part(_MODULAR, keep=_FOR_DIRECT))
    if proof.decision.verdict is not Verdict.PROVED:
        return None
    if job.ideal is None:
        return Decided(proof.decision, lemmas=proof.lemmas)
    if way.modular_ideal:
        return Decided(proof.decision, modular_proof(job, clock.part(), ideal=True).decision, lemmas=proof.lemmas)
    return Decided(proof.decision, _ideal_alone(job, job.ideal, clock), lemmas=proof.lemmas)


def _fitting(job: Job, points: Iterable[Point]) -> list[Point]:
    """Those that have a number for each input of the claim, within its bounds and whole where that is an integer."""
    inputs = job.compiled.obligation.graph.inputs
    return [one for one in points if len(one) == len(inputs) and all(map(_admits, inputs, one))]


def _admits(declared: Input, value: Fraction) -> bool:
    return declared.low <= value <= declared.high and (declared.kind == "real" or value.denominator == 1)


def _ideal_alone(job: Job, ideal_claim: CompiledClaim, clock: Clock) -> Decision:
    """The ideal verdict where the float32 one has no proof that it could begin with."""
    with Twin(ideal_claim.obligation, check_seconds(clock.search)) as twin:
        short = _short(job, clock.part(_FIRST_LOOK))
        return decide_like(job.compiled.obligation, combine.nothing(), twin, short)


def _exact(job: Job, clock: Clock) -> Decided:
    """A claim in real or integer arithmetic."""
    obligation = job.compiled.obligation
    if job.options.proof == "direct" or not may_be_modular(job):
        return Decided(decide(obligation, clock.part()))
    if job.options.proof == "modular":
        proof = modular_proof(job, clock.part(keep=_FIRST_LOOK))
        if proof.decision.verdict is Verdict.PROVED:
            return Decided(proof.decision, lemmas=proof.lemmas)
        direct = decide(obligation, _short(job, clock.part()))
        return Decided(combine.modular_alone(direct, proof.decision), lemmas=proof.lemmas, todo=proof.todo)
    decision = decide(obligation, _short(job, clock.part(_FIRST_LOOK)))
    if combine.settled(decision):
        return Decided(decision)
    proof = modular_proof(job, clock.part(_MODULAR, keep=_FOR_DIRECT))
    if proof.decision.verdict is Verdict.PROVED:
        return Decided(proof.decision, lemmas=proof.lemmas)
    if decision.verdict in UNDECIDED:
        decision = decide(obligation, clock.part())
    decision = combine.of_both_roads(decision, proof.decision)
    return Decided(decision, lemmas=proof.lemmas, todo=_either_road(decision, proof))


def _rounded(job: Job, ideal_claim: CompiledClaim, clock: Clock) -> Decided:
    """A claim in float32, with its ideal verdict."""
    modular = job.options.proof != "direct" and may_be_modular(job)
    proof = None
    if modular and job.options.proof == "modular":
        proof = modular_proof(job, clock.part(keep=_FOR_DIRECT))
        if proof.decision.verdict is Verdict.PROVED:
            beside = modular_proof(job, clock.part(), ideal=True).decision
            return Decided(proof.decision, beside, lemmas=proof.lemmas)
    with Twin(ideal_claim.obligation, check_seconds(clock.search)) as twin:
        decision, ideal, shown = _first_look(job, twin, clock)
        if shown is not None:
            return Decided(decision, ideal, shown)
        if proof is not None:
            alone = combine.modular_alone(decision, proof.decision)
            return Decided(alone, ideal, lemmas=proof.lemmas, todo=proof.todo)
        if modular and not combine.settled(decision):
            proof = modular_proof(job, clock.part(_MODULAR, keep=_FOR_DIRECT))
            if proof.decision.verdict is Verdict.PROVED:
                if ideal is None or not combine.settled(ideal):
                    ideal = modular_proof(job, clock.part(), ideal=True).decision
                return Decided(proof.decision, ideal, lemmas=proof.lemmas)
        without_ideal = ideal is None or ideal.verdict in UNDECIDED
        if decision.verdict in UNDECIDED:
            keep = _AT_THE_END + (_FOR_RUNNING_ALL if may_be_run(job.compiled) else 0.0)
            search = clock.part(keep=keep + (_FOR_IDEAL if without_ideal else 0.0))
            decision = decide(job.compiled.obligation, search, twin)
        if ideal is None or without_ideal:
            search = clock.part(keep=_AT_THE_END)
            ideal = decide_like(job.compiled.obligation, decision, twin, search)
    if proof is None:
        return Decided(decision, ideal)
    decision = combine.of_both_roads(decision, proof.decision)
    return Decided(decision, ideal, lemmas=proof.lemmas, todo=_either_road(decision, proof))


def _first_look(job: Job, twin: Twin, clock: Clock) -> tuple[Decision, Decision | None, Established | None]:
    """A short search for a float32 claim, in both arithmetics, and one in the runtimes, near the points that those
    suspect first. What a run shows to fail among the first dozens is not searched any further in float32.

    Most refuted float32 claims are shown by a run long before a search for a proof would give up.
    """
    short = _short(job, clock.part(_FIRST_LOOK))
    glimpse = min(short.work, _GLIMPSE_WORK) if short.work > _GLANCE_WORK else short.work
    broken: tuple[Point, ...] = ()
    decision = _look(job, twin, replace(short, work=glimpse, scouts=scouts(job)))
    if decision.hinted:
        near, seed = candidates_of(decision, None), job.options.seed
        broken = broken_in_runtimes(job.compiled, job.models, near, 0.0, seed) or broken_in_runtimes(
            job.compiled, job.models, (), _running(clock), seed, most=_FIRST_RUNS
        )
    if decision.verdict in UNDECIDED and not broken and (decision.hinted or glimpse < short.work):
        decision = _look(job, twin, short)
    if decision.verdict not in UNDECIDED:
        return decision, None, None
    short = _short(job, clock.part(_FIRST_LOOK))
    beside = decide_like(job.compiled.obligation, decision, twin, short)
    near = (*_simple_in_ideal(job, beside), *broken[:_MOST_BROKEN], *candidates_of(decision, beside))
    most = _FIRST_RUNS if broken else None
    shown = shown_to_fail(job, decision, near, _running(clock), patience=_RUNS_PATIENCE, most=most)
    return decision, beside, shown


def _simple_in_ideal(job: Job, beside: Decision) -> tuple[Point, ...]:
    """The ideal witness made simple: small numbers are not rounded, so that every execution may break the claim there.
    None where every execution does so at the witness itself.
    """
    if job.ideal is None or beside.verdict is not Verdict.REFUTED or beside.point is None:
        return ()
    if PointJudge(job.compiled.obligation).breaks(beside.point):
        return ()
    point, before, until = beside.point, None, work_done() + _SIMPLER_WORK
    while point != before and work_done() < until:
        left = until - work_done()
        point, before = simpler(job.ideal.obligation, point, exact_calls=_EXACT_CALLS, work=left), point
    return (point,)


def _running(clock: Clock) -> float:
    """The work for a search in the runtimes."""
    return min(_RUNS_WORK, clock.part(_RUNS).work)


def _look(job: Job, twin: Twin, search: Search) -> Decision:
    return decide(job.compiled.obligation, search, twin)


def _short(job: Job, search: Search) -> Search:
    """How far to look for a direct proof or a counterexample before the other road is tried."""
    quick = may_be_modular(job) and job.options.proof == "auto"
    work = min(search.work, _GLANCE_WORK if quick else _FIRST_LOOK_WORK)
    return replace(search, work=work, parts=False)


def _either_road(decision: Decision, proof: ModularProof) -> str | None:
    """What to do where both roads failed, the direct one for want of work or time."""
    if decision.reason not in (Reason.WORK, Reason.TIME) or proof.helps is None:
        return None
    return f"Give more with --timeout, or narrow the inputs or the claim. For a proof by lemmas, {proof.helps}."
