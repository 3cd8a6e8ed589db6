"""Operations with sums of products: layers, convolutions, normalisation, recurrence, sums and means."""

from typing import Any

import numpy as np
from operation_data import Draw
from operation_executions import Execution
from operation_sample import Arrays, Sample, dense, loaded, node, operation, stacked


@operation
def linear(draw: Draw) -> Sample:
    k, m = int(draw.rng.integers(1, 9)), int(draw.rng.integers(1, 4))
    w, b = draw.weights(m, k), draw.weights(m)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        return [stacked(dense(e, e.lift(w), x["x"], e.lift(b)))]

    def module() -> Any:
        from torch import nn

        return loaded(nn.Sequential(nn.Linear(k, m)), **{"0__weight": w, "0__bias": b})

    nodes = [node("Gemm", ["x", "w", "b"], ["y"], transB=1)]
    return Sample({"x": (k,)}, {"w": w, "b": b}, reference, nodes, forward=module, makes_module=True)


@operation
def matmul_constant(draw: Draw) -> Sample:
    k = int(draw.rng.integers(1, 12))
    w = draw.weights(k, 2)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        return [stacked(dense(e, e.lift(w).T, x["x"]))]

    nodes = [node("MatMul", ["x", "w"], ["y"])]
    return Sample({"x": (k,)}, {"w": w}, reference, nodes, forward=lambda m, x: x @ m.w)


@operation
def matmul_variable(draw: Draw) -> Sample:
    k = int(draw.rng.integers(1, 4))

    def reference(e: Execution, x: Arrays) -> list[Any]:
        left, right = x["x"], x["z"]
        cells = [
            e.dot([(left[:, i, t], right[:, t, j]) for t in range(k)]) for i in range(2) for j in range(2)
        ]
        return [stacked(cells, (2, 2))]

    nodes = [node("MatMul", ["x", "z"], ["y"])]
    return Sample({"x": (2, k), "z": (k, 2)}, {}, reference, nodes, forward=lambda m, x, z: x @ z)


@operation
def matmul_scale_shift(draw: Draw) -> Sample:
    """A scale and a shift that a runtime may fold into the product before."""
    k = int(draw.rng.integers(1, 8))
    w, s, b = draw.weights(k, 2, moderate=True), draw.weights(2, moderate=True), draw.weights(2, moderate=True)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        weights, scale, shift = e.lift(w).T, e.lift(s), e.lift(b)
        if e.choose(2):
            return [stacked(dense(e, e.mul(weights, scale[:, None]), x["x"], shift))]
        plain = dense(e, weights, x["x"])
        return [stacked([e.dot([(scale[j], p)], (shift[j],)) for j, p in enumerate(plain)])]

    nodes = [node("MatMul", ["x", "w"], ["m"]), node("Mul", ["m", "s"], ["p"]), node("Add", ["p", "b"], ["y"])]
    weights = {"w": w, "s": s, "b": b}
    return Sample({"x": (k,)}, weights, reference, nodes, forward=lambda m, x: x @ m.w * m.s + m.b)


@operation
def residual(draw: Draw) -> Sample:
    k = int(draw.rng.integers(1, 5))
    w = draw.weights(k, k)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        table = e.lift(w).T
        if e.choose(2):
            rows = enumerate(table)
            return [stacked([e.dot([(v, x["x"][:, t]) for t, v in enumerate(r)], (x["x"][:, j],)) for j, r in rows])]
        return [stacked([e.add(p, x["x"][:, j]) for j, p in enumerate(dense(e, table, x["x"]))])]

    nodes = [node("MatMul", ["x", "w"], ["m"]), node("Add", ["m", "x"], ["y"])]
    return Sample({"x": (k,)}, {"w": w}, reference, nodes, forward=lambda m, x: x @ m.w + x)


