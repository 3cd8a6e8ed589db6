"""The map beside a verdict: counts against listing all inputs, and where there is none."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from mechverify import api
from mechverify.deciding import combine
from mechverify.deciding.decision import Decision
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.roads import Decided
from mechverify.engines.processes.kernel import KernelAnswer
from mechverify.mapping import making
from mechverify.report.json.claims import claim_data
from mechverify.report.json.scope import scope_data
from mechverify.report.text.claims import render_claim
from mechverify.results import ClaimResult
from mechverify.verdict import Assurance, Reason, Verdict
from mechverify.verification import claim as verifying

SPEC = """mechverify: 1
title: t
inputs: {{a: {{integers: 0 .. 40}}, b: {{integers: 0 .. 40}}}}
{preconditions}
claims:
  c: {{always: "{claim}"}}
"""
OPTIONS = VerifyOptions(scope=True)


def written(folder: Path, claim: str, preconditions: str = "") -> Path:
    path = folder / "s.yaml"
    path.write_text(SPEC.format(claim=claim, preconditions=preconditions and f"preconditions: {{p: {preconditions}}}"))
    return path


def verified(folder: Path, claim: str, preconditions: str = "", options: VerifyOptions = OPTIONS) -> ClaimResult:
    return api.verify_paths([written(folder, claim, preconditions)], options).specs[0].claims[0]


def sizes(claim: ClaimResult) -> dict[tuple[str, str], int]:
    assert claim.scope is not None
    assert all(one.amount.low == one.amount.high for one in claim.scope.sizes)
    return {(one.place, one.verdict): int(one.amount.low) for one in claim.scope.sizes}


def test_a_refuted_claim_is_counted_inside_and_outside(tmp_path: Path) -> None:
    claim = verified(tmp_path, "max(a, b) - min(a, b) <= 7 or a + b >= 50", "a <= b + 12")
    assert claim.verdict is Verdict.REFUTED
    wanted: dict[tuple[str, str], int] = {}
    for a in range(41):
        for b in range(41):
            holds = abs(a - b) <= 7 or a + b >= 50
            label = "inside" if a <= b + 12 else "outside", "proved" if holds else "refuted"
            wanted[label] = wanted.get(label, 0) + 1
    assert sizes(claim) == wanted
    text = render_claim(claim, width=100)
    total = wanted["inside", "proved"] + wanted["inside", "refuted"]
    assert f"where        holds on {wanted['inside', 'proved']} of {total:,} inputs" in text
    assert f"outside      holds on {wanted['outside', 'proved']} of" in text


def test_it_is_the_document_of_scope(tmp_path: Path) -> None:
    claim = verified(tmp_path, "a <= b or a <= 5")
    wanted = scope_data(api.scope(tmp_path / "s.yaml", "c", VerifyOptions()))["specs"][0]["claims"][0]["scope"]
    found = claim_data(claim)["scope"]
    assert list(found) == list(wanted)
    assert {key: found[key] for key in ("inputs", "exact", "finished", "parts", "leaves", "sha256")} == {
        key: wanted[key] for key in ("inputs", "exact", "finished", "parts", "leaves", "sha256")
    }


def test_of_a_proved_claim_the_outside_is_told_alone(tmp_path: Path) -> None:
    claim = verified(tmp_path, "a <= b + 3", "a <= b")
    assert claim.verdict is Verdict.PROVED
    text = render_claim(claim, width=100)
    assert "outside      holds on 117 of 820 inputs" in text
    assert "where " not in text


@pytest.mark.parametrize(
    ("claim", "preconditions", "verdict"),
    [("a + 1 > a", "", "PROVED"), ("a <= b", "a > 50", "VACUOUS")],
)
def test_nothing_is_told_where_it_says_nothing_new(
    tmp_path: Path, claim: str, preconditions: str, verdict: str
) -> None:
    found = verified(tmp_path, claim, preconditions)
    assert (found.verdict.value, found.scope) == (verdict, None)


def test_what_is_not_counted_exactly_is_in_the_json_alone(tmp_path: Path) -> None:
    claim = verified(tmp_path, "a <= b or a <= 5")
    assert claim.scope is not None
    wide = tuple(replace(one, amount=replace(one.amount, low=Fraction(0))) for one in claim.scope.sizes)
    vague = replace(claim, scope=replace(claim.scope, sizes=wide))
    assert "where " in render_claim(claim, width=100)
    assert "where " not in render_claim(vague, width=100)
    assert claim_data(vague)["scope"]["inputs"]["inside"]["proved"]["at_least"] == "0"


def test_nothing_is_told_unasked(tmp_path: Path) -> None:
    assert verified(tmp_path, "a <= b", options=VerifyOptions()).scope is None


def test_it_is_the_same_in_every_run_and_is_counted_as_work(tmp_path: Path) -> None:
    first, second = (verified(tmp_path, "a <= b or a <= 5") for _ in range(2))
    assert first.scope is not None
    assert (first.scope, first.work) == (second.scope, second.work)
    without = verified(tmp_path, "a <= b or a <= 5", options=VerifyOptions())
    assert without.work is not None
    assert first.work is not None
    assert first.work > without.work


def test_its_certificate_is_left_and_checked(tmp_path: Path) -> None:
    options = replace(OPTIONS, certificates=tmp_path / "left")
    claim = verified(tmp_path, "a <= b or a <= 5", options=options)
    assert claim.scope is not None
    path = claim.scope.certificate
    assert path is not None
    answer = api.check_certificate_file(path, tmp_path / "s.yaml", VerifyOptions(claims=("c",)))
    assert (answer.answer, answer.kind, answer.spec_matches) == ("valid", "map", True)


def test_a_map_that_the_kernel_rejects_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def rejected(data: object, seconds: float) -> KernelAnswer:
        return KernelAnswer("invalid", "map", None, None, None, "no such part", None, 0.0)

    monkeypatch.setattr(making, "check_certificate", rejected)
    claim = verified(tmp_path, "a <= b or a <= 5")
    assert claim.verdict is Verdict.ERROR
    assert "no such part" in (claim.detail or "")


def test_what_time_cut_short_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(data: object, seconds: float) -> KernelAnswer:
        return KernelAnswer("failed", None, None, None, None, "", None, 60.0, late=True)

    monkeypatch.setattr(making, "check_certificate", late)
    claim = verified(tmp_path, "a <= b or a <= 5")
    assert (claim.verdict, claim.scope, claim.cut_short) == (Verdict.REFUTED, None, True)
    assert any("map" in note for note in claim.notes)


@pytest.fixture
def undecided(monkeypatch: pytest.MonkeyPatch) -> list[Decision]:
    """Searches come to the last of these decisions."""
    found = [combine.because(Reason.WORK, "Nothing was searched.")]
    monkeypatch.setattr(verifying, "decide_claim", lambda *_: Decided(found[-1], None))
    return found


def test_a_map_on_which_all_is_proved_decides_what_the_search_left_open(
    tmp_path: Path, undecided: list[Decision]
) -> None:
    options = replace(OPTIONS, certificates=tmp_path / "left")
    claim = verified(tmp_path, "max(a, b) <= b + 12", "a <= b + 12", options=options)
    assert (claim.verdict, claim.assurance, claim.reason) == (Verdict.PROVED, Assurance.CHECKED, None)
    assert claim.proof is not None
    assert claim.proof.engine == "map"
    assert claim.proof.uses == ("p", "a map of all inputs")
    assert "the kernel (mechverify/kernel)" in claim.rests_on
    path = claim.proof.certificate
    assert path is not None
    answer = api.check_certificate_file(path, tmp_path / "s.yaml", VerifyOptions(claims=("c",)))
    assert (answer.answer, answer.kind, answer.spec_matches) == ("valid", "map", True)
    assert answer.follows is not None
    assert answer.follows.verdict is Verdict.PROVED


def test_what_is_proved_outside_the_preconditions_too_uses_none(tmp_path: Path, undecided: list[Decision]) -> None:
    claim = verified(tmp_path, "max(a, b) >= a", "a <= b")
    assert claim.proof is not None
    assert (claim.verdict, claim.proof.uses) == (Verdict.PROVED, ("a map of all inputs",))


def test_a_part_that_is_refuted_leads_to_a_witness(tmp_path: Path, undecided: list[Decision]) -> None:
    claim = verified(tmp_path, "a <= b + 11", "a <= b + 12")
    assert (claim.verdict, claim.assurance) == (Verdict.REFUTED, Assurance.CHECKED)
    assert claim.counterexample is not None
    assert claim.counterexample.robust
    found = claim.counterexample.inputs
    assert found["a"] == found["b"] + 12


def test_a_part_that_is_a_line_of_reals_leads_to_a_witness(tmp_path: Path, undecided: list[Decision]) -> None:
    path = written(tmp_path, "a <= 0.5 or b > 1 / 3", "a == b")
    path.write_text(path.read_text().replace("integers: 0 .. 40", "reals: 0 .. 0.6").replace("> 1 / 3", "> a"))
    claim = api.verify_paths([path], OPTIONS).specs[0].claims[0]
    assert claim.verdict is Verdict.REFUTED
    assert claim.counterexample is not None
    assert claim.counterexample.inputs["a"] == claim.counterexample.inputs["b"] > Fraction(1, 2)


def test_preconditions_that_a_map_shows_to_exclude_each_other_make_it_vacuous(
    tmp_path: Path, undecided: list[Decision]
) -> None:
    undecided.append(combine.agreed_of_no_input())
    path = written(tmp_path, "a <= 5", "a == 1 / 3 and a < b - a")
    path.write_text(path.read_text().replace("integers: 0 .. 40", "reals: 0 .. 2/3"))
    claim = api.verify_paths([path], OPTIONS).specs[0].claims[0]
    assert (claim.verdict, claim.assurance, claim.scope) == (Verdict.VACUOUS, Assurance.CHECKED, None)
