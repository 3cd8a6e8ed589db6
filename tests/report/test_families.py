"""Large families: what is as expected in a line, what is not in full, and no more of it than a reader can take in."""

import json
from dataclasses import replace
from fractions import Fraction

import pytest
from report_samples import ERROR, OPEN, REFUTED, claim, one

from mechverify.report.families import IN_FULL, shown_claims
from mechverify.report.json.claims import report_json
from mechverify.report.notebook import report_html, report_text
from mechverify.report.text.claims import render_report, summary_line
from mechverify.report.view import ClaimView, Line
from mechverify.results import ClaimResult
from mechverify.verdict import Assurance, Verdict


def member(k: int, kind: ClaimResult) -> ClaimResult:
    return replace(kind, name=f"swap[i={k}]", group="swap")


PROVED = [member(k, claim()) for k in range(100)]
BROKEN = [member(k, replace(REFUTED, expect="proved", as_expected=False)) for k in range(100, 134)]


def text(*claims: ClaimResult, verbose: bool = False) -> str:
    return render_report(one(*claims), width=100, colour=False, verbose=verbose)


def test_what_is_as_expected_is_one_entry_with_an_example() -> None:
    found = text(*PROVED)
    assert "PROVED   swap  100 of 100 members · checked · 1 min 20 s in all\n" in found
    assert "for example  swap[i=0]: For all x_1 and x_2" in found
    assert "swap[i=1]" not in found
    assert len(found.splitlines()) < 25
    assert "100 claims: 100 proved. All as expected." in found


def test_names_come_with_verbose() -> None:
    assert "swap[i=0], swap[i=1], swap[i=2]" in " ".join(text(*PROVED, verbose=True).split())


def test_the_first_that_are_not_as_expected_are_shown_in_full() -> None:
    found = text(*PROVED, *BROKEN)
    assert "100 of 134 members" in found
    assert found.count("breaks at") == 8
    assert [f"swap[i={k}]" for k in range(100, 108)] == [
        line.split()[1] for line in found.splitlines() if line.startswith("REFUTED")
    ]
    assert "and 26 more members of swap not as expected (26 REFUTED); -v shows them" in found
    assert text(*PROVED, *BROKEN, verbose=True).count("breaks at") == 34


def test_a_mark_of_its_own_does_not_make_an_error_expected() -> None:
    wrong = [member(k, replace(ERROR, as_expected=True)) for k in range(3)]
    assert text(*PROVED, *wrong).count("The kernel rejected the proof.") == 3


def test_different_assurances_are_not_summed_together() -> None:
    agreed = [member(k, claim(assurance=Assurance.AGREED)) for k in range(100, 110)]
    found = text(*PROVED, *agreed)
    assert "100 of 110 members · checked" in found
    assert "10 of 110 members · agreed by two solvers, no certificate" in found
    ideal = [replace(one, ideal_verdict=Verdict.OPEN) for one in PROVED[:3]]
    assert "3 of 100 members" in text(*ideal, *PROVED[3:])


def test_wanted_refutations_are_summed_too() -> None:
    assert "REFUTED  swap  9 of 9 members · checked · 7.2 s in all · as expected" in text(
        *(member(k, REFUTED) for k in range(9))
    )


@pytest.mark.parametrize("size", [1, IN_FULL])
def test_small_families_and_single_claims_are_shown_one_by_one(size: int) -> None:
    assert len(shown_claims(PROVED[:size])) == size
    assert len(shown_claims([claim()] * 20)) == 20
    assert len(shown_claims(PROVED[: IN_FULL + 1])) == 1


def test_the_list_of_all_computations_is_not_lost() -> None:
    rows = ((("x", Fraction(1)),), (("x", Fraction(2)),))
    found = text(replace(PROVED[0], table=rows), *PROVED[1:])
    assert "The list of all 2 computations is shorter" in found


def test_what_is_shown_is_a_view_or_a_line() -> None:
    kinds = [type(shown) for shown in shown_claims([claim(), *PROVED, *BROKEN, OPEN])]
    assert kinds == [ClaimView] * 10 + [Line, ClaimView]


def test_json_notebook_and_summary_have_all_of_them() -> None:
    report = one(*PROVED, *BROKEN)
    assert len(json.loads(report_json(report))["specs"][0]["claims"]) == 134
    assert "134 claims: 100 proved, 34 refuted." in summary_line(report)
    for shown in (report_text(report), report_html(report)):
        assert "100 of 134 members" in shown
        assert "and 26 more members" in shown
