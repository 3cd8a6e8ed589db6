"""One claim: decided, its witness replayed, its ideal verdict beside it, assembled into a result."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from mechverify.deciding import combine
from mechverify.deciding.beforehand import look_beforehand
from mechverify.deciding.ceilings import BESIDE, beside, grace, work_within
from mechverify.deciding.clock import Clock
from mechverify.deciding.decision import UNDECIDED, Decision, Point
from mechverify.deciding.established import Established, candidates_of, refuted_at, with_runs
from mechverify.deciding.job import Job
from mechverify.deciding.known.course import Course
from mechverify.deciding.known.memory import Memory
from mechverify.deciding.modular.proof import MODULAR
from mechverify.deciding.parts import narrowed
from mechverify.deciding.portfolio import Search
from mechverify.deciding.roads import Decided, decide_claim
from mechverify.deciding.running.sampled import sampled_agreement
from mechverify.engines.integers.counting import count_inputs
from mechverify.engines.processes.ceiling import Ceiling
from mechverify.engines.processes.time_limit import OutOfTimeError, stage, time_limit
from mechverify.engines.work.meter import MILLION, work_done
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import suggested_conditions
from mechverify.findings.advice import advice
from mechverify.findings.cautions.vacuity import vacuous_where_nothing_moves
from mechverify.findings.closeness import closeness_of
from mechverify.findings.direction_notes import direction_notes
from mechverify.findings.excluded import excluded_notes
from mechverify.findings.intervention_notes import intervention_notes
from mechverify.findings.notion import notion_of
from mechverify.findings.regions import alone, regions_of
from mechverify.findings.summary import explanation_size, small_table
from mechverify.findings.trust import particular, rests_on
from mechverify.findings.uses import evaluates_points, proof_uses
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import InvalidError
from mechverify.results import BruteForce, ClaimResult, Closeness, InputCounts, Proof, Regions
from mechverify.spec.sentence import claim_sentence
from mechverify.verdict import Reason, Verdict
from mechverify.verification.certificates import certificate_sha256, store_certificate
from mechverify.verification.chance import verify_chance
from mechverify.verification.short_map import ShortMap, short_map
from mechverify.verification.unsupported import is_pointwise, without_evidence

_MAP_CUT_SHORT = "Time cut the map of where it holds short: another run may tell on how many inputs it holds."
_CLOSENESS_WORK, _CLOSENESS_SHARE = 0.5, 1 / 20


def verify_claim(job: Job) -> ClaimResult:
    """Decide one claim within its time budget and say what was established: OPEN (time) where work around the searches
    has used up that and the grace that it has.

    Raises SpecError where a precondition is undefined at some input, EnclosureError where a runtime leaves its
    enclosure.
    """
    if not is_pointwise(job.compiled.claim):
        return verify_chance(job)
    started, before = time.monotonic(), work_done()
    try:
        course = Course.of(job, before)
        decided, clock = _decided(job, course)
        course.decided(decided)
        established = decided.shown or _established(job, decided, clock)
        course.run(established)
    except OutOfTimeError as late:
        limit, more = job.options.timeout, grace(job.options.timeout)
        words = f"The {limit:g} s of --timeout, and {more:.3g} s beyond them, were used up while {late.doing}."
        return _ended(job, Reason.TIME, words, time.monotonic() - started)
    except InvalidError as grown:
        return _ended(job, Reason.MEMORY, f"The kernel cannot work on it: {grown}.", time.monotonic() - started)
    near = partial(_with_closeness, job, established, clock)
    missing: list[str] = []
    established, closeness = beside("looking for the largest difference", near, (established, ()), missing)
    established, shown = _scope(job, established, work_done() - before, missing, course.memory)
    course.keep(established.decision)
    told = established.decision.engine == MODULAR or established.decision.verdict in UNDECIDED
    result = claim_result(job, established, decided, time.monotonic() - started, closeness, missing)
    ended = () if established.decision.engine == combine.MAP else _cut_short(clock)
    cut = (*ended, *((_MAP_CUT_SHORT,) if shown.cut_short else ()))
    return replace(
        result,
        scope=shown.map,
        lemmas=decided.lemmas if told else (),
        notes=(*result.notes, *cut),
        work=round((work_done() - before) * MILLION),
        cut_short=result.cut_short or bool(cut),
    )


def _scope(
    job: Job, established: Established, work: float, missing: list[str], memory: Memory | None
) -> tuple[Established, ShortMap]:
    """On how many inputs the claim holds, within a share of the work that it took, and what that decides: where the
    search left it open a map may prove it, or lead to a witness. ``missing`` gets what was cut off.
    """
    final = combine.held(established.decision, established.held)
    if not job.options.scope:
        return established, ShortMap(final)
    shown = short_map(job.compiled, final, work, job.options.certificates, memory)
    if shown.decision is not final:
        return Established(shown.decision, notes=established.notes), shown
    looking = partial(_broken_at, job, final, shown.broken)
    broken = beside("looking for an input on the parts where it fails", looking, None, missing)
    return (established if broken is None else replace(broken, notes=established.notes)), shown


def _broken_at(job: Job, decision: Decision, points: Sequence[Point]) -> Established | None:
    """REFUTED by the first of some points that is confirmed to break the claim."""
    found = (refuted_at(job, decision, point) for point in points)
    return next((one for one in found if one is not None), None)


def _ended(job: Job, reason: Reason, words: str, seconds: float) -> ClaimResult:
    """OPEN, with nothing established."""
    compiled = job.compiled
    decision = combine.because(reason, words)
    found = without_evidence(compiled.spec, job.models, compiled.claim, compiled.name, decision)
    return replace(found, seconds=seconds, cut_short=reason is Reason.TIME)


def _decided(job: Job, course: Course) -> tuple[Decided, Clock]:
    """Raises OutOfTimeError."""
    options = job.options
    with time_limit(options.timeout + grace(options.timeout)):
        look_beforehand(job)
        agreement = options.require != "checked"
        ceiling = Ceiling(options.timeout)
        work, memory = work_within(options.timeout), course.memory
        clock = Clock(Search(work, options.seed, ceiling, settle_for_agreement=agreement, memory=memory))
        with stage("searching for a proof and for a counterexample"):
            return decide_claim(job, clock, course.way), clock


def _left(clock: Clock) -> float:
    """The seconds of the claim's ceiling that are left."""
    ceiling = clock.search.ceiling
    return 0.0 if ceiling is None else max(0.0, ceiling.left)


