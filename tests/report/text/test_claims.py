"""What a terminal shows, compared with the files in ``golden/``; write them anew with ``REWRITE_GOLDEN=1``."""

import json
import os
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from report_samples import (
    BROKEN,
    COUNTEREXAMPLE,
    ERROR,
    EVERY_CLAIM,
    HELD,
    INTERCHANGE,
    LIKELY,
    OPEN,
    PARTLY,
    REFUTED,
    SPEC,
    VACUOUS,
    claim,
    one,
    report,
)

from mechverify.report.json.claims import report_json
from mechverify.report.notebook import claim_html, claim_text, report_html, report_text
from mechverify.report.text.claims import render_claim, render_report, summary_line
from mechverify.report.words.wording import REASONS, sampled, seen_in
from mechverify.results import ClaimResult, Closeness, InputCounts, Proof, Region, Regions, Replay, Sampled, VariableRow
from mechverify.verdict import Assurance, Reason, Verdict

GOLDEN = Path(__file__).parent / "golden"


def plain(*claims: object, width: int = 100, verbose: bool = False) -> str:
    return render_report(one(*claims), width=width, colour=False, verbose=verbose)


@pytest.mark.parametrize(
    ("name", "width", "verbose"),
    [("80", 80, False), ("120", 120, False), ("verbose_100", 100, True), ("narrow_40", 40, False)],
)
def test_golden(name: str, width: int, verbose: bool) -> None:
    text = render_report(report(SPEC, BROKEN), width=width, colour=False, verbose=verbose)
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("REWRITE_GOLDEN"):
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, "utf-8")
    assert text == file.read_text("utf-8")


@pytest.mark.parametrize("width", [20, 30, 40, 59, 60, 80, 120, 200])
@pytest.mark.parametrize("name", ["x", "a_very_long_claim_name_" * 8, "数字の名前" * 12, "each_input[i=0, j=12]"])
def test_no_line_is_wider_than_the_terminal(width: int, name: str) -> None:
    from rich.cells import cell_len

    rows = (VariableRow(name, name, Fraction(10**20, 3), (Fraction(1),) * 30),)
    wide = replace(
        INTERCHANGE, name=name, says=name, counterexample=replace(COUNTEREXAMPLE, rows=rows, inputs={name: Fraction(1)})
    )
    text = render_report(one(wide, claim(name=name)), width=width, colour=False, verbose=True)
    assert max(cell_len(line) for line in text.splitlines()) <= max(width, 20)
    assert re.sub(r"\s", "", name)[:10] in re.sub(r"\s", "", text)


def test_colours_only_on_demand() -> None:
    assert "\x1b[" in render_report(one(claim()), width=80, colour=True)
    assert "\x1b" not in render_report(one(*EVERY_CLAIM), width=80, colour=False, verbose=True)


def test_colour_changes_no_word() -> None:
    coloured = render_report(report(SPEC, BROKEN), width=80, colour=True)
    stripped = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    words = [line.rstrip() for line in stripped.splitlines()]
    assert words == render_report(report(SPEC, BROKEN), width=80, colour=False).splitlines()


def test_an_unexpected_verdict_says_what_was_expected() -> None:
    assert "expected PROVED" in plain(OPEN)
    assert "expected REFUTED" in plain(claim(expect="refuted", as_expected=False))
    assert "as expected" in plain(REFUTED)


@pytest.mark.parametrize("result", [HELD, LIKELY], ids=lambda r: r.name)
def test_held_and_likely_are_never_worded_as_proof(result: object) -> None:
    text = plain(result, verbose=True).partition("formally")
    body = (text[0] + text[2]).replace("expected PROVED", "").replace("ideal arithmetic PROVED", "")
    lines = " ".join(body.split())
    assert "This is no proof" in lines or "not proved" in lines
    for word in re.findall(r"[^.;·]*prove[^.;·]*|[^.;·]*proof[^.;·]*", lines):
        assert "no proof" in word or "not proved" in word, word


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_says_what_to_do(reason: Reason) -> None:
    text = " ".join(plain(replace(OPEN, reason=reason)).split())
    what, todo = REASONS[reason]
    assert f"{what} {todo}" in text
    assert f"reason: {reason.value}" in text


