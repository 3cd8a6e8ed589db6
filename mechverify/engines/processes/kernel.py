"""The kernel in a process of its own: a certificate goes in, one judged answer comes out.

``python -I -S`` keeps everything but the standard library and the kernel out of that process. An answer counts only if
its line, its exit code, its kind and its statement's SHA-256 all say the same; everything else is ``failed``.
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import IO, Any, Literal, cast

from mechverify.engines.certificates.problem import statement_sha256
from mechverify.engines.processes.children import without_interrupts
from mechverify.engines.processes.kernel_hosts import KERNEL, HostLostError, KernelHost, no_host, shared_host
from mechverify.engines.processes.kernel_runs import Ended, HostedRun, KernelRun, NonsenseError, OwnRun
from mechverify.engines.processes.patience import patient

FindHost = Callable[[Path], KernelHost | None]
Answer = Literal["valid", "invalid", "unconfirmed", "failed"]

_EXIT_CODE = {"valid": 0, "invalid": 1, "unconfirmed": 3}
_KEYS = {"answer", "kind", "problem_sha256", "steps", "operations", "reason", "at"}
_LONGEST_ANSWER = 100_000
_waited: list[float] = []
_since: list[float] = []
_running: dict[int, KernelRun] = {}
_numbers = count()


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
    data: dict[str, Any], seconds: float, kernel: Path = KERNEL, host: FindHost = shared_host
) -> KernelAnswer:
    """Have the kernel check a certificate file's data within ``seconds`` of wall-clock time, by the host that ``host``
    finds for this kernel, if any.
    """
    with PendingCheck(data, seconds, kernel, host) as pending:
        return pending.answer()


class PendingCheck:
    """The kernel at work on a certificate; leaving its ``with`` block kills its process if that still runs."""

    def __init__(
        self, data: dict[str, Any], seconds: float, kernel: Path = KERNEL, host: FindHost = shared_host
    ) -> None:
        self._sha = statement_sha256(data)
        self._kind = str(data["kind"])
        self._seconds = seconds
        self._kernel = kernel
        self._started = time.monotonic()
        self._problem = ""
        self._file: IO[bytes] | None = None
        self._run: KernelRun | None = None
        self._number = next(_numbers)
        text = json.dumps(data, separators=(",", ":"), ensure_ascii=True).encode("ascii")
        try:
            self._file = tempfile.NamedTemporaryFile(suffix=".json")  # noqa: SIM115 - closed below
            self._file.write(text)
            self._file.flush()
            self._begin(host)
        except (OSError, subprocess.SubprocessError) as error:
            self._problem = str(error)
        except BaseException:
            self._end()
            self._close()
            raise

    def _begin(self, find: FindHost) -> None:
        """Start a run: by a host if there is one that can be asked, otherwise in a process started for it."""
        if self._file is None:
            return
        with without_interrupts():
            host = find(self._kernel)
            if host is not None:
                with suppress(HostLostError):
                    self._run = HostedRun(host, self._file.name)
            if self._run is None:
                self._run = OwnRun(self._kernel, self._file.name)
            _running[self._number] = self._run

    def __enter__(self) -> "PendingCheck":
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        self._close()

    def _end(self) -> None:
        if self._run is not None:
            self._run.end()
            _running.pop(self._number, None)
            self._run = None

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()

    def answer(self) -> KernelAnswer:
        """Wait for the kernel, until its time is up at the latest, and judge what it says. Where its host is lost, a
        process of its own begins anew.
        """
        try:
            try:
                ended = self._wait()
            except HostLostError:
                self._end()
                self._begin(no_host)
                ended = self._wait()
        except TimeoutError:
            return replace(self._failed(f"no answer within {self._seconds:g} s"), late=True)
        except (OSError, subprocess.SubprocessError, NonsenseError) as error:
            return self._failed(str(error))
        if ended is None:
            return self._failed(self._problem)
        try:
            return _judge(ended.code, ended.output, self._kind, self._sha, self._took())
        except (ValueError, RecursionError) as error:
            words = ended.errors.decode(errors="replace").strip()[-500:]
            return self._failed(f"{error}: {words}" if words else str(error))

    def _wait(self) -> Ended | None:
        if self._run is None:
            return None
        with _waiting():
            return self._run.wait(max(0.0, self._started + patient(self._seconds) - time.monotonic()))

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


def running() -> frozenset[int]:
    """The runs of the kernel that have been started and not ended, by number."""
    return frozenset(_running)


def end_others(known: Collection[int]) -> None:
    """End all runs of the kernel but those ``known``: whoever started them was cut off before it could."""
    for number in running() - set(known):
        _running[number].end()
        _running.pop(number, None)


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
