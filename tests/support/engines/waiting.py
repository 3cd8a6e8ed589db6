"""Waiting for what happens, without saying when: on a loaded machine a test takes longer, and says the same.

A hang shows as ``HANG`` seconds, a hundred times what anything here takes; it is with ``no_hang`` the only limit in
seconds by which a test may fail. `tests/house/test_no_clocks.py` lets nobody else read a clock.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

HANG = 300.0
LIMITS = (0.1, 1.0, 10.0, 100.0)


def in_the_end() -> float:
    """A time of the monotonic clock that comes only where something hangs."""
    return time.monotonic() + HANG


def wait_for(happened: Callable[[], T], what: str = "it") -> T:
    """What this returns, as soon as that is true. Raises AssertionError after ``HANG`` seconds."""
    end = in_the_end()
    while time.monotonic() < end:
        found = happened()
        if found:
            return found
        time.sleep(0.005)
    raise AssertionError(f"{what} did not happen")


def until_it_reached(
    attempt: Callable[[float], T], reached: Callable[[], object], limits: tuple[float, ...] = LIMITS
) -> T:
    """What an attempt under a limit in seconds returns: the first limit within which it got where the test wants it to
    be stopped. Raises AssertionError where the longest was not enough."""
    for seconds in limits:
        found = attempt(seconds)
        if reached():
            return found
    raise AssertionError(f"not reached in {limits[-1]} s")


def alive(pid: int) -> bool:
    """Whether a process runs."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def gone(pid: int) -> bool:
    """True as soon as a process has ended."""
    return wait_for(lambda: not alive(pid), f"the end of process {pid}")


def line_in(path: Path) -> str:
    """What somebody has written to a file, if it is a whole line by now."""
    text = path.read_text() if path.exists() else ""
    return text if text.endswith("\n") else ""


def number_in(path: Path) -> int:
    """The number that somebody writes to a file, in a line."""
    return int(wait_for(lambda: line_in(path), f"a number in {path.name}"))


@contextmanager
def no_hang(seconds: float) -> Iterator[None]:
    """For work that grows without end where it is done wrongly: a block that takes no more than so many processor
    seconds, which are to be ten times and more what it takes on a slow machine."""
    began = time.process_time()
    yield
    assert time.process_time() - began < seconds


def spin(seconds: float) -> None:
    """Be busy for so long."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def endless() -> None:
    """Work that only a limit ends."""
    end = in_the_end()
    while time.monotonic() < end:
        sum(range(1000))
    raise AssertionError("nothing ended this")
