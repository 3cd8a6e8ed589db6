"""Edges of operations that a fuzzer found: sizes of zero, scalars, ends beyond every axis, values that overflow."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx_making import make_model, node, save

from mechverify.errors import MechverifyError, ModelError
from mechverify.models.crosscheck import cross_check, enclose
from mechverify.models.onnx.model import OnnxModel, Reading, read_onnx

INT32_MAX = 2**31 - 1


def sliced(folder: Path, start: int, end: int, step: int) -> Path:
    weights = {n: np.array([v], dtype=np.int64) for n, v in {"s": start, "e": end, "a": 1, "t": step}.items()}
    return save(
        make_model([node("Slice", ["x", "s", "e", "a", "t"], ["y"])], {"x": [1, 5]}, ["y"], weights), folder / "m.onnx"
    )


@pytest.mark.parametrize("end", [INT32_MAX, 2**63 - 1])
def test_a_backward_slice_to_no_known_end_is_refused(tmp_path: Path, end: int) -> None:
    with pytest.raises(MechverifyError, match="negative step"):
        read_onnx(sliced(tmp_path, 4, end, -1))


def test_an_empty_slice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MechverifyError, match="no elements"):
        read_onnx(sliced(tmp_path, 3, 1, 1))


@pytest.mark.parametrize(("start", "end", "step"), [(4, -6, -1), (-1, 0, -2), (0, INT32_MAX, 2), (-3, 2**63 - 1, 1)])
def test_slices_that_runtimes_agree_on(tmp_path: Path, start: int, end: int, step: int) -> None:
    model = read_onnx(sliced(tmp_path, start, end, step))
    cross_check(model, {"x": np.arange(10, dtype=np.float32).reshape(2, 5)})


def test_a_scalar_index_into_a_vector(tmp_path: Path) -> None:
    nodes = [node("Gather", ["table", "i"], ["y"], axis=0)]
    proto = make_model(nodes, {"i": []}, ["y"], {"table": np.array([3, 1, 2], dtype=np.float32)}, dtypes={"i": "int64"})
    model = read_onnx(save(proto, tmp_path / "m.onnx"))
    cross_check(model, {"i": np.array([0, 2, 1])})


REFUSED = {
    "MaxPool": ([node("MaxPool", ["x"], ["y"], auto_pad="SAME_UPPER", kernel_shape=[2], dilations=[2])], [1, 2, 6]),
    "Pad": ([node("ReduceSum", ["x"], ["s"], keepdims=0), node("Pad", ["s", "p"], ["y"])], [1, 4]),
    "ReduceSum": ([node("Slice", ["x", "e", "z", "z"], ["n"]), node("ReduceSum", ["n"], ["y"])], [1, 4]),
    "Concat": ([node("Concat", ["x", "x"], ["y"], axis=5)], [1, 4]),
    "Transpose": ([node("Transpose", ["x"], ["y"], perm=[0, 0])], [1, 4]),
    "Unsqueeze": ([node("Unsqueeze", ["x", "p"], ["y"])], [1, 4]),
    "Clip": ([node("Clip", ["x", "x", "x"], ["y"])], [1, 4]),
    "Split": ([node("Split", ["x", "p"], ["y", "u"], axis=1)], [1, 4]),
    "Conv": ([node("Conv", ["x", "w"], ["y"], pads=[1, 1, 1])], [1, 1, 4]),
    "AveragePool": ([node("AveragePool", ["x"], ["y"], kernel_shape=[2], strides=[0])], [1, 1, 4]),
    "Gather": ([node("Gather", ["x", "p"], ["y"], axis=7)], [1, 4]),
    "Range": ([node("Range", ["e", "z", "p"], ["r"]), node("Add", ["x", "x"], ["y"])], [1, 4]),
    "BatchNormalization": ([node("BatchNormalization", ["x", "w", "w", "w", "w"], ["y"])], [1, 4]),
    "Gemm": ([node("Gemm", ["x", "w"], ["y"])], [1, 4]),
    "RNN": ([node("RNN", ["x", "w", "w"], ["y"], activations=["Relu"], hidden_size=0)], [1, 1, 4]),
}


@pytest.mark.parametrize("op", REFUSED)
def test_what_is_odd_or_malformed_is_refused_with_its_node(tmp_path: Path, op: str) -> None:
    nodes, shape = REFUSED[op]
    weights = {
        "p": np.array([1, 1], dtype=np.int64),
        "e": np.array([4], dtype=np.int64),
        "z": np.array([1], dtype=np.int64),
        "w": np.ones((1, 1, 2), dtype=np.float32),
    }
    proto = make_model(nodes, {"x": shape}, ["y"], weights)
    with pytest.raises(ModelError, match=rf"^{op} \(node '"):
        read_onnx(save(proto, tmp_path / "m.onnx"))


def test_a_scalar_padded_by_nothing(tmp_path: Path) -> None:
    nodes = [node("ReduceSum", ["x"], ["s"], keepdims=0), node("Pad", ["s", "none"], ["y"])]
    model = read_onnx(save(make_model(nodes, {"x": [4]}, ["y"], {"none": np.zeros(0, np.int64)}), tmp_path / "m.onnx"))
    assert model.activations["y"] == ()


def test_a_shape_that_onnxruntime_gives_otherwise_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with one element less than onnxruntime keeps."""
    model = read_onnx(save(make_model([node("Relu", ["x"], ["y"])], {"x": [1, 4]}, ["y"], {}), tmp_path / "m.onnx"))
    shorter = {n: t.moved(t.array[:, :3]) if n == "y" else t for n, t in model.tensors.items()}
    monkeypatch.setitem(model.__dict__, "reading", Reading(shorter))
    with pytest.raises(ModelError, match=r"Relu \(node .*'y' has shape \[1, 3\] as read here"):
        model.run({"x": np.zeros((1, 4), dtype=np.float32)}, ("y",))


