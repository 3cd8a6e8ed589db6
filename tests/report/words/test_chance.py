"""Probabilities in words: as many digits as matter, and nothing sampled that sounds like a proof."""

from dataclasses import replace
from fractions import Fraction as F

import pytest
from report_samples import COUNTEREXAMPLE, claim

from mechverify.probability.bracket import Bracket
from mechverify.report.json.claims import claim_data
from mechverify.report.text.claims import render_claim
from mechverify.report.words.chance import chance_lines, exception_lines, number, percent, probability
from mechverify.results import Chance, Exceptions, ExceptionShown, Sample
from mechverify.verdict import Assurance, Verdict

SAMPLE = Sample(
    990, 1000, 1000, 7, True, F(99, 100), 4, Bracket(F(97, 100), F(998, 1000)), ("onnxruntime 1.32.0 (single)",)
)
CHANCE = Chance(F(95, 100), False, Bracket(F(9, 10), F(1)), Bracket.at(F(1, 2)), Bracket.at(F(1, 4)), sample=SAMPLE,
                same_work=(500, 0.03), distribution=("x: 0 counts 3",))  # fmt: skip


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (F(0), "0%"),
        (F(1), "100%"),
        (F(1, 2), "50%"),
        (F(1, 3), "≈ 33.333%"),
        (F(999_999, 1_000_000), "99.9999%"),
        (F(2, 3_000_000), "≈ 0.0000666%"),
        (1 - F(6, 10**12), "100% less 6.0e-10%"),
        (F(7, 10**14), "7.0e-12%"),
    ],
)
def test_percent(value: F, text: str) -> None:
    assert percent(value) == text


def test_only_what_is_certain_is_0_or_100() -> None:
    for digits in range(1, 20):
        for value in (F(1, 3 * 10**digits), 1 - F(1, 3 * 10**digits)):
            assert percent(value).removeprefix("≈ ") not in ("0%", "100%")


def test_an_interval_says_what_is_open() -> None:
    assert probability(Bracket(F(1, 4), F(1, 2))) == "between 25% and 50%: 25% is open"
    assert probability(Bracket.at(F(2, 3))) == "≈ 66.666% (2 of 3)"
    assert number(Bracket(F(1), F(5, 2))) == "between 1 and 2.5"
    assert number(Bracket(F(1, 3), F(1, 3) + F(1, 10**9))) == "≈ 0.333333"


def test_what_a_sample_would_tell_is_told_where_it_is_asked_for() -> None:
    found = replace(claim(), chance=CHANCE)
    words = "the work of 500 random inputs; these would tell the probability to within 3.0%"
    assert words not in render_claim(found, width=400)
    assert words in render_claim(found, width=400, verbose=True)


def test_a_likely_claim_is_never_worded_as_proved() -> None:
    likely = replace(claim(), verdict=Verdict.LIKELY, assurance=Assurance.SAMPLED, proof=None, chance=CHANCE)
    text = render_claim(likely, width=400)
    assert "LIKELY" in text
    assert "990 of 1,000 random inputs, in onnxruntime 1.32.0 (single) (seed 7, seed and size fixed in the spec)" in text
    assert "99% confidence for all 4 claims of the family together (Bonferroni), 0.125% for each end" in text
    assert "not proved" in text
    assert "PROVED" not in text.replace("ideal arithmetic: PROVED", "")
    opened = " ".join(t for _, t in chance_lines(replace(likely, verdict=Verdict.OPEN)))
    assert "that settles nothing" in opened
    assert "x: 0 counts 3" in opened


def test_exceptions() -> None:
    shown = ExceptionShown("most probable", COUNTEREXAMPLE, F(1, 8), F(3))
    ((label, few), (_, one)) = exception_lines(Exceptions(Bracket.at(1), (shown,), complete=True))
    assert (label, few) == ("exceptions", "one:")
    assert one.endswith("(most probable; fails by 3)")
    ((_, many), (_, other)) = exception_lines(Exceptions(Bracket(F(5), F(9)), (shown,), complete=False))
    assert many == "between 5 and 9 inputs"
    assert "probability 12.5%" in other
    assert list(exception_lines(Exceptions(Bracket.at(0), (), complete=True))) == [("exceptions", "none")]
    for total, words in [
        (None, "not counted; none was found"),
        (Bracket(F(0), F(9)), "between 0 and 9 inputs; none was found"),
        (Bracket.at(7), "7 inputs; none was found"),
    ]:
        assert list(exception_lines(Exceptions(total, (), complete=False))) == [("exceptions", words)]
    assert next(exception_lines(Exceptions(None, (shown,), complete=False))) == ("exceptions", "such as")
    none = exception_lines(Exceptions(Bracket.at(0), (), complete=True), weighed=True)
    assert list(none) == [("exceptions", "none that has a probability")]
    assert list(exception_lines(None)) == []


def test_json_loses_nothing() -> None:
    found = Exceptions(Bracket(F(5), F(9)), (ExceptionShown("", COUNTEREXAMPLE, F(1, 3)),), complete=False)
    data = claim_data(replace(claim(), chance=CHANCE, exceptions=found))
    assert data["probability"]["exact"] == {"at_least": "0.9", "at_most": "1"}
    assert data["probability"]["sampled"]["interval"] == ["0.97", "0.998"]
    assert data["probability"]["sampled"]["confidence"] == "0.99"
    assert data["exceptions"]["total"] == {"at_least": "5", "at_most": "9"}
    assert data["exceptions"]["listed"][0]["probability"] == "1/3"
    assert data["exceptions"]["listed"][0]["counterexample"]["inputs"]
    assert claim_data(claim())["probability"] is None
