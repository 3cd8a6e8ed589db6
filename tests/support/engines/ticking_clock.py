"""A clock that goes on only when it is read, so that a limit in seconds is a limit on work, whatever the machine."""

import time
from dataclasses import dataclass

import pytest


@dataclass
class TickingClock:
    """``time.monotonic`` by readings: each reading is ``step`` seconds after the one before."""

    step: float
    readings: int = 0

    def __call__(self) -> float:
        self.readings += 1
        return 1000.0 + self.step * self.readings

    @property
    def seconds(self) -> float:
        """What has passed on it."""
        return self.step * self.readings


def ticking(monkeypatch: pytest.MonkeyPatch, step: float) -> TickingClock:
    """Put such a clock in the place of ``time.monotonic`` for the rest of the test."""
    clock = TickingClock(step)
    monkeypatch.setattr(time, "monotonic", clock)
    return clock
