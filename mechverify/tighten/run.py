"""``tighten``: every tolerance of one claim, in a process of its own."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from mechverify import __version__
from mechverify.deciding.ceilings import work_within
from mechverify.deciding.options import VerifyOptions
from mechverify.engines.processes.children import keep
from mechverify.errors import UsageError
from mechverify.explanation.obligations import base_graph
from mechverify.findings.fitting import refuse_unfitted
from mechverify.models.model import Model
from mechverify.spec.sentence import claim_sentence
from mechverify.spec.spec import Claim, Spec
from mechverify.spec.tolerances import Tolerance, tolerances_of
from mechverify.tighten.attempt import Attempts
from mechverify.tighten.search import Bisection
from mechverify.tighten_results import Tightened, TightenReport
from mechverify.verification.apart import Refused, compare_readings, work_apart
from mechverify.verification.selection import member_named
from mechverify.verification.unsupported import is_pointwise

_OVERHEAD_SECONDS = 600.0
_FORMS = "`abs(a - b) <= t`, `e <= t`, a conjunction of such, or `faithful` or `ignores` with a tolerance"


def tighten_claim(
    spec: Spec, models: Mapping[str, Model], name: str, options: VerifyOptions, within: Fraction
) -> TightenReport:
    """Both ends of every tolerance of one claim (a member of a family by its full name), in ``options.timeout`` seconds
    for all of them; checks by the kernel come on top.

    Raises UsageError for a claim without a tolerance, SpecError for what does not fit.
    """
    started = time.monotonic()
    refuse_unfitted(spec, models)
    claim, family = member_named(spec, name)
    tolerances = tolerances_of(spec, claim, family)
    if not is_pointwise(claim) or not tolerances:
        raise UsageError(f"{name} has no tolerance to tighten: that is for claims of the form {_FORMS}")
    work = _Work(spec, models, claim, name, family, tolerances, options, within)
    value = work_apart("tighten", work, tuple, 3 * options.timeout + _OVERHEAD_SECONDS)
    report = TightenReport(
        f"mechverify {__version__}",
        spec.path,
        name,
        claim_sentence(spec, claim, family),
        work.arithmetic(),
        (),
        within,
        options.seed,
        time.monotonic() - started,
    )
    if isinstance(value, Refused):
        kept = value.kept if isinstance(value.kept, tuple) else ()
        bounds = tuple(one for one in kept if isinstance(one, Tightened))
        return replace(report, bounds=bounds, problem=value.words, failed=value.failed)
    bounds = tuple(one for one in value if isinstance(one, Tightened))
    missing = "No input that meets the preconditions was found." if len(bounds) < len(tolerances) else None
    return replace(report, bounds=bounds, problem=missing)


@dataclass(frozen=True, slots=True)
class _Work:
    spec: Spec
    models: Mapping[str, Model]
    claim: Claim
    name: str
    family: Mapping[str, int]
    tolerances: tuple[Tolerance, ...]
    options: VerifyOptions
    within: Fraction

    def arithmetic(self) -> str:
        """The arithmetic of the models that round or, where none does, of the first."""
        kinds = [m.arithmetic for m in self.spec.models]
        return "float32" if "float32" in kinds else kinds[0] if kinds else "real"

    def __call__(self) -> tuple[Tightened | None, ...]:
        base = base_graph(self.spec, self.models)
        found: list[Tightened | None] = []
        for tolerance in self.tolerances:
            attempts = Attempts(
                self.spec, self.models, self.claim, self.name, self.family, tolerance, self.options, base
            )
            if not found:
                compiled = attempts.at(tolerance.value).compiled
                compare_readings(compiled, self.models, self.options.seed)
            work = work_within(self.options.timeout) / len(self.tolerances)
            found.append(Bisection(attempts, work, self.within, lambda ends: keep((*found, ends))).run())
        return tuple(found)
