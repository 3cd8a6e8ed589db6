"""Lines above and below a curve: functions that grow, and are convex, concave, or one after the other.

As in `enclose.py` an integer x at `bits` stands for x * 2^-bits. A line is a slope and a constant at that scale. Any
slope and any tangent point give a line that is right: its constant is what the slope needs at the ends of the interval
where the curve is convex, and at the ends of a tangent where it is concave.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import floor
from typing import Literal

from .number import Number

Sloped = tuple[int, int]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Curve:
    """A function that grows. `bounds(low, high, bits)` encloses its values on an interval, `slope(x, bits)` its
    derivative at a point, None where it has none. It is concave where `bends` says, convex elsewhere.

    `nearest`: how far from the lower end a tangent below is by default, at most; None for no limit. `width`: of a curve
    that is concave above zero, how soon the tangent from far below stops to move.
    """

    bounds: Callable[[int, int, int], Span | None]
    slope: Callable[[int, int], Span | None]
    bends: Literal["concave", "convex", "concave above zero"]
    nearest: int | None = None
    width: int = 0


@dataclass(frozen=True, slots=True)
class _Side:
    """A curve f seen from above, or -f(-x), which is above where f is below."""

    curve: Curve
    bits: int
    turned: bool

    def most(self, x: int) -> int:
        """At least the value at x."""
        found = self.curve.bounds(-x, -x, self.bits) if self.turned else self.curve.bounds(x, x, self.bits)
        if found is None:
            raise ValueError(f"a curve without a value at {x}")
        return -found[0] if self.turned else found[1]

    def slope(self, x: int) -> Span | None:
        return self.curve.slope(-x if self.turned else x, self.bits)


def lines(curve: Curve, low: int, high: int, share: Number | None, bits: int) -> tuple[Sloped, Sloped]:
    """A line below and a line above the curve on [low, high], low < high, in its domain."""
    k, c = _above(_Side(curve, bits, turned=True), -high, -low, share)
    return (k, -c), _above(_Side(curve, bits, turned=False), low, high, share)


def _above(side: _Side, low: int, high: int, share: Number | None) -> Sloped:
    """A slope and a constant c with slope * x + c at least the curve on [low, high]."""
    bits, bends = side.bits, side.curve.bends
    turn = low if (bends == "concave") is not side.turned else high
    if bends == "concave above zero":
        turn = 0
    if turn >= high:
        k = _secant(side, low, high)
        return k, max(_reaching(side.most(x), k, x, bits) for x in (low, high))
    point = _tangent_point(side, low, high, turn, share)
    slopes = side.slope(point)
    if slopes is None:
        return 0, side.most(high)
    value, (least, most) = side.most(point), slopes
    k = least if low >= turn or point <= low else min(least, _secant(side, low, point))
    needed = [_reaching(side.most(low), k, low, bits)] if low < turn else []
    for x in (max(low, turn), high):
        tangent = (value << bits) + (least if x <= point else most) * (x - point)
        needed.append(-((k * x - tangent) >> bits))
    return k, max(needed)


def _reaching(value: int, k: int, x: int, bits: int) -> int:
    """The least constant with which a line of slope k reaches the value at x."""
    return value - (k * x >> bits)


def _secant(side: _Side, low: int, high: int) -> int:
    return ((side.most(high) - side.most(low)) << side.bits) // (high - low)


def _tangent_point(side: _Side, low: int, high: int, turn: int, share: Number | None) -> int:
    """Where the tangent touches, from the turn to the upper end. A share is counted from the curve's own lower end, or
    from the turn. By default it is the middle, or what a tangent that begins on the curve at -a needs beyond a turn: a
    little less than a / 2.
    """
    if low < turn:
        if share is not None:
            return turn + floor(share * (high - turn))
        reach, before = side.curve.width << side.bits, turn - low
        return min(high, max((low + high) >> 1, turn + before * reach // (2 * (reach + before))))
    step = (high - low) >> 1 if share is None else floor(share * (high - low))
    if share is None and side.curve.nearest is not None:
        step = min(step, side.curve.nearest << side.bits)
    return high - step if side.turned else low + step
