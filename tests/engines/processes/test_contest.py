"""Results come in the order of work, however slow a process is, and seconds are only a ceiling."""

import os
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mechverify.engines.engine import GaveUp
from mechverify.engines.processes.ceiling import Ceiling
from mechverify.engines.processes.children import Failure, Finished, Task, keep
from mechverify.engines.processes.contest import Contest, Contestant
from mechverify.engines.work.meter import MILLION, spend, work_done

pytestmark = pytest.mark.usefixtures("ceilings_as_told")

KINDS = (GaveUp,)


def worker(name: str, work: float, *, naps: float = 0.0, parts: int = 10) -> Callable[[], GaveUp]:
    """Does so many millions of steps in parts, and sleeps so many seconds in all."""

    def run() -> GaveUp:
        for _ in range(parts):
            time.sleep(naps / parts)
            spend(work / parts * MILLION)
        return GaveUp("passed", name)

    return run


def contestant(name: str, work: float, naps: float = 0.0, allowed: float = 100.0, after: float = 0.0) -> Contestant[GaveUp]:
    return Contestant(Task(name, worker(name, work, naps=naps), KINDS, 60.0), allowed, after)


def told(*contestants: Contestant[GaveUp], cores: int = 2, limit: float = 100.0, seconds: float = 60.0) -> list[Finished[GaveUp]]:
    with closing(Contest(contestants, cores, limit, Ceiling(seconds)).results()) as results:
        return list(results)


def names(found: list[Finished[GaveUp]]) -> list[str]:
    return [one.name for one in found]


@pytest.mark.parametrize(("slow", "quick"), [(0.0, 0.0), (0.6, 0.0), (0.0, 0.6)])
def test_less_work_comes_first_whoever_is_slow(slow: float, quick: float) -> None:
    assert names(told(contestant("much", 5.0, slow), contestant("little", 2.0, quick))) == ["little", "much"]


@pytest.mark.parametrize("slow", [0, 1])
def test_as_much_work_in_the_order_given(slow: int) -> None:
    both = [contestant(name, 3.0, 0.4 if k == slow else 0.0) for k, name in enumerate("ab")]
    assert names(told(*both)) == ["a", "b"]


@pytest.mark.parametrize("slow", ["a", "b", "c"])
def test_who_waits_for_a_core_starts_at_the_work_done_until_then(slow: str) -> None:
    """On two cores: a until 4, b until 1, then c until 3."""
    work = {"a": 4.0, "b": 1.0, "c": 2.0}
    found = told(*(contestant(name, w, 0.5 if name == slow else 0.0) for name, w in work.items()))
    assert names(found) == ["b", "c", "a"]
    assert [one.work for one in found] == pytest.approx([1.0, 2.0, 4.0])


@pytest.mark.parametrize("slow", ["a", "late"])
@pytest.mark.parametrize(("after", "order"), [(1.0, ["late", "a"]), (3.0, ["a", "late"])])
def test_who_waits_while_others_run_though_a_core_is_free(slow: str, after: float, order: list[str]) -> None:
    late = contestant("late", 1.5, 0.5 if slow == "late" else 0.0, after=after)
    assert names(told(late, contestant("a", 4.0, 0.5 if slow == "a" else 0.0))) == order


def test_nobody_waits_where_nothing_runs() -> None:
    both = [contestant("a", 1.0, after=2e6), contestant("b", 1.0, after=1e6)]
    assert names(told(*both, cores=1, limit=1e9)) == ["b", "a"]


@pytest.mark.parametrize("naps", [0.0, 0.5])
def test_work_ends_a_contestant_and_what_it_kept_arrives(naps: float) -> None:
    def endless() -> GaveUp:
        for k in range(10**9):
            keep(GaveUp("passed", f"{k}"))
            time.sleep(naps / 8)
            spend(MILLION)
        return GaveUp("passed", "never")

    (one,) = told(Contestant(Task("endless", endless, KINDS, 60.0), 7.5))
    assert isinstance(one.value, Failure)
    assert (one.value.reason, one.kept) == ("work", GaveUp("passed", "7"))


def test_the_limit_of_all_ends_those_that_run_and_those_that_wait() -> None:
    found = told(contestant("a", 50.0), contestant("b", 1.0), contestant("c", 50.0), contestant("d", 1.0), limit=10.0)
    assert names(found)[0] == "b"
    reasons = {one.name: one.value.reason for one in found}
    assert reasons == {"b": "passed", "a": "work", "c": "work", "d": "work"}


