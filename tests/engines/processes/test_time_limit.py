"""Work in one's own process is ended in the middle, says what it was, and leaves the process as it was."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ticking_clock import TickingClock, ticking
from waiting import HANG, endless, spin, until_it_reached

from mechverify.engines.processes import time_limit as module
from mechverify.engines.processes.children import Failure, Task, run
from mechverify.engines.processes.kernel import PendingCheck, end_others, running
from mechverify.engines.processes.kernel_runs import OwnRun
from mechverify.engines.processes.time_limit import OutOfTimeError, stage, time_limit

pytestmark = pytest.mark.usefixtures("ceilings_as_told")

began: list[bool] = []


def forever() -> None:
    began.append(True)
    while True:
        with suppress(Exception):  # what swallows everything
            endless()


def out_of_time(work: Callable[[float], None]) -> OutOfTimeError:
    """The error of work under a limit within which it got to ``forever``."""

    def attempt(limit: float) -> OutOfTimeError:
        with pytest.raises(OutOfTimeError) as caught:
            work(limit)
        return caught.value

    return until_it_reached(attempt, lambda: began)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    began.clear()
    before = signal.getsignal(signal.SIGALRM)
    yield
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_seconds_in_which_the_machine_had_no_core_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    ticking(monkeypatch, 0.01)
    kept = iter((3.0, 3.0 + 1e6, 3.0 + 1e6, 3.0 + 1e6))
    monkeypatch.setattr(module, "seconds_kept_waiting", lambda: next(kept))
    seconds: list[float] = []
    monkeypatch.setattr(module, "_take_timer", lambda ring, left: seconds.append(left) or (lambda: None))
    with time_limit(10.0, of_its_own=True):
        pass
    with time_limit(10.0):
        pass
    assert seconds[0] > 1e5
    assert seconds[1] <= 10.0


def test_waiting_for_a_core_is_counted_by_the_system() -> None:
    before = module.seconds_kept_waiting()
    assert 0 <= before <= module.seconds_kept_waiting()
    assert before < 1e6, "seconds, not nanoseconds"


def test_the_innermost_stage_is_named() -> None:
    def work(limit: float) -> None:
        with stage("sleeping"), time_limit(limit), stage("counting sheep"):
            forever()

    late = out_of_time(work)
    assert late.doing == "counting sheep"
    assert "while counting sheep" in str(late)


def test_what_is_done_in_time() -> None:
    with time_limit(HANG), stage("x"):
        found = 1 + 1
    assert found == 2


def test_other_errors_pass() -> None:
    with pytest.raises(ValueError, match="mine"), time_limit(HANG):
        raise ValueError("mine")


@pytest.mark.parametrize("first", [True, False])
def test_the_shorter_of_two_limits_ends_the_work(first: bool) -> None:
    limits: list[float] = []

    def work(limit: float) -> None:
        limits.append(limit)
        outer, inner = (limit, HANG) if first else (HANG, limit)
        with time_limit(outer), time_limit(inner):
            forever()

    assert out_of_time(work).seconds == limits[-1]


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
    """The clock goes on by 0.03 s each time that it is read: at the first ring of the timer the limit of 0.05 s is over,
    but for 0.1 s in which the kernel has checked."""
    clock, checked = TickingClock(0.03), [0.0, 0.0]
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=clock))
    rings: list[float] = []

    def seconds() -> float:
        if checked:
            return checked.pop()
        rings.append(0.1)
        return rings[-1]

    monkeypatch.setattr(module, "seconds_checking", seconds)
    with pytest.raises(OutOfTimeError), time_limit(0.05):
        forever()
    assert len(rings) > 1


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


def test_in_a_child(tmp_path: Path) -> None:
    def work(limit: float) -> str:
        try:
            with time_limit(limit), stage("working"):
                (tmp_path / "working").touch()
                forever()
        except OutOfTimeError as late:
            return late.doing
        return ""

    def attempt(limit: float) -> str | Failure:
        return run(Task("t", lambda: work(limit), (str,), HANG))

    assert until_it_reached(attempt, (tmp_path / "working").exists) == "working"


def test_a_child_that_is_stopped_says_what_it_did(tmp_path: Path) -> None:
    def work() -> str:
        with stage("the first thing"), stage("counting to ten"):
            (tmp_path / "counting").touch()
            time.sleep(HANG)
        return ""

    found = until_it_reached(lambda limit: run(Task("t", work, (str,), limit)), (tmp_path / "counting").exists)
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
    with PendingCheck(proof(), 600, kernel) as before:
        kept: list[PendingCheck] = []

        def start_and_go_on() -> None:
            kept.append(PendingCheck(proof(), 600, kernel))
            forever()

        def work(limit: float) -> None:
            with time_limit(limit):
                start_and_go_on()

        out_of_time(work)
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

    def start_and_go_on() -> None:
        PendingCheck(proof(), 600, never_ending(tmp_path))
        endless()  # another thread may be given the signal while it is held back

    def cut_off(limit: float) -> None:
        def slow(*args: Any, **named: Any) -> subprocess.Popen[bytes]:
            started.append(popen(*args, **named))
            spin(3 * limit)
            return started[-1]

        monkeypatch.setattr(subprocess, "Popen", slow)
        with pytest.raises(OutOfTimeError), time_limit(limit):
            start_and_go_on()

    until_it_reached(cut_off, lambda: started)
    done.set()
    assert [process.poll() is not None for process in started] == [True]


def test_a_run_that_nobody_ended_hides_no_later_one(tmp_path: Path) -> None:
    """A check that was dropped stays in the books; one that takes its place in memory is still another one."""
    before = running()
    kernel = never_ending(tmp_path)
    try:
        for dropped in range(1, 9):
            PendingCheck(proof(), 600, kernel)
            assert len(running() - before) == dropped
    finally:
        end_others(before)
    assert running() == before