def test_what_is_said_of_rounding_follows_from_ideal_arithmetic() -> None:
    def said(ideal: Verdict | None) -> str:
        return " ".join(plain(replace(OPEN, reason=Reason.ROUNDING, arithmetic="float32", ideal_verdict=ideal)).split())

    holds, fails, unknown = said(Verdict.PROVED), said(Verdict.REFUTED), said(Verdict.OPEN)
    assert "it holds in ideal arithmetic" in holds
    assert "or claim it in `arithmetic: real`" in holds
    assert "It fails in ideal arithmetic" in fails
    for text in (fails, unknown, said(None)):
        assert "it holds" not in text
        assert "arithmetic: real" not in text
    assert "It fails" not in unknown


def test_advice_takes_the_place_of_the_general_one() -> None:
    text = " ".join(plain(replace(OPEN, advice="Ask for less.")).split())
    assert f"{REASONS[Reason.TIME][0]} Ask for less." in text
    assert REASONS[Reason.TIME][1] not in text
    assert "open on the rest. No counterexample is known. Ask for less." in " ".join(
        plain(replace(PARTLY, advice="Ask for less.")).split()
    )


def test_every_assurance_is_shown() -> None:
    for assurance in Assurance:
        assert {"checked": "checked", "agreed": "no certificate", "solver": "one solver's word"}.get(
            assurance.value, ""
        ) in plain(claim(assurance=assurance))


def test_the_ideal_verdict_stands_beside_a_float32_one() -> None:
    assert "float32 (ideal arithmetic: REFUTED)" in plain(claim(ideal_verdict=Verdict.REFUTED))
    assert "ideal arithmetic:" not in plain(claim(arithmetic="real", ideal_verdict=None))


def test_proof_size_beside_brute_force() -> None:
    assert "27 steps instead of 1,000,001 runs" in plain(claim())
    assert "instead of" not in plain(claim(brute_force=None))
    assert "instead of" not in plain(PARTLY, VACUOUS)


def test_a_step_that_evaluates_every_point_is_no_saving() -> None:
    proof = claim().proof
    assert proof is not None
    assert "1,000,001 inputs · each one evaluated" in plain(claim(proof=replace(proof, steps=1, pointwise=True)))
    some = plain(claim(proof=replace(proof, steps=3, pointwise=True)))
    assert "3 steps (some point by point) instead of 1,000,001 runs" in " ".join(some.split())
    assert "1 step instead of" in plain(claim(proof=replace(proof, steps=1)))


def test_where_network_and_explanation_part_is_marked() -> None:
    lines = [line for line in plain(INTERCHANGE).splitlines() if "≠" in line]
    assert len(lines) == 1
    assert lines[0].split()[:3] == ["answer", "2.5", "0"]


def test_a_suspect_of_an_open_claim_is_not_called_a_counterexample() -> None:
    text = plain(replace(OPEN, reason=Reason.ROUNDING, counterexample=COUNTEREXAMPLE))
    assert "only ideal arithmetic is known to break it, at x_1 = 1, x_2 = 0" in " ".join(text.split())
    assert "breaks at" not in text
    assert "breaks at" in plain(INTERCHANGE)


def test_values_that_look_alike_are_told_apart() -> None:
    close = VariableRow("a", None, Fraction(11184811, 2**25), Fraction(1, 3))
    text = plain(replace(INTERCHANGE, counterexample=replace(COUNTEREXAMPLE, rows=(close,))))
    assert "≈ 0.333333" in text
    assert "≠ by 9.9e-9" in text


@pytest.mark.parametrize(
    ("refuted", "words"),
    [
        (None, "100 inputs"),
        ((1, 100), "100 inputs"),
        ((0, 100), "100 inputs"),
        ((1, 1), "broken on 1 of 100 inputs"),
        ((7, 100), "broken on at least 7 of 100 inputs"),
        ((7, 50), "broken on between 7 and 50 of 100 inputs"),
        ((100, 100), "broken on 100 of 100 inputs"),
    ],
)
def test_how_many_inputs_break_it(refuted: tuple[int, int] | None, words: str) -> None:
    result = replace(REFUTED, counts=InputCounts((100, 100), None, refuted, None))
    assert f"checked · {words} · " in plain(result)


