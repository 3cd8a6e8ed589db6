"""The cross-check finds a wrong graph, and folding makes the tight graph wrong."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from onnx_making import make_model, node, save

from mechverify.errors import EnclosureError, ModelError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.intervals import interval_values
from mechverify.models.crosscheck import cross_check, enclose
from mechverify.models.intervention import Intervention
from mechverify.models.onnx.model import OnnxModel, read_onnx
from mechverify.models.program.model import read_program
from mechverify.models.tensors.tensor import known


def model(tmp_path: Path, weights: np.ndarray, bias: np.ndarray) -> OnnxModel:
    nodes = [node("Gemm", ["x", "w", "b"], ["z"]), node("Relu", ["z"], ["y"])]
    proto = make_model(nodes, {"x": ["N", weights.shape[0]]}, ["y"], {"w": weights, "b": bias})
    return read_onnx(save(proto, tmp_path / "m.onnx"))


def test_a_weight_off_by_one_unit_is_found(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    weights, bias = rng.normal(size=(3, 4)).astype(np.float32), np.zeros(4, np.float32)
    read = model(tmp_path, weights, bias)
    feeds = {"x": rng.normal(size=(20, 3)).astype(np.float32)}
    cross_check(read, feeds)
    wrong = weights.copy()
    wrong[1, 2] *= np.float32(1 + 1e-5)
    broken = replace(read, constants={**read.constants, "w": known("float32", wrong)}, sessions={})
    with pytest.raises(EnclosureError, match=r"'z'\[0\]\[2\] is .* outside the enclosure"):
        cross_check(broken, feeds)


def test_integer_models_are_exact(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    read = model(tmp_path, rng.integers(-50, 50, (3, 4)).astype(np.float32), rng.integers(-9, 9, 4).astype(np.float32))
    feeds = {"x": rng.integers(-1000, 1000, (30, 3)).astype(np.float32)}
    assert cross_check(read, feeds).widest == 0.0


def test_integer_models_beyond_the_grid_are_not(tmp_path: Path) -> None:
    """The sum of absolute terms decides, not the result: (a, -a, 2) with a = 2^24 - 1 (SEMANTICS 8)."""
    read = model(tmp_path, np.array([[1.0], [-1.0], [2.0]], np.float32), np.zeros(1, np.float32))
    a = 2.0**24 - 1
    low, high = enclose(read, {"x": np.array([[a, a, 1.0]], np.float32)}, ("z",))["z"]
    assert low[0, 0] < 2 < high[0, 0]


def test_unknown_activation_and_wrong_shape(tmp_path: Path) -> None:
    read = model(tmp_path, np.ones((3, 1), np.float32), np.zeros(1, np.float32))
    with pytest.raises(ModelError, match="no activation is named hidden"):
        cross_check(read, {"x": np.zeros((1, 3), np.float32)}, ("hidden",))
    with pytest.raises(ModelError, match="shape"):
        cross_check(read, {"x": np.zeros((1, 2), np.float32)})


def test_a_patch_replaces_what_follows(tmp_path: Path) -> None:
    read = model(tmp_path, np.array([[2.0], [3.0]], np.float32), np.zeros(1, np.float32))
    builder = GraphBuilder()
    nodes = np.array([builder.input(n, "integer", Fraction(0), Fraction(9)) for n in ("a", "b")])
    other = builder.const(100)
    built = read.build(builder, {"x": nodes}, "float32", {"z": lambda z: np.full(z.shape, other)})
    low, high = interval_values(builder.graph(), np.array([[1, 1]]))
    assert built["z"].tolist() == [other]
    assert low[built["y"][0], 0] == high[built["y"][0], 0] == 100.0
    with pytest.raises(ModelError, match="no activation is named q"):
        read.build(builder, {"x": nodes}, "float32", {"q": lambda z: z})
    with pytest.raises(ModelError, match="changed its shape"):
        read.build(builder, {"x": nodes}, "float32", {"z": lambda z: np.concatenate([z, z])})


def test_a_folded_factor_is_rounded_with_the_weights(tmp_path: Path) -> None:
    """x1 - x2 is exactly 0 on equal inputs; with 0.1 folded in, 0.1 x1 - 0.1 x2 need not be, once fused."""
    weights = {"w": np.array([[[1.0], [-1.0]]], np.float32), "s": np.full((1, 1), 0.1, np.float32)}
    nodes = [node("Conv", ["x", "w"], ["c"]), node("Mul", ["c", "s"], ["y"])]
    read = read_onnx(save(make_model(nodes, {"x": [1, 2, 1]}, ["y"], weights), tmp_path / "m.onnx"))
    bounds = enclose(read, {"x": np.full((1, 2, 1), 1e6 + 1, np.float32)}, ("c", "y"))
    assert bounds["c"][0].item() == bounds["c"][1].item() == 0.0
    assert bounds["y"][0].item() < -1e-3 * 0.1
    assert bounds["y"][1].item() > 1e-3 * 0.1


def test_an_overflow_hidden_by_a_small_factor_is_any_value(tmp_path: Path) -> None:
    weights = {"w": np.full((2, 1), 2.0**100, np.float32), "s": np.array([1e-25], np.float32)}
    nodes = [node("MatMul", ["x", "w"], ["c"]), node("Mul", ["c", "s"], ["y"])]
    read = read_onnx(save(make_model(nodes, {"x": ["N", 2]}, ["y"], weights), tmp_path / "m.onnx"))
    low, high = enclose(read, {"x": np.array([[2.0**27, 2.0**27]], np.float32)}, ("y",))["y"]
    assert low.item() == -np.inf
    assert high.item() == np.inf


@pytest.mark.parametrize("fed", [2**60 + 1, 2**60 - 1, -(2**70) - 1, 2**53 + 1])
def test_integers_between_two_floats_are_within_their_enclosure(tmp_path: Path, fed: int) -> None:
    (tmp_path / "p.py").write_text(f"def f(x):\n    h = x + 0\n    out = 3 * (h - {fed})\n    return out\n")
    read = read_program(tmp_path / "p.py", "f")
    cross_check(read, {"x": np.array([fed, 5], dtype=object)})
    one = Intervention("h", np.array(True), np.array([fed, fed + 2], dtype=object))
    cross_check(read, {"x": np.array([3, 4])}, interventions=[one])
