"""ONNX reductions over axes."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.models.onnx.operations.movement import axes_argument, axis_of
from mechverify.models.tensors.operation import Operation
from mechverify.models.tensors.tensor import Tensor

Fold = Callable[[Sequence[int]], int]


def reduce(
    op: Operation, nodes: np.ndarray[Any, Any], axes: Sequence[int], fold: Fold, *, keep: bool
) -> np.ndarray[Any, Any]:
    """``fold`` over the elements along some axes (none: every element by itself)."""
    dropped = sorted({axis_of(op, a, nodes.ndim) for a in axes})
    if not nodes.size:
        op.refuse(f"a reduction of nothing: the input has shape {list(nodes.shape)}")
    kept = [i for i in range(nodes.ndim) if i not in dropped]
    rows = np.transpose(nodes, kept + dropped).reshape(-1, int(np.prod([nodes.shape[i] for i in dropped])))
    shape = [1 if i in dropped else n for i, n in enumerate(nodes.shape) if keep or i not in dropped]
    return np.array([fold(row) for row in rows.tolist()], dtype=np.int64).reshape(shape)


def _reduced(op: Operation, fold: Fold, since: int, *, integer: bool) -> Tensor:
    data = op.tensor(0)
    if data.dtype == "bool" or (data.is_integer and not integer):
        op.refuse(f"input {data.dtype}")
    axes = axes_argument(op, since)
    if not axes:
        if axes is not None and op.attribute("noop_with_empty_axes", 0):
            op.refuse("noop_with_empty_axes")
        if axes is None and op.attribute("noop_with_empty_axes", 0):
            return data
        axes = list(range(len(data.shape)))
    nodes = reduce(op, op.arithmetic.nodes(data), axes, fold, keep=bool(op.attribute("keepdims", 1)))
    return op.checked_integers(data.dtype, nodes) if data.is_integer else op.floating(nodes)


def op_reduce_sum(op: Operation) -> Tensor:
    """ReduceSum."""
    if op.tensor(0).is_integer:
        return _reduced(op, lambda row: op.arithmetic.builder.affine((Fraction(1), n) for n in row), 13, integer=True)
    return _reduced(op, op.arithmetic.total, 13, integer=False)


def op_reduce_mean(op: Operation) -> Tensor:
    """ReduceMean of floats."""
    return _reduced(op, op.arithmetic.mean, 18, integer=False)


def op_reduce_max(op: Operation) -> Tensor:
    """ReduceMax."""
    return _reduced(op, lambda row: op.arithmetic.extremum("max", row), 18, integer=True)


def op_reduce_min(op: Operation) -> Tensor:
    """ReduceMin."""
    return _reduced(op, lambda row: op.arithmetic.extremum("min", row), 18, integer=True)


def _arg(op: Operation, kind: str) -> Tensor:
    data = op.tensor(0)
    if data.dtype == "bool":
        op.refuse("input bool")
    last = bool(op.attribute("select_last_index", 0))
    axis, keep = op.attribute("axis", 0), bool(op.attribute("keepdims", 1))
    nodes = reduce(
        op, op.arithmetic.nodes(data), [axis], lambda row: op.arithmetic.arg_extremum(kind, row, last=last), keep=keep
    )
    return op.checked_integers("int64", nodes)


def op_arg_max(op: Operation) -> Tensor:
    """ArgMax: the first maximum, or the last with select_last_index."""
    return _arg(op, "max")


def op_arg_min(op: Operation) -> Tensor:
    """ArgMin: the first minimum, or the last with select_last_index."""
    return _arg(op, "min")