def test_which_runtimes_show_it() -> None:
    def run(runtime: str, batching: str, shows: bool) -> Replay:
        return Replay(runtime, "1", batching, shows, {})

    assert seen_in(()) is None
    untold = replace(run("a", "single", False), untold=True)
    assert seen_in((untold,)) == "a 1 does not tell: the claim compares irrational numbers"
    assert seen_in((untold,), rounds=False) == "a 1 gives no value there"
    assert seen_in((run("a", "single", True),)) == "a 1 shows it"
    assert seen_in((run("a", "single", False),)) == "rounding hides it in a 1"
    mixed = seen_in((run("a", "single", True), run("a", "batched", False)))
    assert mixed == "a 1 shows it single; rounding hides it batched"


def test_the_summary_line() -> None:
    assert summary_line(one(claim())) == "1 claim: 1 proved. As expected."
    assert summary_line(one(claim(), REFUTED)) == "2 claims: 1 proved, 1 refuted. All as expected."
    assert summary_line(report()) == "Nothing to check: no claims were found."
    assert "Not as expected: slow." in summary_line(one(claim(), OPEN))
    assert "1 spec has mistakes" in summary_line(report(BROKEN))
    interrupted = summary_line(report(one(claim()).specs[0], interrupted=True))
    assert "Interrupted" in interrupted
    assert "As expected" not in interrupted
    many = summary_line(one(*(replace(OPEN, name=f"c{i}") for i in range(8))))
    assert "c4 and 3 more" in many


def test_an_error_marked_as_expected_is_not_believed() -> None:
    assert "Not as expected: error_one" in summary_line(one(replace(ERROR, as_expected=True)))


def test_what_must_be_trusted_is_always_listed() -> None:
    text = " ".join(plain(claim()).split())
    assert "To be trusted: the spec compiler, the model reader, the table of float errors, the kernel, Python." in text
    assert "  - the model reader: onnx" in plain(claim(), verbose=True)


def test_many_inputs_are_cut_with_a_count() -> None:
    found = replace(COUNTEREXAMPLE, inputs={f"x[{i}]": Fraction(i) for i in range(100)})
    text = " ".join(plain(replace(INTERCHANGE, counterexample=found)).split())
    assert "x[47] = 47, and 52 more" in text
    assert "x[48]" not in text


def test_notebook_text_and_html() -> None:
    assert claim_text(claim()).startswith("PROVED")
    for result in (PARTLY, VACUOUS, ERROR, INTERCHANGE):
        html = claim_html(result)
        assert result.name in html
        assert html.count("<table") == html.count("</table>")
        assert html.count("<tr>") == html.count("</tr>")
    text = report_text(report(SPEC, BROKEN))
    html = report_html(report(SPEC, BROKEN))
    for shown in (text, html):
        assert "difference_unit" in shown
        assert "unknown key `modle`" in shown
        assert "10 claims in 2 specs" in shown


@pytest.mark.parametrize(
    ("agreed", "samples", "words"),
    [
        (10_000, 10_000, "100% of 10,000 random pairs agree (seed 3)"),
        (9_999_999, 10_000_000, "99.999% of 10,000,000 random pairs agree (seed 3)"),
        (99_997, 100_000, "99.997% of 100,000 random pairs agree (seed 3)"),
        (1, 10_000_000, "less than 0.001% of 10,000,000 random pairs agree (seed 3)"),
        (0, 10_000, "0% of 10,000 random pairs agree (seed 3)"),
        (1, 3, "33.333% of 3 random pairs agree (seed 3)"),
    ],
)
def test_the_sampled_share_is_100_or_0_only_where_that_is_exact(agreed: int, samples: int, words: str) -> None:
    found = replace(INTERCHANGE, verdict=Verdict.PROVED, sampled=Sampled(agreed, samples, samples, 2, 3, 0.1))
    assert sampled(found) == words
    assert words in re.sub(r"\s+", " ", plain(found))


def test_the_sampled_share_says_what_it_is_not() -> None:
    one_of_three = Sampled(50, 50, 10_000, 3, 0, 2.0)
    begin = "100% of 50 random combinations agree (seed 0), of 10,000 asked for"
    assert sampled(replace(INTERCHANGE, verdict=Verdict.PROVED, sampled=one_of_three)) == begin
    refuted = replace(INTERCHANGE, sampled=one_of_three)
    assert sampled(refuted) == f"{begin}; the counterexample is not among them"
    assert sampled(replace(OPEN, sampled=one_of_three)) == f"{begin}; that settles nothing"
    assert sampled(claim()) is None


