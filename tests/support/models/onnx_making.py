"""Small ONNX models for tests."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

TYPES = {"float32": TensorProto.FLOAT, "int64": TensorProto.INT64, "int32": TensorProto.INT32, "bool": TensorProto.BOOL}


def node(op: str, inputs: Sequence[str], outputs: Sequence[str], **attributes: Any) -> onnx.NodeProto:
    return helper.make_node(op, list(inputs), list(outputs), **attributes)


def value(name: str, shape: Sequence[Any], dtype: str = "float32") -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TYPES[dtype], list(shape))


def make_model(
    nodes: Sequence[onnx.NodeProto],
    inputs: Mapping[str, Sequence[Any]],
    outputs: Sequence[str],
    weights: Mapping[str, np.ndarray],
    opset: int = 17,
    dtypes: Mapping[str, str] | None = None,
) -> onnx.ModelProto:
    """A model; an input's type is in ``dtypes`` (float32 by default), an output's type may be named there too."""
    kinds = dict(dtypes or {})
    graph = helper.make_graph(
        list(nodes),
        "g",
        [value(n, s, kinds.get(n, "float32")) for n, s in inputs.items()],
        [onnx.ValueInfoProto(name=n) if n not in kinds else value_without_shape(n, kinds[n]) for n in outputs],
        [numpy_helper.from_array(np.asarray(w), n) for n, w in weights.items()],
    )
    for out in graph.output:
        if not out.HasField("type"):
            out.CopyFrom(value_without_shape(out.name, "float32"))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


def value_without_shape(name: str, dtype: str) -> onnx.ValueInfoProto:
    return helper.make_tensor_value_info(name, TYPES[dtype], None)


def save(model: onnx.ModelProto, path: Path) -> Path:
    path.write_bytes(model.SerializeToString())
    return path
