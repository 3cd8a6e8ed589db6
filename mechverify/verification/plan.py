"""What there is to decide in a spec: every claim compiled, before any engine is loaded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from mechverify.caution import Caution
from mechverify.deciding import combine
from mechverify.deciding.ceilings import READING, beside, compiling
from mechverify.deciding.job import Job
from mechverify.deciding.options import VerifyOptions
from mechverify.engines.processes.time_limit import OutOfTimeError, stage, time_limit
from mechverify.errors import Diagnostic, SpecError
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import base_graph, compile_claim, diagnostic, members, site_problems
from mechverify.findings.cautions.claim import claim_cautions
from mechverify.findings.fitting import refuse_unfitted
from mechverify.models.model import Model
from mechverify.results import ClaimResult
from mechverify.spec.expression.syntax import Span
from mechverify.spec.spec import Arithmetic, Claim, Spec
from mechverify.verdict import Reason
from mechverify.verification.selection import selects
from mechverify.verification.unsupported import without_evidence


@dataclass(frozen=True, slots=True)
class Planned:
    """One member of one claim: a job to run, or a result that is known already. ``warnings``: what it fails to test,
    where that was asked for.
    """

    claim: Claim
    name: str
    job: Job | None
    result: ClaimResult | None = None
    warnings: tuple[Caution, ...] = ()


def with_arithmetic(spec: Spec, arithmetic: str | None) -> Spec:
    """The spec with another arithmetic for its networks. Integer programs beside them keep theirs.

    Raises SpecError where it would change nothing: every model is a program.
    """
    if arithmetic is None or not spec.models:
        return spec
    if arithmetic != "integer" and all(m.kind == "program" for m in spec.models):
        message = f"--arithmetic {arithmetic} has nothing to apply to: a program computes with exact integers"
        hint = "leave --arithmetic out; only networks (onnx, torch) can be taken in another arithmetic"
        raise SpecError((diagnostic(spec, spec.models[0].span, message, hint),))
    chosen: Arithmetic = arithmetic  # type: ignore[assignment]
    models = tuple(m if m.kind == "program" else replace(m, arithmetic=chosen) for m in spec.models)
    return replace(spec, models=models)


def _cautions(
    base: CausalGraph, compiled: CompiledClaim, family: Mapping[str, int], seed: int
) -> tuple[Caution, ...]:
    doing = f"looking for what {compiled.name} leaves out"
    found = beside(doing, lambda: claim_cautions(base, compiled.claim, family, compiled), ())
    if not compiled.driven:
        return found
    from mechverify.findings.cautions.driven_units import driven_cautions  # noqa: PLC0415

    return (*found, *beside(doing, lambda: driven_cautions(compiled, seed), ()))


def graph_of(spec: Spec, models: Mapping[str, Model], *, ideal: bool = False) -> CausalGraph:
    """The causal graph that all claims of a spec start from. Raises SpecError where feeds and models do not fit, and
    where building it takes more than two minutes.
    """
    try:
        with stage("building the graph of the models"), time_limit(READING, of_its_own=True):
            return base_graph(spec, models, ideal=ideal)
    except OutOfTimeError as late:
        span = spec.models[0].location_span if spec.models else Span(1, 1)
        raise SpecError((diagnostic(spec, span, str(late)),)) from None


def plan(
    spec: Spec,
    models: Mapping[str, Model],
    options: VerifyOptions,
    *,
    ideal: bool = True,
    warn: bool = False,
    base: CausalGraph | None = None,
) -> tuple[Planned, ...]:
    """Every member of every claim that the options select; with ``ideal``, float32 claims in real arithmetic too, and
    with ``warn`` the warnings of each. ``base`` is the causal graph of the spec, to save building it again.

    Raises SpecError with all that does not fit the models.
    """
    planned: list[Planned] = []
    problems: list[Diagnostic] = []
    refuse_unfitted(spec, models)
    base = graph_of(spec, models) if base is None else base
    wrong = site_problems(base.for_family({}))
    if wrong:
        raise SpecError(wrong)
    rounds = any(m.arithmetic == "float32" for m in spec.models)
    ideal_base = graph_of(spec, models, ideal=True) if ideal and rounds else None
    for claim in spec.claims:
        for name, family in members(claim):
            if options.claims and not selects(options.claims, claim, name):
                continue
            try:
                with stage(f"compiling {name}"), time_limit(compiling(options.timeout)):
                    compiled = compile_claim(spec, models, claim, name, family, base=base)
                    other = None
                    if ideal_base is not None and compiled.arithmetic == "float32":
                        other = compile_claim(spec, models, claim, name, family, ideal=True, base=ideal_base)
            except OutOfTimeError as late:
                result = without_evidence(spec, models, claim, name, combine.because(Reason.TIME, str(late)))
                planned.append(Planned(claim, name, None, result))
                continue
            except MemoryError:
                words = "There was not enough memory to compile it."
                result = without_evidence(spec, models, claim, name, combine.because(Reason.MEMORY, words))
                planned.append(Planned(claim, name, None, result))
                continue
            except SpecError as problem:
                problems.extend(d for d in problem.diagnostics if d not in problems)
                continue
            warnings = _cautions(base, compiled, family, options.seed) if warn else ()
            planned.append(Planned(claim, name, Job(compiled, other, models, options), warnings=warnings))
    if problems:
        raise SpecError(tuple(problems))
    return tuple(planned)
