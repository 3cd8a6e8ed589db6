"""A kernel that was started ahead of time answers as any other, and goes with those who started it."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from mechverify.engines.engine import ProofFound
from mechverify.engines.kernel_process import WaitingKernel, check_certificate
from mechverify.engines.problem import problem_data, proof_certificate
from mechverify.engines.processes import Task, race
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation


def proof(bound: int) -> dict[str, Any]:
    """A one-leaf certificate that relu(x) <= bound for x in 0 .. 10."""
    b = GraphBuilder()
    x = b.input("x", "integer", Fraction(0), Fraction(10))
    claim = b.le(b.relu(x), b.const(bound))
    assumption = b.boolean(True)
    problem = problem_data(Obligation(b.graph(), assumption, claim))
    return proof_certificate(problem, ProofFound((["leaf"],), 96), (Fraction(1),))


def running(pid: int) -> bool:
    """Whether a process with this id is still at work."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(("bound", "answer"), [(10, "valid"), (9, "invalid")])
def test_it_answers_and_is_used_once(bound: int, answer: str) -> None:
    with WaitingKernel() as waiting:
        assert check_certificate(proof(bound), 20, waiting=waiting).answer == answer
        assert waiting.take(waiting.kernel) is None
        assert check_certificate(proof(bound), 20, waiting=waiting).answer == answer


def test_a_certificate_beyond_what_a_pipe_holds() -> None:
    data = {**proof(10), "about": {"text": "x" * (1 << 20)}}
    with WaitingKernel() as waiting:
        assert check_certificate(data, 20, waiting=waiting).answer == "valid"


def test_a_child_that_was_forked_since_does_not_keep_it_waiting() -> None:
    with WaitingKernel() as waiting:
        tasks = [Task("quick", lambda: 1, (int,), 60.0), Task("slow", lambda: time.sleep(60) or 2, (int,), 60.0)]
        with closing(race(tasks, cores=2)) as results:
            next(results)
            assert check_certificate(proof(10), 20, waiting=waiting).answer == "valid"  # while the slow one sleeps on


def test_another_kernel_is_asked_itself(tmp_path: Path) -> None:
    other = tmp_path / "kernel.py"
    other.write_text("raise SystemExit(1)")
    with WaitingKernel() as waiting:
        assert check_certificate(proof(10), 20, other, waiting).answer == "failed"
        assert waiting.take(waiting.kernel) is not None


def test_one_that_died_is_replaced() -> None:
    with WaitingKernel() as waiting:
        process = waiting.take(waiting.kernel)
        assert process is not None
        process.kill()
        process.wait()
        waiting._process = process
        assert check_certificate(proof(10), 20, waiting=waiting).answer == "valid"


def test_a_faulty_one_is_not_believed(tmp_path: Path) -> None:
    fake = tmp_path / "kernel.py"
    fake.write_text("import sys; open(sys.argv[1]).read(); print('valid')")
    with WaitingKernel(fake) as waiting:
        assert check_certificate(proof(10), 20, fake, waiting).answer == "failed"


def test_a_hanging_one_is_stopped(tmp_path: Path) -> None:
    fake = tmp_path / "kernel.py"
    fake.write_text("import time; time.sleep(60)")
    data = {**proof(10), "about": {"text": "x" * (1 << 20)}}
    with WaitingKernel(fake) as waiting:
        process = waiting._process
        assert check_certificate(data, 0.3, fake, waiting).late
    assert process is not None
    assert process.returncode == -signal.SIGKILL


def test_nobody_takes_it() -> None:
    with WaitingKernel() as waiting:
        process = waiting._process
        assert process is not None
    assert process.returncode is not None


@pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")
def test_it_ends_with_its_parent() -> None:
    program = (
        "import sys, time\n"
        "from mechverify.engines.kernel_process import WaitingKernel\n"
        "waiting = WaitingKernel()\n"
        "print(waiting._process.pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert running(pid)
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        deadline = time.monotonic() + 20
        while running(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert not running(pid)
