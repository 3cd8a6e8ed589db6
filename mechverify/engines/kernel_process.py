"""The kernel in a process of its own: a certificate goes in, one judged answer comes out.

``python -I -S`` keeps everything but the standard library and the kernel out of that process. An answer counts only if
its line, its exit code, its kind and its statement's SHA-256 all say the same; everything else is ``failed``.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Literal, cast

from mechverify.engines.problem import statement_sha256
from mechverify.engines.processes import release, withhold, without_interrupts

KERNEL = Path(__file__).resolve().parent.parent / "kernel" / "__main__.py"

Answer = Literal["valid", "invalid", "unconfirmed", "failed"]

_EXIT_CODE = {"valid": 0, "invalid": 1, "unconfirmed": 3}
_KEYS = {"answer", "kind", "problem_sha256", "steps", "operations", "reason", "at"}
_LONGEST_ANSWER = 100_000
_MEMORY = 8 << 30
_waited: list[float] = []
_since: list[float] = []
_running: dict[int, subprocess.Popen[bytes]] = {}
_STANDARD_INPUT = "/dev/stdin"


@dataclass(frozen=True, slots=True)
class KernelAnswer:
    """What the kernel said of a certificate; ``failed`` if it said nothing that may be believed.

    ``steps`` and ``operations`` are the kernel's own counts, 0 when failed. ``seconds`` is wall-clock time. ``late``:
    it had said nothing when its time was up.
    """

    answer: Answer
    kind: str
    problem_sha256: str
    steps: int
    operations: int
    reason: str
    at: int | None
    seconds: float
    late: bool = False


def check_certificate(
    data: dict[str, Any], seconds: float, kernel: Path = KERNEL, waiting: "WaitingKernel | None" = None
) -> KernelAnswer:
    """Have the kernel check a certificate file's data within ``seconds`` of wall-clock time, by the process that
    is ``waiting`` if there is one of this kernel.
    """
    with PendingCheck(data, seconds, kernel, waiting) as pending:
        return pending.answer()


class WaitingKernel:
    """A kernel process that has been started ahead of time; it waits for the bytes of one certificate on standard
    input. Leaving the ``with`` block ends it if nobody took it.
    """

    def __init__(self, kernel: Path = KERNEL) -> None:
        self.kernel = kernel
        self._process: subprocess.Popen[bytes] | None = None
        if Path(_STANDARD_INPUT).exists():
            with suppress(OSError, subprocess.SubprocessError):
                self._process = _start(kernel, _STANDARD_INPUT, subprocess.PIPE)
        if self._process is not None and self._process.stdin is not None:
            withhold(self._process.stdin)

    def __enter__(self) -> "WaitingKernel":
        return self

    def __exit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            end_process(process)

    def take(self, kernel: Path) -> subprocess.Popen[bytes] | None:
        """The process, once, if it is of this kernel and still runs; who takes it has to end it."""
        if self._process is None or kernel != self.kernel or self._process.poll() is not None:
            return None
        process, self._process = self._process, None
        return process


class PendingCheck:
    """A kernel process at work on a certificate; leaving its ``with`` block kills it if it still runs."""

    def __init__(
        self, data: dict[str, Any], seconds: float, kernel: Path = KERNEL, waiting: WaitingKernel | None = None
    ) -> None:
        self._sha = statement_sha256(data)
        self._kind = str(data["kind"])
        self._seconds = seconds
        self._started = time.monotonic()
        self._problem = ""
        self._input: bytes | None = None
        self._file: IO[bytes] | None = None
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=True).encode("ascii")
        self._process = None if waiting is None else waiting.take(kernel)
        if self._process is not None:
            self._input = text
            return
        try:
            self._file = tempfile.NamedTemporaryFile(suffix=".json")  # noqa: SIM115 - closed below
            self._file.write(text)
            self._file.flush()
            self._process = _start(kernel, self._file.name, subprocess.DEVNULL)
        except (OSError, subprocess.SubprocessError) as error:
            self._problem = str(error)
        except BaseException:
            self._close()
            raise

    def __enter__(self) -> "PendingCheck":
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            end_process(self._process)
        self._close()

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()

    def answer(self) -> KernelAnswer:
        """Wait for the kernel, until its time is up at the latest, and judge what it says."""
        if self._process is None:
            return self._failed(self._problem)
        try:
            left = max(0.0, self._started + self._seconds - time.monotonic())
            with _waiting():
                output, errors = self._process.communicate(self._input, timeout=left)
        except subprocess.TimeoutExpired:
            return replace(self._failed(f"no answer within {self._seconds:g} s"), late=True)
        except OSError as error:
            return self._failed(str(error))
        try:
            return _judge(self._process.returncode, output, self._kind, self._sha, self._took())
        except (ValueError, RecursionError) as error:
            words = errors.decode(errors="replace").strip()[-500:]
            return self._failed(f"{error}: {words}" if words else str(error))

    def _took(self) -> float:
        return time.monotonic() - self._started

    def _failed(self, reason: str) -> KernelAnswer:
        return KernelAnswer("failed", self._kind, self._sha, 0, 0, reason, None, self._took())


def seconds_checking() -> float:
    """The seconds for which this process has waited for kernels so far."""
    return sum(_waited) + (time.monotonic() - _since[-1] if _since else 0.0)


@contextmanager
def _waiting() -> Iterator[None]:
    _since.append(time.monotonic())
    try:
        yield
    finally:
        _waited.append(time.monotonic() - _since.pop())


def end_process(process: subprocess.Popen[bytes]) -> None:
    """Kill a kernel process if it still runs, and close what leads to it."""
    if process.stdin is not None:
        release(process.stdin)
    process.kill()
    process.communicate()
    _running.pop(process.pid, None)


def running() -> frozenset[int]:
    """The kernel processes that have been started and not ended, by number."""
    return frozenset(_running)


def end_others(known: Collection[int]) -> None:
    """End all kernel processes but those ``known``: whoever started them was cut off before it could."""
    for number in running() - set(known):
        end_process(_running[number])


def _start(kernel: Path, certificate: str, stdin: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", "-S", str(kernel), certificate]
    with without_interrupts():
        process = subprocess.Popen(  # noqa: S603 - our own interpreter on our own file
            command, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        _running[process.pid] = process
    if sys.platform == "linux":
        try:
            _limit_memory(process.pid)
        except BaseException:
            end_process(process)
            raise
    return process


def _limit_memory(process: int) -> None:
    """At most 8 GiB of address space, or what the machine allows where that is less."""
    _, hard = resource.prlimit(process, resource.RLIMIT_AS)
    allowed = _MEMORY if hard == resource.RLIM_INFINITY else min(_MEMORY, hard)
    resource.prlimit(process, resource.RLIMIT_AS, (allowed, allowed))


def _judge(code: int, output: bytes, kind: str, sha: str, seconds: float) -> KernelAnswer:
    """Raises ValueError for everything that is not one consistent answer."""
    if code < 0:
        raise ValueError(f"the kernel was killed by signal {-code}")
    if len(output) > _LONGEST_ANSWER or output.count(b"\n") != 1 or not output.endswith(b"\n"):
        raise ValueError(f"the kernel did not print one answer line (exit code {code})")
    answer = json.loads(output.decode("ascii"))
    if not isinstance(answer, dict) or set(answer) != _KEYS:
        raise ValueError("the kernel's answer does not have the fields of an answer")
    word, steps, operations = answer["answer"], answer["steps"], answer["operations"]
    reason, at = answer["reason"] or "", answer["at"]
    if not isinstance(word, str) or word not in _EXIT_CODE:
        raise ValueError(f"the kernel answered {word!r} ({reason})")
    if code != _EXIT_CODE[word]:
        raise ValueError(f"the kernel answered {word} and ended with exit code {code} ({reason})")
    if answer["problem_sha256"] != sha:
        raise ValueError("the kernel answered about another problem")
    if answer["kind"] != kind or (word == "unconfirmed") is not (kind == "replayed" and word != "invalid"):
        raise ValueError(f"the kernel answered {word} for the kind {answer['kind']!r}, asked about {kind!r}")
    counts = (steps, operations, 0 if at is None else at)
    if any(type(n) is not int or n < 0 for n in counts) or not isinstance(reason, str):
        raise ValueError("the kernel's answer has a field of a wrong type")
    return KernelAnswer(cast("Answer", word), kind, sha, steps, operations, reason, at, seconds)
