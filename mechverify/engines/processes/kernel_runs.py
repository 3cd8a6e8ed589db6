"""One run of the kernel on a certificate file: in a process started for it, or in one forked by the kernel's host.

Whichever it is, its process is its own, and what it prints comes through pipes that no other run has.
"""

import os
import resource
import selectors
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Protocol

from mechverify.engines.processes.kernel_host import ENDED, EXIT_CODE, MEMORY, STARTED, TOKEN_BYTES
from mechverify.engines.processes.kernel_hosts import HostLostError, KernelHost
from mechverify.engines.processes.patience import patient

_START_SECONDS, _END_SECONDS = 10.0, 5.0
_LONGEST_REPLY = 256
_CHUNK = 1 << 16
_LONGEST_OUTPUT = 1 << 20


class NonsenseError(ValueError):
    """The host, or what it runs, said what it never says."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of the kernel ended: exit code (negative: by that signal), standard output, standard error."""

    code: int
    output: bytes
    errors: bytes


class KernelRun(Protocol):
    """A run of the kernel under way."""

    def wait(self, seconds: float) -> Ended:
        """Wait for its end. Raises TimeoutError, OSError, HostLostError, NonsenseError."""

    def end(self) -> None:
        """Kill its process if it still runs, wait until that is done, close what leads to it. May be called twice."""


class OwnRun:
    """``python -I -S KERNEL FILE``, started for this certificate. Raises OSError."""

    def __init__(self, kernel: Path, certificate: str) -> None:
        command = [sys.executable, "-I", "-S", str(kernel), certificate]
        self.process = subprocess.Popen(  # noqa: S603 - our own interpreter on our own file
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        if sys.platform == "linux":
            try:
                _limit_memory(self.process.pid)
            except BaseException:
                self.end()
                raise

    def wait(self, seconds: float) -> Ended:
        """See ``KernelRun``."""
        try:
            output, errors = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError from None
        return Ended(self.process.returncode, output, errors)

    def end(self) -> None:
        """See ``KernelRun``."""
        self.process.kill()
        self.process.communicate()


def _limit_memory(process: int) -> None:
    """At most 8 GiB of address space, or what the machine allows where that is less."""
    _, hard = resource.prlimit(process, resource.RLIMIT_AS)
    allowed = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
    resource.prlimit(process, resource.RLIMIT_AS, (allowed, allowed))


class HostedRun:
    """A run in a process that the host forks. Raises HostLostError where the host cannot be asked, and OSError."""

    def __init__(self, host: KernelHost, certificate: str) -> None:
        self._host = host
        self._token = os.urandom(TOKEN_BYTES)
        self._asked = time.monotonic()
        self._started = False
        self._code: int | None = None
        self._output, self._errors = bytearray(), bytearray()
        with ExitStack() as theirs, ExitStack() as undo:
            self._replies, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            theirs.enter_context(other)
            undo.enter_context(self._replies)
            readers, writers = [], []
            for _ in range(2):
                reader, writer = os.pipe()
                theirs.callback(os.close, writer)
                readers.append(undo.enter_context(os.fdopen(reader, "rb", buffering=0)))
                writers.append(writer)
                os.set_blocking(reader, False)
            self._pipes = dict(zip(readers, (self._output, self._errors), strict=True))
            self._replies.setblocking(False)
            host.ask(self._token + os.fsencode(certificate), (*writers, other.fileno()))
            self._ours = undo.pop_all()

    def wait(self, seconds: float) -> Ended:
        """See ``KernelRun``. A host that says nonsense, or has not begun after 10 s, is abandoned."""
        deadline = time.monotonic() + seconds
        with selectors.DefaultSelector() as selector:
            selector.register(self._replies, selectors.EVENT_READ)
            for pipe in self._pipes:
                selector.register(pipe, selectors.EVENT_READ)
            while self._code is None:
                limit = deadline if self._started else min(deadline, self._asked + patient(_START_SECONDS))
                ready = selector.select(max(0.0, limit - time.monotonic()))
                if not ready and time.monotonic() >= limit:
                    if limit == deadline:
                        raise TimeoutError
                    self._host.abandon()
                    raise HostLostError("it does not begin")
                for key, _ in ready:
                    if key.fileobj is self._replies:
                        self._hear()
                    elif self._read(key.fileobj):  # type: ignore[arg-type]
                        selector.unregister(key.fileobj)
        for pipe in self._pipes:
            self._read(pipe)
        return Ended(self._code, bytes(self._output), bytes(self._errors))

    def _hear(self) -> None:
        """Take one reply."""
        try:
            reply = self._replies.recv(_LONGEST_REPLY)
        except BlockingIOError:
            return
        except OSError:
            reply = b""
        ended = ENDED + self._token
        if not reply:
            raise HostLostError("it has ended, or could not begin")
        if not self._started and reply == STARTED + self._token:
            self._started = True
        elif self._started and reply.startswith(ended) and len(reply) == len(ended) + EXIT_CODE.size:
            (self._code,) = EXIT_CODE.unpack(reply[len(ended) :])
        else:
            self._host.abandon()
            raise NonsenseError("the kernel's host did not reply as it should")

    def _read(self, pipe: FileIO) -> bool:
        """Take what a pipe holds; whether it is at its end."""
        text = self._pipes[pipe]
        while len(text) <= _LONGEST_OUTPUT:
            data = pipe.read(_CHUNK)
            if not data:
                return data is not None
            text += data
        raise NonsenseError(f"the kernel printed more than {_LONGEST_OUTPUT} bytes")

    def end(self) -> None:
        """See ``KernelRun``. A host that does not kill the process within 5 s is killed itself, which does it too."""
        if self._replies.fileno() < 0:
            return
        if self._code is None:
            with suppress(OSError):
                self._replies.shutdown(socket.SHUT_WR)
            if not self._killed():
                self._host.abandon()
        self._ours.close()

    def _killed(self) -> bool:
        deadline = time.monotonic() + _END_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self._replies, selectors.EVENT_READ)
            while selector.select(max(0.0, deadline - time.monotonic())):
                try:
                    reply = self._replies.recv(_LONGEST_REPLY)
                except OSError:
                    return True
                if not reply or reply.startswith(ENDED):
                    return True
        return False
