"""One operation of a model on its way into the graph, and elementwise helpers that all operations share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NoReturn

import numpy as np

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.models.tensors.arithmetic import Arithmetic, NodeArray
from mechverify.models.tensors.constant_folding import folded_product, folded_quotient, folded_sum
from mechverify.models.tensors.limits import check_elements
from mechverify.models.tensors.tensor import INTEGER_RANGES, NUMPY_TYPES, DType, Tensor, known


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """An operation with its arguments. ``where`` names it in messages; ``inputs`` holds None for an absent optional
    input.
    """

    where: str
    version: int
    inputs: tuple[Tensor | None, ...]
    attributes: Mapping[str, Any]
    arithmetic: Arithmetic
    outputs: int = 1

    def refuse(self, reason: str) -> NoReturn:
        """Raise UnsupportedOperationError naming the operation."""
        raise UnsupportedOperationError(f"{self.where}: {reason}")

    def wrong(self, reason: str) -> NoReturn:
        """Raise ModelError naming the operation."""
        raise ModelError(f"{self.where}: {reason}")

    def tensor(self, index: int) -> Tensor:
        """A required input."""
        if index >= len(self.inputs) or self.inputs[index] is None:
            self.wrong(f"input {index} is missing")
        found = self.inputs[index]
        if found is None:
            self.wrong(f"input {index} is missing")
        return found

    def optional(self, index: int) -> Tensor | None:
        """An optional input."""
        return self.inputs[index] if index < len(self.inputs) else None

    def floats(self, index: int) -> Tensor:
        """A required float32 input."""
        found = self.tensor(index)
        if found.dtype != "float32":
            self.refuse(f"input {index} is {found.dtype}, only float32 is modelled here")
        return found

    def nodes(self, index: int) -> NodeArray:
        """The nodes of a required float32 input."""
        return self.arithmetic.nodes(self.floats(index))

    def weights(self, index: int) -> np.ndarray[Any, Any]:
        """The exact values of a float32 input that must be constant."""
        found = self.arithmetic.weights(self.floats(index))
        if found is None:
            self.refuse(f"input {index} is not constant")
        return found

    def integers(self, index: int) -> list[int]:
        """The values of an integer input that must be constant."""
        found = self.tensor(index)
        if not found.is_integer or not found.constant:
            self.refuse(f"input {index} must be constant integers")
        return [int(v) for v in found.array.ravel()]

    def attribute(self, name: str, default: Any = None) -> Any:
        """An attribute or its default."""
        return self.attributes.get(name, default)

    def floating(self, nodes: NodeArray) -> Tensor:
        """A float32 result."""
        return Tensor("float32", nodes)

    def checked_integers(self, dtype: DType, nodes: NodeArray) -> Tensor:
        """An integer result whose elements provably cannot wrap; all-constant results become known numbers."""
        low, high = INTEGER_RANGES[dtype]
        constant = True
        for node in nodes.ravel().tolist():
            bounds = self.arithmetic.integers.of(node)
            if bounds is None or bounds[0] < low or bounds[1] > high:
                self.refuse(f"{dtype} arithmetic that may wrap")
            constant = constant and self.arithmetic.builder.constant_value(node) is not None
        if not constant:
            return Tensor(dtype, nodes)
        values = [int(self.arithmetic.builder.constant_value(n) or 0) for n in nodes.ravel().tolist()]
        return known(dtype, np.array(values, dtype=NUMPY_TYPES[dtype]).reshape(nodes.shape))


def broadcast_shape(operation: Operation, *shapes: tuple[int, ...]) -> tuple[int, ...]:
    """The common shape. Raises ModelError if there is none or it is too large."""
    try:
        shape = np.broadcast_shapes(*shapes)
    except ValueError:
        operation.wrong(f"shapes {', '.join(map(str, shapes))} do not fit together")
    check_elements(int(np.prod(shape, dtype=object)), operation.where)
    return tuple(shape)


def elementwise(operation: Operation, function: Callable[..., int], *arrays: np.ndarray[Any, Any]) -> NodeArray:
    """``function`` on corresponding elements of broadcast arrays."""
    shape = broadcast_shape(operation, *(a.shape for a in arrays))
    columns = [np.broadcast_to(a, shape).ravel().tolist() for a in arrays]
    result = np.empty(len(columns[0]), dtype=np.int64)
    for i, row in enumerate(zip(*columns, strict=True)):
        result[i] = function(*row)
    return result.reshape(shape)


def binary(operation: Operation, function: Callable[[int, int], int], a: Tensor, b: Tensor) -> Tensor:
    """An arithmetic operation on two tensors of one type."""
    if a.dtype != b.dtype or a.dtype == "bool":
        operation.refuse(f"operands {a.dtype} and {b.dtype}")
    nodes = elementwise(operation, function, operation.arithmetic.nodes(a), operation.arithmetic.nodes(b))
    return Tensor("float32", nodes) if a.dtype == "float32" else operation.checked_integers(a.dtype, nodes)


_FOLDINGS: dict[str, Callable[[Fraction, Fraction], Fraction | None]] = {
    "add": folded_sum,
    "sub": lambda a, b: folded_sum(a, -b),
    "mul": folded_product,
    "div": folded_quotient,
}


def folded(operation: Operation, op: str, a: Tensor, b: Tensor) -> Tensor | None:
    """``add``, ``sub``, ``mul`` or ``div`` of float32 constants as constants, None where that is not known exactly.

    A tensor of constants scaled by one number is left as it is: a runtime may move that scale.
    """
    arithmetic = operation.arithmetic
    scaled = op in ("mul", "div") and (a.array.size == 1) != (b.array.size == 1)
    if arithmetic.is_exact or a.dtype != "float32" or b.dtype != "float32" or scaled:
        return None
    x, y = (arithmetic.weights(t) for t in (a, b))
    if x is None or y is None:
        return None
    shape = broadcast_shape(operation, a.shape, b.shape)
    pairs = zip(np.broadcast_to(x, shape).ravel().tolist(), np.broadcast_to(y, shape).ravel().tolist(), strict=True)
    values = [_FOLDINGS[op](one, other) for one, other in pairs]
    if any(v is None for v in values):
        return None
    nodes = [arithmetic.builder.const(v) for v in values if v is not None]
    return Tensor("float32", np.array(nodes, dtype=np.int64).reshape(shape))


def add(operation: Operation, a: Tensor, b: Tensor, sign: int = 1) -> Tensor:
    """``a + sign * b``; a constant is a shift, that a runtime may fold into the dot product before."""
    arithmetic = operation.arithmetic
    if a.is_integer:
        return binary(operation, lambda x, y: arithmetic.builder.affine(((Fraction(1), x), (Fraction(sign), y))), a, b)
    known_sum = folded(operation, "add" if sign > 0 else "sub", a, b)
    if known_sum is not None:
        return known_sum

    def one(x: int, y: int) -> int:
        constant = arithmetic.builder.constant_value(y)
        if constant is not None:
            return arithmetic.shift(x, sign * constant)
        constant = arithmetic.builder.constant_value(x)
        if constant is not None and sign > 0:
            return arithmetic.shift(y, constant)
        return arithmetic.add(x, y, sign)

    return binary(operation, one, a, b)


def mul(operation: Operation, a: Tensor, b: Tensor) -> Tensor:
    """``a * b``."""
    arithmetic = operation.arithmetic
    if a.is_integer:
        return binary(operation, arithmetic.builder.mul, a, b)
    known_product = folded(operation, "mul", a, b)
    if known_product is not None:
        return known_product
    result = binary(operation, arithmetic.mul, a, b)
    _note_scale(operation, result, a, b, inverse=False)
    _note_scale(operation, result, b, a, inverse=False)
    return result


def div(operation: Operation, a: Tensor, b: Tensor) -> Tensor:
    """``a / b`` of floats."""
    if a.is_integer:
        operation.refuse("division of integers")
    known_quotient = folded(operation, "div", a, b)
    if known_quotient is not None:
        return known_quotient
    result = binary(operation, operation.arithmetic.div, a, b)
    _note_scale(operation, result, a, b, inverse=True)
    return result


def _note_scale(operation: Operation, result: Tensor, a: Tensor, b: Tensor, *, inverse: bool) -> None:
    """Note that every element of the result is one of a, times (or over) the one constant in b."""
    arithmetic = operation.arithmetic
    if result.dtype != "float32" or b.array.size != 1 or arithmetic.is_exact:
        return
    (scalar,) = arithmetic.nodes(b).ravel().tolist()
    if not arithmetic.is_constant(scalar):
        return
    value = arithmetic.builder.constant_value(scalar)
    if inverse and value is not None:
        value = 1 / value if value != 0 else None
    sources = np.broadcast_to(arithmetic.nodes(a), result.shape)
    arithmetic.note_scale(result.array, sources, -2 - scalar if inverse else scalar, value)


def extremum(operation: Operation, op: str, a: Tensor, b: Tensor) -> Tensor:
    """The larger or smaller of two tensors."""
    builder = operation.arithmetic.builder
    return binary(operation, builder.max if op == "max" else builder.min, a, b)


def compare(operation: Operation, op: str, a: Tensor, b: Tensor) -> Tensor:
    """``lt``, ``le``, ``gt``, ``ge``, ``eq`` or ``ne`` of two tensors of one type."""
    builder = operation.arithmetic.builder
    if a.dtype != b.dtype or a.dtype == "bool":
        operation.refuse(f"comparison of {a.dtype} and {b.dtype}")
    functions: dict[str, Callable[[int, int], int]] = {
        "lt": builder.lt,
        "le": builder.le,
        "gt": lambda x, y: builder.lt(y, x),
        "ge": lambda x, y: builder.le(y, x),
        "eq": builder.eq,
        "ne": lambda x, y: builder.negate(builder.eq(x, y)),
    }
    nodes = elementwise(operation, functions[op], operation.arithmetic.nodes(a), operation.arithmetic.nodes(b))
    return Tensor("bool", nodes)


def where(operation: Operation, condition: Tensor, a: Tensor, b: Tensor) -> Tensor:
    """``a`` where the condition holds, ``b`` elsewhere."""
    if condition.dtype != "bool" or a.dtype != b.dtype or a.dtype == "bool":
        operation.refuse(f"selection between {a.dtype} and {b.dtype} by {condition.dtype}")
    if condition.constant and a.constant and b.constant:
        return known(a.dtype, np.where(condition.array, a.array, b.array))
    nodes = [operation.arithmetic.nodes(t) for t in (condition, a, b)]
    return Tensor(a.dtype, elementwise(operation, operation.arithmetic.builder.ite, *nodes))


def cast(operation: Operation, a: Tensor, dtype: DType) -> Tensor:
    """Conversion between the modelled types; from float to integer is refused (SEMANTICS 11)."""
    arithmetic = operation.arithmetic
    builder = arithmetic.builder
    if a.dtype == dtype:
        return a
    if dtype in INTEGER_RANGES and a.dtype == "float32":
        operation.refuse("a cast from float to integer is not modelled")
    if dtype == "bool":
        if a.constant:
            return known("bool", a.array != 0)
        zero = builder.const(0)
        return Tensor("bool", elementwise(operation, lambda x: builder.negate(builder.eq(x, zero)), a.array))
    if a.dtype == "bool":
        if a.constant:
            return known(dtype, a.array)
        one, zero = builder.const(1), builder.const(0)
        return Tensor(dtype, elementwise(operation, lambda x: builder.ite(x, one, zero), a.array))
    if dtype in INTEGER_RANGES:
        return operation.checked_integers(dtype, arithmetic.nodes(a))
    if arithmetic.is_exact:
        return Tensor("float32", arithmetic.nodes(a))
    return Tensor("float32", elementwise(operation, lambda x: _to_float(arithmetic, x), arithmetic.nodes(a)))


def _to_float(arithmetic: Arithmetic, node: int) -> int:
    bounds = arithmetic.integers.of(node)
    if bounds is not None and max(abs(bounds[0]), abs(bounds[1])) <= 2**24:
        return node
    return arithmetic.builder.round32(node)
