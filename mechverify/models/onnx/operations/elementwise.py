"""ONNX operations on corresponding elements."""

from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.models.onnx.file import element_type
from mechverify.models.tensors.operation import (
    Operation,
    add,
    broadcast_shape,
    cast,
    compare,
    div,
    elementwise,
    extremum,
    mul,
    where,
)
from mechverify.models.tensors.tensor import Tensor, known


def op_relu(op: Operation) -> Tensor:
    """Relu."""
    a = op.tensor(0)
    if a.dtype == "bool":
        op.refuse("input bool")
    return Tensor(a.dtype, elementwise(op, op.arithmetic.builder.relu, op.arithmetic.nodes(a)))


def op_abs(op: Operation) -> Tensor:
    """Abs."""
    return _unary(op, op.arithmetic.builder.abs)


def op_neg(op: Operation) -> Tensor:
    """Neg."""
    return _unary(op, op.arithmetic.builder.neg)


def _unary(op: Operation, function: Any) -> Tensor:
    a = op.tensor(0)
    if a.dtype == "bool":
        op.refuse("input bool")
    nodes = elementwise(op, function, op.arithmetic.nodes(a))
    return op.checked_integers(a.dtype, nodes) if a.is_integer else op.floating(nodes)


def op_floor(op: Operation) -> Tensor:
    """Floor."""
    return op.floating(elementwise(op, op.arithmetic.builder.floor, op.nodes(0)))


def op_ceil(op: Operation) -> Tensor:
    """Ceil, as -floor(-x)."""
    builder = op.arithmetic.builder
    return op.floating(elementwise(op, lambda x: builder.neg(builder.floor(builder.neg(x))), op.nodes(0)))


def op_round(op: Operation) -> Tensor:
    """Round, half to even."""
    return op.floating(elementwise(op, op.arithmetic.builder.round, op.nodes(0)))


def op_leaky_relu(op: Operation) -> Tensor:
    """LeakyRelu."""
    slope = op.arithmetic.fraction(op.attribute("alpha", float(np.float32(0.01))))
    return op.floating(elementwise(op, lambda x: op.arithmetic.leaky(x, slope), op.nodes(0)))


def op_prelu(op: Operation) -> Tensor:
    """PRelu with a constant slope."""
    return op.floating(elementwise(op, op.arithmetic.leaky, op.nodes(0), op.weights(1)))


def op_sign(op: Operation) -> Tensor:
    """Sign: -1, 0 or 1; of what has no value, none."""
    a = op.tensor(0)
    if a.dtype == "bool":
        op.refuse("input bool")
    builder = op.arithmetic.builder
    zero, one, minus = (builder.const(v) for v in (0, 1, -1))

    def sign(x: int) -> int:
        chosen = builder.ite(builder.lt(zero, x), one, builder.ite(builder.lt(x, zero), minus, zero))
        return builder.affine(((Fraction(1), chosen), (Fraction(0), x)))

    nodes = elementwise(op, sign, op.arithmetic.nodes(a))
    return op.checked_integers(a.dtype, nodes) if a.is_integer else op.floating(nodes)


def op_add(op: Operation) -> Tensor:
    """Add."""
    return add(op, op.tensor(0), op.tensor(1))


def op_sub(op: Operation) -> Tensor:
    """Sub."""
    return add(op, op.tensor(0), op.tensor(1), -1)


def op_mul(op: Operation) -> Tensor:
    """Mul."""
    return mul(op, op.tensor(0), op.tensor(1))


def op_div(op: Operation) -> Tensor:
    """Div of floats, and of constant integers, rounded towards zero."""
    a, b = op.tensor(0), op.tensor(1)
    if not (a.is_integer and b.is_integer and a.dtype == b.dtype):
        return div(op, a, b)
    if not (a.constant and b.constant):
        op.refuse("division of integers that are not constant")
    shape = broadcast_shape(op, a.shape, b.shape)
    pairs = zip(*(np.broadcast_to(t.array, shape).ravel().tolist() for t in (a, b)), strict=True)
    values = []
    for x, y in pairs:
        if y == 0:
            op.wrong("division by 0")
        values.append(abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1))
    return op.checked_integers(a.dtype, np.array([op.arithmetic.builder.const(v) for v in values]).reshape(shape))


