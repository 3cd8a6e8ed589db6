"""Reading an ONNX file without believing it: sizes, external data, element types and values are checked."""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from mechverify.errors import ModelError, UnsupportedOperationError
from mechverify.models.onnx.protos import protos
from mechverify.models.tensors.limits import MAX_FILE_BYTES, MAX_PARAMETERS
from mechverify.models.tensors.tensor import DType, Tensor, known

# TensorProto.DataType numbers of the element types that are modelled.
ELEMENT_TYPES: dict[int, DType] = {1: "float32", 6: "int32", 7: "int64", 9: "bool"}
ITEM_BYTES: dict[DType, int] = {"float32": 4, "int32": 4, "int64": 8, "bool": 1}


def element_type(number: int, what: str) -> DType:
    """The element type with this number. Raises UnsupportedOperationError naming any other."""
    if number not in ELEMENT_TYPES:
        known_names = {v: k for k, v in protos().TensorProto.DataType.items()}
        name = known_names.get(number, str(number))
        raise UnsupportedOperationError(
            f"{what} has element type {name}, which is not modelled",
            "only FLOAT (float32), INT64, INT32 and BOOL tensors are modelled; export the model in float32",
        )
    return ELEMENT_TYPES[number]


_WEIGHTS = (
    "{name} holds weights: export the module by torch.onnx.export(module, example, 'model.onnx'), or name the Python "
    "that makes it, `torch: net.py:make`, with `weights: weights.safetensors`"
)
_OTHER_FILES = {
    ".py": "{name} is Python: a function that makes a PyTorch module, or its class, is named by `torch: {name}:make`, "
    "an integer program by `program: {name}:function`",
    **dict.fromkeys((".ckpt", ".npz", ".pt", ".pth", ".safetensors"), _WEIGHTS),
}


def _not_onnx(path: Path, why: str) -> ModelError:
    hint = _OTHER_FILES.get(path.suffix)
    if hint is None:
        return ModelError(f"{path}: not an ONNX model: {why}")
    return ModelError(f"{path}: not an ONNX model", hint.format(name=path.name))


def load_proto(path: Path) -> Any:
    """The model proto in a file, external data not read. Raises ModelError."""
    from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

    try:
        size = path.stat().st_size
        if not path.is_file():
            raise ModelError(f"{path}: not a file")
        if size > MAX_FILE_BYTES:
            raise ModelError(f"{path}: {size:,} bytes, more than {MAX_FILE_BYTES:,}")
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        proto = protos().ModelProto.FromString(content)
    except (DecodeError, RecursionError, ValueError) as error:
        raise _not_onnx(path, str(error)) from error
    if not proto.HasField("graph") or not proto.opset_import:
        raise _not_onnx(path, "no graph or no opset")
    if not all(isinstance(t, str) for t in _texts(proto)):
        raise ModelError(f"{path}: not an ONNX model: a name is not UTF-8 text")
    return proto


def _texts(proto: Any) -> Iterator[Any]:
    """Every name in the model that is read; protobuf hands out bytes for one that is not UTF-8."""
    graph = proto.graph
    yield from (o.domain for o in proto.opset_import)
    yield from (v.name for part in (graph.input, graph.output) for v in part)
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        for attribute in node.attribute:
            yield from (attribute.name, attribute.ref_attr_name)
    for tensor in _tensors(proto):
        yield tensor.name
        for entry in tensor.external_data:
            yield from (entry.key, entry.value)


def external_files(path: Path) -> list[Path]:
    """The files beside a model in which its weights are. Raises ModelError."""
    proto = load_proto(path)
    told = (e.value for t in _tensors(proto) for e in t.external_data if e.key == "location")
    return [path.parent / name for name in dict.fromkeys(told)]


def _tensors(proto: Any) -> Iterator[Any]:
    """The tensors of the graph itself, and those that are attributes of its nodes."""
    yield from proto.graph.initializer
    yield from (attribute.t for node in proto.graph.node for attribute in node.attribute)


