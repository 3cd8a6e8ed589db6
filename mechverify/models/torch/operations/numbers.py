"""ATen arithmetic on corresponding elements, comparisons and conversions."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.models.tensors.operation import Operation, add, cast, compare, div, elementwise, extremum, mul, where
from mechverify.models.tensors.tensor import Tensor, known
from mechverify.models.torch.operations.promotion import common_type, converted, dtype_of, promoted, scalar_fraction


def aten_add(op: Operation, a: Any, b: Any, alpha: Any = 1) -> Tensor:
    """``a + alpha * b``, the product perhaps fused."""
    a, b = promoted(op, a, b)
    if alpha == 1:
        return add(op, a, b)
    if alpha == -1:
        return add(op, a, b, -1)
    if b.dtype != "float32":
        return add(op, a, mul(op, b, converted(op, alpha, b.dtype)))
    factor = scalar_fraction(op, alpha)
    return add(op, a, op.floating(elementwise(op, lambda x: _unrounded(op, x, factor), op.arithmetic.nodes(b))))


def _unrounded(op: Operation, node: int, factor: Fraction) -> int:
    """``factor * node`` before a sum that may be fused with it: of a constant too, rounded or exact."""
    builder = op.arithmetic.builder
    if builder.constant_value(node) is None or op.arithmetic.is_exact:
        return op.arithmetic.mul(node, builder.const(factor))
    return builder.affine(((factor, node), (Fraction(0), builder.const(1))), 0, "float32")


def aten_sub(op: Operation, a: Any, b: Any, alpha: Any = 1) -> Tensor:
    """``a - alpha * b``."""
    return aten_add(op, a, b, -alpha)


def aten_rsub(op: Operation, a: Any, b: Any, alpha: Any = 1) -> Tensor:
    """``b - alpha * a``."""
    return aten_add(op, b, a, -alpha)


def aten_mul(op: Operation, a: Any, b: Any) -> Tensor:
    """``a * b``."""
    return mul(op, *promoted(op, a, b))


def aten_div(op: Operation, a: Any, b: Any) -> Tensor:
    """True division; integers are converted to float32 before."""
    return div(op, *(cast(op, t, "float32") for t in promoted(op, a, b)))


def aten_pow(op: Operation, a: Tensor, exponent: Any) -> Tensor:
    """A power with a constant integer exponent 0 .. 8."""
    value = exponent
    if isinstance(exponent, Tensor):
        value = exponent.array.item() if exponent.constant and exponent.array.size == 1 else None
    if a.dtype != "float32" or value not in range(9):
        op.refuse(f"exponent {value!r}; only integers 0 .. 8 and float32 are modelled")
    return op.floating(elementwise(op, lambda x: op.arithmetic.power(x, int(value)), op.arithmetic.nodes(a)))


def aten_square(op: Operation, a: Tensor) -> Tensor:
    """``a * a``."""
    return mul(op, a, a)


def aten_reciprocal(op: Operation, a: Tensor) -> Tensor:
    """``1 / a``."""
    return div(op, known("float32", np.ones(())), cast(op, a, "float32"))


def _unary(op: Operation, a: Tensor, function: Callable[[int], int]) -> Tensor:
    if a.dtype == "bool":
        op.refuse("input bool")
    nodes = elementwise(op, function, op.arithmetic.nodes(a))
    return op.checked_integers(a.dtype, nodes) if a.is_integer else op.floating(nodes)


def aten_relu(op: Operation, a: Tensor) -> Tensor:
    """max(a, 0)."""
    return _unary(op, a, op.arithmetic.builder.relu)


def aten_abs(op: Operation, a: Tensor) -> Tensor:
    """|a|."""
    return _unary(op, a, op.arithmetic.builder.abs)


def aten_neg(op: Operation, a: Tensor) -> Tensor:
    """-a."""
    return _unary(op, a, op.arithmetic.builder.neg)


def aten_floor(op: Operation, a: Tensor) -> Tensor:
    """The greatest integer <= a."""
    return _unary(op, a, op.arithmetic.builder.floor)


def aten_round(op: Operation, a: Tensor) -> Tensor:
    """The nearest integer, half to even."""
    return _unary(op, a, op.arithmetic.builder.round)


def aten_leaky_relu(op: Operation, a: Tensor, slope: Any = 0.01) -> Tensor:
    """a, or slope * a where a is negative."""
    if a.dtype != "float32":
        op.refuse(f"input {a.dtype}")
    exact = scalar_fraction(op, slope)
    return _unary(op, a, lambda x: op.arithmetic.leaky(x, exact))


def aten_prelu(op: Operation, a: Tensor, weight: Tensor) -> Tensor:
    """leaky_relu with a constant slope, one or one for each channel (axis 1)."""
    slopes = op.arithmetic.weights(weight)
    if slopes is None or a.dtype != "float32":
        op.refuse("the slope is not constant")
    slopes = slopes.reshape(-1, *(1,) * (len(a.shape) - 2)) if slopes.size > 1 else slopes.reshape(())
    return op.floating(elementwise(op, op.arithmetic.leaky, op.arithmetic.nodes(a), slopes))


def aten_clamp(op: Operation, a: Tensor, low: Any = None, high: Any = None) -> Tensor:
    """min(max(a, low), high)."""
    common = common_type(op, a, *(v for v in (low, high) if v is not None))
    a = cast(op, a, common)
    for kind, bound in (("max", low), ("min", high)):
        if bound is not None and not (isinstance(bound, float) and np.isinf(bound) and (bound < 0) == (kind == "max")):
            a = extremum(op, kind, a, converted(op, bound, common))
    return a


def aten_clamp_min(op: Operation, a: Tensor, low: Any) -> Tensor:
    """max(a, low)."""
    return aten_clamp(op, a, low)


def aten_clamp_max(op: Operation, a: Tensor, high: Any) -> Tensor:
    """min(a, high)."""
    return aten_clamp(op, a, None, high)


def aten_hardtanh(op: Operation, a: Tensor, low: Any = -1, high: Any = 1) -> Tensor:
    """min(max(a, low), high)."""
    if a.dtype != "float32":
        op.refuse(f"input {a.dtype}")
    return aten_clamp(op, a, low, high)


def aten_relu6(op: Operation, a: Tensor) -> Tensor:
    """min(max(a, 0), 6)."""
    return aten_clamp(op, a, 0, 6)


def aten_maximum(op: Operation, a: Any, b: Any) -> Tensor:
    """The larger."""
    return extremum(op, "max", *promoted(op, a, b))


def aten_minimum(op: Operation, a: Any, b: Any) -> Tensor:
    """The smaller."""
    return extremum(op, "min", *promoted(op, a, b))


def comparison(name: str) -> Callable[..., Tensor]:
    """lt, le, gt, ge, eq or ne."""

    def operation(op: Operation, a: Any, b: Any) -> Tensor:
        left, right = promoted(op, a, b)
        if left.dtype == "bool":
            left, right = cast(op, left, "int64"), cast(op, right, "int64")
        return compare(op, name, left, right)

    return operation


def aten_isnan(op: Operation, a: Tensor) -> Tensor:
    """Whether an element is no number: what has a value is one."""
    if a.constant or a.dtype != "float32":
        return known("bool", np.isnan(a.array) if a.constant else np.zeros(a.shape, dtype=np.bool_))
    builder = op.arithmetic.builder
    nodes = elementwise(op, lambda x: builder.negate(builder.has_value(x)), op.arithmetic.nodes(a))
    return op.arithmetic.settled(Tensor("bool", nodes))


def _truth(op: Operation, a: Tensor) -> np.ndarray[Any, Any]:
    return op.arithmetic.nodes(cast(op, a, "bool"))


def aten_logical_not(op: Operation, a: Tensor) -> Tensor:
    """not a."""
    return Tensor("bool", elementwise(op, op.arithmetic.builder.negate, _truth(op, a)))


def aten_logical_and(op: Operation, a: Tensor, b: Tensor) -> Tensor:
    """a and b."""
    builder = op.arithmetic.builder
    return Tensor("bool", elementwise(op, lambda x, y: builder.all((x, y)), _truth(op, a), _truth(op, b)))


def aten_logical_or(op: Operation, a: Tensor, b: Tensor) -> Tensor:
    """a or b."""
    builder = op.arithmetic.builder
    return Tensor("bool", elementwise(op, lambda x, y: builder.any((x, y)), _truth(op, a), _truth(op, b)))


def aten_logical_xor(op: Operation, a: Tensor, b: Tensor) -> Tensor:
    """Exactly one of a and b."""
    builder = op.arithmetic.builder

    def one(x: int, y: int) -> int:
        return builder.any((builder.all((x, builder.negate(y))), builder.all((builder.negate(x), y))))

    return Tensor("bool", elementwise(op, one, _truth(op, a), _truth(op, b)))


def bitwise(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A logical operation under its bitwise name, for truth values only."""

    def operation(op: Operation, *tensors: Any) -> Tensor:
        if any(not isinstance(t, Tensor) or t.dtype != "bool" for t in tensors):
            op.refuse("bitwise operations on integers")
        return function(op, *tensors)

    return operation


