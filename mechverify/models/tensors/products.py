"""Matrix products, convolutions and pools over node arrays, shared by the model readers."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import isqrt
from typing import Any

import numpy as np
import numpy.typing as npt

from mechverify.graph.operations.smooth import SQRT
from mechverify.models.tensors.arithmetic import Arithmetic, NodeArray
from mechverify.models.tensors.operation import Operation, broadcast_shape
from mechverify.models.tensors.tensor import Tensor

Weights = npt.NDArray[Any]


def matmul(operation: Operation, a: Tensor, b: Tensor) -> Tensor:
    """numpy's matmul of two float32 tensors, either of them constant or neither."""
    if a.dtype != "float32" or b.dtype != "float32":
        operation.refuse(f"a product of {a.dtype} and {b.dtype}")
    if not a.shape or not b.shape:
        operation.wrong("a product of scalars")
    left, right = a, b
    left = left.moved(left.array[None, :]) if len(a.shape) == 1 else left
    right = right.moved(right.array[:, None]) if len(b.shape) == 1 else right
    if left.shape[-1] != right.shape[-2]:
        operation.wrong(f"shapes {a.shape} and {b.shape} do not fit together")
    batch = broadcast_shape(operation, left.shape[:-2], right.shape[:-2])
    rows, inner, columns = left.shape[-2], left.shape[-1], right.shape[-1]
    outputs = int(np.prod(batch, dtype=object)) * rows * columns
    operation.arithmetic.meter.expect(outputs, outputs * inner)
    result = np.empty((*batch, rows, columns), dtype=np.int64)
    if outputs:
        wide_left = left.moved(np.broadcast_to(left.array, (*batch, rows, inner)))
        wide_right = right.moved(np.broadcast_to(right.array, (*batch, inner, columns)))
        for at in np.ndindex(*batch):
            result[at] = _matrix_product(
                operation.arithmetic, wide_left.moved(wide_left.array[at]), wide_right.moved(wide_right.array[at])
            )
    if len(a.shape) == 1:
        result = result[..., 0, :]
    if len(b.shape) == 1:
        result = result[..., 0]
    return Tensor("float32", result)


def _matrix_product(arithmetic: Arithmetic, a: Tensor, b: Tensor) -> NodeArray:
    if not a.constant and _is_matrix(b):
        return np.array([arithmetic.dots(row, b.array.T) for row in a.array.tolist()], dtype=np.int64)
    if not b.constant and _is_matrix(a):
        return np.array([arithmetic.dots(row, a.array) for row in b.array.T.tolist()], dtype=np.int64).T
    if not a.constant and (weights := arithmetic.weights(b)) is not None:
        return dense(arithmetic, a.array, weights.T, None)
    if (weights := arithmetic.weights(a)) is not None:
        return dense(arithmetic, arithmetic.nodes(b).T, weights, None).T
    left, right = arithmetic.nodes(a), arithmetic.nodes(b)
    result = np.empty((left.shape[0], right.shape[1]), dtype=np.int64)
    for i, j in np.ndindex(*result.shape):
        result[i, j] = variable_dot(arithmetic, left[i].tolist(), right[:, j].tolist())
    return result


def _is_matrix(tensor: Tensor) -> bool:
    """Whether a tensor is a constant of finite float32 numbers, as the weights of a model are."""
    return tensor.constant and tensor.array.dtype == np.float32 and bool(np.isfinite(tensor.array).all())


def scaled_products(operation: Operation, products: NodeArray, a: Tensor, b: Tensor, factor: Fraction) -> NodeArray:
    """``factor * (a @ b)`` for the nodes of ``a @ b``, both at least matrices; the factor may be applied to a or b."""
    arithmetic = operation.arithmetic
    left, right = arithmetic.nodes(a), arithmetic.nodes(b)
    batch = products.shape[:-2]
    left = np.broadcast_to(left, (*batch, *left.shape[-2:]))
    right = np.broadcast_to(right, (*batch, *right.shape[-2:]))
    result = np.empty(products.shape, dtype=np.int64)
    for at in np.ndindex(*products.shape):
        *where, i, j = at
        operands = [*left[(*where, i)].tolist(), *right[(*where, slice(None), j)].tolist()]
        result[at] = arithmetic.scale_product(int(products[at]), factor, operands)
    return result


def variable_dot(arithmetic: Arithmetic, left: Sequence[int], right: Sequence[int]) -> int:
    """``sum left * right``: rounded products, then their sum in any order.

    A fused product is exact, so within the error of a rounded one.
    """
    return arithmetic.dot([(Fraction(1), p) for p in arithmetic.products(left, right)])


