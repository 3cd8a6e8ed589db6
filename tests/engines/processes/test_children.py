"""Budgets stop, and no fault in a child process turns into a value."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from types import FrameType

import pytest
from waiting import HANG, alive, gone, in_the_end, until_it_reached, wait_for

from mechverify.engines.engine import GaveUp, ProofFound
from mechverify.engines.processes import children as processes
from mechverify.engines.processes.children import Failure, Finished, Task, keep, memory_of_each, race, run
from mechverify.engines.processes.wire import pack

pytestmark = pytest.mark.usefixtures("ceilings_as_told")

OUTCOMES = (ProofFound, GaveUp)
PROOF = ProofFound((["leaf"],), 96)


def task(function: Callable[[], object], seconds: float = HANG, memory: int | None = None) -> Task[object]:
    return Task("child", function, OUTCOMES, seconds, memory)


def forever() -> object:
    while True:
        time.sleep(1)


def _pipe() -> int:
    """The write end of the result pipe, found from inside the child: other pipes may be open, from tests before."""
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code.co_name != "_live":
        frame = frame.f_back
    assert frame is not None
    return frame.f_locals["writer"]


def send_and_stop(data: bytes) -> object:
    os.write(_pipe(), data)
    os._exit(0)


def test_a_value_arrives() -> None:
    assert run(task(lambda: PROOF)) == PROOF


def test_a_large_value_arrives() -> None:
    value = GaveUp("time", "x" * 3_000_000)
    assert run(task(lambda: value)) == value


def raises() -> object:
    raise ValueError("boom")


def eats_memory() -> object:
    return len([bytearray(1 << 20) for _ in range(100_000)])


def recurses() -> object:
    return recurses()


def segfaults() -> object:
    return ctypes.string_at(0)


def exits() -> object:
    sys.exit(0)


FAULTS: dict[str, tuple[Callable[[], object], str]] = {
    "raises": (raises, "crash"),
    "exits quietly": (exits, "crash"),
    "exits at once": (lambda: os._exit(0), "crash"),
    "kills itself": (lambda: os.kill(os.getpid(), signal.SIGKILL), "crash"),
    "aborts": (os.abort, "crash"),
    "segfaults": (segfaults, "crash"),
    "recurses": (recurses, "crash"),
    "returns None": (lambda: None, "crash"),
    "returns True": (lambda: True, "crash"),
    "returns the class": (lambda: ProofFound, "crash"),
    "returns a look-alike": (lambda: {"steps": [["leaf"]], "precision": 96}, "crash"),
    "returns what cannot travel": (lambda: {1, 2, 3}, "crash"),
    "sends garbage": (lambda: send_and_stop(b"garbage" * 100), "crash"),
    "sends half a frame": (lambda: send_and_stop(pack(PROOF)[:-5]), "crash"),
    "sends a damaged frame": (lambda: send_and_stop(pack(PROOF)[:-1] + b"x"), "crash"),
    "sends half a header": (lambda: send_and_stop(pack(PROOF)[:10]), "crash"),
    "sends two frames": (lambda: send_and_stop(pack(PROOF) * 2), "crash"),
    "eats memory": (eats_memory, "memory"),
    "raises MemoryError": (lambda: (_ for _ in ()).throw(MemoryError()), "memory"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_a_failure(fault: str) -> None:
    function, reason = FAULTS[fault]
    answer = run(task(function, memory=1 << 28))
    assert isinstance(answer, Failure)
    assert answer.reason == reason, answer


@pytest.mark.parametrize("sent", [b"", pack(PROOF)[:-5]], ids=["silent", "half a frame"])
def test_a_hang_is_stopped(sent: bytes, tmp_path: Path) -> None:
    pid = tmp_path / "pid"

    def hang() -> object:
        os.write(_pipe(), sent)
        pid.write_text(str(os.getpid()))
        return forever()

    answer = until_it_reached(lambda limit: run(task(hang, limit)), lambda: pid.exists() and pid.read_text())
    assert isinstance(answer, Failure)
    assert answer.reason == "time", answer
    assert not alive(int(pid.read_text()))


def test_ignoring_signals_does_not_help(tmp_path: Path) -> None:
    pid = tmp_path / "pid"

    def stubborn() -> object:
        for which in (signal.SIGTERM, signal.SIGINT, signal.SIGALRM):
            signal.signal(which, signal.SIG_IGN)
        pid.write_text(str(os.getpid()))
        return forever()

    answer = until_it_reached(lambda limit: run(task(stubborn, limit)), lambda: pid.exists() and pid.read_text())
    assert isinstance(answer, Failure)
    assert answer.reason == "time"
    assert re.fullmatch(r"child was stopped after \d+\.\d s", answer.detail)
    assert not alive(int(pid.read_text()))


def test_an_exception_names_itself() -> None:
    answer = run(task(raises))
    assert isinstance(answer, Failure)
    assert answer.error == "ValueError"
    assert "ValueError: boom" in answer.detail


@pytest.mark.parametrize("how", ["hang", "return", "crash"])
def test_no_orphans(tmp_path: Path, how: str) -> None:
    note = tmp_path / "pids"

    def written() -> str:
        return note.read_text() if note.exists() else ""

    def nested() -> object:
        sleeper = subprocess.Popen(["sleep", "600"])

        def inner() -> object:
            note.write_text(f"{sleeper.pid} {os.getpid()}")
            return forever()

        if how == "hang":
            return run(task(inner))
        results = race([task(inner), task(lambda: PROOF)], cores=2)
        assert next(results).value == PROOF
        wait_for(written, "the inner task")
        if how == "crash":
            os._exit(1)
        return PROOF

    answer = until_it_reached(lambda limit: run(task(nested, limit if how == "hang" else HANG)), written)
    assert (answer == PROOF) is (how == "return")
    for pid in note.read_text().split():
        assert gone(int(pid))


def test_children_die_with_a_killed_parent(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"""
import os, time
from mechverify.engines.processes.children import Task, run
def child():
    open({str(note)!r}, "w").write(str(os.getpid()))
    time.sleep(600)
