"""The process that speaks to an executor, so that its threads and what it imports are in no process of ours.

    python -P -m mechverify.executors.broker NAME

Standard input has messages: ``W`` is work with a number, ``C`` calls it off. Standard output has the answers: ``R``
once, when the executor is there, or ``U`` with why it is not; ``D`` with what the work of this number brought, ``F``
with why it brought nothing. It ends with its input.
"""

import os
import sys
import threading
from concurrent.futures import Executor, Future
from contextlib import suppress
from functools import partial
from queue import SimpleQueue

from mechverify.errors import MechverifyError
from mechverify.executors.frames import Frame, FrameError, read_frame, write_frame
from mechverify.executors.named import executor_named
from mechverify.executors.work import work_on

_LONGEST_REASON = 2_000


class Broker:
    """Hands work on to an executor and answers as it comes back, from whatever thread."""

    def __init__(self, executor: Executor, out: int) -> None:
        self._executor = executor
        self._under_way: dict[int, Future[bytes]] = {}
        self._answers: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self._write, args=(out,), daemon=True).start()

    def take(self, frame: Frame) -> None:
        """Do what a message asks for."""
        if frame.kind == b"C":
            future = self._under_way.pop(frame.number, None)
            if future is not None:
                future.cancel()
            return
        try:
            future = self._executor.submit(work_on, frame.payload)
        except Exception as problem:
            self.tell(Frame(b"F", frame.number, reason(problem)))
            return
        self._under_way[frame.number] = future
        future.add_done_callback(partial(self._done, frame.number))

    def _done(self, number: int, future: "Future[bytes]") -> None:
        if self._under_way.pop(number, None) is None or future.cancelled():
            return
        problem = future.exception()
        if problem is not None:
            self.tell(Frame(b"F", number, reason(problem)))
            return
        brought = future.result()
        if not isinstance(brought, bytes):
            self.tell(Frame(b"F", number, f"a worker sent a {type(brought).__name__}".encode()))
            return
        try:
            self.tell(Frame(b"D", number, brought))
        except FrameError as too_long:
            self.tell(Frame(b"F", number, reason(too_long)))

    def tell(self, frame: Frame) -> None:
        """Answer, without waiting until it is read. Raises FrameError where it is too long."""
        self._answers.put(frame.packed())

    def _write(self, out: int) -> None:
        with suppress(OSError):
            while True:
                view = memoryview(self._answers.get())
                while view:
                    view = view[os.write(out, view) :]


def reason(problem: BaseException) -> bytes:
    """An exception in words."""
    return f"{type(problem).__name__}: {problem}"[:_LONGEST_REASON].encode(errors="replace")


def main(name: str) -> None:
    """Serve until the input ends."""
    out = os.dup(1)
    os.dup2(2, 1)  # what the executor prints is no answer
    try:
        executor = executor_named(name)
    except MechverifyError as problem:
        write_frame(out, Frame(b"U", payload=str(problem).encode(errors="replace")))
        return
    broker = Broker(executor, out)
    broker.tell(Frame(b"R"))
    while (frame := read_frame(sys.stdin.buffer)) is not None:
        broker.take(frame)
    with suppress(Exception):
        executor.shutdown(wait=False, cancel_futures=True)
    os._exit(0)  # whatever threads are left


if __name__ == "__main__":
    main(sys.argv[1])
