"""Checks in processes that the kernel's host forks: the same answers, nothing shared, nothing left, no lie believed."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from faulty_hosts import FAULTY, HANGS, HONEST, MIXED
from waiting import gone, line_in, number_in, until_it_reached

from mechverify.engines.certificates.problem import point_certificate, problem_data, proof_certificate
from mechverify.engines.engine import ProofFound
from mechverify.engines.processes import kernel_hosts, kernel_runs
from mechverify.engines.processes.children import Task, race
from mechverify.engines.processes.kernel import KernelAnswer, PendingCheck, check_certificate
from mechverify.engines.processes.kernel_hosts import KERNEL, KernelHost, no_host, shared_host
from mechverify.engines.processes.kernel_runs import HostedRun, OwnRun
from mechverify.engines.processes.time_limit import OutOfTimeError, time_limit
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation

pytestmark = [
    pytest.mark.usefixtures("ceilings_as_told"),
    pytest.mark.skipif(sys.platform != "linux", reason="there are hosts on Linux alone"),
]

MAIN = (KERNEL.parent / "__main__.py").read_text()


def problem(bound: int) -> dict[str, Any]:
    """relu(x) <= bound for x in 0 .. 10."""
    b = GraphBuilder()
    x = b.input("x", "integer", Fraction(0), Fraction(10))
    claim, assumption = b.le(b.relu(x), b.const(bound)), b.boolean(True)
    return problem_data(Obligation(b.graph(), assumption, claim))


def proof(bound: int) -> dict[str, Any]:
    return proof_certificate(problem(bound), ProofFound((["leaf"],), 96), (Fraction(1),))


def package(folder: Path, body: str) -> Path:
    """A kernel of one module, loaded as the real one is; ``body`` is what its ``main`` does with ``path``."""
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "__main__.py").write_text(MAIN)
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    (folder / "entry.py").write_text(f"import os, sys\ncount = 0\n\n\ndef main(arguments):\n    path, = arguments\n{lines}")
    return folder / "__main__.py"


@pytest.fixture
def started() -> Iterator[Callable[..., KernelHost]]:
    """Starts hosts that do not outlive the test."""
    hosts: list[KernelHost] = []

    def start(*arguments: Path) -> KernelHost:
        hosts.append(KernelHost(*arguments))
        return hosts[-1]

    yield start
    for host in hosts:
        host.end_with_starter()


def sleeping(tmp_path: Path) -> tuple[Path, Path]:
    """A kernel that does not end, and the file that it writes its process's number to."""
    pid = tmp_path / "pid"
    words = f"open({str(pid)!r}, 'w').write(str(os.getpid()) + '\\n')\nimport time\ntime.sleep(1000)"
    return package(tmp_path / "kernel", words), pid


CERTIFICATES: list[tuple[str, dict[str, Any]]] = [
    ("valid", proof(10)),
    ("valid", point_certificate(problem(9), (Fraction(10),))),
    ("valid", {**proof(10), "about": {"text": "x" * (1 << 20)}}),
    ("unconfirmed", point_certificate(problem(9), (Fraction(10),), replay={"runtime": "none"})),
    ("invalid", proof(9)),
    ("invalid", point_certificate(problem(9), (Fraction(9),))),
    ("invalid", {**proof(10), "steps": []}),
    ("invalid", {**proof(10), "steps": [["leaf"], ["leaf"]]}),
    ("failed", {k: v for k, v in proof(10).items() if k != "precision"}),
]


@pytest.mark.parametrize("case", range(len(CERTIFICATES)))
def test_the_same_answer_as_from_a_process_of_its_own(case: int) -> None:
    word, data = CERTIFICATES[case]
    answers = [replace(check_certificate(data, 20, host=host), seconds=0.0) for host in (shared_host, no_host)]
    assert answers[0] == answers[1]
    assert answers[0].answer == word


def test_the_stack_is_as_deep_as_in_a_process_of_its_own(started: Callable[..., KernelHost], tmp_path: Path) -> None:
    words = (
        "def deep(n):\n    try:\n        return deep(n + 1)\n    except RecursionError:\n        return n\n"
        "print(deep(0))\nreturn 0"
    )
    kernel = package(tmp_path / "kernel", words)
    runs = (HostedRun(started(kernel), "x"), OwnRun(kernel, "x"))
    ends = [run.wait(20) for run in runs]
    for run in runs:
        run.end()
    assert ends[0] == ends[1]
    assert ends[0].code == 0


