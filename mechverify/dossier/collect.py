"""The dossiers of specs: each verified as ever, and then looked at claim by claim for what a page tells beside."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mechverify import __version__
from mechverify.deciding.job import Job
from mechverify.deciding.options import Listener, VerifyOptions
from mechverify.dossier.cards import (
    condition_cards,
    input_cards,
    model_cards,
    moves_of,
    resamples_of,
    variable_cards,
)
from mechverify.dossier.checker import certificate_files, checker_source
from mechverify.dossier.ease import ease_of
from mechverify.dossier.examples import examples_of
from mechverify.dossier.program import program_of
from mechverify.dossier.sketch import sketch_of
from mechverify.dossier_results import ClaimDossier, Dossiers, SpecDossier
from mechverify.errors import MechverifyError, SpecError
from mechverify.mapping.making import MadeMap, make_map
from mechverify.mapping.search import Limits
from mechverify.models.model import Model
from mechverify.probe_results import ProbeReport
from mechverify.probing.probe import probe_claim
from mechverify.results import ClaimResult, SpecResult
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Spec
from mechverify.verdict import Verdict
from mechverify.verification.certificates import store_map
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan, with_arithmetic
from mechverify.verification.run import InterruptedSpecError, verify_spec

_DRAWN_INPUTS = 2
_MAP_PARTS = 2_000
_MAP_SECONDS = 60.0
_PROBE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Asked:
    """What to look for beside the verdicts: at most so many ``mutants`` of each proved claim (0: none), how easily
    each is passed, and programs that a page can run. ``only_words``: nothing but what a text tells.
    """

    mutants: int = 12
    only_words: bool = False


def collected(
    paths: Sequence[Path],
    options: VerifyOptions,
    asked: Asked,
    tell: Listener | None = None,
    finished: Callable[[SpecDossier], None] | None = None,
) -> Dossiers:
    """A dossier for each spec; ``finished`` is called with each as soon as it is there. An interrupt ends the work;
    what was found before it is kept.
    """
    found: list[SpecDossier] = []
    interrupted = False
    tool = f"mechverify {__version__}"
    checker = None if asked.only_words else checker_source()
    try:
        for path in paths:
            found.append(_one(path, options, asked, checker, tell))
            if finished is not None:
                finished(found[-1])
    except InterruptedSpecError as stop:
        interrupted = True
        if stop.finished.claims or stop.finished.errors:
            claims = tuple(ClaimDossier(claim) for claim in stop.finished.claims)
            found.append(SpecDossier(tool, stop.finished, claims=claims))
    except KeyboardInterrupt:
        interrupted = True
    return Dossiers(tool, tuple(found), interrupted)


def _one(
    path: Path, options: VerifyOptions, asked: Asked, checker: str | None, tell: Listener | None
) -> SpecDossier:
    tool = f"mechverify {__version__}"
    try:
        spec = with_arithmetic(read_spec(path, settings=options.settings), options.arithmetic)
        models = load_models(spec, allow_code=options.allow_code, trusted=options.trusted)
        with tempfile.TemporaryDirectory() as folder:
            here = replace(options, certificates=Path(folder), scope=True)
            result = verify_spec(spec, models, here, tell)
            jobs = {p.name: p.job for p in plan(spec, models, here, ideal=False) if p.job is not None}
            claims = tuple(
                _claim(spec, models, claim, jobs.get(claim.name), here, asked, checker, tell) for claim in result.claims
            )
    except SpecError as problem:
        return SpecDossier(tool, SpecResult(path, None, None, problem.diagnostics, ()))
    return SpecDossier(
        tool,
        replace(result, claims=tuple(one.result for one in claims)),
        path.read_text(encoding="utf-8-sig"),
        input_cards(spec),
        model_cards(spec, models),
        variable_cards(spec, models),
        claims,
        checker,
    )


def _claim(
    spec: Spec,
    models: Mapping[str, Model],
    result: ClaimResult,
    job: Job | None,
    options: VerifyOptions,
    asked: Asked,
    checker: str | None,
    tell: Listener | None,
) -> ClaimDossier:
    if job is None:
        return ClaimDossier(_without_folder(result))
    result = _drawable(result, job, options.certificates)
    kept = _without_folder(result)
    compiled = job.compiled
    claim = compiled.claim
    own = None if result.proof is None else result.proof.certificate
    told = ClaimDossier(
        kept,
        claim.kind,
        condition_cards(spec, claim),
        resamples_of(claim),
        moves_of(spec, claim),
        kept.scope,
        None if own is None else sketch_of(json.loads(own.read_bytes())),
    )
    if asked.only_words:
        return told
    program = program_of(compiled, models)
    of_map = None if result.scope is None else result.scope.certificate
    paths = tuple(path for path in (own, of_map) if path is not None)
    return replace(
        told,
        certificates=certificate_files(paths, checker or checker_source()),
        examples=examples_of(compiled, models, options.seed),
        ease=ease_of(compiled, models, options, result.closeness),
        probe=_probe(spec, models, result, options, asked.mutants, tell),
        program=None if isinstance(program, str) else program,
        without_program=program if isinstance(program, str) else None,
    )


def _without_folder(result: ClaimResult) -> ClaimResult:
    """The result with certificates named by their file alone: the folder is gone when a page is read."""
    proof, scope = result.proof, result.scope
    if proof is not None and proof.certificate is not None:
        proof = replace(proof, certificate=Path(proof.certificate.name))
    if scope is not None and scope.certificate is not None:
        scope = replace(scope, certificate=Path(scope.certificate.name))
    return replace(result, proof=proof, scope=scope)


def _drawable(result: ClaimResult, job: Job, folder: Path | None) -> ClaimResult:
    """The result with its map made anew where that has too many parts to be told, and can be drawn."""
    found = result.scope
    if found is None or found.parts or sum(one.low < one.high for one in found.inputs) > _DRAWN_INPUTS:
        return result
    try:
        made = make_map(job.compiled, Limits(parts=_MAP_PARTS), {}, _MAP_SECONDS)
    except MechverifyError:
        return result
    if not isinstance(made, MadeMap):
        return result
    certificate = store_map(folder, job.compiled, made.certificate)
    return replace(result, scope=replace(made.map, certificate=certificate))


def _probe(
    spec: Spec,
    models: Mapping[str, Model],
    result: ClaimResult,
    options: VerifyOptions,
    mutants: int,
    tell: Listener | None,
) -> ProbeReport | None:
    if mutants <= 0 or result.verdict is not Verdict.PROVED:
        return None
    seconds = min(options.timeout, _PROBE_SECONDS)
    return probe_claim(spec, models, result.name, replace(options, timeout=seconds, scope=False), mutants, tell)