def read_tensor(proto: Any, folder: Path) -> Tensor:
    """The numbers of a TensorProto; external data only from files inside ``folder``.

    Raises ModelError if the data do not fit the declared shape or a float is NaN or infinite, but for minus infinity,
    which masks are made of; UnsupportedOperationError for other element types.
    """
    what = f"tensor {proto.name!r}"
    dtype = element_type(proto.data_type, what)
    dims = tuple(int(d) for d in proto.dims)
    count = 1
    for d in dims:
        if d < 0:
            raise ModelError(f"{what} has a negative dimension {d}")
        count *= d
    if count > MAX_PARAMETERS or len(dims) > 16:
        raise ModelError(f"{what} of shape {list(dims)} is too large: at most {MAX_PARAMETERS:,} elements are read")
    array = _elements(proto, dtype, count, folder, what).reshape(dims)
    if dtype == "float32" and not (np.isfinite(array) | np.isneginf(array)).all():
        raise infinite(what)
    return known(dtype, array)


def infinite(what: str) -> ModelError:
    """What to say of weights that are no numbers."""
    hint = "a model with such weights has no meaning in exact arithmetic"
    return ModelError(f"{what} holds NaN or infinity", hint)


def _elements(proto: Any, dtype: DType, count: int, folder: Path, what: str) -> np.ndarray[Any, Any]:
    typed = {"float32": proto.float_data, "int64": proto.int64_data}.get(dtype, proto.int32_data)
    little_endian = {"float32": "<f4", "int64": "<i8", "int32": "<i4", "bool": "|u1"}[dtype]
    if proto.HasField("segment"):
        raise ModelError(f"{what} is stored in segments")
    external = proto.data_location == 1
    if external or proto.HasField("raw_data"):
        if len(typed) or (external and proto.HasField("raw_data")):
            raise ModelError(f"{what} is stored twice")
        raw = _external_bytes(proto, count * ITEM_BYTES[dtype], folder, what) if external else proto.raw_data
        if len(raw) != count * ITEM_BYTES[dtype]:
            raise ModelError(
                f"{what} declares {count} elements of {ITEM_BYTES[dtype]} bytes but holds {len(raw)} bytes"
            )
        array = np.frombuffer(raw, dtype=little_endian)
    else:
        if len(typed) != count:
            raise ModelError(f"{what} declares {count} elements but holds {len(typed)}")
        array = np.array(typed, dtype=little_endian if dtype != "bool" else np.int64)
    if dtype == "bool" and count and (array.min() < 0 or array.max() > 1):
        raise ModelError(f"{what} holds a BOOL that is neither 0 nor 1")
    return array


def _external_bytes(proto: Any, expected: int, folder: Path, what: str) -> bytes:
    entries = {e.key: e.value for e in proto.external_data}
    location = entries.get("location", "")
    parts = PurePosixPath(location).parts
    if (
        not parts
        or location.startswith("/")
        or ".." in parts
        or "\\" in location
        or ":" in location
        or "\0" in location
    ):
        raise ModelError(f"{what} refers to external data at {location!r}", "external data must lie beside the model")
    home = os.path.realpath(folder)
    place = os.path.realpath(os.path.join(home, location))
    if os.path.commonpath((home, place)) != home:
        raise ModelError(f"{what} refers to external data outside the model's folder: {location!r}")
    try:
        offset = int(entries.get("offset", "0"))
        length = int(entries.get("length", str(expected)))
    except ValueError as error:
        raise ModelError(f"{what} has an external offset or length that is no number") from error
    if length != expected or offset < 0:
        raise ModelError(f"{what} declares {expected} bytes but its external data {length} bytes at {offset}")
    try:
        if not os.path.isfile(place):
            raise ModelError(f"{what}: external data {location!r} is not a file")
        with open(place, "rb") as file:
            file.seek(offset)
            return file.read(expected)
    except OSError as error:
        raise ModelError(f"{what}: external data {location!r} cannot be read: {error.strerror}") from error