def aten_where(op: Operation, condition: Tensor, a: Any, b: Any) -> Tensor:
    """a where the condition holds, b elsewhere."""
    a, b = promoted(op, a, b)
    if a.dtype != "bool":
        return where(op, condition, a, b)
    builder = op.arithmetic.builder

    def one(c: int, x: int, y: int) -> int:
        return builder.any((builder.all((c, x)), builder.all((builder.negate(c), y))))

    if condition.dtype != "bool":
        op.refuse(f"selection by {condition.dtype}")
    return Tensor("bool", elementwise(op, one, *(op.arithmetic.nodes(t) for t in (condition, a, b))))


def aten_to(op: Operation, a: Tensor, *args: Any, dtype: Any = None, **_: Any) -> Tensor:
    """Conversion to a modelled type; device, layout and memory format do not matter."""
    wanted = [v for v in (*args, dtype) if str(v).startswith("torch.") and str(v) not in _LAYOUTS]
    return cast(op, a, dtype_of(op, wanted[0])) if wanted else a


_LAYOUTS = {"torch.strided", "torch.contiguous_format", "torch.preserve_format", "torch.channels_last"}


def aten_identity(op: Operation, a: Tensor, *_: Any, **__: Any) -> Tensor:  # noqa: ARG001
    """Operations that keep every value: clone, detach, alias, contiguous."""
    return a