def read(folder: Path, *nodes: onnx.NodeProto, shape: Sequence[int] = (1, 4), **weights: np.ndarray) -> OnnxModel:
    return read_onnx(save(make_model(nodes, {"x": shape}, ["y"], weights), folder / "m.onnx"))


def test_integers_are_divided_towards_zero(tmp_path: Path) -> None:
    """As in shapes that are computed: 4 axes in two halves, -7 by 2 is -3."""
    nodes = [node("Shape", ["x"], ["s"]), node("Div", ["s", "two"], ["h"]), node("Div", ["m7", "two"], ["m3"])]
    nodes += [node("Concat", ["m3", "h"], ["c"], axis=0), node("Cast", ["c"], ["f"], to=1), node("Add", ["x", "f"], ["y"])]
    weights = {"two": np.array([2], dtype=np.int64), "m7": np.array([-7, 7], dtype=np.int64)}
    model = read(tmp_path, *nodes, **weights)
    cross_check(model, {"x": np.zeros((1, 4), dtype=np.float32)})
    with pytest.raises(ModelError, match="division by 0"):
        read(tmp_path, node("Div", ["m7", "z"], ["d"]), node("Relu", ["x"], ["y"]), z=np.zeros(1, np.int64), **weights)


def test_an_input_without_elements_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"'x' has shape \[1, 0\]: it has no elements"):
        read(tmp_path, node("Relu", ["x"], ["y"]), shape=(1, 0))


@pytest.mark.parametrize(
    ("equation", "reason"), [("bi,bj,bk->b", "one or two"), ("bii->b", "at most once"), ("...i->...", "ellipsis")]
)
def test_what_einsum_does_not_read_is_said(tmp_path: Path, equation: str, reason: str) -> None:
    operands = ["x"] * (equation.count(",") + 1)
    shape = (1, 4, 4) if "ii" in equation else (1, 4)
    with pytest.raises(ModelError, match=rf"^Einsum .*{reason}"):
        read(tmp_path, node("Einsum", operands, ["y"], equation=equation), shape=shape)


def test_top_k_in_no_order_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"^TopK .*order of the elements is not defined"):
        read(tmp_path, node("TopK", ["x", "k"], ["y", "i"], sorted=0), k=np.array([2]))


def test_equal_elements_come_by_index(tmp_path: Path) -> None:
    model = read(tmp_path, node("TopK", ["x", "k"], ["y", "i"]), k=np.array([4]))
    cross_check(model, {"x": np.array([[[1, 2, 1, 2]], [[0, 0, 0, 0]]], dtype=np.float32).reshape(2, 4)}, ["y", "i"])


def test_the_sign_of_what_has_no_value_has_none(tmp_path: Path) -> None:
    model = read(tmp_path, node("Mul", ["x", "x"], ["s"]), node("Sub", ["s", "s"], ["d"]), node("Sign", ["d"], ["y"]))
    x = np.full((1, 4), 3e38, dtype=np.float32)
    assert np.isnan(model.run({"x": x}, ("y",))[0].values["y"]).all()
    low, high = enclose(model, {"x": x}, ["y"])["y"]
    assert np.isneginf(low).all()
    assert np.isposinf(high).all()
