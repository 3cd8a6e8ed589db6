"""The report for a terminal: coloured where there is one, plain text everywhere else."""

import io
from collections.abc import Iterable, Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

from mechverify.report.exit_codes import ExitCode, claim_exit_code, exit_code
from mechverify.report.families import shown_claims
from mechverify.report.text.alignment import alignment_lines
from mechverify.report.text.certificates import certificates_text
from mechverify.report.text.compared import reduced_lines
from mechverify.report.text.elsewhere import elsewhere_lines
from mechverify.report.view import DIFFERS, ClaimView, Line, Table, claim_view
from mechverify.report.words.clean import clean, one_line
from mechverify.report.words.numbers import plural, value_text
from mechverify.results import ClaimResult, Report, SpecResult
from mechverify.verdict import Verdict

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

VERDICT_STYLES = {
    Verdict.PROVED: "bold green",
    Verdict.HELD: "bold cyan",
    Verdict.REFUTED: "bold red",
    Verdict.LIKELY: "bold blue",
    Verdict.PARTLY: "bold yellow",
    Verdict.OPEN: "bold yellow",
    Verdict.VACUOUS: "bold magenta",
    Verdict.ERROR: "bold white on red",
}
_VERDICT_WIDTH = 8
_LABEL_WIDTH = 12
_LEAST_FACTS = 30
_NARROW = 60
_BORDERLESS = 72


def render_report(
    report: Report, *, width: int, colour: bool, verbose: bool = False, certificates: Path | None = None
) -> str:
    """The whole report as text of at most ``width`` columns (diagnostics apart, which are not wrapped), with ANSI
    colours or without. ``certificates`` is the folder that the run left them in.
    """
    specs = [render_spec(spec, width=width, colour=colour, verbose=verbose) for spec in report.specs]
    end = render_end(report, width=width, colour=colour, verbose=verbose, certificates=certificates)
    return "".join([*specs, end])


def render_spec(spec: SpecResult, *, width: int, colour: bool, verbose: bool = False) -> str:
    """The part of the report that is about one spec, and the blank line after it."""
    console = console_of(width, colour=colour)
    _print_spec(console, spec, verbose=verbose)
    return printed(console) + "\n"


def render_end(
    report: Report, *, width: int, colour: bool, verbose: bool = False, certificates: Path | None = None
) -> str:
    """What stands below all specs."""
    console = console_of(width, colour=colour)
    _print_end(console, report, verbose=verbose)
    for line in () if certificates is None else certificates_text(report, certificates):
        console.print(_text(line, "dim"))
    return printed(console)


def render_claim(claim: ClaimResult, *, width: int, colour: bool = False, verbose: bool = False) -> str:
    """One claim in the same way."""
    console = console_of(width, colour=colour)
    _print_claim(console, claim_view(claim, verbose=verbose), 0)
    return printed(console)


def render_claims(claims: Sequence[ClaimResult], *, width: int) -> str:
    """The claims of one spec as plain text, large families summed up."""
    console = console_of(width, colour=False)
    _print_claims(console, claims, verbose=False)
    return printed(console)


def import_renderer() -> None:
    """Load what renders: it takes a few hundredths of a second, which may pass while something else is waited for."""
    import rich.console  # noqa: PLC0415
    import rich.padding  # noqa: PLC0415
    import rich.table  # noqa: PLC0415
    import rich.text  # noqa: F401, PLC0415


def console_of(width: int, *, colour: bool) -> "Console":
    """A console that writes into memory."""
    from rich.console import Console  # noqa: PLC0415

    return Console(
        force_jupyter=False,  # text is asked for, also where rich would draw into a notebook itself
        file=io.StringIO(),
        width=max(width, 20),
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
        _environ={},
    )


def printed(console: "Console") -> str:
    """What was written on it, without blanks at the ends of lines."""
    text = console.file.getvalue() if isinstance(console.file, io.StringIO) else ""
    return "\n".join(line.rstrip() for line in text.rstrip("\n").split("\n")) + "\n"


def _text(text: str, style: str = "") -> "Text":
    from rich.text import Text  # noqa: PLC0415

    return Text(text, style=style, overflow="fold")


def _indented(console: "Console", renderable: "RenderableType", left: int) -> None:
    from rich.padding import Padding  # noqa: PLC0415

    console.print(Padding(renderable, (0, 0, 0, left)))


