"""``repeat`` and ``carry``: what they mean for feeds, mistakes, and a claim about a length that is a parameter."""

from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from onnx_making import make_model, node, save

from mechverify import api
from mechverify.deciding.options import VerifyOptions
from mechverify.errors import SpecError
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Repeat
from mechverify.verdict import Verdict

SPEC = """mechverify: 1
title: t
parameters: {n: 3}
model:
  onnx: step.onnx
  arithmetic: real
%s
inputs: {x: {integers: 0 .. 9, shape: [n]}}
explanation:
  variables:
    total: {value: sum(x), located_at: 'next[0]'}
    first: {value: 'x[0]', located_at: 'next%s[0]'}
claims:
  adds: {always: network.total == total and network.total <= 9 * n}
  moves: {interchange: [first], always: 'network.total == first + sum(x[i] for i in range(1, n))'}
"""
GOOD = "  repeat: n\n  carry: {state: next}\n  feed: {x: '[x[step]]', state: '[0]'}"


def write(folder: Path, model: str = GOOD, mark: str = "#0") -> Path:
    save(make_model([node("Add", ["x", "state"], ["next"])], {"x": [1, 1], "state": [1, 1]}, ["next"], {}), folder / "step.onnx")
    path = folder / "s.yaml"
    path.write_text(SPEC % (model, mark))
    return path


def test_a_feed_for_each_step(tmp_path: Path) -> None:
    (model,) = read_spec(write(tmp_path)).models
    assert model.repeat == Repeat(3, (("state", "next"),))
    assert [(item.model_input, item.value.text) for item in model.feed] == [
        ("x#0", "[x[0]]"), ("x#1", "[x[1]]"), ("x#2", "[x[2]]"), ("state", "[0]"),
    ]  # fmt: skip
    (longer,) = read_spec(write(tmp_path), settings={"n": "7"}).models
    assert len(longer.feed) == 8


@pytest.mark.parametrize(("arithmetic", "n"), [("real", "5"), ("float32", "2")])
def test_claims_about_any_length(tmp_path: Path, arithmetic: str, n: str) -> None:
    """Sites of single steps too, and values moved there."""
    options = VerifyOptions(timeout=20.0, arithmetic=arithmetic, iia_samples=50, settings={"n": n})
    (spec,) = api.verify_paths([write(tmp_path)], options).specs
    assert spec.errors == ()
    assert [claim.verdict for claim in spec.claims] == [Verdict.PROVED, Verdict.PROVED]


def test_a_table_over_lengths(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text(path.read_text().replace("network.total <= 9 * n", "network.total <= 60"))
    report = api.scope_over(path, "adds", VerifyOptions(timeout=120.0), "n", [F(2), F(5)], ("extents",))
    assert [row.verdict for row in report.rows] == [Verdict.PROVED] * 2
    reaches = [row.extent.reach for row in report.rows if row.extent is not None]
    assert [(reach.proved, reach.refuted) for reach in reaches] == [(30, 31), (12, 13)]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("  carry: {state: next}", "'carry' goes with 'repeat'"),
        ("  repeat: 3", "a repeated step that carries nothing is run once"),
        ("  repeat: 0\n  carry: {state: next}", "'repeat' is from 1 to 1000, found 0"),
        ("  repeat: n / 2\n  carry: {state: next}", "'repeat' is an integer, found 3/2"),
        ("  repeat: 3\n  carry: [state]", "'carry' is a mapping"),
        ("  repeat: 3\n  carry: {}", "'carry' is a mapping"),
        ("  feed: {x: '[step]'}", "step"),
    ],
)
def test_mistakes(tmp_path: Path, model: str, words: str) -> None:
    with pytest.raises(SpecError) as raised:
        read_spec(write(tmp_path, model))
    assert any(words in d.message for d in raised.value.diagnostics)


def test_only_networks_in_onnx(tmp_path: Path) -> None:
    path = write(tmp_path, "  repeat: 3\n  carry: {state: next}")
    (tmp_path / "p.py").write_text("def f(x):\n    out = x\n    return out\n")
    path.write_text(path.read_text().replace("onnx: step.onnx\n  arithmetic: real", "program: 'p.py:f'"))
    with pytest.raises(SpecError, match="for an onnx model that is one step, found a program model"):
        read_spec(path)


def test_step_is_no_other_name(tmp_path: Path) -> None:
    path = write(tmp_path)
    path.write_text(path.read_text().replace("parameters: {n: 3}", "parameters: {n: 3, step: 4}"))
    with pytest.raises(SpecError, match="'step' is the number of the step"):
        read_spec(path)


def test_what_is_not_fed_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, "  repeat: n\n  carry: {state: next}\n  feed: {x: '[x[step]]'}")
    (spec,) = api.verify_paths([path], VerifyOptions()).specs
    assert any("'state' (shape [1]) is not fed" in error.message for error in spec.errors)


def test_weights_stand_once(tmp_path: Path) -> None:
    path = write(tmp_path)
    nodes = [node("Mul", ["state", "w"], ["kept"]), node("Add", ["x", "kept"], ["next"])]
    weights = {"w": np.array([1], np.float32)}
    save(make_model(nodes, {"x": [1, 1], "state": [1, 1]}, ["next"], weights), tmp_path / "step.onnx")
    (spec,) = api.verify_paths([path], VerifyOptions(claims=("adds",))).specs
    assert spec.claims[0].verdict is Verdict.PROVED
    assert spec.alignment is not None
    assert spec.alignment.models[0].weights == 1