def dense(arithmetic: Arithmetic, x: NodeArray, weights: Weights, bias: Weights | None) -> NodeArray:
    """``x @ weights.T + bias`` for x of shape (rows, k), weights (outputs, k), bias (outputs,) or (rows, outputs)."""
    rows, outputs = x.shape[0], weights.shape[0]
    arithmetic.meter.expect(rows * outputs, rows * weights.size)
    zero = (
        np.full((rows, outputs), Fraction(0), dtype=object) if bias is None else np.broadcast_to(bias, (rows, outputs))
    )
    result = np.empty((rows, outputs), dtype=np.int64)
    table = [row.tolist() for row in weights]
    for i in range(rows):
        args = x[i].tolist()
        for j in range(outputs):
            result[i, j] = arithmetic.dot(zip(table[j], args, strict=True), zero[i, j])
    return result


def window_indices(
    operation: Operation,
    spatial: Sequence[int],
    kernel: Sequence[int],
    strides: Sequence[int],
    dilations: Sequence[int],
    pads: Sequence[tuple[int, int]],
) -> tuple[tuple[int, ...], npt.NDArray[np.int64]]:
    """Output extents, and for each output position and kernel position the flat input position or -1 in the padding."""
    if min([*strides, *dilations, *kernel], default=1) < 1 or min((p for pair in pads for p in pair), default=0) < 0:
        operation.refuse("strides, dilations and kernel must be positive, pads not negative")
    extents = []
    axes = []
    for size, k, s, d, (before, after) in zip(spatial, kernel, strides, dilations, pads, strict=True):
        extent = (size + before + after - d * (k - 1) - 1) // s + 1
        if extent < 1:
            operation.wrong("the kernel is larger than the padded input")
        extents.append(extent)
        axes.append(np.arange(extent)[:, None] * s + np.arange(k)[None, :] * d - before)
    positions = []
    for at in product(*(range(e) for e in extents)):
        row = []
        for inside in product(*(range(k) for k in kernel)):
            flat = 0
            for axis, (o, i) in enumerate(zip(at, inside, strict=True)):
                place = int(axes[axis][o, i])
                flat = flat * spatial[axis] + place if flat >= 0 and 0 <= place < spatial[axis] else -1
            row.append(flat)
        positions.append(row)
    return tuple(extents), np.array(positions, dtype=np.int64).reshape(len(positions), -1)


def convolution(
    operation: Operation,
    x: NodeArray,
    weights: Weights,
    bias: Weights | None,
    *,
    strides: Sequence[int],
    pads: Sequence[tuple[int, int]],
    dilations: Sequence[int],
    groups: int,
) -> NodeArray:
    """A convolution of x (batch, channels, *spatial) with weights (outputs, channels / groups, *kernel).

    The zeros of the padding are exact in every execution and left out.
    """
    arithmetic = operation.arithmetic
    batch, channels = x.shape[:2]
    outputs, per_group = weights.shape[:2]
    if groups < 1 or per_group * groups != channels or outputs % groups:
        operation.wrong(f"{channels} channels in {groups} groups do not fit weights of shape {weights.shape}")
    extents, positions = window_indices(operation, x.shape[2:], weights.shape[2:], strides, dilations, pads)
    arithmetic.meter.expect(batch * outputs * len(positions), batch * int((positions >= 0).sum()) * outputs * per_group)
    result = np.empty((batch, outputs, len(positions)), dtype=np.int64)
    flat_x = x.reshape(batch, channels, -1)
    inside = [np.flatnonzero(row >= 0) for row in positions]
    for n, o in np.ndindex(batch, outputs):
        first = o // (outputs // groups) * per_group
        plane = flat_x[n, first : first + per_group]
        kernel = weights[o].reshape(per_group, -1)
        constant: Fraction = Fraction(0) if bias is None else bias.tolist()[o]
        for p, row in enumerate(positions):
            args = plane[:, row[inside[p]]].ravel().tolist()
            result[n, o, p] = arithmetic.dot(zip(kernel[:, inside[p]].ravel().tolist(), args, strict=True), constant)
    return result.reshape(batch, outputs, *extents)


def max_pool(operation: Operation, x: NodeArray, positions: npt.NDArray[np.int64], extents: Sequence[int]) -> NodeArray:
    """The maximum over each window of x (batch, channels, *spatial); padding never wins."""
    flat = x.reshape(*x.shape[:2], -1)
    result = np.empty((*x.shape[:2], len(positions)), dtype=np.int64)
    for n, c in np.ndindex(*x.shape[:2]):
        for p, row in enumerate(positions):
            result[n, c, p] = operation.arithmetic.extremum("max", flat[n, c, row[row >= 0]].tolist())
    return result.reshape(*x.shape[:2], *extents)


