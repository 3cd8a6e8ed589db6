"""A first interrupt handed on to a child, which ends what it is doing and brings what it has; a second one ends all."""

import mmap
import os
import signal
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_PID = struct.Struct("=q?")


class Interrupts:
    """Made before the child is forked, which shares its page: the child's process, and whether an interrupt came."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, _PID.size)
        self._waiting = False

    @property
    def asked(self) -> bool:
        """Whether an interrupt was handed on."""
        return bool(_PID.unpack_from(self._page)[1])

    @contextmanager
    def handed_on(self) -> Iterator[None]:
        """In the parent: SIGINT goes to the child once, and is raised after that. Elsewhere than on the main thread it
        is left alone.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.getsignal(signal.SIGINT)

        def hand_on(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
            pid, asked = _PID.unpack_from(self._page)
            if asked or not pid:
                raise KeyboardInterrupt
            self._tell(pid)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)

        signal.signal(signal.SIGINT, hand_on)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)

    def taken(self) -> None:
        """In the child: from now on interrupts come here. One raises KeyboardInterrupt, but while ``waited_for``."""

        def take(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
            if not self._waiting:
                raise KeyboardInterrupt

        signal.signal(signal.SIGINT, take)
        _PID.pack_into(self._page, 0, os.getpid(), self.asked)

    @contextmanager
    def waited_for(self) -> Iterator[None]:
        """In the child: work that looks at ``asked`` itself, and is not broken off."""
        self._waiting = True
        try:
            yield
        finally:
            self._waiting = False

    def _tell(self, pid: int) -> None:
        _PID.pack_into(self._page, 0, pid, True)
