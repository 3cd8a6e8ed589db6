"""ATen layers, products, pools and reductions."""

from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.models.onnx.operations.layers import rnn_step
from mechverify.models.onnx.operations.reductions import reduce
from mechverify.models.tensors.operation import Operation, add, cast
from mechverify.models.tensors.products import (
    average_pool,
    batch_normalization,
    convolution,
    dense,
    matmul,
    max_pool,
    scaled_products,
    window_indices,
)
from mechverify.models.tensors.tensor import DType, Tensor
from mechverify.models.torch.operations.numbers import weighted
from mechverify.models.torch.operations.promotion import dtype_of, scalar_fraction


def _constant(op: Operation, a: Tensor | None, what: str) -> Any:
    found = None if a is None else op.arithmetic.weights(a)
    if found is None or a is None or a.dtype != "float32":
        op.refuse(f"{what} is not a constant float32 tensor")
    return found


def aten_matmul(op: Operation, a: Tensor, b: Tensor) -> Tensor:
    """mm, mv, bmm, dot, matmul."""
    return matmul(op, a, b)


def aten_linear(op: Operation, x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """``x @ weight.T + bias``."""
    table = op.arithmetic.weights(weight)
    constant = None if bias is None else op.arithmetic.weights(bias)
    if table is None or (bias is not None and constant is None) or x.constant or len(weight.shape) != 2:
        product = matmul(op, x, weight.moved(weight.array.T))
        return product if bias is None else add(op, product, bias)
    if x.dtype != "float32" or weight.dtype != "float32" or x.shape[-1:] != table.shape[1:]:
        op.wrong(f"input {x.dtype} {x.shape} and weights {weight.dtype} {weight.shape}")
    rows = x.array.reshape(-1, x.shape[-1])
    return op.floating(dense(op.arithmetic, rows, table, constant).reshape(*x.shape[:-1], table.shape[0]))


def aten_addmm(op: Operation, bias: Tensor, a: Tensor, b: Tensor, beta: Any = 1, alpha: Any = 1) -> Tensor:
    """``beta * bias + alpha * a @ b``."""
    product = matmul(op, a, b)
    if alpha != 1:
        factor = scalar_fraction(op, alpha)
        product = op.floating(scaled_products(op, product.array, a, b, factor))
    if beta != 1:
        scaled = weighted(op, op.arithmetic.nodes(bias), scalar_fraction(op, beta))
        bias = op.floating(scaled)
    return add(op, product, bias)


def _several(op: Operation, value: Any, rank: int) -> list[int]:
    values = [value] if isinstance(value, int) else list(value)
    values = values * rank if len(values) == 1 else values
    if len(values) != rank:
        op.wrong(f"{values} for {rank} axes")
    return values


def aten_conv(
    op: Operation,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> Tensor:
    """conv1d, conv2d."""
    kernel = _constant(op, weight, "the kernel")
    rank = kernel.ndim - 2
    if rank not in (1, 2) or len(x.shape) != kernel.ndim or x.dtype != "float32":
        op.refuse("only batched float32 convolutions in one and two dimensions are modelled")
    dilations = _several(op, dilation, rank)
    if isinstance(padding, str):
        if padding not in ("valid", "same"):
            op.refuse(f"padding {padding}")
        needed = [d * (k - 1) * (padding == "same") for d, k in zip(dilations, kernel.shape[2:], strict=True)]
        pads = [(n // 2, n - n // 2) for n in needed]
    else:
        pads = [(p, p) for p in _several(op, padding, rank)]
    constant = None if bias is None else _constant(op, bias, "the bias")
    nodes = convolution(
        op,
        op.arithmetic.nodes(x),
        kernel,
        constant,
        strides=_several(op, stride, rank),
        pads=pads,
        dilations=dilations,
        groups=groups,
    )
    return op.floating(nodes)


def aten_convolution(
    op: Operation,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Any,
    padding: Any,
    dilation: Any,
    transposed: bool,  # noqa: FBT001
    output_padding: Any,
    groups: int,
) -> Tensor:
    """The general convolution, not transposed."""
    if transposed or any(output_padding):
        op.refuse("a transposed convolution")
    return aten_conv(op, x, weight, bias, stride, padding, dilation, groups)


def aten_batch_norm(
    op: Operation,
    x: Tensor,
    weight: Tensor | None,
    bias: Tensor | None,
    mean: Tensor | None,
    variance: Tensor | None,
    training: bool,  # noqa: FBT001
    momentum: float,  # noqa: ARG001
    epsilon: float,
    *_: Any,
) -> Tensor:
    """Batch normalisation with stored statistics. ``epsilon`` is a double; rounded to float32 or not, the error covers
    it.
    """
    if training:
        op.refuse("batch normalisation in training mode; call .eval() first")
    if x.dtype != "float32":
        op.refuse(f"input {x.dtype}")
    means = _constant(op, mean, "the running mean")
    ones = np.full(means.shape, Fraction(1), dtype=object)
    scale = ones if weight is None else _constant(op, weight, "the scale")
    shift = ones * 0 if bias is None else _constant(op, bias, "the shift")
    variances = _constant(op, variance, "the running variance")
    exact = op.arithmetic.fraction(float(epsilon))
    return op.floating(batch_normalization(op, op.arithmetic.nodes(x), scale, shift, means, variances, exact))


def aten_native_batch_norm(
    op: Operation, x: Tensor, weight: Any, bias: Any, mean: Any, variance: Any, momentum: float, epsilon: float
) -> tuple[Tensor, ...]:
    """The decomposed form, whose first result is the output."""
    return (aten_batch_norm(op, x, weight, bias, mean, variance, False, momentum, epsilon),)


def aten_rnn_relu(
    op: Operation,
    x: Tensor,
    initial: Tensor,
    parameters: Any,
    has_biases: bool,  # noqa: FBT001
    layers: int,
    dropout: float,
    train: bool,  # noqa: FBT001
    bidirectional: bool,  # noqa: FBT001
    batch_first: bool,  # noqa: FBT001
) -> tuple[Tensor, Tensor]:
    """nn.RNN with relu, unrolled: h_t = relu(W x_t + b + U h_(t-1) + c), one dot product for each unit and step."""
    if bidirectional or (train and dropout):
        op.refuse("bidirectional, or dropout in training mode")
    if len(x.shape) != 3:
        op.refuse("an RNN without a batch axis")
    each = 4 if has_biases else 2
    if len(parameters) != each * layers:
        op.wrong("projections are not modelled")
    sequence = op.arithmetic.nodes(x)
    steps = list(np.swapaxes(sequence, 0, 1)) if batch_first else list(sequence)
    states = op.arithmetic.nodes(initial)
    last = []
    for layer in range(layers):
        tensors = [_constant(op, p, "a weight") for p in parameters[each * layer : each * (layer + 1)]]
        zero = np.full(tensors[0].shape[0], Fraction(0), dtype=object)
        bias, second = (tensors[2], tensors[3]) if has_biases else (zero, zero)
        weights = np.concatenate(tensors[:2], axis=1)
        state = states[layer]
        outputs = []
        for step in steps:
            state = rnn_step(op, np.concatenate([step, state], axis=1), weights, bias, second)
            outputs.append(state)
        steps = outputs
        last.append(state)
    stacked = np.stack(steps, axis=1 if batch_first else 0)
    return op.floating(stacked), op.floating(np.stack(last))


def _pool(
    op: Operation, x: Tensor, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: Any
) -> tuple[Any, Any, Any, int]:
    rank = len(x.shape) - 2
    if rank not in (1, 2) or x.dtype != "float32" or ceil_mode:
        op.refuse("only batched float32 pools in one and two dimensions, without ceil_mode, are modelled")
    sizes = _several(op, kernel, rank)
    strides = _several(op, stride if stride not in ((), [], None) else sizes, rank)
    pads = [(p, p) for p in _several(op, padding, rank)]
    extents, positions = window_indices(op, x.shape[2:], sizes, strides, _several(op, dilation, rank), pads)
    return op.arithmetic.nodes(x), positions, extents, rank


def aten_max_pool(
    op: Operation,
    x: Tensor,
    kernel: Any,
    stride: Any = (),
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: Any = False,  # noqa: FBT002
) -> Tensor:
    """max_pool1d, max_pool2d."""
    nodes, positions, extents, _ = _pool(op, x, kernel, stride, padding, dilation, ceil_mode)
    return op.floating(max_pool(op, nodes, positions, extents))


def aten_avg_pool(
    op: Operation,
    x: Tensor,
    kernel: Any,
    stride: Any = (),
    padding: Any = 0,
    ceil_mode: Any = False,  # noqa: FBT002
    count_include_pad: bool = True,  # noqa: FBT001, FBT002
    divisor_override: Any = None,
) -> Tensor:
    """avg_pool1d, avg_pool2d."""
    if divisor_override is not None:
        op.refuse("divisor_override")
    nodes, positions, extents, _ = _pool(op, x, kernel, stride, padding, 1, ceil_mode)
    return op.floating(average_pool(op, nodes, positions, extents, count_padding=count_include_pad))


def aten_adaptive_avg_pool(op: Operation, x: Tensor, size: Any) -> Tensor:
    """adaptive_avg_pool1d, adaptive_avg_pool2d, where the input size is a multiple of the output size."""
    rank = len(x.shape) - 2
    wanted = _several(op, size, rank)
    if any(n % w for n, w in zip(x.shape[2:], wanted, strict=True)):
        op.refuse("an output size that does not divide the input size")
    return aten_avg_pool(op, x, [n // w for n, w in zip(x.shape[2:], wanted, strict=True)])


def reduced_axes(op: Operation, x: Tensor, dims: Any) -> list[int]:
    """The axes that a reduction is over; none named: all."""
    if dims is None or (not isinstance(dims, int) and len(dims) == 0):
        return list(range(len(x.shape)))
    if not x.shape:
        op.wrong("a scalar has no axes")
    return [dims] if isinstance(dims, int) else list(dims)


def aten_sum(op: Operation, x: Tensor, dims: Any = None, keep: bool = False, dtype: Any = None) -> Tensor:  # noqa: FBT001, FBT002
    """The sum over axes; truth values and integers count in int64."""
    counted: DType = "float32" if x.dtype == "float32" else "int64"
    x = cast(op, x, counted if dtype is None else dtype_of(op, dtype))
    if x.dtype == "bool":
        op.refuse("a sum of truth values as a truth value")
    if not x.shape:
        return x
    arithmetic = op.arithmetic
    if x.is_integer:
        builder = arithmetic.builder
        nodes = reduce(
            op,
            arithmetic.nodes(x),
            reduced_axes(op, x, dims),
            lambda row: builder.affine((Fraction(1), n) for n in row),
            keep=keep,
        )
        return op.checked_integers(x.dtype, nodes)
    return op.floating(reduce(op, arithmetic.nodes(x), reduced_axes(op, x, dims), arithmetic.total, keep=keep))


def aten_mean(op: Operation, x: Tensor, dims: Any = None, keep: bool = False, dtype: Any = None) -> Tensor:  # noqa: FBT001, FBT002
    """The mean over axes."""
    if x.dtype != "float32" or str(dtype) not in ("None", "torch.float32"):
        op.refuse(f"input {x.dtype}, result {dtype}")
    if not x.shape:
        return x
    return op.floating(reduce(op, op.arithmetic.nodes(x), reduced_axes(op, x, dims), op.arithmetic.mean, keep=keep))


def _extreme(op: Operation, kind: str, x: Tensor, dims: Any, *, keep: bool) -> Tensor:
    if x.dtype == "bool":
        op.refuse("input bool")
    if not x.shape:
        return x
    fold = lambda row: op.arithmetic.extremum(kind, row)  # noqa: E731
    return Tensor(x.dtype, reduce(op, op.arithmetic.nodes(x), reduced_axes(op, x, dims), fold, keep=keep))


def aten_amax(op: Operation, x: Tensor, dims: Any = None, keep: bool = False) -> Tensor:  # noqa: FBT001, FBT002
    """The maximum over axes."""
    return _extreme(op, "max", x, dims, keep=keep)


def aten_amin(op: Operation, x: Tensor, dims: Any = None, keep: bool = False) -> Tensor:  # noqa: FBT001, FBT002
    """The minimum over axes."""
    return _extreme(op, "min", x, dims, keep=keep)


def _arg(op: Operation, kind: str, x: Tensor, dim: Any, *, keep: bool) -> Tensor:
    if x.dtype == "bool" or not x.shape:
        op.refuse("a scalar or truth values")
    if dim is None:
        x = x.moved(x.array.ravel())
        if keep:
            op.refuse("keepdim without an axis")
    fold = lambda row: op.arithmetic.arg_extremum(kind, row, last=False)  # noqa: E731
    nodes = reduce(op, op.arithmetic.nodes(x), [0 if dim is None else dim], fold, keep=keep)
    return op.checked_integers("int64", nodes)


def aten_argmax(op: Operation, x: Tensor, dim: Any = None, keep: bool = False) -> Tensor:  # noqa: FBT001, FBT002
    """The index of the first maximum."""
    return _arg(op, "max", x, dim, keep=keep)


def aten_argmin(op: Operation, x: Tensor, dim: Any = None, keep: bool = False) -> Tensor:  # noqa: FBT001, FBT002
    """The index of the first minimum."""
    return _arg(op, "min", x, dim, keep=keep)


def aten_max_dim(op: Operation, x: Tensor, dim: int, keep: bool = False) -> tuple[Tensor, Tensor]:  # noqa: FBT001, FBT002
    """The maxima along an axis and the first index of each."""
    return aten_amax(op, x, dim, keep), aten_argmax(op, x, dim, keep)


def aten_min_dim(op: Operation, x: Tensor, dim: int, keep: bool = False) -> tuple[Tensor, Tensor]:  # noqa: FBT001, FBT002
    """The minima along an axis and the first index of each."""
    return aten_amin(op, x, dim, keep), aten_argmin(op, x, dim, keep)
