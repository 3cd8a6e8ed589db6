"""ATen operations that only move elements, and constants."""

from typing import Any

import numpy as np

from mechverify.models.onnx.operations.movement import axis_of, concatenated, gather, reshaped
from mechverify.models.tensors.limits import check_elements
from mechverify.models.tensors.operation import Operation, broadcast_shape
from mechverify.models.tensors.tensor import DType, Tensor, known
from mechverify.models.torch.operations.promotion import converted, dtype_of, number_type, promoted


def aten_reshape(op: Operation, a: Tensor, shape: Any) -> Tensor:
    """view, reshape."""
    return reshaped(op, a, list(shape))


def aten_flatten(op: Operation, a: Tensor, start: int = 0, end: int = -1) -> Tensor:
    """flatten from one axis to another."""
    rank = len(a.shape)
    if rank == 0:
        return reshaped(op, a, [1])
    first, last = axis_of(op, start, rank), axis_of(op, end, rank)
    return reshaped(op, a, [*a.shape[:first], int(np.prod(a.shape[first : last + 1])), *a.shape[last + 1 :]])


def aten_unflatten(op: Operation, a: Tensor, dim: int, sizes: Any) -> Tensor:
    """One axis into several."""
    axis = axis_of(op, dim, len(a.shape))
    wanted = list(sizes)
    if -1 in wanted:
        known_part = -int(np.prod(wanted))
        wanted[wanted.index(-1)] = a.shape[axis] // max(known_part, 1)
    return reshaped(op, a, [*a.shape[:axis], *wanted, *a.shape[axis + 1 :]])


def aten_permute(op: Operation, a: Tensor, dims: Any) -> Tensor:
    """Axes in another order."""
    order = [axis_of(op, d, len(a.shape)) for d in dims]
    return a.moved(np.transpose(a.array, order))


def aten_transpose(op: Operation, a: Tensor, first: int, second: int) -> Tensor:
    """Two axes exchanged."""
    return a.moved(np.swapaxes(a.array, axis_of(op, first, len(a.shape)), axis_of(op, second, len(a.shape))))


def aten_t(op: Operation, a: Tensor) -> Tensor:
    """The transpose of a matrix."""
    if len(a.shape) > 2:
        op.wrong(f"a transpose of {len(a.shape)} axes")
    return a.moved(a.array.T)


def aten_squeeze(op: Operation, a: Tensor, dims: Any = None) -> Tensor:
    """Axes of size 1 dropped."""
    rank = len(a.shape)
    wanted = range(rank) if dims is None else [dims] if isinstance(dims, int) else dims
    dropped = {axis_of(op, d, max(rank, 1)) for d in wanted}
    return a.moved(a.array.reshape([n for i, n in enumerate(a.shape) if not (i in dropped and n == 1)]))


def aten_unsqueeze(op: Operation, a: Tensor, dim: int) -> Tensor:
    """A new axis of size 1."""
    return a.moved(np.expand_dims(a.array, axis_of(op, dim, len(a.shape) + 1)))


def aten_expand(op: Operation, a: Tensor, shape: Any, *, implicit: bool = False) -> Tensor:  # noqa: ARG001
    """Axes of size 1 repeated."""
    wanted = list(shape)
    offset = len(wanted) - len(a.shape)
    if offset < 0 or -1 in wanted[:offset]:
        op.wrong(f"{a.shape} to {wanted}")
    wide = tuple(a.shape[i - offset] if n == -1 else n for i, n in enumerate(wanted))
    if broadcast_shape(op, a.shape, wide) != wide:
        op.wrong(f"{a.shape} to {wide}")
    return a.moved(np.broadcast_to(a.array, wide))


def aten_expand_as(op: Operation, a: Tensor, other: Tensor) -> Tensor:
    """Axes of size 1 repeated to another tensor's shape."""
    return aten_expand(op, a, other.shape)


def aten_repeat(op: Operation, a: Tensor, repeats: Any) -> Tensor:
    """Copies side by side."""
    check_elements(int(np.prod(list(repeats), dtype=object)) * a.array.size, op.where)
    return a.moved(np.tile(a.array, tuple(repeats)))


def aten_flip(op: Operation, a: Tensor, dims: Any) -> Tensor:
    """Axes reversed."""
    return a.moved(np.flip(a.array, tuple(axis_of(op, d, len(a.shape)) for d in dims)))


