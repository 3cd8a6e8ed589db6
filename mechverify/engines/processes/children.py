"""Functions in child processes with budgets that really stop.

A child is forked, so the function needs no serialisation and sees the parent's memory as it was. It gets a process
group of its own, a deadline kept twice (by the parent, and by an interval timer in the child), and a limit on address
space. Whatever goes wrong in it arrives as a ``Failure``; a value arrives only as one complete, checksummed frame of
an expected type.

Fork and threads: only the calling thread survives a fork. A child may use numpy, z3 and cvc5, and run models: torch
computes on the calling thread (``models.torch_threads``), and onnxruntime in sessions without threads. Whatever hands
work to a pool of threads that the parent has used would wait until the child's time is up.
"""

import ctypes
import faulthandler
import gc
import mmap
import os
import resource
import selectors
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, Generic, Literal, NoReturn, Protocol, TypeVar

from mechverify.engines.processes.patience import patient
from mechverify.engines.processes.wire import WireError, frame_length, pack, unpack
from mechverify.engines.work.meter import MILLION, WITHOUT_END, OutOfWorkError, Page, count_on
from mechverify.errors import InternalError

T = TypeVar("T")

_PR_SET_PDEATHSIG = 1
_CHUNK = 1 << 16
_TAIL = 2000
_GRACE = 1.0
_STANDING = 600.0  # so long a child may be held, which its own timer does not know; whoever started it ends it before
_NEVER = 10.0**9
_LONGEST = 1e7
_EXIT_MEMORY = 77
_most_memory: int | None = None
_LONGEST_HEADER = 64
_NOTE_BYTES = 256
_inside_child = False
_held = 0
_note: mmap.mmap | None = None
_shelf: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A child process that brought no value. Never evidence for anything. ``work``: what it was allowed to do is done;
    ``time``: a ceiling of seconds cut it off.

    ``error`` is the type name of the exception that ended the function, where one did.
    """

    reason: Literal["work", "time", "memory", "crash"]
    detail: str
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Task(Generic[T]):
    """A function to run in a process of its own.

    ``seconds`` is its wall-clock budget from its start; ``memory`` the bytes of address space that it may add to what
    the parent has (not enforced on macOS). A value that is no instance of ``expects`` is a failure.
    """

    name: str
    function: Callable[[], T]
    expects: tuple[type, ...]
    seconds: float
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Finished(Generic[T]):
    """What became of a task: ``index`` is its place in the list given, ``seconds`` its wall-clock time, ``work`` what
    it did, in millions of steps. ``kept`` is what it had put aside with ``keep`` before it failed.
    """

    index: int
    name: str
    value: T | Failure
    seconds: float
    kept: T | None = None
    work: float = 0.0


class Gate(Protocol):
    """Holds tasks of a race back until something has come."""

    def fileno(self) -> int:
        """What becomes readable when something comes."""

    def read(self) -> bool:
        """Take what has come; whether more may come."""

    def admits(self, index: int) -> bool:
        """Whether the task with this index may begin."""

    def asked_again(self) -> float:
        """When, on the monotonic clock, to ask again in any case."""


def keep(value: object) -> None:
    """In a child: put aside what has been found so far, in place of what was put aside before. It arrives even if the
    child is killed. Elsewhere nothing happens.
    """
    if _shelf is not None:
        view = memoryview(pack(value))
        while view:
            view = view[os.write(_shelf, view) :]


def note(words: str) -> None:
    """In a child: say what it is doing, for the message if it is stopped. Elsewhere nothing happens."""
    if _note is not None:
        text = words.encode(errors="replace")[: _NOTE_BYTES - 1]
        _note[: len(text) + 1] = text + b"\0"


def run(task: Task[T]) -> T | Failure:
    """Run one task and wait for it."""
    with closing(race([task], cores=1)) as results:
        return next(results).value


def race(
    tasks: Iterable[Task[T]],
    cores: int,
    seconds: float | None = None,
    started: Callable[[int], None] | None = None,
    gate: Gate | None = None,
) -> Generator[Finished[T], None, None]:
    """Run tasks, ``cores`` at once, in the order given; yield each result when it comes.

    Closing the generator kills what still runs (wrap it in ``contextlib.closing``). ``seconds`` bounds the whole race:
    tasks that run or wait at its end fail with reason ``time``. KeyboardInterrupt kills the children and propagates.
    ``started`` hears the index of each task when its process has begun. A ``gate`` says which may begin.
    """
    if cores < 1:
        raise InternalError(f"a race needs a core, not {cores}")
    limit = time.monotonic() + (_NEVER if seconds is None else patient(seconds))
    waiting = list(enumerate(tasks))
    running: list[Child[T]] = []
    try:
        with selectors.DefaultSelector() as selector:
            if gate is not None:
                selector.register(gate, selectors.EVENT_READ)
            while waiting or running:
                while len(running) < cores and time.monotonic() < limit:
                    place = next((k for k, (i, _) in enumerate(waiting) if gate is None or gate.admits(i)), None)
                    if place is None:
                        break
                    index, task = waiting.pop(place)
                    with without_interrupts():
                        child = start_child(index, task, limit)
                        running.append(child)
                    selector.register(child.pipe, selectors.EVENT_READ, child)
                    if started is not None:
                        started(index)
                if not running and (gate is None or not waiting or time.monotonic() >= limit):
                    break
                news = [] if gate is None or not waiting else [gate.asked_again()]
                nearest = min([limit, *news, *(child.deadline for child in running)])
                for key, _ in selector.select(max(0.0, nearest - time.monotonic())):
                    if gate is not None and key.fileobj is gate:
                        if not gate.read():
                            selector.unregister(gate)
                    else:
                        key.data.read()
                now = time.monotonic()
                for child in [c for c in running if c.complete or min(c.deadline, limit) <= now]:
                    selector.unregister(child.pipe)
                    result = child.finish()
                    running.remove(child)
                    yield result
        for index, task in waiting:
            yield Finished(index, task.name, Failure("time", f"{task.name} was not started: the time was used up"), 0.0)
    finally:
        for child in running:
            child.stop()


@dataclass(slots=True)
class Child(Generic[T]):
    """A process that runs a task. ``page``: the steps that it has done, and that it may do, which its parent may
    lower.
    """

    index: int
    task: Task[T]
    pid: int
    group: int
    pipe: int
    noise: IO[bytes]
    shelf: IO[bytes]
    note: mmap.mmap
    page: Page
    started: float
    deadline: float
    own_group: bool
    received: bytearray = field(default_factory=bytearray)
    complete: bool = False
    held_since: float | None = None

    def read(self) -> None:
        """Take what the pipe holds; ``complete`` at the end of the frame, at end of file, or when it is no frame."""
        with suppress(BlockingIOError):
            while not self.complete:
                data = os.read(self.pipe, _CHUNK)
                self.received += data
                self.complete = not data or self._whole()

    def _whole(self) -> bool:
        try:
            length = frame_length(self.received)
        except WireError:
            return True
        return length is not None and len(self.received) >= length

    def finish(self) -> Finished[T]:
        """Stop the child, whatever it is doing, and judge what it sent."""
        seconds = time.monotonic() - self.started
        kept: T | None = None
        try:
            if self._whole():
                value: T | Failure = self._judge()
            elif self.complete:
                value = self._death(self._wait_briefly())
            else:
                doing = self.note[:].split(b"\0")[0].decode(errors="replace")
                words = f", while {doing}" if doing else ""
                value = Failure("time", f"{self.task.name} was stopped after {seconds:.1f} s{words}")
            if isinstance(value, Failure):
                kept = self._kept()
        finally:
            self.stop()
        return Finished(self.index, self.task.name, value, seconds, kept, self.work)

    @property
    def work(self) -> float:
        """What it has done so far, in millions of steps: never more than it may do."""
        return min(self.page[0], self.page[1]) / MILLION

    def _kept(self) -> T | None:
        """The last whole value on the shelf."""
        self.shelf.seek(0)
        rest = memoryview(self.shelf.read())
        last: T | None = None
        with suppress(WireError):
            while (length := frame_length(bytes(rest[:_LONGEST_HEADER]))) is not None and length <= len(rest):
                value = unpack(bytes(rest[:length]))
                last = value if isinstance(value, self.task.expects) else last  # type: ignore[assignment]
                rest = rest[length:]
        return last

    def _judge(self) -> T | Failure:
        try:
            value = unpack(self.received)
        except WireError as error:
            return Failure("crash", f"{self.task.name}: {error}")
        if isinstance(value, Failure):
            return value
        if not isinstance(value, self.task.expects):
            return Failure("crash", f"{self.task.name} returned a {type(value).__name__}")
        return value  # type: ignore[return-value]

    def _wait_briefly(self) -> int | None:
        for _ in range(100):
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid == self.pid:
                self.pid = 0
                return status
            time.sleep(0.002)
        return None

    def _death(self, status: int | None) -> Failure:
        self.noise.seek(0, os.SEEK_END)
        self.noise.seek(max(0, self.noise.tell() - _TAIL))
        tail = self.noise.read().decode(errors="replace").strip()
        name = self.task.name
        words = f": {tail}" if tail else ""
        if status is None:
            return Failure("crash", f"{name} closed its channel without a result{words}")
        code = os.waitstatus_to_exitcode(status)
        if code == -signal.SIGALRM:
            return Failure("time", f"{name} was stopped by its own timer")
        if code == _EXIT_MEMORY or "bad_alloc" in tail or "MemoryError" in tail:
            return Failure("memory", f"{name} ran out of memory")
        how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
        half = " in the middle of its result" if self.received else ""
        return Failure("crash", f"{name} {how}{half}{words}")

    def hold(self) -> None:
        """Make the child stand still; ``let_go`` lets it go on, ``stop`` kills it all the same."""
        if self.pid > 0:
            self.held_since = time.monotonic()
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGSTOP)

    def let_go(self) -> None:
        """Let a child that was held go on. Its deadline is later by as long as it stood still."""
        if self.held_since is not None:
            self.deadline += time.monotonic() - self.held_since
            self.held_since = None
        if self.pid > 0:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Kill the child and, where it has its own group, all that it started; reap it. May be called twice."""
        if self.own_group and self.pipe >= 0:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.group, signal.SIGKILL)
        if self.pid > 0:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            with suppress(ChildProcessError):
                os.waitpid(self.pid, 0)
            self.pid = 0
        if self.pipe >= 0:
            os.close(self.pipe)
            self.noise.close()
            self.shelf.close()
            self.note.close()
            self.pipe = -1


