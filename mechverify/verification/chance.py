"""One claim that holds usually or on average: by a map where that decides it, else sampled, assembled into a result."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from math import prod
from typing import Any

from mechverify.deciding import combine
from mechverify.deciding.ceilings import beside, grace, work_within
from mechverify.deciding.chances.by_map import decided_by_map
from mechverify.deciding.chances.exact import (
    Exact,
    boxes_for,
    decided_exactly,
    derived,
    is_strict,
    limits_for,
    wanted_of,
)
from mechverify.deciding.chances.exceptions import counted_inputs
from mechverify.deciding.chances.sampling import CONFIDENCE, sampled_claim, shared_by
from mechverify.deciding.chances.undefined import undefined_average
from mechverify.deciding.decision import Decision
from mechverify.deciding.established import Established
from mechverify.deciding.job import Job
from mechverify.engines.processes.kernel import KernelAnswer
from mechverify.engines.processes.time_limit import OutOfTimeError, stage, time_limit
from mechverify.engines.work.meter import MILLION, work_done
from mechverify.errors import InternalError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.findings.cautions.vacuity import vacuous_where_nothing_moves
from mechverify.findings.intervention_notes import intervention_notes
from mechverify.findings.notion import notion_of
from mechverify.findings.summary import explanation_size
from mechverify.findings.trust import particular, rests_on
from mechverify.kernel.api import InvalidError, parse_number
from mechverify.probability.bracket import Bracket
from mechverify.probability.clopper_pearson import rough_width
from mechverify.results import BruteForce, Chance, ClaimResult, Exceptions, InputCounts, Proof, Sample
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import Distribution
from mechverify.spec.text import number_text
from mechverify.verdict import Reason, Verdict
from mechverify.verification.certificates import certificate_sha256, store_certificate
from mechverify.verification.unsupported import without_evidence

_SHOWN = 4


@dataclass(frozen=True, slots=True)
class _Found:
    decision: Decision
    exact: Exact
    ideal: Decision | None = None
    exceptions: Exceptions | None = None
    sample: Sample | None = None
    notes: tuple[str, ...] = ()


def verify_chance(job: Job) -> ClaimResult:
    """Decide one claim of the kinds ``usually`` and ``on_average`` within its time budget.

    Raises SpecError where a precondition is undefined at some input, EnclosureError where a runtime leaves its
    enclosure.
    """
    started, before = time.monotonic(), work_done()
    limit = job.options.timeout
    try:
        with time_limit(limit + grace(limit)):
            found = _found(job)
    except OutOfTimeError as late:
        words = f"The {limit:g} s of --timeout, and {grace(limit):.3g} s beyond them, were used up while {late.doing}."
        result = _ended(job, Reason.TIME, words)
        return replace(result, seconds=time.monotonic() - started, cut_short=True)
    except InvalidError as grown:
        result = _ended(job, Reason.MEMORY, f"The kernel cannot work on it: {grown}.")
        return replace(result, seconds=time.monotonic() - started)
    result = _result(job, found, time.monotonic() - started)
    cut_short = result.cut_short or result.reason is Reason.TIME
    return replace(result, work=round((work_done() - before) * MILLION), cut_short=cut_short)


def _ended(job: Job, reason: Reason, words: str) -> ClaimResult:
    compiled = job.compiled
    return without_evidence(compiled.spec, job.models, compiled.claim, compiled.name, combine.because(reason, words))


def _found(job: Job) -> _Found:
    compiled, options = job.compiled, job.options
    work, seconds = work_within(options.timeout), options.timeout + grace(options.timeout)
    first = decided_by_map(job, work, seconds, vacuous_where_nothing_moves)
    decision, exact, exceptions, notes = first.decision, first.exact, first.exceptions, first.notes
    ideal = None
    if job.ideal is not None:
        limits, boxes = limits_for(options.timeout), boxes_for(options.timeout)
        beyond = partial(decided_exactly, job.ideal, limits, seconds, boxes)
        found = beside("making a map of the claim in ideal arithmetic", beyond, None)
        ideal = None if found is None else found.decision
    if decision.verdict in (Verdict.ERROR, Verdict.VACUOUS):
        return _Found(decision, exact, ideal, notes=notes)
    sample = None
    if decision.verdict is Verdict.OPEN and decision.reason is None:
        with stage("sampling"):
            drawn = sampled_claim(job, exact, work_done() + work_within(options.timeout) / 2)
        if drawn is None:
            with stage("looking for inputs at which what is averaged has no value"):
                seen = undefined_average(compiled, options.seed)
            decision = combine.undrawn(finished=exact.finished) if seen is None else combine.without_average(seen)
        else:
            sample, ranged = drawn
            wanted, strict = wanted_of(compiled), is_strict(compiled)
            if ranged is not None:
                exact = _narrowed(exact, ranged.ends)
                decision = combine.within_range(
                    decision, ranged.decision, ranged.ends, exact.admitted, wanted, strict=strict
                )
            if decision.verdict is Verdict.PROVED:
                sample = None
            else:
                decision = combine.sampled(decision, sample.interval, wanted, strict=strict)
    return _Found(combine.as_required(decision, options.require), exact, ideal, exceptions, sample, notes)


def _narrowed(exact: Exact, within: Bracket) -> Exact:
    """An average lies in the range of what is averaged too, where that has a positive mass."""
    if exact.admitted.low <= 0:
        return exact
    found = within if exact.found is None else exact.found
    both = Bracket(max(found.low, within.low), min(found.high, within.high))
    if both.low > both.high:
        raise InternalError("the average by a map and the proved range contradict each other")
    return replace(exact, found=both)


def result_from_map(job: Job, certificate: Mapping[str, Any], answer: KernelAnswer) -> ClaimResult:
    """What a map of the claim that the kernel has checked says of it, without looking for anything else."""
    exact = derived(job.compiled, certificate, answer)
    return _result(replace(job, options=replace(job.options, certificates=None)), _Found(exact.decision, exact), 0.0)


def _result(job: Job, found: _Found, seconds: float) -> ClaimResult:
    compiled, decision, exact = job.compiled, found.decision, found.exact
    certificate, size = store_certificate(job.options.certificates, compiled, decision)
    shown = found.exceptions.listed if found.exceptions is not None else ()
    refuted = decision.verdict is Verdict.REFUTED and bool(shown)
    established = Established(decision, shown[0].found if refuted else None)
    runtimes = () if found.sample is None or decision.verdict is not Verdict.LIKELY else found.sample.runtimes
    trusted = rests_on(compiled.spec, compiled.arithmetic, established, found.ideal, runtimes)
    counts = _counts(exact)
    if compiled.claim.kind == "on_average":  # no input breaks an average by itself
        counts = InputCounts(counts.total)
    terms = sum(1 + len(node.args) for node in compiled.obligation.graph.nodes)
    expect, verdict = compiled.claim.expect, decision.verdict
    return ClaimResult(
        name=compiled.name,
        line=compiled.claim.span.line,
        says=compiled.claim.says,
        sentence=claim_sentence(compiled.spec, compiled.claim, compiled.family),
        notion=notion_of(compiled.spec, compiled.claim, job.models),
        verdict=verdict,
        assurance=decision.assurance,
        reason=decision.reason if verdict is Verdict.OPEN else None,
        detail=decision.detail,
        expect=expect,
        as_expected=verdict.value.lower() == expect,
        arithmetic=compiled.arithmetic,
        ideal_verdict=None if found.ideal is None else found.ideal.verdict,
        counts=counts,
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
            certificate_sha256=certificate_sha256(decision),
        ),
        brute_force=None if counts.total is None else BruteForce(counts.total[1], counts.total[1] * terms),
        explanation_size=explanation_size(compiled.spec),
        assumptions=particular(trusted),
        rests_on=trusted,
        notes=(*found.notes, *intervention_notes(job.compiled)),
        group=compiled.claim.family,
        chance=_chance(compiled, found),
        exceptions=found.exceptions,
    )


def _chance(compiled: CompiledClaim, found: _Found) -> Chance:
    exact, average = found.exact, compiled.claim.kind == "on_average"
    chances = exact.chances
    words = tuple(distribution_words(one) for one in compiled.claim.distribution)
    if average:
        return Chance(wanted_of(compiled), True, exact.found, sample=found.sample, distribution=words)
    same_work = None
    if exact.found is not None:
        tail = float((1 - CONFIDENCE) / 2 / shared_by(compiled.spec, compiled.claim))
        share = float((exact.found.low + exact.found.high) / 2)
        same_work = (exact.draws, rough_width(share, exact.draws, tail))
    return Chance(
        wanted_of(compiled),
        False,
        exact.found,
        chances.holds,
        chances.admitted,
        chances.admitted_if_holds,
        chances.lift,
        same_work,
        found.sample,
        words,
    )


def distribution_words(one: Distribution) -> str:
    """How an input is distributed, in words."""
    if one.kind == "normal":
        mean, deviation = number_text(one.mean), number_text(one.deviation)
        return f"{one.input}: normal, mean {mean}, standard deviation {deviation}, cut off at the ends of its range"
    if one.kind == "exponential":
        return f"{one.input}: exponential from the low end on, mean {number_text(one.mean)}, cut off at the high end"
    if one.counted_in is not None:
        by = "" if one.counted_in.weight is None else f" weighted by {one.counted_in.weight}"
        return f"{one.input}: as in the column {one.counted_in.column} of {one.counted_in.file}{by}"
    shown = ", ".join(f"{number_text(value)} counts {number_text(weight)}" for value, weight in one.weights[:_SHOWN])
    more = len(one.weights) - _SHOWN
    return f"{one.input}: {shown}{f' and {more} more values' if more > 0 else ''}"


def _counts(exact: Exact) -> InputCounts:
    """How many inputs that have a probability the verdict speaks of."""
    if not exact.accepted:
        return InputCounts()
    if exact.measures.uniform:
        return counts_of(exact.certificate["sizes"], exact.certificate["problem"]["inputs"])
    verdicts = ("proved", "refuted", "open")
    found = [counted_inputs(exact, wanted) for wanted in (verdicts, *((one,) for one in verdicts))]
    return InputCounts(*(None if one is None else (int(one.low), int(one.high)) for one in found))


def counts_of(sizes: list[list[Any]], inputs: list[list[Any]]) -> InputCounts:
    """How many inputs meet the preconditions and are proved, refuted and open, by the kernel's sizes of a map of a
    problem of these inputs; nothing where inputs are real.
    """
    if any(dimension for _, _, dimension, _, _ in sizes):
        return InputCounts()
    found: dict[tuple[str, str], tuple[int, int]] = {
        (place, verdict): (int(parse_number(low)), int(parse_number(high))) for place, verdict, _, low, high in sizes
    }
    ends = [(parse_number(low), parse_number(high)) for _, kind, low, high in inputs if kind == "integer"]
    box = prod(int(high - low) + 1 for low, high in ends)
    return InputCounts(_admitted(found, box), *(_bracket(found, one) for one in ("proved", "refuted", "open")))


def _bracket(found: Mapping[tuple[str, str], tuple[int, int]], wanted: str) -> tuple[int, int]:
    own = [n for (place, verdict), n in found.items() if place == "inside" and verdict == wanted]
    unplaced = [n for (place, verdict), n in found.items() if place == "open" and verdict == wanted]
    return sum(low for low, _ in own), sum(high for _, high in (*own, *unplaced))


def _admitted(found: Mapping[tuple[str, str], tuple[int, int]], box: int) -> tuple[int, int]:
    """How many meet the preconditions: what is surely inside, and all that is not surely elsewhere."""
    low = sum(n for (place, _), (n, _) in found.items() if place == "inside")
    high = sum(n for (place, _), (_, n) in found.items() if place in ("inside", "open"))
    beside = [n for (place, _), n in found.items() if place != "inside"]
    outside = sum(n for (place, _), (n, _) in found.items() if place in ("outside", "apart"))
    return max(low, box - sum(n for _, n in beside)), min(high, box - outside)
