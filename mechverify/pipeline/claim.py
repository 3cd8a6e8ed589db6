"""One claim: decided, its witness replayed, its ideal verdict beside it, assembled into a result."""

import time
from dataclasses import dataclass, replace

from mechverify.engines.counting import count_inputs
from mechverify.engines.exhaustive import HeldReport
from mechverify.explanation.compiled import CompiledClaim
from mechverify.pipeline.advice import advice
from mechverify.pipeline.certificates import store_certificate
from mechverify.pipeline.crosscheck import cross_check_models, cross_check_points
from mechverify.pipeline.decide import Search, check_seconds, confirm_witness, decide, decide_like
from mechverify.pipeline.decision import Decision, Point
from mechverify.pipeline.direction_notes import direction_notes
from mechverify.pipeline.held import hold_by_running
from mechverify.pipeline.modular import MODULAR, ModularProof
from mechverify.pipeline.partial import refuse_partial_preconditions, refuse_undefined
from mechverify.pipeline.parts import narrowed, part_text
from mechverify.pipeline.plan import Job
from mechverify.pipeline.replay import counterexample, first_shown, replays_at
from mechverify.pipeline.roads import first_look_seconds, may_be_modular, modular_proof, settled
from mechverify.pipeline.sampled import sampled_agreement
from mechverify.pipeline.summary import explanation_size, small_table
from mechverify.pipeline.transplant_check import check_transplants
from mechverify.pipeline.twin import Twin
from mechverify.pipeline.unsupported import notion_of
from mechverify.pipeline.uses import proof_uses
from mechverify.pipeline.vacuity import vacuous_where_nothing_moves
from mechverify.pipeline.witness import simplest
from mechverify.results import BruteForce, ClaimResult, Counterexample, InputCounts, Lemma, Proof
from mechverify.spec.sentence import claim_sentence
from mechverify.verdict import Assurance, Reason, Verdict

_STRENGTH = {Assurance.CHECKED: 3, Assurance.AGREED: 2, Assurance.SOLVER: 1}
_REPLAY_CANDIDATES = 64
_SHOWN_PARTS = 8
_FIRST_LOOK_SECONDS = 5.0
_UNDECIDED = (Verdict.OPEN, Verdict.PARTLY)


@dataclass(frozen=True, slots=True)
class Established:
    """A decision with what running the model added to it."""

    decision: Decision
    counterexample: Counterexample | None = None
    held: HeldReport[Point] | None = None


def verify_claim(job: Job) -> ClaimResult:
    """Decide one claim within its time budget and say what was established.

    Raises SpecError where a precondition is undefined at some input, EnclosureError where a runtime leaves its
    enclosure.
    """
    started = time.monotonic()
    if job.compiled.sources:
        cross_check_models(job.compiled, job.models, job.options.seed)
        check_transplants(job.compiled, job.models, job.options.seed)
    refuse_partial_preconditions(job.compiled, job.options)
    search = Search(job.options.timeout, job.options.seed, settle_for_agreement=job.options.require != "checked")
    decision, ideal, shown, lemmas = _exact(job, search) if job.ideal is None else _rounded(job, job.ideal, search)
    if shown is None:
        decision = vacuous_where_nothing_moves(job.compiled, decision, search)
        shown = _with_runs(job, decision, ideal)
    told = lemmas if decision.engine == MODULAR or shown.decision.verdict in _UNDECIDED else ()
    return replace(_result(job, shown, ideal, time.monotonic() - started), lemmas=told)


Decided = tuple[Decision, Decision | None, Established | None, tuple[Lemma, ...]]


def _exact(job: Job, search: Search) -> Decided:
    """A claim in real or integer arithmetic."""
    obligation = job.compiled.obligation
    if job.options.proof == "direct" or not may_be_modular(job):
        return decide(obligation, search), None, None, ()
    if job.options.proof == "modular":
        proof = modular_proof(job, search)
        if proof.decision.verdict is Verdict.PROVED:
            return proof.decision, None, None, proof.lemmas
        return _only_refuted(decide(obligation, _short(job, search)), proof), None, None, proof.lemmas
    decision = decide(obligation, _short(job, search))
    if settled(decision):
        return decision, None, None, ()
    proof = modular_proof(job, search)
    if proof.decision.verdict is Verdict.PROVED:
        return proof.decision, None, None, proof.lemmas
    if decision.verdict in _UNDECIDED:
        decision = decide(obligation, search)
    return decision, None, None, proof.lemmas


