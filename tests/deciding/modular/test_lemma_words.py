"""What is said of modular proofs that fail: why, where a lemma breaks, and what to do."""

import json
from pathlib import Path

import pytest
from semantics_tools import verify

from mechverify.report.json.claims import claim_data
from mechverify.report.text.claims import render_claim
from mechverify.results import ClaimResult
from mechverify.verdict import Reason, Verdict

PAIRED = "def f(x, n):\n    a = x + n\n    b = n\n    c = a - b\n    return c\n"
TRAP = """model: {program: 'p.py:f'}
inputs: {x: {integers: 0 .. 1000}, n: {integers: 0 .. 1000}}
explanation:
  variables:
    a: {value: x, located_at: a}
    b: {value: 0, located_at: b}
    result: {value: a - b, located_at: output}
claims:
  swap: {interchange: [x], always: network.result == result}
  quiet: {resample: [n], always: network.result == result}
  no_change: {resample: [n], ignores: [result]}
"""


def shown(claim: ClaimResult, *, verbose: bool = False) -> str:
    return " ".join(render_claim(claim, width=4000, verbose=verbose).split())


@pytest.fixture(scope="module")
def trap(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ClaimResult]:
    folder = tmp_path_factory.mktemp("trap")
    (folder / "p.py").write_text(PAIRED)
    return verify(folder, TRAP, proof="modular")


def test_a_refuted_lemma_is_why_and_is_shown_where_it_breaks(trap: dict[str, ClaimResult]) -> None:
    claim = trap["swap"]
    assert (claim.verdict, claim.reason) == (Verdict.OPEN, Reason.UNSUPPORTED)
    (failed,) = [one for one in claim.lemmas if one.verdict is not Verdict.PROVED]
    assert (failed.name, failed.verdict) == ("result", Verdict.REFUTED)
    at = failed.breaks_at
    assert set(at) == {"site a", "value a", "site b", "value b"}
    assert at["site a"] - at["site b"] != at["value a"] - at["value b"]  # type: ignore[operator]
    text = shown(claim)
    assert "result REFUTED: the relation supposed, network.result == result, is not kept at site a = " in text
    assert "--timeout" not in text
    assert "Declare `within` for a and b, or put sites that only hold together into one variable" in text
    assert "or take `--proof direct`." in text


def test_an_open_claim_has_no_proof_to_show(trap: dict[str, ClaimResult]) -> None:
    assert "found by" not in shown(trap["swap"], verbose=True)
    assert claim_data(trap["swap"])["proof"]["engine"] == "none"


def test_the_json_has_the_point_that_breaks_a_lemma(trap: dict[str, ClaimResult]) -> None:
    lemmas = json.loads(json.dumps(claim_data(trap["swap"])["lemmas"]))
    assert [list(one) for one in lemmas] == [["name", "verdict", "assurance", "reason", "breaks_at"]] * 4
    assert list(lemmas[2]["breaks_at"]) == ["site a", "value a", "site b", "value b"]
    assert lemmas[0]["breaks_at"] == {}


@pytest.mark.parametrize("name", ["quiet", "no_change"])
def test_what_has_no_modular_proof_is_sent_to_the_other_road(name: str, trap: dict[str, ClaimResult]) -> None:
    claim = trap[name]
    assert (claim.verdict, claim.reason) == (Verdict.OPEN, Reason.UNSUPPORTED)
    text = shown(claim)
    assert "Leave --proof out, or take `--proof direct`." in text
    assert "simpler expressions" not in text


def test_without_the_option_the_other_road_is_taken(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PAIRED)
    assert {c.verdict for c in verify(tmp_path, TRAP).values()} == {Verdict.PROVED}
