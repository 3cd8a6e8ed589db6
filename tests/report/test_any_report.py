"""Whatever a result holds, every report renders it: no exception, no control character, no line too wide."""

import json
from fractions import Fraction
from pathlib import Path
from typing import get_args

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from mechverify.caution import Caution
from mechverify.errors import Diagnostic
from mechverify.report.exit_codes import exit_code
from mechverify.report.json.claims import report_json
from mechverify.report.notebook import report_html, report_text
from mechverify.report.text.claims import render_report
from mechverify.report.words.clean import clean
from mechverify.results import (
    BruteForce,
    ClaimResult,
    Counterexample,
    InputCounts,
    Notion,
    Proof,
    Region,
    Regions,
    Replay,
    Report,
    SpecResult,
    VariableRow,
)
from mechverify.spec.expression.syntax import Span
from mechverify.verdict import Assurance, Reason, Verdict

words = st.text(max_size=60)
maybe = st.none() | words
counts = st.integers(0, 10**60)
brackets = st.none() | st.tuples(counts, counts).map(lambda pair: (min(pair), max(pair)))
seconds = st.floats(0, 1e7)
values = st.recursive(
    st.none() | st.booleans() | st.fractions() | st.floats(),
    lambda inner: st.lists(inner, max_size=4).map(tuple),
    max_leaves=6,
)
assignments = st.dictionaries(words, values, max_size=4)
counterexamples = st.builds(
    Counterexample,
    assignments,
    st.lists(st.builds(VariableRow, words, maybe, values, values), max_size=3).map(tuple),
    st.lists(st.builds(Replay, words, words, words, st.booleans(), assignments), max_size=3).map(tuple),
    st.booleans(),
    maybe,
    st.dictionaries(words, assignments, max_size=2),
)
sizes = st.none() | st.integers(0, 2**52)
proofs = st.builds(
    Proof,
    words,
    st.none() | st.just(Path("c.json")),
    maybe,
    sizes,
    sizes,
    sizes,
    seconds,
    st.none() | seconds,
    st.lists(words, max_size=3).map(tuple),
)
ends = st.tuples(st.fractions(), st.fractions())
regions = st.lists(
    st.builds(
        Region, st.dictionaries(words, ends, max_size=2), brackets, st.fractions(0, 1), of_box=st.booleans()
    ),
    max_size=6,
).map(tuple)
cautions = st.builds(Caution, words, words, words, st.just(Span(1, 1)))
claims = st.builds(
    ClaimResult,
    name=words,
    line=st.integers(1, 10**6),
    says=maybe,
    sentence=words,
    notion=st.sampled_from(get_args(Notion)),
    verdict=st.sampled_from(Verdict),
    assurance=st.none() | st.sampled_from(Assurance),
    reason=st.none() | st.sampled_from(Reason),
    detail=maybe,
    expect=st.sampled_from(["proved", "refuted", "partly", "likely", "open", "vacuous", "held"]),
    as_expected=st.booleans(),
    arithmetic=st.sampled_from(["float32", "real", "integer"]),
    ideal_verdict=st.none() | st.sampled_from(Verdict),
    counts=st.builds(InputCounts, brackets, brackets, brackets, brackets),
    seconds=seconds,
    counterexample=st.none() | counterexamples,
    proof=st.none() | proofs,
    brute_force=st.none() | st.builds(BruteForce, counts, counts),
    explanation_size=sizes,
    assumptions=st.lists(words, max_size=2).map(tuple),
    smallest_margin=values,
    table=st.lists(st.lists(st.tuples(words, values), max_size=3).map(tuple), max_size=3).map(tuple),
    notes=st.lists(words, max_size=2).map(tuple),
    warnings=st.lists(cautions, max_size=2).map(tuple),
    regions=st.none() | st.builds(Regions, regions, regions),
)
diagnostics = st.builds(Diagnostic, words, st.integers(1, 99), st.integers(1, 20), words, maybe, maybe)
specs = st.builds(
    SpecResult,
    st.just(Path("s.yaml")),
    maybe,
    maybe,
    st.lists(diagnostics, max_size=2).map(tuple),
    st.lists(claims, max_size=2).map(tuple),
    st.lists(words, max_size=3).map(tuple),
    warnings=st.lists(cautions, max_size=2).map(tuple),
)
reports = st.builds(Report, words, st.lists(specs, max_size=2).map(tuple), st.booleans())


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


@given(st.fractions(), st.fractions())
def test_the_json_of_a_value_tells_values_apart(one: Fraction, other: Fraction) -> None:
    from mechverify.report.json.claims import value_data

    assert (value_data(one) == value_data(other)) == (one == other)
