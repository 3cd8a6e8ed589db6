"""ONNX layers with weights: products, convolutions, normalisation, pools, recurrence."""

from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.models.tensors.operation import Operation, add
from mechverify.models.tensors.products import (
    average_pool,
    batch_normalization,
    convolution,
    matmul,
    max_pool,
    scaled_products,
    window_indices,
)
from mechverify.models.tensors.tensor import Tensor


def op_matmul(op: Operation) -> Tensor:
    """MatMul."""
    return matmul(op, op.tensor(0), op.tensor(1))


def op_gemm(op: Operation) -> Tensor:
    """alpha A' B' + beta C."""
    a, b, c = op.floats(0), op.floats(1), op.optional(2)
    if len(a.shape) != 2 or len(b.shape) != 2:
        op.wrong("A and B must be matrices")
    a = a.moved(a.array.T) if op.attribute("transA", 0) else a
    b = b.moved(b.array.T) if op.attribute("transB", 0) else b
    result = matmul(op, a, b)
    alpha, beta = op.arithmetic.fraction(op.attribute("alpha", 1.0)), op.arithmetic.fraction(op.attribute("beta", 1.0))
    if alpha != 1:
        result = op.floating(scaled_products(op, result.array, a, b, alpha))
    if c is None:
        return result
    if c.dtype != "float32":
        op.refuse(f"C is {c.dtype}")
    shift = Tensor("float32", _each(op, op.arithmetic.nodes(c), beta)) if beta != 1 else c
    return add(op, result, shift)


def _each(op: Operation, nodes: np.ndarray[Any, Any], factor: Fraction) -> np.ndarray[Any, Any]:
    scaled = [op.arithmetic.scale(n, factor) for n in nodes.ravel().tolist()]
    return np.array(scaled, dtype=np.int64).reshape(nodes.shape)


