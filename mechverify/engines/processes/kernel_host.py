"""The kernel's host: a process that has read the kernel's code, and forks itself for every certificate.

    python -I -S kernel_host.py KERNEL PARENT

KERNEL is the kernel's ``__main__.py``, PARENT the number of the process that starts the host. Standard input is a
``SOCK_SEQPACKET`` socket of requests. A request is one message: a token and the certificate's path, with three
descriptors: the standard output and the standard error of the check, and a socket for replies about it. A reply is
``STARTED`` and the token, or ``ENDED``, the token and the exit code.

Each check is a process that does what the kernel's own script does once it has imported the kernel: no more passes
from one certificate to another than the kernel's code. It is killed when the other end of its replies is shut down
or closed, and when the host ends; the host ends with PARENT, and when nobody is left who could ask. Nothing is
imported here but the standard library and the kernel.
"""

import ctypes
import gc
import importlib
import importlib.util
import os
import resource
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TextIO

STARTED, ENDED = b"started ", b"ended "
TOKEN_BYTES = 16
LONGEST_REQUEST = 1 << 13
EXIT_CODE = struct.Struct("<i")
MEMORY = 8 << 30
_DESCRIPTORS = 3
_PR_SET_PDEATHSIG = 1
_PATIENCE = 2000  # milliseconds after which it looks whether its parent is still there

Main = Callable[[list[str]], int]


@dataclass(frozen=True, slots=True)
class _Check:
    """A process at work on a certificate: its number, what becomes readable at its end, where to tell it, whose."""

    pid: int
    end: int
    replies: int
    token: bytes


class Host:
    """Takes requests from a socket and watches over the checks that it has begun."""

    def __init__(self, requests: socket.socket, parent: int) -> None:
        self._requests, self._parent = requests, parent
        self._libc = ctypes.CDLL(None)
        self._checks: dict[int, _Check] = {}
        self._poll = select.poll()
        self._poll.register(requests, select.POLLIN)

    def serve(self) -> str | None:
        """Serve until nobody can ask any more, then return None; in the process of a check, the path to check."""
        asked = self._requests.fileno()
        while os.getppid() == self._parent:
            ready = {descriptor for descriptor, _ in self._poll.poll(_PATIENCE)}
            for descriptor in ready - {asked}:  # before new descriptors may take the numbers of closed ones
                check = self._checks.get(descriptor)
                if check is not None:
                    self._end(check)
            if asked in ready:
                message, descriptors, _, _ = socket.recv_fds(self._requests, LONGEST_REQUEST, _DESCRIPTORS)
                if not message:
                    break
                path = self._begin(message, descriptors)
                if path is not None:
                    return path
        return None

    def _begin(self, message: bytes, descriptors: Sequence[int]) -> str | None:
        """Fork; the path in the child, None here. A request that cannot be served loses its descriptors."""
        kept = -1
        try:
            if len(descriptors) == _DESCRIPTORS and len(message) > TOKEN_BYTES:
                output, errors, replies = descriptors
                host = os.getpid()
                pid = os.fork()
                if pid == 0:
                    self._become_check(host, output, errors)
                    return os.fsdecode(message[TOKEN_BYTES:])
                if self._watch(pid, replies, message[:TOKEN_BYTES]):
                    kept = replies
        except OSError:
            pass
        for descriptor in descriptors:
            if descriptor != kept:
                os.close(descriptor)
        return None

    def _watch(self, pid: int, replies: int, token: bytes) -> bool:
        try:
            check = _Check(pid, os.pidfd_open(pid), replies, token)
        except OSError:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return False
        for descriptor in (check.end, check.replies):
            self._checks[descriptor] = check
            self._poll.register(descriptor, select.POLLIN)
        with suppress(OSError):
            os.write(replies, STARTED + token)
        return True

    def _end(self, check: _Check) -> None:
        """The check has ended, or nobody wants to know any more: kill what runs, and tell how it ended."""
        for descriptor in (check.end, check.replies):
            del self._checks[descriptor]
            self._poll.unregister(descriptor)
        if not _readable(check.end):
            signal.pidfd_send_signal(check.end, signal.SIGKILL)
        _, status = os.waitpid(check.pid, 0)
        with suppress(OSError):
            os.write(check.replies, ENDED + check.token + EXIT_CODE.pack(os.waitstatus_to_exitcode(status)))
        os.close(check.end)
        os.close(check.replies)

    def _become_check(self, host: int, output: int, errors: int) -> None:
        """In the child: it ends with the host, has nothing open but its own three files, and limited memory."""
        try:
            self._libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            if os.getppid() != host:
                os._exit(1)
            self._requests.detach()
            nothing = os.open(os.devnull, os.O_RDONLY)
            for number, descriptor in enumerate((nothing, output, errors)):
                os.dup2(descriptor, number)
            os.closerange(_DESCRIPTORS, os.sysconf("SC_OPEN_MAX"))
            sys.stdout, sys.stderr = _reopened(sys.stdout), _reopened(sys.stderr)
            _, hard = resource.getrlimit(resource.RLIMIT_AS)
            allowed = MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard)
            resource.setrlimit(resource.RLIMIT_AS, (allowed, allowed))
        except BaseException:
            os._exit(1)


def _reopened(text: TextIO) -> TextIO:
    """The same file with what it is now found out anew: whether it can be rewound, say."""
    return open(text.fileno(), text.mode, encoding=text.encoding, errors=text.errors, closefd=False)  # type: ignore[return-value]


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


def _main_of(kernel: str) -> Main:
    """The kernel's ``main``, from the package that its own script would load, by that script's own means."""
    spec = importlib.util.spec_from_file_location("mechverify_kernel_script", kernel)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot load the kernel from {kernel}")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    main: Main = importlib.import_module(f"{script._package()}.entry").main  # noqa: SLF001 - it has no other name for it
    return main


def host(kernel: str, parent: int) -> tuple[Main, str]:
    """Serve requests on standard input; returns in the processes of checks alone: what to call, and on which path."""
    if not (sys.flags.isolated and sys.flags.no_site):
        sys.exit("the kernel's host is run with -I -S")
    main = _main_of(kernel)
    gc.freeze()
    path = Host(socket.socket(fileno=0), parent).serve()
    if path is None:
        os._exit(0)
    return main, path


if __name__ == "__main__":
    _main, _path = host(sys.argv[1], int(sys.argv[2]))
    _code = 1
    try:
        _said = _main([_path])  # as deep in the stack as in the kernel's own script
        sys.stdout.flush()
        sys.stderr.flush()
        _code = _said
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(_code)  # taking the interpreter down takes longer than most checks
