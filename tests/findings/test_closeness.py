"""The largest difference found, beside the verdict."""

import json
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path

import pytest
from claim_jobs import jobs_of
from semantics_tools import dense, verify
from ticking_clock import ticking

from mechverify.deciding.clock import Clock
from mechverify.deciding.portfolio import Search
from mechverify.findings.closeness import closeness_of
from mechverify.report.json.claims import claim_data
from mechverify.report.text.claims import render_claim
from mechverify.results import Closeness
from mechverify.verdict import Assurance, Verdict
from mechverify.verification import claim as claims

PROGRAM = "def f(x, y):\n    out = x + 3 * (y // 1000)\n    return out\n"
SPEC = """model: {program: 'p.py:f'}
parameters: {tol: 50}
inputs: {x: {integers: 0 .. 1000}, y: {integers: 0 .. 9000}}
preconditions: {some: y <= 8500}
explanation: {variables: {out: {value: x, located_at: output}}}
claims:
  near: {always: abs(network.out - out) <= tol}
  far: {always: network.out - out <= 20, expect: refuted}
  whole: {faithful: true, tolerance: 24}
  equal: {always: network.out == x + 3 * (y // 1000)}
"""


def test_it_is_exact_and_beside_every_verdict(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    results = verify(tmp_path, SPEC)
    assert [results[n].verdict for n in ("near", "far", "whole")] == [Verdict.PROVED, Verdict.REFUTED, Verdict.PROVED]
    for name in ("near", "far", "whole"):
        (one,) = results[name].closeness
        assert one.found == 24, name
        runs = (one.inputs, *one.sources.values())
        assert any(run["y"] in range(8000, 8501) for run in runs)
    assert results["equal"].closeness == ()
    text = " ".join(render_claim(results["near"], width=200).split())
    assert "largest difference found: 24, of 50 allowed (tol)" in text
    data = json.loads(json.dumps(claim_data(results["near"])))["closeness"]
    assert [(d["bound"], d["allowed"], d["found"], d["runtime"]) for d in data] == [("tol", "50", "24", None)]


def test_in_float32_a_runtime_shows_it(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1.0, -1.0], [-1.0, 1.0]], [0.0, 0.0]), ([[1.0, 1.0]], [0.1])])
    text = (
        "model: {onnx: m.onnx, feed: {x: [a / 8, b / 8]}}\n"
        "inputs: {a: {integers: 0 .. 800}, b: {integers: 0 .. 800}}\n"
        "explanation: {variables: {d: {value: abs(a - b) / 8, located_at: 'output[0]'}}}\n"
        "claims: {c: {always: abs(network.d - d) <= 0.101}}\n"
    )
    (one,) = verify(tmp_path, text)["c"].closeness
    assert F(1, 10) <= one.found <= F(1001, 10000)
    assert one.runtime is not None
    assert one.runtime.startswith("onnxruntime")


def test_a_clock_has_no_say_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slow machine finds the same difference at the same point: what ends the search is its work."""
    (tmp_path / "p.py").write_text(PROGRAM)
    job = jobs_of(tmp_path, SPEC)["near"]
    found = closeness_of(job.compiled, job.models, (), 0.05, 0)
    clock = ticking(monkeypatch, 1000.0)
    assert closeness_of(job.compiled, job.models, (), 0.05, 0) == found
    assert clock.readings == 0
    more = closeness_of(job.compiled, job.models, (), 0.5, 0)
    assert more[0].found >= found[0].found > 0


def test_a_difference_beyond_the_tolerance_settles_an_open_claim_and_contradicts_a_proof(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    job = jobs_of(tmp_path, SPEC)["far"]
    open_claim = claims.Established(claims.Decision(Verdict.OPEN))
    settled, found = claims._with_closeness(job, open_claim, Clock(Search(20.0)))
    assert (settled.decision.verdict, settled.decision.assurance) == (Verdict.REFUTED, Assurance.CHECKED)
    assert found[0].found == 24
    proved = claims.Established(claims.Decision(Verdict.PROVED, Assurance.CHECKED))
    assert claims._with_closeness(job, proved, Clock(Search(20.0)))[0].decision.verdict is Verdict.ERROR
    lie = replace(found[0], point=(F(0), F(0)))
    monkeypatch.setattr(claims, "closeness_of", lambda *_: (lie,))
    assert claims._with_closeness(job, open_claim, Clock(Search(20.0)))[0].decision.verdict is Verdict.OPEN
    assert isinstance(lie, Closeness)
