"""Shuffled weights: the same numbers in each tensor, in another order, by a seed."""

from pathlib import Path

import numpy as np
import pytest
from onnx_making import make_model, node, save

from mechverify.models.onnx.file import read_tensor
from mechverify.models.onnx.model import OnnxModel, read_onnx
from mechverify.models.program.model import read_program
from mechverify.models.shuffle import shuffled


def onnx(folder: Path, *weights: np.ndarray) -> OnnxModel:
    nodes = [node("MatMul", ["x", "a"], ["h"]), node("Add", ["h", "b"], ["y"])]
    named = dict(zip("ab", weights, strict=True))
    return read_onnx(save(make_model(nodes, {"x": [1, 3]}, ["y"], named), folder / "m.onnx"))


def weights(model: OnnxModel) -> dict[str, np.ndarray]:
    return {i.name: read_tensor(i, model.path.parent).array for i in model.proto.graph.initializer}


def test_each_tensor_keeps_its_numbers_and_its_shape(tmp_path: Path) -> None:
    a, b = np.arange(12, dtype=np.float32).reshape(3, 4), np.arange(4, dtype=np.float32) + 50
    model = onnx(tmp_path, a, b)
    other = shuffled(model, 3)
    assert isinstance(other, OnnxModel)
    after = weights(other)
    assert after["a"].shape == (3, 4)
    assert sorted(after["a"].reshape(-1)) == sorted(a.reshape(-1))
    assert sorted(after["b"]) == sorted(b)
    assert not np.array_equal(after["a"], a)
    assert np.array_equal(weights(model)["a"], a)
    x = np.array([[1, 10, 100]], dtype=np.float32)
    (run, *_) = other.run({"x": x}, ("y",))
    assert np.allclose(run.values["y"].reshape(-1), x[0] @ after["a"] + after["b"])
    again = shuffled(model, 3)
    assert isinstance(again, OnnxModel)
    assert np.array_equal(weights(again)["a"], after["a"])
    unlike = shuffled(model, 4)
    assert isinstance(unlike, OnnxModel)
    assert not np.array_equal(weights(unlike)["a"], after["a"])


def test_nothing_to_shuffle(tmp_path: Path) -> None:
    assert shuffled(onnx(tmp_path, np.ones((3, 4), np.float32), np.zeros(4, np.float32)), 0) is None
    (tmp_path / "p.py").write_text("def f(x):\n    return x + 3\n")
    assert shuffled(read_program(tmp_path / "p.py", "f"), 0) is None


def test_torch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from mechverify.models.torch.model import TorchModel, read_torch

    module = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    before = {n: t.clone() for n, t in module.state_dict().items()}
    other = shuffled(read_torch(module, 3), 1)
    assert isinstance(other, TorchModel)
    assert all(torch.equal(t, before[n]) for n, t in module.state_dict().items())
    after = other.module.state_dict()
    assert not torch.equal(after["0.weight"], before["0.weight"])
    assert torch.equal(after["0.weight"].flatten().sort().values, before["0.weight"].flatten().sort().values)
