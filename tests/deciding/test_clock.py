"""A claim's searches share its limit, and none is left without its part."""

import time

import pytest

from mechverify.deciding.clock import Clock
from mechverify.deciding.portfolio import Search


def clock_after(monkeypatch: pytest.MonkeyPatch, passed: float) -> Clock:
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0 + passed)
    return Clock(Search(60.0), started=1000.0)


@pytest.mark.parametrize(
    ("passed", "half", "all_but_a_fifth", "everything"),
    [
        (0.0, 30.0, 48.0, 60.0),
        (5.0, 30.0, 43.0, 55.0),
        (40.0, 20.0, 10.0, 20.0),
        (56.0, 4.0, 2.0, 4.0),
        (500.0, 0.1, 0.1, 0.1),
    ],
)
def test_what_is_left(
    monkeypatch: pytest.MonkeyPatch, passed: float, half: float, all_but_a_fifth: float, everything: float
) -> None:
    clock = clock_after(monkeypatch, passed)
    assert clock.part(0.5).seconds == pytest.approx(half)
    assert clock.part(keep=0.2).seconds == pytest.approx(all_but_a_fifth)
    assert clock.part().seconds == pytest.approx(everything)


def test_searches_one_after_another_keep_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    clock = Clock(Search(60.0), started=now)
    for share, keep in ((0.1, 0.0), (0.1, 0.0), (0.5, 0.3), (1.0, 0.2), (0.25, 0.0), (1.0, 0.0)):
        now += clock.part(share, keep).seconds
    assert now <= 1060.0 + 0.11  # the last one may have a tenth of a second of its own


def test_what_the_kernel_takes_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = clock_after(monkeypatch, 40.0)
    clock.checked(30.0)
    clock.checked(None)
    assert clock.part().seconds == pytest.approx(50.0)


def test_seed_and_what_settles_are_kept() -> None:
    clock = Clock(Search(8.0, seed=3, settle_for_agreement=False))
    search = clock.part(0.5)
    assert (search.seed, search.settle_for_agreement) == (3, False)
