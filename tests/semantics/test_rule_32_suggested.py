"""Rule 32: a suggestion is proved here and met, and it is maximal only where each weaker neighbour has a witness."""

from dataclasses import replace
from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.report.text.scope_suggested import suggested_lines, suggested_settled
from mechverify.scope.suggesting.run import suggest
from mechverify.scope.suggesting.search import Limits
from mechverify.scope.variants import Tried, Variant, Variants
from mechverify.spec.read import read_spec
from mechverify.suggested_results import Suggested
from mechverify.verdict import Assurance, Verdict
from mechverify.verification.selection import member_named

SPEC = """mechverify: 1
title: t
inputs: {x: {integers: 0 .. 9}}
claims:
  c: {always: x <= 4}
"""
TRIED = Variants.tried


def suggested(folder: Path) -> Suggested:
    (folder / "s.yaml").write_text(SPEC)
    spec = read_spec(folder / "s.yaml")
    claim, family = member_named(spec, "c")
    return suggest(Variants(spec, {}, claim, "c", family, VerifyOptions()), frozenset(), Limits(8, 1.0))


def shown(found: Suggested) -> str:
    return " ".join(line.text for line in suggested_lines(found))


def test_proved_met_and_maximal(tmp_path: Path) -> None:
    found = suggested(tmp_path)
    (one,) = found.suggestions
    assert (one.condition, one.maximal) == ("x <= 4", True)
    assert suggested_settled(found)
    assert "nothing weaker of its kind will do: each of its 2 weaker neighbours fails" in shown(found)


def test_what_only_solvers_say_suggests_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def tried(self: Variants, variant: Variant, work: float) -> Tried:
        found = TRIED(self, variant, work)
        return replace(found, decision=replace(found.decision, assurance=Assurance.AGREED)) if variant.added else found

    monkeypatch.setattr(Variants, "tried", tried)
    found = suggested(tmp_path)
    assert found.suggestions == ()
    assert not suggested_settled(found)
    assert found.attempts
    assert "No condition of these was found" in shown(found)
    assert found.attempts[0][0] in shown(found), "what was tried is said"


def test_a_neighbour_without_a_witness_makes_it_no_longer_maximal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tried(self: Variants, variant: Variant, work: float) -> Tried:
        found = TRIED(self, variant, work)
        hidden = variant.added and found.verdict is Verdict.REFUTED
        unknown = replace(found.decision, verdict=Verdict.OPEN, point=None, assurance=None)
        return replace(found, decision=unknown, counterexample=None) if hidden else found

    monkeypatch.setattr(Variants, "tried", tried)
    monkeypatch.setattr(Variants, "broken_at", lambda *_: None)
    found = suggested(tmp_path)
    (one,) = found.suggestions
    assert one.condition == "x <= 4"
    assert not one.maximal
    assert not suggested_settled(found)
    assert "perhaps a weaker one will do: 1 of 2 neighbours not settled" in shown(found)
    assert "x <= 5: OPEN" in shown(found)