def average_pool(
    operation: Operation,
    x: NodeArray,
    positions: npt.NDArray[np.int64],
    extents: Sequence[int],
    *,
    count_padding: bool,
) -> NodeArray:
    """The mean over each window, the padding's zeros counted or not."""
    arithmetic = operation.arithmetic
    flat = x.reshape(*x.shape[:2], -1)
    result = np.empty((*x.shape[:2], len(positions)), dtype=np.int64)
    for n, c in np.ndindex(*x.shape[:2]):
        for p, row in enumerate(positions):
            args = flat[n, c, row[row >= 0]].tolist()
            count = len(row) if count_padding else len(args)
            if not args:
                operation.refuse("a window wholly in the padding")
            result[n, c, p] = arithmetic.scale(arithmetic.total(args), Fraction(1, count), 2)
    return result.reshape(*x.shape[:2], *extents)


def normalization_factor(variance: Fraction, epsilon: Fraction, scale: Fraction) -> tuple[Fraction, bool]:
    """``scale / sqrt(variance + epsilon)`` to 200 bits, and whether it is exact in every float32 execution.

    Inexact factors have their last of 200 bits set, so that no product with them is on the exact grid.
    """
    radicand = variance + epsilon
    top, bottom = radicand.numerator, radicand.denominator
    if top == 1 or bottom == 1:
        exponent = top.bit_length() - bottom.bit_length()
        if radicand == Fraction(2) ** exponent and exponent % 2 == 0:
            return scale / Fraction(2) ** (exponent // 2), True
    return scale * inverse_root(radicand), False


def inverse_root(value: Fraction) -> Fraction:
    """``1 / sqrt(value)``: exact for squares of rationals, otherwise to a relative error below 2^-190."""
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(bottom, top)
    magnitude = value.denominator.bit_length() - value.numerator.bit_length()
    shift = 200 - magnitude // 2
    scaled = Fraction(4) ** shift / value
    return Fraction(isqrt(scaled.__floor__()) | 1) / Fraction(2) ** shift


def batch_normalization(
    operation: Operation,
    x: NodeArray,
    scale: Weights,
    bias: Weights,
    mean: Weights,
    variance: Weights,
    epsilon: Fraction,
) -> NodeArray:
    """``(x - mean) / sqrt(variance + epsilon) * scale + bias`` along axis 1, in every order that SEMANTICS 6 lists.

    The factor a = scale / sqrt(variance + epsilon) passes through at most five roundings, its product with x or with
    the weights before, the product with the mean, and the additions through seven more. In ideal arithmetic an
    irrational factor stays a quotient by ``sqrt``.
    """
    arithmetic = operation.arithmetic
    builder = arithmetic.builder
    channels = x.shape[1] if x.ndim > 1 else 0
    if any(v.shape != (channels,) for v in (scale, bias, mean, variance)):
        operation.wrong(f"statistics do not fit {channels} channels")
    result = np.empty(x.shape, dtype=np.int64)
    for c in range(channels):
        radicand = variance[c] + epsilon
        if not Fraction(1, 2**80) <= radicand <= 2**80 or abs(mean[c]) > 2**100:
            operation.refuse("variance + epsilon outside 2^-80 .. 2^80, or a mean beyond 2^100")
        factor, exact = normalization_factor(variance[c], epsilon, scale[c])
        if abs(factor) > 2**80 or 0 < abs(factor) < Fraction(1, 2**80):
            operation.refuse("a factor outside 2^-80 .. 2^80")
        irrational = arithmetic.is_exact and inverse_root(radicand) ** 2 * radicand != 1
        root = builder.apply(SQRT, builder.const(radicand)) if irrational else -1
        channel = x[:, c].ravel().tolist()
        nodes = np.empty(len(channel), dtype=np.int64)
        for i, node in enumerate(channel):
            if irrational:
                centred = builder.affine(((scale[c], node),), -mean[c] * scale[c])
                nodes[i] = builder.affine(((Fraction(1), builder.div(centred, root)),), bias[c])
            elif factor == 0:
                nodes[i] = arithmetic.shift(arithmetic.scale(node, factor), bias[c])
            else:
                constants = (-mean[c] * factor, bias[c])
                nodes[i] = arithmetic.scale_shift(node, factor, constants, 12, off_grid=not exact)
        result[:, c] = nodes.reshape(x[:, c].shape)
    return result