def _established(job: Job, decided: Decided, clock: Clock) -> Established:
    """What running the model adds, and the look at what moves. Raises OutOfTimeError, but for a proof: one beside which
    that look was cut off is OPEN (SEMANTICS 14), and one beside which only running the models was stays what it is.
    """
    looked = None
    try:
        with stage("running the models"), time_limit(_left(clock) + grace(job.options.timeout)):
            with stage("looking whether what is moved moves at all"):
                looked = vacuous_where_nothing_moves(job.compiled, decided.decision, clock)
            found = with_runs(job, looked.decision, decided.ideal, clock)
            return replace(found, notes=looked.unsettled)
    except OutOfTimeError as late:
        cut_off = combine.cut_off(decided.decision, late.doing)
        if cut_off is None:
            raise
        return Established(cut_off) if looked is None else Established(looked.decision, notes=looked.unsettled)


def _with_closeness(
    job: Job, established: Established, clock: Clock
) -> tuple[Established, tuple[Closeness, ...]]:
    """The largest differences found. One beyond its tolerance refutes a claim that stayed undecided, and contradicts a
    proof.
    """
    decision = established.decision
    if decision.verdict in (Verdict.VACUOUS, Verdict.ERROR):
        return established, ()
    near = tuple(p for p in (decision.point, decision.inhabitant, *decision.suspects) if p is not None)
    work = min(_CLOSENESS_WORK, _CLOSENESS_SHARE * clock.search.work)
    found = closeness_of(job.compiled, job.models, near, work, job.options.seed)
    beyond = next((one for one in found if one.found > one.allowed), None)
    contradicted = None if beyond is None else combine.contradicted(decision, beyond.runtime)
    if contradicted is not None:
        return Established(contradicted), found
    if beyond is not None and decision.verdict in UNDECIDED:
        return refuted_at(job, decision, beyond.point) or established, found
    return established, found


