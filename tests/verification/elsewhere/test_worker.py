"""What a worker's process answers, and that it and all that it has begun end with whoever waits for it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import gone, wait_for

from mechverify.deciding.options import VerifyOptions
from mechverify.executors.frames import Frame, read_frame, write_frame
from mechverify.executors.work import WORKER
from mechverify.verification.elsewhere.unit import Files, Unit
from mechverify.verification.elsewhere.worker import Worker

SPEC = """
mechverify: 1
title: t
inputs: {a: {integers: 0 .. 99999}, b: {integers: 0 .. 99999}}
claims:
  grows: {always: a + b >= a}
  hard: {always: (a * a * a + b * b * b) % 1009 != 1008 or (a * b) % 97 != 13 or a * a + b * b % 7919 != 5}
"""


def unit(claim: str, timeout: float = 4.0) -> Unit:
    return Unit(Files("t.yaml", {"t.yaml": SPEC.encode()}), claim, VerifyOptions(timeout=timeout))


def test_an_answer_has_no_verdict_and_what_a_cache_holds() -> None:
    reader, writer = os.pipe()
    worker = Worker(reader)
    try:
        found = worker.found(unit("grows"))
        told = [json.loads(text) for text in found.values()]
        assert {"steps" in one or "work" in one for one in told} == {True}
        assert all("verdict" not in text.lower() for text in found.values())
        assert worker.found(unit("grows")) == found  # of the spec that is still open
    finally:
        worker.close()
        os.close(reader)
        os.close(writer)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_it_ends_in_the_middle_of_a_search_when_nobody_waits() -> None:
    process = subprocess.Popen([sys.executable, "-P", "-m", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    write_frame(process.stdin.fileno(), Frame(b"W", payload=unit("hard", 4000.0).packed()))
    begun = wait_for(lambda: [pid for child in children(process.pid) for pid in children(child)], "a search")
    process.stdin.close()
    assert process.wait() == 0
    assert all(gone(pid) for pid in begun)


def children(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(one) for one in text.split()]


def test_what_cannot_be_done_is_told_and_the_next_unit_is_taken() -> None:
    process = subprocess.Popen([sys.executable, "-P", "-m", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    wrong = Unit(Files("t.yaml", {"t.yaml": b"claims: 7"}), "x", VerifyOptions())
    for one, kind in ((b"{}", b"F"), (wrong.packed(), b"F"), (unit("unheard of").packed(), b"D")):
        write_frame(process.stdin.fileno(), Frame(b"W", payload=one))
        answer = read_frame(process.stdout)
        assert answer is not None
        assert answer.kind == kind
    assert answer.payload == b"{}"
    process.stdin.close()
    process.wait()
    process.stdout.close()
