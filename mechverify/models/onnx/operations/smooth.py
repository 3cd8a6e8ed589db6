"""ONNX functions that are smooth, and normalisation."""

from collections.abc import Callable

import numpy as np

from mechverify.models.onnx.operations.movement import axes_argument, axis_of
from mechverify.models.onnx.operations.reductions import reduce
from mechverify.models.tensors.arithmetic import Arithmetic
from mechverify.models.tensors.operation import Operation, elementwise
from mechverify.models.tensors.smooth import functions
from mechverify.models.tensors.smooth.normalisation import layer_norm, rms_norm
from mechverify.models.tensors.smooth.softmax import log_softmax, log_sum_exp, softmax
from mechverify.models.tensors.tensor import Tensor

_LAST_AXIS = 13
"""From this opset on softmax is along one axis; before, over all from one on."""


def function(name: str) -> Callable[[Operation], Tensor]:
    """A function of each element."""

    def operation(op: Operation) -> Tensor:
        return _each(op, functions.FUNCTIONS[name])

    return operation


def _each(op: Operation, one: Callable[[Arithmetic, int], int]) -> Tensor:
    return op.floating(elementwise(op, lambda x: one(op.arithmetic, x), op.nodes(0)))


def op_gelu(op: Operation) -> Tensor:
    """Gelu, by erf or by tanh."""
    form = op.attribute("approximate", b"none")
    if form not in (b"none", b"tanh"):
        op.refuse(f"approximate {form!r}")
    return _each(op, functions.gelu if form == b"none" else functions.gelu_tanh)


def op_softmax(op: Operation) -> Tensor:
    """Softmax."""
    return _along(op, softmax)


def op_log_softmax(op: Operation) -> Tensor:
    """LogSoftmax."""
    return _along(op, log_softmax)


def _along(op: Operation, rule: Callable[[Operation, Tensor, int], Tensor]) -> Tensor:
    a = op.floats(0)
    if not a.shape:
        op.refuse("a tensor without axes")
    axis = axis_of(op, op.attribute("axis", 1 if op.version < _LAST_AXIS else -1), len(a.shape))
    if op.version >= _LAST_AXIS or axis == len(a.shape) - 1:
        return rule(op, a, axis)
    flat = a.moved(a.array.reshape(int(np.prod(a.shape[:axis])), -1))
    found = rule(op, flat, 1)
    return found.moved(found.array.reshape(a.shape))


def _last_axes(op: Operation) -> tuple[list[list[int]], list[list[int] | None]]:
    """The rows that are normalised together, and scale and shift for each element of a row."""
    a = op.floats(0)
    axis = axis_of(op, op.attribute("axis", -1), len(a.shape))
    if op.attribute("stash_type", 1) != 1:
        op.refuse("stash_type: only float32 is modelled")
    wanted = a.shape[axis:]
    parameters: list[list[int] | None] = []
    for k in (1, 2):
        tensor = op.optional(k)
        if tensor is None:
            parameters.append(None)
            continue
        if tensor.dtype != "float32" or np.broadcast_shapes(tensor.shape, wanted) != wanted:
            op.refuse(f"input {k} is {tensor.dtype} of shape {list(tensor.shape)}, and {list(wanted)} is normalised")
        parameters.append(np.broadcast_to(op.arithmetic.nodes(tensor), wanted).ravel().tolist())
    return op.arithmetic.nodes(a).reshape(-1, int(np.prod(wanted))).tolist(), parameters


def op_layer_normalization(op: Operation) -> Tensor:
    """LayerNormalization; only its first result is modelled."""
    rows, (scale, shift) = _last_axes(op)
    epsilon = op.arithmetic.fraction(op.attribute("epsilon", float(np.float32(1e-5))))
    found = [layer_norm(op.arithmetic, row, epsilon, scale, shift) for row in rows]
    return op.floating(np.array(found, dtype=np.int64).reshape(op.tensor(0).shape))


def op_rms_normalization(op: Operation) -> Tensor:
    """RMSNormalization."""
    rows, (scale, _) = _last_axes(op)
    epsilon = op.arithmetic.fraction(op.attribute("epsilon", float(np.float32(1e-5))))
    found = [rms_norm(op.arithmetic, row, epsilon, scale) for row in rows]
    return op.floating(np.array(found, dtype=np.int64).reshape(op.tensor(0).shape))


def _reduced(op: Operation, fold: Callable[[list[int]], int]) -> Tensor:
    a = op.floats(0)
    axes = axes_argument(op, 18)
    if not axes:
        if op.attribute("noop_with_empty_axes", 0):
            op.refuse("noop_with_empty_axes")
        axes = list(range(len(a.shape)))
    keep = bool(op.attribute("keepdims", 1))
    return op.floating(reduce(op, op.arithmetic.nodes(a), axes, lambda row: fold(list(row)), keep=keep))


def op_reduce_sum_square(op: Operation) -> Tensor:
    """ReduceSumSquare."""
    return _reduced(op, lambda row: functions.sum_of_squares(op.arithmetic, row))


def op_reduce_l2(op: Operation) -> Tensor:
    """ReduceL2."""
    return _reduced(op, lambda row: functions.norm(op.arithmetic, row))


def op_reduce_log_sum_exp(op: Operation) -> Tensor:
    """ReduceLogSumExp."""
    return _reduced(op, lambda row: log_sum_exp(op, row))
