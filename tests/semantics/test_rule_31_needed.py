"""SEMANTICS 31: needed is said of one precondition at a time, with a replayed witness; not needed, with a proof."""

from pathlib import Path

from variants_making import variants_of

from mechverify.scope.preconditions import needed
from mechverify.scope.variants import Variant
from mechverify.scope_results import NeededReport
from mechverify.verdict import Verdict

INPUTS = "x: {integers: 0 .. 30}, y: {integers: 0 .. 30}"


def told(folder: Path, claim: str, preconditions: str) -> NeededReport:
    variants = variants_of(folder, claim, INPUTS, preconditions=preconditions, arguments="x, y")
    return needed(variants, variants.tried(Variant("as written"), 5.0), 40.0)


def test_two_that_imply_each_other_are_both_not_needed_and_cannot_both_go(tmp_path: Path) -> None:
    report = told(tmp_path, "network.out <= 9", "few: x <= 9, same: 2 * x <= 18, other: y <= 20")
    assert {one.name: one.needed for one in report.each} == {"few": False, "same": False, "other": False}
    assert len(report.together) == 2
    assert "other" in report.together
    assert report.exclusive


def test_a_needed_one_has_a_witness_that_meets_all_the_others(tmp_path: Path) -> None:
    report = told(tmp_path, "network.out <= 9", "few: x <= 9, odd: x % 2 == 1, low: y <= 3")
    (few,) = [one for one in report.each if one.needed]
    assert few.name == "few"
    assert few.witness is not None
    at = few.witness.counterexample.inputs
    assert (at["x"] > 9, at["x"] % 2, at["y"] <= 3) == (True, 1, True)  # type: ignore[operator]
    assert [one.certificate is not None for one in report.each if one.needed is False] == [True, True]


def test_it_is_asked_of_what_is_proved(tmp_path: Path) -> None:
    report = told(tmp_path, "network.out <= 9", "few: x <= 10")
    assert (report.verdict, report.each) == (Verdict.REFUTED, ())