def aten_cat(op: Operation, tensors: Any, dim: int = 0) -> Tensor:
    """Tensors joined along an axis, in their common type."""
    if not tensors:
        op.wrong("nothing to join")
    return concatenated(op, list(promoted(op, *tensors)), axis_of(op, dim, len(tensors[0].shape)))


def aten_stack(op: Operation, tensors: Any, dim: int = 0) -> Tensor:
    """Tensors joined along a new axis."""
    return aten_cat(op, [aten_unsqueeze(op, t, dim) for t in tensors], dim)


def aten_slice(
    op: Operation, a: Tensor, dim: int = 0, start: int | None = None, end: int | None = None, step: int = 1
) -> Tensor:
    """A range along an axis."""
    if step < 1:
        op.wrong(f"step {step}")
    index: list[slice] = [slice(None)] * len(a.shape)
    index[axis_of(op, dim, len(a.shape))] = slice(start, end, step)
    return a.moved(a.array[tuple(index)])


def aten_select(op: Operation, a: Tensor, dim: int, index: int) -> Tensor:
    """One place along an axis."""
    axis = axis_of(op, dim, len(a.shape))
    return a.moved(np.take(a.array, axis_of(op, index, a.shape[axis]), axis=axis))


def aten_narrow(op: Operation, a: Tensor, dim: int, start: int, length: int) -> Tensor:
    """A range of a given length along an axis; a negative start counts from the end."""
    extent = a.shape[axis_of(op, dim, len(a.shape))]
    first = start + extent if start < 0 else start
    if not 0 <= first <= first + length <= extent:
        op.wrong(f"{length} places from {start} of {extent}")
    return aten_slice(op, a, dim, first, first + length)


