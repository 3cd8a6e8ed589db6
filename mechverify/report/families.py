"""The claims of one spec in the order in which they are shown; of a large family, what is as expected is summed up."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from mechverify.report.exit_codes import ExitCode, claim_exit_code
from mechverify.report.view import ClaimView, Line, Table, claim_view, notion_lines, scope_lines, value_table
from mechverify.report.words import wording
from mechverify.report.words.clean import clean, one_line
from mechverify.report.words.numbers import count_text, plural, seconds_text
from mechverify.results import ClaimResult

IN_FULL = 4  # a family of no more members is shown member by member
_SHOWN = 8  # members that are not as expected, each in full

Shown = ClaimView | Line


def shown_claims(claims: Sequence[ClaimResult], *, verbose: bool = False) -> tuple[Shown, ...]:
    """What is drawn for the claims of a spec. A family's members stand together, in the order of their indices."""
    found: list[Shown] = []
    for group, together in groupby(claims, key=lambda claim: claim.group):
        members = list(together)
        if group is None or len(members) <= IN_FULL:
            found += [claim_view(claim, verbose=verbose) for claim in members]
        else:
            found += _family(group, members, verbose=verbose)
    return tuple(found)


def _family(group: str, members: Sequence[ClaimResult], *, verbose: bool) -> Iterator[Shown]:
    expected = [claim for claim in members if claim_exit_code(claim) == ExitCode.AS_EXPECTED]
    others = [claim for claim in members if claim_exit_code(claim) != ExitCode.AS_EXPECTED]
    for alike in _alike(expected):
        if len(alike) == 1:
            yield claim_view(alike[0], verbose=verbose)
        else:
            yield _sum(group, alike, len(members), verbose=verbose)
    shown = others if verbose else others[:_SHOWN]
    yield from (claim_view(claim, verbose=verbose) for claim in shown)
    more = len(others) - len(shown)
    if more:
        counts = ", ".join(f"{n} {verdict}" for verdict, n in _verdicts(others[len(shown) :]).items())
        text = f"and {plural(more, 'more member')} of {one_line(group)} not as expected ({counts}); -v shows them"
        yield Line("", text, strong=True)


def _alike(claims: Sequence[ClaimResult]) -> list[list[ClaimResult]]:
    """Members of which the same can be said, in the order of their first."""
    found: dict[object, list[ClaimResult]] = {}
    for one in claims:
        key = (one.verdict, one.assurance, one.reason, one.notion, one.arithmetic, one.ideal_verdict)
        found.setdefault(key, []).append(one)
    return list(found.values())


def _verdicts(claims: Sequence[ClaimResult]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for claim in claims:
        counts[claim.verdict.value] = counts.get(claim.verdict.value, 0) + 1
    return counts


def _sum(group: str, alike: Sequence[ClaimResult], size: int, *, verbose: bool) -> ClaimView:
    first = next((one for one in alike if not one.name.endswith("[nothing]")), alike[0])
    assurance = None if first.assurance is None else wording.ASSURANCES[first.assurance]
    reason = None if first.reason is None else f"reason: {first.reason.value}"
    facts = (
        f"{count_text(len(alike))} of {plural(size, 'member')}",
        reason,
        assurance,
        f"{seconds_text(sum(one.seconds for one in alike))} in all",
    )
    return ClaimView(
        first.verdict,
        as_expected=True,
        name=one_line(group),
        facts=tuple(fact for fact in facts if fact is not None),
        expectation=wording.expectation(first),
        blocks=tuple(_blocks(first, alike, verbose=verbose)),
    )


def _blocks(first: ClaimResult, alike: Sequence[ClaimResult], *, verbose: bool) -> Iterator[Line | Table]:
    if first.says:
        yield Line("says", clean(first.says).strip(), strong=True)
    yield Line("for example", f"{one_line(first.name)}: {clean(first.sentence).strip()}")
    found = wording.suggested(first)
    yield from () if found is None else (Line("suggested", found),)
    yield from notion_lines(first, verbose=verbose)
    mapped = next((one for one in alike if one.scope is not None), None)
    if mapped is not None:
        yield from (Line(line.label, f"{one_line(mapped.name)}: {line.text}") for line in scope_lines(mapped))
    listed = next((one for one in alike if one.table), None)
    if listed is not None:
        yield Line("every run", wording.every_run(listed) or "")
        table = value_table(listed.table)
        yield from () if table is None else (table,)
    yield from _warnings(alike)
    yield from (Line("note", clean(n).strip()) for n in first.notes if all(n in one.notes for one in alike))
    if verbose:
        yield Line("members", ", ".join(one_line(one.name) for one in alike))


def _warnings(alike: Sequence[ClaimResult]) -> Iterator[Line]:
    """Each kind of warning once, with the first member that it is about where it is not about all."""
    found: dict[str, list[tuple[ClaimResult, str]]] = {}
    for one in alike:
        for caution in one.warnings:
            found.setdefault(caution.kind, []).append((one, caution.text))
    for group in found.values():
        members = len({id(one) for one, _ in group})
        first, text = group[0]
        some = "" if members == len(alike) else f"{count_text(members)} of them, such as {one_line(first.name)}: "
        yield Line("warning", some + clean(text).strip(), strong=True)