def _rounded(job: Job, ideal_claim: CompiledClaim, search: Search) -> Decided:
    """A claim in float32, with its ideal verdict."""
    modular = job.options.proof != "direct" and may_be_modular(job)
    proof = None
    if modular and job.options.proof == "modular":
        proof = modular_proof(job, search)
        if proof.decision.verdict is Verdict.PROVED:
            return proof.decision, modular_proof(job, search, ideal=True).decision, None, proof.lemmas
    with Twin(ideal_claim.obligation, check_seconds(search)) as twin:
        decision, ideal, shown = _first_look(job, twin, _short(job, search))
        if shown is not None:
            return decision, ideal, shown, ()
        if proof is not None:
            return _only_refuted(decision, proof), ideal, None, proof.lemmas
        if modular and not settled(decision):
            proof = modular_proof(job, search)
            if proof.decision.verdict is Verdict.PROVED:
                beside = ideal
                if beside is None or not settled(beside):
                    beside = modular_proof(job, search, ideal=True).decision
                return proof.decision, beside, None, proof.lemmas
        if decision.verdict in _UNDECIDED:
            decision = decide(job.compiled.obligation, search, twin)
        if ideal is None or ideal.verdict in _UNDECIDED:
            ideal = decide_like(job.compiled.obligation, decision, twin, search)
    return decision, ideal, None, () if proof is None else proof.lemmas


def _short(job: Job, search: Search) -> Search:
    return replace(search, seconds=min(search.seconds, first_look_seconds(job, _FIRST_LOOK_SECONDS)))


def _only_refuted(decision: Decision, proof: ModularProof) -> Decision:
    """With ``--proof modular`` a direct search may refute; what it proves does not count."""
    if decision.verdict in (Verdict.REFUTED, Verdict.VACUOUS, Verdict.ERROR):
        return decision
    return replace(proof.decision, suspects=decision.suspects)


def _first_look(job: Job, twin: Twin, short: Search) -> tuple[Decision, Decision | None, Established | None]:
    """A short search for a float32 claim, in both arithmetics, and the points that it suspects tried in the runtimes.

    Most refuted float32 claims are shown by a run long before a search for a proof would give up.
    """
    decision = decide(job.compiled.obligation, short, twin)
    if decision.verdict not in _UNDECIDED:
        return decision, None, None
    beside = decide_like(job.compiled.obligation, decision, twin, short)
    return decision, beside, _shown_to_fail(job, decision, _candidates(decision, beside))


def _with_runs(job: Job, decision: Decision, ideal: Decision | None) -> Established:
    """Replay a witness; look for one in the runtimes where the kernel has none; run everything as a last resort."""
    compiled = job.compiled
    if decision.verdict is Verdict.REFUTED and decision.point is not None:
        return _with_witness(job, simplest(compiled.obligation, decision))
    if decision.verdict not in _UNDECIDED or compiled.arithmetic != "float32":
        return Established(decision)
    candidates = _candidates(decision, ideal)
    found = _shown_to_fail(job, decision, candidates)
    if found is not None:
        return found
    if ideal is not None and ideal.verdict is Verdict.REFUTED:
        decision = replace(
            decision,
            verdict=Verdict.OPEN,
            reason=Reason.ROUNDING,
            detail="A point breaks it in ideal arithmetic, but no runtime at hand shows that.",
        )
        point = ideal.point
        if point is not None and job.ideal is not None:
            view = counterexample(job.ideal, point, replays_at(compiled, job.models, point), robust=False)
            return Established(decision, view)
    held = hold_by_running(compiled, job.models, seconds=job.options.timeout)
    if held is not None and held.violation is not None:
        found = _shown_to_fail(job, decision, (held.violation,))
        return found or Established(decision)
    return Established(decision, held=held if held is not None and held.complete else None)


def _shown_to_fail(job: Job, decision: Decision, candidates: tuple[Point, ...]) -> Established | None:
    """REFUTED by the first candidate that a runtime shows to fail and that the kernel finds admissible."""
    shown = first_shown(job.compiled, job.models, candidates)
    if shown is None:
        return None
    cross_check_points(job.compiled, job.models, (shown.point,))
    answer = confirm_witness(job.compiled.obligation, shown.point, shown.replays)
    if answer is None:
        return None
    robust = answer.assurance is Assurance.CHECKED
    return Established(
        replace(answer, seconds=decision.seconds),
        counterexample(job.compiled, shown.point, shown.replays, robust=robust),
    )


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


def _candidates(decision: Decision, ideal: Decision | None) -> tuple[Point, ...]:
    points = list(decision.suspects)
    if ideal is not None:
        points += [p for p in (ideal.point, *ideal.suspects) if p is not None]
    return tuple(dict.fromkeys(points))[:_REPLAY_CANDIDATES]


