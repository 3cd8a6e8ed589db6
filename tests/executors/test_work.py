"""A worker's process takes one unit after another, and leaves nothing behind when it is lost."""

import os
import signal

import pytest
from waiting import gone

from mechverify.executors import work


def test_what_is_no_unit_is_said_to_be_none_and_the_next_one_finds_a_process() -> None:
    for _ in range(2):
        with pytest.raises(work.WorkerDiedError, match="no unit of work"):
            work.work_on(b"nonsense")
    assert work._idle == []


def test_a_process_that_was_killed_is_not_used_again() -> None:
    process = work._taken()
    os.kill(process.pid, signal.SIGKILL)
    assert gone(process.pid)
    work._idle.append(process)
    other = work._taken()
    try:
        assert other.pid != process.pid
    finally:
        work._end(other)
    assert gone(other.pid)
