"""Which points to try: all of a small space, special values, random ones, and neighbours of good ones."""

from collections.abc import Iterator
from itertools import product
from math import prod

import numpy as np

from mechverify.engines.points.search_space import Floats, SearchSpace

_POWERS = 62
_FINEST = 40
_CORNER_VALUES = 5
_PARENTS = 8
_SINGLES = 2
_LEAST_SINGLES = 3
_STEPS = 2.0 ** -np.arange(0.0, 24.0)


class Proposals:
    """Batches of parameter points, (n, k) in float64, within the bounds and whole where a parameter is an integer."""

    def __init__(self, space: SearchSpace, random: np.random.Generator, size: int) -> None:
        self._space = space
        self._random = random
        self._size = size
        self._count = len(space.live)
        self._values = [self._special_values(i) for i in range(self._count)]

    def everything(self) -> Floats | None:
        """All points, if they are few integers; None otherwise."""
        if not all(self._space.integer):
            return None
        ranges = self._space.ranges()
        if prod(len(r) for r in ranges) > 4 * self._size:
            return None
        points = list(product(*ranges))
        return np.array(points, dtype=np.float64).reshape(len(points), self._count)

    def special(self) -> Iterator[Floats]:
        """Bounds, zeros, small numbers, powers of two: all alike, one at a time, every corner, and mixed at random."""
        space, values = self._space, self._values
        plain = sorted({float(v) for own in values for v in own})
        yield self._fit(np.array([[v] * self._count for v in plain]))
        middle = (space.low + space.high) / 2
        singles = []
        each = max(_LEAST_SINGLES, _SINGLES * self._size // max(1, self._count))
        for base in (np.zeros(self._count), space.low, middle):
            for i in range(self._count):
                for v in values[i][:each]:
                    singles.append(base.copy())
                    singles[-1][i] = v
                if len(singles) >= self._size:
                    yield self._fit(np.array(singles))
                    singles = []
        if singles:
            yield self._fit(np.array(singles))
        for most in (_CORNER_VALUES, 2):
            if most**self._count <= self._size:
                yield self._fit(np.array(list(product(*(own[:most] for own in values)))))
                break
        mixed = np.stack([self._random.choice(own, self._size) for own in values], axis=1)
        yield self._fit(mixed)
        loose = self._uniform(self._size)
        yield self._fit(np.where(self._random.random(mixed.shape) < 0.5, mixed, loose))

    def uniform(self) -> Floats:
        """Random points; in a third of them some parameters are equal, in a third they are small."""
        points = self._uniform(self._size)
        third = self._size // 3
        if self._count > 1 and third:
            source = self._random.integers(self._count, size=third)
            same = self._random.random((third, self._count)) < 0.5
            points[:third] = np.where(same, points[np.arange(third), source][:, None], points[:third])
            scale = 2.0 ** -self._random.integers(0, _FINEST, (third, 1))
            points[third : 2 * third] *= scale
        return self._fit(points)

    def neighbours(self, parents: Floats) -> Floats:
        """Steps of every size from good points: one parameter, two together or against each other, or all at random."""
        rows = self._random.integers(min(len(parents), _PARENTS), size=self._size)
        points = parents[rows].copy()
        width = np.maximum(self._space.high - self._space.low, 1e-30)
        size = 2.0 ** -self._random.uniform(0, np.log2(width.max() + 2) + 10, self._size)
        step = self._random.choice((-1.0, 1.0), self._size) * size
        every = np.arange(self._size)
        first = self._random.integers(self._count, size=self._size)
        second = self._random.integers(self._count, size=self._size)
        kind = self._random.integers(4, size=self._size)
        points[every, first] += np.where(kind < 3, self._at_least_one(step * width[first], first), 0.0)
        sign = np.where(kind == 1, 1.0, -1.0)
        moved = self._at_least_one(sign * step * width[first], second)
        points[every, second] += np.where((kind == 1) | (kind == 2), moved, 0.0)
        drift = self._random.normal(size=points.shape) * size[:, None] * width
        return self._fit(np.where((kind == 3)[:, None], points + drift, points))

    def steps(self, parents: Floats, directions: Floats) -> Floats:
        """Steps of every size along directions (n, k): in proportion to them, and alike in every parameter that
        counts."""
        width = np.maximum(self._space.high - self._space.low, 1e-30)
        largest = np.maximum(np.abs(directions * width).max(axis=1, initial=0.0), 1e-300)[:, None]
        scaled = np.stack([directions * width / largest, np.sign(directions)])
        moves = scaled[None] * width * _STEPS[:, None, None, None]
        return self._fit(parents + moves)

    def _at_least_one(self, step: Floats, which: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Floats:
        whole = np.sign(step) * np.maximum(np.abs(np.round(step)), 1.0)
        return np.where(self._space.integer[which], whole, step)

    def _uniform(self, count: int) -> Floats:
        space = self._space
        return space.low + self._random.random((count, self._count)) * (space.high - space.low)

    def _fit(self, points: Floats) -> Floats:
        space = self._space
        points = points.reshape(-1, self._count)
        return np.clip(np.where(space.integer, np.round(points), points), space.low, space.high)

    def _special_values(self, i: int) -> Floats:
        low, high = float(self._space.low[i]), float(self._space.high[i])
        first = [low, high, 0.0, 1.0, (low + high) / 2, low + 1, high - 1, -1.0, 2.0, 3.0, -2.0, 0.5, -0.5]
        powers = [sign * (2.0**k + d) for k in range(2, _POWERS) for d in (0, -1, 1) for sign in (1, -1)]
        found = [v for v in (*first, *powers) if low <= v <= high]
        return np.array(list(dict.fromkeys(round(v) if self._space.integer[i] else v for v in found)), dtype=np.float64)
