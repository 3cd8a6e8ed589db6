"""Operations on corresponding elements, choices, comparisons and movement."""

from typing import Any

import numpy as np
from operation_data import Draw
from operation_executions import Exact, Execution
from operation_sample import Arrays, Sample, elementwise, node, operation


def _one(op: str, *inputs: str, **attributes: Any) -> list[Any]:
    return [node(op, list(inputs), ["y"], **attributes)]


elementwise("relu", _one("Relu", "x"), lambda e, x: [np.maximum(x["x"], 0)], lambda m, x: x.relu())
elementwise("absolute", _one("Abs", "x"), lambda e, x: [np.abs(x["x"])], lambda m, x: x.abs())
elementwise("negative", _one("Neg", "x"), lambda e, x: [-x["x"]], lambda m, x: -x)
elementwise("floor", _one("Floor", "x"), lambda e, x: [e.whole("floor", x["x"])], lambda m, x: x.floor())
elementwise("round_even", _one("Round", "x"), lambda e, x: [e.whole("round", x["x"])], lambda m, x: x.round())
elementwise("ceil", _one("Ceil", "x"), lambda e, x: [e.whole("ceil", x["x"])], None)
elementwise("add", _one("Add", "x", "z"), lambda e, x: [e.add(x["x"], x["z"])], lambda m, x, z: x + z, "xz")
elementwise("subtract", _one("Sub", "x", "z"), lambda e, x: [e.sub(x["x"], x["z"])], lambda m, x, z: x - z, "xz")
elementwise("multiply", _one("Mul", "x", "z"), lambda e, x: [e.mul(x["x"], x["z"])], lambda m, x, z: x * z, "xz")
elementwise("square", _one("Mul", "x", "x"), lambda e, x: [e.mul(x["x"], x["x"])], lambda m, x: x.square())
elementwise("divide", _one("Div", "x", "z"), lambda e, x: [e.div(x["x"], x["z"])], lambda m, x, z: x / z, "xz")
elementwise(
    "minimum", _one("Min", "x", "z"), lambda e, x: [np.minimum(x["x"], x["z"])], lambda m, x, z: x.minimum(z), "xz"
)
elementwise(
    "maximum", _one("Max", "x", "z"), lambda e, x: [np.maximum(x["x"], x["z"])], lambda m, x, z: x.maximum(z), "xz"
)


def _reciprocal(e: Execution, x: Arrays) -> list[Any]:
    return [e.div(e.lift(np.ones(x["x"].shape, dtype=np.float32)), x["x"])]


elementwise("reciprocal", _one("Reciprocal", "x"), _reciprocal, lambda m, x: x.reciprocal())


def _divisors(draw: Draw) -> np.ndarray:
    found = draw.weights(4, moderate=True)
    return np.where(found == 0, np.float32(3), found)


@operation
def divide_by_constant(draw: Draw) -> Sample:
    c = _divisors(draw)
    reference = lambda e, x: [e.div(x["x"], e.lift(c))]  # noqa: E731
    return Sample({"x": (4,)}, {"c": c}, reference, _one("Div", "x", "c"), forward=lambda m, x: x / m.c)


@operation
def constant_divided(draw: Draw) -> Sample:
    c = _divisors(draw)
    reference = lambda e, x: [e.div(np.broadcast_to(e.lift(c), x["x"].shape), x["x"])]  # noqa: E731
    return Sample({"x": (4,)}, {"c": c}, reference, _one("Div", "c", "x"), forward=lambda m, x: m.c / x)


@operation
def scale_by_constant(draw: Draw) -> Sample:
    c = draw.weights(4)
    reference = lambda e, x: [e.mul(x["x"], e.lift(c))]  # noqa: E731
    return Sample({"x": (4,)}, {"c": c}, reference, _one("Mul", "x", "c"), forward=lambda m, x: x * m.c)


@operation
def shift_by_constant(draw: Draw) -> Sample:
    c = draw.weights(4)
    reference = lambda e, x: [e.sub(e.lift(c), x["x"])]  # noqa: E731
    return Sample({"x": (4,)}, {"c": c}, reference, _one("Sub", "c", "x"), forward=lambda m, x: m.c - x)


def _slope(draw: Draw) -> np.float32:
    return np.float32(draw.rng.choice([0.01, 0.25, 1.0, 1.5, -0.5, 0.0, 2.0**-30]))