run(Task("child", child, (int,), 600))
"""
    parent = subprocess.Popen([sys.executable, "-c", script])
    wait_for(lambda: note.exists() and note.read_text(), "the child")
    pid = int(note.read_text())
    assert alive(pid)
    parent.kill()
    parent.wait()
    assert gone(pid)


def test_an_interrupt_kills_the_children_and_propagates(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"""
import os, signal, time
from mechverify.engines.processes.children import Task, run
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
def child():
    open({str(note)!r}, "w").write(str(os.getpid()))
    time.sleep(600)
try:
    run(Task("child", child, (int,), 600))
except KeyboardInterrupt:
    print("interrupted", flush=True)
    time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as parent:
        wait_for(lambda: note.exists() and note.read_text(), "the child")
        parent.send_signal(signal.SIGINT)
        assert parent.stdout is not None
        assert parent.stdout.readline() == "interrupted\n"
        assert gone(int(note.read_text()))
        parent.kill()


def test_race_yields_as_results_come_and_kills_the_losers(tmp_path: Path) -> None:
    note = tmp_path / "pid"

    def slow() -> object:
        note.write_text(str(os.getpid()))
        return forever()

    with closing(race([task(slow), task(raises), task(lambda: PROOF)], cores=2)) as results:
        first, second = next(results), next(results)
    assert (first.index, second.index) == (1, 2)
    assert isinstance(first.value, Failure)
    assert second.value == PROOF
    assert not note.exists() or gone(int(note.read_text()))


def test_no_more_than_cores_at_once(tmp_path: Path) -> None:
    def count(k: int) -> Callable[[], object]:
        def work() -> object:
            (tmp_path / str(k)).touch()
            time.sleep(0.05)
            running = len(list(tmp_path.iterdir()))
            (tmp_path / str(k)).unlink()
            return GaveUp("time", str(running))

        return work

    seen = [f.value for f in race([task(count(k)) for k in range(6)], cores=2)]
    counts = [int(v.detail) for v in seen if isinstance(v, GaveUp)]
    assert len(counts) == 6
    assert max(counts) <= 2


class Door:
    """A gate that admits each task once its index has come through a pipe, and all of them once it was ``asked`` so
    often."""

    def __init__(self, asked: int) -> None:
        self.reader, self.writer = os.pipe()
        self.admitted: set[int] = set()
        self.asked = asked

    def fileno(self) -> int:
        return self.reader

    def read(self) -> bool:
        data = os.read(self.reader, 1)
        self.admitted |= set(data)
        return bool(data)

    def admits(self, index: int) -> bool:
        return index in self.admitted or self.asked == 0

    def asked_again(self) -> float:
        self.asked -= 1
        return in_the_end() if self.asked < 0 else 0.0


