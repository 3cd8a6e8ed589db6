"""What a run found that somebody should look at, one by one, each with its place."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mechverify.caution import Caution
from mechverify.errors import Diagnostic
from mechverify.report.ci.kinds import (
    INTERRUPTED,
    MISTAKE,
    NOTHING,
    OUT_OF_TIME,
    REFUSED,
    Kind,
    of_caution,
    of_claim,
)
from mechverify.report.view import Line, claim_view
from mechverify.report.words.clean import clean, one_line
from mechverify.results import ClaimResult, Report, SpecResult

_LEVELS = ("error", "warning", "note")
_LONGEST = 4_000
_OF_COUNTEREXAMPLES = ("breaks at", "suspect", "worst at", "", "false there", "no value", "seen in")
_LABELS = frozenset(("says", "formally", "meaning", "detail", *_OF_COUNTEREXAMPLES))


@dataclass(frozen=True, slots=True)
class Finding:
    """``path`` is None for what has no place. ``summary`` is one line; ``text`` says all, in several lines, both fit to
    be shown. ``subject`` names what was found of the file, for telling findings apart whatever line they stand in.
    """

    kind: Kind
    summary: str
    text: str
    path: Path | None = None
    line: int = 1
    column: int | None = None
    subject: str = ""


def findings(report: Report) -> tuple[Finding, ...]:
    """All findings of a run, the worst first, otherwise in the order of the specs."""
    found = [one for spec in report.specs for one in of_spec(spec)]
    if report.interrupted:
        found.insert(0, Finding(INTERRUPTED, INTERRUPTED.short, f"{INTERRUPTED.short} {INTERRUPTED.full}"))
    if report.out_of_time:
        found.insert(0, Finding(OUT_OF_TIME, OUT_OF_TIME.short, f"{OUT_OF_TIME.short} {OUT_OF_TIME.full}"))
    if not report.specs and not report.interrupted and not report.out_of_time:
        found.append(Finding(NOTHING, NOTHING.short, "No spec was looked at: there are no results of this run."))
    return tuple(sorted(found, key=lambda one: _LEVELS.index(one.kind.level)))


def of_spec(spec: SpecResult) -> Iterator[Finding]:
    """The findings of one spec in its order: mistakes, claims, warnings."""
    yield from (_mistake(error) for error in spec.errors)
    if not spec.errors and not spec.claims:
        yield Finding(NOTHING, NOTHING.short, f"{NOTHING.short} {NOTHING.full}", spec.path)
    for claim in spec.claims:
        one = claim_finding(spec.path, claim)
        yield from () if one is None else (one,)
    for caution in spec.warnings:
        yield _caution(spec.path, caution, "")
    yield from _of_claims(spec)


def claim_finding(path: Path, claim: ClaimResult) -> Finding | None:
    """What a claim is a finding of; None where it is as the spec expects."""
    kind = of_claim(claim)
    if kind is None:
        return None
    return Finding(kind, claim_summary(claim), claim_text(claim), path, claim.line, None, claim.name)


def claim_summary(claim: ClaimResult) -> str:
    """``doubles: REFUTED, expected PROVED``."""
    expected = "" if claim.as_expected else f", expected {one_line(claim.expect).upper()}"
    reason = "" if claim.reason is None else f" ({claim.reason.value})"
    return f"{one_line(claim.name)}: {claim.verdict.value}{reason}{expected}"


def claim_text(claim: ClaimResult) -> str:
    """What there is to say of a claim without tables, a line each."""
    blocks = [block for block in claim_view(claim).blocks if isinstance(block, Line) and block.label in _LABELS]
    lines = [f"{block.label}: {block.text}" if block.label else block.text for block in blocks]
    return shortened("\n".join([claim_summary(claim), *lines]))


def shortened(text: str, most: int = _LONGEST) -> str:
    """The text, cut to this many characters."""
    return text if len(text) <= most else f"{text[: most - 4]} ..."


def numbered(names: Iterable[str]) -> tuple[int, ...]:
    """For each name, how many times it has come so far, from 1."""
    seen: dict[str, int] = {}
    counts = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        counts.append(seen[name])
    return tuple(counts)


def _mistake(error: Diagnostic) -> Finding:
    kind = REFUSED if error.refused else MISTAKE
    hint = f"\nhint: {clean(error.hint)}" if error.hint else ""
    subject = f"{error.message}\n{(error.source or '').strip()}"
    text = shortened(f"{clean(error.message)}{hint}")
    return Finding(kind, one_line(error.message), text, Path(error.path), error.line, error.column, subject)


def _caution(path: Path, caution: Caution, claim: str, members: int = 1) -> Finding:
    about = f"{one_line(claim)}: " if claim else ""
    more = f" (and of {members - 1} more members)" if members > 1 else ""
    words = f"{about}{one_line(caution.words)}{more}"
    text = shortened(f"{words}\n{clean(caution.todo)}")
    subject = f"{claim}\n{caution.words}"
    return Finding(of_caution(caution.kind), words, text, path, caution.span.line, caution.span.column, subject)


def _of_claims(spec: SpecResult) -> Iterator[Finding]:
    """The warnings of claims; what is said alike of members of a family, once."""
    found: dict[tuple[str, Caution], list[ClaimResult]] = {}
    for claim in spec.claims:
        for caution in claim.warnings:
            alike = replace(caution, words="") if claim.group else caution
            found.setdefault((claim.group or claim.name, alike), []).append(claim)
    for (_, alike), claims in found.items():
        first = next(c for c in claims[0].warnings if c == alike or replace(c, words="") == alike)
        yield _caution(spec.path, first, claims[0].name, len({id(one) for one in claims}))


def counted(found: Sequence[Finding]) -> str:
    """``3 errors, 1 warning``; what there is none of is left out."""
    parts = []
    for level in _LEVELS:
        n = sum(one.kind.level == level for one in found)
        parts += [f"{n} {level}{'' if n == 1 else 's'}"] if n else []
    return ", ".join(parts)