def _print_spec(console: "Console", spec: SpecResult, *, verbose: bool) -> None:
    if spec.title:
        console.print(_text(one_line(spec.title), "bold"))
    if spec.title or not spec.errors:
        console.print(_text(one_line(str(spec.path)), "dim"))
    if spec.summary:
        for paragraph in clean(spec.summary).strip().split("\n\n"):
            _indented(console, _text(" ".join(paragraph.split())), 2)
    if spec.declared:
        _indented(console, _text(_set_here(spec), "yellow"), 2)
    for line in () if spec.alignment is None else alignment_lines(spec.alignment):
        _indented(console, _text(line, "dim"), 2)
    for line in () if spec.compared is None else reduced_lines(spec.compared):
        _indented(console, _text(line, "dim"), 2)
    for caution in spec.warnings:
        _indented(console, _text(f"warning: {one_line(caution.text)}", "yellow"), 2)
    if spec.title or not spec.errors:
        console.print()
    for error in spec.errors:
        console.print(_text(clean(error.render()), "red"), soft_wrap=True)
    if spec.errors:
        console.print()
    elif not spec.claims:
        console.print(_text("  There is nothing to check here: no claims.", "yellow"))
        console.print()
    _print_claims(console, spec.claims, verbose=verbose)


def _print_claims(console: "Console", claims: Sequence[ClaimResult], *, verbose: bool) -> None:
    shown = shown_claims(claims, verbose=verbose)
    name_width = _name_width((view for view in shown if isinstance(view, ClaimView)), console.width)
    for view in shown:
        if isinstance(view, ClaimView):
            _print_claim(console, view, name_width)
        else:
            _indented(console, _text(view.text, "bold red"), _VERDICT_WIDTH + 1 if console.width >= _NARROW else 2)
            console.print()


def _set_here(spec: SpecResult) -> str:
    changed = (
        f"{one_line(name)} = {value_text(spec.parameters.get(name))} in place of {value_text(own)}"
        for name, own in spec.declared.items()
    )
    return f"--set changes this spec: {', '.join(changed)}."


