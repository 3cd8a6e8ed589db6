"""The dossiers of specs: each verified as ever, and then looked at claim by claim for what a page tells beside."""

import json
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mechverify import __version__
from mechverify.deciding.job import Job
from mechverify.deciding.options import Listener, ProgressEvent, VerifyOptions
from mechverify.dossier.cards import (
    condition_cards,
    input_cards,
    model_cards,
    moves_of,
    resamples_of,
    variable_cards,
)
from mechverify.dossier.checker import certificate_files, checker_source
from mechverify.dossier.ease import WORK, drawn_for, ease_of
from mechverify.dossier.examples import examples_of
from mechverify.dossier.program import program_of
from mechverify.dossier.sketch import sketch_of
from mechverify.dossier_results import ClaimDossier, Dossiers, SpecDossier
from mechverify.engines.points.admissible import Draws
from mechverify.errors import MechverifyError, SpecError
from mechverify.explanation.compiled import CompiledClaim
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
# For a page, in millions of steps: looking at samples, and wrong explanations.
_LOOKING, _PROBING, _LEAST = 2.0, 20.0, 0.1


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
        if tell is not None:
            tell(ProgressEvent(path, "", "reading", None, 0, 0))
        spec = with_arithmetic(read_spec(path, settings=options.settings), options.arithmetic)
        models = load_models(spec, allow_code=options.allow_code, trusted=options.trusted)
        with tempfile.TemporaryDirectory() as folder:
            here = replace(options, certificates=Path(folder), scope=True)
            result = verify_spec(spec, models, here, tell)
            jobs = {p.name: p.job for p in plan(spec, models, here, ideal=False) if p.job is not None}
            page = _Page(spec, models, here, asked, checker, tell, len(result.claims))
            claims = tuple(page.claim(claim, jobs.get(claim.name)) for claim in result.claims)
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


class _Page:
    """What a page tells of each claim beside its verdict, by work that is set aside for the whole page: what one claim
    leaves of it the others have. It is counted, so that a page is the same on a busy machine.
    """

    def __init__(
        self,
        spec: Spec,
        models: Mapping[str, Model],
        options: VerifyOptions,
        asked: Asked,
        checker: str | None,
        tell: Listener | None,
        claims: int,
    ) -> None:
        self._spec, self._models, self._options, self._asked = spec, models, options, asked
        self._checker, self._tell, self._claims = checker, tell, claims
        self._done = 0
        self._probing = _PROBING
        self._looking = min(WORK, _LOOKING / max(1, claims))

    def claim(self, result: ClaimResult, job: Job | None) -> ClaimDossier:
        """The next claim of the spec."""
        if self._tell is not None:
            name, done, of = result.name, self._done, self._claims
            self._tell(ProgressEvent(self._spec.path, name, "describing", None, done, of, past="described"))
        self._done += 1
        if job is None:
            return ClaimDossier(_without_folder(result))
        result = _drawable(result, job, self._options.certificates)
        kept = _without_folder(result)
        claim = job.compiled.claim
        own = None if result.proof is None else result.proof.certificate
        told = ClaimDossier(
            kept,
            claim.kind,
            condition_cards(self._spec, claim),
            resamples_of(claim),
            moves_of(self._spec, claim),
            kept.scope,
            None if own is None else sketch_of(json.loads(own.read_bytes())),
        )
        return told if self._asked.only_words else self._shown(told, result, job.compiled)

    def _shown(self, told: ClaimDossier, result: ClaimResult, compiled: CompiledClaim) -> ClaimDossier:
        program = program_of(compiled, self._models)
        own = None if result.proof is None else result.proof.certificate
        of_map = None if result.scope is None else result.scope.certificate
        paths = tuple(path for path in (own, of_map) if path is not None)
        drawn = drawn_for(compiled, self._options.seed, self._looking)
        return replace(
            told,
            certificates=certificate_files(paths, self._checker or checker_source()),
            examples=examples_of(compiled, self._models, drawn),
            ease=ease_of(compiled, self._models, self._options, result.closeness, drawn, self._looking),
            probe=self._probe(result, drawn),
            program=None if isinstance(program, str) else program,
            without_program=program if isinstance(program, str) else None,
        )

    def _probe(self, result: ClaimResult, drawn: Sequence[Draws]) -> ProbeReport | None:
        """Its wrong explanations, by its share of what is left: the first of them in any case."""
        if self._asked.mutants <= 0 or result.verdict is not Verdict.PROVED:
            return None
        options = replace(
            self._options, timeout=min(self._options.timeout, _PROBE_SECONDS), scope=False, iia_samples=0
        )
        share = max(0.0, self._probing) / (self._claims - self._done + 1)
        found = probe_claim(
            self._spec,
            self._models,
            result.name,
            options,
            self._asked.mutants,
            self._tell,
            known=result,
            most_work=max(share, _LEAST),
            drawn=drawn,
        )
        self._probing -= found.work
        return found


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
