"""Work in one's own process is ended in the middle, says what it was, and leaves the process as it was."""

import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from mechverify.engines.processes import time_limit as module
from mechverify.engines.processes.children import Failure, Task, run
from mechverify.engines.processes.kernel import PendingCheck, end_others, running
from mechverify.engines.processes.kernel_runs import OwnRun
from mechverify.engines.processes.time_limit import OutOfTimeError, stage, time_limit


def forever() -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        with suppress(Exception):  # what swallows everything
            sum(range(1000))
    raise AssertionError("nothing ended this")


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = signal.getsignal(signal.SIGALRM)
    yield
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_the_innermost_stage_is_named() -> None:
    with (
        pytest.raises(OutOfTimeError, match="while counting sheep") as caught,
        stage("sleeping"),
        time_limit(0.05),
        stage("counting sheep"),
    ):
        forever()
    assert caught.value.doing == "counting sheep"


def test_what_is_done_in_time() -> None:
    with time_limit(5.0), stage("x"):
        found = 1 + 1
    assert found == 2


def test_other_errors_pass() -> None:
    with pytest.raises(ValueError, match="mine"), time_limit(5.0):
        raise ValueError("mine")


def test_a_limit_within_a_longer_one() -> None:
    with time_limit(5.0), pytest.raises(OutOfTimeError) as caught, time_limit(0.05):
        forever()
    assert caught.value.seconds == 0.05


def test_a_limit_around_a_longer_one() -> None:
    with pytest.raises(OutOfTimeError) as caught, time_limit(0.05), time_limit(5.0):
        forever()
    assert caught.value.seconds == 0.05


def three_short_ones() -> None:
    for _ in range(3):
        with suppress(OutOfTimeError), time_limit(0.05):
            forever()
    forever()


def test_the_outer_limit_goes_on_after_an_inner_one() -> None:
    with pytest.raises(OutOfTimeError) as caught, time_limit(0.3):
        three_short_ones()
    assert caught.value.seconds == 0.3


def test_the_kernels_time_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    began = time.monotonic()
    monkeypatch.setattr(module, "seconds_checking", lambda: min(0.3, time.monotonic() - began))
    with pytest.raises(OutOfTimeError), time_limit(0.05):
        forever()
    assert time.monotonic() - began >= 0.3


def test_no_limit_in_another_thread() -> None:
    found = []

    def work() -> None:
        with time_limit(0.01):
            time.sleep(0.05)
            found.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [True]


def test_the_timer_of_somebody_else_is_left_alone() -> None:
    rung = []
    before = signal.signal(signal.SIGALRM, lambda *_: rung.append(True))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.03)
        with time_limit(0.01):
            time.sleep(0.06)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert rung == [True]


def test_in_a_child() -> None:
    def work() -> str:
        try:
            with time_limit(0.05), stage("working"):
                forever()
        except OutOfTimeError as late:
            return late.doing
        return ""

    assert run(Task("t", work, (str,), 10.0)) == "working"


def test_a_child_that_is_stopped_says_what_it_did() -> None:
    def work() -> str:
        with stage("the first thing"), stage("counting to ten"):
            time.sleep(10)
        return ""

    found = run(Task("t", work, (str,), 0.3))
    assert isinstance(found, Failure)
    assert found.reason == "time"
    assert found.detail.endswith("s, while counting to ten")


def proof() -> dict[str, Any]:
    """Something with a statement, for a kernel that does not look at it."""
    return {"kind": "proof", "problem": {}}


def never_ending(tmp_path: Path) -> Path:
    kernel = tmp_path / "kernel.py"
    kernel.write_text("import time\ntime.sleep(1000)\n")
    return kernel


def test_a_kernel_ends_with_the_block_that_is_cut_off(tmp_path: Path) -> None:
    """Between its start and the ``with`` that ends it, too; those from before it do not."""
    kernel = never_ending(tmp_path)
    with PendingCheck(proof(), 60, kernel) as before:
        kept: list[PendingCheck] = []

        def start_and_go_on() -> None:
            kept.append(PendingCheck(proof(), 60, kernel))
            forever()

        with pytest.raises(OutOfTimeError), time_limit(0.1):
            start_and_go_on()
        runs = [check._run for check in (before, *kept)]
        assert [run.process.poll() is None for run in runs if isinstance(run, OwnRun)] == [True, False]


@pytest.mark.parametrize("threads", [0, 1])
def test_a_kernel_whose_start_is_cut_off_ends_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, threads: int
) -> None:
    """Also where another thread is given the timer's signal."""
    done = threading.Event()
    for _ in range(threads):
        threading.Thread(target=done.wait, daemon=True).start()
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def slow(*args: Any, **named: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **named))
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            pass
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", slow)
    with pytest.raises(OutOfTimeError), time_limit(0.1):
        PendingCheck(proof(), 60, never_ending(tmp_path))
    done.set()
    assert [process.poll() is not None for process in started] == [True]


def test_a_run_that_nobody_ended_hides_no_later_one(tmp_path: Path) -> None:
    """A check that was dropped stays in the books; one that takes its place in memory is still another one."""
    before = running()
    kernel = never_ending(tmp_path)
    try:
        for dropped in range(1, 9):
            PendingCheck(proof(), 60, kernel)
            assert len(running() - before) == dropped
    finally:
        end_others(before)
    assert running() == before