def _name_width(views: Iterable[ClaimView], width: int) -> int:
    """The column of names: as wide as the longest that is no wider than a third of the screen."""
    from rich.cells import cell_len  # noqa: PLC0415

    return max((n for view in views if (n := cell_len(view.name)) <= min(36, width // 3)), default=0)


def _print_claim(console: "Console", view: ClaimView, name_width: int) -> None:
    from rich.cells import cell_len  # noqa: PLC0415

    head = _text("")
    head.append(f"{view.verdict.value:<{_VERDICT_WIDTH}} ", VERDICT_STYLES[view.verdict])
    head.append(view.name, "bold")
    used = _VERDICT_WIDTH + 1 + cell_len(view.name)
    column = _VERDICT_WIDTH + 1 + name_width + 2
    if used + 2 <= column and console.width - column >= _LEAST_FACTS:
        head.append(" " * (column - used))
    else:
        column = _VERDICT_WIDTH + 1
        head.append("\n" + " " * column)
    expected = () if view.expectation is None else (view.expectation,)
    first = True
    for line in _packed((*view.facts, *expected), max(console.width - column, 8)):
        if not first:
            head.append("\n" + " " * column)
        first = False
        for index, fact in enumerate(line):
            head.append(" · " if index else "", "dim")
            style = "" if fact not in expected else ("dim" if view.as_expected else "bold red")
            head.append(fact, style)
    console.print(head)
    left = 2 if console.width < _NARROW else _VERDICT_WIDTH + 1
    for block in view.blocks:
        _indented(console, line_of(block, left) if isinstance(block, Line) else _table(block, console.width), left)
    console.print()


def _packed(facts: tuple[str, ...], width: int) -> list[list[str]]:
    """Facts packed into lines, none of them broken unless it is wider than a line."""
    from rich.cells import cell_len  # noqa: PLC0415

    facts = tuple(
        piece
        for fact in facts
        for piece in ([fact] if cell_len(fact) <= width else wrap(fact, width, break_on_hyphens=False))
    )
    lines: list[list[str]] = [[]]
    used = 0
    for fact in facts:
        needed = cell_len(fact) + (3 if lines[-1] else 0)
        if lines[-1] and used + needed > width:
            lines.append([])
            used, needed = 0, cell_len(fact)
        lines[-1].append(fact)
        used += needed
    return lines


def line_of(line: Line, left: int) -> "RenderableType":
    """A labelled line, its text beside the label, or after it where there is no room."""
    from rich.table import Table as Grid  # noqa: PLC0415

    style = "" if line.strong else "dim"
    if left < _VERDICT_WIDTH:
        return _text(f"{line.label}: {line.text}" if line.label else line.text, style)
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=_LABEL_WIDTH)
    grid.add_column(ratio=1)
    grid.add_row(_text(line.label, "dim italic"), _text(line.text, style))
    return grid


def _table(table: Table, width: int) -> "RenderableType":
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.console import Group  # noqa: PLC0415
    from rich.padding import Padding  # noqa: PLC0415
    from rich.table import Table as Grid  # noqa: PLC0415

    # The last column explains; a narrow screen has no room for it.
    columns = len(table.header) - (1 if table.header[-1] == "says" and width < _BORDERLESS else 0)
    grid = Grid(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    for place, heading in enumerate(table.header[:columns]):
        numeric = table.values is None or 0 < place <= table.values
        grid.add_column(_text(heading), justify="right" if numeric else "left", overflow="fold")
    grid.add_column("", no_wrap=True)
    for index, row in enumerate(table.rows):
        mark = table.marks[index] if table.marks else ""
        wrong = mark.startswith(DIFFERS)
        bold = range(1, 1 + (table.values or 0)) if wrong else range(0)
        cells = [_text(cell, "bold" if i in bold else "") for i, cell in enumerate(row[:columns])]
        grid.add_row(*cells, _text(mark, "bold red" if wrong else "dim"))
    parts: list[RenderableType] = [grid]
    if table.note:
        parts.append(_text(table.note, "dim"))
    return Padding(Group(*parts), (0, 0, 0, _LABEL_WIDTH + 1 if width >= _NARROW else 0))


def _counted(claims: list[ClaimResult]) -> str:
    return ", ".join(f"{n} {v.value.lower()}" for v in Verdict if (n := sum(c.verdict is v for c in claims)))


_NO_TIME = "The time of the run was used up before any claim was decided."


def summary_line(report: Report) -> str:
    """``5 claims in 2 specs: 4 proved, 1 refuted. All as expected.``"""
    claims = [claim for spec in report.specs for claim in spec.claims]
    unopened = sum(bool(spec.errors) and all(e.refused for e in spec.errors) for spec in report.specs)
    broken = sum(bool(spec.errors) for spec in report.specs) - unopened
    text = plural(len(claims), "claim") if claims or not broken + unopened else "No claim was looked at"
    if len(report.specs) != 1:
        text += f" in {plural(len(report.specs), 'spec')}"
    if claims:
        text += f": {_counted(claims)}"
    text += "."
    if not claims and not broken + unopened and not report.interrupted and not report.out_of_time:
        return "Nothing to check: no claims were found."
    if not claims and not broken + unopened:
        return "Interrupted before any claim was decided." if report.interrupted else _NO_TIME
    unexpected = [claim.name for claim in claims if claim_exit_code(claim) != ExitCode.AS_EXPECTED]
    if report.interrupted:
        text += " Interrupted: not everything was looked at."
    if report.out_of_time:
        text += " The time of the run was used up: not every spec was looked at."
    if broken:
        text += f" {plural(broken, 'spec')} {'has' if broken == 1 else 'have'} mistakes: nothing is claimed there."
    if unopened:
        verb = "was" if unopened == 1 else "were"
        text += f" {plural(unopened, 'spec')} {verb} not verified: the model would run code."
    if unexpected:
        shown = ", ".join(one_line(name) for name in unexpected[:5])
        more = f" and {len(unexpected) - 5} more" if len(unexpected) > 5 else ""
        text += f" Not as expected: {shown}{more}."
    elif claims and exit_code(report) == ExitCode.AS_EXPECTED:
        text += " All as expected." if len(claims) > 1 else " As expected."
    return text


def _print_end(console: "Console", report: Report, *, verbose: bool) -> None:
    good = exit_code(report) == ExitCode.AS_EXPECTED
    console.print(_text(summary_line(report), "bold green" if good else "bold red"))
    for line in () if report.elsewhere is None else elsewhere_lines(report.elsewhere):
        console.print(_text(line, "dim"))
    listed = dict.fromkeys(one_line(item) for spec in report.specs for item in spec.trusted)
    trusted = sorted(listed, key=lambda item: item == "Python")
    if trusted and verbose:
        console.print(_text("What has to be trusted:", "dim"))
        for item in trusted:
            _indented(console, _text(f"- {item}", "dim"), 2)
    elif trusted:
        console.print(_text(f"To be trusted: {', '.join(item.partition(':')[0] for item in trusted)}.", "dim"))
