"""ONNX operations that only move elements."""

from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.graph.tables import Entries
from mechverify.models.tensors.limits import check_elements
from mechverify.models.tensors.lookup import MOST_CONDITIONS, constant_entry, looked_up
from mechverify.models.tensors.operation import Operation, broadcast_shape
from mechverify.models.tensors.tensor import Tensor, known

_UNBOUNDED = 2**31 - 1


def axis_of(op: Operation, axis: int, rank: int) -> int:
    """A possibly negative axis, checked."""
    if not -rank <= axis < rank:
        op.wrong(f"axis {axis} of a tensor with {rank} axes")
    return axis % rank


def axes_argument(op: Operation, since: int, index: int = 1) -> list[int] | None:
    """``axes``, an attribute before opset ``since`` and an input from then on."""
    if op.version < since:
        found = op.attribute("axes")
        return None if found is None else [int(v) for v in found]
    return None if op.optional(index) is None else op.integers(index)


def op_concat(op: Operation) -> Tensor:
    """Concat."""
    tensors = [op.tensor(i) for i in range(len(op.inputs))]
    if not tensors or any(t.dtype != tensors[0].dtype for t in tensors):
        op.refuse("inputs of different types")
    return concatenated(op, tensors, axis_of(op, op.attribute("axis", 0), len(tensors[0].shape)))


def concatenated(op: Operation, tensors: list[Tensor], axis: int) -> Tensor:
    """Tensors of one type joined along an axis."""
    for t in tensors:
        if len(t.shape) != len(tensors[0].shape):
            op.wrong("inputs of different ranks")
        if any(a != b for i, (a, b) in enumerate(zip(t.shape, tensors[0].shape, strict=True)) if i != axis):
            op.wrong("shapes do not fit together")
    if all(t.constant for t in tensors):
        return known(tensors[0].dtype, np.concatenate([t.array for t in tensors], axis=axis))
    return Tensor(tensors[0].dtype, np.concatenate([op.arithmetic.nodes(t) for t in tensors], axis=axis))


def op_slice(op: Operation) -> Tensor:
    """Slice."""
    data = op.tensor(0)
    if op.version < 10:
        starts, ends = list(op.attribute("starts", ())), list(op.attribute("ends", ()))
        axes, steps = op.attribute("axes"), None
    else:
        starts, ends = op.integers(1), op.integers(2)
        axes = op.integers(3) if op.optional(3) is not None else None
        steps = op.integers(4) if op.optional(4) is not None else None
    axes = list(range(len(starts))) if axes is None else [axis_of(op, a, len(data.shape)) for a in axes]
    steps = [1] * len(starts) if steps is None else steps
    if not len(starts) == len(ends) == len(axes) == len(steps) or len(set(axes)) != len(axes) or 0 in steps:
        op.wrong("starts, ends, axes and steps do not fit together")
    index = [slice(None)] * len(data.shape)
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if axis >= len(data.shape):
            op.wrong(f"axis {axis}")
        if step < 0 and end >= _UNBOUNDED:
            op.refuse("a negative step with an end beyond every axis, which runtimes read in two ways")
        index[axis] = _slice(start, end, step, data.shape[axis])
    return data.moved(data.array[tuple(index)])


def _slice(start: int, end: int, step: int, size: int) -> slice:
    start = start + size if start < 0 else start
    end = end + size if end < 0 else end
    if step > 0:
        return slice(min(max(start, 0), size), min(max(end, 0), size), step)
    start, end = min(max(start, 0), size - 1), min(max(end, -1), size - 1)
    return slice(start, None if end < 0 else end, step)