def aten_dropout(op: Operation, a: Tensor, p: float, train: bool) -> Tensor:  # noqa: ARG001, FBT001
    """Dropout at inference."""
    if train:
        op.refuse("dropout in training mode; call .eval() first")
    return a


def aten_type_as(op: Operation, a: Tensor, other: Tensor) -> Tensor:
    """Conversion to the type of another tensor."""
    return cast(op, a, other.dtype)


def weighted(op: Operation, nodes: np.ndarray[Any, Any], factor: Fraction) -> np.ndarray[Any, Any]:
    """``factor`` times every node."""
    return elementwise(op, lambda x: op.arithmetic.scale(x, factor), nodes)


def aten_addcmul(op: Operation, a: Tensor, b: Tensor, c: Tensor, value: Any = 1) -> Tensor:
    """``a + value * b * c``, the factor applied to any of the three."""
    a, b, c = promoted(op, a, b, c)
    if b.constant and c.constant:
        op.refuse("a product of two constants, which may be fused with the sum")
    product = mul(op, b, c)
    if product.dtype != "float32":
        return aten_add(op, a, product, value)
    factor = scalar_fraction(op, value)
    nodes = elementwise(
        op,
        lambda p, x, y: op.arithmetic.scale_product(p, factor, (x, y)),
        product.array,
        op.arithmetic.nodes(b),
        op.arithmetic.nodes(c),
    )
    return aten_add(op, a, op.floating(nodes))