def _result(job: Job, established: Established, ideal: Decision | None, seconds: float) -> ClaimResult:
    compiled, decision = job.compiled, established.decision
    verdict, reason, detail = decision.verdict, decision.reason, decision.detail
    assurance = decision.assurance
    if verdict is Verdict.PROVED and not _strong_enough(assurance, job.options.require):
        verdict, reason = Verdict.OPEN, Reason.ASSURANCE
        detail = f"Proved with assurance {assurance}, and --require asks for {job.options.require}."
    held = established.held
    margin = None
    if held is not None and verdict is Verdict.OPEN:
        verdict, assurance, reason = Verdict.HELD, Assurance.RUN, None
        detail, margin = held.description, held.smallest_margin
    told = None
    if verdict in _UNDECIDED and reason is not Reason.ASSURANCE:
        told = advice(compiled, job.models, decision, _candidates(decision, ideal), job.options.seed)
        if told is not None and told.because is not None:
            reason, detail = Reason.UNSUPPORTED, told.because
    expect = compiled.claim.expect
    counts = count_inputs(compiled.obligation)
    certificate, size = store_certificate(job.options.certificates, compiled, decision)
    nodes = len(compiled.obligation.graph.nodes)
    return ClaimResult(
        name=compiled.name,
        line=compiled.claim.span.line,
        says=compiled.claim.says,
        sentence=claim_sentence(compiled.spec, compiled.claim, compiled.family),
        notion=notion_of(compiled.claim),
        verdict=verdict,
        assurance=assurance,
        reason=reason if verdict is Verdict.OPEN else None,
        detail=detail,
        expect=expect,
        as_expected=verdict.value.lower() == expect,
        arithmetic=compiled.arithmetic,
        ideal_verdict=None if ideal is None else ideal.verdict,
        counts=_partly(compiled, decision, counts)
        if verdict is Verdict.PARTLY
        else _counts(counts, verdict, unmoved=decision.inhabitant is not None),
        seconds=seconds,
        counterexample=established.counterexample,
        proof=Proof(
            engine=decision.engine or "none",
            certificate=certificate,
            sha256=decision.sha256,
            steps=decision.steps,
            operations=decision.operations,
            size_bytes=size,
            seconds=decision.seconds,
            check_seconds=decision.check_seconds,
            uses=proof_uses(compiled, decision),
        ),
        brute_force=None if counts is None else BruteForce(counts[1], counts[1] * nodes),
        explanation_size=explanation_size(compiled.spec),
        smallest_margin=margin,
        table=small_table(compiled, counts),
        notes=(*_notes(compiled, decision), *direction_notes(compiled)),
        advice=None if told is None else told.todo,
        sampled=sampled_agreement(compiled, job.options.iia_samples, job.options.seed),
    )


def _strong_enough(assurance: Assurance | None, require: str) -> bool:
    return assurance in _STRENGTH and _STRENGTH[assurance] >= _STRENGTH[Assurance(require)]


def _counts(total: tuple[int, int] | None, verdict: Verdict, *, unmoved: bool) -> InputCounts:
    """``unmoved``: a vacuous claim has inputs, but moves nothing at any of them."""
    if total is None:
        return InputCounts()
    nothing = (0, 0)
    match verdict:
        case Verdict.PROVED:
            return InputCounts(total, total, nothing, nothing)
        case Verdict.REFUTED:
            return InputCounts(total, None, (1, total[1]), None)
        case Verdict.VACUOUS if not unmoved:
            return InputCounts(nothing, nothing, nothing, nothing)
    return InputCounts(total, nothing, nothing, total)


def _partly(compiled: CompiledClaim, decision: Decision, total: tuple[int, int] | None) -> InputCounts:
    """Exact or bracketed counts of the proved parts, which do not overlap, and of the rest."""
    if total is None:
        return InputCounts()
    brackets = [count_inputs(narrowed(compiled.obligation, part.bounds)) for part in decision.parts]
    low, high = (sum(b[end] for b in brackets if b is not None) for end in (0, 1))
    return InputCounts(total, (low, high), (0, 0), (max(0, total[0] - high), total[1] - low))


def _notes(compiled: CompiledClaim, decision: Decision) -> tuple[str, ...]:
    if decision.parts:
        names = [i.name for i in compiled.graph.inputs]
        texts = [f"proved: {part_text(names, compiled.obligation, part)}" for part in decision.parts]
        more = len(texts) - _SHOWN_PARTS
        return (*texts[:_SHOWN_PARTS], *((f"and {more} more parts",) if more > 0 else ()))
    if not decision.solvers or decision.certificate is not None:
        return ()
    return (f"{' and '.join(decision.solvers)} said so of our own encoding; there is no certificate.",)
