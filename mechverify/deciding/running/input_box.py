"""The inputs of a spec as columns of float64: their bounds, and which exact value each number stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.graph.graph import Input
from mechverify.graph.groups import Array

_SMALL = 10.0
_CELLS = 2**24


@dataclass(frozen=True, slots=True)
class InputBox:
    """The inputs' bounds, which of them are integers, and the values of those that are listed, in order. ``special``
    says what a bound or a listed value that is no float64 stands for, by input and float64.
    """

    low: Array
    high: Array
    integer: NDArray[np.bool_]
    listed: Mapping[int, Array]
    special: Mapping[int, Mapping[float, Fraction]]

    @staticmethod
    def of(inputs: Sequence[Input], listed: Mapping[int, Sequence[Fraction]]) -> "InputBox":
        """The box of a graph's inputs; ``listed`` are the values of those that have no others."""
        special: dict[int, dict[float, Fraction]] = {}
        for k, one in enumerate(inputs):
            for exact in (one.low, one.high, *listed.get(k, ())):
                if Fraction(float(exact)) != exact:
                    special.setdefault(k, {})[float(exact)] = exact
        return InputBox(
            np.array([float(i.low) for i in inputs]),
            np.array([float(i.high) for i in inputs]),
            np.array([i.kind == "integer" for i in inputs], dtype=np.bool_),
            {k: np.array([float(v) for v in sorted(set(values))]) for k, values in listed.items()},
            special,
        )

    def exact(self, k: int, value: float) -> Fraction:
        """The value of input k that a float64 stands for."""
        found = self.special.get(k, {}).get(value)
        return Fraction(value) if found is None else found

    def bounds(self, points: Array) -> tuple[Array, Array]:
        """float64 below and above the exact points; the points themselves where they are exact."""
        low, high = points.copy(), points.copy()
        for k, values in self.special.items():
            for value, exact in values.items():
                rows = points[:, k] == value
                low[rows, k] = value if Fraction(value) <= exact else np.nextafter(value, -np.inf)
                high[rows, k] = value if Fraction(value) >= exact else np.nextafter(value, np.inf)
        return low, high

    def every(self, most: int) -> Array | None:
        """All points, where inputs are integers or listed and there are at most ``most``: (count, inputs)."""
        columns = []
        count = 1
        for k, (low, high) in enumerate(zip(self.low.tolist(), self.high.tolist(), strict=True)):
            if k in self.listed:
                columns.append(self.listed[k])
            elif self.integer[k] and high - low < most:
                columns.append(np.arange(low, high + 1))
            else:
                return None
            count *= len(columns[-1])
            if count > most:
                return None
        return np.stack([g.ravel() for g in np.meshgrid(*columns, indexing="ij")], axis=1) if columns else None

    def sampled(self, count: int, seed: int) -> Array:
        """The low and the high corner, and random points, every other one of small integers: (count, inputs)."""
        random = np.random.default_rng(seed)
        points = self.low + (self.high - self.low) * (random.integers(_CELLS, size=(count, len(self.low))) / _CELLS)
        near = (np.maximum(self.low, -_SMALL), np.minimum(self.high, _SMALL))
        small = near[0] + np.floor((near[1] - near[0] + 1) * random.random(points.shape))
        usable = self.integer & (near[0] <= near[1]) & (np.arange(count) % 2 == 0)[:, None]
        points = np.where(usable, small, points)
        points[:2] = np.stack([self.low, self.high])[:count]
        return self.snapped(points)

    def snapped(self, points: Array) -> Array:
        """The nearest admitted values."""
        inside: Array = np.clip(np.where(self.integer, np.round(points), points), self.low, self.high)
        for k, values in self.listed.items():
            place = np.clip(np.searchsorted(values, inside[:, k]), 1, max(1, len(values) - 1))
            below, above = values[place - 1], values[np.minimum(place, len(values) - 1)]
            inside[:, k] = np.where(inside[:, k] - below <= above - inside[:, k], below, above)
        return inside

    def around(self, value: float, k: int) -> Array:
        """Values of input k next to a real value on both sides, the value itself among them."""
        if k in self.listed:
            values = self.listed[k]
            place = int(np.searchsorted(values, value))
            return values[max(0, place - 1) : place + 2]
        if self.integer[k]:
            first = np.floor(value)
            return np.array([first - 1, first, first + 1] if first == value else [first, first + 1])
        near = max(abs(value) * 2.0**-23, (self.high[k] - self.low[k]) * 2.0**-50)
        return np.array([value - near, value, value + near])
