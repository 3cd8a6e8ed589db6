"""The protobuf classes of onnx, by themselves: the rest of that package takes ten times as long to import."""

import importlib.util
import sys
from pathlib import Path
from typing import Any

_NAME = "onnx.onnx_ml_pb2"


def protos() -> Any:
    """A module with ``ModelProto`` and its like: onnx itself where that is imported, or where its classes are no file
    that can be read alone. Raises ImportError where there is no onnx.
    """
    if "onnx" in sys.modules:
        return sys.modules["onnx"]
    found = sys.modules.get(_NAME) or _alone()
    if found is None:
        import onnx

        return onnx
    return found


def _alone() -> Any:
    """The module of the classes, under the name by which onnx, if it is imported later, finds it."""
    package = importlib.util.find_spec("onnx")
    if package is None or package.origin is None:
        return None
    path = Path(package.origin).parent / "onnx_ml_pb2.py"
    spec = importlib.util.spec_from_file_location(_NAME, path) if path.is_file() else None
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, "ModelProto"):
        return None
    sys.modules[_NAME] = module
    return module


def value_info(name: str, element: int, rank: int) -> Any:
    """A tensor of an element type, its extents not told."""
    info = protos().ValueInfoProto(name=name)
    info.type.tensor_type.elem_type = element
    info.type.tensor_type.shape.SetInParent()
    for _ in range(rank):
        info.type.tensor_type.shape.dim.add()
    return info