def window(
    op: Operation, spatial: tuple[int, ...], kernel: tuple[int, ...]
) -> tuple[list[int], list[int], list[tuple[int, int]]]:
    """Strides, dilations and pads of a convolution or pool, from its attributes."""
    rank = len(spatial)
    strides = list(op.attribute("strides", [1] * rank))
    dilations = list(op.attribute("dilations", [1] * rank))
    flat = list(op.attribute("pads", [0] * (2 * rank)))
    auto = op.attribute("auto_pad", b"NOTSET").decode("ascii", "replace")
    if op.attribute("ceil_mode", 0):
        op.refuse("ceil_mode")
    if len(kernel) != rank or len(strides) != rank or len(dilations) != rank or len(flat) != 2 * rank:
        op.wrong("kernel_shape, strides, dilations or pads do not fit the input")
    if min([*strides, *dilations, *kernel], default=1) < 1:
        op.wrong("kernel_shape, strides and dilations must be positive")
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        if "pads" in op.attributes and any(flat):
            op.wrong("both pads and auto_pad")
        if set(dilations) != {1}:
            op.refuse(f"auto_pad {auto} with dilations, which runtimes read in two ways")
        pads = []
        for size, k, s, d in zip(spatial, kernel, strides, dilations, strict=True):
            needed = max(0, (-(-size // s) - 1) * s + d * (k - 1) + 1 - size)
            small, large = needed // 2, needed - needed // 2
            pads.append((small, large) if auto == "SAME_UPPER" else (large, small))
        return strides, dilations, pads
    if auto == "VALID":
        return strides, dilations, [(0, 0)] * rank
    if auto != "NOTSET":
        op.refuse(f"auto_pad {auto}")
    return strides, dilations, list(zip(flat[:rank], flat[rank:], strict=True))


def op_conv(op: Operation) -> Tensor:
    """Conv in one or two dimensions, constant weights."""
    x, weights = op.nodes(0), op.weights(1)
    if x.ndim not in (3, 4) or weights.ndim != x.ndim:
        op.refuse("only convolutions in one and two dimensions are modelled")
    kernel = tuple(op.attribute("kernel_shape", weights.shape[2:]))
    if kernel != weights.shape[2:]:
        op.wrong("kernel_shape differs from the weights")
    strides, dilations, pads = window(op, x.shape[2:], kernel)
    bias = op.weights(2) if op.optional(2) is not None else None
    if bias is not None and bias.shape != weights.shape[:1]:
        op.wrong(f"bias of shape {bias.shape}")
    groups = op.attribute("group", 1)
    return op.floating(
        convolution(op, x, weights, bias, strides=strides, pads=pads, dilations=dilations, groups=groups)
    )


def op_batch_normalization(op: Operation) -> Tensor:
    """BatchNormalization at inference."""
    if op.attribute("training_mode", 0) or op.outputs != 1 or not op.attribute("spatial", 1):
        op.refuse("only inference with statistics for each channel is modelled")
    scale, bias, mean, variance = (op.weights(i) for i in range(1, 5))
    epsilon = op.arithmetic.fraction(op.attribute("epsilon", float(np.float32(1e-5))))
    return op.floating(batch_normalization(op, op.nodes(0), scale, bias, mean, variance, epsilon))


def _pool(op: Operation) -> tuple[np.ndarray[Any, Any], tuple[int, ...], np.ndarray[Any, Any]]:
    x = op.nodes(0)
    if x.ndim < 3:
        op.wrong("a pool needs a batch axis, channels and at least one more axis")
    kernel = tuple(op.attribute("kernel_shape", ()))
    strides, dilations, pads = window(op, x.shape[2:], kernel)
    return (x, *window_indices(op, x.shape[2:], kernel, strides, dilations, pads))


def op_max_pool(op: Operation) -> Tensor:
    """MaxPool."""
    if op.outputs != 1 or op.attribute("storage_order", 0):
        op.refuse("indices of the maxima are not modelled")
    x, extents, positions = _pool(op)
    return op.floating(max_pool(op, x, positions, extents))


def op_average_pool(op: Operation) -> Tensor:
    """AveragePool."""
    x, extents, positions = _pool(op)
    if set(op.attribute("dilations", [1])) != {1}:
        op.refuse("dilations")
    count_padding = bool(op.attribute("count_include_pad", 0))
    return op.floating(average_pool(op, x, positions, extents, count_padding=count_padding))


def _global(op: Operation) -> np.ndarray[Any, Any]:
    x = op.nodes(0)
    if x.ndim < 3:
        op.wrong("a pool needs a batch axis, channels and at least one more axis")
    return x


def op_global_average_pool(op: Operation) -> Tensor:
    """GlobalAveragePool."""
    x = _global(op)
    means = [op.arithmetic.mean(row.tolist()) for row in x.reshape(-1, int(np.prod(x.shape[2:])))]
    return op.floating(np.array(means, dtype=np.int64).reshape(*x.shape[:2], *(1,) * (x.ndim - 2)))


def op_global_max_pool(op: Operation) -> Tensor:
    """GlobalMaxPool."""
    x = _global(op)
    tops = [op.arithmetic.extremum("max", row.tolist()) for row in x.reshape(-1, int(np.prod(x.shape[2:])))]
    return op.floating(np.array(tops, dtype=np.int64).reshape(*x.shape[:2], *(1,) * (x.ndim - 2)))


def op_rnn(op: Operation) -> tuple[Tensor, ...]:
    """RNN with Relu, forward, unrolled: H_t = relu(X_t W' + H_(t-1) R' + Wb + Rb), one dot product for each unit and
    step.
    """
    activations = [a.decode("ascii", "replace") for a in op.attribute("activations", [b"Tanh"])]
    if activations != ["Relu"] or op.attribute("direction", b"forward") != b"forward" or "clip" in op.attributes:
        op.refuse("only a forward RNN with activation Relu and no clip is modelled")
    if op.attribute("layout", 0) != 0 or op.optional(4) is not None:
        op.refuse("layout 1 and sequence_lens are not modelled")
    x, weights, recurrence = op.nodes(0), op.weights(1), op.weights(2)
    if (
        x.ndim != 3
        or weights.ndim != 3
        or weights.shape[0] != 1
        or recurrence.shape != (1, weights.shape[1], weights.shape[1])
    ):
        op.wrong("X, W or R has a wrong shape")
    steps, batch, hidden = x.shape[0], x.shape[1], weights.shape[1]
    if weights.shape[2] != x.shape[2]:
        op.wrong(f"W of shape {weights.shape} does not fit X of shape {x.shape}")
    bias = op.weights(3) if op.optional(3) is not None else np.full((1, 2 * hidden), Fraction(0), dtype=object)
    if bias.shape != (1, 2 * hidden):
        op.wrong("B has a wrong shape")
    initial = op.optional(5)
    arithmetic = op.arithmetic
    zero = np.full((batch, hidden), arithmetic.builder.const(0), dtype=np.int64)
    state = zero if initial is None else op.nodes(5).reshape(batch, hidden)
    joined = np.concatenate([weights[0], recurrence[0]], axis=1)
    states = []
    for t in range(steps):
        state = rnn_step(op, np.concatenate([x[t], state], axis=1), joined, bias[0, :hidden], bias[0, hidden:])
        states.append(state)
    if not states:
        op.wrong("no steps")
    sequence = op.floating(np.stack(states)[:, None])
    return (sequence, op.floating(state[None]))


def rnn_step(
    op: Operation,
    args: np.ndarray[Any, Any],
    weights: np.ndarray[Any, Any],
    bias: np.ndarray[Any, Any],
    second_bias: np.ndarray[Any, Any],
) -> np.ndarray[Any, Any]:
    """relu(args @ weights.T + bias + second_bias), everything added in any order."""
    arithmetic = op.arithmetic
    one = arithmetic.builder.const(1)
    result = np.empty((args.shape[0], weights.shape[0]), dtype=np.int64)
    for n, j in np.ndindex(*result.shape):
        terms = [*zip(weights[j].tolist(), args[n].tolist(), strict=True), (second_bias[j], one)]
        result[n, j] = arithmetic.builder.relu(arithmetic.dot(terms, bias.tolist()[j]))
    return result
