"""Scales and shifts that a runtime may fold into the sum of products before them, at every magnitude."""

from typing import Any

import numpy as np
from operation_data import Draw
from operation_executions import Execution
from operation_sample import Arrays, Sample, dense, node, operation, stacked


def _spread(draw: Draw, *shape: int, least: int, most: int) -> np.ndarray:
    """Numbers whose exponents spread over a range, some of them powers of two."""
    if draw.grid:
        return draw.weights(*shape)
    sign = draw.rng.choice([-1.0, 1.0], size=shape)
    exponent = draw.rng.uniform(least, most) + draw.rng.uniform(-3, 3, size=shape)
    exponent = np.clip(np.rint(exponent) if draw.rng.integers(2) else exponent, least, most)
    return (sign * 2.0**exponent).astype(np.float32)


@operation
def gemm_alpha_beta(draw: Draw) -> Sample:
    k = int(draw.rng.integers(1, 6))
    w, b = _spread(draw, k, 2, least=-149, most=60), _spread(draw, 2, least=-149, most=60)
    alpha, beta = (float(_spread(draw, least=-60, most=20)) for _ in range(2))

    def reference(e: Execution, x: Arrays) -> list[Any]:
        weights, bias = e.lift(w).T, e.lift(b)
        first, second = (e.lift(np.array(v, dtype=np.float32)) for v in (alpha, beta))
        shift = e.mul(bias, second)
        return [stacked([e.dot([(first, p)], (shift[j],)) for j, p in enumerate(dense(e, weights, x["x"]))])]

    def forward(m: Any, x: Any) -> Any:
        import torch

        return torch.addmm(m.b, x, m.w, beta=beta, alpha=alpha)

    nodes = [node("Gemm", ["x", "w", "b"], ["y"], alpha=alpha, beta=beta)]
    return Sample({"x": (k,)}, {"w": w, "b": b}, reference, nodes, forward=forward)


@operation
def conv_scale_shift(draw: Draw) -> Sample:
    """Conv, Mul, Add: onnxruntime's default optimisation folds both into the weights."""
    w, b = _spread(draw, 2, 2, 1, least=-149, most=40), _spread(draw, 2, least=-149, most=40)
    s, c = _spread(draw, 2, 1, least=-80, most=40), _spread(draw, 2, 1, least=-149, most=60)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        weights, bias, scale, shift = e.lift(w)[:, :, 0], e.lift(b), e.lift(s)[:, 0], e.lift(c)[:, 0]
        columns = [x["x"][:, :, t] for t in range(2)]
        if e.choose(2):
            folded, moved = e.mul(weights, scale[:, None]), e.add(e.mul(bias, scale), shift)
            found = [dense(e, folded, column, moved) for column in columns]
        else:
            plain = [dense(e, weights, column, bias) for column in columns]
            found = [[e.dot([(scale[j], p)], (shift[j],)) for j, p in enumerate(row)] for row in plain]
        return [stacked([found[t][j] for j in range(2) for t in range(2)], (2, 2))]

    def forward(m: Any, x: Any) -> Any:
        import torch

        return torch.nn.functional.conv1d(x, m.w, m.b) * m.s + m.c

    nodes = [node("Conv", ["x", "w", "b"], ["h"]), node("Mul", ["h", "s"], ["p"]), node("Add", ["p", "c"], ["y"])]
    weights = {"w": w, "b": b, "s": s, "c": c}
    return Sample({"x": (2, 2)}, weights, reference, nodes, forward=forward)


@operation
def conv_scale(draw: Draw) -> Sample:
    """Conv without a bias, then Mul alone."""
    w, s = _spread(draw, 2, 1, 2, least=-149, most=60), _spread(draw, 2, 1, least=-80, most=60)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        weights, scale = e.lift(w)[:, 0], e.lift(s)[:, 0]
        columns = [x["x"][:, 0, t : t + 2] for t in range(2)]
        if e.choose(2):
            found = [dense(e, e.mul(weights, scale[:, None]), column) for column in columns]
        else:
            found = [[e.mul(scale[j], p) for j, p in enumerate(dense(e, weights, column))] for column in columns]
        return [stacked([found[t][j] for j in range(2) for t in range(2)], (2, 2))]

    def forward(m: Any, x: Any) -> Any:
        import torch

        return torch.nn.functional.conv1d(x, m.w) * m.s

    nodes = [node("Conv", ["x", "w"], ["h"]), node("Mul", ["h", "s"], ["y"])]
    return Sample({"x": (1, 3)}, {"w": w, "s": s}, reference, nodes, forward=forward)


