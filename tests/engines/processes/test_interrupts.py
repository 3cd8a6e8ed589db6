"""A first SIGINT reaches the child's work and no more; a second one is raised where it came."""

import os
import signal

import pytest
from waiting import HANG, wait_for

from mechverify.engines.processes.children import Task, run
from mechverify.engines.processes.interrupts import Interrupts


def worked(interrupts: Interrupts, times: int, *, patiently: bool) -> object:
    """What a child brings that sends its parent SIGINT so many times and then waits to be asked to end."""

    def child() -> str:
        interrupts.taken()
        try:
            if patiently:
                with interrupts.waited_for():
                    return begun()
            return begun()
        except KeyboardInterrupt:
            return "raised"

    def begun() -> str:
        for k in range(times):
            os.kill(os.getppid(), signal.SIGINT)
            if k == 0:
                wait_for(lambda: interrupts.asked)
        wait_for(lambda: interrupts.asked)
        return "asked"

    with interrupts.handed_on():
        return run(Task("child", child, (str,), HANG))


def test_work_that_looks_for_it_is_not_broken_off() -> None:
    assert worked(Interrupts(), 1, patiently=True) == "asked"


def test_other_work_is() -> None:
    assert worked(Interrupts(), 1, patiently=False) in ("raised", "asked")


def test_a_second_one_ends_all() -> None:
    before = signal.getsignal(signal.SIGINT)

    def child() -> str:
        interrupts.taken()
        with interrupts.waited_for():
            os.kill(os.getppid(), signal.SIGINT)
            wait_for(lambda: interrupts.asked)
            os.kill(os.getppid(), signal.SIGINT)
            signal.pause()
        return "never"

    interrupts = Interrupts()
    with pytest.raises(KeyboardInterrupt), interrupts.handed_on():
        run(Task("child", child, (str,), HANG))
    assert signal.getsignal(signal.SIGINT) is before


def test_before_the_child_takes_them_they_are_raised() -> None:
    interrupts = Interrupts()
    with interrupts.handed_on(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
    assert not interrupts.asked
