"""The numbers along an axis, and where on it a value lies."""

from dataclasses import dataclass
from math import ceil, floor, log10

_MOST_TICKS = 6


@dataclass(frozen=True, slots=True)
class Axis:
    """The values ``low`` .. ``high`` drawn from ``start`` to ``end``. An integer's values have a cell each, so the axis
    goes half a unit further on both sides where there are few of them.
    """

    name: str
    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value lies."""
        width = self.high - self.low
        return self.start + (self.end - self.start) * ((value - self.low) / width if width else 0.5)


def ticks(low: float, high: float, *, whole: bool) -> list[float]:
    """Round values within an interval, about six of them; only integers if ``whole``."""
    width = high - low
    if width <= 0:
        return [low]
    power = 10.0 ** floor(log10(width / _MOST_TICKS))
    step = next(m * power for m in (1, 2, 5, 10) if m * power * _MOST_TICKS >= width)
    if whole:
        step = max(1.0, float(ceil(step)))
    first, last = ceil(low / step - 1e-9), floor(high / step + 1e-9)
    return [k * step for k in range(first, last + 1)]


def tick_text(value: float) -> str:
    """``1,000,000``, ``0.25``, ``1e+09`` for what would take more room."""
    if abs(value) >= 1e9 or (value and abs(value) < 1e-4):
        return f"{value:.3g}"
    return f"{value:,.6f}".rstrip("0").rstrip(".") if value % 1 else f"{value:,.0f}"
