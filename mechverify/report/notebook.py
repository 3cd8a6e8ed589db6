"""Results in a notebook: plain text, and small HTML that needs no stylesheet."""

from html import escape

from mechverify.caution import Caution
from mechverify.report.families import shown_claims
from mechverify.report.picture.svg import scope_svg
from mechverify.report.text.claims import render_claim, render_claims, summary_line
from mechverify.report.text.scope import scope_text
from mechverify.report.view import DIFFERS, ClaimView, Line, Table, claim_view
from mechverify.report.words.clean import one_line
from mechverify.results import ClaimResult, Report, SpecResult
from mechverify.scope_results import ScopeReport
from mechverify.verdict import Verdict

_COLOURS = {
    Verdict.PROVED: "#1a7f37",
    Verdict.HELD: "#0b7285",
    Verdict.REFUTED: "#c92a2a",
    Verdict.LIKELY: "#1864ab",
    Verdict.PARTLY: "#b35900",
    Verdict.OPEN: "#b35900",
    Verdict.VACUOUS: "#862e9c",
    Verdict.ERROR: "#c92a2a",
}
_CELL = "text-align:left;padding:1px 12px 1px 0;vertical-align:top"
_LABEL = f"{_CELL};opacity:.6;font-style:italic"


def claim_text(result: ClaimResult, *, width: int = 100) -> str:
    """One claim as plain text."""
    return render_claim(result, width=width)


def report_text(report: Report, *, width: int = 100) -> str:
    """Every claim as plain text, with the summary line."""
    parts = ["\n".join(map(_warning, spec.warnings)) + "\n" for spec in report.specs if spec.warnings]
    parts += [render_claims(spec.claims, width=width) for spec in report.specs if spec.claims]
    parts += [error.render() + "\n" for spec in report.specs for error in spec.errors]
    return "\n".join([*parts, summary_line(report)])


def claim_html(result: ClaimResult) -> str:
    """One claim as an HTML fragment; all foreign text escaped."""
    return _claim(claim_view(result))


def report_html(report: Report) -> str:
    """A whole run as an HTML fragment."""
    body = "".join(_spec(spec) for spec in report.specs)
    return f"<div>{body}<p><b>{_safe(summary_line(report))}</b></p></div>"


def scope_html(report: ScopeReport) -> str:
    """Where a claim holds: the picture of its map, where it has one, and the text beneath it."""
    picture = scope_svg(report) or ""
    text = scope_text(report, width=100, colour=False)
    return f"<div>{picture}<pre style='white-space:pre;overflow-x:auto'>{_safe(text)}</pre></div>"


def _safe(text: str) -> str:
    return escape(text, quote=True)


def _spec(spec: SpecResult) -> str:
    title = f"<h4 style='margin:8px 0'>{_safe(one_line(spec.title or str(spec.path)))}</h4>"
    errors = "".join(f"<pre style='color:#c92a2a'>{_safe(error.render())}</pre>" for error in spec.errors)
    warnings = "".join(f"<p style='color:#b35900'>{_safe(_warning(one))}</p>" for one in spec.warnings)
    return title + errors + warnings + "".join(map(_shown, shown_claims(spec.claims)))


def _warning(caution: Caution) -> str:
    return f"warning: {one_line(caution.text)}"


def _shown(shown: ClaimView | Line) -> str:
    return _claim(shown) if isinstance(shown, ClaimView) else f"<p>{_safe(shown.text)}</p>"


def _claim(view: ClaimView) -> str:
    verdict = f"<b style='color:{_COLOURS[view.verdict]}'>{view.verdict.value}</b>"
    facts = _safe(" · ".join(view.facts))
    expectation = ""
    if view.expectation is not None:
        style = "opacity:.6" if view.as_expected else "color:#c92a2a;font-weight:bold"
        expectation = f" · <span style='{style}'>{_safe(view.expectation)}</span>"
    rows = "".join(_block(block) for block in view.blocks)
    return (
        f"<div style='margin:6px 0 12px'>{verdict} <b>{_safe(view.name)}</b> "
        f"<span style='opacity:.75'>{facts}</span>{expectation}"
        f"<table style='border-collapse:collapse;margin:2px 0 0 16px'>{rows}</table></div>"
    )


def _block(block: Line | Table) -> str:
    if isinstance(block, Line):
        return f"<tr><td style='{_LABEL}'>{_safe(block.label)}</td><td style='{_CELL}'>{_safe(block.text)}</td></tr>"
    heads = "".join(f"<th style='{_CELL};opacity:.6'>{_safe(h)}</th>" for h in block.header)
    body = "".join(_row(row, block.marks[i] if block.marks else "") for i, row in enumerate(block.rows))
    note = f"<div>{_safe(block.note)}</div>" if block.note else ""
    inner = f"<table style='border-collapse:collapse'><tr>{heads}</tr>{body}</table>{note}"
    return f"<tr><td style='{_LABEL}'>{_safe(block.label)}</td><td style='{_CELL}'>{inner}</td></tr>"


def _row(row: tuple[str, ...], mark: str) -> str:
    weight = ";font-weight:bold" if mark.startswith(DIFFERS) else ""
    cells = "".join(f"<td style='{_CELL}{weight}'>{_safe(cell)}</td>" for cell in row)
    return f"<tr>{cells}<td style='{_CELL}'>{_safe(mark)}</td></tr>"
