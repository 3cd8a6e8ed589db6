"""The idea of a proof in plain words."""

from dataclasses import replace

from report_samples import COUNTEREXAMPLE, HELD, REFUTED, claim

from mechverify.dossier_results import ClaimDossier, Sketch
from mechverify.report.lay.proof import proof_idea


def idea(sketch: Sketch | None, result: object = None) -> str:
    return " ".join(proof_idea(ClaimDossier(result or claim(), sketch=sketch)))  # type: ignore[arg-type]


def test_cases_and_what_ends_them() -> None:
    text = idea(Sketch("proof", {"phase": 2, "split": 1, "leaf": 3, "enumerate": 1}, 4))
    assert "split into 4 parts, by 1 straight cut through the inputs and 2 questions whether a unit" in text
    assert "each of them was computed exactly: that is so of a part." in text
    assert "That took 7 steps. Running every case would take 1,000,001 runs." in text
    assert "On 3 parts the network and the explanation can be enclosed" in text
    assert "On each part" in idea(Sketch("proof", {"phase": 1, "leaf": 2}, 2))
    assert "On 1 part a sum of squares" in idea(Sketch("proof", {"phase": 1, "leaf": 1, "positivstellensatz": 1}, 2))
    assert "one computation covers all inputs at once" in idea(Sketch("proof", {"leaf": 1}, 1))


def test_other_certificates() -> None:
    assert "the sizes of the parts were then added up" in idea(Sketch("map", {"split": 3, "proved": 4}, 4))
    assert "straight lines" not in idea(Sketch("map", {"split": 3, "leaf": 4}, 4))
    assert "no input meets the conditions" in idea(Sketch("empty", {"leaf": 1}, 1))
    text = idea(Sketch("modular", {"leaf": 2}, 2, {"gap": 1, "the claim": 1}))
    assert "These are 1 lemma; a last step puts them together (gap: 1 step; the claim: 1 step)." in text


def test_no_certificate() -> None:
    assert idea(None) == ""
    assert idea(None, HELD) == "Every input was run, one after the other."
    assert idea(None, REFUTED).startswith("One counterexample suffices.")
    robust = replace(REFUTED, counterexample=replace(COUNTEREXAMPLE, robust=True))
    assert "whatever way the network's sums are rounded" in idea(None, robust)
    assert "rounded" not in idea(None, REFUTED)
