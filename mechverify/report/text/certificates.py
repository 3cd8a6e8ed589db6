"""What ``--certificates`` left in its folder, and for which claims it left nothing."""

from collections.abc import Iterable
from pathlib import Path

from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import plural
from mechverify.results import ClaimResult, Report
from mechverify.verdict import Assurance, Verdict

_SHOWN = 5
_WORD_ONLY = (Assurance.AGREED, Assurance.SOLVER)


def certificates_text(report: Report, folder: Path) -> list[str]:
    """Lines for the end of a report: how many files there are, and each group of claims without one, with the reason.

    Nothing for a run that looked at no claim.
    """
    claims = [claim for spec in report.specs for claim in spec.claims]
    if not claims:
        return []
    files = [claim for claim in claims if claim.proof is not None and claim.proof.certificate is not None]
    none = [claim for claim in claims if claim not in files]
    lines = [f"Certificates: {plural(len(files), 'file')} in {one_line(str(folder))}."]
    partly = [claim for claim in files if claim.verdict is Verdict.PARTLY]
    if partly:
        lines.append(f"Of {_names(partly)} only the largest proved part has its certificate there.")
    words = [claim for claim in none if claim.verdict is Verdict.PROVED and claim.assurance in _WORD_ONLY]
    if words:
        lines.append(
            f"No certificate for {_names(words)}: solvers said so, and nothing is left to check. "
            "`--require checked` searches on for one."
        )
    runs = [claim for claim in none if claim.verdict is Verdict.HELD]
    if runs:
        lines.append(f"No certificate for {_names(runs)}: every input was run, and nothing was proved.")
    ranges = [c for c in none if c.verdict is Verdict.PROVED and c.assurance is Assurance.WEIGHED]
    if ranges:
        lines.append(f"No certificate for {_names(ranges)}: the range of what is averaged was checked and is not kept.")
    rest = [claim for claim in none if claim not in (*words, *runs, *ranges)]
    if rest:
        lines.append(f"No certificate for {_names(rest)}: not settled.")
    return lines


def _names(claims: Iterable[ClaimResult]) -> str:
    names = [one_line(claim.name) for claim in claims]
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
