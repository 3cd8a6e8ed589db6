"""One generator of random models for each modelled ONNX operation.

A case is a function of a random generator that returns (nodes, inputs, outputs, weights, options).
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from onnx_making import node

Case = tuple[list[Any], dict[str, list[Any]], list[str], dict[str, np.ndarray], dict[str, Any]]
CASES: dict[str, Callable[[np.random.Generator], Case]] = {}


def case(function: Callable[[np.random.Generator], Case]) -> Callable[[np.random.Generator], Case]:
    CASES[function.__name__] = function
    return function


def numbers(rng: np.random.Generator, *shape: int) -> np.ndarray:
    """Weights of mixed character: normal, integers, powers of two, widely spread, some zero."""
    kind = rng.integers(5)
    if kind == 0:
        found = rng.normal(size=shape)
    elif kind == 1:
        found = rng.integers(-9, 10, size=shape)
    elif kind == 2:
        found = rng.choice([-2.0, -0.5, 0.25, 1.0, 4.0], size=shape)
    elif kind == 3:
        found = rng.normal(size=shape) * 10.0 ** rng.uniform(-6, 6, size=shape)
    else:
        found = rng.normal(size=shape) * rng.integers(0, 2, size=shape)
    return np.asarray(found, dtype=np.float32)


def single(op: str, inputs: dict[str, list[Any]], weights: dict[str, np.ndarray], **attributes: Any) -> Case:
    return [node(op, [*inputs, *weights], ["y"], **attributes)], inputs, ["y"], weights, {}


@case
def gemm(rng: np.random.Generator) -> Case:
    k, m = int(rng.integers(1, 40)), int(rng.integers(1, 6))
    trans = int(rng.integers(2))
    weights = {"w": numbers(rng, *((m, k) if trans else (k, m))), "b": numbers(rng, m)}
    attributes: dict[str, Any] = {"transB": trans}
    if rng.integers(2):
        attributes |= {"alpha": float(rng.choice([0.5, 0.3, 3.0, -1.7])), "beta": float(rng.choice([1.0, 0.1, 2.0]))}
    return single("Gemm", {"x": ["N", k]}, weights, **attributes)


@case
def mlp(rng: np.random.Generator) -> Case:
    weights = {
        "w0": numbers(rng, 3, 16),
        "b0": numbers(rng, 16),
        "w1": numbers(rng, 16, 8),
        "w2": numbers(rng, 8, 2),
        "b2": numbers(rng, 2),
    }
    nodes = [
        node("Gemm", ["x", "w0", "b0"], ["z0"]),
        node("Relu", ["z0"], ["h0"]),
        node("MatMul", ["h0", "w1"], ["z1"]),
        node("Relu", ["z1"], ["h1"]),
        node("MatMul", ["h1", "w2"], ["m2"]),
        node("Add", ["m2", "b2"], ["y"]),
    ]
    return nodes, {"x": ["N", 3]}, ["y"], weights, {}


@case
def matmul_add(rng: np.random.Generator) -> Case:
    """A bias far larger than the products: folded into the sum it is rounded many times."""
    k = int(rng.integers(1, 60))
    weights = {"w": numbers(rng, k, 3), "b": numbers(rng, 3) * np.float32(10.0 ** rng.integers(0, 5))}
    nodes = [node("MatMul", ["x", "w"], ["m"]), node("Add", ["m", "b"] if rng.integers(2) else ["b", "m"], ["y"])]
    return nodes, {"x": ["N", k]}, ["y"], weights, {}


@case
def matmul_scale_shift(rng: np.random.Generator) -> Case:
    k = int(rng.integers(1, 20))
    weights = {"w": numbers(rng, k, 3), "s": numbers(rng, 3), "b": numbers(rng, 3)}
    nodes = [node("MatMul", ["x", "w"], ["m"]), node("Mul", ["m", "s"], ["p"]), node("Add", ["p", "b"], ["y"])]
    return nodes, {"x": ["N", k]}, ["y"], weights, {}


@case
def matmul_left(rng: np.random.Generator) -> Case:
    return [node("MatMul", ["w", "x"], ["y"])], {"x": ["N", 4, 2]}, ["y"], {"w": numbers(rng, 3, 4)}, {}


@case
def matmul_variable(rng: np.random.Generator) -> Case:
    k = int(rng.integers(1, 6))
    return [node("MatMul", ["x", "z"], ["y"])], {"x": ["N", 2, k], "z": ["N", k, 3]}, ["y"], {}, {}


@case
def residual(rng: np.random.Generator) -> Case:
    weights = {"w": numbers(rng, 5, 5), "v": numbers(rng, 5, 5)}
    nodes = [
        node("MatMul", ["x", "w"], ["a"]),
        node("Add", ["a", "x"], ["r"]),
        node("Relu", ["r"], ["h"]),
        node("MatMul", ["h", "v"], ["b"]),
        node("Sub", ["r", "b"], ["y"]),
    ]
    return nodes, {"x": ["N", 5]}, ["y"], weights, {}


def _conv_attributes(rng: np.random.Generator, rank: int) -> dict[str, Any]:
    return {
        "strides": rng.integers(1, 3, rank).tolist(),
        "dilations": rng.integers(1, 3, rank).tolist(),
        "pads": rng.integers(0, 3, 2 * rank).tolist(),
    }


@case
def conv2d(rng: np.random.Generator) -> Case:
    group = int(rng.integers(1, 3))
    weights = {"w": numbers(rng, 2 * group, 2, 2, 3), "b": numbers(rng, 2 * group)}
    return single("Conv", {"x": ["N", 2 * group, 5, 6]}, weights, group=group, **_conv_attributes(rng, 2))


@case
def conv1d(rng: np.random.Generator) -> Case:
    weights = {"w": numbers(rng, 3, 2, 3)}
    if rng.integers(2):
        return single(
            "Conv", {"x": ["N", 2, 9]}, weights, auto_pad=str(rng.choice(["SAME_UPPER", "SAME_LOWER", "VALID"]))
        )
    return single("Conv", {"x": ["N", 2, 9]}, weights, **_conv_attributes(rng, 1))


@case
def conv_add_mul(rng: np.random.Generator) -> Case:
    weights = {
        "w": numbers(rng, 3, 2, 3),
        "b": numbers(rng, 3),
        "a": numbers(rng, 3, 1) * np.float32(50),
        "m": numbers(rng, 3, 1),
    }
    nodes = [
        node("Conv", ["x", "w", "b"], ["c"]),
        node("Add", ["c", "a"], ["d"]),
        node("Mul", ["d", "m"], ["e"]),
        node("Relu", ["e"], ["y"]),
    ]
    return nodes, {"x": ["N", 2, 6]}, ["y"], weights, {}


@case
def conv_residual(rng: np.random.Generator) -> Case:
    weights = {"w": numbers(rng, 2, 2, 3, 3), "b": numbers(rng, 2)}
    nodes = [
        node("Conv", ["x", "w", "b"], ["c"], pads=[1, 1, 1, 1]),
        node("Add", ["c", "x"], ["d"]),
        node("Relu", ["d"], ["y"]),
    ]
    return nodes, {"x": [1, 2, 4, 4]}, ["y"], weights, {}


def _statistics(rng: np.random.Generator, c: int) -> dict[str, np.ndarray]:
    exact = rng.integers(3) == 0
    variance = rng.choice([0.25, 1.0, 4.0, 9.0], c) if exact else rng.uniform(0.01, 9, c)
    return {
        "s": numbers(rng, c),
        "o": numbers(rng, c),
        "m": numbers(rng, c),
        "v": np.asarray(variance, dtype=np.float32),
    }


@case
def batch_norm(rng: np.random.Generator) -> Case:
    eps = float(rng.choice([0.0, 1e-5, 1e-3]))
    return single("BatchNormalization", {"x": ["N", 4]}, _statistics(rng, 4), epsilon=eps)


@case
def conv_batch_norm(rng: np.random.Generator) -> Case:
    weights = {"w": numbers(rng, 3, 2, 3), "b": numbers(rng, 3), **_statistics(rng, 3)}
    nodes = [
        node("Conv", ["x", "w", "b"], ["c"]),
        node("BatchNormalization", ["c", "s", "o", "m", "v"], ["n"], epsilon=float(rng.choice([0.0, 1e-5]))),
        node("Relu", ["n"], ["y"]),
    ]
    return nodes, {"x": ["N", 2, 6]}, ["y"], weights, {}


@case
def gemm_batch_norm(rng: np.random.Generator) -> Case:
    weights = {"w": numbers(rng, 6, 3), "b": numbers(rng, 3), **_statistics(rng, 3)}
    nodes = [node("Gemm", ["x", "w", "b"], ["c"]), node("BatchNormalization", ["c", "s", "o", "m", "v"], ["y"])]
    return nodes, {"x": ["N", 6]}, ["y"], weights, {}


def _unary(op: str, **attributes: Any) -> Callable[[np.random.Generator], Case]:
    def build(rng: np.random.Generator) -> Case:
        return single(op, {"x": ["N", 4]}, {}, **attributes)

    return build


for _op in ("Relu", "Abs", "Neg", "Identity", "Floor", "Ceil", "Round", "Reciprocal"):
    CASES[_op.lower()] = _unary(_op)


@case
def leaky_relu(rng: np.random.Generator) -> Case:
    return single("LeakyRelu", {"x": ["N", 4]}, {}, alpha=float(rng.choice([0.01, 0.2, 1.0, 1.5, -0.5, 0.0])))


@case
def prelu(rng: np.random.Generator) -> Case:
    return single("PRelu", {"x": ["N", 4]}, {"s": numbers(rng, 4)})


def _binary(op: str) -> None:
    def variable(rng: np.random.Generator) -> Case:
        return single(op, {"x": ["N", 4], "z": ["N", 4]}, {})

    def constant(rng: np.random.Generator) -> Case:
        weights = numbers(rng, 4)
        weights = np.where(weights == 0, np.float32(3), weights)
        order = ["x", "c"] if rng.integers(2) else ["c", "x"]
        return [node(op, order, ["y"])], {"x": ["N", 4]}, ["y"], {"c": weights}, {}

    CASES[f"{op.lower()}_variable"] = variable
    CASES[f"{op.lower()}_constant"] = constant


for _op in ("Add", "Sub", "Mul", "Div"):
    _binary(_op)


@case
def min_max_sum_mean(rng: np.random.Generator) -> Case:
    nodes = [node(op, ["x", "z", "c"], [op]) for op in ("Min", "Max", "Sum", "Mean")]
    return nodes, {"x": ["N", 4], "z": ["N", 4]}, ["Min", "Max", "Sum", "Mean"], {"c": numbers(rng, 4)}, {}


@case
def clip(rng: np.random.Generator) -> Case:
    low, high = np.float32(rng.normal()), np.float32(rng.normal() + 1)
    return single("Clip", {"x": ["N", 4]}, {"l": np.array(low), "h": np.array(high)})


@case
def power(rng: np.random.Generator) -> Case:
    return single("Pow", {"x": ["N", 4]}, {"e": np.array(rng.integers(0, 7), dtype=np.float32)})


@case
def reductions(rng: np.random.Generator) -> Case:
    axes = [[1], [2], [1, 2], [-1]][rng.integers(4)]
    keep = int(rng.integers(2))
    nodes = [node(op, ["x"], [op], axes=axes, keepdims=keep) for op in ("ReduceMean", "ReduceMax", "ReduceMin")]
    nodes.append(node("ReduceSum", ["x", "a"], ["ReduceSum"], keepdims=keep))
    outputs = ["ReduceMean", "ReduceMax", "ReduceMin", "ReduceSum"]
    return nodes, {"x": ["N", 3, 5]}, outputs, {"a": np.array(axes)}, {}


@case
def comparisons(rng: np.random.Generator) -> Case:
    ops = ("Greater", "Less", "Equal", "GreaterOrEqual", "LessOrEqual")
    nodes = [node(op, ["x", "z"], [op]) for op in ops]
    nodes += [
        node("And", ["Greater", "LessOrEqual"], ["And"]),
        node("Or", ["Greater", "Equal"], ["Or"]),
        node("Xor", ["Less", "Equal"], ["Xor"]),
        node("Not", ["Less"], ["Not"]),
        node("Where", ["Or", "x", "c"], ["w"]),
        node("Cast", ["Xor"], ["f"], to=1),
    ]
    outputs = ["w", "f", "And", "Not"]
    dtypes = {"And": "bool", "Not": "bool"}
    return nodes, {"x": ["N", 4], "z": ["N", 4]}, outputs, {"c": numbers(rng, 4)}, {"dtypes": dtypes}


@case
def arg_max(rng: np.random.Generator) -> Case:
    last = int(rng.integers(2))
    nodes = [
        node("ArgMax", ["x"], ["a"], axis=1, keepdims=int(rng.integers(2)), select_last_index=last),
        node("ArgMin", ["x"], ["i"], axis=-1, select_last_index=last),
        node("Cast", ["i"], ["f"], to=1),
    ]
    return nodes, {"x": ["N", 5]}, ["a", "i", "f"], {}, {"dtypes": {"a": "int64", "i": "int64"}}


@case
def pools(rng: np.random.Generator) -> Case:
    kernel, pads = [2, 3], rng.integers(0, 2, 4).tolist()
    strides = rng.integers(1, 3, 2).tolist()
    nodes = [
        node("MaxPool", ["x"], ["m"], kernel_shape=kernel, pads=pads, strides=strides),
        node(
            "AveragePool",
            ["x"],
            ["a"],
            kernel_shape=kernel,
            pads=pads,
            strides=strides,
            count_include_pad=int(rng.integers(2)),
        ),
        node("GlobalAveragePool", ["x"], ["ga"]),
        node("GlobalMaxPool", ["x"], ["gm"]),
    ]
    return nodes, {"x": ["N", 2, 4, 5]}, ["m", "a", "ga", "gm"], {}, {}


@case
def movement(rng: np.random.Generator) -> Case:
    nodes = [
        node("Transpose", ["x"], ["t"], perm=[0, 2, 1]),
        node("Reshape", ["t", "shape"], ["r"]),
        node("Slice", ["r", "starts", "ends", "axes", "steps"], ["s"]),
        node("Split", ["x", "lengths"], ["p", "q"], axis=2),
        node("Concat", ["q", "p"], ["c"], axis=2),
        node("Gather", ["c", "index"], ["g"], axis=1),
        node("Flatten", ["g"], ["f"]),
        node("Unsqueeze", ["f", "one"], ["u"]),
        node("Expand", ["u", "wide"], ["e"]),
        node("Squeeze", ["u", "one"], ["z"]),
        node("Pad", ["z", "pads", "filler"], ["d"]),
        node("Shape", ["z"], ["sh"]),
        node("Dropout", ["d"], ["y"]),
    ]
    weights = {
        "shape": np.array([-1, 12]),
        "starts": np.array([10]),
        "ends": np.array([-12]),
        "axes": np.array([1]),
        "steps": np.array([-2]),
        "lengths": np.array([1, 3]),
        "index": np.array([[2, -1], [0, 0]]),
        "one": np.array([1]),
        "wide": np.array([1, 3, 1]),
        "pads": np.array([0, 1, 0, 2]),
        "filler": np.array(7, dtype=np.float32),
    }
    return nodes, {"x": ["N", 3, 4]}, ["s", "e", "y"], weights, {}


@case
def rnn(rng: np.random.Generator) -> Case:
    hidden, size = 3, 2
    weights = {
        "w": numbers(rng, 1, hidden, size),
        "r": numbers(rng, 1, hidden, hidden) / np.float32(4),
        "b": numbers(rng, 1, 2 * hidden),
    }
    nodes = [node("RNN", ["x", "w", "r", "b"], ["Y", "h"], hidden_size=hidden, activations=["Relu"])]
    return nodes, {"x": [3, 1, size]}, ["Y", "h"], weights, {}


@case
def embedding(rng: np.random.Generator) -> Case:
    nodes = [node("Gather", ["table", "t"], ["y"])]
    return nodes, {"t": ["N", 2]}, ["y"], {"table": numbers(rng, 6, 3)}, {"dtypes": {"t": "int64"}, "integers": 6}


@case
def long_embedding(rng: np.random.Generator) -> Case:
    """A table of constants in the graph, but for the column that is the same nearly everywhere."""
    table = numbers(rng, 40, 3)
    table[:, 1] = table[0, 1]
    table[rng.integers(40), 1] += 1
    nodes = [node("Gather", ["table", "t"], ["y"])]
    return nodes, {"t": ["N", 2]}, ["y"], {"table": table}, {"dtypes": {"t": "int64"}, "integers": 40}


@case
def sign(rng: np.random.Generator) -> Case:
    return [node("Sign", ["x"], ["y"])], {"x": ["N", 6]}, ["y"], {}, {}


@case
def cum_sum(rng: np.random.Generator) -> Case:
    options = {"exclusive": int(rng.integers(2)), "reverse": int(rng.integers(2))}
    weights = {"a": np.array(rng.choice([1, 2, -1]))}
    return [node("CumSum", ["x", "a"], ["y"], **options)], {"x": ["N", 3, 5]}, ["y"], weights, {}


@case
def top_k(rng: np.random.Generator) -> Case:
    size, count = int(rng.integers(1, 7)), 1
    count = int(rng.integers(1, size + 1))
    nodes = [node("TopK", ["x", "k"], ["v", "i"], axis=-1, largest=int(rng.integers(2)))]
    return nodes, {"x": ["N", size]}, ["v", "i"], {"k": np.array([count])}, {"dtypes": {"i": "int64"}}


@case
def gather_nd(rng: np.random.Generator) -> Case:
    weights = {"i": np.stack([np.zeros(4), rng.integers(-3, 3, 4), rng.integers(0, 4, 4)], axis=-1).astype(np.int64)}
    return [node("GatherND", ["x", "i"], ["y"])], {"x": [1, 3, 4]}, ["y"], weights, {}


@case
def einsum(rng: np.random.Generator) -> Case:
    equation, w = [
        ("bij,jk->bik", (4, 2)),
        ("bij,kj->bik", (2, 4)),
        ("bij,ij->bi", (3, 4)),
        ("bij,k->bijk", (2,)),
        ("bij,ijk->bk", (3, 4, 2)),
        ("bij,bkj->bik", None),
        ("bij->bji", ()),
        ("bij->bi", ()),
    ][rng.integers(8)]
    if w == ():
        return [node("Einsum", ["x"], ["y"], equation=equation)], {"x": ["N", 3, 4]}, ["y"], {}, {}
    if w is None:
        return [node("Einsum", ["x", "x"], ["y"], equation=equation)], {"x": ["N", 3, 4]}, ["y"], {}, {}
    return single("Einsum", {"x": ["N", 3, 4]}, {"w": numbers(rng, *w)}, equation=equation)


@case
def tile(rng: np.random.Generator) -> Case:
    repeats = np.array([1, *rng.integers(1, 4, 2)])
    return [node("Tile", ["x", "r"], ["y"])], {"x": ["N", 2, 3]}, ["y"], {"r": repeats}, {}


for _op in ("Exp", "Sqrt", "Log", "Tanh", "Sigmoid", "Erf", "Softplus"):
    CASES[f"smooth_{_op.lower()}"] = _unary(_op)


def _moderate(nodes: list[Any], inputs: dict[str, list[Any]], weights: dict[str, np.ndarray], **options: Any) -> Case:
    """``nodes`` on the input x brought to -20 .. 20, the tensor h: where exponentials do not overflow."""
    bounds = {"low": np.float32(-20), "high": np.float32(20)}
    return [node("Clip", ["x", "low", "high"], ["h"]), *nodes], inputs, ["y"], {**weights, **bounds}, options


@case
def softmax(rng: np.random.Generator) -> Case:
    axis, op = int(rng.integers(1, 3)), str(rng.choice(["Softmax", "LogSoftmax"]))
    return _moderate([node(op, ["h"], ["y"], axis=axis)], {"x": ["N", 3, 4]}, {}, opset=int(rng.choice([11, 17])))


@case
def masked_softmax(rng: np.random.Generator) -> Case:
    kept = rng.integers(0, 2, (3, 4)).astype(bool)
    kept[:, 0] = True
    if rng.integers(2):
        mask = np.where(kept, numbers(rng, 3, 4) % 1, -np.inf).astype(np.float32)
        nodes = [node("Add", ["h", "mask"], ["s"])]
        weights = {"mask": mask}
    else:
        nodes = [node("Where", ["kept", "h", "out"], ["s"])]
        weights = {"kept": kept, "out": np.array(-np.inf, dtype=np.float32)}
    return _moderate([*nodes, node("Softmax", ["s"], ["y"], axis=-1)], {"x": ["N", 3, 4]}, weights)


@case
def gelu(rng: np.random.Generator) -> Case:
    form = str(rng.choice(["none", "tanh"]))
    return _moderate([node("Gelu", ["h"], ["y"], approximate=form)], {"x": ["N", 4]}, {}, opset=20)


@case
def layer_normalization(rng: np.random.Generator) -> Case:
    weights = {"s": numbers(rng, 4), "o": numbers(rng, 4)}
    epsilon = float(rng.choice([1e-5, 1e-2, 1.0]))
    return _moderate(
        [node("LayerNormalization", ["h", "s", "o"], ["y"], epsilon=epsilon)], {"x": ["N", 3, 4]}, weights
    )


@case
def rms_normalization(rng: np.random.Generator) -> Case:
    weights = {"s": numbers(rng, 4)}
    return _moderate([node("RMSNormalization", ["h", "s"], ["y"])], {"x": ["N", 3, 4]}, weights, opset=23)


@case
def reductions_of_squares(rng: np.random.Generator) -> Case:
    op = str(rng.choice(["ReduceL2", "ReduceSumSquare", "ReduceLogSumExp"]))
    return _moderate([node(op, ["h"], ["y"], axes=[int(rng.integers(1, 3))])], {"x": ["N", 3, 4]}, {})


@case
def attention_head(rng: np.random.Generator) -> Case:
    weights = {f"w{k}": numbers(rng, 4, 2) for k in "qkv"}
    nodes = [node("MatMul", ["h", f"w{k}"], [k]) for k in "qkv"]
    nodes += [
        node("Transpose", ["k"], ["t"], perm=[0, 2, 1]),
        node("MatMul", ["q", "t"], ["m"]),
        node("Mul", ["m", "root"], ["n"]),
        node("Softmax", ["n"], ["p"], axis=-1),
        node("MatMul", ["p", "v"], ["y"]),
    ]
    return _moderate(nodes, {"x": ["N", 3, 4]}, {**weights, "root": np.float32(0.7)})


SMOOTH = frozenset(
    ("softmax", "masked_softmax", "gelu", "layer_normalization", "rms_normalization", "reductions_of_squares",
     "attention_head", *(n for n in CASES if n.startswith("smooth_")))
)  # fmt: skip
"""Cases with irrational values."""
