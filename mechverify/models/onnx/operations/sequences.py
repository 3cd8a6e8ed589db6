"""ONNX operations on the order of elements along an axis: running sums and the largest ones."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from mechverify.models.onnx.operations.movement import axis_of
from mechverify.models.tensors.operation import Operation
from mechverify.models.tensors.tensor import Tensor


def op_cum_sum(op: Operation) -> Tensor:
    """CumSum along a constant axis: each output is the sum of its elements, added in any order."""
    data = op.tensor(0)
    if data.dtype == "bool":
        op.refuse("input bool")
    axes = op.integers(1)
    if len(axes) != 1 or not data.shape:
        op.wrong("one axis of a tensor is needed")
    axis = axis_of(op, axes[0], len(data.shape))
    reverse, exclusive = bool(op.attribute("reverse", 0)), bool(op.attribute("exclusive", 0))
    rows = np.moveaxis(op.arithmetic.nodes(data), axis, -1)
    result = np.empty(rows.shape, dtype=np.int64)
    for at in np.ndindex(*rows.shape[:-1]):
        row = rows[at].tolist()[:: -1 if reverse else 1]
        sums = [_sum(op, data, row[: i if exclusive else i + 1]) for i in range(len(row))]
        result[at] = sums[:: -1 if reverse else 1]
    nodes = np.moveaxis(result, -1, axis)
    return op.checked_integers(data.dtype, nodes) if data.is_integer else op.floating(nodes)


def _sum(op: Operation, data: Tensor, nodes: Sequence[int]) -> int:
    if not nodes:
        return op.arithmetic.builder.const(0)
    if len(nodes) == 1:
        return nodes[0]
    if data.is_integer:
        return op.arithmetic.builder.affine((Fraction(1), n) for n in nodes)
    return op.arithmetic.total(nodes)


def op_top_k(op: Operation) -> tuple[Tensor, Tensor]:
    """TopK, sorted: the k largest or smallest elements and their indices; of equal ones the lower index comes first."""
    data, count = op.tensor(0), op.integers(1)
    if data.dtype == "bool" or not data.shape:
        op.refuse("only numbers along an axis")
    if not op.attribute("sorted", 1):
        op.refuse("sorted 0: the order of the elements is not defined")
    axis = axis_of(op, op.attribute("axis", -1), len(data.shape))
    size = data.shape[axis]
    if len(count) != 1 or not 0 < count[0] <= size:
        op.wrong(f"k {count} of {size} elements")
    rows = np.moveaxis(op.arithmetic.nodes(data), axis, -1)
    values = np.empty((*rows.shape[:-1], count[0]), dtype=np.int64)
    places = np.empty(values.shape, dtype=np.int64)
    for at in np.ndindex(*rows.shape[:-1]):
        values[at], places[at] = _first(op, rows[at].tolist(), count[0], largest=bool(op.attribute("largest", 1)))
    indices = op.checked_integers("int64", np.moveaxis(places, -1, axis))
    return Tensor(data.dtype, np.moveaxis(values, -1, axis)), indices


def _first(op: Operation, row: Sequence[int], count: int, *, largest: bool) -> tuple[list[int], list[int]]:
    """Nodes of the first ``count`` values of a row in order, and of their indices."""
    builder = op.arithmetic.builder
    op.arithmetic.meter.charge(2 * len(row) ** 2 + 4 * count * len(row))
    ranks = []
    for i, x in enumerate(row):
        before = []
        for j, y in enumerate(row):
            if i != j:
                low, high = (x, y) if largest else (y, x)
                comes = builder.le(low, high) if j < i else builder.lt(low, high)
                before.append((Fraction(1), builder.ite(comes, builder.const(1), builder.const(0))))
        ranks.append(builder.affine(before))
    values, places = [], []
    for place in range(count):
        here = [builder.eq(rank, builder.const(place)) for rank in ranks]
        value, index = row[-1], builder.const(len(row) - 1)
        for i in reversed(range(len(row) - 1)):
            value, index = builder.ite(here[i], row[i], value), builder.ite(here[i], builder.const(i), index)
        values.append(value)
        places.append(index)
    values[0] = op.arithmetic.extremum("max" if largest else "min", row)
    return values, places
