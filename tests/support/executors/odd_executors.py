"""Executors that lie, die or never answer, for a broker to load: ``odd_executors:forging``."""

import json
import os
import signal
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import Any

from mechverify.executors import work
from mechverify.executors.frames import MOST_BYTES


class Inline(Executor):
    """Does the work in a thread, and answers with what ``change`` makes of it."""

    def change(self, brought: bytes) -> Any:
        return brought

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> "Future[Any]":
        future: Future[Any] = Future()
        threading.Thread(target=self._do, args=(future, function, arguments), daemon=True).start()
        return future

    def _do(self, future: "Future[Any]", function: Any, arguments: Any) -> None:
        try:
            future.set_result(self.change(function(*arguments)))
        except BaseException as problem:
            future.set_exception(problem)


class Forging(Inline):
    """Says of every problem what was found of another one, and makes up the rest."""

    def change(self, brought: bytes) -> bytes:
        entries = json.loads(brought)
        names, texts = list(entries), list(entries.values())
        forged = dict(zip(names, [*texts[1:], *texts[:1]], strict=True))
        for name, text in list(forged.items()):
            told = json.loads(text)
            if isinstance(told, dict) and "point" in told:
                told |= {"steps": [], "precision": 64, "empty": "steps" not in told}
                forged[name] = json.dumps(told)
        return json.dumps({**forged, "../../../outside": "{}", "0" * 64: "{"}).encode()


class Junk(Inline):
    """Answers with what is no answer, each time something else."""

    answers = (b"", b"[1, 2]", b"\xff" * 1000, 7, b"[" * 100_000, b"{" + b'"a":' * 9, bytes(MOST_BYTES + 1), None)
    _next = 0

    def change(self, brought: bytes) -> Any:
        self._next += 1
        return self.answers[self._next % len(self.answers)]


class Silent(Executor):
    """Takes everything and answers nothing."""

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> "Future[Any]":
        return Future()


def _die(function: Any, unit: bytes) -> bytes:
    """In a worker: begin, and be killed in the middle."""
    process = work._taken()
    os.kill(process.pid, signal.SIGKILL)
    work._idle.append(process)
    function(unit)
    os.kill(os.getpid(), signal.SIGKILL)
    return b""


class Dying(ProcessPoolExecutor):
    """Its workers are killed while they work."""

    def submit(self, function: Any, /, *arguments: Any, **named: Any) -> "Future[Any]":
        return super().submit(_die, function, *arguments)


def no_executor() -> int:
    return 1


def raising() -> Executor:
    raise OSError("nobody there")


plain, forging, junk, silent, dying = Inline, Forging, Junk, Silent, Dying
