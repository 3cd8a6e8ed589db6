"""Whatever takes too long before, beside or after a search ends as OPEN (time) that says what it was."""

from pathlib import Path
from typing import Any

import pytest
import waiting

import mechverify
from mechverify.api import verify_paths
from mechverify.deciding import ceilings
from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.reading import comparison as reading
from mechverify.results import ClaimResult
from mechverify.verdict import Assurance, Reason, Verdict
from mechverify.verification import claim, loading, plan, run

pytestmark = pytest.mark.usefixtures("ceilings_as_told")

SPEC = """mechverify: 1
title: t
model: {program: "p.py:f"}
inputs: {x: {integers: 0 .. 9}}
explanation: {variables: {y: {located_at: output}}}
claims:
  one: {always: network.y == x + 1}
  two: {always: network.y <= 10}
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "p.py").write_text("def f(x):\n    return x + 1\n")
    (tmp_path / "s.yaml").write_text(SPEC)
    return tmp_path / "s.yaml"


def endless(*_: Any, **__: Any) -> Any:
    waiting.endless()


def claims(path: Path, **options: Any) -> dict[str, ClaimResult]:
    (spec,) = verify_paths([path], VerifyOptions(timeout=2.0, **options)).specs
    assert not spec.errors
    return {c.name: c for c in spec.claims}


def test_one_claim_that_is_slow_to_compile(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = plan.compile_claim

    def compiled(spec: Any, models: Any, one: Any, name: str, family: Any, **more: Any) -> Any:
        return endless() if name == "one" else before(spec, models, one, name, family, **more)

    monkeypatch.setattr(plan, "compile_claim", compiled)
    monkeypatch.setattr(ceilings, "_LEAST_COMPILING", 0.2)
    monkeypatch.setattr(plan, "compiling", lambda _: 0.2)
    found = claims(path)
    assert (found["one"].verdict, found["one"].reason) == (Verdict.OPEN, Reason.TIME)
    assert "while compiling one" in (found["one"].detail or "")
    assert found["two"].verdict is Verdict.PROVED


@pytest.mark.parametrize(("where", "name", "words"), [
    (loading, "_read", "while reading the model network"),
    (plan, "base_graph", "while building the graph of the models"),
])  # fmt: skip
def test_a_model_that_is_slow_to_read(
    path: Path, monkeypatch: pytest.MonkeyPatch, where: Any, name: str, words: str
) -> None:
    monkeypatch.setattr(where, name, endless)
    monkeypatch.setattr(where, "READING", 0.2)
    (spec,) = verify_paths([path], VerifyOptions(timeout=2.0)).specs
    assert words in spec.errors[0].message
    assert spec.errors[0].line == 3


def test_a_slow_search(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "decide_claim", endless)
    monkeypatch.setattr(claim, "grace", lambda _: 0.5)
    found = claims(path)["one"]
    assert (found.verdict, found.reason) == (Verdict.OPEN, Reason.TIME)
    assert "while searching for a proof and for a counterexample" in (found.detail or "")


def test_a_proof_stays_where_what_follows_is_slow(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim, "with_runs", endless)
    monkeypatch.setattr(claim, "small_table", endless)
    monkeypatch.setattr(claim, "grace", lambda _: 0.5)
    monkeypatch.setattr(ceilings, "BESIDE", 0.2)
    found = claims(path)["one"]
    assert (found.verdict, found.assurance) == (Verdict.PROVED, Assurance.CHECKED)
    assert found.table == ()
    assert found.cut_short
    assert "Cut off after" in found.notes[-1]
    assert "listing all inputs" in found.notes[-1]


def test_a_cross_check_that_does_not_end(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "sample_feeds", endless)
    monkeypatch.setattr(run, "cross_checking", lambda _: 0.5)
    found = claims(path)["one"]
    assert (found.verdict, found.reason, found.assurance) == (Verdict.OPEN, Reason.TIME, None)
    assert "while comparing the model network with its runtimes" in (found.detail or "")


def test_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(claim, "decide_claim", endless)
    monkeypatch.setattr(claim, "grace", lambda _: 0.5)
    result = mechverify.verify(
        torch.nn.Linear(1, 1), inputs={"a": (0, 9)}, sites={"y": "output[0]"}, claim="network.y <= 99", timeout=1.0
    )
    assert result.verdict is Verdict.OPEN
    assert "were used up while searching" in str(result.result.detail)