def test_what_set_changed_stands_at_the_head() -> None:
    changed = replace(SPEC, claims=(claim(),), parameters={"tol": Fraction(9), "n": Fraction(4)})
    text = render_report(report(changed), width=100, colour=False)
    assert "--set" not in text
    changed = replace(changed, declared={"tol": Fraction(1, 2)})
    text = render_report(report(changed), width=100, colour=False)
    assert "  --set changes this spec: tol = 9 in place of 0.5.\n" in text
    data = json.loads(report_json(report(changed)))["specs"][0]
    assert (data["parameters"], data["set"]) == ({"tol": "9", "n": "4"}, ["tol"])


@pytest.mark.parametrize("result", [OPEN, ERROR, HELD], ids=lambda r: r.name)
def test_what_proves_nothing_shows_no_proof(result: ClaimResult) -> None:
    found = Proof("modular", None, None, None, None, None, 0.0, None)
    assert "found by" not in plain(replace(result, proof=found), verbose=True)


def test_python_stands_last_among_what_is_trusted() -> None:
    one_spec, other = replace(SPEC, trusted=("a", "Python")), replace(SPEC, trusted=("z3", "Python"))
    text = render_report(report(one_spec, other), width=100, colour=False)
    assert "To be trusted: a, z3, Python." in text


def marks(*rows: VariableRow) -> list[str]:
    text = plain(replace(INTERCHANGE, counterexample=replace(COUNTEREXAMPLE, rows=rows)))
    lines = [line for line in text.splitlines() if any(line.split()[:1] == [row.name] for row in rows)]
    return [" ".join(line.split()[3:]) for line in lines]


def test_a_difference_that_the_claim_allows_is_not_the_one_that_breaks_it() -> None:
    near = VariableRow("near", None, Fraction(3, 2), Fraction(1), within=Fraction(1, 2))
    far = VariableRow("far", None, Fraction(5), Fraction(1), within=Fraction(1, 2))
    assert marks(near, far) == ["≈ by 5.0e-1", "≠"]
    assert marks(replace(near, within=Fraction(1, 3))) == ["≠"]
    assert marks(replace(near, within=Fraction(0))) == ["≠"]


def test_rounding_beside_a_visible_difference_is_no_reason() -> None:
    rounded = VariableRow("third", None, Fraction(2**24 + 1, 2**24), Fraction(1))
    far = VariableRow("far", None, Fraction(5), Fraction(1))
    assert [mark.split()[-3:] for mark in marks(rounded, far)] == [["≈", "by", "6.0e-8"], ["≠"]]
    assert marks(rounded)[0].endswith("≠ by 6.0e-8")


def test_the_largest_difference_found() -> None:
    def said(found: Fraction, allowed: Fraction, bound: str = "tol", runtime: str | None = None) -> str:
        one = Closeness(bound, allowed, found, True, {}, {}, runtime)
        return " ".join(plain(replace(OPEN, closeness=(one,))).split())

    assert "largest difference found: 24, of 50 allowed (tol)" in said(Fraction(24), Fraction(50))
    assert "found: 2.5 in torch 2, of 3 allowed notion" in said(Fraction(5, 2), Fraction(3), "3", "torch 2")
    close = said(Fraction(1, 3) + Fraction(1, 10**9), Fraction(1, 3), "the tolerance")
    assert "≈ 0.333333, of ≈ 0.333333 allowed, 1.0e-9 above" in close
    assert "1.0e-9 below" in said(Fraction(1, 3) - Fraction(1, 10**9), Fraction(1, 3))


def test_open_says_where() -> None:
    """Also where nothing is proved; what a part took to check is not the time of the whole."""
    region = Region({}, (16, 16), Fraction(1), of_box=False)
    text = render_claim(replace(OPEN, regions=Regions((), (region,))), width=100, colour=False)
    assert "on all inputs: it is proved on no part of them" in text
    assert "checked in" in render_claim(claim(), width=100, colour=False, verbose=True)
    assert "checked in" not in render_claim(PARTLY, width=100, colour=False, verbose=True)
