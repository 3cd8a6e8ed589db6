"""The counterexamples of some claims of a spec tried on those that stayed undecided: claims often fail together."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product

from mechverify.deciding.decision import UNDECIDED, Decision, Point
from mechverify.deciding.established import refuted_at, shown_to_fail
from mechverify.deciding.job import Job
from mechverify.deciding.portfolio import confirm_witness
from mechverify.deciding.roads import Decided
from mechverify.engines.points.judge import PointJudge
from mechverify.explanation.compiled import CompiledClaim
from mechverify.graph.graph import Input
from mechverify.results import ClaimResult, Value
from mechverify.verdict import Verdict
from mechverify.verification.claim import claim_result
from mechverify.verification.unsupported import is_pointwise

Run = Mapping[str, Fraction]

_MOST_POINTS = 128


def runs_of(results: Iterable[ClaimResult]) -> tuple[Run, ...]:
    """The inputs of every run of every counterexample, by the names that a graph has for them; each once."""
    found: dict[tuple[tuple[str, Fraction], ...], None] = {}
    for result in results:
        if result.verdict is Verdict.REFUTED and result.counterexample is not None:
            for inputs in (result.counterexample.inputs, *result.counterexample.sources.values()):
                flat = tuple(pair for name, value in inputs.items() for pair in _flat(name, value))
                found[flat] = None
    return tuple(dict(run) for run in found)


def _flat(name: str, value: Value) -> Iterator[tuple[str, Fraction]]:
    if isinstance(value, tuple):
        for k, item in enumerate(value):
            yield from _flat(f"{name}[{k}]", item)
    elif value is not None:
        yield name, Fraction(value)


def points_for(compiled: CompiledClaim, runs: Sequence[Run]) -> tuple[Point, ...]:
    """The runs as points of a claim: each as its base run, each as all of its other runs."""
    inputs = compiled.graph.inputs
    pairs = product(runs, runs) if compiled.sources else ((run, run) for run in runs)
    points = (_point(compiled, inputs, base, source) for base, source in pairs)
    return tuple(islice(dict.fromkeys(p for p in points if p is not None), _MOST_POINTS))


def _point(compiled: CompiledClaim, inputs: Sequence[Input], base: Run, source: Run) -> Point | None:
    declared = set(compiled.inputs)
    values: list[Fraction] = []
    for one in inputs:
        if one.name.partition("[")[0] in declared:
            value = base.get(one.name)
        elif ": " in one.name:
            value = source.get(one.name.rpartition(": ")[2])
        else:  # it says whether something is swapped
            value = Fraction(1)
        if value is None or not one.low <= value <= one.high or (one.kind == "integer" and value.denominator != 1):
            return None
        values.append(value)
    return tuple(values)


def reconsidered(job: Job, result: ClaimResult, runs: Sequence[Run]) -> ClaimResult:
    """The result of an undecided claim, REFUTED if one of these runs breaks it.

    Raises SpecError where a precondition is undefined at such a run, EnclosureError where a runtime leaves its
    enclosure.
    """
    points = points_for(job.compiled, runs) if is_pointwise(job.compiled.claim) else ()
    if result.verdict not in UNDECIDED or not points:
        return result
    if job.compiled.arithmetic == "float32":
        established = shown_to_fail(job, Decision(result.verdict), points, 0.0)
    else:
        judge = PointJudge(job.compiled.obligation)
        broken = next((point for point in points if judge.breaks(point)), None)
        established = None if broken is None else refuted_at(job, Decision(result.verdict), broken)
    if established is None:
        return result
    ideal = None if result.ideal_verdict is None else Decision(result.ideal_verdict)
    if ideal is not None and ideal.verdict in UNDECIDED and job.ideal is not None:
        ideal = _confirmed(job.ideal, points) or ideal
    decided = Decided(established.decision, ideal)
    return claim_result(job, established, decided, result.seconds, result.closeness)


def _confirmed(compiled: CompiledClaim, points: Sequence[Point]) -> Decision | None:
    judge = PointJudge(compiled.obligation)
    broken = next((point for point in points if judge.breaks(point)), None)
    return None if broken is None else confirm_witness(compiled.obligation, broken, ())
