"""Faults around a whole run: cross-check, runtimes, certificate files, claim processes."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semantics_tools import dense, verdicts, verify

from mechverify.deciding import established, roads, witness
from mechverify.deciding.decision import Decision
from mechverify.deciding.running import held
from mechverify.errors import EnclosureError
from mechverify.models.model import RuntimeRun
from mechverify.models.onnx import model as onnx_model
from mechverify.verdict import Assurance, Verdict
from mechverify.verification import certificates, claim, run

pytestmark = pytest.mark.usefixtures("ceilings_as_told")

TEXT = (
    "model: {onnx: m.onnx, feed: {x: [a, b]}}\ninputs: {a: {integers: 0 .. 100}, b: {integers: 0 .. 100}}\n"
    "explanation: {variables: {o: {located_at: 'output[0]'}}}\n"
    "claims: {right: {always: network.o <= 201}, wrong: {always: network.o <= 150}}\n"
)
BOTH = ("right", "wrong")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    dense(tmp_path / "m.onnx", [([[1, 1], [1, -1]], [0, 0]), ([[1, 0]], [0.5])])
    return tmp_path


def test_without_faults(folder: Path) -> None:
    assert verdicts(verify(folder, TEXT)) == {"right": "PROVED", "wrong": "REFUTED"}


def fails(*_: Any, **__: Any) -> Any:
    raise EnclosureError("outside the enclosure, says the test")


def raises(*_: Any, **__: Any) -> Any:
    raise RuntimeError("PROVED")


def dies(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def hangs(*_: Any, **__: Any) -> Any:
    time.sleep(1000)


def nothing(*_: Any, **__: Any) -> Any:
    return None


@pytest.mark.parametrize("fault", [fails, raises, dies, hangs])
def test_a_cross_check_that_does_not_pass(folder: Path, monkeypatch: pytest.MonkeyPatch, fault: Callable[..., Any]) -> None:
    monkeypatch.setattr(run, "cross_checking", lambda _: 1.0)
    monkeypatch.setattr(run, "check_readings", fault)
    expected = "OPEN (time)" if fault is hangs else "ERROR"  # what was stopped says nothing of the model
    assert verdicts(verify(folder, TEXT, claims=("right",))) == {"right": expected}


def changed(change: Callable[[Any], Any]) -> Any:
    true_run = onnx_model.OnnxModel.run

    def lie(self: Any, feeds: Any, activations: tuple[str, ...]) -> tuple[RuntimeRun, ...]:
        return tuple(replace(r, values={k: change(v) for k, v in r.values.items()}) for r in true_run(self, feeds, activations))

    return lie


@pytest.mark.parametrize(
    "change",
    [lambda v: v + 1, lambda v: v * np.nan, lambda v: v * np.inf, lambda v: v[:1], lambda v: v.reshape(-1), lambda v: -v],
    ids=["one more", "NaN", "infinity", "fewer rows", "another shape", "the other sign"],
)  # fmt: skip
def test_runtimes_that_return_other_numbers(folder: Path, monkeypatch: pytest.MonkeyPatch, change: Any) -> None:
    monkeypatch.setattr(onnx_model.OnnxModel, "run", changed(change))
    assert verdicts(verify(folder, TEXT, claims=("right",))) == {"right": "ERROR"}


def test_runtimes_that_do_not_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_model.OnnxModel, "run", raises)
    assert verdicts(verify(folder, TEXT, claims=("right",))) == {"right": "ERROR"}


@pytest.mark.parametrize(("module", "name"), [(claim, "count_inputs"), (claim, "store_certificate"), (claim, "small_table")])
def test_steps_after_the_proof_that_fail(folder: Path, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    monkeypatch.setattr(module, name, raises)
    assert verdicts(verify(folder, TEXT, claims=("right",))) == {"right": "ERROR"}


@pytest.mark.parametrize("fault", [raises, dies, nothing, lambda *_: "PROVED", lambda *_: Verdict.PROVED])
def test_claim_processes_that_bring_no_result(folder: Path, monkeypatch: pytest.MonkeyPatch, fault: Any) -> None:
    monkeypatch.setattr(run, "verify_claim", fault)
    assert verdicts(verify(folder, TEXT, claims=("right",))) == {"right": "ERROR"}


def test_a_certificate_that_cannot_be_written(folder: Path) -> None:
    (folder / "file").write_text("in the way")
    results = verify(folder, TEXT, claims=("right",), certificates=folder / "file")
    assert verdicts(results) == {"right": "ERROR"}


def test_a_shrinker_that_returns_a_point_that_breaks_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(witness, "shrink", lambda point, *_, **__: tuple(x * 0 for x in point))
    result = verify(folder, TEXT, claims=("wrong",))["wrong"]
    assert result.verdict == "REFUTED"
    assert sum(int(x) for x in result.counterexample.inputs.values()) > 149


def test_a_replay_that_claims_to_show_what_is_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel finds the claim true at the point: a runtime's word does not refute it."""
    from fractions import Fraction

    from mechverify.deciding.running.replay import Shown, replays_at

    point = (Fraction(1), Fraction(1))

    def forged(compiled: Any, models: Any, _candidates: Any) -> Shown:
        return Shown(point, tuple(replace(r, shows=True) for r in replays_at(compiled, models, point)))

    monkeypatch.setattr(established, "first_shown", forged)
    monkeypatch.setattr(roads, "decide", lambda *_, **__: Decision(Verdict.OPEN, suspects=(point,)))
    text = TEXT.replace("0 .. 100}", "0 .. 20}")
    assert verify(folder, text, claims=("right",))["right"].verdict in ("OPEN", "HELD")


def test_running_that_breaks_at_an_input_outside_the_list(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`one_of` is part of what is admissible: runs beside the list prove and refute nothing."""
    text = TEXT.replace("a: {integers: 0 .. 100}", "a: {one_of: [0, 60, 100]}").replace("0 .. 100}}", "0 .. 3}}")
    text = text.replace("network.o <= 150", "network.o < 50 or network.o > 59")
    monkeypatch.setattr(roads, "decide", lambda *_, **__: Decision(Verdict.OPEN))
    result = verify(folder, text, claims=("wrong",))["wrong"]
    assert result.verdict == "HELD"
    assert "12 in all" in (result.detail or "")


def test_nothing_to_run_is_not_held(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roads, "decide", lambda *_, **__: Decision(Verdict.OPEN))
    text = TEXT.replace("claims:", "preconditions: {none: a > 100}\nclaims:")
    assert verify(folder, text, claims=("right",))["right"].verdict == "OPEN"


def test_a_runtime_that_leaves_its_enclosure_while_everything_is_run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roads, "decide", lambda *_, **__: Decision(Verdict.OPEN))
    monkeypatch.setattr(held, "cross_check_points", fails)
    text = TEXT.replace("0 .. 100", "0 .. 3")
    assert verify(folder, text, claims=("right",))["right"].verdict == "ERROR"


def test_assurance_words_that_are_none(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PROVED with less than was required, or with no assurance at all, is not PROVED."""
    for assurance in (None, Assurance.SOLVER, Assurance.SAMPLED, Assurance.RUN):
        monkeypatch.setattr(roads, "decide", lambda *_, a=assurance, **__: Decision(Verdict.PROVED, a))
        assert verify(folder, TEXT, claims=("right",))["right"].verdict == "OPEN"


def test_a_torn_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.json"
    path.write_bytes(b"old")
    monkeypatch.setattr(certificates.os, "replace", raises)
    with pytest.raises(RuntimeError):
        certificates.write_whole(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["c.json"]
