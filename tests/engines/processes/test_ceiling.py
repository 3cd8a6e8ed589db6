"""Seconds are counted down, those of the kernel's checks left out."""

import time

import pytest

from mechverify.engines.processes import ceiling as module
from mechverify.engines.processes.ceiling import Ceiling

pytestmark = pytest.mark.usefixtures("ceilings_as_told")


def test_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now, checking = 1000.0, 7.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    monkeypatch.setattr(module, "seconds_checking", lambda: checking)
    ceiling = Ceiling(10.0, now, checking)
    assert ceiling.left == 10.0
    now += 4.0
    assert ceiling.left == 6.0
    checking += 3.0
    assert ceiling.left == 9.0
    now += 20.0
    assert ceiling.left == -11.0