@operation
def scalar_scaled_matmul(draw: Draw) -> Sample:
    """A scalar before and one after a product: onnxruntime makes one factor of both."""
    k, both = int(draw.rng.integers(1, 4)), bool(draw.rng.integers(2))
    w = _spread(draw, k, 2, least=-60, most=40)
    s, t = (_spread(draw, least=-80, most=60) for _ in range(2))
    variable, divided = bool(draw.rng.integers(2)), bool(draw.rng.integers(2))
    s = np.float32(2.0 ** np.rint(np.log2(np.abs(s)))) if divided and s != 0 else s
    divisor = np.float32(1 / s) if s != 0 else np.float32(1)
    inputs = {"x": (2, k), "z": (k, 2)} if variable else {"x": (2, k)}

    def reference(e: Execution, x: Arrays) -> list[Any]:
        first, second = e.lift(np.asarray(1 / divisor if divided else s)), e.lift(t)
        left = e.mul(x["x"], first)
        right = x["z"] if variable else np.broadcast_to(e.lift(w), (len(left), k, 2))
        cells = [e.dot([(left[:, i, p], right[:, p, j]) for p in range(k)]) for i in range(2) for j in range(2)]
        return [stacked([e.mul(second, c) if both else c for c in cells], (2, 2))]

    def forward(m: Any, x: Any, z: Any = None) -> Any:
        left = x / float(divisor) if divided else x * float(s)
        found = left @ (m.w if z is None else z)
        return found * float(t) if both else found

    before = node("Div", ["x", "d"], ["l"]) if divided else node("Mul", ["x", "s"], ["l"])
    nodes = [before, node("MatMul", ["l", "z" if variable else "w"], ["p" if both else "y"])]
    if both:
        nodes.append(node("Mul", ["p", "t"], ["y"]))
    constants = {"s": np.asarray(s), "t": np.asarray(t), "d": np.asarray(divisor)}
    return Sample(inputs, {"w": w}, reference, nodes, forward=forward, constants=constants)


@operation
def repeated_scales(draw: Draw) -> Sample:
    """A product, then a power of two at each output and another scale after it."""
    k = int(draw.rng.integers(1, 5))
    w = _spread(draw, k, 2, least=-100, most=20)
    s = (2.0 ** draw.rng.integers(-90, 90, size=2)).astype(np.float32)
    t = _spread(draw, 2, least=-80, most=80)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        weights, scale, last = e.lift(w).T, e.lift(s), e.lift(t)
        if e.choose(2):
            weights = e.mul(weights, scale[:, None])
            if e.choose(2):
                return [stacked(dense(e, e.mul(weights, last[:, None]), x["x"]))]
            return [stacked([e.mul(last[j], p) for j, p in enumerate(dense(e, weights, x["x"]))])]
        return [stacked([e.mul(last[j], e.mul(scale[j], p)) for j, p in enumerate(dense(e, weights, x["x"]))])]

    nodes = [node("MatMul", ["x", "w"], ["m"]), node("Mul", ["m", "s"], ["n"]), node("Mul", ["n", "t"], ["y"])]
    weights = {"w": w, "s": s, "t": t}
    return Sample({"x": (k,)}, weights, reference, nodes, forward=lambda m, x: x @ m.w * m.s * m.t)


@operation
def addcmul(draw: Draw) -> Sample:
    """a + value b c, where the value may be applied to b, to c or to the product."""
    value, c = float(_spread(draw, least=-80, most=60)), draw.weights(3)

    def reference(e: Execution, x: Arrays) -> list[Any]:
        factor, a = e.lift(np.array(value, dtype=np.float32)), e.lift(c)
        b, d = x["x"], x["z"]
        if e.choose(2):
            return [e.add(a, e.mul(e.mul(factor, b), d))]
        return [e.add(a, e.mul(factor, e.mul(b, d)))]

    def forward(m: Any, x: Any, z: Any) -> Any:
        import torch

        return torch.addcmul(m.c.expand(x.shape[0], 3), x, z, value=value)

    return Sample({"x": (3,), "z": (3,)}, {"c": c}, reference, forward=forward)


@operation
def add_multiple(draw: Draw) -> Sample:
    """x + alpha z."""
    alpha = float(_spread(draw, least=-80, most=60))

    def reference(e: Execution, x: Arrays) -> list[Any]:
        return [e.dot([(e.lift(np.array(alpha, dtype=np.float32)), x["z"])], (x["x"],))]

    def forward(_: Any, x: Any, z: Any) -> Any:
        import torch

        return torch.add(x, z, alpha=alpha)

    return Sample({"x": (3,), "z": (3,)}, {}, reference, forward=forward)
