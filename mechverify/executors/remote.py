"""An executor as a run sees it: the broker's process, what was sent to it, and what came back."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from types import TracebackType

from mechverify.errors import MechverifyError, UsageError
from mechverify.executors.frames import Frame, FrameError, Frames, read_frame, write_frame
from mechverify.executors.named import split_name

_CHUNK = 1 << 16
_GOODBYE = 2.0


class Remote:
    """A broker that runs, until the end of a ``with`` block. Raises UsageError for what is no name."""

    def __init__(self, name: str) -> None:
        self._name = name
        split_name(name)
        command = [sys.executable, "-P", "-m", "mechverify.executors.broker", name]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter on our own module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, process_group=0
        )
        self._frames = Frames()
        self._number = 0
        self._there = False
        self.open = True

    def __enter__(self) -> "Remote":
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, at: TracebackType | None) -> None:
        if self._process.stdin is not None:
            self._process.stdin.close()  # it calls off what is under way, and ends
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GOODBYE)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def wait_until_there(self) -> None:
        """Raises UsageError where there is no such executor."""
        if self._there:
            return
        out = self._process.stdout
        first = None if out is None else read_frame(out)
        if first is None or first.kind != b"R":
            why = b"" if first is None else first.payload
            raise UsageError(why.decode(errors="replace") or f"--executor {self._name}: its process ended")
        self._there = True

    def send(self, unit: bytes) -> int | None:
        """Hand out a unit of work; its number, or None where it cannot be sent."""
        self._number += 1
        return self._number if self._tell(Frame(b"W", self._number, unit)) else None

    def call_off(self, number: int) -> None:
        """Say that nobody waits for it any more."""
        self._tell(Frame(b"C", number))

    def _tell(self, frame: Frame) -> bool:
        if not self.open or self._process.stdin is None:
            return False
        try:
            write_frame(self._process.stdin.fileno(), frame)
        except (OSError, FrameError):
            return False
        return True

    def fileno(self) -> int:
        """What becomes readable when something comes back."""
        if self._process.stdout is None:
            raise MechverifyError("the broker has no output")
        return self._process.stdout.fileno()

    def arrived(self) -> list[Frame]:
        """What has come back, to be asked for where there is something to read; ``open`` is false after the last."""
        try:
            data = os.read(self.fileno(), _CHUNK)
            found = self._frames.taken(data)
        except (OSError, FrameError):
            data, found = b"", []
        self.open = self.open and bool(data)
        return found
