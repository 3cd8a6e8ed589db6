"""How long the work around a search may take, and how much work goes with ``--timeout``, the ceiling of a search."""

from collections.abc import Callable
from typing import TypeVar

from mechverify.engines.processes.time_limit import OutOfTimeError, stage, time_limit

T = TypeVar("T")
U = TypeVar("U")

READING = 120.0
BESIDE = 10.0
_LEAST_COMPILING = 10.0
_LEAST_CROSS_CHECK = 60.0
_SECONDS_A_MILLION = 2.0
_GRACE, _GRACE_SHARE = 10.0, 1 / 4


def work_within(timeout: float) -> float:
    """The work, in millions of steps, that ends a search before these seconds do: on an idle core it takes about half
    of them, so that the same search ends in the same place on a machine with half the speed.
    """
    return timeout / _SECONDS_A_MILLION


def seconds_for(work: float) -> float:
    """The ceiling of seconds that goes with so much work."""
    return _SECONDS_A_MILLION * work


def grace(timeout: float) -> float:
    """The seconds beyond its time limit in which a claim has to end, those in which the kernel checks apart."""
    return _GRACE + _GRACE_SHARE * timeout


def compiling(timeout: float) -> float:
    """The seconds in which one claim is compiled."""
    return max(_LEAST_COMPILING, timeout)


def cross_checking(timeout: float) -> float:
    """The seconds in which the models of a spec are cross-checked with their runtimes."""
    return max(_LEAST_CROSS_CHECK, timeout + grace(timeout))


def beside(doing: str, work: Callable[[], T], otherwise: U, late: list[str] | None = None) -> T | U:
    """What stands beside a verdict, or ``otherwise`` where that takes more than ten seconds; what it was is then one
    more of ``late``.
    """
    try:
        with stage(doing), time_limit(BESIDE):
            return work()
    except OutOfTimeError:
        if late is not None:
            late.append(doing)
        return otherwise