@operation
def leaky_relu(draw: Draw) -> Sample:
    slope = _slope(draw)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        return [np.where(x["x"] >= 0, x["x"], e.mul(x["x"], e.lift(np.full(4, slope))))]

    def forward(_: Any, x: Any) -> Any:
        import torch

        return torch.nn.functional.leaky_relu(x, float(slope))

    return Sample({"x": (4,)}, {}, reference, _one("LeakyRelu", "x", alpha=float(slope)), forward=forward)


@operation
def prelu(draw: Draw) -> Sample:
    s = draw.weights(4)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        return [np.where(x["x"] >= 0, x["x"], e.mul(x["x"], e.lift(s)))]

    def forward(m: Any, x: Any) -> Any:
        import torch

        return torch.nn.functional.prelu(x, m.s)

    return Sample({"x": (4,)}, {"s": s}, reference, _one("PRelu", "x", "s"), forward=forward)


@operation
def clip(draw: Draw) -> Sample:
    low, high = sorted(draw.weights(2).tolist())

    def reference(e: Execution, x: Arrays) -> list[Any]:
        ends = e.lift(np.array([low, high], dtype=np.float32))
        return [np.minimum(np.maximum(x["x"], ends[0]), ends[1])]

    constants = {"low": np.array(low, dtype=np.float32), "high": np.array(high, dtype=np.float32)}
    nodes = _one("Clip", "x", "low", "high")
    return Sample({"x": (4,)}, {}, reference, nodes, forward=lambda m, x: x.clamp(low, high), constants=constants)


@operation
def power(draw: Draw) -> Sample:
    n = int(draw.rng.integers(0, 6))
    reference = lambda e, x: [e.power(x["x"], n)]  # noqa: E731
    constants = {"n": np.array(n, dtype=np.float32)}
    return Sample({"x": (4,)}, {}, reference, _one("Pow", "x", "n"), forward=lambda m, x: x**n, constants=constants)


@operation
def several(draw: Draw) -> Sample:
    """Sum and mean of three tensors, one of them constant."""
    c = draw.weights(3)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        items = [x["x"], x["z"], np.broadcast_to(e.lift(c), x["x"].shape)]
        return [e.total(items), e.div(e.total(items), e.lift(np.array(3, dtype=np.float32)))]

    nodes = [node(op, ["x", "z", "c"], [op]) for op in ("Sum", "Mean")]
    return Sample({"x": (3,), "z": (3,)}, {"c": c}, reference, nodes, ("Sum", "Mean"))


@operation
def extremes(draw: Draw) -> Sample:
    """Largest and smallest over an axis."""
    k = int(draw.rng.integers(1, 7))

    def reference(e: Execution, x: Arrays) -> list[Any]:
        return [x["x"].max(axis=1, keepdims=True), x["x"].min(axis=1, keepdims=True)]

    nodes = [node(op, ["x"], [op], axes=[1], keepdims=1) for op in ("ReduceMax", "ReduceMin")]
    forward = lambda m, x: (x.amax(1, keepdim=True), x.amin(1, keepdim=True))  # noqa: E731
    return Sample({"x": (k,)}, {}, reference, nodes, ("ReduceMax", "ReduceMin"), forward)


@operation
def max_pool(draw: Draw) -> Sample:
    pad = int(draw.rng.integers(2))

    def reference(e: Execution, x: Arrays) -> list[Any]:
        rows = x["x"][:, 0]
        cells = [rows[:, max(0, i) : i + 3].max(axis=1) for i in range(-pad, 4 + pad - 2)]
        return [np.stack(cells, axis=1)[:, None]]

    def module() -> Any:
        from torch import nn

        return nn.Sequential(nn.MaxPool1d(3, 1, pad))

    nodes = _one("MaxPool", "x", kernel_shape=[3], strides=[1], pads=[pad] * 2)
    return Sample({"x": (1, 4)}, {}, reference, nodes, forward=module, makes_module=True)


@operation
def where(draw: Draw) -> Sample:
    c = draw.weights(4)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        return [np.where(x["x"] > x["z"], x["x"], np.broadcast_to(e.lift(c), x["x"].shape))]

    def forward(m: Any, x: Any, z: Any) -> Any:
        import torch

        return torch.where(x > z, x, m.c)

    nodes = [node("Greater", ["x", "z"], ["g"]), node("Where", ["g", "x", "c"], ["y"])]
    return Sample({"x": (4,), "z": (4,)}, {"c": c}, reference, nodes, forward=forward)


