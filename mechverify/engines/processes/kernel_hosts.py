"""Hosts of the kernel, as those see them who ask: started once, shared by everything that is forked afterwards."""

import atexit
import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

import mechverify.kernel

KERNEL = Path(mechverify.kernel.__file__).resolve().parent / "__main__.py"

_SCRIPT = Path(__file__).resolve().parent / "kernel_host.py"
_MOST_STARTS = 3
_started: list["KernelHost"] = []


class HostLostError(Exception):
    """The host has ended, or does not answer: it says nothing of the certificate."""


class KernelHost:
    """A host of one kernel, running; whoever is forked from this process may ask it too. Raises OSError.

    Every request carries channels of its own, so that they may come from several processes at once.
    """

    def __init__(self, kernel: Path, script: Path = _SCRIPT) -> None:
        self.kernel = kernel
        command = [sys.executable, "-I", "-S", str(script), str(kernel), str(os.getpid())]
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, ExitStack() as undo:
            undo.callback(ours.close)
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter on our own file
                command, stdin=theirs.fileno(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, process_group=0
            )
            undo.callback(self.process.wait)
            undo.callback(self.process.kill)
            self._end = os.pidfd_open(self.process.pid)
            undo.pop_all()
        self._requests = ours
        self._starter = os.getpid()

    @property
    def alive(self) -> bool:
        """Whether its process runs."""
        poll = select.poll()
        poll.register(self._end, select.POLLIN)
        return not poll.poll(0)

    def ask(self, message: bytes, descriptors: tuple[int, ...]) -> None:
        """Send a request. Raises HostLostError where it cannot be sent at once."""
        try:
            flags = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
            socket.send_fds(self._requests, [message], descriptors, flags)
        except OSError as error:
            raise HostLostError(str(error)) from None

    def abandon(self) -> None:
        """Kill the host, and with it all checks under way."""
        with suppress(OSError):
            signal.pidfd_send_signal(self._end, signal.SIGKILL)
        self.end_with_starter()

    def end_with_starter(self) -> None:
        """In the process that started it: kill it, and wait until it is gone."""
        if os.getpid() == self._starter:
            self.process.kill()
            self.process.wait()
            self._requests.close()


def shared_host(kernel: Path) -> KernelHost | None:
    """The running host that this process shares with those that it was forked from and with those that it forks;
    started if there is none. None for another kernel than our own, where there can be no host, and where hosts did not
    last.
    """
    if kernel != KERNEL or not _possible():
        return None
    if _started and _started[-1].alive:
        return _started[-1]
    if len(_started) == _MOST_STARTS:
        return None
    with suppress(OSError, subprocess.SubprocessError):
        host = KernelHost(kernel)
        _started.append(host)
        atexit.register(host.end_with_starter)
        return host
    return None


def _possible() -> bool:
    """Pythons built for old systems lack the descriptors of processes."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open") and hasattr(signal, "pidfd_send_signal")


def no_host(kernel: Path) -> None:
    """For those who check one certificate and no more: starting a host would take longer."""
    del kernel
