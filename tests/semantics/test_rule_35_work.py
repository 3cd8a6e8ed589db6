"""SEMANTICS 35: the same spec, seed and version give the same verdicts, certificates and counts, whatever the load and
the number of workers; what a ceiling of seconds cut short says so; more work never weakens a verdict."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from semantics_tools import dense

from mechverify.api import verify_paths
from mechverify.deciding import portfolio
from mechverify.deciding.options import VerifyOptions
from mechverify.report.json.claims import claim_data
from mechverify.report.text.claims import render_claim
from mechverify.results import ClaimResult
from mechverify.verdict import Reason, Verdict
from mechverify.verification import claim as module

STRENGTH = {Verdict.OPEN: 0, Verdict.PARTLY: 1, Verdict.PROVED: 2, Verdict.REFUTED: 2}
FLOATS = """mechverify: 1
title: t
model: {onnx: m.onnx, feed: {x: [a / 100, b / 100]}}
inputs: {a: {integers: 0 .. 100}, b: {integers: 0 .. 100}}
explanation:
  variables:
    total: {value: (a + b) / 100, located_at: "hidden_1[0]"}
    out: {value: abs(a - b) / 100, located_at: "output[0]"}
claims:
  near: {always: abs(network.out - out) <= 0.0001}
  too_near: {always: abs(network.out - out) <= 0.00000001}
  sums: {interchange: [total], always: network.out <= 3}
  never_much: {always: network.out <= 0.999}
"""
INTEGERS = """mechverify: 1
title: t
model: {program: "p.py:f", arithmetic: integer}
inputs: {a: {integers: 0 .. 99999}, b: {integers: 0 .. 99999}}
explanation: {variables: {y: {located_at: out}}}
claims:
  hard: {always: a ** 3 + b ** 3 + 0 * network.y != 999999999999995}
  easy: {always: network.y <= 9972}
"""
PROGRAM = "def f(a, b):\n    m = (a * a * b + 7 * b) % 10007\n    out = (m * m + a * b * m) % 9973\n    return out\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("specs")
    dense(home / "m.onnx", [([[1, 1], [1, -1], [-1, 1]], [0, 0, 0]), ([[0, 1, 1]], [0])])
    (home / "floats.yaml").write_text(FLOATS)
    (home / "integers.yaml").write_text(INTEGERS)
    (home / "p.py").write_text(PROGRAM)
    return home


@contextmanager
def busy() -> Iterator[None]:
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as loop:
        try:
            yield
        finally:
            loop.kill()


def results(folder: Path, proofs: str, timeout: float = 0.8, **options: Any) -> dict[str, ClaimResult]:
    given = VerifyOptions(timeout=timeout, certificates=folder / proofs, iia_samples=200, **options)
    specs = verify_paths([folder / "floats.yaml", folder / "integers.yaml"], given).specs
    assert not [error.message for spec in specs for error in spec.errors]
    return {one.name: one for spec in specs for one in spec.claims}


@pytest.fixture(scope="module")
def first(folder: Path) -> dict[str, ClaimResult]:
    """With two workers and nothing beside them."""
    return results(folder, "first", jobs=2)


def said(found: dict[str, ClaimResult]) -> dict[str, Any]:
    """What may not depend on the load: everything but seconds, and certificates by their bytes."""
    told = {}
    for name, one in found.items():
        data = claim_data(one)
        proof = data["proof"] or {}
        file = proof.get("certificate")
        told[name] = {
            **data,
            "proof": {k: v for k, v in proof.items() if k not in ("seconds", "check_seconds", "certificate")},
            "bytes": None if file is None else Path(file).read_bytes(),
        }
        if data["sampled"]:
            told[name]["sampled"] = {k: v for k, v in data["sampled"].items() if k != "seconds"}
    return told


def test_the_same_beside_a_busy_loop_and_with_one_worker(folder: Path, first: dict[str, ClaimResult]) -> None:
    assert {one.verdict for one in first.values()} >= {Verdict.PROVED, Verdict.REFUTED}
    with busy():
        second = results(folder, "second", jobs=1)
    assert not any(one.cut_short for found in (first, second) for one in found.values())
    one, other = said(first), said(second)
    for name in one:
        assert one[name] == other[name], name


def test_what_ends_for_want_of_work_is_told_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio, "certify_parts", lambda *_: ())
    monkeypatch.setattr(module, "work_within", lambda _: 0.3)
    found = results(folder, "least", timeout=60.0, claims=("hard",))["hard"]
    assert (found.verdict, found.reason, found.cut_short) == (Verdict.OPEN, Reason.WORK, False)
    assert "reason: work" in render_text(found)


@pytest.mark.usefixtures("ceilings_as_told")
def test_what_a_ceiling_ends_is_told_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portfolio, "certify_parts", lambda *_: ())
    monkeypatch.setattr(module, "work_within", lambda _: 1000.0)
    found = results(folder, "late", timeout=1.0, claims=("hard",))["hard"]
    assert (found.verdict, found.reason, found.cut_short) == (Verdict.OPEN, Reason.TIME, True)
    assert any("cut the search short" in note for note in found.notes)
    assert "reason: time" in render_text(found)
    assert claim_data(found)["cut_short"] is True


def test_more_work_never_weakens_a_verdict(folder: Path, first: dict[str, ClaimResult]) -> None:
    for name, one in results(folder, "little", timeout=0.2).items():
        assert STRENGTH[first[name].verdict] >= STRENGTH[one.verdict], name
        if one.verdict in (Verdict.PROVED, Verdict.REFUTED):
            assert first[name].verdict is one.verdict, name


def render_text(one: ClaimResult) -> str:
    return render_claim(one, width=100)
