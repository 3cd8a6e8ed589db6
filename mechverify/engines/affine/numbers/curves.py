"""The kernel's lines above and below curves, in float64: what docs/kernel.md says of functions that grow."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mechverify.engines.affine.layout import Floats

Function = Callable[[Floats], Floats]
Line = tuple[Floats, Floats]


@dataclass(frozen=True, slots=True)
class Curve:
    """A function that grows, its derivative, and where it is concave; ``nearest`` and ``width`` as in the kernel."""

    value: Function
    slope: Function
    bends: Literal["concave", "convex", "concave above zero"]
    nearest: float = np.inf
    width: float = 0.0


def lines(curve: Curve, low: Floats, high: Floats) -> tuple[Line, Line]:
    """Slope and constant of a line below and one above the curve on [low, high], low < high."""
    k, c = _above(curve, -high, -low, turned=True)
    return (k, -c), _above(curve, low, high, turned=False)


def _above(curve: Curve, low: Floats, high: Floats, *, turned: bool) -> Line:
    """Of f, or with ``turned`` of -f(-x)."""

    def value(x: Floats) -> Floats:
        return -curve.value(-x) if turned else curve.value(x)

    def slope(x: Floats) -> Floats:
        return curve.slope(-x) if turned else curve.slope(x)

    chord = (value(high) - value(low)) / (high - low)
    on_chord = np.maximum(value(low) - chord * low, value(high) - chord * high)
    if curve.bends != "concave above zero":
        if (curve.bends == "concave") is turned:
            return chord, on_chord
        step = np.minimum((high - low) / 2.0, curve.nearest)
        point = high - step if turned else low + step
        k = slope(point)
        return k, value(point) - k * point
    before = np.maximum(-low, 0.0)
    reach = before * curve.width / (2.0 * (curve.width + before))
    mixed = low < 0.0
    point = np.where(mixed, np.minimum(high, np.maximum((low + high) / 2.0, reach)), (low + high) / 2.0)
    point = np.maximum(point, 0.0)
    tangent, at = slope(point), value(point)
    secant = (at - value(low)) / np.where(point > low, point - low, 1.0)
    k = np.where(mixed, np.minimum(tangent, secant), tangent)
    first = np.maximum(low, 0.0)
    ends = [at + tangent * (x - point) - k * x for x in (first, high)]
    c = np.maximum(*ends)
    c = np.where(mixed, np.maximum(c, value(low) - k * low), c)
    convex = high <= 0.0
    return np.where(convex, chord, k), np.where(convex, on_chord, c)