@pytest.mark.parametrize("words", ["raise ValueError", "sys.exit(0)", "raise KeyboardInterrupt", "os.close(1)\nreturn 0"])
def test_a_check_that_breaks_off_does_not_end_well(words: str, started: Callable[..., KernelHost], tmp_path: Path) -> None:
    run = HostedRun(started(package(tmp_path / "kernel", f"print('valid')\n{words}")), "x")
    ended = run.wait(20)
    run.end()
    assert ended.code != 0
    assert ended.errors


def test_what_a_check_finds_around_it(started: Callable[..., KernelHost], tmp_path: Path) -> None:
    """The standard library and the kernel, three open files, limited memory; as in a process of its own."""
    words = (
        "import resource, sys\n"
        "homes = [getattr(m, '__file__', None) or '' for m in sys.modules.values()]\n"
        "foreign = [h for h in homes if h and not h.startswith((sys.base_prefix, os.path.dirname(__file__)))]\n"
        "packages = [h for h in homes if 'site-packages' in h]\n"
        "print([sys.flags.isolated, sys.flags.no_site, sys.path, sorted(set(os.listdir('/proc/self/fd')) - {'3'}),"
        " resource.getrlimit(resource.RLIMIT_AS), sys.stdin.read(), packages, path, sys.getrecursionlimit()])\n"
        "sys.stderr.write(repr([h for h in foreign if not h.endswith('kernel_host.py')]))\nreturn 3"
    )
    kernel = package(tmp_path / "kernel", words)
    own, hosted = OwnRun(kernel, "x y"), HostedRun(started(kernel), "x y")
    ends = [run.wait(20) for run in (own, hosted)]
    for run in (own, hosted):
        run.end()
    assert ends[0] == ends[1]
    assert (ends[1].code, ends[1].errors) == (3, b"[]")
    assert b"'x y'" in ends[1].output


def test_nothing_of_one_check_reaches_another(started: Callable[..., KernelHost], tmp_path: Path) -> None:
    words = (
        "global count\ncount += 1\nprint(count, path, os.getcwd(), len(sys.argv))\n"
        "os.chdir('/')\nsys.argv.append('x')\nsys.stdout.write('more')\nreturn 0"
    )
    host = started(package(tmp_path / "kernel", words))
    said = []
    for path in "ab":
        run = HostedRun(host, path)
        said.append(run.wait(20).output.split())
        run.end()
    assert said[0][:2] == [b"1", b"a"]
    assert said[1] == [b"1", b"b", *said[0][2:]]


def test_several_processes_ask_at_once() -> None:
    """Children of children too; every answer is about what was asked."""

    def ask() -> list[tuple[int, str, bool]]:
        found = []
        for bound in (9, 10, 8, 11):
            data = proof(bound)
            answer = check_certificate(data, 60)
            found.append((bound, answer.answer, answer.problem_sha256 == kernel_sha(data)))
        return found

    def kernel_sha(data: dict[str, Any]) -> str:
        from mechverify.engines.certificates.problem import problem_sha256

        return problem_sha256(data["problem"])

    def nested() -> list[tuple[int, str, bool]]:
        with closing(race([Task("inner", ask, (list,), 60.0)], cores=1)) as results:
            value = next(results).value
        assert isinstance(value, list)
        return value

    host = shared_host(KERNEL)
    assert host is not None
    tasks = [Task(f"t{k}", nested if k % 2 else ask, (list,), 60.0) for k in range(4)]
    with closing(race(tasks, cores=4)) as results:
        values = [finished.value for finished in results]
    right = [(9, "invalid", True), (10, "valid", True), (8, "invalid", True), (11, "valid", True)]
    assert values == [right] * 4
    assert shared_host(KERNEL) is host


def test_two_checks_at_once_in_one_process() -> None:
    with PendingCheck(proof(10), 20) as first, PendingCheck(proof(9), 20) as second:
        assert (second.answer().answer, first.answer().answer) == ("invalid", "valid")


