"""The inputs and operations of an ONNX graph, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.models.onnx.file import element_type, read_tensor
from mechverify.models.onnx.operations.table import MAX_OPSET, MIN_OPSET, TABLE
from mechverify.models.tensors.limits import MAX_INPUTS
from mechverify.models.tensors.tensor import DType


@dataclass(frozen=True, slots=True)
class GraphInput:
    """An input of the ONNX graph: ``shape`` has the batch axis; ``batched`` tells whether axis 0 is one; ``dynamic``
    whether it is symbolic.
    """

    name: str
    dtype: DType
    shape: tuple[int, ...]
    batched: bool
    dynamic: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One operation of the ONNX graph, in order. An empty name is an absent input or output."""

    op_type: str
    where: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


def version_of(proto: Any, path: Path) -> int:
    """The version of the standard operators. Raises ModelError for one that is not modelled."""
    versions = {o.domain: int(o.version) for o in proto.opset_import}
    version = versions.get("", versions.get("ai.onnx"))
    if version is None:
        raise ModelError(f"{path.name}: no opset of the standard domain")
    if not MIN_OPSET <= version <= MAX_OPSET:
        raise UnsupportedOperationError(
            f"{path.name}: opset {version} is not modelled", f"export with an opset between {MIN_OPSET} and {MAX_OPSET}"
        )
    return version


def graph_input(value: Any, path: Path) -> GraphInput:
    """An input of the graph. Raises ModelError for what is no tensor of fixed axes but for the batch."""
    what = f"{path.name}: input {value.name!r}"
    if value.type.WhichOneof("value") != "tensor_type":
        raise UnsupportedOperationError(f"{what} is no tensor")
    tensor_type = value.type.tensor_type
    dtype = element_type(tensor_type.elem_type, what)
    if not tensor_type.HasField("shape"):
        raise ModelError(f"{what} declares no shape")
    shape = []
    dynamic = False
    for axis, d in enumerate(tensor_type.shape.dim):
        if d.HasField("dim_value"):
            shape.append(int(d.dim_value))
        elif axis == 0:
            dynamic = True
            shape.append(1)
        else:
            raise ModelError(
                f"{what} has a symbolic axis {axis}",
                "export the model with fixed axes; only the batch axis may be symbolic",
            )
    size = 1
    for extent in shape:
        if extent < 1:
            raise ModelError(
                f"{what} has shape {shape}: it has no elements, and of no elements nothing can be claimed",
                "export the model with an input in which every axis is at least 1 long",
            )
        size *= extent
    if size > MAX_INPUTS:
        raise ModelError(f"{what} has {size:,} elements, more than {MAX_INPUTS:,}")
    return GraphInput(value.name, dtype, tuple(shape), bool(shape) and shape[0] == 1, dynamic)


def step_of(node: Any, index: int, version: int, path: Path, defined: set[str]) -> Step:
    """An operation of the graph, whose outputs are added to ``defined``. Raises ModelError naming it."""
    domain = node.domain or "ai.onnx"
    where = f"{node.op_type} (node {node.name or f'number {index}'!r}, {domain} opset {version})"
    if domain != "ai.onnx" or node.op_type not in TABLE:
        raise UnsupportedOperationError(f"{where}: this operation is not modelled")
    attributes: dict[str, Any] = {}
    for a in node.attribute:
        if a.name not in TABLE[node.op_type].attributes or a.ref_attr_name:
            raise UnsupportedOperationError(f"{where}: attribute {a.name!r} is not modelled")
        if a.name in attributes:
            raise ModelError(f"{where}: attribute {a.name!r} twice")
        attributes[a.name] = _attribute(a, where, path)
    for name in node.input:
        if name and name not in defined:
            raise ModelError(f"{where}: input {name!r} is not computed before")
    for name in node.output:
        if name and name in defined:
            raise ModelError(f"{where}: {name!r} is computed twice")
        defined.add(name)
    defined.discard("")
    return Step(node.op_type, where, tuple(node.input), tuple(node.output), attributes)


def _attribute(attribute: Any, where: str, path: Path) -> Any:
    readers = {1: "f", 2: "i", 3: "s", 6: "floats", 7: "ints", 8: "strings"}
    if attribute.type == 4:
        return read_tensor(attribute.t, path.parent)
    if attribute.type not in readers:
        raise UnsupportedOperationError(f"{where}: attribute {attribute.name!r} has a type that is not modelled")
    value = getattr(attribute, readers[attribute.type])
    value = value if attribute.type in (1, 2, 3) else tuple(value)
    if attribute.type in (1, 6) and not np.isfinite(value).all():
        raise ModelError(f"{where}: attribute {attribute.name!r} is NaN or infinite")
    return value
