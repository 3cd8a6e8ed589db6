"""What an executor's worker calls: some bytes in, some bytes out, by a process of its own that stays for the next."""

import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress

from mechverify.errors import MechverifyError
from mechverify.executors.frames import Frame, read_frame, write_frame

WORKER = "mechverify.verification.elsewhere.worker"
_idle: list["subprocess.Popen[bytes]"] = []
_choosing = threading.Lock()


class WorkerDiedError(MechverifyError):
    """The process that did the work is gone."""


def work_on(unit: bytes) -> bytes:
    """What the work of a unit brings. It may be called from several threads: each call has a process to itself.

    Searches fork and have timers, so they are no work for a thread of a worker. Raises WorkerDiedError.
    """
    process = _taken()
    try:
        if process.stdin is None or process.stdout is None:
            raise WorkerDiedError("the worker's process has no pipes")
        write_frame(process.stdin.fileno(), Frame(b"W", payload=unit))
        answer = read_frame(process.stdout)
        if answer is None:
            raise WorkerDiedError(f"the worker's process ended with {process.wait()}")
    except BaseException:
        _end(process)
        raise
    if answer.kind == b"F":
        _end(process)
        raise WorkerDiedError(answer.payload.decode(errors="replace"))
    with _choosing:
        _idle.append(process)
    return answer.payload


def _taken() -> "subprocess.Popen[bytes]":
    with _choosing:
        while _idle:
            process = _idle.pop()
            if process.poll() is None:
                return process
    command = [sys.executable, "-P", "-m", WORKER]
    return subprocess.Popen(  # noqa: S603 - our own interpreter on our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=-1, process_group=0
    )


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    process.wait()