@operation
def two_layers(draw: Draw) -> Sample:
    w, b, v, c = draw.weights(4, 3), draw.weights(4), draw.weights(2, 4), draw.weights(2)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        hidden = np.maximum(stacked(dense(e, e.lift(w), x["x"], e.lift(b))), 0)
        return [stacked(dense(e, e.lift(v), hidden, e.lift(c)))]

    def module() -> Any:
        from torch import nn

        layers = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
        return loaded(layers, **{"0__weight": w, "0__bias": b, "2__weight": v, "2__bias": c})

    nodes = [
        node("Gemm", ["x", "w", "b"], ["h"], transB=1),
        node("Relu", ["h"], ["r"]),
        node("Gemm", ["r", "v", "c"], ["y"], transB=1),
    ]
    weights = {"w": w, "b": b, "v": v, "c": c}
    return Sample({"x": (3,)}, weights, reference, nodes, forward=module, makes_module=True)


def _convolved(e: Execution, w: Any, b: Any, x: np.ndarray, stride: int, pad: int) -> np.ndarray:
    """A convolution of (cases, channels, height, width) with one pad and stride for both axes."""
    _, channels, height, width = x.shape
    outputs, _, rows, columns = w.shape
    pads = (0, 0) if rows == 1 and height == 1 else (pad, pad)
    high, wide = (height + 2 * pads[0] - rows) // stride + 1, (width + 2 * pad - columns) // stride + 1
    cells = []
    for o in range(outputs):
        for i in range(high):
            for j in range(wide):
                pairs = [
                    (w[o, c, p, q], x[:, c, i * stride - pads[0] + p, j * stride - pad + q])
                    for c in range(channels)
                    for p in range(rows)
                    for q in range(columns)
                    if 0 <= i * stride - pads[0] + p < height and 0 <= j * stride - pad + q < width
                ]
                cells.append(e.dot(pairs, () if b is None else (b[o],)))
    return stacked(cells, (outputs, high, wide))


@operation
def conv1d(draw: Draw) -> Sample:
    stride, pad = int(draw.rng.integers(1, 3)), int(draw.rng.integers(0, 2))
    w, b = draw.weights(2, 2, 3), draw.weights(2)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        found = _convolved(e, e.lift(w)[:, :, None], e.lift(b), x["x"][:, :, None], stride, pad)
        return [found[:, :, 0]]

    def module() -> Any:
        from torch import nn

        return loaded(nn.Sequential(nn.Conv1d(2, 2, 3, stride, pad)), **{"0__weight": w, "0__bias": b})

    nodes = [node("Conv", ["x", "w", "b"], ["y"], strides=[stride], pads=[pad, pad])]
    return Sample({"x": (2, 4)}, {"w": w, "b": b}, reference, nodes, forward=module, makes_module=True)


@operation
def conv2d(draw: Draw) -> Sample:
    stride, pad = int(draw.rng.integers(1, 3)), int(draw.rng.integers(0, 2))
    w, b = draw.weights(2, 1, 2, 2), draw.weights(2)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        return [_convolved(e, e.lift(w), e.lift(b), x["x"], stride, pad)]

    def module() -> Any:
        from torch import nn

        return loaded(nn.Sequential(nn.Conv2d(1, 2, 2, stride, pad)), **{"0__weight": w, "0__bias": b})

    nodes = [node("Conv", ["x", "w", "b"], ["y"], strides=[stride] * 2, pads=[pad] * 4)]
    return Sample({"x": (1, 3, 3)}, {"w": w, "b": b}, reference, nodes, forward=module, makes_module=True)


