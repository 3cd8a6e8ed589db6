"""Values survive the way from a child process, and nothing else gets through."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from any_values import messages
from hypothesis import given
from hypothesis import strategies as st

from mechverify.engines.engine import CounterexampleFound, GaveUp, ProofFound
from mechverify.engines.processes.wire import WireError, frame_length, pack, unpack


@given(messages)
def test_round_trip(value: object) -> None:
    back = unpack(pack(value))
    assert back == value
    assert type(back) is type(value)


def test_our_dataclasses_travel() -> None:
    for value in (
        ProofFound((["split", [["1", 0]], "5"], ["leaf"], ["leaf"]), 96),
        CounterexampleFound((Fraction(1, 3), Fraction(10**5000))),
        GaveUp("time", "no", ((Fraction(1),),)),
    ):
        assert unpack(pack(value)) == value


@given(messages, st.data())
def test_every_truncation_and_every_flipped_byte_is_refused(value: object, data: st.DataObject) -> None:
    frame = pack(value)
    cut = data.draw(st.integers(0, len(frame) - 1))
    with pytest.raises(WireError):
        unpack(frame[:cut])
    broken = bytearray(frame)
    broken[data.draw(st.integers(0, len(frame) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(WireError):
        unpack(broken)
    with pytest.raises(WireError):
        unpack(frame + b"x")


def test_an_incomplete_header_has_no_length_yet() -> None:
    frame = pack("hello")
    assert frame_length(frame[:20]) is None
    assert frame_length(frame) == len(frame)


class Foreign:
    """Not ours."""


@pytest.mark.parametrize("value", [Foreign(), {1, 2}, b"bytes", complex(1, 2), len, Foreign])
def test_foreign_types_cannot_be_sent(value: object) -> None:
    with pytest.raises(WireError):
        pack(value)


def _frame(payload: bytes) -> bytes:
    import hashlib

    return b"mechwire" + len(payload).to_bytes(8, "big") + hashlib.sha256(payload).digest() + payload


@pytest.mark.parametrize(
    "payload",
    [
        b'{"record":["os","system",{}]}',
        b'{"record":["mechverify.engines.engine","os",{}]}',
        b'{"record":["mechverify.engines.engine","ProofFound",{"steps":1}]}',
        b'{"record":["mechverify.engines.engine","ProofFound",{"steps":1,"precision":2,"more":3}]}',
        b'{"record":["mechverify.errors","InternalError",{}]}',
        b'{"enum":["mechverify.verdict","Verdict","MAYBE"]}',
        b'{"fraction":["0x1","0x0"]}',
        b'{"int":"0x1","float":"0x1p0"}',
        b'{"other":1}',
        b"[1.5]",
        b"[NaN]",
        b"nonsense",
        b"",
        b"\xff",
    ],
)
def test_garbage_payloads_are_refused(payload: bytes) -> None:
    with pytest.raises(WireError):
        unpack(_frame(payload))


def test_the_frames_above_would_pass_if_they_held_a_value() -> None:
    build: Callable[[bytes], bytes] = _frame
    assert unpack(build(b'{"fraction":["0x1","0x3"]}')) == Fraction(1, 3)
