"""One claim in plain words."""

from dataclasses import replace
from fractions import Fraction
from typing import get_args

import pytest
from report_samples import EVERY_CLAIM, HELD, INTERCHANGE, OPEN, PARTLY, REALS, REFUTED, VACUOUS, claim

from mechverify.probability.bracket import Bracket
from mechverify.report.lay.claim import HEADLINES, KINDS, expectation, how_sure, kind, not_claimed, verdict_sentence
from mechverify.results import Chance, ClaimResult, InputCounts, Notion
from mechverify.verdict import Assurance, Reason, Verdict


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (claim(), "Proved for all 1,000,001 inputs, without exception."),
        (REALS, "Proved for all inputs in the ranges given (real numbers cannot be counted), without exception."),
        (replace(claim(), counts=InputCounts((1, 1))), "Proved for the one input there is, without exception."),
        (REFUTED, "False: there is at least one case in which it fails, of 1,000,000,000,000 inputs."),
        (INTERCHANGE, ("False: there is at least one case in which it fails, of between 5 and 9 combinations of inputs. In a "
         "random sample of 10,000 it failed on 3.")),
        (HELD, "It was run on the one input there is, and held each time. That is no proof for other software."),
        (PARTLY, "Proved on a part of the inputs (60 of 100). On the rest it is not known, and nothing speaks against it."),
        (OPEN, "Not known: the time did not suffice. It may be true, and it may be false."),
        (VACUOUS, "Empty: the claim is so put that nothing was tested."),
    ],
)  # fmt: skip
def test_verdicts(one: ClaimResult, words: str) -> None:
    assert verdict_sentence(one) == words


def test_shares_and_averages() -> None:
    half = Bracket.at(Fraction(1, 2))
    share = claim(chance=Chance(Fraction(1, 4), exact=half))
    assert verdict_sentence(share) == "Proved. It holds with probability 50% (1 of 2)."
    average = Chance(Fraction(0), average=True, exact=half)
    assert verdict_sentence(claim(chance=average)) == "Proved. The average keeps the bound that is claimed (to spare: 0.5)."
    assert "The average misses the bound" in verdict_sentence(replace(REFUTED, chance=average))
    assert verdict_sentence(claim(chance=Chance(Fraction(1)))) == "Proved. How often it holds was not told."


def test_every_verdict_notion_and_assurance_has_words() -> None:
    assert set(HEADLINES) == set(Verdict)
    assert set(KINDS) == set(get_args(Notion)), "a new notion wants plain words"
    assert kind(claim(notion="odd"))[0] == "odd"
    assert len(not_claimed(claim(notion="odd"))) == 2
    assert all(verdict_sentence(claim(verdict=Verdict.OPEN, reason=reason)) for reason in Reason)
    for one in EVERY_CLAIM:
        assert verdict_sentence(one)
        assert kind(one) == KINDS[one.notion]
    for assurance in Assurance:
        assert how_sure(claim(assurance=assurance)).endswith(".")
    assert how_sure(claim(assurance=None)) == "Nothing was established."
    assert how_sure(REFUTED).startswith("Certain: a small separate program computed the counterexample")


@pytest.mark.parametrize("notion", KINDS)
def test_what_nobody_may_read_into_a_claim(notion: str) -> None:
    assert len(not_claimed(claim(notion=notion))) == 3
    assert any("rounds" in words for words in not_claimed(claim(arithmetic="real")))
    assert len(not_claimed(claim(arithmetic="integer"))) == 2


def test_what_the_author_announced() -> None:
    assert expectation(claim()) is None
    assert expectation(REFUTED) == "As announced: the author put this claim here to show that it is false."
    assert expectation(OPEN) == "Not as announced: the author expected PROVED."
    assert expectation(HELD) == "As announced: the author expected HELD."
    assert expectation(claim(smallest_margin=Fraction(1))) is None
