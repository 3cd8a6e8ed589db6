"""A claim's searches share its limit, and none is left without its part."""

import time

import pytest

from mechverify.pipeline.clock import BESIDE, MAIN, Clock
from mechverify.pipeline.decide import Search


def seconds_after(monkeypatch: pytest.MonkeyPatch, passed: float) -> tuple[float, float, float]:
    clock = Clock(Search(60.0), started=1000.0)
    monkeypatch.setattr(time, "monotonic", lambda: 1000.0 + passed)
    return clock.most(MAIN).seconds, clock.least(MAIN).seconds, clock.least(BESIDE).seconds


@pytest.mark.parametrize(
    ("passed", "modular", "direct", "beside"),
    [
        (0.0, 30.0, 60.0, 60.0),
        (5.0, 30.0, 55.0, 55.0),
        (40.0, 20.0, 30.0, 20.0),
        (59.0, 7.5, 30.0, 15.0),
        (500.0, 7.5, 30.0, 15.0),
    ],
)
def test_what_is_left(
    monkeypatch: pytest.MonkeyPatch, passed: float, modular: float, direct: float, beside: float
) -> None:
    assert seconds_after(monkeypatch, passed) == (modular, direct, beside)


def test_seed_and_what_settles_are_kept() -> None:
    clock = Clock(Search(8.0, seed=3, settle_for_agreement=False))
    for search in (clock.least(MAIN), clock.most(MAIN)):
        assert (search.seed, search.settle_for_agreement) == (3, False)