def claim_result(
    job: Job,
    established: Established,
    decided: Decided,
    seconds: float,
    closeness: tuple[Closeness, ...] = (),
    missing: Sequence[str] = (),
) -> ClaimResult:
    """What reports see of a claim, from what was decided of it and what running the models added. ``missing``: what
    should stand beside the verdict and was cut off.
    """
    late = list(missing)
    compiled, decision, ideal = job.compiled, established.decision, decided.ideal
    final = combine.held(combine.as_required(decision, job.options.require), established.held)
    verdict = final.verdict
    margin = established.held.smallest_margin if established.held is not None and verdict is Verdict.HELD else None
    told, todo = None, None
    if verdict in UNDECIDED and final.reason is not Reason.ASSURANCE:
        others = candidates_of(decision, ideal)
        looking = partial(advice, compiled, job.models, decision, ideal, others, job.options.seed)
        told = beside("looking for advice", looking, None, late)
        if told is not None and told.because is not None:
            final = combine.without_value(final, told.because)
        todo = decided.todo if told is None or (told.because is None and decided.todo is not None) else told.todo
    expect = compiled.claim.expect
    counts = beside("counting inputs", lambda: count_inputs(compiled.obligation), None, late)
    certificate, size = store_certificate(job.options.certificates, compiled, decision)
    regions = None
    if verdict in UNDECIDED:
        told_regions = partial(regions_of, compiled.obligation, decision.parts, counts)
        regions = beside("describing regions", told_regions, None, late)
    if verdict is Verdict.PARTLY and regions is not None:
        todo = " ".join(words for words in (todo, _look_there(compiled.obligation, regions)) if words is not None)
    sampling = partial(sampled_agreement, compiled, job.options.iia_samples, job.options.seed)
    terms = sum(1 + len(node.args) for node in compiled.obligation.graph.nodes)
    trusted = rests_on(compiled.spec, compiled.arithmetic, established, ideal)
    result = ClaimResult(
        name=compiled.name,
        line=compiled.claim.span.line,
        says=compiled.claim.says,
        sentence=claim_sentence(compiled.spec, compiled.claim, compiled.family),
        notion=notion_of(compiled.spec, compiled.claim, job.models),
        verdict=verdict,
        assurance=final.assurance,
        reason=final.reason if verdict is Verdict.OPEN else None,
        detail=final.detail,
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
            pointwise=evaluates_points(decision),
            certificate_sha256=certificate_sha256(decision),
        ),
        brute_force=None if counts is None else BruteForce(counts[1], counts[1] * terms),
        explanation_size=explanation_size(compiled.spec),
        assumptions=particular(trusted),
        rests_on=trusted,
        smallest_margin=margin,
        table=beside("listing all inputs", lambda: small_table(compiled, counts), (), late),
        notes=(*_notes(decision), *established.notes, *_what_is_moved(compiled), *excluded_notes(job)),
        advice=todo,
        regions=regions,
        sampled=beside("sampling", sampling, None, late),
        group=compiled.claim.family,
        closeness=closeness,
        suggested=suggested_conditions(compiled.spec, compiled.claim),
    )
    return replace(result, notes=(*result.notes, *_left_out(late)), cut_short=True) if late else result


def _what_is_moved(compiled: CompiledClaim) -> tuple[str, ...]:
    return (*direction_notes(compiled), *intervention_notes(compiled))


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


def _look_there(obligation: Obligation, regions: Regions) -> str:
    """What to try next with a claim that is proved on a part."""
    there = alone(obligation, regions.open[0]) if regions.open else None
    if there is None:
        return "Give more with --timeout, or narrow the inputs or the claim."
    return f'Look at the largest open region alone, by `also: {{there: "{there}"}}`, or give more with --timeout.'


def _left_out(late: Sequence[str]) -> tuple[str, ...]:
    """SEMANTICS 35: that a ceiling of seconds ended what stands beside the verdict."""
    return tuple(f"Cut off after {BESIDE:g} s: {doing}. Another run may come to it." for doing in late)


def _cut_short(clock: Clock) -> tuple[str, ...]:
    """SEMANTICS 35: that a ceiling of seconds ended a search before its work was done."""
    ceiling = clock.search.ceiling
    if ceiling is None or not ceiling.cut:
        return ()
    return (f"The {ceiling.seconds:g} s of --timeout cut the search short: another run may come to more.",)


def _notes(decision: Decision) -> tuple[str, ...]:
    if not decision.solvers or decision.certificate is not None:
        return ()
    return (f"{' and '.join(decision.solvers)} said so of our own encoding; there is no certificate.",)
