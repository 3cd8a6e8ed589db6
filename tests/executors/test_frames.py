"""Messages come out as they went in, however the pipe cuts them; what is none is refused."""

import io
import os
import random
import struct

import pytest

from mechverify.executors.frames import MOST_BYTES, Frame, FrameError, Frames, read_frame, write_frame

SOME = [Frame(b"W", 1, b"x" * 1000), Frame(b"R"), Frame(b"D", 2**32 - 1, b"\0\xff")]
TOO_LONG = struct.pack(">cIQ", b"D", 0, MOST_BYTES + 1)


def test_messages_arrive_whole_however_they_are_cut() -> None:
    data = b"".join(one.packed() for one in SOME)
    rng = random.Random(1)
    for _ in range(50):
        frames, found, rest = Frames(), [], data
        while rest:
            cut = rng.randrange(1, 40)
            found += frames.taken(rest[:cut])
            rest = rest[cut:]
        assert found == SOME


def test_a_stream_is_read_message_by_message() -> None:
    reader, writer = os.pipe()
    for one in SOME:
        write_frame(writer, one)
    os.close(writer)
    with open(reader, "rb") as stream:
        assert [read_frame(stream) for _ in range(4)] == [*SOME, None]


@pytest.mark.parametrize("cut", [1, 12, 13, 14, 500])
def test_a_message_that_is_cut_off_is_none(cut: int) -> None:
    assert read_frame(io.BytesIO(SOME[0].packed()[:cut])) is None
    assert Frames().taken(SOME[0].packed()[:cut]) == []


def test_a_message_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(FrameError):
        read_frame(io.BytesIO(TOO_LONG))
    with pytest.raises(FrameError):
        Frames().taken(TOO_LONG)
