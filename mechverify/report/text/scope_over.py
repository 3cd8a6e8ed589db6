"""What ``scope --over`` prints: a row for each value of a parameter."""

from typing import TYPE_CHECKING

from mechverify.report.exit_codes import ExitCode
from mechverify.report.text.claims import VERDICT_STYLES, console_of, printed
from mechverify.report.text.scope_ends import range_text
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import named_values, seconds_text, value_text
from mechverify.scope_results import OverReport, OverRow
from mechverify.verdict import Verdict

if TYPE_CHECKING:
    from rich.text import Text


def over_exit_code(report: OverReport) -> int:
    """0 where every row has its verdict, proved or refuted, and its end; 3 where something is open; 4 for an ERROR."""
    if any(row.failed for row in report.rows):
        return ExitCode.FAILED
    return ExitCode.AS_EXPECTED if all(map(_settled, report.rows)) else ExitCode.UNDECIDED


def _settled(row: OverRow) -> bool:
    decided = row.verdict in (Verdict.PROVED, Verdict.REFUTED, Verdict.VACUOUS)
    return decided and (row.extent is None or row.extent.reach.settled)


def over_text(report: OverReport, *, width: int, colour: bool) -> str:
    """The whole answer, at most ``width`` columns wide."""
    from rich.box import SIMPLE_HEAD  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    console = console_of(width, colour=colour)
    console.print(f"Where does it hold?  {one_line(str(report.path))}", style="bold")
    console.print(f"{one_line(report.claim)} ({report.arithmetic}), over {one_line(report.parameter)}")
    console.print()
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, header_style="dim")
    table.add_column(one_line(report.parameter), justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("holds for" if report.extents else "breaks at", overflow="fold")
    for row in report.rows:
        table.add_row(value_text(row.value), _verdict(row), _told(row, extents=report.extents))
    console.print(table)
    console.print()
    console.print(f"{seconds_text(report.seconds)}.", style="dim")
    return printed(console)


def _verdict(row: OverRow) -> "Text":
    from rich.text import Text  # noqa: PLC0415

    if row.verdict is None:
        return Text("ERROR" if row.failed else "none", style="bold red")
    return Text(row.verdict.value, style=VERDICT_STYLES[row.verdict])


def _told(row: OverRow, *, extents: bool) -> "Text":
    from rich.text import Text  # noqa: PLC0415

    if row.problem is not None:
        return Text(one_line(row.problem))
    if extents:
        return Text("no input has a range" if row.extent is None else range_text(row.extent))
    return Text("" if row.witness is None else named_values(row.witness.counterexample.inputs))
