"""Work is counted, stops a child where it is used up, and is nobody's exception."""

import pytest

from mechverify.engines.processes.children import Failure, Task, run
from mechverify.engines.work.meter import MILLION, OutOfWorkError, count_on, spend, work_done


def test_steps_add_up() -> None:
    before = work_done()
    spend(3 * MILLION)
    spend(0.5 * MILLION)
    assert work_done() - before == pytest.approx(3.5)


def test_a_child_counts_from_nothing_and_its_parent_goes_on_counting_alone() -> None:
    def work() -> object:
        first = work_done()
        spend(7 * MILLION)
        return (first, work_done())

    before = work_done()
    assert run(Task("child", work, (tuple,), 20.0)) == (0.0, 7.0)
    assert work_done() == before


def test_what_searches_catch_does_not_catch_the_end() -> None:
    assert not issubclass(OutOfWorkError, Exception)


def test_a_process_stops_at_the_step_that_is_too_many() -> None:
    from ctypes import c_double

    def limited() -> object:
        count_on((c_double * 2)(0.0, 10.0))
        done = 0
        try:
            for _ in range(20):
                spend(1.0)
                done += 1
        except OutOfWorkError:
            return (done,)
        return ()

    assert run(Task("child", limited, (tuple,), 20.0)) == (10,)


def test_a_child_that_runs_out_of_work_says_what_it_was_doing() -> None:
    from mechverify.engines.processes.children import note

    def busy() -> object:
        count_on((__import__("ctypes").c_double * 2)(0.0, 5.0))
        note("counting")
        while True:
            spend(1.0)

    answer = run(Task("child", busy, (tuple,), 20.0))
    assert isinstance(answer, Failure)
    assert (answer.reason, answer.detail) == ("work", "child used up its work, while counting")
