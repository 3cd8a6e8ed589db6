"""A claim's searches share its work, and none is left without its part."""

import pytest

from mechverify.deciding.clock import Clock
from mechverify.deciding.portfolio import Search
from mechverify.engines.processes.ceiling import Ceiling
from mechverify.engines.work.meter import MILLION, spend, work_done


def clock_after(done: float) -> Clock:
    clock = Clock(Search(60.0))
    spend(done * MILLION)
    return clock


@pytest.mark.parametrize(
    ("done", "half", "all_but_a_fifth", "everything"),
    [
        (0.0, 30.0, 48.0, 60.0),
        (5.0, 30.0, 43.0, 55.0),
        (40.0, 20.0, 10.0, 20.0),
        (56.0, 4.0, 2.0, 4.0),
        (500.0, 0.1, 0.1, 0.1),
    ],
)
def test_what_is_left(done: float, half: float, all_but_a_fifth: float, everything: float) -> None:
    clock = clock_after(done)
    assert clock.part(0.5).work == pytest.approx(half)
    assert clock.part(keep=0.2).work == pytest.approx(all_but_a_fifth)
    assert clock.part().work == pytest.approx(everything)


def test_searches_one_after_another_keep_to_the_limit() -> None:
    clock, before = Clock(Search(60.0)), work_done()
    for share, keep in ((0.1, 0.0), (0.1, 0.0), (0.5, 0.3), (1.0, 0.2), (0.25, 0.0), (1.0, 0.0)):
        spend(clock.part(share, keep).work * MILLION)
    assert work_done() - before <= 60.0 + 0.11  # the last one may have a tenth of a million of its own


def test_seed_ceiling_and_what_settles_are_kept() -> None:
    ceiling = Ceiling(16.0)
    clock = Clock(Search(8.0, seed=3, ceiling=ceiling, settle_for_agreement=False))
    search = clock.part(0.5)
    assert (search.seed, search.ceiling, search.settle_for_agreement) == (3, ceiling, False)
