"""Ending work of one's own process that takes too long, and saying what it was.

What searches runs in children that are killed (``processes``). What comes before and after a search runs where its
results are needed: there an interval timer raises an exception in the middle of it.
"""

import signal
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from types import FrameType

from mechverify.engines.processes import children as processes
from mechverify.engines.processes.kernel import end_others, running, seconds_checking
from mechverify.engines.processes.patience import patient
from mechverify.errors import MechverifyError

_AGAIN = 5.0  # where something has swallowed the first; what is cleaned up meanwhile is not disturbed
_SOON = 1e-3
_doing: list[str] = []


class OutOfTimeError(MechverifyError):
    """Work that was ended because its time was used up. ``doing`` says what it was."""

    exit_code = 3

    def __init__(self, seconds: float, doing: str) -> None:
        super().__init__(f"The time for this ({seconds:.3g} s) was used up while {doing}.")
        self.seconds, self.doing = seconds, doing


class _Alarm(BaseException):
    """Raised by the timer; ``of`` is the limit that it belongs to."""

    def __init__(self, of: object, doing: str) -> None:
        super().__init__()
        self.of, self.doing = of, doing


@contextmanager
def stage(doing: str) -> Generator[None]:
    """Say what is being done, in words that follow on "while": "reading the model"."""
    _doing.append(doing)
    processes.note(doing)
    try:
        yield
    finally:
        _doing.pop()
        processes.note(_doing[-1] if _doing else "")


def seconds_kept_waiting() -> float:
    """How long the main thread could have run so far while the machine ran something else; 0.0 where no one counts."""
    try:
        with open("/proc/self/schedstat", "rb") as counted:
            return int(counted.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return 0.0


@contextmanager
def time_limit(seconds: float, *, of_its_own: bool = False) -> Generator[None]:
    """End the block after so many seconds of wall-clock time, those not counted in which the kernel checks
    certificates, nor, with ``of_its_own``, those in which the machine had no core for it. Kernel processes that were
    started in it end with it. Raises OutOfTimeError, which names the innermost ``stage`` that was under way.

    It takes the process's timer, so that in threads other than the main one, and where somebody else has a handler for
    the timer's signal, there is no limit. Limits may be nested.
    """
    if not _may_be_timed():
        yield
        return
    mine = object()
    started, checking, kernels = time.monotonic(), seconds_checking(), running()
    waited = seconds_kept_waiting() if of_its_own else 0.0

    def left() -> float:
        waiting = seconds_kept_waiting() - waited if of_its_own else 0.0
        return started + patient(seconds) + (seconds_checking() - checking) + waiting - time.monotonic()

    def ring(_signal: int, _frame: FrameType | None) -> None:
        remaining = left()
        if remaining > 0 or processes.held():
            signal.setitimer(signal.ITIMER_REAL, max(_SOON, remaining), _AGAIN)
            return
        raise _Alarm(mine, _doing[-1] if _doing else "this was done")

    before = _take_timer(ring, left())
    try:
        yield
    except _Alarm as alarm:
        if alarm.of is not mine:
            raise
        end_others(kernels)
        raise OutOfTimeError(seconds, alarm.doing) from None
    finally:
        before()


def _may_be_timed() -> bool:
    if threading.current_thread() is not threading.main_thread():
        return False
    handler = signal.getsignal(signal.SIGALRM)
    ours = getattr(handler, "__module__", None) == __name__
    return ours or handler in (signal.SIG_DFL, None)


def _take_timer(ring: Callable[[int, FrameType | None], None], seconds: float) -> Callable[[], None]:
    """Set handler and timer, unless the timer that runs already ends sooner; returns what puts both back."""
    handler = signal.getsignal(signal.SIGALRM)
    began = time.monotonic()
    remaining, interval = signal.getitimer(signal.ITIMER_REAL)
    if 0 < remaining <= seconds:
        return lambda: None
    signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(_SOON, seconds), _AGAIN)

    def back() -> None:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, signal.SIG_DFL if handler is None else handler)
        if remaining > 0:
            signal.setitimer(signal.ITIMER_REAL, max(_SOON, remaining - (time.monotonic() - began)), interval)

    return back
