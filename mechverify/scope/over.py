"""A claim with one value of a parameter, in a process of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from mechverify.deciding.ceilings import work_within
from mechverify.deciding.options import VerifyOptions
from mechverify.models.model import Model
from mechverify.scope.attempts import broken_of, told
from mechverify.scope.extents import first_extent
from mechverify.scope.variants import Variant, Variants, asked_claim
from mechverify.scope_results import OverRow
from mechverify.spec.spec import Claim, Spec
from mechverify.verification.apart import Refused, compare_readings, work_apart

_SECONDS = 24 * 3600.0
_WRITTEN = 1 / 4


def over_row(
    spec: Spec,
    models: Mapping[str, Model],
    name: str,
    options: VerifyOptions,
    at: tuple[str, Fraction],
    *,
    extents: bool,
) -> OverRow:
    """The verdict on one claim where a parameter is ``at`` a value, as the spec has it already, and how far the highest
    value of its inputs goes, with the work that goes with ``options.timeout``.

    Raises UsageError for a claim that is about all inputs together, SpecError for what does not fit.
    """
    claim, family = asked_claim(spec, models, name)
    value = work_apart("scope", _Work(spec, models, claim, name, family, options, at, extents), OverRow, _SECONDS)
    if isinstance(value, Refused):
        return OverRow(at[1], None, problem=value.words, failed=value.failed)
    return value


@dataclass(frozen=True, slots=True)
class _Work:
    spec: Spec
    models: Mapping[str, Model]
    claim: Claim
    name: str
    family: Mapping[str, int]
    options: VerifyOptions
    at: tuple[str, Fraction]
    extents: bool

    def __call__(self) -> OverRow:
        parameter, value = self.at
        name = f"{self.name}, {parameter}={told(value)}"
        variants = Variants(self.spec, self.models, self.claim, name, self.family, self.options)
        compare_readings(variants.compiled(Variant("as written")), self.models, self.options.seed)
        work = work_within(self.options.timeout)
        written = variants.tried(Variant("as written"), _WRITTEN * work if self.extents else work)
        row = OverRow(value, written.verdict, written.checked, broken_of(variants, written), variants.stored(written))
        if not self.extents:
            return row
        return replace(row, extent=first_extent(variants, written, (1 - _WRITTEN) * work))
