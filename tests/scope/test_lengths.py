"""How long proofs are: each way on its own, beside running everything, and nothing where there is no proof."""

import json
from pathlib import Path

import pytest

from mechverify import api
from mechverify.deciding.options import VerifyOptions
from mechverify.report.json.scope import scope_data
from mechverify.report.text.scope import scope_exit_code, scope_text
from mechverify.report.text.scope_lengths import length_lines
from mechverify.results import BruteForce
from mechverify.scope_results import Lengths, ProofLength, ScopeReport
from mechverify.verdict import Verdict

PROGRAM = """def f(x, y):
    larger = max(x, y)
    out = larger + 1
    return out
"""
SPEC = """mechverify: 1
title: t
model: {program: "p.py:f"}
inputs: {x: {integers: 0 .. 999}, y: {integers: 0 .. 999}}
explanation:
  variables:
    first: {value: x >= y}
    larger: {value: x if first else y, located_at: larger}
    out: {value: larger + 1, located_at: out}
  cases: [first]
claims:
  plain: {always: network.out == out}
  moved: {interchange: [larger], always: network.out == out}
  wrong: {always: network.out == out + 1, expect: refuted}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "p.py").write_text(PROGRAM)
    (tmp_path / "s.yaml").write_text(SPEC)
    return tmp_path / "s.yaml"


def measured(path: Path, claim: str) -> tuple[ScopeReport, Lengths]:
    report = api.scope(path, claim, VerifyOptions(timeout=60.0), asked=("length",))
    assert report.lengths is not None
    return report, report.lengths


def test_with_the_explanation_and_without(path: Path) -> None:
    report, found = measured(path, "plain")
    assert [one.way for one in found.each] == ["explained", "without"]
    for one in found.each:
        assert one.verdict is Verdict.PROVED
        assert min(one.steps or 0, one.operations or 0, one.size_bytes or 0) > 0
    assert found.runs is not None
    assert found.runs.inputs == 10**6
    assert found.runs.operations > 10**6
    assert found.listed == 4 * 10**6, "two inputs and two sites"
    assert scope_exit_code(report) == 0
    shown = " ".join(scope_text(report, width=100, colour=False).split())
    assert "times shorter than running every input" in shown
    assert "the list of all computations: 4,000,000 numbers" in shown
    data = json.loads(json.dumps(scope_data(report)))["specs"][0]["claims"][0]["scope"]["length"]
    assert data["listed"] == "4000000"
    assert data["proofs"][0]["operations"] == found.each[0].operations


def test_by_each_road(path: Path) -> None:
    _, found = measured(path, "moved")
    roads = {one.way: one for one in found.each}
    assert list(roads) == ["explained", "direct", "modular", "without"]
    assert all(one.verdict is Verdict.PROVED for one in roads.values())
    assert roads["modular"].engine == "modular"
    assert roads["direct"].engine != "modular"


def test_without_a_proof_there_is_nothing_to_measure(path: Path) -> None:
    report, found = measured(path, "wrong")
    assert {one.verdict for one in found.each} == {Verdict.REFUTED}
    assert all(one.steps is None for one in found.each)
    assert scope_exit_code(report) == 3
    assert "no checked proof to measure: it is REFUTED" in scope_text(report, width=100, colour=False)


def test_what_is_longer_says_so() -> None:
    own = ProofLength("explained", Verdict.PROVED, "members", 3, 500, 900)
    other = ProofLength("without", Verdict.PROVED, "members", 3, 200, 900)
    first, *_ = length_lines(Lengths((own, other), BruteForce(5, 500), None))
    assert first.text == "as long as running every input, 2.5 times longer than without the explanation"
