"""Strict JSON: no floats, no duplicate keys, no large literals, and helpers that check the shape of what was read."""

import json

from ..fault import UnreadableError

MAX_BYTES = 256 << 20
MAX_INTEGER_DIGITS = 15

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


def read_json(data: bytes) -> Json:
    """The value of one JSON text. Raises `UnreadableError` for anything out of the ordinary."""
    if len(data) > MAX_BYTES:
        raise UnreadableError(f"the file is larger than {MAX_BYTES} bytes")
    try:
        value: Json = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_pairs,
            parse_int=_integer,
            parse_float=_refuse,
            parse_constant=_refuse,
        )
    except ValueError as error:
        raise UnreadableError(f"not strict JSON: {str(error)[:200]}") from None
    except RecursionError:
        raise UnreadableError("nested too deeply") from None
    except MemoryError:
        raise UnreadableError("out of memory") from None
    return value


def _pairs(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnreadableError("an object has the same key twice")
    return found


def _integer(text: str) -> int:
    if len(text) > MAX_INTEGER_DIGITS or text == "-0":
        raise UnreadableError("a JSON integer is too long; numbers are strings")
    return int(text)


def _refuse(text: str) -> Json:
    raise UnreadableError(f"not a number of this format: {text[:40]}")


def as_list(value: object, what: str, length: int | None = None) -> list[Json]:
    """The value as a list (of that length), or `UnreadableError` naming `what`."""
    if type(value) is not list or (length is not None and len(value) != length):
        raise UnreadableError(f"{what} must be a list" + ("" if length is None else f" of {length}"))
    return value


def as_object(
    value: object, what: str, required: frozenset[str], optional: frozenset[str] = frozenset()
) -> dict[str, Json]:
    """The value as an object with exactly these keys, or `UnreadableError`."""
    if type(value) is not dict:
        raise UnreadableError(f"{what} must be an object")
    keys = frozenset(value)
    wrong = (keys - required - optional) | (required - keys)
    if wrong:
        raise UnreadableError(f"{what} has missing or unknown keys: {str(sorted(wrong))[:200]}")
    return value


def as_index(value: object, what: str, below: int) -> int:
    """The value as an integer in 0 .. below - 1 (a boolean is none), or `UnreadableError`."""
    if type(value) is not int or not 0 <= value < below:
        raise UnreadableError(f"{what} must be an integer in 0 .. {below - 1}")
    return value


def as_text(value: object, what: str) -> str:
    """The value as a string, or `UnreadableError`."""
    if type(value) is not str:
        raise UnreadableError(f"{what} must be a string")
    return value