def op_pow(op: Operation) -> Tensor:
    """Pow with one constant exponent 0 .. 8."""
    exponent = op.tensor(1)
    values = op.arithmetic.weights(exponent) if exponent.dtype != "bool" else None
    if values is None or values.size != 1 or values.ravel()[0] not in range(9):
        op.refuse("the exponent must be one constant integer 0 .. 8")
    power = int(values.ravel()[0])
    shape = np.broadcast_shapes(op.floats(0).shape, exponent.shape)
    nodes = elementwise(op, lambda x: op.arithmetic.power(x, power), op.nodes(0))
    return op.floating(nodes.reshape(shape))


def _variadic(op: Operation) -> list[Tensor]:
    if not op.inputs:
        op.wrong("no inputs")
    return [op.tensor(i) for i in range(len(op.inputs))]


def op_max(op: Operation) -> Tensor:
    """Max of any number of tensors."""
    first, *rest = _variadic(op)
    for other in rest:
        first = extremum(op, "max", first, other)
    return first


def op_min(op: Operation) -> Tensor:
    """Min of any number of tensors."""
    first, *rest = _variadic(op)
    for other in rest:
        first = extremum(op, "min", first, other)
    return first


def op_sum(op: Operation) -> Tensor:
    """Sum of any number of tensors, added in any order; of two, folded into the product before or not."""
    if len(op.inputs) == 2:
        return add(op, op.floats(0), op.floats(1))
    return op.floating(
        elementwise(op, lambda *row: op.arithmetic.total(row), *(op.nodes(i) for i in range(len(_variadic(op)))))
    )


def op_mean(op: Operation) -> Tensor:
    """Mean of any number of tensors."""
    return op.floating(
        elementwise(op, lambda *row: op.arithmetic.mean(row), *(op.nodes(i) for i in range(len(_variadic(op)))))
    )


def op_clip(op: Operation) -> Tensor:
    """Clip: min(max(x, low), high)."""
    result = op.tensor(0)
    low: Tensor | None
    high: Tensor | None
    if op.version < 11:
        low = known("float32", np.array(op.attribute("min"))) if "min" in op.attributes else None
        high = known("float32", np.array(op.attribute("max"))) if "max" in op.attributes else None
    else:
        low, high = op.optional(1), op.optional(2)
    for op_name, bound in (("max", low), ("min", high)):
        if bound is not None:
            if bound.array.size != 1:
                op.wrong("a bound is no scalar")
            result = extremum(op, op_name, result, bound.moved(bound.array.reshape(())))
    return result


def op_where(op: Operation) -> Tensor:
    """Where."""
    return where(op, op.tensor(0), op.tensor(1), op.tensor(2))


def comparison(name: str) -> Any:
    """A comparison: Greater, Less, Equal and their kin."""

    def operation(op: Operation) -> Tensor:
        return compare(op, name, op.tensor(0), op.tensor(1))

    return operation


def _booleans(op: Operation, count: int) -> list[np.ndarray[Any, Any]]:
    tensors = [op.tensor(i) for i in range(count)]
    if any(t.dtype != "bool" for t in tensors):
        op.refuse("only bool inputs")
    return [op.arithmetic.nodes(t) for t in tensors]


def op_and(op: Operation) -> Tensor:
    """And."""
    return Tensor("bool", elementwise(op, lambda a, b: op.arithmetic.builder.all((a, b)), *_booleans(op, 2)))


def op_or(op: Operation) -> Tensor:
    """Or."""
    return Tensor("bool", elementwise(op, lambda a, b: op.arithmetic.builder.any((a, b)), *_booleans(op, 2)))


def op_xor(op: Operation) -> Tensor:
    """Xor."""
    builder = op.arithmetic.builder

    def one(a: int, b: int) -> int:
        return builder.any((builder.all((a, builder.negate(b))), builder.all((builder.negate(a), b))))

    return Tensor("bool", elementwise(op, one, *_booleans(op, 2)))


def op_not(op: Operation) -> Tensor:
    """Not."""
    return Tensor("bool", elementwise(op, op.arithmetic.builder.negate, *_booleans(op, 1)))


def op_cast(op: Operation) -> Tensor:
    """Cast between the modelled types."""
    return cast(op, op.tensor(0), element_type(op.attribute("to", 0), op.where))


def op_identity(op: Operation) -> Tensor:
    """Identity."""
    return op.tensor(0)


def op_dropout(op: Operation) -> Tensor:
    """Dropout at inference: the identity."""
    mode = op.optional(2)
    if op.outputs != 1 or (mode is not None and (not mode.constant or mode.array.any())):
        op.refuse("only inference without the mask is modelled")
    return op.tensor(0)


def op_reciprocal(op: Operation) -> Tensor:
    """Reciprocal: 1 / x."""
    return div(op, known("float32", np.ones(())), op.floats(0))