@pytest.mark.parametrize("slow", ["a", "b", "c"])
def test_a_limit_that_the_reader_lowers(slow: str) -> None:
    """Once b has ended, at 1, nothing counts that ends after 3."""
    work = {"a": 2.5, "b": 1.0, "c": 2.5}
    contest = Contest([contestant(n, w, 0.5 if n == slow else 0.0) for n, w in work.items()], 2, 100.0, Ceiling(60.0))
    found = []
    with closing(contest.results()) as results:
        for one in results:
            found.append((one.name, one.value.reason))
            if one.name == "b":
                contest.end_by(contest.now + 2.0)
    assert sorted(found) == [("a", "passed"), ("b", "passed"), ("c", "work")]


def test_a_ceiling_of_seconds_says_that_it_was_the_time() -> None:
    found = told(contestant("a", 1.0, 30.0), contestant("b", 1.0, 30.0), contestant("c", 1.0), seconds=0.3)
    assert {one.value.reason for one in found} == {"time"}
    assert len(found) == 3


def test_a_ceiling_ends_those_that_still_wait_for_their_turn() -> None:
    began = time.process_time()
    found = told(contestant("a", 100.0, 60.0), contestant("late", 1.0, after=50.0), seconds=0.5)
    assert [one.value.reason for one in found] == ["time", "time"]
    assert time.process_time() - began < 10.0  # it waits, and does not spin


def test_a_crash_is_a_result_in_its_turn() -> None:
    def crash() -> GaveUp:
        spend(2 * MILLION)
        raise ValueError("boom")

    found = told(Contestant(Task("crash", crash, KINDS, 60.0), 9.0), contestant("little", 1.0, 0.4))
    assert names(found) == ["little", "crash"]
    assert found[1].value.reason == "crash"


@pytest.mark.parametrize("naps", [0.0, 0.4])
def test_the_race_is_work_of_whoever_reads_it(naps: float) -> None:
    before = work_done()
    with closing(Contest([contestant("a", 2.0, naps), contestant("b", 9.0)], 2, 100.0, Ceiling(60.0)).results()) as results:
        assert next(results).name == "a"
    assert work_done() - before == pytest.approx(2.0)


def test_nobody_runs_while_a_result_is_looked_at() -> None:
    """What the kernel checks most often ends the contest: until then the others stand still, and go on if it does not."""
    contest = Contest([contestant("first", 1.0), contestant("second", 50.0, naps=2.0)], 2, 100.0, Ceiling(60.0))
    with closing(contest.results()) as results:
        assert next(results).name == "first"
        other = contest._running[0].child
        stat = Path(f"/proc/{other.pid}/stat")
        if not stat.exists():
            pytest.skip("no /proc here")
        while (state := stat.read_text(encoding="ascii").rsplit(")", 1)[1].split()[0]) != "T":
            assert state in ("R", "S", "D")
        done = other.work
        spin = sum(range(4_000_000))
        assert spin
        assert other.work == done < 50.0
        second = next(results)
    assert (second.name, second.work) == ("second", 50.0)
    assert second.value == GaveUp("passed", "second")


def test_standing_still_takes_no_time_from_a_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check that takes longer than the others have left does not end them."""
    contest = Contest([contestant("first", 1.0), contestant("second", 50.0, naps=1.0)], 2, 100.0, Ceiling(60.0))
    with closing(contest.results()) as results:
        assert next(results).name == "first"
        child = contest._running[0].child
        before = child.deadline
        now = time.monotonic
        with monkeypatch.context() as later:
            later.setattr("mechverify.engines.processes.children.time.monotonic", lambda: now() + 500.0)
            child.let_go()
        assert child.deadline >= before + 500.0
        child.let_go()
        assert child.deadline < before + 600.0
        assert next(results).value == GaveUp("passed", "second")


def test_who_is_held_when_the_contest_is_closed_is_killed() -> None:
    contest = Contest([contestant("first", 1.0), contestant("second", 50.0, naps=2.0)], 2, 100.0, Ceiling(60.0))
    with closing(contest.results()) as results:
        next(results)
        pid = contest._running[0].child.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
