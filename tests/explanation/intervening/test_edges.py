"""Edges: what one activation reads of another and of nothing else, in the graph and in the runtimes."""

from pathlib import Path

import numpy as np
import pytest
from semantics_tools import decided, dense, mistakes, verify

from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.reading.transplant_check import check_transplants
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

LAYERS = [([[1, 0], [0, 1]], [0, 0]), ([[1, 1], [0, 1]], [0, 0]), ([[1, 1]], [0])]
HEAD = (
    "model: {onnx: m.onnx, feed: {x: [a, b]}}\ninputs: {a: {integers: 0 .. 2}, b: {integers: 0 .. 2}}\n"
    "explanation:\n  variables:\n    y: {value: a + 2 * b, located_at: 'output[0]'}\n"
    "    h: {value: a + b, located_at: 'before_2[0]'}\nclaims:\n"
)
CLAIMS = {
    "set: {'hidden_1[1]': 0}, always: network.y == a and network.h == a": "PROVED",
    "set: {'before_2[0] from hidden_1[1]': 0}, always: network.y == a + b and network.h == a": "PROVED",
    "set: {'before_2[1] from hidden_1[1]': 0}, always: network.y == a + b and network.h == a + b": "PROVED",
    "set: {before_2 from hidden_1: 0}, always: network.y == 0": "PROVED",
    "add: {'before_2[0] from hidden_1': [1, 2]}, always: network.y == a + 2 * b + 3": "PROVED",
    "set: {'before_2[0] from hidden_1[1]': 0, 'before_2[1] from hidden_1[1]': 1}, always: network.y == a + 1": "PROVED",
    "resample: [rest], set: {'before_2[1] from hidden_1[1]': 0}, always: network.y == a + b": "PROVED",
    "resample: [each], set: {'before_2[1] from hidden_1[1]': 0}, always: network.h == h": "PROVED",
    "interchange: [h], set: {'before_2[1] from hidden_1[1]': 7}, always: network.y == h + 7": "PROVED",
    "set: {'before_2[0] from hidden_1[1]': 0}, always: network.y == a": "REFUTED",
}


def test_what_a_reader_sees_instead(tmp_path: Path) -> None:
    """In real arithmetic by a proof, and in float32 the graph against the runtimes."""
    dense(tmp_path / "m.onnx", LAYERS)
    text = HEAD + "".join(f"  c{k}: {{{claim}}}\n" for k, claim in enumerate(CLAIMS))
    (tmp_path / "spec.yaml").write_text("mechverify: 1\ntitle: A fixture\n" + text)
    spec = read_spec(tmp_path / "spec.yaml")
    models = load_models(spec, allow_code=False)
    found = {}
    for claim, planned in zip(CLAIMS, plan(spec, models, VerifyOptions()), strict=True):
        assert planned.job is not None
        assert planned.job.ideal is not None
        check_transplants(planned.job.compiled, models, 0)
        found[claim] = str(decided(planned.job.ideal.obligation).verdict)
    assert found == CLAIMS


def test_random_networks_in_float32(tmp_path: Path) -> None:
    """What the graph says of random edges encloses what the runtimes do."""
    random = np.random.default_rng(0)
    layers = [(random.normal(size=(3, 2)), random.normal(size=3)), (random.normal(size=(3, 3)), random.normal(size=3)),
              (random.normal(size=(1, 3)), [0.1])]  # fmt: skip
    dense(tmp_path / "m.onnx", layers)
    edges = ("before_2[1] from hidden_1[2]", "hidden_2 from before_2[1:3]", "output[0] from hidden_2", "before_1[0] from x[1]")
    text = HEAD + "".join(f"  c{k}: {{add: {{'{e}': a / 3}}, always: network.y <= 99}}\n" for k, e in enumerate(edges))
    (tmp_path / "spec.yaml").write_text("mechverify: 1\ntitle: A fixture\n" + text)
    spec = read_spec(tmp_path / "spec.yaml")
    models = load_models(spec, allow_code=False)
    for planned in plan(spec, models, VerifyOptions()):
        assert planned.job is not None
        check_transplants(planned.job.compiled, models, 0)


def test_a_counterexample_is_replayed_and_told(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", LAYERS)
    text = HEAD + "  c: {set: {'before_2[0] from hidden_1[1]': 0}, always: network.y == a}\n"
    (found,) = verify(tmp_path, text, timeout=10.0, iia_samples=0, scope=False).values()
    assert "with what before_2[0] reads of hidden_1[1] alone set to 0" in found.sentence
    assert found.counterexample is not None
    assert all(replay.shows for replay in found.counterexample.replays)


@pytest.mark.parametrize(
    ("edge", "words"),
    [
        ("hidden_2[0] from hidden_1[1]", "hidden_2[0] reads nothing of hidden_1[1] but through other activations"),
        ("before_2[1] from hidden_1[0]", "before_2[1] reads nothing of hidden_1[0] but through other activations"),
        ("hidden_1[0] from before_2[1]", "before_2 is not computed before hidden_1"),
        ("before_2[9] from hidden_1[1]", "index 9 is out of range"),
        ("before_2[0] from nowhere", "the model has no activation 'nowhere'"),
        ("before_2[0] from hidden_1[0:0]", "selects nothing"),
    ],
)
def test_what_is_no_edge_is_refused(tmp_path: Path, edge: str, words: str) -> None:
    dense(tmp_path / "m.onnx", LAYERS)
    found = mistakes(tmp_path, HEAD + f"  c: {{set: {{'{edge}': 0}}, always: network.y == a}}\n")
    assert any(words in one for one in found), found


def test_a_reader_that_is_set_otherwise_is_refused(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", LAYERS)
    text = HEAD + "  c: {interchange: [h], set: {'before_2[0] from hidden_1[1]': 0}, always: network.y == a}\n"
    assert any("overlap" in one for one in mistakes(tmp_path, text))