def aten_split(op: Operation, a: Tensor, size: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """Pieces of a size, or of given sizes."""
    axis = axis_of(op, dim, len(a.shape))
    extent = a.shape[axis]
    if isinstance(size, int) and size < 1:
        op.refuse(f"pieces of {size}")
    lengths = (
        list(size) if not isinstance(size, int) else [size] * (extent // size) + [extent % size] * (extent % size > 0)
    )
    if sum(lengths) != extent:
        op.wrong(f"pieces {lengths} of {extent}")
    return tuple(a.moved(p) for p in np.split(a.array, np.cumsum(lengths)[:-1], axis=axis))


def aten_chunk(op: Operation, a: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most so many pieces of one size."""
    extent = a.shape[axis_of(op, dim, len(a.shape))]
    if chunks < 1:
        op.wrong(f"{chunks} pieces")
    return aten_split(op, a, -(-extent // chunks), dim)


def aten_unbind(op: Operation, a: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """Every place along an axis."""
    axis = axis_of(op, dim, len(a.shape))
    return tuple(a.moved(np.take(a.array, i, axis=axis)) for i in range(a.shape[axis]))


def aten_index_select(op: Operation, a: Tensor, dim: int, index: Tensor) -> Tensor:
    """Places along an axis; negative indices are refused, as torch does."""
    _refuse_negative(op, index)
    places = index.moved(index.array.reshape(-1))
    if not a.shape:
        op.refuse("a tensor without axes")
    return gather(op, a, places, axis_of(op, dim, len(a.shape)))


def aten_index(op: Operation, a: Tensor, indices: Any) -> Tensor:
    """Indexing by one tensor, or by several constant ones."""
    given = [(axis, t) for axis, t in enumerate(indices) if t is not None]
    if any(t.dtype == "bool" for _, t in given):
        op.refuse("indexing by truth values")
    if len(given) == 1:
        return gather(op, a, given[0][1], given[0][0])
    if any(not t.constant for _, t in given):
        op.refuse("indexing by several tensors that are not constant")
    try:
        return a.moved(a.array[tuple(slice(None) if t is None else t.array for t in indices)])
    except IndexError:
        op.wrong("an index is out of range")


def aten_embedding(op: Operation, weight: Tensor, index: Tensor, padding: int = -1, *_: Any) -> Tensor:  # noqa: ARG001
    """Rows of a table; negative indices are refused, as torch does."""
    _refuse_negative(op, index)
    return gather(op, weight, index, 0)


def _refuse_negative(op: Operation, index: Tensor) -> None:
    if not index.constant:
        bounds = [op.arithmetic.integers.of(int(n)) for n in index.array.ravel()]
        if any(b is None or b[0] < 0 for b in bounds):
            op.refuse("an index that may be negative")
    elif index.array.size and index.array.min() < 0:
        op.wrong("a negative index")


def _filled(op: Operation, shape: Any, value: Any, dtype: DType) -> Tensor:
    if min(shape, default=0) < 0:
        op.wrong(f"shape {list(shape)}")
    check_elements(int(np.prod(list(shape), dtype=object)), op.where)
    if dtype == "bool":
        return known("bool", np.full(tuple(shape), bool(value)))
    return known(dtype, np.full(tuple(shape), converted(op, value, dtype).array))


def aten_full(op: Operation, shape: Any, value: Any, dtype: Any = None, **_: Any) -> Tensor:
    """A tensor of one number."""
    return _filled(op, shape, value, number_type(op, value) if dtype is None else dtype_of(op, dtype))


def aten_zeros(op: Operation, shape: Any, dtype: Any = None, **_: Any) -> Tensor:
    """Zeros."""
    return _filled(op, shape, 0, "float32" if dtype is None else dtype_of(op, dtype))


def aten_ones(op: Operation, shape: Any, dtype: Any = None, **_: Any) -> Tensor:
    """Ones."""
    return _filled(op, shape, 1, "float32" if dtype is None else dtype_of(op, dtype))


def aten_full_like(op: Operation, a: Tensor, value: Any, dtype: Any = None, **_: Any) -> Tensor:
    """A tensor of one number, shaped like another."""
    return _filled(op, a.shape, value, a.dtype if dtype is None else dtype_of(op, dtype))


def aten_zeros_like(op: Operation, a: Tensor, dtype: Any = None, **_: Any) -> Tensor:
    """Zeros shaped like another tensor."""
    return aten_full_like(op, a, 0, dtype)


def aten_ones_like(op: Operation, a: Tensor, dtype: Any = None, **_: Any) -> Tensor:
    """Ones shaped like another tensor."""
    return aten_full_like(op, a, 1, dtype)


def aten_new_zeros(op: Operation, a: Tensor, shape: Any, dtype: Any = None, **_: Any) -> Tensor:
    """Zeros of another tensor's type."""
    return _filled(op, shape, 0, a.dtype if dtype is None else dtype_of(op, dtype))


def aten_new_ones(op: Operation, a: Tensor, shape: Any, dtype: Any = None, **_: Any) -> Tensor:
    """Ones of another tensor's type."""
    return _filled(op, shape, 1, a.dtype if dtype is None else dtype_of(op, dtype))


def aten_scalar_tensor(op: Operation, value: Any, dtype: Any = None, **_: Any) -> Tensor:
    """A single number."""
    return aten_full(op, (), value, "torch.float32" if dtype is None else dtype)


def aten_arange(op: Operation, *bounds: Any, dtype: Any = None, **_: Any) -> Tensor:
    """A range of whole numbers, float32 where a bound is a Python float."""
    whole = all(isinstance(b, int) or (isinstance(b, float) and b.is_integer()) for b in bounds)
    if not whole or not 1 <= len(bounds) <= 3 or any(abs(b) > 2**24 for b in bounds):
        op.refuse(f"bounds {bounds}")
    default: DType = "float32" if any(isinstance(b, float) for b in bounds) else "int64"
    values = range(*(int(b) for b in bounds))
    check_elements(len(values), op.where)
    return known(default if dtype is None else dtype_of(op, dtype), np.array(values))


def aten_pad(op: Operation, a: Tensor, pads: Any, value: Any = 0.0) -> Tensor:
    """constant_pad_nd: pads of the last axis first."""
    if not any(pads):
        return a
    widths = [(0, 0)] * len(a.shape)
    pairs = list(zip(pads[::2], pads[1::2], strict=True))
    if min(pads, default=0) < 0:
        op.refuse("negative pads")
    for i, pair in enumerate(pairs):
        widths[len(a.shape) - 1 - i] = pair
    size = 1
    for extent, (before, after) in zip(a.shape, widths, strict=True):
        size *= extent + before + after
    check_elements(size, op.where)
    whole = isinstance(value, float) and a.dtype != "float32" and value.is_integer()
    filler = int(op.arithmetic.nodes(_filled(op, (), int(value) if whole else value, a.dtype)).item())
    return Tensor(a.dtype, np.pad(op.arithmetic.nodes(a), widths, constant_values=filler))


def aten_general_pad(op: Operation, a: Tensor, pads: Any, mode: str = "constant", value: Any = None) -> Tensor:
    """pad with a constant."""
    if mode != "constant":
        op.refuse(f"mode {mode}")
    return aten_pad(op, a, pads, 0.0 if value is None else value)
