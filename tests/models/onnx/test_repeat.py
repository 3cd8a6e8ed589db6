"""A step that is repeated: the graph of all steps computes what running the step again and again does."""

from pathlib import Path

import numpy as np
import pytest
from onnx_making import make_model, node, save

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.models.onnx.model import read_onnx
from mechverify.models.onnx.repeat import read_repeated

random = np.random.default_rng(5)
WEIGHTS = {
    "keep": random.normal(size=(3, 3)).astype(np.float32),
    "take": random.normal(size=(2, 3)).astype(np.float32),
    "read": random.normal(size=(3, 1)).astype(np.float32),
}
CARRY = (("state", "next"),)


def step_nodes() -> list[object]:
    return [
        node("MatMul", ["x", "take"], ["taken"]),
        node("MatMul", ["state", "keep"], ["kept"]),
        node("Add", ["kept", "taken"], ["sum"]),
        node("Relu", ["sum"], ["next"]),
        node("MatMul", ["next", "read"], ["out"]),
    ]


@pytest.fixture
def step(tmp_path: Path) -> Path:
    model = make_model(step_nodes(), {"x": [1, 2], "state": [1, 3]}, ["out"], WEIGHTS)  # type: ignore[arg-type]
    return save(model, tmp_path / "step.onnx")


def by_hand(x: np.ndarray, state: np.ndarray) -> list[np.ndarray]:
    """The state after each step."""
    states = []
    for row in x:
        state = np.maximum(state @ WEIGHTS["keep"] + row @ WEIGHTS["take"], 0)
        states.append(state)
    return states


def test_all_steps_are_what_one_after_the_other_is(step: Path) -> None:
    model = read_repeated(step, 4, CARRY)
    assert [one.name for one in model.inputs] == ["state", "x#0", "x#1", "x#2", "x#3"]
    assert model.outputs == ("out",)
    assert model.parameter_count == read_onnx(step).parameter_count
    x, state = random.normal(size=(4, 2)).astype(np.float32), random.normal(size=3).astype(np.float32)
    feeds = {"state": state[None], **{f"x#{k}": row[None] for k, row in enumerate(x)}}
    names = ("next#0", "next#1", "next#2", "next", "out", "sum#1")
    states = by_hand(x, state)
    for run in model.run(feeds, names):
        for k, name in enumerate(names[:4]):
            assert np.allclose(run.values[name][0], states[k], atol=1e-5)
        assert np.allclose(run.values["out"][0], states[3] @ WEIGHTS["read"], atol=1e-5)


def test_once_is_the_step_itself(step: Path) -> None:
    once, plain = read_repeated(step, 1, CARRY), read_onnx(step)
    assert [one.name for one in once.inputs] == ["state", "x#0"]
    assert set(once.activations) == set(plain.activations) - {"x"} | {"x#0"}


def test_an_input_handed_on_as_it_is(tmp_path: Path) -> None:
    """What one step reads is what the next one is given, computed or not."""
    nodes = [node("Sub", ["x", "last"], ["out"])]
    path = save(make_model(nodes, {"x": [1, 1], "last": [1, 1]}, ["out"], {}), tmp_path / "d.onnx")
    model = read_repeated(path, 3, (("last", "x"),))
    feeds = {"last": np.array([[1]], np.float32)} | {f"x#{k}": np.array([[k * k]], np.float32) for k in range(3)}
    for run in model.run(feeds, ("out#0", "out#1", "out")):
        assert [float(run.values[n].ravel()[0]) for n in ("out#0", "out#1", "out")] == [-1, 1, 3]


@pytest.mark.parametrize(
    ("carry", "words"),
    [
        ((("s", "next"),), "no input 's'; its inputs are: x, state"),
        ((("state", "nxt"),), "no tensor 'nxt' to carry to 'state'"),
        ((("state", "out"),), "'state' cannot take 'out' from the step before"),
    ],
)
def test_what_does_not_fit(step: Path, carry: tuple[tuple[str, str], ...], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        read_repeated(step, 3, carry)


def test_names_that_could_be_confused_are_refused(tmp_path: Path) -> None:
    nodes = [node("Add", ["x", "state"], ["next#0"]), node("Relu", ["next#0"], ["next"])]
    path = save(make_model(nodes, {"x": [1, 2], "state": [1, 2]}, ["next"], {}), tmp_path / "s.onnx")
    with pytest.raises(ModelError, match="has a # in its name"):
        read_repeated(path, 2, CARRY)


def test_what_the_reader_refuses_is_refused(tmp_path: Path) -> None:
    nodes = [node("Add", ["x", "state"], ["sum"]), node("Bernoulli", ["sum"], ["next"])]
    path = save(make_model(nodes, {"x": [1, 2], "state": [1, 2]}, ["next"], {}), tmp_path / "s.onnx")
    with pytest.raises(UnsupportedOperationError):
        read_repeated(path, 2, CARRY)
