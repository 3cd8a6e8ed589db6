"""Messages on a pipe: a kind, a number and some bytes."""

import os
import struct
from dataclasses import dataclass
from typing import IO

from mechverify.errors import MechverifyError

_HEADER = struct.Struct(">cIQ")
MOST_BYTES = 256 << 20


class FrameError(MechverifyError):
    """Bytes that are no message, or one that is too long."""


@dataclass(frozen=True, slots=True)
class Frame:
    """``kind`` is one letter."""

    kind: bytes
    number: int = 0
    payload: bytes = b""

    def packed(self) -> bytes:
        """As it stands on the pipe. Raises FrameError where it is too long."""
        if len(self.payload) > MOST_BYTES:
            raise FrameError(f"{len(self.payload):,} bytes, more than {MOST_BYTES:,}")
        return _HEADER.pack(self.kind, self.number, len(self.payload)) + self.payload


class Frames:
    """Takes the bytes of a pipe apart as they come."""

    def __init__(self) -> None:
        self._received = bytearray()

    def taken(self, data: bytes) -> list[Frame]:
        """The messages that are whole with these bytes. Raises FrameError for one that is too long."""
        self._received += data
        found = []
        while len(self._received) >= _HEADER.size:
            kind, number, length = _HEADER.unpack_from(self._received)
            if length > MOST_BYTES:
                raise FrameError(f"a message of {length:,} bytes")
            end = _HEADER.size + length
            if len(self._received) < end:
                break
            found.append(Frame(kind, number, bytes(self._received[_HEADER.size : end])))
            del self._received[:end]
        return found


def read_frame(stream: IO[bytes]) -> Frame | None:
    """The next message; None at the end, also where it is cut off. Raises FrameError for one that is too long."""
    header = stream.read(_HEADER.size)
    if len(header) < _HEADER.size:
        return None
    kind, number, length = _HEADER.unpack(header)
    if length > MOST_BYTES:
        raise FrameError(f"a message of {length:,} bytes")
    payload = stream.read(length)
    return Frame(kind, number, payload) if len(payload) == length else None


def write_frame(descriptor: int, frame: Frame) -> None:
    """Write a message whole. Raises OSError where nobody reads, FrameError where it is too long."""
    view = memoryview(frame.packed())
    while view:
        view = view[os.write(descriptor, view) :]