def test_a_host_that_says_it_right_is_believed(started: Callable[..., KernelHost], tmp_path: Path) -> None:
    """The faults below fail for what is wrong with them."""
    script = tmp_path / "host.py"
    script.write_text(HONEST)
    assert check_certificate(proof(9), 20, host=lambda _: started(KERNEL, script)).answer == "valid"


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_host_is_never_believed(name: str, started: Callable[..., KernelHost], tmp_path: Path) -> None:
    script = tmp_path / "host.py"
    script.write_text(FAULTY[name])
    host = started(KERNEL, script)
    answer = check_certificate(proof(9), 20, host=lambda _: host)
    assert answer.answer in ("failed", "invalid")  # invalid: by the kernel itself, in a process of its own
    assert answer.reason


@pytest.mark.parametrize("name", HANGS)
def test_a_host_that_hangs(name: str, started: Callable[..., KernelHost], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(kernel_runs, "_END_SECONDS", 0.1)
    script = tmp_path / "host.py"
    script.write_text(HANGS[name])
    host = started(KERNEL, script)
    answer = check_certificate(proof(10), 0.3, host=lambda _: host)
    assert (answer.answer, answer.late) == ("failed", True)
    assert not host.alive


def test_a_host_that_does_not_begin_is_given_up(started: Callable[..., KernelHost], tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(kernel_runs, "_START_SECONDS", 0.1)
    script = tmp_path / "host.py"
    script.write_text(HANGS["it never answers"])
    host = started(KERNEL, script)
    assert [check_certificate(proof(b), 20, host=lambda _: host).answer for b in (10, 9)] == ["valid", "invalid"]
    assert not host.alive


def test_a_host_that_mixes_two_answers(started: Callable[..., KernelHost], tmp_path: Path) -> None:
    script = tmp_path / "host.py"
    script.write_text(MIXED)
    host = started(KERNEL, script)
    with PendingCheck(proof(10), 20, host=lambda _: host) as one, PendingCheck(proof(11), 20, host=lambda _: host) as two:
        answers = [one.answer(), two.answer()]
    assert [a.answer for a in answers] == ["failed", "failed"]
    assert all("another problem" in a.reason for a in answers)


@pytest.mark.parametrize("damage", ["no file", "no package", "no entry", "a syntax error", "a folder"])
def test_a_host_of_a_kernel_that_is_none(damage: str, started: Callable[..., KernelHost], tmp_path: Path) -> None:
    kernel = package(tmp_path / "kernel", "return 0")
    if damage == "no file":
        kernel.unlink()
    elif damage == "no package":
        (kernel.parent / "__init__.py").unlink()
    elif damage == "no entry":
        (kernel.parent / "entry.py").unlink()
    elif damage == "a syntax error":
        (kernel.parent / "entry.py").write_text("valid valid")
    else:
        kernel = kernel.parent
    host = started(kernel)
    assert check_certificate(proof(10), 20, kernel, lambda _: host).answer == "failed"


def test_another_kernel_than_ours_is_not_asked_of_the_shared_host(tmp_path: Path) -> None:
    assert shared_host(package(tmp_path / "kernel", "return 0")) is None
    assert shared_host(KERNEL.parent / "api.py") is None


def test_a_host_with_site_packages_does_not_serve() -> None:
    command = [sys.executable, "-I", str(kernel_hosts._SCRIPT), str(KERNEL), str(os.getpid())]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == 1
    assert b"-I -S" in done.stderr


def test_a_host_that_was_killed_is_replaced_and_not_for_ever(monkeypatch: Any) -> None:
    monkeypatch.setattr(kernel_hosts, "_started", [])
    hosts = []
    for _ in range(5):
        host = shared_host(KERNEL)
        hosts.append(host)
        assert check_certificate(proof(9), 20).answer == "invalid"
        if host is not None:
            host.process.kill()
            host.process.wait()
    assert [host is None for host in hosts] == [False, False, False, True, True]


def nothing_of_the_kind(*_: Any, **__: Any) -> Any:
    raise OSError(38, "Function not implemented")


@pytest.mark.parametrize("lacking", ["os.pidfd_open", "signal.pidfd_send_signal", "socket.socketpair", "subprocess.Popen"])
def test_where_there_can_be_no_host(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel_hosts, "_started", [])
    if "pidfd" in lacking:
        monkeypatch.delattr(lacking)
    else:
        monkeypatch.setattr(lacking, nothing_of_the_kind)
    assert shared_host(KERNEL) is None
    if lacking != "subprocess.Popen":
        assert [check_certificate(proof(bound), 20).answer for bound in (10, 9)] == ["valid", "invalid"]
    else:
        assert check_certificate(proof(10), 20).answer == "failed"


def test_where_processes_have_no_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was started before that turned out is ended."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def kept(*args: Any, **named: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **named))
        return started[-1]

    monkeypatch.setattr(kernel_hosts, "_started", [])
    monkeypatch.setattr(subprocess, "Popen", kept)
    monkeypatch.setattr(os, "pidfd_open", nothing_of_the_kind)
    assert shared_host(KERNEL) is None
    assert [process.returncode for process in started] == [-signal.SIGKILL]
    assert check_certificate(proof(9), 20).answer == "invalid"


def test_a_host_that_can_fork_no_more(started: Callable[..., KernelHost]) -> None:
    """The check is done in a process of its own; the host goes on."""
    host = started(KERNEL)
    assert check_certificate(proof(10), 20, host=lambda _: host).answer == "valid"
    before = resource.prlimit(host.process.pid, resource.RLIMIT_NOFILE, (4, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
    assert [check_certificate(proof(bound), 20, host=lambda _: host).answer for bound in (10, 9)] == ["valid", "invalid"]
    resource.prlimit(host.process.pid, resource.RLIMIT_NOFILE, before)
    assert host.alive
    assert check_certificate(proof(9), 20, host=lambda _: host).answer == "invalid"


def test_a_request_that_does_not_fit(started: Callable[..., KernelHost]) -> None:
    """Refused requests lose their channels, and those that follow are served."""
    host = started(KERNEL)
    host.ask(b"x", ())
    host.ask(b"x" * 20, (1, 2))
    host.ask(b"x" * 16, (1, 2, 2))
    host.ask(bytes(16) + b"/nowhere", (os.open(os.devnull, os.O_WRONLY),))
    assert check_certificate(proof(10), 20, host=lambda _: host).answer == "valid"


def test_leaving_the_block_kills_the_check(started: Callable[..., KernelHost], tmp_path: Path) -> None:
    kernel, pid = sleeping(tmp_path)
    host = started(kernel)
    with PendingCheck(proof(10), 60, kernel, lambda _: host):
        number = number_in(pid)
    assert not Path(f"/proc/{number}").exists()
    assert host.alive


def test_a_check_that_takes_too_long_is_killed(started: Callable[..., KernelHost], tmp_path: Path) -> None:
    kernel, pid = sleeping(tmp_path)
    host = started(kernel)
    answer = until_it_reached(lambda limit: check_certificate(proof(10), limit, kernel, lambda _: host), lambda: line_in(pid))
    assert answer.late
    assert not Path(f"/proc/{number_in(pid)}").exists()
    assert host.alive


def test_the_end_of_a_time_limit_kills_the_check(started: Callable[..., KernelHost], tmp_path: Path) -> None:
    kernel, pid = sleeping(tmp_path)
    host = started(kernel)
    kept = []

    def begin_and_go_on() -> None:
        kept.append(PendingCheck(proof(10), 600, kernel, lambda _: host))
        time.sleep(600)

    def cut_off(limit: float) -> None:
        with pytest.raises(OutOfTimeError), time_limit(limit):
            begin_and_go_on()

    until_it_reached(cut_off, lambda: line_in(pid))
    assert not Path(f"/proc/{number_in(pid)}").exists()


def test_an_interrupt_kills_the_check(started: Callable[..., KernelHost], tmp_path: Path) -> None:
    kernel, pid = sleeping(tmp_path)
    host = started(kernel)

    def interrupted(after: float) -> None:
        signal.setitimer(signal.ITIMER_REAL, after)
        with pytest.raises(KeyboardInterrupt):
            check_certificate(proof(10), 600, kernel, lambda _: host)

    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        until_it_reached(interrupted, lambda: line_in(pid))
    finally:
        signal.signal(signal.SIGALRM, before)
    assert not Path(f"/proc/{number_in(pid)}").exists()
    assert host.alive


def test_checks_end_with_the_process_that_asked(started: Callable[..., KernelHost], tmp_path: Path) -> None:
    """A claim's process that is killed, while the host lives on for others."""
    kernel, pid = sleeping(tmp_path)
    host = started(kernel)

    def killed(after: float) -> None:
        asking = Task("asks", lambda: check_certificate(proof(10), 600, kernel, lambda _: host), (KernelAnswer,), after)
        with closing(race([asking], cores=1)) as results:
            next(results)

    until_it_reached(killed, lambda: line_in(pid))
    assert gone(number_in(pid))
    assert host.alive


def test_a_host_that_is_killed_takes_its_checks_along(started: Callable[..., KernelHost], tmp_path: Path) -> None:
    kernel, pid = sleeping(tmp_path)
    host = started(kernel)
    run = HostedRun(host, "x")
    number = number_in(pid)
    os.kill(host.process.pid, signal.SIGKILL)
    with pytest.raises(kernel_hosts.HostLostError):
        run.wait(20)
    assert gone(number)
    run.end()


@pytest.mark.parametrize("stopped", [False, True])
def test_nothing_is_left_of_a_parent_that_is_killed(stopped: bool, tmp_path: Path) -> None:
    """By signal 9, in the middle of a check; even where a process that it forked lives on."""
    kernel, pid = sleeping(tmp_path)
    program = (
        "import os, sys, time\nfrom pathlib import Path\n"
        "from mechverify.engines.processes.kernel_hosts import KernelHost\n"
        "from mechverify.engines.processes.kernel_runs import HostedRun\n"
        f"host = KernelHost(Path({str(kernel)!r}))\n"
        f"if {stopped} and os.fork() == 0:\n    os.close(1)\n    time.sleep(600)\n    os._exit(0)\n"
        "run = HostedRun(host, 'x')\nprint(host.process.pid, flush=True)\ntime.sleep(600)\n"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as parent:
        assert parent.stdout is not None
        numbers = [int(parent.stdout.readline()), number_in(pid)]
        os.kill(parent.pid, signal.SIGKILL)
        parent.wait()
        assert all(gone(number) for number in numbers)
        if stopped:
            os.killpg(parent.pid, signal.SIGKILL)


def test_nothing_is_left_after_an_ordinary_end() -> None:
    program = (
        "from mechverify.engines.processes.kernel_hosts import KERNEL, shared_host\n"
        "print(shared_host(KERNEL).process.pid, flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=True)
    assert not Path(f"/proc/{int(done.stdout)}").exists()
    assert done.stderr == ""


@pytest.mark.parametrize("closed", ["<&-", ">&-", "<&- >&- 2>&-"])
def test_where_standard_channels_are_closed(closed: str, tmp_path: Path) -> None:
    program = tmp_path / "ask.py"
    data = tmp_path / "c.json"
    data.write_text(json.dumps(proof(10)))
    answer = tmp_path / "answer"
    program.write_text(
        "import json, sys\nfrom mechverify.engines.processes.kernel import check_certificate\n"
        "from mechverify.engines.processes.kernel_hosts import _started\n"
        f"data = json.load(open({str(data)!r}))\n"
        "words = [check_certificate(data, 20).answer for _ in range(2)]\n"
        f"open({str(answer)!r}, 'w').write(str([*words, len(_started), _started[0].alive]))\n"
    )
    subprocess.run(["sh", "-c", f"exec {sys.executable} {program} {closed}"], check=True)
    assert answer.read_text() == "['valid', 'valid', 1, True]"


@pytest.mark.parametrize("memory", [4_000_000, 1_000_000])
def test_where_memory_is_limited(memory: int, started: Callable[..., KernelHost], tmp_path: Path) -> None:
    """A check has the limit of its host where that is less; what needs more is not accepted."""
    words = "import resource\nprint(resource.getrlimit(resource.RLIMIT_AS), flush=True)\nx = bytes(3 << 29)\nreturn 0"
    kernel = package(tmp_path / "kernel", words)
    program = tmp_path / "ask.py"
    program.write_text(
        "from pathlib import Path\nfrom mechverify.engines.processes.kernel_hosts import KernelHost\n"
        "from mechverify.engines.processes.kernel_runs import HostedRun\n"
        f"end = HostedRun(KernelHost(Path({str(kernel)!r})), 'x').wait(20)\nprint(end.code, end.output)\n"
    )
    command = f"ulimit -v {memory}; exec {sys.executable} {program}"
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    code = 0 if memory > 3 << 19 else 1
    assert done.stdout == f"{code} b'({memory << 10}, {memory << 10})\\n'\n"