def test_a_gate_holds_tasks_back_until_something_comes() -> None:
    door = Door(-1)
    begun: list[int] = []
    os.write(door.writer, b"\1")
    with closing(race([task(lambda: PROOF)] * 3, 2, started=begun.append, gate=door)) as results:
        first = next(results)
        assert (first.index, begun) == (1, [1])
        os.write(door.writer, b"\2\0")
        os.close(door.writer)  # what was to come has come, and the rest goes on
        assert {one.index for one in results} == {0, 2}
    assert begun in ([1, 2, 0], [1, 0, 2])


def test_a_gate_that_stays_shut_is_asked_again_and_ends_with_the_race() -> None:
    with closing(race([task(lambda: PROOF)], 1, gate=Door(3))) as results:
        assert next(results).value == PROOF
    with closing(race([task(lambda: PROOF)], 1, seconds=0.05, gate=Door(-1))) as results:
        found = next(results).value
        assert isinstance(found, Failure)
        assert found.reason == "time"


def test_the_race_as_a_whole_is_bounded(tmp_path: Path) -> None:
    def noted() -> object:
        (tmp_path / str(os.getpid())).touch()
        return forever()

    results = list(race([task(noted), task(noted), task(lambda: PROOF)], cores=2, seconds=0.3))
    assert [r.index for r in results if isinstance(r.value, Failure)] == [0, 1, 2]
    assert not any(alive(int(one.name)) for one in tmp_path.iterdir())


def _with_part(how: Callable[[], object], reached: Path) -> object:
    keep(GaveUp("time", "the first"))
    keep(ProofFound((["x" * 200_000],), 96))
    keep(PROOF)
    reached.touch()
    return how()


@pytest.mark.parametrize("how", [forever, raises, segfaults, eats_memory])
def test_what_was_put_aside_arrives_whatever_the_end(how: Callable[[], object], tmp_path: Path) -> None:
    reached = tmp_path / "reached"

    def attempt(limit: float) -> Finished[object]:
        (found,) = race([task(lambda: _with_part(how, reached), limit, 1 << 28)], cores=1)
        return found

    found = until_it_reached(attempt, reached.exists)
    assert isinstance(found.value, Failure)
    assert found.kept == PROOF


def test_a_value_of_another_kind_is_not_kept_nor_half_a_value(tmp_path: Path) -> None:
    reached = tmp_path / "reached"

    def work() -> object:
        keep(PROOF)
        keep("PROVED")
        assert processes._shelf is not None
        os.write(processes._shelf, pack(GaveUp("time", "half"))[:-3])
        reached.touch()
        return forever()

    def attempt(limit: float) -> Finished[object]:
        (found,) = race([task(work, limit)], cores=1)
        return found

    found = until_it_reached(attempt, reached.exists)
    assert found.kept == PROOF


def test_nothing_is_kept_of_a_task_that_ends_well_nor_outside_a_child(tmp_path: Path) -> None:
    keep(PROOF)
    (found,) = race([task(lambda: _with_part(lambda: PROOF, tmp_path / "reached"))], cores=1)
    assert (found.value, found.kept) == (PROOF, None)


def test_noise_on_standard_output_is_harmless(capfd: pytest.CaptureFixture[str]) -> None:
    def noisy() -> object:
        os.write(1, b"PROVED\n" * 100_000)
        os.write(2, b"noise\n")
        return PROOF

    assert run(task(noisy)) == PROOF
    assert capfd.readouterr().out == ""


def test_the_parent_stays_the_parent() -> None:
    assert processes._inside_child is False
    run(task(lambda: PROOF))
    assert processes._inside_child is False


def test_a_limit_for_every_process_holds_in_those_that_it_starts() -> None:
    def nested() -> object:
        return run(task(eats_memory, memory=1 << 34)).reason  # type: ignore[union-attr]

    with memory_of_each(1 << 28):
        assert run(task(eats_memory, memory=1 << 34)).reason == "memory"  # type: ignore[union-attr]
        assert run(Task("parent", nested, (str,), HANG, 1 << 34)) == "memory"