class _Norm:
    """Batch normalisation of some channels and its executions."""

    def __init__(self, draw: Draw, channels: int) -> None:
        self.scale, self.shift = draw.weights(channels, moderate=True), draw.weights(channels, moderate=True)
        self.mean, self.variance = draw.weights(channels, moderate=True), draw.positive(channels)
        self.epsilon = 0.0 if draw.grid else float(np.float32(draw.rng.choice([0.0, 1e-5, 1e-3])))
        self.weights = {"s": self.scale, "o": self.shift, "m": self.mean, "v": self.variance}

    def node(self, x: str, y: str) -> Any:
        return node("BatchNormalization", [x, "s", "o", "m", "v"], [y], epsilon=self.epsilon)

    def state(self, prefix: str) -> dict[str, np.ndarray]:
        names = ("weight", "bias", "running_mean", "running_var")
        arrays = (self.scale, self.shift, self.mean, self.variance)
        return {f"{prefix}{n}": a for n, a in zip(names, arrays, strict=True)}

    def factor(self, e: Execution) -> Any:
        root = e.sqrt(e.add(e.lift(self.variance), e.lift(np.float32(self.epsilon).reshape(()))))
        scale = e.lift(self.scale)
        return e.mul(scale, e.div(e.lift(np.ones_like(self.scale)), root)) if e.choose(2) else e.div(scale, root)

    def apply(self, e: Execution, columns: list[Any]) -> list[Any]:
        """Each column is of the channel with its index."""
        a, mean, shift = self.factor(e), e.lift(self.mean), e.lift(self.shift)
        if e.choose(2):
            return [e.dot([(a[c], z)], (e.sub(shift[c], e.mul(mean[c], a[c])),)) for c, z in enumerate(columns)]
        return [e.dot([(a[c], e.sub(z, mean[c]))], (shift[c],)) for c, z in enumerate(columns)]

    def folded(self, e: Execution, weights: Any, bias: Any) -> tuple[Any, Any]:
        a, mean, shift = self.factor(e), e.lift(self.mean), e.lift(self.shift)
        wide = a.reshape(-1, *(1,) * (weights.ndim - 1))
        return e.mul(weights, wide), e.add(e.mul(e.sub(bias, mean), a), shift)


@operation
def batch_norm(draw: Draw) -> Sample:
    norm = _Norm(draw, 4)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        return [stacked(norm.apply(e, list(x["x"].T)))]

    def module() -> Any:
        from torch import nn

        return loaded(nn.Sequential(nn.BatchNorm1d(4, norm.epsilon)), **norm.state("0__"))

    nodes = [norm.node("x", "y")]
    return Sample({"x": (4,)}, norm.weights, reference, nodes, forward=module, makes_module=True)


@operation
def linear_batch_norm(draw: Draw) -> Sample:
    k = int(draw.rng.integers(1, 6))
    w, b, norm = draw.weights(2, k), draw.weights(2), _Norm(draw, 2)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        if e.choose(2):
            return [stacked(dense(e, *_ordered(norm.folded(e, e.lift(w), e.lift(b)), x["x"])))]
        return [stacked(norm.apply(e, dense(e, e.lift(w), x["x"], e.lift(b))))]

    def module() -> Any:
        from torch import nn

        layers = nn.Sequential(nn.Linear(k, 2), nn.BatchNorm1d(2, norm.epsilon))
        return loaded(layers, **{"0__weight": w, "0__bias": b}, **norm.state("1__"))

    nodes = [node("Gemm", ["x", "w", "b"], ["h"], transB=1), norm.node("h", "y")]
    weights = {"w": w, "b": b, **norm.weights}
    return Sample({"x": (k,)}, weights, reference, nodes, forward=module, makes_module=True)


def _ordered(folded: tuple[Any, Any], x: np.ndarray) -> tuple[Any, np.ndarray, Any]:
    return folded[0], x, folded[1]


@operation
def conv_batch_norm(draw: Draw) -> Sample:
    w, b, norm = draw.weights(2, 2, 2), draw.weights(2), _Norm(draw, 2)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        wide = x["x"][:, :, None]
        if e.choose(2):
            weights, bias = norm.folded(e, e.lift(w), e.lift(b))
            return [_convolved(e, weights[:, :, None], bias, wide, 1, 0)[:, :, 0]]
        plain = _convolved(e, e.lift(w)[:, :, None], e.lift(b), wide, 1, 0)[:, :, 0]
        normed = [norm.apply(e, list(plain[:, :, t].T)) for t in range(plain.shape[2])]
        return [stacked([normed[t][c] for c in range(2) for t in range(len(normed))], (2, len(normed)))]

    def module() -> Any:
        from torch import nn

        layers = nn.Sequential(nn.Conv1d(2, 2, 2), nn.BatchNorm1d(2, norm.epsilon))
        return loaded(layers, **{"0__weight": w, "0__bias": b}, **norm.state("1__"))

    nodes = [node("Conv", ["x", "w", "b"], ["h"]), norm.node("h", "y")]
    weights = {"w": w, "b": b, **norm.weights}
    return Sample({"x": (2, 3)}, weights, reference, nodes, forward=module, makes_module=True)


