"""The tables of a page."""

from dataclasses import replace
from fractions import Fraction

from probe_samples import GOOD, SURVIVOR
from report_samples import COUNTEREXAMPLE

from mechverify.dossier_results import Constant, ConstantNetwork, Ease, Share, ToleranceShare
from mechverify.report.page.tables import ease_rows, grouped_text, point, probe_table


def test_a_point_marks_where_network_and_explanation_part() -> None:
    shown = point("A title", COUNTEREXAMPLE, breaks=True)
    assert shown.inputs == "x_1 = 1, x_2 = 0"
    assert shown.header == ("part of the explanation", "network", "explanation", "agree?")
    assert shown.rows == (
        (("difference", "1", "1", "yes"), False),
        (("answer", "2.5", "0", "apart by 2.5"), True),
        (("step", "–", "≈ 0.333333", "–"), False),
    )
    assert shown.closing == "False there: abs(network.answer - answer) <= 0.25"
    near = replace(COUNTEREXAMPLE.rows[1], within=Fraction(5, 2))
    (row,) = point("t", replace(COUNTEREXAMPLE, rows=(near,)), breaks=True).rows
    assert row == (("answer", "2.5", "0", "apart by 2.5, as the claim allows"), False)
    (row,) = point("t", replace(COUNTEREXAMPLE, rows=COUNTEREXAMPLE.rows[1:2]), breaks=False).rows
    assert row == (("answer", "2.5", "0", "apart by 2.5"), False)
    truth = replace(COUNTEREXAMPLE.rows[1], network=True)
    assert point("t", replace(COUNTEREXAMPLE, rows=(truth,)), breaks=True).rows[0] == (("answer", "true", "0", "no"), True)


def test_a_difference_that_the_claim_does_not_speak_of_is_told_as_such() -> None:
    for breaks in (True, False):
        rows = point("t", COUNTEREXAMPLE, breaks=breaks, spoken=frozenset({"difference"})).rows
        assert rows[1] == (("answer", "2.5", "0", "apart by 2.5; the claim does not speak of it"), False)
    rows = point("t", COUNTEREXAMPLE, breaks=True, spoken=frozenset({"answer"})).rows
    assert rows[1] == (("answer", "2.5", "0", "apart by 2.5"), True)


def test_long_numbers_are_read_in_threes() -> None:
    shown = {
        Fraction(1234567): "1,234,567", Fraction(-1000): "-1,000", Fraction(999): "999", Fraction(12345, 10): "1,234.5",
        Fraction(1, 30000): "≈ 3.33333e-5", Fraction(10**40): "1e+40", Fraction(123456789, 10**9): "0.123456789",
    }  # fmt: skip
    assert {value: grouped_text(value) for value in shown} == shown
    assert grouped_text((Fraction(1000), Fraction(2))) == "[1,000, 2]"


def test_what_passes_easily_is_remarked() -> None:
    easy, hard = Share(60, 100), Share(1, 100)
    tolerance = ToleranceShare("tol", Fraction(1), "y", Fraction(0), Fraction(5))
    fixed = ConstantNetwork({("network", "y"): Fraction(3), ("other", "y"): True}, hard)
    rows = ease_rows(Ease(Share(100, 100), (Constant("y", "3", easy),), fixed, hard, None, (tolerance,), 0))
    assert rows[2].what == "a network that says the same of every input: y = 3, other.y = true"
    assert [row.passes for row in rows] == [
        "100% of 100 random cases", "60% of 100 random cases", "1% of 100 random cases", "1% of 100 random cases",
        "20% of it",
    ]  # fmt: skip
    assert [bool(row.remark) for row in rows] == [False, True, False, False, True]
    assert rows[1].remark == "On half of the cases or more a constant does as well."
    narrow = replace(tolerance, allowed=Fraction(1, 100))
    rows = ease_rows(Ease(hard, (), None, None, "no model has weights to shuffle", (narrow,), 0))
    assert [row.remark for row in rows[1:]] == ["no model has weights to shuffle.", ""]


def test_the_wrong_explanations_that_were_not_caught_are_listed() -> None:
    table = probe_table(replace(GOOD, mutants=(*GOOD.mutants, SURVIVOR)))
    assert table.sentence.startswith("2 wrong explanations tried, of 7 possible changes: 1 caught.")
    assert "1 more change turned out to say the same as the original." in table.sentence
    assert table.missed == (("constant of “gap”: 0 -> 1", "not caught: the claim is true of it as well"),)
    assert [fate for _, fate in table.controls] == ["caught", "not tried: no model has weights to shuffle"]
    assert probe_table(replace(GOOD, mutants=())).sentence.startswith("There was nothing")
    assert not table.recoded
    assert probe_table(replace(GOOD, mutants=(replace(SURVIVOR, kind="re-encoded"),))).recoded
