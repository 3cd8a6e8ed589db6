"""Which preconditions are needed, which can go together, and how far their numbers go."""

from fractions import Fraction as F
from pathlib import Path

import pytest
from variants_making import variants_of

from mechverify.engines.processes.kernel import check_certificate
from mechverify.scope.preconditions import needed
from mechverify.scope.variants import Tried, Variant, Variants
from mechverify.scope_results import Needed, NeededReport
from mechverify.verdict import Verdict
from mechverify.verification.certificate_file import read_certificate

BOX = "x: {integers: 0 .. 90}, y: {integers: 0 .. 90}"


def told(folder: Path, preconditions: str, claim: str = "network.out <= 60", **more: str) -> NeededReport:
    variants = variants_of(folder, claim, BOX, preconditions=preconditions, arguments="x, y", body="x + y", **more)
    return needed(variants, written(variants), 60.0)


def written(variants: Variants) -> Tried:
    return variants.tried(Variant("as written"), 5.0)


def named(report: NeededReport) -> dict[str, Needed]:
    return {one.name: one for one in report.each}


def test_needed_and_not(tmp_path: Path) -> None:
    report = told(tmp_path, "few: x <= 20, some: y <= 30, odd: x % 2 == 1 or x == 0")
    few, some, odd = report.each
    assert [(one.name, one.needed) for one in report.each] == [("few", True), ("some", True), ("odd", False)]
    assert (report.together, report.exclusive) == (("odd",), False)
    assert few.witness is not None
    at = few.witness.counterexample.inputs
    assert at["x"] + at["y"] > 60  # type: ignore[operator]
    assert at["y"] <= 30  # type: ignore[operator]
    assert odd.witness is None
    assert odd.certificate is not None
    assert "without_odd" in odd.certificate.name
    assert [(one.form, one.reach.proved, one.reach.refuted) for one in few.loosened] == [("x <= k", 30, 31)]
    ((form, condition),) = [(one.form, one.condition) for one in some.loosened]
    assert (form, condition) == ("y <= k", "y <= 41" if some.loosened[0].reach.proved == 41 else "y <= 40")
    for one in (*few.loosened, *some.loosened):
        assert one.reach.exact
        assert one.reach.certificate is not None
        assert check_certificate(read_certificate(one.reach.certificate), 60.0).answer == "valid"


def test_two_of_which_either_is_enough(tmp_path: Path) -> None:
    report = told(tmp_path, "few: x <= 5 and y <= 40, less: x + y <= 45, other: y <= 80")
    assert {one.name: one.needed for one in report.each} == {"few": False, "less": False, "other": False}
    assert set(report.together) in ({"few", "other"}, {"less", "other"})
    assert report.exclusive


def test_all_that_are_not_needed_may_go(tmp_path: Path) -> None:
    report = told(tmp_path, "odd: x % 2 == 1, even: y % 2 == 0", claim="network.out <= 180")
    assert (report.together, report.exclusive) == (("odd", "even"), False)
    assert all(one.loosened == () for one in report.each)


def test_an_equality_becomes_a_distance(tmp_path: Path) -> None:
    report = told(tmp_path, "same: x == y", claim="abs(2 * x - network.out) <= 7")
    ((form, reach),) = [(one.form, one.reach) for one in named(report)["same"].loosened]
    assert (form, reach.proved, reach.refuted, reach.exact) == ("abs(x - y) <= k", 7, 8, True)
    assert named(report)["same"].loosened[0].condition == "abs(x - y) <= 7"


def test_a_lower_bound_goes_down(tmp_path: Path) -> None:
    (one,) = told(tmp_path, "many: x > 49.5", claim="network.out >= 13").each
    (loose,) = one.loosened
    assert (loose.form, loose.written, loose.reach.proved, loose.reach.refuted) == ("x >= k", F(99, 2), 13, 12)


def test_of_a_claim_that_fails_nothing_is_asked(tmp_path: Path) -> None:
    report = told(tmp_path, "few: x <= 70")
    assert (report.verdict, report.each) == (Verdict.REFUTED, ())


def test_without_preconditions_there_is_nothing(tmp_path: Path) -> None:
    variants = variants_of(tmp_path, "network.out <= 180", BOX, arguments="x, y", body="x + y")
    assert needed(variants, written(variants), 10.0).each == ()


def test_the_order_of_work_is_by_what_the_proof_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("mechverify.scope.preconditions.needed_preconditions", lambda *_: ("few",))
    real = Variants.tried

    def trying(self: Variants, variant: Variant, *rest: object) -> Tried:
        asked.append(variant.name)
        return real(self, variant, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Variants, "tried", trying)
    told(tmp_path, "few: x + y <= 50, odd: x % 2 == 1")
    assert asked[1:3] == ["without odd", "without few"]