@operation
def rnn_relu(draw: Draw) -> Sample:
    w, r, b = draw.weights(2, 2), draw.weights(2, 2, moderate=True), draw.weights(4)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        weights, recurrence, bias = e.lift(w), e.lift(r), e.lift(b)
        state: list[Any] = []
        for t in range(3):
            rows = []
            for j in range(2):
                pairs = [(weights[j, k], x["x"][:, t, k]) for k in range(2)]
                pairs += [(recurrence[j, k], s) for k, s in enumerate(state)]
                rows.append(np.maximum(e.dot(pairs, (bias[j], bias[2 + j])), 0))
            state = rows
        return [stacked(state)]

    def module() -> Any:
        import torch

        class Last(torch.nn.Module):
            def __init__(self) -> None:
                super().__init__()
                self.rnn = torch.nn.RNN(2, 2, nonlinearity="relu", batch_first=True)

            def forward(self, x: Any) -> Any:
                return self.rnn(x)[0][:, -1]

        arrays = {"weight_ih_l0": w, "weight_hh_l0": r, "bias_ih_l0": b[:2], "bias_hh_l0": b[2:]}
        return loaded(Last(), **{f"rnn__{n}": a for n, a in arrays.items()})

    nodes = [node("RNN", ["x", "w", "r", "b"], ["Y", "h"], hidden_size=2, activations=["Relu"])]
    constants = {"w": w[None], "r": r[None], "b": b[None]}
    return Sample(
        {"x": (3, 2)}, {}, reference, nodes, ("h",), module, makes_module=True, constants=constants,
        onnx_inputs={"x": [3, 1, 2]},
    )  # fmt: skip


@operation
def sums(draw: Draw) -> Sample:
    k = int(draw.rng.integers(1, 12))

    def reference(e: Execution, x: Arrays) -> list[Any]:
        return [stacked([e.total(list(x["x"].T))])]

    nodes = [node("ReduceSum", ["x", "axes"], ["y"], keepdims=1)]
    constants = {"axes": np.array([1])}
    return Sample(
        {"x": (k,)}, {}, reference, nodes, forward=lambda m, x: x.sum(1, keepdim=True), constants=constants
    )


@operation
def means(draw: Draw) -> Sample:
    k = int(draw.rng.integers(1, 12))

    def reference(e: Execution, x: Arrays) -> list[Any]:
        count = e.lift(np.array(k, dtype=np.float32))
        return [stacked([e.div(e.total(list(x["x"].T)), count)])]

    nodes = [node("ReduceMean", ["x"], ["y"], axes=[1], keepdims=1)]
    return Sample({"x": (k,)}, {}, reference, nodes, forward=lambda m, x: x.mean(1, keepdim=True))


@operation
def average_pool(draw: Draw) -> Sample:
    pad, counted = int(draw.rng.integers(2)), bool(draw.rng.integers(2))

    def reference(e: Execution, x: Arrays) -> list[Any]:
        cells = []
        for i in range(-pad, 4 + pad - 2):
            inside = [x["x"][:, 0, t] for t in range(i, i + 3) if 0 <= t < 4]
            count = 3 if counted else len(inside)
            cells.append(e.div(e.total(inside), e.lift(np.array(count, dtype=np.float32))))
        return [stacked(cells, (1, len(cells)))]

    def module() -> Any:
        from torch import nn

        return nn.Sequential(nn.AvgPool1d(3, 1, pad, count_include_pad=counted))

    nodes = [
        node("AveragePool", ["x"], ["y"], kernel_shape=[3], strides=[1], pads=[pad] * 2, count_include_pad=int(counted))
    ]
    return Sample({"x": (1, 4)}, {}, reference, nodes, forward=module, makes_module=True)
