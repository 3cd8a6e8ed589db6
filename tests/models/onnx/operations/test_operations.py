"""Every ONNX operation against onnxruntime: no value outside its enclosure, at points and on boxes around them."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from onnx_cases import CASES
from onnx_making import make_model, save

from mechverify.errors import EnclosureError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.intervals import IntervalEvaluator
from mechverify.models.crosscheck import cross_check
from mechverify.models.onnx.model import OnnxModel, read_onnx
from mechverify.models.tensors.arithmetic import Arithmetic
from mechverify.models.tensors.smooth import functions
from mechverify.models.tensors.smooth import softmax as rows

SAMPLES = 20


def feeds(model: OnnxModel, rng: np.random.Generator, samples: int, integers: int) -> dict[str, np.ndarray]:
    found = {}
    for given in model.inputs:
        shape = (samples, *given.shape)
        if given.dtype == "integer":
            found[given.name] = rng.integers(0, integers, shape)
            continue
        kind = rng.integers(4)
        if kind == 0:
            values = rng.normal(size=shape)
        elif kind == 1:
            values = rng.integers(-20, 21, size=shape)
        elif kind == 2:
            values = rng.normal(size=shape) * 10.0 ** rng.uniform(-5, 5, size=shape)
        else:
            values = rng.integers(-8, 9, size=shape) / 4
        if model.path.stem in ("smooth_log", "smooth_sqrt"):
            values = np.abs(values)
        if model.path.stem in ("reciprocal", "div_variable", "div_constant"):
            values = np.where(np.abs(values) < 1e-3, 1.0, values)
        found[given.name] = values.astype(np.float32)
    return found


def check(name: str, tmp_path: Path, seed: int, rounds: int, samples: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(rounds):
        nodes, inputs, outputs, weights, options = CASES[name](rng)
        proto = make_model(nodes, inputs, outputs, weights, options.get("opset", 17), options.get("dtypes"))
        model = read_onnx(save(proto, tmp_path / f"{name}.onnx"))
        given = feeds(model, rng, samples, options.get("integers", 1))
        report = cross_check(model, given)
        assert report.values > 0
        assert len(report.runtimes) == (4 if all(i.dynamic for i in model.graph_inputs) else 2)


@pytest.mark.parametrize("name", sorted(CASES))
def test_every_runtime_value_lies_in_its_enclosure(name: str, tmp_path: Path) -> None:
    check(name, tmp_path, seed=len(name), rounds=8, samples=SAMPLES)


def test_without_folding_an_optimised_runtime_leaves_the_enclosure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Arithmetic, "_form", lambda self, node: None)
    with pytest.raises(EnclosureError, match="default optimisation"):
        check("conv_batch_norm", tmp_path, seed=len("conv_batch_norm"), rounds=8, samples=SAMPLES)


@pytest.mark.parametrize("name", ["smooth_tanh", "smooth_sigmoid", "softmax"])
def test_without_the_measured_error_a_runtime_leaves_the_enclosure(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (functions, rows):
        monkeypatch.setattr(module, "within", lambda arithmetic, a, *_: a)
    monkeypatch.setattr(rows, "_near", lambda arithmetic, a, *_: a)
    with pytest.raises(EnclosureError, match="outside the enclosure"):
        check(name, tmp_path, seed=len(name), rounds=8, samples=SAMPLES)


@pytest.mark.campaign
@pytest.mark.parametrize("name", sorted(CASES))
def test_campaign_every_runtime_value_lies_in_its_enclosure(name: str, tmp_path: Path) -> None:
    check(name, tmp_path, seed=1000 + len(name), rounds=200, samples=50)


@pytest.mark.parametrize("radius", [0.0, 1e-7])
@pytest.mark.parametrize("name", ["gemm", "mlp", "conv2d", "conv_batch_norm", "residual", "leaky_relu"])
def test_boxes_contain_what_runtimes_return_in_them(name: str, radius: float, tmp_path: Path) -> None:
    rng = np.random.default_rng(3)
    nodes, inputs, outputs, weights, _ = CASES[name](rng)
    model = read_onnx(save(make_model(nodes, inputs, outputs, weights), tmp_path / f"{name}.onnx"))
    centres = feeds(model, rng, 30, 1)["x"]
    moved = (centres + rng.uniform(-radius, radius, centres.shape)).astype(np.float32)
    flat = centres.reshape(30, -1).astype(np.float64)
    spread = np.abs(moved.reshape(30, -1).astype(np.float64) - flat)
    builder = GraphBuilder()
    shape = model.inputs[0].shape
    places = [builder.input(f"x{i}", "real", Fraction(-(10**9)), Fraction(10**9)) for i in range(flat.shape[1])]
    built = model.build(builder, {"x": np.array(places).reshape(shape)}, "float32")
    low, high = IntervalEvaluator(builder.graph()).values(flat - spread, flat + spread)
    for run in model.run({"x": moved}, model.outputs):
        for output in model.outputs:
            at = built[output].ravel()
            values = run.values[output].reshape(30, -1).astype(np.float64)
            assert (values >= low[at].T).all()
            assert (values <= high[at].T).all()
