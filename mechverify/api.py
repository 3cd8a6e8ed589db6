"""What the command line and Python users call. Engines are loaded only by the functions that search or check."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mechverify.deciding.options import Listener, ProgressEvent, VerifyOptions
from mechverify.errors import Diagnostic, SpecError, UsageError
from mechverify.explanation.obligations import members
from mechverify.results import CheckReport, ClaimResult, Report, SpecResult
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Spec
from mechverify.verification.certificate_file import NoCertificateError, read_certificate
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan, with_arithmetic
from mechverify.verification.selection import refuse_unknown_claims, selects, some_members

if TYPE_CHECKING:
    from mechverify.deciding.job import Job
    from mechverify.dossier_results import Dossiers, SpecDossier
    from mechverify.engines.processes.kernel import KernelAnswer
    from mechverify.probe_results import ProbeReport
    from mechverify.scope_results import OverReport, ScopeReport, Section
    from mechverify.tighten_results import TightenReport

__all__ = [
    "ProgressEvent",
    "VerifyOptions",
    "check_certificate_file",
    "claim_dossier",
    "dossiers",
    "lint_paths",
    "probe",
    "replay",
    "scope",
    "scope_over",
    "tighten",
    "verify_paths",
]

_SHOWN_MEMBERS = 8


def verify_paths(
    paths: Sequence[Path],
    options: VerifyOptions,
    progress: Listener | None = None,
    finished: Callable[[SpecResult], None] | None = None,
) -> Report:
    """Verify every claim of the given spec files. Mistakes in a spec are part of the report.

    ``finished`` is called with each spec's result as soon as it is there.

    Raises UsageError for a name among ``options.claims`` that is no claim of any of the specs.
    """
    from mechverify.verification.run import verify_specs

    _refuse_unknown(paths, options)

    return verify_specs(paths, options, progress, finished)


def lint_paths(
    paths: Sequence[Path], options: VerifyOptions, suggested: Path | None = None
) -> tuple[tuple[Path, tuple[Diagnostic, ...]], ...]:
    """Every mistake and warning of the given specs, without solving anything: the spec, its models, and their fit.
    ``suggested`` is the JSON that ``scope`` left of its suggestions: what it suggested has to be marked in the specs.

    Raises UsageError where that file is none.
    """
    from mechverify.verification.lint import lint_spec
    from mechverify.verification.suggested import suggested_in

    conditions = frozenset[str]() if suggested is None else suggested_in(suggested)
    return tuple((path, lint_spec(path, options, conditions)) for path in paths)


def probe(
    path: Path, claim: str, options: VerifyOptions, mutants: int, progress: Listener | None = None
) -> "ProbeReport":
    """What one claim says of wrong explanations: at most ``mutants`` of them, and controls.

    Raises SpecError for a spec with mistakes, UsageError for a claim that it does not have.
    """
    from mechverify.probing.probe import probe_claim

    started = time.monotonic()
    spec, name = _one_member(path, claim, options)
    models = load_models(spec, allow_code=options.allow_code, trusted=options.trusted)
    return probe_claim(spec, models, name, options, mutants, progress, started=started)


def tighten(path: Path, claim: str, options: VerifyOptions, within: Fraction = Fraction(1, 100)) -> "TightenReport":
    """The least tolerance for which a claim can be proved, until proof and witness are ``within`` a share of it.

    Raises SpecError for a spec with mistakes, UsageError for a claim that it does not have or that has no tolerance.
    """
    from mechverify.tighten.run import tighten_claim

    spec, name = _one_member(path, claim, options)
    models = load_models(spec, allow_code=options.allow_code, trusted=options.trusted)
    return tighten_claim(spec, models, name, options, within)


def scope(
    path: Path,
    claim: str,
    options: VerifyOptions,
    parts: int = 20_000,
    fixed: Mapping[str, Fraction] = MappingProxyType({}),
    asked: tuple["Section", ...] | None = None,
    dropped: tuple[str, ...] = (),
    axes: tuple[str, ...] = (),
) -> "ScopeReport":
    """What is ``asked`` of where one claim holds: by default all but suggestions and lengths, and of a slice the map.
    ``dropped`` are preconditions in the place of which others are to be suggested; ``all``: of every one.

    The map has all inputs in at most so many parts on which the claim is proved, refuted or open, on the slice where
    some are fixed at a value; with ``axes`` all others but these are, at the value next to 0 unless another is given.
    Everything else is of the whole claim.

    Raises SpecError for a spec with mistakes, UsageError for a claim that it does not have or that is not decided, or
    for a value that an input does not have.
    """
    from mechverify.mapping.search import Limits
    from mechverify.scope.run import scope_claim
    from mechverify.scope_results import SECTIONS, UNASKED

    if asked is None:
        asked = ("map",) if fixed or axes else tuple(one for one in SECTIONS if one not in UNASKED)
    spec, name = _one_member(path, claim, options)
    models = load_models(spec, allow_code=options.allow_code, trusted=options.trusted)
    return scope_claim(spec, models, name, options, Limits(parts=parts), fixed, asked, dropped, axes)


def scope_over(
    path: Path,
    claim: str,
    options: VerifyOptions,
    parameter: str,
    values: Sequence[Fraction],
    asked: tuple["Section", ...] | None = None,
) -> "OverReport":
    """The verdict on one claim for each value of a parameter of the spec, and where ``extents`` are asked how far the
    highest value of its inputs goes. The work that goes with ``options.timeout`` is shared out.

    Raises SpecError for a spec with mistakes, UsageError for a claim that it does not have or that is not decided.
    """
    from mechverify import __version__
    from mechverify.explanation.obligations import arithmetic_of
    from mechverify.scope.over import over_row
    from mechverify.scope_results import OverReport
    from mechverify.spec.text import number_text
    from mechverify.verification.selection import member_named

    started = time.monotonic()
    extents = asked is not None and "extents" in asked
    rows = []
    arithmetic = ""
    for value in values:
        given = {**options.settings, parameter: number_text(value)}
        share = replace(options, settings=given, timeout=options.timeout / len(values))
        spec, name = _one_member(path, claim, share)
        models = load_models(spec, allow_code=options.allow_code, trusted=options.trusted)
        arithmetic = arithmetic_of(spec, member_named(spec, name)[0])
        rows.append(over_row(spec, models, name, share, (parameter, value), extents=extents))
    seconds = time.monotonic() - started
    tool = f"mechverify {__version__}"
    return OverReport(tool, path, claim, arithmetic, parameter, tuple(rows), extents, seconds)


def dossiers(
    paths: Sequence[Path],
    options: VerifyOptions,
    mutants: int,
    progress: Listener | None = None,
    finished: Callable[["SpecDossier"], None] | None = None,
) -> "Dossiers":
    """Everything that a page tells of these specs, ``finished`` called with each as soon as it is there. At most
    ``mutants`` wrong explanations are put to each proved claim.

    Raises UsageError for a name among ``options.claims`` that is no claim of any of the specs.
    """
    from mechverify.dossier.collect import Asked, collected

    _refuse_unknown(paths, options)
    return collected(paths, options, Asked(mutants), progress, finished)


def claim_dossier(path: Path, claim: str, options: VerifyOptions) -> "SpecDossier":
    """What a text tells of one claim: its result, and the steps of its proof.

    Raises SpecError for a spec with mistakes, UsageError for a claim that it does not have.
    """
    from mechverify.dossier.collect import Asked, collected

    _, name = _one_member(path, claim, options)
    found = collected((path,), replace(options, claims=(name,)), Asked(0, only_words=True))
    if found.interrupted:
        raise KeyboardInterrupt
    (spec,) = found.specs
    if spec.result.errors:
        raise SpecError(spec.result.errors)
    return spec


def _one_member(path: Path, claim: str, options: VerifyOptions) -> tuple[Spec, str]:
    """The spec, and the full name of the one claim or member of a family that is meant."""
    spec = with_arithmetic(read_spec(path, settings=options.settings), options.arithmetic)
    refuse_unknown_claims((claim,), (spec,))
    names = [name for c in spec.claims for name, _ in members(c) if selects((claim,), c, name)]
    if len(names) > 1:
        raise UsageError(f"{claim} is a family; name one member: {some_members(names)}")
    return spec, names[0]


def replay(path: Path, claim: str, options: VerifyOptions) -> ClaimResult:
    """The result of one claim, its counterexample run in every runtime at hand.

    Raises SpecError for a spec with mistakes, UsageError for a claim that it does not have.
    """
    from mechverify.verification.run import verify_spec

    spec, name = _one_member(path, claim, options)
    models = load_models(spec, allow_code=options.allow_code, trusted=options.trusted)
    return verify_spec(spec, models, replace(options, claims=(name,))).claims[0]


def check_certificate_file(path: Path, spec: Path | None, options: VerifyOptions) -> CheckReport:
    """Have the kernel check a certificate file; with a spec, compile the claims of ``options`` anew and compare hashes.

    Raises SpecError and UsageError for the spec and the claim's name.
    """
    from mechverify.engines.certificates.problem import statement_sha256
    from mechverify.engines.processes.kernel import check_certificate
    from mechverify.engines.processes.kernel_hosts import no_host

    started = time.monotonic()
    try:
        data = read_certificate(path)
    except NoCertificateError as problem:
        return CheckReport(
            path, "unreadable", None, None, None, None, f"the file is no certificate: {problem}", None, 0.0
        )
    answer = check_certificate(data, options.check_seconds, host=no_host)
    matches, moves_nothing, held = None, None, None
    if spec is not None:
        claims, unmoved = _hashes(spec, options, data["kind"])
        stated = statement_sha256(data)
        moves_nothing = unmoved.get(stated) if data["kind"] == "proof" and stated not in claims else None
        matches = stated in claims or moves_nothing is not None
        if not matches and data["kind"] == "map" and answer.answer == "valid":
            held = _slice(spec, data, options)
            matches = held is not None
    follows = None
    if matches and held is None and data["kind"] == "map" and answer.answer == "valid" and spec is not None:
        follows = _follows(spec, data, answer, options)
    late = answer.answer == "failed" and answer.seconds >= options.check_seconds
    word = "unfinished" if late else "invalid" if answer.answer == "failed" else answer.answer
    return CheckReport(
        path,
        word,
        answer.kind,
        answer.problem_sha256,
        answer.steps,
        answer.operations,
        answer.reason or None,
        None if answer.at is None else str(answer.at),
        time.monotonic() - started,
        matches,
        moves_nothing,
        options.check_seconds,
        follows,
        held,
    )


def _follows(path: Path, data: dict[str, Any], answer: "KernelAnswer", options: VerifyOptions) -> ClaimResult | None:
    """What a map that the kernel accepts says of a claim: proved or vacuous, and of one that holds usually or
    on average how probable it is, weighed anew.
    """
    from mechverify.verification.chance import result_from_map
    from mechverify.verification.short_map import follows_from
    from mechverify.verification.unsupported import is_pointwise, without_evidence

    jobs = _jobs(path, options)
    job = next((j for j in jobs if not is_pointwise(j.compiled.claim)), None)
    if job is not None:
        return result_from_map(job, data, answer)
    if len(jobs) != 1:
        return None
    one = jobs[0].compiled
    decision = follows_from(one, data, answer)
    return None if decision is None else without_evidence(one.spec, jobs[0].models, one.claim, one.name, decision)


def _slice(path: Path, data: dict[str, Any], options: VerifyOptions) -> dict[str, Fraction] | None:
    """The values at which a map holds inputs of the claim that was named, where it is one of such a slice."""
    from mechverify.engines.certificates.problem import problem_sha256
    from mechverify.mapping.problem import map_problem, slice_of, sliced

    for job in _jobs(path, options):
        problem = map_problem(job.compiled)
        held = slice_of(problem, data["problem"])
        if held is not None and problem_sha256(sliced(problem, held)) == problem_sha256(data["problem"]):
            return held
    return None


def _jobs(path: Path, options: VerifyOptions) -> "list[Job]":
    """The claims that were named, compiled anew."""
    spec = with_arithmetic(read_spec(path, settings=options.settings), options.arithmetic)
    models = load_models(spec, allow_code=options.allow_code, trusted=options.trusted)
    return [p.job for p in plan(spec, models, options) if p.job is not None]


def _hashes(path: Path, options: VerifyOptions, kind: str) -> tuple[set[str], dict[str, str]]:
    """The statements that the claims compile to, in the spec's own arithmetic or the one that the options name, for
    certificates of a kind; and those that make them VACUOUS, each with the name that it says moves nothing. Of a claim
    that holds usually or on average only a map says something.
    """
    from mechverify.deciding.modular.structures import structure_hashes
    from mechverify.engines.certificates.problem import problem_data, problem_sha256
    from mechverify.mapping.problem import map_problem
    from mechverify.verification.unsupported import is_pointwise

    spec = with_arithmetic(read_spec(path, settings=options.settings), options.arithmetic)
    refuse_unknown_claims(options.claims, (spec,))
    jobs = _jobs(path, options)
    if not jobs:
        names = ", ".join(options.claims)
        raise UsageError(f"{names} in {path} is of a kind that is not decided yet: it compiles to no problem")
    if options.claims and len(jobs) > 1:
        members = ", ".join(job.compiled.name for job in jobs[:_SHOWN_MEMBERS])
        more = ", ..." if len(jobs) > _SHOWN_MEMBERS else ""
        raise UsageError(f"{options.claims[0]} in {path} is a family: name the member, one of {members}{more}")
    claims = [job.compiled for job in jobs]
    structures = [structure for job in jobs for structure in structure_hashes(job)]
    unmoved = {problem_sha256(problem_data(o)): f"the site of {n}" for c in claims for n, o in c.unmoved_sites.items()}
    unmoved |= {problem_sha256(problem_data(o)): n for c in claims for n, o in c.unmoved.items()}
    if kind == "map":
        return {problem_sha256(map_problem(claim)) for claim in claims}, unmoved
    alone = [claim for claim in claims if is_pointwise(claim.claim)]
    return {*(problem_sha256(problem_data(claim.obligation)) for claim in alone), *structures}, unmoved


def _refuse_unknown(paths: Sequence[Path], options: VerifyOptions) -> None:
    """Raise UsageError for a wanted claim that no spec has; where a spec has mistakes, its claims are not known."""
    if not options.claims:
        return
    try:
        specs = [read_spec(path, settings=options.settings) for path in paths]
    except SpecError:
        return
    refuse_unknown_claims(options.claims, specs)
