"""Replacing parts of activations: every runtime inside the enclosure of the graph with the same replacement."""

from pathlib import Path

import numpy as np
import pytest
from onnx_making import make_model, node, save

from mechverify.errors import EnclosureError, ModelError
from mechverify.models.crosscheck import cross_check
from mechverify.models.intervention import Intervention
from mechverify.models.model import FloatArray, Model
from mechverify.models.onnx.model import OnnxModel, read_onnx
from mechverify.models.program.model import read_program

COUNT = 5


def _numbers(seed: int, *shape: int) -> FloatArray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def _onnx(folder: Path, *, dynamic: bool) -> OnnxModel:
    """x (3) -> h (4) -> r -> y (2), with r also feeding z past the second layer."""
    rng = np.random.default_rng(1)
    weights = {n: rng.normal(size=s).astype(np.float32) for n, s in {"a": (3, 4), "b": (4, 2), "c": (4, 1)}.items()}
    nodes = [
        node("MatMul", ["x", "a"], ["h"]),
        node("Relu", ["h"], ["r"]),
        node("MatMul", ["r", "b"], ["y"]),
        node("MatMul", ["r", "c"], ["z"]),
        node("Add", ["y", "z"], ["out"]),
    ]
    batch = "n" if dynamic else 1
    return read_onnx(save(make_model(nodes, {"x": [batch, 3]}, ["out", "y"], weights), folder / "m.onnx"))


def _replaced(model: Model, name: str, units: list[int], seed: int) -> Intervention:
    mask = np.zeros(model.activations[name], dtype=np.bool_)
    mask[units] = True
    return Intervention(name, mask, _numbers(seed, COUNT, *mask.shape))


@pytest.mark.parametrize("dynamic", [True, False])
@pytest.mark.parametrize("names", [["h"], ["r"], ["y"], ["x"], ["h", "y"], ["x", "r", "out"]])
def test_onnx(tmp_path: Path, names: list[str], *, dynamic: bool) -> None:
    model = _onnx(tmp_path, dynamic=dynamic)
    interventions = [_replaced(model, n, [1], k) for k, n in enumerate(names)]
    report = cross_check(model, {"x": _numbers(9, COUNT, 3)}, interventions=interventions)
    assert len(report.runtimes) == (4 if dynamic else 2)
    for run in model.run({"x": _numbers(9, COUNT, 3)}, tuple(names), interventions):
        for one in interventions:
            np.testing.assert_array_equal(run.values[one.activation][:, 1], one.values[:, 1])


def test_what_is_replaced_matters(tmp_path: Path) -> None:
    model = _onnx(tmp_path, dynamic=True)
    feeds = {"x": _numbers(9, COUNT, 3)}
    plain = model.run(feeds, ("out", "h"))[0].values
    changed = model.run(feeds, ("out", "h"), [_replaced(model, "r", [0, 2], 4)])[0].values
    np.testing.assert_array_equal(plain["h"], changed["h"])
    assert not np.allclose(plain["out"], changed["out"])
    whole = Intervention("r", np.ones(4, dtype=np.bool_), _numbers(3, COUNT, 4))
    other = model.run({"x": _numbers(8, COUNT, 3)}, ("out",), [whole])[0].values["out"]
    np.testing.assert_array_equal(model.run(feeds, ("out",), [whole])[0].values["out"], other)


def test_a_graph_without_the_replacement_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = _onnx(tmp_path, dynamic=True)
    real = OnnxModel.run
    monkeypatch.setattr(OnnxModel, "run", lambda self, feeds, names, _=(): real(self, feeds, names))
    with pytest.raises(EnclosureError, match="outside the enclosure"):
        cross_check(model, {"x": _numbers(9, COUNT, 3)}, interventions=[_replaced(model, "h", [0], 0)])


def test_refusals(tmp_path: Path) -> None:
    model = _onnx(tmp_path, dynamic=True)
    feeds = {"x": _numbers(9, COUNT, 3)}
    good = _replaced(model, "h", [0], 0)
    with pytest.raises(ModelError, match="unknown"):
        model.run(feeds, ("out",), [Intervention("nothing", good.mask, good.values)])
    with pytest.raises(ModelError, match="twice"):
        model.run(feeds, ("out",), [good, good])
    with pytest.raises(ModelError, match="shape"):
        model.run(feeds, ("out",), [Intervention("h", good.mask, good.values[:2])])


def test_torch() -> None:
    torch = pytest.importorskip("torch")
    from mechverify.models.torch.model import read_torch

    class Twice(torch.nn.Module):
        """A module called twice, and one that returns a pair."""

        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(3, 3)
            self.pair = Pair()

        def forward(self, x):
            a, b = self.pair(torch.relu(self.layer(x)))
            return self.layer(a) + b

    class Pair(torch.nn.Module):
        def forward(self, x):
            return x * 2, x - 1

    torch.manual_seed(0)
    model = read_torch(Twice().eval(), 3)
    name = next(iter(i.name for i in model.inputs))
    feeds = {name: _numbers(9, COUNT, 3)}
    for names in (["layer#0"], ["layer#1"], ["pair"], ["pair.1"], ["layer#0", "pair.1"], [name, "output"]):
        interventions = [_replaced(model, n, [0, 2], k) for k, n in enumerate(names)]
        report = cross_check(model, feeds, interventions=interventions)
        assert len(report.runtimes) == 2
        for run in model.run(feeds, tuple(names), interventions):
            for one in interventions:
                np.testing.assert_array_equal(run.values[one.activation][:, 2], one.values[:, 2])


PROGRAM = """
def f(x: int, y: int):
    low = x
    if y < x:
        low = y
    low = low + 0
    parts = [low, x - low]
    parts[1] = parts[1] + 1
    for i in range(3):
        y = y + parts[i % 2]
    return [y, parts[0] * 10]
"""


def test_programs(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(PROGRAM)
    model = read_program(tmp_path / "p.py", "f")
    rng = np.random.default_rng(2)
    feeds = {n: rng.integers(-20, 20, COUNT) for n in "xy"}
    for names in (["low"], ["parts"], ["low", "parts"], ["y", "low"], ["x"], ["x", "low"], ["output"]):
        interventions = []
        for n in names:
            shape = model.activations[n]
            mask = np.ones(shape, dtype=np.bool_)
            if shape:
                mask[0] = False
            interventions.append(Intervention(n, mask, rng.integers(-9, 9, (COUNT, *shape))))
        assert cross_check(model, feeds, interventions=interventions).values > 0
    (run,) = model.run({"x": np.array([3]), "y": np.array([5])}, ("output",), [_of(model, "low", 100)])
    assert run.values["output"].tolist() == [[5 + 100 + (3 - 100 + 1) + 100, 1000]]
    (run,) = model.run({"x": np.array([3]), "y": np.array([5])}, ("output",), [_of(model, "x", 100)])
    (other,) = model.run({"x": np.array([100]), "y": np.array([5])}, ("output",))
    assert run.values["output"].tolist() == other.values["output"].tolist()


def _of(model: Model, name: str, value: int) -> Intervention:
    return Intervention(name, np.ones(model.activations[name], dtype=np.bool_), np.array([value]))
