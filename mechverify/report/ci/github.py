"""A run for GitHub Actions: annotations, as workflow commands on standard output, and a summary in Markdown.

A step keeps ten annotations of a level and drops the rest without a word; its summary may have one MiB.
"""

from collections.abc import Iterator, Sequence

from mechverify.report.ci.findings import Finding, counted, findings, shortened
from mechverify.report.ci.kinds import Level
from mechverify.report.exit_codes import ExitCode, claim_exit_code, exit_code
from mechverify.report.text.claims import summary_line
from mechverify.report.words import wording
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import plural
from mechverify.results import ClaimResult, Report, SpecResult

MOST_BYTES = 1 << 20
_MOST_OF_A_LEVEL = 10
_LONGEST = 3_000
_COMMANDS: dict[Level, str] = {"error": "error", "warning": "warning", "note": "notice"}
_KEPT = frozenset(" ,;/=\n")
_ROW_CHARACTERS = 400


def annotations(report: Report) -> str:
    """Workflow commands, a line each: of each level the worst, at most nine where there are more than ten, and one that
    says how many more there are.
    """
    found = findings(report)
    lines = [line for level, command in _COMMANDS.items() for line in _level(level, command, found)]
    return "".join(f"{line}\n" for line in lines)


def _level(level: Level, command: str, found: Sequence[Finding]) -> Iterator[str]:
    these = [one for one in found if one.kind.level == level]
    shown = these if len(these) <= _MOST_OF_A_LEVEL else these[: _MOST_OF_A_LEVEL - 1]
    yield from (_command(command, one) for one in shown)
    if len(these) > len(shown):
        rest = these[len(shown) :]
        words = f"and {counted(rest)} more, such as {rest[0].summary}; the log has all of them"
        yield f"::{command} title=mechverify::{_data(words)}"


def _command(command: str, one: Finding) -> str:
    place = {} if one.path is None else {"file": one.path.as_posix(), "line": str(max(1, one.line))}
    if one.column is not None:
        place["col"] = str(max(1, one.column))
    properties = {**place, "title": f"mechverify: {one.kind.name}"}
    return f"::{command} {','.join(f'{k}={_property(v)}' for k, v in properties.items())}::{_data(one.text)}"


def _data(text: str) -> str:
    escaped = shortened(text, _LONGEST).replace("%", "%25")
    return escaped.replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(one_line(text)).replace(":", "%3A").replace(",", "%2C")


def summary(report: Report, most_bytes: int = MOST_BYTES) -> str:
    """The summary, in no more bytes of UTF-8 than this: what was counted, and a row for each finding and claim, the
    worst first. Empty where not even the first line has room.
    """
    good = exit_code(report) == ExitCode.AS_EXPECTED
    head = f"### {'✅' if good else '❌'} mechverify\n\n{_text(summary_line(report))}\n"
    rows = [*_finding_rows(report), *_claim_rows(report)]
    table = "\n| | | | |\n|---|---|---|---|\n"
    used = len((head + table).encode()) + 200
    if used > most_bytes:
        return head if len(head.encode()) <= most_bytes else ""
    shown: list[str] = []
    for row in rows:
        used += len(row.encode())
        if used > most_bytes:
            break
        shown.append(row)
    more = len(rows) - len(shown)
    end = f"\nand {plural(more, 'more row')}, for which there is no room here\n" if more else ""
    return head + (table + "".join(shown) if shown else "") + end


def _finding_rows(report: Report) -> Iterator[str]:
    for one in findings(report):
        where = "" if one.path is None else f"{one.path.as_posix()}:{one.line}"
        first, _, rest = one.text.partition("\n")
        yield _row(_COMMANDS[one.kind.level], where, first, rest.replace("\n", "; "))


def _claim_rows(report: Report) -> Iterator[str]:
    for spec in report.specs:
        for claim in spec.claims:
            if claim_exit_code(claim) is ExitCode.AS_EXPECTED:
                yield _claim_row(spec, claim)


def _claim_row(spec: SpecResult, claim: ClaimResult) -> str:
    where = f"{spec.path.as_posix()}:{claim.line}"
    facts = " · ".join(wording.facts(claim))
    says = claim.says or claim.sentence
    return _row("as expected", where, f"{claim.verdict.value} {claim.name}", f"{facts}; {says}")


def _row(*cells: str) -> str:
    return f"| {' | '.join(_text(shortened(one_line(cell), _ROW_CHARACTERS)) for cell in cells)} |\n"


def _text(text: str) -> str:
    """Text that means nothing in Markdown or HTML: ASCII signs as numeric references, which never are structure."""
    return "".join(c if not c.isascii() or c.isalnum() or c in _KEPT else f"&#{ord(c)};" for c in one_line(text))
