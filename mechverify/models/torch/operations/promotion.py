"""The common element type of operands, as torch finds it from tensors, tensors without axes, and Python numbers.

The rule is torch's own (``torch.result_type``): a tensor with axes decides the type unless an operand without axes, or
a Python number, is of a higher kind (bool < integer < float); a Python integer counts as int64, a float as float32.
"""

from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.models.tensors.operation import Operation, cast
from mechverify.models.tensors.tensor import INTEGER_RANGES, DType, Tensor, known

TORCH_TYPES: dict[str, DType] = {
    "torch.float32": "float32",
    "torch.int64": "int64",
    "torch.int32": "int32",
    "torch.bool": "bool",
}
_ORDER: tuple[DType, ...] = ("bool", "int32", "int64", "float32")
_KINDS: dict[DType, int] = {"bool": 0, "int32": 1, "int64": 1, "float32": 2}


def dtype_of(op: Operation, dtype: Any) -> DType:
    """The element type for a ``torch.dtype``. Raises UnsupportedOperationError for one that is not modelled."""
    found = TORCH_TYPES.get(str(dtype))
    if found is None:
        op.refuse(f"element type {dtype} is not modelled")
    return found


def number_type(op: Operation, value: Any) -> DType:
    """The element type that a Python number has by itself."""
    if isinstance(value, bool):
        return "bool"
    if not isinstance(value, int | float):
        op.refuse(f"argument {value!r}")
    return "int64" if isinstance(value, int) else "float32"


def common_type(op: Operation, *operands: Any) -> DType:
    """The element type in which torch combines tensors and Python numbers."""
    found: DType | None = None
    wrapped = [number_type(op, v) for v in operands if not isinstance(v, Tensor)]
    single = [t.dtype for t in operands if isinstance(t, Tensor) and not t.shape]
    wide = [t.dtype for t in operands if isinstance(t, Tensor) and t.shape]
    for group in (wrapped, single, wide):
        if not group:
            continue
        highest = max(group, key=_ORDER.index)
        if found is None or _KINDS[highest] >= _KINDS[found]:
            found = highest
    if found is None:
        op.wrong("no operands")
    return found


def converted(op: Operation, value: Any, dtype: DType) -> Tensor:
    """A tensor or a Python number in an element type that is at least as high; a number is rounded to float32.
    Minus infinity stays what it is (``masked``)."""
    if isinstance(value, Tensor):
        return cast(op, value, dtype)
    number_type(op, value)
    if dtype == "float32":
        number = np.float32(value)
        if not np.isfinite(number) and value != -np.inf:
            op.refuse(f"the number {value}")
        if isinstance(value, int) and int(number) != value:
            op.refuse(f"the integer {value}, which is no float32, beside float32")
        return known("float32", np.array(number))
    if isinstance(value, float) or (dtype == "bool" and not isinstance(value, bool)):
        op.refuse(f"{value!r} beside {dtype}")
    low, high = INTEGER_RANGES.get(dtype, (0, 1))
    if not low <= value <= high:
        op.refuse(f"{value!r} beside {dtype}")
    return known(dtype, np.array(value))


def promoted(op: Operation, *operands: Any) -> tuple[Tensor, ...]:
    """Tensors and Python numbers in their common type."""
    common = common_type(op, *operands)
    return tuple(converted(op, v, common) for v in operands)


def scalar_fraction(op: Operation, value: Any) -> Fraction:
    """The exact value of a Python number, rounded to float32 as torch takes it. Refuses one that is not finite."""
    return op.arithmetic.fraction(float(converted(op, value, "float32").array))
