"""ATen functions that are smooth, normalisation and attention."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.models.onnx.operations.movement import axis_of
from mechverify.models.onnx.operations.reductions import reduce
from mechverify.models.tensors.arithmetic import Arithmetic
from mechverify.models.tensors.operation import Operation, cast, elementwise, where
from mechverify.models.tensors.smooth import functions
from mechverify.models.tensors.smooth.attention import attention
from mechverify.models.tensors.smooth.normalisation import layer_norm, mean_and_variance, rms_norm
from mechverify.models.tensors.smooth.softmax import log_softmax, log_sum_exp, softmax
from mechverify.models.tensors.tensor import Tensor, known
from mechverify.models.torch.operations.layers import reduced_axes
from mechverify.models.torch.operations.promotion import converted, scalar_fraction

_LEAST_THRESHOLD = 14
_EPSILON = Fraction(1, 2**23)  # torch.finfo(torch.float32).eps


def function(name: str) -> Callable[..., Tensor]:
    """A function of each element; integers are converted to float32 before."""

    def operation(op: Operation, a: Tensor) -> Tensor:
        return _each(op, a, functions.FUNCTIONS[name])

    return operation


def _each(op: Operation, a: Tensor, one: Callable[[Arithmetic, int], int]) -> Tensor:
    a = cast(op, a, "float32")
    return op.floating(elementwise(op, lambda x: one(op.arithmetic, x), op.arithmetic.nodes(a)))


def aten_gelu(op: Operation, a: Tensor, approximate: str = "none") -> Tensor:
    """GELU, by erf or by tanh."""
    if a.dtype != "float32" or approximate not in ("none", "tanh"):
        op.refuse(f"input {a.dtype}, approximate {approximate!r}")
    return _each(op, a, functions.gelu if approximate == "none" else functions.gelu_tanh)


def aten_softplus(op: Operation, a: Tensor, beta: Any = 1, threshold: Any = 20) -> Tensor:
    """log(1 + e^(beta a)) / beta, a itself where beta a is above the threshold."""
    factor, limit = scalar_fraction(op, beta), scalar_fraction(op, threshold)
    if a.dtype != "float32" or factor <= 0 or limit < _LEAST_THRESHOLD:
        op.refuse(f"input {a.dtype}, beta {beta}, threshold {threshold} (at least {_LEAST_THRESHOLD} is modelled)")
    return _each(op, a, lambda arithmetic, x: functions.softplus(arithmetic, x, factor, limit))


def _floats(op: Operation, a: Tensor, dtype: Any) -> Tensor:
    if str(dtype) not in ("None", "torch.float32"):
        op.refuse(f"a result {dtype}")
    return cast(op, a, "float32")


def aten_softmax(op: Operation, a: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """softmax along an axis."""
    return softmax(op, _floats(op, a, dtype), axis_of(op, dim, max(len(a.shape), 1)))


def aten_log_softmax(op: Operation, a: Tensor, dim: int, dtype: Any = None) -> Tensor:
    """log_softmax along an axis."""
    return log_softmax(op, _floats(op, a, dtype), axis_of(op, dim, max(len(a.shape), 1)))


def aten_decomposed_softmax(op: Operation, a: Tensor, dim: int, half: bool) -> Tensor:  # noqa: FBT001
    """``_softmax``."""
    return aten_softmax(op, a, dim, "torch.float16" if half else None)


def aten_decomposed_log_softmax(op: Operation, a: Tensor, dim: int, half: bool) -> Tensor:  # noqa: FBT001
    """``_log_softmax``."""
    return aten_log_softmax(op, a, dim, "torch.float16" if half else None)


def aten_logsumexp(op: Operation, a: Tensor, dims: Any, keep: bool = False) -> Tensor:  # noqa: FBT001, FBT002
    """The logarithm of the sum of exponentials over axes."""
    if a.dtype != "float32" or not a.shape:
        op.refuse(f"input {a.dtype} of shape {list(a.shape)}")
    axes = reduced_axes(op, a, dims)
    return op.floating(reduce(op, op.arithmetic.nodes(a), axes, lambda row: log_sum_exp(op, row), keep=keep))


def _rows(op: Operation, a: Tensor, shape: Any, *parameters: Tensor | None) -> tuple[Any, list[list[int] | None]]:
    """The rows of elements that are normalised together, and the parameters for each element of a row."""
    wanted = tuple(shape)
    if a.dtype != "float32" or not wanted or not a.array.size or a.shape[len(a.shape) - len(wanted) :] != wanted:
        op.refuse(f"input {a.dtype} of shape {list(a.shape)}, normalised over {list(wanted)}")
    flat = [None if p is None else op.arithmetic.nodes(p).ravel().tolist() for p in parameters]
    return op.arithmetic.nodes(a).reshape(-1, int(np.prod(wanted))).tolist(), flat


def aten_layer_norm(
    op: Operation,
    a: Tensor,
    shape: Any,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    epsilon: float = 1e-5,
    *_: Any,
) -> Tensor:
    """(a - mean) / sqrt(variance + epsilon) * weight + bias over the last axes. ``epsilon`` is a double; rounded to
    float32 or not, the error covers it.
    """
    rows, (scale, shift) = _rows(op, a, shape, weight, bias)
    exact = op.arithmetic.fraction(float(epsilon))
    found = [layer_norm(op.arithmetic, row, exact, scale, shift) for row in rows]
    return op.floating(np.array(found, dtype=np.int64).reshape(a.shape))


def aten_native_layer_norm(
    op: Operation, a: Tensor, shape: Any, weight: Tensor | None, bias: Tensor | None, epsilon: float
) -> tuple[Tensor, ...]:
    """The decomposed form, whose first result is the output."""
    return (aten_layer_norm(op, a, shape, weight, bias, epsilon),)


def aten_rms_norm(
    op: Operation, a: Tensor, shape: Any, weight: Tensor | None = None, epsilon: float | None = None
) -> Tensor:
    """a / sqrt(mean of squares + epsilon) * weight over the last axes."""
    rows, (scale,) = _rows(op, a, shape, weight)
    exact = _EPSILON if epsilon is None else op.arithmetic.fraction(float(epsilon))
    found = [rms_norm(op.arithmetic, row, exact, scale) for row in rows]
    return op.floating(np.array(found, dtype=np.int64).reshape(a.shape))


def aten_var(
    op: Operation,
    a: Tensor,
    dims: Any = None,
    unbiased: bool = True,  # noqa: FBT001, FBT002
    keep: bool = False,  # noqa: FBT001, FBT002
    correction: Any = None,
) -> Tensor:
    """The variance over axes; of n elements divided by n - 1, or by n where it is not unbiased."""
    less = int(unbiased) if correction is None else correction
    if a.dtype != "float32" or not a.shape or less not in (0, 1):
        op.refuse(f"input {a.dtype} of shape {list(a.shape)}, correction {less}")
    axes = reduced_axes(op, a, dims)

    def one(row: Any) -> int:
        if len(row) == less:
            op.refuse("the unbiased variance of one element")
        return mean_and_variance(op.arithmetic, row, int(less))[1]

    return op.floating(reduce(op, op.arithmetic.nodes(a), axes, one, keep=keep))


def aten_var_correction(
    op: Operation, a: Tensor, dims: Any = None, correction: Any = None, keepdim: bool = False  # noqa: FBT001, FBT002
) -> Tensor:
    """The same, by its correction: one where none is given."""
    return aten_var(op, a, dims, True, keepdim, 1 if correction is None else correction)


def aten_norm(
    op: Operation,
    a: Tensor,
    order: Any = 2,
    dims: Any = None,
    keep: bool = False,  # noqa: FBT001, FBT002
    dtype: Any = None,
) -> Tensor:
    """The Euclidean norm over axes."""
    if a.dtype != "float32" or not a.shape or order != 2 or str(dtype) not in ("None", "torch.float32"):
        op.refuse(f"input {a.dtype} of shape {list(a.shape)}, order {order}")
    axes = reduced_axes(op, a, dims)
    fold = lambda row: functions.norm(op.arithmetic, row)  # noqa: E731
    return op.floating(reduce(op, op.arithmetic.nodes(a), axes, fold, keep=keep))


def aten_masked_fill(op: Operation, a: Tensor, mask: Tensor, value: Any) -> Tensor:
    """``value`` where the mask is true."""
    if isinstance(value, Tensor) and value.array.size != 1:
        op.refuse("a value of several elements")
    return where(op, mask, _filling(op, value, a), a)


def _filling(op: Operation, value: Any, a: Tensor) -> Tensor:
    found = converted(op, value, a.dtype)
    return found.moved(found.array.reshape(()))


def triangle(*, lower: bool) -> Callable[..., Tensor]:
    """tril or triu: zeros on the other side of a diagonal."""

    def operation(op: Operation, a: Tensor, diagonal: int = 0) -> Tensor:
        if len(a.shape) < 2:
            op.wrong(f"a triangle of shape {list(a.shape)}")
        rows, columns = a.shape[-2:]
        kept = np.tri(rows, columns, k=diagonal if lower else diagonal - 1, dtype=np.bool_)
        kept = np.broadcast_to(kept if lower else ~kept, a.shape)
        if a.constant:
            return known(a.dtype, np.where(kept, a.array, np.zeros((), dtype=a.array.dtype)))
        nothing = op.arithmetic.builder.boolean(False) if a.dtype == "bool" else op.arithmetic.builder.const(0)
        return Tensor(a.dtype, np.where(kept, a.array, nothing))

    return operation


def aten_attention(
    op: Operation,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    mask: Tensor | None = None,
    dropout: float = 0.0,
    causal: bool = False,  # noqa: FBT001, FBT002
    *,
    scale: float | None = None,
    enable_gqa: bool = False,
) -> Tensor:
    """scaled_dot_product_attention; a mask of truth values says which positions take part."""
    if dropout or enable_gqa:
        op.refuse("dropout, or grouped queries")
    if causal and mask is not None:
        op.wrong("both a mask and is_causal")
    if causal:
        rows, columns = query.shape[-2], key.shape[-2]
        mask = known("bool", np.tri(rows, columns, dtype=np.bool_))
    if mask is not None and mask.dtype == "bool":
        zero, out = (known("float32", np.array(x)) for x in (0.0, -np.inf))
        mask = where(op, mask, zero, out)
    return attention(op, query, key, value, mask, scale)
