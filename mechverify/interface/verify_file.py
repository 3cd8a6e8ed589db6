"""``mechverify.verify_file``: the claims of a spec file, in one call."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mechverify.api import verify_paths
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import SpecError
from mechverify.interface.arguments import (
    check_mappings,
    check_names_given,
    check_numbers,
    check_spec_file,
    check_switches,
)
from mechverify.reader_settings import trusted_folders
from mechverify.report.exit_codes import ExitCode, exit_code
from mechverify.report.json.claims import Json, report_data
from mechverify.report.notebook import report_html, report_text
from mechverify.results import ClaimResult, Report


@dataclass(frozen=True, slots=True)
class FileVerification:
    """The verdicts on the claims of a spec, readable in a terminal and in a notebook."""

    report: Report

    @property
    def claims(self) -> Mapping[str, ClaimResult]:
        """Each claim's result by its name, a member of a family under its own (``each_input[i=0]``)."""
        return {claim.name: claim for spec in self.report.specs for claim in spec.claims}

    @property
    def as_expected(self) -> bool:
        """Whether ``mechverify verify`` would end in 0."""
        return exit_code(self.report) == ExitCode.AS_EXPECTED

    @property
    def json(self) -> Json:
        """What ``mechverify verify --json`` writes."""
        return report_data(self.report)

    def __repr__(self) -> str:
        return report_text(self.report)

    def _repr_html_(self) -> str:
        return report_html(self.report)


def verify_file(
    path: str | Path,
    *,
    claims: str | Sequence[str] = (),
    settings: Mapping[str, object] | None = None,
    allow_code: bool = False,
    require: Literal["checked", "agreed", "solver"] = "agreed",
    certificates: str | Path | None = None,
    timeout: float = 60.0,
    jobs: int = 2,
    seed: int = 0,
    scope: bool = True,
) -> FileVerification:
    """Verify a spec: all claims, or those named. The arguments are the options of ``mechverify verify``; ``settings``
    are those of ``--set`` (``{"n": 64}``); without ``scope`` it is not said on how many inputs each holds. Folders
    that the reader's own settings trust are trusted here too.

    Raises SpecError with every mistake of the spec; UsageError for a file that is not there, for what is no file, and
    for a claim that the spec does not have.
    """
    check_spec_file(Path(path), "verify_file")
    check_names_given(claims=claims)
    check_mappings(settings=settings)
    check_switches(allow_code=allow_code, scope=scope)
    check_numbers(timeout, jobs=jobs, seed=seed)
    options = VerifyOptions(
        claims=(claims,) if isinstance(claims, str) else tuple(claims),
        settings={name: str(value) for name, value in (settings or {}).items()},
        require=require,
        timeout=timeout,
        jobs=jobs,
        seed=seed,
        scope=scope,
        certificates=None if certificates is None else Path(certificates),
        allow_code=allow_code,
        trusted=trusted_folders([Path(path)]),
    )
    report = verify_paths([Path(path)], options)
    if report.interrupted:
        raise KeyboardInterrupt
    mistakes = tuple(error for spec in report.specs for error in spec.errors)
    if mistakes:
        raise SpecError(mistakes)
    return FileVerification(report)
