"""How long the work around a search may take. What a search may take is ``--timeout``, kept by ``clock``."""

from collections.abc import Callable
from typing import TypeVar

from mechverify.engines.processes.time_limit import OutOfTimeError, stage, time_limit

T = TypeVar("T")
U = TypeVar("U")

READING = 120.0
BESIDE = 10.0
_LEAST_COMPILING = 10.0
_LEAST_CROSS_CHECK = 60.0
_GRACE, _GRACE_SHARE = 10.0, 1 / 4


def grace(timeout: float) -> float:
    """The seconds beyond its time limit in which a claim has to end, those in which the kernel checks apart."""
    return _GRACE + _GRACE_SHARE * timeout


def compiling(timeout: float) -> float:
    """The seconds in which one claim is compiled."""
    return max(_LEAST_COMPILING, timeout)


def cross_checking(timeout: float) -> float:
    """The seconds in which the models of a spec are cross-checked with their runtimes."""
    return max(_LEAST_CROSS_CHECK, timeout + grace(timeout))


def beside(doing: str, work: Callable[[], T], otherwise: U) -> T | U:
    """What stands beside a verdict, or ``otherwise`` where that takes more than ten seconds."""
    try:
        with stage(doing), time_limit(BESIDE):
            return work()
    except OutOfTimeError:
        return otherwise
