"""What default onnxruntime makes of a graph: listed rewrites are accounted for, everything else is not."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx_making import make_model, node, save

from mechverify.models.crosscheck import cross_check
from mechverify.models.onnx.model import read_onnx
from mechverify.models.onnx.rewrites import uncovered
from mechverify.models.onnx.runtime import OPTIMISED, PLAIN
from mechverify.models.onnx.session import optimised_session


def f(*shape: int) -> np.ndarray:
    return (np.arange(1, np.prod(shape, dtype=int) + 1, dtype=np.float32) / 7).reshape(shape)


ONE, ZERO, TWO = np.float32(1), np.float32(0), np.float32(2)
PADS = np.array([0, 0, 1, 1, 0, 0, 1, 1])
IMAGE = ["N", 1, 5, 5]

# Nodes, the shape of x, weights, and an operation of the optimised graph that shows that it was rewritten.
REWRITTEN: dict[str, tuple[list[Any], list[Any], dict[str, Any], str]] = {
    "scale": (
        [
            node("Mul", ["x", "s"], ["a"]),
            node("Transpose", ["a"], ["b"], perm=[0, 2, 1]),
            node("MatMul", ["b", "w"], ["y"]),
        ],
        ["N", 3, 4],
        {"s": TWO, "w": f(3, 5)},
        "FusedMatMul",
    ),
    "scales on all sides": (
        [
            node("Div", ["x", "s"], ["a"]),
            node("Mul", ["w", "x"], ["b"]),
            node("Mul", ["b", "s"], ["c"]),
            node("MatMul", ["a", "c"], ["p"]),
            node("Mul", ["p", "t"], ["y"]),
        ],
        ["N", 4, 4],
        {"s": TWO, "t": f(1), "w": f(4, 4)},
        "FusedMatMul",
    ),
    "convolution": (
        [
            node("Pad", ["x", "p"], ["q"]),
            node("Conv", ["q", "w", "b"], ["a"], pads=[0, 0, 0, 0]),
            node("Mul", ["a", "v"], ["c"]),
            node("Add", ["c", "v"], ["d"]),
            node("LeakyRelu", ["d"], ["y"]),
        ],
        IMAGE,
        {"w": f(3, 1, 3, 3), "b": f(3), "v": f(3, 1, 1), "p": PADS},
        "ReorderOutput",
    ),
    "convolution in one dimension": (
        [node("Conv", ["x", "w"], ["a"]), node("Relu", ["a"], ["y"])],
        ["N", 1, 5],
        {"w": f(3, 1, 3)},
        "FusedConv",
    ),
    "convolution in blocks": (
        [
            node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
            node("Relu", ["a"], ["b"]),
            node("MaxPool", ["b"], ["c"], kernel_shape=[2, 2]),
            node("AveragePool", ["c"], ["d"], kernel_shape=[2, 2]),
            node("GlobalAveragePool", ["d"], ["e"]),
            node("Flatten", ["e"], ["y"]),
        ],
        IMAGE,
        {"w": f(16, 1, 3, 3)},
        "ReorderOutput",
    ),
    "residual": (
        [
            node("Conv", ["x", "w"], ["a"], pads=[1, 1, 1, 1]),
            node("Add", ["a", "x"], ["b"]),
            node("Relu", ["b"], ["y"]),
        ],
        ["N", 3, 5, 5],
        {"w": f(3, 3, 3, 3)},
        "ReorderOutput",
    ),
    "normalised product": (
        [
            node("MatMul", ["x", "w"], ["a"]),
            node("BatchNormalization", ["a", "s", "s", "s", "s"], ["c"], epsilon=1e-5),
            node("Relu", ["c"], ["y"]),
        ],
        ["N", 4],
        {"w": f(4, 3), "s": f(3)},
        "FusedGemm",
    ),
    "product and sum": (
        [node("Gemm", ["x", "w"], ["a"], alpha=0.5), node("Sum", ["a", "b"], ["y"])],
        ["N", 4],
        {"w": f(4, 3), "b": f(3)},
        "Gemm",
    ),
    "reciprocal": (
        [node("Div", ["one", "x"], ["a"]), node("Mul", ["a", "z"], ["b"]), node("Relu", ["b"], ["y"])],
        ["N", 4],
        {"one": ONE, "z": f(4)},
        "Div",
    ),
    "nothing": (
        [
            node("Add", ["x", "zero"], ["a"]),
            node("Mul", ["a", "one"], ["b"]),
            node("Sub", ["b", "zero"], ["c"]),
            node("Relu", ["c"], ["d"]),
            node("Clip", ["d", "m"], ["y"]),
        ],
        ["N", 4],
        {"one": ONE, "zero": ZERO, "m": np.float32(-1)},
        "Clip",
    ),
    "transposed": (
        [
            node("Transpose", ["x"], ["a"], perm=[0, 2, 1]),
            node("Relu", ["a"], ["b"]),
            node("Add", ["b", "w"], ["c"]),
            node("Transpose", ["c"], ["y"], perm=[0, 2, 1]),
        ],
        ["N", 4, 3],
        {"w": f(3, 4)},
        "Relu",
    ),
    "not": (
        [node("Greater", ["x", "one"], ["a"]), node("Not", ["a"], ["b"]), node("Where", ["b", "x", "one"], ["y"])],
        ["N", 4],
        {"one": ONE},
        "Where",
    ),
    "twice": (
        [node("Relu", ["x"], ["a"]), node("Relu", ["x"], ["b"]), node("Add", ["a", "b"], ["y"])],
        ["N", 4],
        {},
        "Add",
    ),
    "constants": (
        [node("Div", ["one", "s"], ["t"]), node("Mul", ["x", "t"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
        ["N", 4],
        {"one": ONE, "s": TWO, "w": f(4, 2)},
        "FusedMatMul",
    ),
}


def made(name: str) -> onnx.ModelProto:
    nodes, shape, weights, _ = REWRITTEN[name]
    return make_model(nodes, {"x": shape}, ["y"], weights)


@pytest.mark.parametrize("name", REWRITTEN)
def test_a_listed_rewrite_is_covered(tmp_path: Path, name: str) -> None:
    proto = made(name)
    model = read_onnx(save(proto, tmp_path / "m.onnx"))
    _, rewritten = optimised_session(proto)
    kinds = [n.op_type for n in rewritten.graph.node]
    assert REWRITTEN[name][3] in kinds
    assert kinds != [n.op_type for n in proto.graph.node] or name == "not"
    assert uncovered(proto, rewritten, model.reading.singles) is None
    assert model.excluded == ()


def test_a_rewrite_that_is_not_listed_is_not_covered(tmp_path: Path) -> None:
    """onnxruntime makes zeros around an average the padding of the average."""
    nodes = [node("Pad", ["x", "p"], ["q"]), node("AveragePool", ["q"], ["y"], kernel_shape=[2], pads=[0, 0])]
    path = save(make_model(nodes, {"x": ["N", 1, 2]}, ["y"], {"p": np.array([0, 0, 1, 0, 0, 1])}), tmp_path / "m.onnx")
    model = read_onnx(path)
    (excluded,) = model.excluded
    assert excluded.startswith(f"{OPTIMISED}: it computes 'y' by AveragePool")
    assert {run.runtime for run in model.run({"x": np.ones((2, 1, 2), dtype=np.float32)}, ("y",))} == {PLAIN}


def relu(x: str, y: str) -> onnx.NodeProto:
    return node("Relu", [x], [y])


# What is written, what an optimiser might make of it, and weights of the latter.
WRONG: dict[str, tuple[Sequence[Any], Sequence[Any], dict[str, Any]]] = {
    "an unknown operation": ([relu("x", "y")], [onnx.helper.make_node("Wave", ["x"], ["y"], domain="com.example")], {}),
    "an unknown fused one": (
        [node("MatMul", ["x", "w"], ["a"]), relu("a", "y")],
        [onnx.helper.make_node("FusedMatMulActivation", ["x", "w"], ["y"], domain="com.microsoft")],
        {},
    ),
    "another operation": ([relu("x", "y")], [node("Abs", ["x"], ["y"])], {}),
    "one that is left out": ([relu("x", "a"), relu("a", "y")], [node("Identity", ["x"], ["y"])], {}),
    "a step left out": ([relu("x", "a"), node("Abs", ["a"], ["y"])], [node("Abs", ["x"], ["y"])], {}),
    "scales joined": (
        [node("Mul", ["x", "s"], ["a"]), node("Mul", ["a", "s"], ["y"])],
        [node("Mul", ["x", "ss"], ["y"])],
        {"ss": TWO},
    ),
    "a scale by a vector": (
        [node("Mul", ["x", "v"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
        [onnx.helper.make_node("FusedMatMul", ["x", "w"], ["y"], domain="com.microsoft")],
        {},
    ),
    "a scale by a variable": (
        [node("Mul", ["x", "x"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
        [onnx.helper.make_node("FusedMatMul", ["x", "w"], ["y"], domain="com.microsoft")],
        {},
    ),
    "a product of products": (
        [node("MatMul", ["x", "w"], ["a"]), node("MatMul", ["a", "w"], ["y"])],
        [node("MatMul", ["x", "ww"], ["y"])],
        {"ww": f(4, 4)},
    ),
    "an activation that comes first": (
        [node("MatMul", ["x", "w"], ["a"]), relu("a", "b"), node("Add", ["b", "v"], ["y"])],
        [onnx.helper.make_node("FusedGemm", ["x", "w", "v"], ["y"], domain="com.microsoft")],
        {},
    ),
    "scales of sums": (
        [node("MatMul", ["x", "w"], ["a"]), node("Mul", ["a", "v"], ["y"])],
        [node("Gemm", ["x", "wv"], ["y"])],
        {"wv": f(4, 4)},
    ),
    "a constant": ([relu("x", "a"), node("Mul", ["a", "s"], ["y"])], [node("Identity", ["s"], ["y"])], {}),
    "a quotient": (
        [node("Div", ["s", "x"], ["a"]), node("Mul", ["a", "x"], ["y"])],
        [node("Div", ["x", "x"], ["y"])],
        {},
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_graph_that_computes_otherwise_is_not_covered(name: str) -> None:
    written, rewritten, more = WRONG[name]
    weights = {"w": f(4, 4), "v": f(4), "s": TWO}
    one = make_model(written, {"x": ["N", 4]}, ["y"], weights)
    other = make_model(rewritten, {"x": ["N", 4]}, ["y"], weights | more)
    assert uncovered(one, one) is None
    assert uncovered(one, other) is not None


def test_a_sum_of_two_is_covered_where_it_is_folded(tmp_path: Path) -> None:
    """The second term is there while 200 products are added to it."""
    nodes = [node("Gemm", ["x", "w"], ["a"]), node("Sum", ["a", "b"], ["y"])]
    proto = make_model(nodes, {"x": ["N", 200]}, ["y"], {"w": np.ones((200, 1), np.float32), "b": np.full(1, 2.0**24, np.float32)})
    model = read_onnx(save(proto, tmp_path / "m.onnx"))
    cross_check(model, {"x": np.full((2, 200), 0.7, dtype=np.float32)})
