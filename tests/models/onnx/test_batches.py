"""A symbolic batch axis: what depends on the size of the batch, or on other rows of it, is refused."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx_making import make_model, node, save

from mechverify.errors import ModelError
from mechverify.models.crosscheck import cross_check
from mechverify.models.onnx.model import OnnxModel, read_onnx


def i64(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


CONSTANTS = {
    "i0": np.array(0, dtype=np.int64),
    "i1": np.array(1, dtype=np.int64),
    "c0": i64(0),
    "c1": i64(1),
    "c2": i64(2),
    "c3": i64(3),
    "c7": i64(7),
    "m1": i64(-1),
    "c43": i64(4, 3),
    "c34": i64(3, 4),
    "m11": i64(-1, -1),
    "ones2": i64(1, 1),
    "row": np.array([[1.0, 2.0, 3.0, 4.0]], dtype=np.float32),
    "f1": np.array([1.0], dtype=np.float32),
    "fours": np.ones((4, 4), dtype=np.float32),
}
N = [node("Shape", ["x"], ["s"]), node("Gather", ["s", "c0"], ["n"], axis=0)]
ONE = onnx.numpy_helper.from_array(np.array([1], dtype=np.int64), "v")


def model(path: Path, nodes: Sequence[onnx.NodeProto], shape: Sequence[Any] = ("N", 4), **more: Any) -> OnnxModel:
    return read_onnx(save(make_model(nodes, {"x": shape}, ["y"], CONSTANTS, **more), path / "m.onnx"))


AS_A_SHAPE = {
    "gathered and joined": [
        *N,
        node("Concat", ["n", "c2", "m1"], ["t"], axis=0),
        node("Reshape", ["x", "t"], ["r"]),
        node("Relu", ["r"], ["y"]),
    ],
    "sliced": [
        node("Shape", ["x"], ["s"]),
        node("Slice", ["s", "c0", "c1"], ["n"]),
        node("Concat", ["n", "m1"], ["t"], axis=0),
        node("Reshape", ["x", "t"], ["y"]),
    ],
    "squeezed": [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "i0"], ["n"], axis=0),
        node("Unsqueeze", ["n", "c0"], ["n1"]),
        node("Concat", ["n1", "m1"], ["t"], axis=0),
        node("Reshape", ["x", "t"], ["y"]),
    ],
    "rows and heads": [
        *N,
        node("Mul", ["n", "c2"], ["n2"]),
        node("Concat", ["n2", "c2"], ["t"], axis=0),
        node("Reshape", ["x", "t"], ["r"]),
        node("Relu", ["r"], ["q"]),
        node("Concat", ["n", "m1"], ["u"], axis=0),
        node("Reshape", ["q", "u"], ["y"]),
    ],
    "another axis as a value": [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "c1"], ["k"], axis=0),
        node("Cast", ["k"], ["f"], to=1),
        node("Mul", ["x", "f"], ["y"]),
    ],
    "expanded constant": [
        *N,
        node("Concat", ["n", "m1"], ["t0"], axis=0),
        node("Equal", ["t0", "m11"], ["keep"]),
        node("Where", ["keep", "ones2", "t0"], ["t"]),
        node("Expand", ["row", "t"], ["e"]),
        node("Add", ["x", "e"], ["y"]),
    ],
    "zeros of the batch": [
        *N,
        node("Concat", ["n", "c1"], ["t"], axis=0),
        node("ConstantOfShape", ["t"], ["z"]),
        node("Concat", ["x", "z"], ["y"], axis=1),
    ],
    "transposed and back": [
        node("Transpose", ["x"], ["t"], perm=[1, 0]),
        node("Relu", ["t"], ["r"]),
        node("Transpose", ["r"], ["y"], perm=[1, 0]),
    ],
}


@pytest.mark.parametrize("name", AS_A_SHAPE)
def test_the_batch_size_may_be_an_extent(tmp_path: Path, name: str) -> None:
    found = model(tmp_path, AS_A_SHAPE[name])
    cross_check(found, {"x": np.arange(20, dtype=np.float32).reshape(5, 4) - 7}, ["y"])


AS_A_VALUE = {
    "cast": [*N, node("Cast", ["n"], ["f"], to=1), node("Add", ["x", "f"], ["y"])],
    "size": [node("Size", ["x"], ["n"]), node("Cast", ["n"], ["f"], to=1), node("Add", ["x", "f"], ["y"])],
    "output": [*N, node("Identity", ["n"], ["y"])],
    "compared": [*N, node("Equal", ["n", "c7"], ["e"]), node("Where", ["e", "row", "x"], ["y"])],
    "index": [
        *N,
        node("Sub", ["n", "c1"], ["i"]),
        node("Gather", ["row", "i"], ["g"], axis=1),
        node("Add", ["x", "g"], ["y"]),
    ],
    "range": [
        node("Shape", ["x"], ["s"]),
        node("Gather", ["s", "i0"], ["n"], axis=0),
        node("Range", ["i0", "n", "i1"], ["r"]),
        node("Unsqueeze", ["r", "c1"], ["u"]),
        node("Cast", ["u"], ["f"], to=1),
        node("Add", ["x", "f"], ["y"]),
    ],
    "slice": [
        *N,
        node("Slice", ["row", "c0", "n", "c1"], ["g"]),
        node("ReduceMax", ["g"], ["r"]),
        node("Add", ["x", "r"], ["y"]),
    ],
    "counted ones": [
        *N,
        node("ConstantOfShape", ["n"], ["z"], value=ONE),
        node("ReduceSum", ["z"], ["k"], keepdims=1),
        node("Equal", ["k", "c7"], ["e"]),
        node("Where", ["e", "row", "x"], ["y"]),
    ],
    "clipped": [*N, node("Min", ["n", "c1"], ["k"]), node("Cast", ["k"], ["f"], to=1), node("Add", ["x", "f"], ["y"])],
    "squared": [
        *N,
        node("Mul", ["n", "n"], ["k"]),
        node("ConstantOfShape", ["k"], ["z"]),
        node("Add", ["x", "f1"], ["y"]),
    ],
}


@pytest.mark.parametrize("name", AS_A_VALUE)
def test_the_batch_size_as_a_value_is_refused(tmp_path: Path, name: str) -> None:
    kinds = {"y": "int64"} if name == "output" else {}
    with pytest.raises(ModelError, match="depends on the size of the batch") as found:
        model(tmp_path, AS_A_VALUE[name], dtypes=kinds)
    assert "fixed batch of 1" in str(found.value.hint)


MIXED = {
    "sum of the rows": [node("ReduceSum", ["x", "c0"], ["r"]), node("Add", ["x", "r"], ["y"])],
    "first row": [node("Gather", ["x", "c0"], ["r"], axis=0), node("Add", ["x", "r"], ["y"])],
    "other order": [node("Transpose", ["x"], ["t"], perm=[1, 0]), node("Reshape", ["t", "c43x"], ["y"])],
    "products of rows": [
        node("Transpose", ["x"], ["t"], perm=[1, 0]),
        node("MatMul", ["t", "x"], ["g"]),
        node("MatMul", ["x", "g"], ["y"]),
    ],
    "backwards": [node("Slice", ["x", "m1", "far", "c0", "m1"], ["y"])],
    "flattened": [node("Reshape", ["x", "m1"], ["r"]), node("ReduceMax", ["r"], ["k"]), node("Add", ["x", "k"], ["y"])],
}


@pytest.mark.parametrize("name", MIXED)
def test_rows_that_depend_on_other_rows_are_refused(tmp_path: Path, name: str) -> None:
    weights = CONSTANTS | {"c43x": i64(-1, 4), "far": i64(-100)}
    proto = make_model(MIXED[name], {"x": ["N", 4]}, ["y"], weights, opset=18 if name == "flattened" else 17)
    with pytest.raises(ModelError, match="other rows of it"):
        read_onnx(save(proto, tmp_path / "m.onnx"))


def test_a_model_for_one_row_only_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="in a batch of 2") as found:
        model(tmp_path, [node("Constant", [], ["two"], value_ints=[2, 2]), node("Reshape", ["x", "two"], ["y"])])
    assert "fixed batch of 1" in str(found.value.hint)


def test_a_fixed_batch_may_be_counted(tmp_path: Path) -> None:
    found = model(tmp_path, AS_A_VALUE["cast"], shape=(1, 4))
    cross_check(found, {"x": np.zeros((1, 4), dtype=np.float32)}, ["y"])


def test_activations_that_all_rows_share_are_compared(tmp_path: Path) -> None:
    nodes = [node("Pow", ["row", "f1x"], ["p"]), node("Add", ["x", "p"], ["y"])]
    weights = CONSTANTS | {"f1x": np.array([3.0], dtype=np.float32)}
    found = read_onnx(save(make_model(nodes, {"x": ["N", 4]}, ["y"], weights), tmp_path / "m.onnx"))
    assert "p" in found.activations
    cross_check(found, {"x": np.ones((3, 4), dtype=np.float32)})


def test_a_value_of_which_nothing_is_known_is_no_constant(tmp_path: Path) -> None:
    """A single element by itself, two in a batch: a runtime computes neither before it is fed."""
    nodes = [node("MatMul", ["x", "w"], ["p"]), node("Mul", ["p", "s"], ["q"]), node("Mul", ["q", "t"], ["r"])]
    nodes += [node("MatMul", ["r", "w"], ["y"])]
    weights = {"w": np.ones((1, 1)), "s": np.array(2.0**-120), "t": np.array(2.0)}
    proto = make_model(nodes, {"x": ["N", 1]}, ["y"], {n: w.astype(np.float32) for n, w in weights.items()})
    cross_check(read_onnx(save(proto, tmp_path / "m.onnx")), {"x": np.ones((3, 1), dtype=np.float32)})
