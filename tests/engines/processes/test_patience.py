"""Ceilings of seconds that are put off come later, whoever keeps them."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
from waiting import HANG, endless

from mechverify.engines.certificates.problem import point_certificate, problem_data
from mechverify.engines.processes.ceiling import Ceiling
from mechverify.engines.processes.children import Failure, Task, run
from mechverify.engines.processes.kernel import check_certificate
from mechverify.engines.processes.patience import patient, put_off
from mechverify.engines.processes.time_limit import OutOfTimeError, time_limit
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation

MANY, MOMENT = 1000.0, 1e-6


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = put_off(1.0)
    yield
    put_off(before)


def test_nothing_is_put_off_unless_it_is_asked_for() -> None:
    assert put_off(MANY) == 1.0
    assert patient(2.0) == 2000.0
    assert put_off(1.0) == MANY
    assert patient(2.0) == 2.0


def test_nothing_is_put_off_for_more_than_a_day() -> None:
    put_off(MANY)
    assert patient(3600.0) == 86_400.0
    assert patient(1e9) == 1e9


def test_a_ceiling_has_more_left_and_says_what_it_was_given() -> None:
    ceiling = Ceiling(1.0)
    assert ceiling.left <= 1.0
    put_off(MANY)
    assert ceiling.left > HANG
    assert ceiling.seconds == 1.0


def witness() -> dict[str, object]:
    """x <= 9 is false at 10."""
    b = GraphBuilder()
    claim = b.le(b.input("x", "integer", Fraction(0), Fraction(10)), b.const(9))
    assumption = b.boolean(True)
    return point_certificate(problem_data(Obligation(b.graph(), assumption, claim)), (Fraction(10),))


def some_work() -> str:
    return "".join(str(k) for k in range(100_000))[-5:]


def test_a_moment_is_enough_where_it_is_put_off() -> None:
    put_off(MANY / MOMENT)
    with time_limit(MOMENT):
        assert some_work() == "99999"
    assert run(Task("work", some_work, (str,), MOMENT)) == "99999"
    answer = check_certificate(witness(), MOMENT)
    assert (answer.answer, answer.late) == ("valid", False)


def test_and_ends_what_takes_longer_where_it_is_not() -> None:
    with pytest.raises(OutOfTimeError, match="1e-06 s"), time_limit(MOMENT):
        endless()
    failed = run(Task("work", endless, (str,), MOMENT))
    assert isinstance(failed, Failure)
    assert failed.reason == "time"
