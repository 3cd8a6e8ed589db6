"""Reading a certificate file, and saying in words why a file is none."""

import json
from pathlib import Path
from typing import Any

from mechverify.errors import MechverifyError

KINDS = ("proof", "empty", "witness", "replayed", "map", "modular")
_LARGEST = 256 << 20
_SPEC_ENDINGS = (".yaml", ".yml")


class NoCertificateError(MechverifyError):
    """A file that is no certificate; the message says why."""

    exit_code = 2


class _RepeatedKeyError(ValueError):
    """An object that two readers may take for different ones."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise _RepeatedKeyError(next(name for name in names if names.count(name) > 1)[:40])
    return found


def read_certificate(path: Path) -> dict[str, Any]:
    """The file's data: an object with a kind and a problem, or a structure where the kind is modular.

    Raises NoCertificateError for everything else.
    """
    text = _text(path)
    if not text.strip():
        raise NoCertificateError("the file is empty")
    try:
        data = json.loads(text, object_pairs_hook=_once)
    except json.JSONDecodeError as problem:
        if path.suffix in _SPEC_ENDINGS:
            raise NoCertificateError("it looks like a spec; specs are for `mechverify verify`") from None
        where = f"line {problem.lineno}, column {problem.colno}"
        raise NoCertificateError(f"it is not JSON: reading stopped at {where}") from None
    except _RepeatedKeyError as problem:
        raise NoCertificateError(f"the key {problem.args[0]!r} stands twice in one object") from None
    except (ValueError, RecursionError):
        raise NoCertificateError("it is JSON with a number or a nesting too large to read") from None
    if not isinstance(data, dict) or _statement_key(data) not in data or "kind" not in data:
        raise NoCertificateError(_other_json(data))
    if data["kind"] not in KINDS:
        found = json.dumps(data["kind"])[:40]
        raise NoCertificateError(f"its kind is {found}; a certificate's is one of {', '.join(KINDS)}")
    return data


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise NoCertificateError("it is a folder; name one of the files in it")
        if path.exists() and not path.is_file():
            raise NoCertificateError("it is a device or a pipe; name a file")
        if path.stat().st_size > _LARGEST:
            raise NoCertificateError(f"it is larger than {_LARGEST >> 20} MiB")
        content = path.read_bytes()
    except FileNotFoundError:
        raise NoCertificateError("there is no such file") from None
    except OSError as problem:
        raise NoCertificateError(f"it cannot be read: {problem.strerror}") from None
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as problem:
        raise NoCertificateError(
            f"it is not ASCII text: byte 0x{content[problem.start]:02x} at position {problem.start:,}"
        ) from None


def _statement_key(data: dict[str, Any]) -> str:
    return "structure" if data.get("kind") == "modular" else "problem"


def _other_json(data: Any) -> str:
    if isinstance(data, dict) and "specs" in data and "tool" in data:
        return (
            "it is a report of `verify --json`; certificates are the files that `verify --certificates FOLDER` leaves"
        )
    if not isinstance(data, dict):
        return "it is JSON, but no object with a `problem` and a `kind`"
    missing = " and ".join(f"`{key}`" for key in (_statement_key(data), "kind") if key not in data)
    return f"it is JSON without {missing}"
