"""ATen operations that put elements into a copy of a tensor: what changes in place of views become in an exported
program.
"""

from typing import Any

import numpy as np

from mechverify.models.onnx.operations.movement import axis_of
from mechverify.models.tensors.operation import Operation, cast
from mechverify.models.tensors.tensor import Tensor, known
from mechverify.models.torch.operations.movement import aten_expand


def aten_slice_scatter(
    op: Operation,
    a: Tensor,
    source: Tensor,
    dim: int = 0,
    start: int | None = None,
    end: int | None = None,
    step: int = 1,
) -> Tensor:
    """A tensor with a range along an axis replaced."""
    if step < 1:
        op.wrong(f"step {step}")
    return _put(op, a, source, dim, slice(start, end, step))


def aten_select_scatter(op: Operation, a: Tensor, source: Tensor, dim: int, index: int) -> Tensor:
    """A tensor with one place along an axis replaced."""
    return _put(op, a, source, dim, axis_of(op, index, a.shape[axis_of(op, dim, len(a.shape))]))


def _put(op: Operation, a: Tensor, source: Tensor, dim: int, where: slice | int) -> Tensor:
    if a.dtype != source.dtype:
        op.refuse(f"{source.dtype} put into {a.dtype}")
    places: list[slice | int] = [slice(None)] * len(a.shape)
    places[axis_of(op, dim, len(a.shape))] = where
    replaced = tuple(places)
    if a.array[replaced].shape != source.shape:
        op.wrong(f"a tensor of shape {source.shape} put where there is {a.array[replaced].shape}")
    constant = a.constant and source.constant
    array = np.array(a.array if constant else op.arithmetic.nodes(a))
    array[replaced] = source.array if constant else op.arithmetic.nodes(source)
    return known(a.dtype, array) if constant else Tensor(a.dtype, array)


def aten_copy(op: Operation, a: Tensor, source: Tensor, *_: Any) -> Tensor:
    """The elements of a second tensor, in the shape and the type of the first."""
    return cast(op, aten_expand(op, source, a.shape), a.dtype)