@operation
def comparisons(draw: Draw) -> Sample:
    """All comparisons and connectives; half the elements are compared with themselves less one unit or with a copy."""

    def pair(e: Execution, x: Arrays) -> tuple[Any, Any]:
        a = x["x"]
        return a, np.where(x["z"] > 0, a, x["z"])

    def reference(e: Execution, x: Arrays) -> list[Any]:
        a, b = pair(e, x)
        found = [a > b, a < b, a == b, a >= b, a <= b, (a > b) & (a <= b), (a < b) | (a == b), (a < b) ^ (a >= b)]
        return [np.asarray(f, dtype=bool) for f in found]

    def forward(_: Any, x: Any, z: Any) -> Any:
        import torch

        b = torch.where(z > 0, x, z)
        pairs = (x > b, x < b, x == b, x >= b, x <= b)
        return (*pairs, (x > b) & (x <= b), (x < b) | (x == b), torch.logical_xor(x < b, x >= b))

    ops = ("Greater", "Less", "Equal", "GreaterOrEqual", "LessOrEqual")
    nodes = [
        node("Greater", ["z", "zero"], ["p"]),
        node("Where", ["p", "x", "z"], ["b"]),
        *(node(op, ["x", "b"], [op]) for op in ops),
        node("And", ["Greater", "LessOrEqual"], ["And"]),
        node("Or", ["Less", "Equal"], ["Or"]),
        node("Xor", ["Less", "GreaterOrEqual"], ["Xor"]),
    ]
    outputs = (*ops, "And", "Or", "Xor")
    constants = {"zero": np.array(0, dtype=np.float32)}
    return Sample(
        {"x": (2,), "z": (2,)}, {}, reference, nodes, outputs, forward, constants=constants,
        dtypes=dict.fromkeys(outputs, "bool"),
    )  # fmt: skip


@operation
def arg_max(draw: Draw) -> Sample:
    k = int(draw.rng.integers(1, 6))

    def reference(e: Execution, x: Arrays) -> list[Any]:
        rows = x["x"]
        first = np.stack([np.argmax(rows, axis=1), np.argmin(rows, axis=1)], axis=1).astype(np.float64)
        return [first[:, :1], first[:, 1:]]

    nodes = [node(op, ["x"], [op], axis=1, keepdims=1) for op in ("ArgMax", "ArgMin")]
    dtypes = {"ArgMax": "int64", "ArgMin": "int64"}
    forward = lambda m, x: (x.argmax(1, keepdim=True), x.argmin(1, keepdim=True))  # noqa: E731
    return Sample({"x": (k,)}, {}, reference, nodes, ("ArgMax", "ArgMin"), forward, dtypes=dtypes)


@operation
def movement(draw: Draw) -> Sample:
    """Transpose, reshape, slice, concatenate, gather, pad, expand."""

    def reference(e: Execution, x: Arrays) -> list[Any]:
        a = x["x"]
        turned = a.transpose(0, 2, 1).reshape(len(a), 6)
        joined = np.concatenate([turned[:, 1:5:2], turned], axis=1)[:, [7, 0, 2]]
        seven = Exact().lift(np.array([7.0])) if a.dtype == object else np.array([7.0], dtype=np.float32)
        return [np.concatenate([joined, np.broadcast_to(seven, (len(a), 1))], axis=1)]

    def forward(_: Any, x: Any) -> Any:
        import torch

        turned = x.transpose(1, 2).reshape(-1, 6)
        joined = torch.cat([turned[:, 1:5:2], turned], dim=1)[:, [7, 0, 2]]
        return torch.nn.functional.pad(joined, (0, 1), value=7.0)

    nodes = [
        node("Transpose", ["x"], ["t"], perm=[0, 2, 1]),
        node("Reshape", ["t", "shape"], ["r"]),
        node("Slice", ["r", "starts", "ends", "one", "steps"], ["s"]),
        node("Concat", ["s", "r"], ["c"], axis=1),
        node("Gather", ["c", "index"], ["g"], axis=1),
        node("Pad", ["g", "pads", "seven"], ["y"]),
    ]
    constants = {
        "shape": np.array([-1, 6]), "starts": np.array([1]), "ends": np.array([5]), "one": np.array([1]),
        "steps": np.array([2]), "index": np.array([7, 0, 2]), "pads": np.array([0, 0, 0, 1]),
        "seven": np.array(7, dtype=np.float32),
    }  # fmt: skip
    return Sample({"x": (2, 3)}, {}, reference, nodes, forward=forward, constants=constants)
