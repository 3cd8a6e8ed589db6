"""``scope``: what is asked of one claim, in a process of its own."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from mechverify import __version__
from mechverify.deciding.options import VerifyOptions
from mechverify.engines.certificates.problem import certificate_bytes
from mechverify.errors import UsageError
from mechverify.explanation.obligations import arithmetic_of, base_graph, compile_claim, conditions
from mechverify.findings.fitting import refuse_unfitted
from mechverify.mapping.making import MadeMap, Unaccepted, make_map
from mechverify.mapping.map import ScopeMap
from mechverify.mapping.search import Limits
from mechverify.models.model import Model
from mechverify.scope_results import ScopeReport
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import Claim, Spec
from mechverify.verification.apart import Refused, compare_readings, work_apart
from mechverify.verification.certificates import map_path, write_whole
from mechverify.verification.selection import member_named
from mechverify.verification.unsupported import is_decided

_SECONDS = 24 * 3600.0


def scope_claim(
    spec: Spec,
    models: Mapping[str, Model],
    name: str,
    options: VerifyOptions,
    limits: Limits,
    fixed: Mapping[str, Fraction],
) -> ScopeReport:
    """The map of one claim (a member of a family by its full name), some inputs ``fixed`` at a value.

    Raises UsageError for a claim of a kind that is not decided, SpecError for what does not fit.
    """
    started = time.monotonic()
    refuse_unfitted(spec, models)
    claim, family = member_named(spec, name)
    if not is_decided(claim):
        raise UsageError(f"{name} is of a kind that is not decided yet, and has no map")
    work = _Work(spec, models, claim, name, family, options, limits, dict(fixed))
    value = work_apart("scope", work, ScopeMap, _SECONDS)
    report = ScopeReport(
        f"mechverify {__version__}",
        spec.path,
        name,
        claim_sentence(spec, claim, family),
        arithmetic_of(spec, claim),
        tuple(condition.name for condition in conditions(spec, claim)),
        dict(fixed),
        None,
        time.monotonic() - started,
    )
    if isinstance(value, Refused):
        return replace(report, problem=value.words, failed=value.failed)
    return replace(report, map=value)


@dataclass(frozen=True, slots=True)
class _Work:
    spec: Spec
    models: Mapping[str, Model]
    claim: Claim
    name: str
    family: Mapping[str, int]
    options: VerifyOptions
    limits: Limits
    fixed: Mapping[str, Fraction]

    def __call__(self) -> ScopeMap | Refused:
        compiled = compile_claim(
            self.spec, self.models, self.claim, self.name, self.family, base=base_graph(self.spec, self.models)
        )
        compare_readings(compiled, self.models, self.options.seed)
        made = make_map(compiled, self.limits, self.fixed, self.options.check_seconds)
        if isinstance(made, Unaccepted):
            return Refused(made.words, failed=not made.late)
        if self.options.certificates is None:
            return made.map
        return replace(made.map, certificate=_stored(made, map_path(self.options.certificates, compiled)))


def _stored(made: MadeMap, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, certificate_bytes(made.certificate))
    return path