@contextmanager
def without_interrupts() -> Iterator[None]:
    """Hold SIGINT and the timer back for a moment: an interrupt between the start of a process and its entry in
    the books would lose it. Another thread may still be given the signal, and its handler runs in this one: that of
    the timer asks ``held``.
    """
    global _held  # noqa: PLW0603 - the signal's handler is one for the process
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGALRM})
    _held += 1
    try:
        yield
    finally:
        _held -= 1
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def held() -> bool:
    """Whether interrupts are being held back."""
    return _held > 0


def start_child(index: int, task: Task[T], end: float, work: float = WITHOUT_END) -> Child[T]:
    """Fork a process for a task, to be killed at ``end`` of the monotonic clock; its ``work`` is in millions of steps.
    To be called without interrupts.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    noise = tempfile.TemporaryFile()  # noqa: SIM115 - closed by Child.stop
    shelf = tempfile.TemporaryFile()  # noqa: SIM115 - closed by Child.stop
    note = mmap.mmap(-1, _NOTE_BYTES)
    page = (ctypes.c_double * 2).from_buffer(mmap.mmap(-1, ctypes.sizeof(ctypes.c_double) * 2))
    page[1] = work * MILLION
    own_group = not _inside_child
    started = time.monotonic()
    deadline = min(end, started + patient(task.seconds))
    parent = os.getpid()
    sys.stdout.flush()
    sys.stderr.flush()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        pid = os.fork()
    if pid == 0:
        files = noise.fileno(), shelf.fileno()
        _live(task, libc, parent, reader, writer, files, (note, page), own_group, deadline - started)
    os.close(writer)
    if own_group:
        with suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)
    return Child(index, task, pid, pid, reader, noise, shelf, note, page, started, deadline, own_group)


def _live(
    task: Task[T],
    libc: ctypes.CDLL | None,
    parent: int,
    reader: int,
    writer: int,
    files: tuple[int, int],
    shared: tuple[mmap.mmap, Page],
    own_group: bool,  # noqa: FBT001
    seconds: float,
) -> NoReturn:
    """The whole life of the child; it never returns into the parent's code. ``files``: for what is printed, and the
    shelf; ``shared``: for notes, and for counting work.
    """
    global _inside_child, _held, _shelf, _note
    code = 1
    try:
        _inside_child, _held = True, 0
        noise, _shelf = files
        _note, page = shared
        count_on(page)
        if own_group:
            os.setpgid(0, 0)
        if libc is not None:
            libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != parent:
                os._exit(1)
        faulthandler.disable()
        for which in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
            signal.signal(which, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGALRM})
        signal.setitimer(signal.ITIMER_REAL, min(max(seconds, 0.0), _LONGEST) + _GRACE + _STANDING)
        os.close(reader)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.dup2(noise, 1)
        os.dup2(noise, 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if task.memory is not None:
            _limit_memory(task.memory if _most_memory is None else min(task.memory, _most_memory))
        gc.freeze()
        frame = _work(task)
        view = memoryview(frame)
        while view:
            view = view[os.write(writer, view) :]
        code = 0
    except MemoryError:
        code = _EXIT_MEMORY
    except BaseException:
        with suppress(BaseException):
            os.write(2, traceback.format_exc().encode(errors="replace"))
    finally:
        os._exit(code)


def _work(task: Task[T]) -> bytes:
    try:
        return pack(task.function())
    except MemoryError:
        raise
    except OutOfWorkError:
        doing = "" if _note is None else _note[:].split(b"\0")[0].decode(errors="replace")
        return pack(Failure("work", f"{task.name} used up its work{f', while {doing}' if doing else ''}"))
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        words = f"{type(error).__name__}: {error} ({os.path.basename(place.filename)}:{place.lineno})"
        return pack(Failure("crash", f"{task.name} raised {words}", type(error).__name__))


@contextmanager
def memory_of_each(most: int | None) -> Iterator[None]:
    """Let every process that is started in the block, and those that they start, add at most so many bytes."""
    global _most_memory  # noqa: PLW0603 - what is forked inherits it
    before, _most_memory = _most_memory, most
    try:
        yield
    finally:
        _most_memory = before


def _limit_memory(extra: int) -> None:
    used = 0
    with suppress(OSError), open("/proc/self/statm", encoding="ascii") as statm:
        used = int(statm.read().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    limit = used + extra if hard == resource.RLIM_INFINITY else min(used + extra, hard)
    resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
