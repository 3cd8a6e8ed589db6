"""What ``scope`` prints: on how much a claim holds, its parts, and where the map is kept."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

from mechverify.mapping.map import Amount, ScopeMap, ScopePart
from mechverify.report.exit_codes import ExitCode
from mechverify.report.picture.terminal import terminal_map
from mechverify.report.text.claims import console_of, line_of, printed
from mechverify.report.text.scope_ends import ends_lines, ends_settled
from mechverify.report.view import Line
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import count_text, plural, seconds_text
from mechverify.report.words.scope import amount_text, slice_text, summary, where_text
from mechverify.scope_results import ScopeReport

_LEFT = 9
_SHOWN = 5
_HEADINGS = {
    "inside": "",
    "open": "where it is open whether the preconditions hold:",
    "outside": "where the preconditions do not hold:",
}


def scope_exit_code(report: ScopeReport) -> int:
    """0 where all that was asked is settled; 3 where something is open; 4 for an ERROR; 130 if interrupted."""
    if report.failed:
        return ExitCode.FAILED
    if report.interrupted:
        return ExitCode.INTERRUPTED
    settled = report.problem is None and ("map" not in report.asked or (report.map is not None and report.map.exact))
    return ExitCode.AS_EXPECTED if settled and ends_settled(report) else ExitCode.UNDECIDED


def scope_text(report: ScopeReport, *, width: int, colour: bool) -> str:
    """The whole answer, at most ``width`` columns wide."""
    console = console_of(width, colour=colour)
    console.print(f"Where does it hold?  {one_line(str(report.path))}", style="bold")
    console.print(f"{one_line(report.claim)} ({report.arithmetic}): {one_line(report.sentence)}")
    if report.fixed:
        console.print(f"Only where {slice_text(report.fixed)}.")
    console.print()
    if report.map is not None:
        for line in _counts(report, report.map):
            console.print(line_of(line, _LEFT))
        console.print()
        picture = terminal_map(report.map)
        for row in picture:
            console.print(row, soft_wrap=True, highlight=False, markup=False)
        if picture:
            console.print()
        for line in _parts(report.map):
            console.print(line_of(line, _LEFT))
        for line in _checked(report.map):
            console.print(line_of(line, _LEFT))
        console.print()
    lines = tuple(ends_lines(report))
    for line in lines:
        console.print(line_of(line, _LEFT))
    if lines:
        console.print()
    if report.problem is not None:
        console.print(("ERROR: " if report.failed else "") + one_line(report.problem), style="bold red")
    if report.interrupted:
        console.print("Interrupted: what is here was found before, and the map may be unfinished.", style="bold red")
    console.print(f"{seconds_text(report.seconds)}.", style="dim")
    return printed(console)


def _counts(report: ScopeReport, found: ScopeMap) -> Iterator[Line]:
    inside, *outside = summary(found)
    names = f" ({one_line(', '.join(report.preconditions))})" if outside else ""
    yield Line("inside" if outside else "map", f"{inside}{names}", strong=True)
    yield from (Line("outside", text) for text in outside)


def _parts(found: ScopeMap) -> Iterator[Line]:
    integers = {i.name for i in found.inputs if i.integer}
    for place, heading in _HEADINGS.items():
        here = [part for part in found.parts if part.place == place]
        if here and heading:
            yield Line(place, heading)
        for verdict in ("proved", "refuted", "open"):
            parts = [part for part in here if part.verdict == verdict]
            for k, part in enumerate(parts[:_SHOWN]):
                where = f" where {where_text(part.where, integers)}" if part.where else ": everywhere"
                yield Line(verdict if k == 0 else "", f"{amount_text(part.amount)}{where}")
            if len(parts) > _SHOWN:
                yield Line("", _rest(parts[_SHOWN:]))


def _rest(parts: Sequence[ScopePart]) -> str:
    most = max(p.amount.dimension for p in parts)
    alike = [p.amount for p in parts if p.amount.dimension == most]
    zero = Fraction(0)
    total = Amount(most, sum((a.low for a in alike), zero), sum((a.high for a in alike), zero))
    return f"{amount_text(total)} in {plural(len(parts), 'more part')}"


def _checked(found: ScopeMap) -> Iterator[Line]:
    exact = "exact" if found.exact else "not all is decided"
    work = f"{plural(found.leaves, 'part')}, {count_text(found.operations)} operations"
    yield Line("checked", f"by the kernel: {work}; {exact}")
    if not found.finished:
        yield Line("", "Not finished: parts are open for want of work. Give more with --parts.")
    if found.certificate is not None:
        yield Line("certificate", one_line(str(found.certificate)))
