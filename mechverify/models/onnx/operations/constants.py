"""ONNX operations that give constants, and the sizes of tensors."""

import numpy as np

from mechverify.models.tensors.limits import check_elements
from mechverify.models.tensors.operation import Operation
from mechverify.models.tensors.tensor import INTEGER_RANGES, Tensor, known


def op_constant(op: Operation) -> Tensor:
    """Constant."""
    if len(op.attributes) != 1:
        op.wrong("exactly one value attribute is needed")
    ((name, value),) = op.attributes.items()
    if name == "value":
        if not isinstance(value, Tensor):
            op.wrong("value is no tensor")
        return value
    if name in ("value_float", "value_floats"):
        array = np.array(value, dtype=np.float32)
        if not np.isfinite(array).all():
            op.wrong("NaN or infinity")
        return known("float32", array)
    if name in ("value_int", "value_ints"):
        return known("int64", np.array(value, dtype=np.int64))
    return op.refuse(f"attribute {name}")


def op_constant_of_shape(op: Operation) -> Tensor:
    """ConstantOfShape."""
    shape = op.integers(0)
    if any(d < 0 for d in shape):
        op.wrong(f"shape {shape}")
    size = 1
    for d in shape:
        size *= d
    check_elements(size, op.where)
    value = op.attribute("value")
    if value is None:
        return known("float32", np.zeros(shape))
    if value.array.size != 1:
        op.wrong("value is no single number")
    return known(value.dtype, np.full(shape, value.array.ravel()[0]))


def op_shape(op: Operation) -> Tensor:
    """Shape: static."""
    return known("int64", np.array(op.tensor(0).shape[op.attribute("start", 0) : op.attribute("end")], dtype=np.int64))


def op_size(op: Operation) -> Tensor:
    """Size: static."""
    return known("int64", np.array(op.tensor(0).array.size))


def op_range(op: Operation) -> Tensor:
    """Range of constant integers."""
    bounds = [op.integers(i) for i in range(3)]
    if any(len(b) != 1 for b in bounds):
        op.wrong("start, limit and delta must be single numbers")
    ((start,), (limit,), (delta,)) = bounds
    if delta == 0:
        op.wrong("a step of 0")
    values = range(start, limit, delta)
    check_elements(len(values), op.where)
    dtype = op.tensor(0).dtype
    if dtype not in INTEGER_RANGES:
        op.refuse(f"type {dtype}")
    return known(dtype, np.array(values))
