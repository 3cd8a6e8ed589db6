"""The exit code of a run (DESIGN section 9, SEMANTICS 18)."""

from collections.abc import Iterable
from enum import IntEnum
from typing import TYPE_CHECKING

from mechverify.verdict import Reason, Verdict

if TYPE_CHECKING:
    from mechverify.results import ClaimResult, Report, SpecResult


class ExitCode(IntEnum):
    """What the process ends with."""

    AS_EXPECTED = 0
    DISAGREES = 1
    MISTAKE = 2
    UNDECIDED = 3
    FAILED = 4
    NOTHING = 5
    INTERRUPTED = 130


# Of several outcomes the first that occurs.
_ORDER = (
    ExitCode.INTERRUPTED,
    ExitCode.FAILED,
    ExitCode.MISTAKE,
    ExitCode.DISAGREES,
    ExitCode.UNDECIDED,
    ExitCode.NOTHING,
    ExitCode.AS_EXPECTED,
)


def claim_exit_code(claim: "ClaimResult") -> ExitCode:
    """What one claim asks for.

    Whatever ``as_expected`` says: an ERROR is never as expected, a refutation only where one was expected, a proof
    never where a refutation was, and nothing less than a proof where a proof was.
    """
    if claim.verdict is Verdict.ERROR:
        return ExitCode.MISTAKE if claim.reason is Reason.UNSUPPORTED else ExitCode.FAILED
    wants_refutation = claim.expect == "refuted"
    if claim.verdict is Verdict.REFUTED:
        return ExitCode.AS_EXPECTED if claim.as_expected and wants_refutation else ExitCode.DISAGREES
    if claim.verdict is Verdict.PROVED:
        return ExitCode.AS_EXPECTED if claim.as_expected and not wants_refutation else ExitCode.DISAGREES
    return (
        ExitCode.AS_EXPECTED if claim.as_expected and claim.expect not in ("proved", "refuted") else ExitCode.UNDECIDED
    )


def _spec_exit_codes(spec: "SpecResult") -> Iterable[ExitCode]:
    if spec.errors:
        yield ExitCode.MISTAKE
    elif not spec.claims:
        yield ExitCode.NOTHING
    for claim in spec.claims:
        yield claim_exit_code(claim)


def worst(codes: Iterable[ExitCode]) -> ExitCode:
    """Of several outcomes the one that counts; of none: nothing to check."""
    return min(codes, key=_ORDER.index, default=ExitCode.NOTHING)


def exit_code(report: "Report") -> int:
    """The exit code of a whole run."""
    codes = [code for spec in report.specs for code in _spec_exit_codes(spec)]
    if report.interrupted:
        codes.append(ExitCode.INTERRUPTED)
    if report.out_of_time:
        codes.append(ExitCode.UNDECIDED)
    return int(worst(codes))
