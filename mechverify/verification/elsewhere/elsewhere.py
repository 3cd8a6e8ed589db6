"""Claims sent to an executor: they are decided here when something has come back, with what came back as a cache."""

import json
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType

from mechverify.cache.store import Store
from mechverify.deciding.ceilings import grace
from mechverify.deciding.job import Job
from mechverify.deciding.known.memory import memory_of
from mechverify.deciding.options import VerifyOptions
from mechverify.engines.certificates.preparation import remembered_data
from mechverify.engines.certificates.problem import problem_sha256
from mechverify.engines.processes.patience import patient
from mechverify.executors.frames import Frame
from mechverify.executors.remote import Remote
from mechverify.results import Elsewhere
from mechverify.verification.elsewhere.unit import Unit, UnitError, files_of
from mechverify.verification.unsupported import is_pointwise

_BEYOND = 60.0
_MOST_ENTRIES = 10_000


def patience(timeout: float) -> float:
    """For how many seconds something else may come back before one stops to wait: longer than a claim takes."""
    return timeout + grace(timeout) + _BEYOND


class Sending:
    """The executor of a run; to be used in a ``with`` block. ``options`` are those to decide with: they have a cache,
    one for this run alone where the reader wants none.
    """

    def __init__(self, name: str, options: VerifyOptions) -> None:
        self._stack = ExitStack()
        self._own = options.cache is None
        folder = options.cache or Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        self.options = replace(options, cache=folder)
        self._store = Store(folder)
        self._remote = self._stack.enter_context(Remote(name))
        self.sent = self.brought = self.late = 0
        self.failures: list[str] = []
        self.kept_here: dict[str, None] = {}

    def __enter__(self) -> "Sending":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        self._stack.__exit__(kind, value, at)

    def told(self) -> Elsewhere:
        """What became of it."""
        return Elsewhere(self.sent, self.brought, self.late, tuple(self.failures), tuple(self.kept_here))

    def gate(self, jobs: Sequence[tuple[int, Job]], begun: Callable[[str], None]) -> "Waiting | None":
        """Send what is not known yet of these claims, by their index among the tasks; None where nothing is sent.

        Raises UsageError where there is no executor.
        """
        self._remote.wait_until_there()
        try:
            units = {k: job for k, job in jobs if is_pointwise(job.compiled.claim) and not self._known(job)}
            if not units:
                return None
            files = files_of(jobs[0][1].compiled.spec)
        except UnitError as why:
            self.kept_here[str(why)] = None
            return None
        out: dict[int, int] = {}
        for k, job in units.items():
            name = job.compiled.name
            number = self._remote.send(Unit(files, name, self.options).packed())
            if number is not None:
                out[number] = k
                begun(name)
        self.sent += len(out)
        return Waiting(self, out)

    def _known(self, job: Job) -> bool:
        """Whether an earlier run of this machine left something of it."""
        memory = memory_of(self.options)
        if self._own or memory is None:
            return False
        sha256 = problem_sha256(remembered_data(job.compiled.obligation))
        return memory.way(sha256) is not None or memory.recall(sha256) is not None

    # --- for those who wait

    def fileno(self) -> int:
        """What becomes readable when something comes back."""
        return self._remote.fileno()

    def arrived(self) -> tuple[list[Frame], bool]:
        """What has come back, and whether more may."""
        return self._remote.arrived(), self._remote.open

    def call_off(self, number: int) -> None:
        """Nobody waits for it any more."""
        self.late += 1
        self._remote.call_off(number)

    def keep(self, frame: Frame) -> None:
        """Keep what came back, for those who look for it there and believe none of it."""
        if frame.kind != b"D":
            self.failures.append(frame.payload.decode(errors="replace"))
            return
        try:
            entries = json.loads(frame.payload)
        except (ValueError, RecursionError):
            entries = None
        if not isinstance(entries, Mapping) or len(entries) > _MOST_ENTRIES:
            self.failures.append("a worker sent something that is no answer")
            return
        self.brought += bool(entries)
        self._store.put_in({name: text for name, text in entries.items() if isinstance(text, str)})


@dataclass(slots=True)
class Waiting:
    """The gate of a race: a claim that was sent begins here when its answer is there, whatever that is; or when
    nothing has come back for so long that one may as well search here.
    """

    sending: Sending
    out: dict[int, int]
    heard: float = field(default_factory=time.monotonic)

    def fileno(self) -> int:
        """What becomes readable when something comes back."""
        return self.sending.fileno()

    def read(self) -> bool:
        """Take what came back; whether more may."""
        frames, more = self.sending.arrived()
        for frame in frames:
            if self.out.pop(frame.number, None) is not None:
                self.heard = time.monotonic()
                self.sending.keep(frame)
        if not more and self.out:
            self.sending.failures.append("the process that speaks to the executor ended")
            self.out.clear()
        return more

    def admits(self, index: int) -> bool:
        """Whether a task may begin."""
        return index not in self.out.values() or time.monotonic() >= self.asked_again()

    def asked_again(self) -> float:
        """When patience ends."""
        return self.heard + patient(patience(self.sending.options.timeout))

    def begun(self, index: int) -> None:
        """A task has begun: whoever still works on it need not."""
        number = next((n for n, k in self.out.items() if k == index), None)
        if number is not None:
            del self.out[number]
            self.sending.call_off(number)
