"""Which differences between two versions are gains, and which are faults."""

import sys

import pytest
from doc_blocks import ROOT

sys.path.append(str(ROOT / "benchmarks"))
from differences import FAULTS, Difference, Said, difference

OPEN, PARTLY = Said("OPEN", reason="time"), Said("PARTLY", "checked")
CHECKED, AGREED = Said("PROVED", "checked"), Said("PROVED", "agreed")
REFUTED, HELD, VACUOUS = Said("REFUTED", "replayed"), Said("HELD", "run"), Said("VACUOUS", "checked")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (CHECKED, CHECKED, Difference.SAME),
        (OPEN, Said("OPEN", reason="memory"), Difference.SAME),
        (OPEN, CHECKED, Difference.STRONGER),
        (OPEN, PARTLY, Difference.STRONGER),
        (PARTLY, REFUTED, Difference.STRONGER),
        (AGREED, CHECKED, Difference.STRONGER),
        (HELD, CHECKED, Difference.STRONGER),
        (Said("REFUTED", "replayed"), Said("REFUTED", "checked"), Difference.STRONGER),
        (CHECKED, OPEN, Difference.WEAKER),
        (CHECKED, AGREED, Difference.WEAKER),
        (CHECKED, HELD, Difference.WEAKER),
        (REFUTED, OPEN, Difference.WEAKER),
        (REFUTED, Said("ERROR"), Difference.WEAKER),
        (CHECKED, REFUTED, Difference.CONTRADICTION),
        (REFUTED, AGREED, Difference.CONTRADICTION),
        (HELD, REFUTED, Difference.CONTRADICTION),
        (VACUOUS, REFUTED, Difference.CONTRADICTION),
        (VACUOUS, CHECKED, Difference.CHANGED),
        (None, CHECKED, Difference.READ_BY_ONE),
        (CHECKED, None, Difference.READ_BY_ONE),
        (None, None, Difference.SAME),
    ],
)
def test_differences(old: Said | None, new: Said | None, expected: Difference) -> None:
    assert difference(old, new) is expected


@pytest.mark.parametrize("old", [OPEN, CHECKED, REFUTED, None])
def test_a_verdict_against_the_truth_is_wrong_whatever_the_other_version_says(old: Said | None) -> None:
    for wrong in (CHECKED, AGREED, HELD):
        assert difference(old, wrong, true=False) is Difference.WRONG
    assert difference(old, REFUTED, true=True) is Difference.WRONG


def test_what_was_wrong_and_is_no_longer() -> None:
    assert difference(CHECKED, REFUTED, true=False) is Difference.MENDED
    assert difference(CHECKED, OPEN, true=False) is Difference.MENDED
    assert difference(REFUTED, CHECKED, true=True) is Difference.MENDED


def test_faults() -> None:
    assert Difference.WRONG in FAULTS
    assert Difference.CONTRADICTION in FAULTS
    assert Difference.WEAKER in FAULTS
    assert Difference.STRONGER not in FAULTS


def test_words() -> None:
    assert [one.words for one in (CHECKED, OPEN, Said("ERROR"))] == ["PROVED (checked)", "OPEN (time)", "ERROR"]
