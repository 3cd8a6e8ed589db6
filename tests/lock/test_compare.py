"""What is less than the lock file says fails, in whatever way it is less; what is more does not."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from mechverify.lock.compare import Difference, differences
from mechverify.lock.file import Locked
from mechverify.verdict import Assurance, Verdict

WAS = Locked(Verdict.PROVED, Assurance.CHECKED, 100, "c", "f")


def changed(was: Locked, **changes: Any) -> list[Difference]:
    return list(differences({"a": was}, {"a": replace(was, **changes)}, {}))


@pytest.mark.parametrize("verdict", [v for v in Verdict if v is not Verdict.PROVED])
def test_no_other_verdict_is_as_good_as_a_proof(verdict: Verdict) -> None:
    (one,) = changed(WAS, verdict=verdict)
    assert (one.weaker, one.words) == (True, f"was PROVED and is {verdict.value}")


def test_more_than_was_locked_is_no_failure() -> None:
    rising = (Verdict.OPEN, Verdict.PARTLY, Verdict.HELD, Verdict.PROVED)
    for before, after in pairwise(rising):
        assert [d.weaker for d in changed(replace(WAS, verdict=before), verdict=after)] == [False]
        assert [d.weaker for d in changed(replace(WAS, verdict=after), verdict=before)] == [True]
    assert [d.weaker for d in changed(replace(WAS, verdict=Verdict.OPEN), verdict=Verdict.REFUTED)] == [False]
    assert [d.weaker for d in changed(replace(WAS, verdict=Verdict.REFUTED), verdict=Verdict.PROVED)] == [True]
    assert [d.weaker for d in changed(replace(WAS, verdict=Verdict.VACUOUS), verdict=Verdict.OPEN)] == [True]


@pytest.mark.parametrize("verdict", [Verdict.PARTLY, Verdict.LIKELY, Verdict.HELD, Verdict.PROVED])
def test_what_told_for_a_claim_is_lost_where_it_is_refuted(verdict: Verdict) -> None:
    assert [d.weaker for d in changed(replace(WAS, verdict=verdict), verdict=Verdict.REFUTED)] == [True]


def test_a_weaker_assurance_is_less() -> None:
    for before, after in pairwise(Assurance):
        assert [d.weaker for d in changed(replace(WAS, assurance=before), assurance=after)] == [True]
        assert [d.weaker for d in changed(replace(WAS, assurance=after), assurance=before)] == [False]
    assert [d.weaker for d in changed(WAS, assurance=None)] == [True]


def test_fewer_inputs_are_less() -> None:
    assert [(d.weaker, d.words) for d in changed(WAS, inputs=99)] == [
        (True, "was established on 100 inputs and is on 99")
    ]
    assert [d.weaker for d in changed(WAS, inputs=101)] == [False]
    assert [d.weaker for d in changed(WAS, inputs=None)] == [True]
    assert changed(replace(WAS, inputs=None), inputs=7) == []


def test_another_claim_is_not_the_one_that_was_locked() -> None:
    assert [d.weaker for d in changed(WAS, formal="g")] == [True]
    assert [d.weaker for d in changed(WAS, formal=None)] == [True]
    assert [d.weaker for d in changed(replace(WAS, formal=None))] == [True]


def test_another_certificate_is_only_told() -> None:
    assert [(d.weaker, d.words) for d in changed(WAS, certificate="d")] == [(False, "has another certificate")]
    assert changed(WAS) == []


def test_what_is_gone_fails_and_what_is_new_does_not() -> None:
    found = list(differences({"a": WAS, "b": WAS, "c": WAS}, {"d": WAS}, {"a": None, "b": "has mistakes"}))
    assert found == [
        Difference("a", "is gone"),
        Difference("b", "has mistakes"),
        Difference("d", "is not in the lock file", weaker=False),
    ]
