"""Whatever a result holds, every report renders it: no exception, no control character, no line too wide."""

import json
from fractions import Fraction

from any_numbers import rationals
from any_results import reports
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from mechverify.report.exit_codes import exit_code
from mechverify.report.json.claims import report_json
from mechverify.report.notebook import report_html, report_text
from mechverify.report.text.claims import render_report
from mechverify.report.words.clean import clean
from mechverify.results import Report


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(reports, st.integers(20, 130), st.booleans())
def test_every_report_renders_anything(report: Report, width: int, verbose: bool) -> None:
    text = render_report(report, width=width, colour=False, verbose=verbose)
    assert not any(ord(c) < 32 and c != "\n" for c in text)
    diagnostics = {line.rstrip() for spec in report.specs for e in spec.errors for line in clean(e.render()).split("\n")}
    lines = text.split("\n")
    assert max((cell_len(line) for line in lines if line not in diagnostics), default=0) <= width
    assert diagnostics <= set(lines)
    data = json.loads(report_json(report))
    assert data["summary"]["as_expected"] is (exit_code(report) == 0)
    assert "<script" not in report_html(report)
    assert report_text(report)


@given(rationals, rationals)
def test_the_json_of_a_value_tells_values_apart(one: Fraction, other: Fraction) -> None:
    from mechverify.report.json.claims import value_data

    assert (value_data(one) == value_data(other)) == (one == other)
