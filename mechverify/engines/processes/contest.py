"""Which of several searches comes first: the one with the least work, not the one that a loaded machine lets through.

Every search counts its work (``work.meter``). Its *virtual time* is when it was let start and the
work that it has done since, on so many virtual cores. Results are told in the order of virtual
time: one only when every other search that runs has passed it, or has ended. So the same results
come in the same order at any load, and a search that is waited for costs time, never another
answer. While a result is looked at, nobody runs. Only a ceiling of seconds can end a search in
another place; it then fails with reason ``time``.
"""

import selectors
import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from mechverify.engines.processes.ceiling import Ceiling
from mechverify.engines.processes.children import Child, Failure, Finished, Task, start_child, without_interrupts
from mechverify.engines.work.meter import MILLION, WITHOUT_END, spend
from mechverify.errors import InternalError

T = TypeVar("T")

_SOON, _LATER = 0.001, 0.02


@dataclass(frozen=True, slots=True)
class Contestant(Generic[T]):
    """A task and, in millions of steps, the ``work`` that it may do and how long it waits while others run."""

    task: Task[T]
    work: float
    after: float = 0.0


@dataclass(slots=True)
class _Running(Generic[T]):
    """A contestant that was let start at ``began`` of virtual time; ``result`` once its process has ended."""

    index: int
    child: Child[T]
    began: float
    result: Finished[T] | None = None

    @property
    def at(self) -> float:
        """The virtual time to which it has come."""
        return self.began + (self.child.work if self.result is None else self.result.work)


class Contest(Generic[T]):
    """A contest on ``cores`` virtual cores, as many processes at once. ``limit``, which whoever reads the results may
    lower, is the virtual time at which all ends; contestants that run or wait then fail with reason ``work``.
    """

    def __init__(self, contestants: Sequence[Contestant[T]], cores: int, limit: float, ceiling: Ceiling) -> None:
        self.now = 0.0
        self._limit = limit
        self._cores = cores
        self._ceiling = ceiling
        self._waiting = list(enumerate(contestants))
        self._running: list[_Running[T]] = []
        self._selector = selectors.DefaultSelector()

    @property
    def limit(self) -> float:
        """The virtual time at which all ends."""
        return self._limit

    def end_by(self, limit: float) -> None:
        """Lower the limit."""
        self._limit = min(self._limit, limit)
        for one in self._running:
            if one.result is None:
                one.child.page[1] = min(one.child.page[1], (self._limit - one.began) * MILLION)

    def results(self) -> Generator[Finished[T], None, None]:
        """Each result when its turn has come. Closing the generator kills what still runs (wrap it in
        ``contextlib.closing``). The virtual time that has passed counts as work of this process.
        """
        pause = _SOON
        try:
            while True:
                self._start_those_ready()
                if not self._running:
                    break
                first = self._first()
                if first is not None:
                    self.now = max(self.now, first.at)
                    self._running.remove(first)
                    pause = _SOON
                    with self._held():
                        yield self._told(first)
                elif not self._woken():
                    pause = _SOON if self._look(pause) else min(2 * pause, _LATER)
            for index, one in self._waiting:
                yield Finished(index, one.task.name, self._not_started(one.task.name), 0.0)
        finally:
            for running in self._running:
                running.child.stop()
            self._selector.close()
            spend(self.now * MILLION)

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Let nobody run meanwhile: while the kernel looks at what a result says, which most often ends the contest,
        further searching is wasted, and what is told next does not hang on it."""
        unfinished = [one.child for one in self._running if one.result is None]
        for child in unfinished:
            child.hold()
        try:
            yield
        finally:
            for child in unfinished:
                child.let_go()

    def _start_those_ready(self) -> None:
        """Let start, in their order, those whose turn has come; where nothing runs, the one that waits least."""
        while self._may_start():
            ready = next((k for k, (_, one) in enumerate(self._waiting) if one.after <= self.now), None)
            if ready is None:
                if self._running:
                    return
                ready = min(range(len(self._waiting)), key=lambda k: self._waiting[k][1].after)
            index, one = self._waiting.pop(ready)
            work = min(one.work, self._limit - self.now)
            with without_interrupts():
                child = start_child(index, one.task, time.monotonic() + self._ceiling.left, work)
                self._running.append(_Running(index, child, self.now))
            self._selector.register(child.pipe, selectors.EVENT_READ, child)

    def _may_start(self) -> bool:
        """Whether somebody waits, a core is free, and there is time."""
        free = bool(self._waiting) and len(self._running) < self._cores
        return free and self.now < self._limit and self._ceiling.left > 0

    def _first(self) -> _Running[T] | None:
        """The contestant whose result is told next, if it is known that none comes before it."""
        ended = [one for one in self._running if one.result is not None]
        first = min(ended, key=lambda one: (one.at, one.index), default=None)
        if first is None or first.at > self._next_wake():
            return None
        place = first.at, first.index
        return first if all((one.at, one.index) >= place for one in self._running) else None

    def _next_wake(self) -> float:
        """The virtual time at which one that waits may start on a core that is free; without end if none does."""
        if not self._may_start():
            return WITHOUT_END
        wake = min(one.after for _, one in self._waiting)
        return wake if wake < self._limit else WITHOUT_END

    def _woken(self) -> bool:
        """Go on to the virtual time at which one that waits may start, if nothing else comes before."""
        wake = self._next_wake()
        if wake == WITHOUT_END or not all(one.at > wake for one in self._running):
            return False
        self.now = wake
        return True

    def _look(self, pause: float) -> bool:
        """Wait a little for what the processes send; whether one has ended."""
        unfinished = [one for one in self._running if one.result is None]
        alone = len(unfinished) == len(self._running) and self._next_wake() == WITHOUT_END
        left = min(self._ceiling.left, *(one.child.deadline - time.monotonic() for one in unfinished))
        for key, _ in self._selector.select(max(0.0, left if alone else min(left, pause))):
            key.data.read()
        over = self._ceiling.left <= 0
        some = False
        for one in unfinished:
            child = one.child
            if child.complete or over or child.deadline <= time.monotonic():
                self._selector.unregister(child.pipe)
                one.result = child.finish()
                some = True
        return some

    def _told(self, one: _Running[T]) -> Finished[T]:
        """The result of one that has ended, none where it came after a limit that was lowered meanwhile."""
        result = one.result
        if result is None:
            raise InternalError("only those that have ended are told of")
        if one.at <= self._limit or isinstance(result.value, Failure):
            return result
        return replace(result, value=Failure("work", f"{result.name} came after the end"), kept=None)

    def _not_started(self, name: str) -> Failure:
        if self.now < self._limit and self._ceiling.left <= 0:
            return Failure("time", f"{name} was not started: the time was used up")
        return Failure("work", f"{name} was not started: the work was used up")
