"""Numbers of a safetensors file, exactly: the header is believed only where the file bears it out.

Format: https://github.com/huggingface/safetensors#format. Eight bytes tell the header's length (little endian), the
header is a JSON object from names to element type, shape and place, and the tensors follow without gaps. Only what is
asked for is read.
"""

import json
import os
import struct
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, Literal

from mechverify.graph.float32 import FLUSHES, keeps_subnormals

MAX_HEADER = 16 * 2**20
MAX_AXES = 16
ITEM_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8, "C64": 8,
}  # fmt: skip
FLOATS = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_FORMATS = {"F64": "<d", "F32": "<f", "F16": "<e"}


class TensorFileError(Exception):
    """Why numbers cannot be had. ``about``: whether the file, the tensor's name or the chosen line is at fault."""

    def __init__(self, message: str, about: Literal["file", "tensor", "line"] = "file") -> None:
        super().__init__(message)
        self.about = about


@dataclass(frozen=True, slots=True)
class TensorEntry:
    """One tensor as the header has it; ``start`` and ``end`` count bytes from the end of the header."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


def parse_header(text: bytes, data_bytes: int) -> dict[str, TensorEntry]:
    """The tensors that a header tells of, which fill ``data_bytes`` bytes without gap or overlap.

    Raises TensorFileError for anything else.
    """
    try:
        header = json.loads(text.decode("utf-8"), object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise TensorFileError(f"not a safetensors file: {' '.join(str(error).split())[:120]}") from error
    if not isinstance(header, dict):
        raise TensorFileError("not a safetensors file: the header is no object")
    entries = {name: _entry(name, entry) for name, entry in header.items() if name != "__metadata__"}
    place = 0
    for entry in sorted(entries.values(), key=lambda e: (e.start, e.end)):
        if entry.start != place:
            raise TensorFileError(f"tensors overlap or leave a gap at byte {place}")
        place = entry.end
    if place != data_bytes:
        raise TensorFileError(f"{data_bytes} bytes of data, the header tells of {place}")
    return entries


def header_size(start: bytes, file_bytes: int) -> int:
    """The length of the header, from the first bytes of a file of this size. Raises TensorFileError."""
    size = int.from_bytes(start[:8], "little")
    if len(start) < 8 or size > min(MAX_HEADER, file_bytes - 8):
        raise TensorFileError("not a safetensors file: the header's length is wrong")
    return size


def read_lines(
    path: Path, tensor: str, axis: Literal["row", "column"] | None, indices: Sequence[int] | None, limit: int
) -> tuple[tuple[Fraction, ...], ...]:
    """Rows or columns of a matrix (``indices`` None: all of them), or with no ``axis`` the one line of a vector.

    Indices are Python's. Every number is the exact value of its float64, float32, float16 or bfloat16. ``limit`` is how
    many numbers may be read. Raises TensorFileError.
    """
    with _opened(path) as (stream, total):
        size = header_size(stream.read(8), total)
        entries = parse_header(_exactly(stream, size), total - 8 - size)
        entry = _chosen(entries, tensor)
        lines = _places(tensor, entry, axis, indices, limit)
        return tuple(_line(stream, 8 + size + entry.start, entry.dtype, line, tensor) for line in lines)


@contextmanager
def _opened(path: Path) -> Any:
    """The open file and its size; every failure to read is a TensorFileError."""
    if path.exists() and not path.is_file():
        raise TensorFileError("cannot be read: it is not a file")
    try:
        with path.open("rb") as stream:
            yield stream, os.fstat(stream.fileno()).st_size
    except OSError as error:
        raise TensorFileError(f"cannot be read: {error.strerror}") from error


def _chosen(entries: dict[str, TensorEntry], tensor: str) -> TensorEntry:
    if tensor not in entries:
        listed = ", ".join(name[:60] for name in list(entries)[:8])
        more = f" and {len(entries) - 8} more" if len(entries) > 8 else ""
        known = "".join(c if c.isprintable() else "?" for c in f"{listed}{more}" or "no tensor")
        raise TensorFileError(f"there is no tensor '{tensor[:60]}' in it; it has {known}", "tensor")
    entry = entries[tensor]
    if entry.dtype not in FLOATS:
        raise TensorFileError(
            f"the tensor '{tensor}' has element type {entry.dtype}; directions are of {', '.join(FLOATS)}", "tensor"
        )
    return entry


def _places(
    tensor: str,
    entry: TensorEntry,
    axis: Literal["row", "column"] | None,
    indices: Sequence[int] | None,
    limit: int,
) -> list[tuple[int, int, int]]:
    """For each line the position of its first number, the step between two, and how many there are."""
    shape, what = entry.shape, f"the tensor '{tensor}' has shape {list(entry.shape)}"
    if axis is None:
        if len(shape) != 1:
            raise TensorFileError(f"{what}: say which row or column of it", "tensor")
        _few(shape[0], 1, limit)
        return [(0, 1, shape[0])]
    if len(shape) != 2:
        raise TensorFileError(f"{what}: {axis}s are of a matrix", "tensor")
    rows, columns = shape
    count, length = (rows, columns) if axis == "row" else (columns, rows)
    _few(length, count if indices is None else len(indices), limit)
    for index in indices or ():
        if not -count <= index < count:
            goes = f"they go from 0 to {count - 1}" if count else "there are none"
            raise TensorFileError(f"there is no {axis} {index}: {what}, {goes}", "line")
    wanted = [k % count for k in indices] if indices is not None else range(count)
    return [(k * columns, 1, columns) if axis == "row" else (k, columns, rows) for k in wanted]


def _few(length: int, lines: int, limit: int) -> None:
    if lines * max(1, length) > limit:
        raise TensorFileError(f"{lines} of {length} numbers are asked for, at most {limit:,} in all are read", "line")


def _line(stream: BinaryIO, start: int, dtype: str, line: tuple[int, int, int], tensor: str) -> tuple[Fraction, ...]:
    first, step, count = line
    item = ITEM_BYTES[dtype]
    if not keeps_subnormals():
        raise TensorFileError(FLUSHES)
    if step == 1:
        stream.seek(start + first * item)
        data = _exactly(stream, count * item)
    else:
        parts = []
        for k in range(count):
            stream.seek(start + (first + k * step) * item)
            parts.append(_exactly(stream, item))
        data = b"".join(parts)
    values = [_float(data[k : k + item], dtype) for k in range(0, len(data), item)]
    for k, value in enumerate(values):
        if not isfinite(value):
            raise TensorFileError(f"the tensor '{tensor}' holds {value} there, at number {k}", "line")
    return tuple(Fraction(v) for v in values)


def _float(data: bytes, dtype: str) -> float:
    if dtype == "BF16":
        data, dtype = b"\0\0" + data, "F32"
    value: float = struct.unpack(_FORMATS[dtype], data)[0]
    return value


def _exactly(stream: BinaryIO, count: int) -> bytes:
    data = stream.read(count)
    if len(data) != count:
        raise TensorFileError("the file ends too early")
    return data


def _entry(name: str, entry: Any) -> TensorEntry:
    what = f"tensor {name[:60]!r}"
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise TensorFileError(f"{what}: a malformed entry")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in ITEM_BYTES:
        raise TensorFileError(f"{what} has element type {str(dtype)[:20]!r}, which is not modelled")
    if not isinstance(shape, list) or not isinstance(offsets, list) or len(offsets) != 2 or len(shape) > MAX_AXES:
        raise TensorFileError(f"{what}: a malformed entry")
    if not all(type(v) is int and 0 <= v < 2**63 for v in (*shape, *offsets)):
        raise TensorFileError(f"{what}: its shape and offsets are no sizes")
    count = 1
    for extent in shape:
        count *= extent
    if offsets[1] - offsets[0] != count * ITEM_BYTES[dtype]:
        raise TensorFileError(f"{what}: {count} elements of {dtype} in {offsets[1] - offsets[0]} bytes")
    return TensorEntry(dtype, tuple(shape), offsets[0], offsets[1])


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name appears twice")
    return found
