"""How a value travels from a child process to its parent: one framed, checksummed JSON text of a closed set of types.

What can travel: None, truth values, integers, floats, text, paths, ``Fraction``, tuples, lists, mappings, and the
dataclasses and enumerations of mechverify. Nothing that arrives can name code to run: a dataclass is looked up among
mechverify's already imported modules.
"""

import hashlib
import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from pathlib import Path, PurePath
from typing import Any

from mechverify.errors import MechverifyError

_MAGIC = b"mechwire"
_HEADER = len(_MAGIC) + 8 + 32
_PLAIN_INTEGER = 1 << 53
_OURS = "mechverify"


class WireError(MechverifyError):
    """A value that cannot travel, or bytes that are no value."""


def pack(value: object) -> bytes:
    """One frame: magic, length, SHA-256, JSON. Raises WireError for a type that cannot travel."""
    payload = json.dumps(_encode(value), separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()
    return _MAGIC + len(payload).to_bytes(8, "big") + hashlib.sha256(payload).digest() + payload


def frame_length(received: bytes | bytearray) -> int | None:
    """The length of the frame that starts here, None while its header is incomplete. Raises WireError if it is no
    frame.
    """
    if not _MAGIC.startswith(bytes(received[: len(_MAGIC)])):
        raise WireError("the child process sent something that is no frame")
    if len(received) < _HEADER:
        return None
    return _HEADER + int.from_bytes(received[len(_MAGIC) : len(_MAGIC) + 8], "big")


def unpack(frame: bytes | bytearray) -> object:
    """The value of one complete frame. Raises WireError for anything else."""
    if frame_length(frame) != len(frame):
        raise WireError("the child process sent an incomplete frame")
    payload = bytes(frame[_HEADER:])
    if hashlib.sha256(payload).digest() != bytes(frame[_HEADER - 32 : _HEADER]):
        raise WireError("the child process sent a damaged frame")
    try:
        return _decode(json.loads(payload, parse_constant=_refuse))
    except Exception as error:
        raise WireError(f"the child process sent no value of ours ({error})") from error


def _refuse(text: str) -> object:
    raise WireError(f"the child process sent the number {text}")


def _encode(value: object) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Enum):
        return {"enum": [type(value).__module__, type(value).__qualname__, value.name]}
    if type(value) is str:
        return value
    if type(value) is int:
        return value if abs(value) < _PLAIN_INTEGER else {"int": hex(value)}
    if type(value) is float:
        return {"float": value.hex()}
    if type(value) is Fraction:
        return {"fraction": [hex(value.numerator), hex(value.denominator)]}
    if isinstance(value, PurePath):
        return {"path": str(value)}
    if type(value) is list:
        return [_encode(v) for v in value]
    if type(value) is tuple:
        return {"tuple": [_encode(v) for v in value]}
    if isinstance(value, Mapping):
        return {"mapping": [[_encode(k), _encode(v)] for k, v in value.items()]}
    if is_dataclass(value) and not isinstance(value, type):
        contents = {f.name: _encode(getattr(value, f.name)) for f in fields(value) if f.init}
        return {"record": [type(value).__module__, type(value).__qualname__, contents]}
    raise WireError(f"a {type(value).__name__} cannot be sent between processes")


def _class(module: str, name: str) -> type[Any]:
    if module != _OURS and not module.startswith(_OURS + "."):
        raise WireError(f"the child process sent a {module}.{name}")
    found: Any = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, part)
    if not isinstance(found, type):
        raise WireError(f"{module}.{name} is no class")
    return found


def _decode(data: Any) -> object:
    if data is None or isinstance(data, bool | int | str):
        return data
    if isinstance(data, list):
        return [_decode(v) for v in data]
    if not isinstance(data, dict) or len(data) != 1:
        raise WireError("the child process sent an unknown form of value")
    ((tag, body),) = data.items()
    match tag:
        case "int":
            return int(body, 16)
        case "float":
            return float.fromhex(body)
        case "fraction":
            return Fraction(int(body[0], 16), int(body[1], 16))
        case "path":
            return Path(body)
        case "tuple":
            return tuple([_decode(v) for v in body])
        case "mapping":
            return {_decode(k): _decode(v) for k, v in body}
        case "enum":
            enumeration = _class(body[0], body[1])
            if not issubclass(enumeration, Enum):
                raise WireError(f"{body[1]} is no enumeration")
            return enumeration[body[2]]
        case "record":
            if not is_dataclass(record := _class(body[0], body[1])):
                raise WireError(f"{body[1]} is no dataclass")
            build: Callable[..., object] = record
            return build(**{n: _decode(v) for n, v in body[2].items()})
    raise WireError(f"the child process sent an unknown form of value: {tag}")