def op_split(op: Operation) -> tuple[Tensor, ...]:
    """Split."""
    data = op.tensor(0)
    axis = axis_of(op, op.attribute("axis", 0), len(data.shape))
    size = data.shape[axis]
    if op.version < 13:
        lengths = list(op.attribute("split", ()))
    else:
        lengths = op.integers(1) if op.optional(1) is not None else []
    if not lengths:
        parts = op.attribute("num_outputs", op.outputs)
        if parts != op.outputs or parts < 1 or (size % parts and op.version < 18):
            op.wrong(f"{size} elements in {parts} parts")
        each = -(-size // parts)
        lengths = [each] * (parts - 1) + [size - each * (parts - 1)]
    if len(lengths) != op.outputs or sum(lengths) != size or min(lengths) < 0:
        op.wrong(f"lengths {lengths} of {size} elements for {op.outputs} outputs")
    return tuple(data.moved(part) for part in np.split(data.array, np.cumsum(lengths)[:-1], axis=axis))


def op_gather(op: Operation) -> Tensor:
    """Gather; an index that is an input selects among the elements, each with its condition."""
    data, index = op.tensor(0), op.tensor(1)
    axis = axis_of(op, op.attribute("axis", 0), len(data.shape))
    return gather(op, data, index, axis)


def gather(op: Operation, data: Tensor, index: Tensor, axis: int) -> Tensor:
    """``data`` at ``index`` along an axis; indices provably in range."""
    if not index.is_integer:
        op.refuse(f"an index of type {index.dtype}")
    size = data.shape[axis]
    if index.constant:
        if index.array.size and (index.array.min() < -size or index.array.max() >= size):
            op.wrong(f"an index is outside 0 .. {size - 1}")
        check_elements(index.array.size * max(1, data.array.size // max(size, 1)), op.where)
        return data.moved(np.take(data.array, index.array % max(size, 1), axis=axis))
    if data.dtype == "bool":
        op.refuse("selection among truth values by a variable index")
    shape = np.moveaxis(data.array, axis, 0).shape
    columns = _entries(op, np.moveaxis(data.array, axis, 0)) if data.constant and size > MOST_CONDITIONS else None
    if columns is None:
        table = np.moveaxis(op.arithmetic.nodes(data), axis, 0)
        rows = [_select(op, table, node).tolist() for node in index.array.ravel().tolist()]
    else:
        rows = [_look_up(op, columns, size, node) for node in index.array.ravel().tolist()]
    stacked = np.array(rows, dtype=np.int64).reshape((*index.shape, *shape[1:]))
    order = [
        *range(index.array.ndim, index.array.ndim + axis),
        *range(index.array.ndim),
        *range(index.array.ndim + axis, stacked.ndim),
    ]
    return Tensor(data.dtype, np.transpose(stacked, order))


def _places(op: Operation, size: int, node: int) -> range:
    """The places that an index may name."""
    bounds = op.arithmetic.integers.of(node)
    if bounds is None or bounds[0] < -size or bounds[1] >= size:
        op.refuse(f"an index that may lie outside 0 .. {size - 1}")
    return range(int(-(-bounds[0] // 1)), int(bounds[1] // 1) + 1)


def _entries(op: Operation, table: np.ndarray[Any, Any]) -> list[Entries] | None:
    """The columns of known numbers; None where one of them is not finite."""
    flat = table.reshape(table.shape[0], -1)
    op.arithmetic.meter.charge(flat.size)
    if not np.isfinite(flat).all():
        return None
    if flat.dtype == np.float32:
        return [Entries(column) for column in flat.T]
    return [Entries([Fraction(x) for x in column]) for column in flat.T.tolist()]


def _look_up(op: Operation, columns: list[Entries], size: int, node: int) -> list[int]:
    """One row of a table of constants; a negative index counts from the end."""
    builder, places = op.arithmetic.builder, _places(op, size, node)
    op.arithmetic.meter.charge(len(columns))
    if places.start < 0:
        columns = [Entries([*column[places.start :], *column[:]]) for column in columns]
    return [constant_entry(builder, node, min(places.start, 0), column) for column in columns]


def _select(op: Operation, table: np.ndarray[Any, Any], node: int) -> np.ndarray[Any, Any]:
    builder, size = op.arithmetic.builder, table.shape[0]
    values = _places(op, size, node)
    width = int(np.prod(table.shape[1:], dtype=object))
    op.arithmetic.meter.charge(len(values) * (width + 1))
    columns = table.reshape(size, -1)[[v % size for v in values]].T.tolist()
    chosen = [looked_up(builder, node, values[0], column) for column in columns]
    result = np.array(chosen, dtype=np.int64)
    return result.reshape(table.shape[1:])


def op_gather_nd(op: Operation) -> Tensor:
    """GatherND with constant indices."""
    data, index = op.tensor(0), op.tensor(1)
    batch = op.attribute("batch_dims", 0)
    if not index.is_integer or not index.constant:
        op.refuse("the indices must be constant integers")
    if not index.shape or not 0 <= batch < min(len(data.shape), len(index.shape)):
        op.wrong(f"indices of shape {list(index.shape)} and batch_dims {batch} for data of shape {list(data.shape)}")
    depth = index.shape[-1]
    if not 1 <= depth <= len(data.shape) - batch or index.shape[:batch] != data.shape[:batch]:
        op.wrong(f"indices of shape {list(index.shape)} do not fit data of shape {list(data.shape)}")
    check_elements(index.array.size // depth * max(1, data.array.size), op.where)
    result = np.empty((*index.shape[:-1], *data.shape[batch + depth :]), dtype=data.array.dtype)
    for at in np.ndindex(*index.shape[:-1]):
        place = index.array[at].tolist()
        if any(not -n <= p < n for p, n in zip(place, data.shape[batch:], strict=False)):
            op.wrong(f"index {place} is outside data of shape {list(data.shape)}")
        result[at] = data.array[(*at[:batch], *place)]
    return data.moved(result)


def op_tile(op: Operation) -> Tensor:
    """Tile by constant numbers of repetitions."""
    data, repeats = op.tensor(0), op.integers(1)
    if len(repeats) != len(data.shape) or any(r < 0 for r in repeats):
        op.wrong(f"repeats {repeats} for data of shape {list(data.shape)}")
    size = data.array.size
    for r in repeats:
        size *= r
    check_elements(size, op.where)
    return data.moved(np.tile(data.array, repeats))


def op_reshape(op: Operation) -> Tensor:
    """Reshape."""
    data, shape = op.tensor(0), op.integers(1)
    if not op.attribute("allowzero", 0):
        if any(d == 0 and i >= len(data.shape) for i, d in enumerate(shape)):
            op.wrong(f"shape {shape}")
        shape = [data.shape[i] if d == 0 else d for i, d in enumerate(shape)]
    return reshaped(op, data, shape)


def reshaped(op: Operation, data: Tensor, shape: list[int]) -> Tensor:
    """The same elements in another shape, with at most one -1."""
    if shape.count(-1) > 1 or min(shape, default=0) < -1:
        op.wrong(f"shape {shape}")
    try:
        return data.moved(data.array.reshape(shape))
    except ValueError:
        op.wrong(f"{data.array.size} elements in shape {shape}")


def op_flatten(op: Operation) -> Tensor:
    """Flatten."""
    data = op.tensor(0)
    axis = op.attribute("axis", 1)
    if not -len(data.shape) <= axis <= len(data.shape):
        op.wrong(f"axis {axis}")
    axis = axis + len(data.shape) if axis < 0 else axis
    return data.moved(data.array.reshape(int(np.prod(data.shape[:axis])), int(np.prod(data.shape[axis:]))))


def op_squeeze(op: Operation) -> Tensor:
    """Squeeze."""
    data, axes = op.tensor(0), axes_argument(op, 13)
    if axes is None:
        return data.moved(data.array.reshape([d for d in data.shape if d != 1]))
    dropped = {axis_of(op, a, len(data.shape)) for a in axes}
    if any(data.shape[a] != 1 for a in dropped):
        op.wrong("an axis to drop is longer than 1")
    return data.moved(data.array.reshape([d for i, d in enumerate(data.shape) if i not in dropped]))


def op_unsqueeze(op: Operation) -> Tensor:
    """Unsqueeze."""
    data, axes = op.tensor(0), axes_argument(op, 13)
    if axes is None:
        op.wrong("axes is missing")
    rank = len(data.shape) + len(axes)
    added = {axis_of(op, a, rank) for a in axes}
    if len(added) != len(axes):
        op.wrong("an axis is named twice")
    return data.moved(np.expand_dims(data.array, tuple(added)))


def op_transpose(op: Operation) -> Tensor:
    """Transpose."""
    data = op.tensor(0)
    order = list(op.attribute("perm", range(len(data.shape) - 1, -1, -1)))
    if sorted(order) != list(range(len(data.shape))):
        op.wrong(f"perm {order}")
    return data.moved(np.transpose(data.array, order))


def op_expand(op: Operation) -> Tensor:
    """Expand."""
    data, shape = op.tensor(0), op.integers(1)
    if any(d < 0 for d in shape):
        op.wrong(f"shape {shape}")
    wide = broadcast_shape(op, data.shape, tuple(shape))
    return data.moved(np.broadcast_to(data.array, wide))


def op_pad(op: Operation) -> Tensor:
    """Pad with a constant."""
    data = op.tensor(0)
    if op.attribute("mode", b"constant") != b"constant":
        op.refuse("only constant padding is modelled")
    rank = len(data.shape)
    if op.version < 11:
        pads = [int(p) for p in op.attribute("pads", ())]
        value: Tensor | None = known("float32", np.array(op.attribute("value", 0.0)))
    else:
        pads, value = op.integers(1), op.optional(2)
    axes = [axis_of(op, a, rank) for a in op.integers(3)] if op.optional(3) is not None else list(range(rank))
    if len(pads) != 2 * len(axes):
        op.wrong(f"{len(pads)} pads for {len(axes)} axes, which need two each")
    if min(pads, default=0) < 0:
        op.refuse(f"negative pads {pads}")
    widths = [(0, 0)] * rank
    for i, axis in enumerate(axes):
        widths[axis] = (pads[i], pads[len(axes) + i])
    size = 1
    for extent, (before, after) in zip(data.shape, widths, strict=True):
        size *= extent + before + after
    check_elements(size, op.where)
    filler = known(data.dtype, np.zeros(())) if value is None else value
    if filler.array.size != 1 or filler.dtype != data.dtype:
        op.wrong("the padding value is no single number of the data's type")
    if not widths:
        return data
    if data.constant and filler.constant:
        return data.moved(np.pad(data.array, widths, constant_values=filler.array.ravel()[0]))
    node = int(op.arithmetic.nodes(filler).ravel()[0])
    return Tensor(data.dtype, np.pad(op.arithmetic.nodes(data), widths, constant_values=node))
