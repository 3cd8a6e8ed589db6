"""At how many points of a class differences of separable nodes may fail to be positive, in float64.

The kernel's own numbers (``kernel/separable/rare.py``) are exact, and those found here no less than they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log, log2, prod

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.attention.columns import CONSTANT, Floats
from mechverify.engines.attention.differences import Differences, Pair
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend

Reach = tuple[int, int]

_POWERS = 4_000  # of z, of the kernel's 4,096
_LOG_Z = log(65 / 64)
_SHIFTS = 9
_SLACK = 1e-3
_MARGIN = 1e-9
_STRAYS = 1e-6  # of the largest entry: what the kernel's ends may be wider than floats are


@dataclass(frozen=True, slots=True)
class Class:
    """The points of a box, of those with some input above a bound alone, where there is one."""

    reach: dict[int, Reach]
    above: tuple[tuple[int, ...], int] | None = None

    def points(self) -> int:
        """How many they are."""
        whole = prod(high - low + 1 for low, high in self.reach.values())
        if self.above is None:
            return whole
        inputs, bound = self.above
        ends = ((low, min(high, bound) if k in inputs else high) for k, (low, high) in self.reach.items())
        return whole - prod(max(0, high - low + 1) for low, high in ends)


@dataclass(frozen=True, slots=True)
class Rare:
    """A difference b - a that is not positive at ``most`` points, counted with a shift."""

    a: int
    b: int
    shift: int
    most: int


def rare_among(differences: Differences, pairs: Sequence[Pair], at: Class, bits: int) -> list[Rare] | None:
    """Those of some pairs that fall short in a class, with how many points of it they fail at; ``bits``: the precision
    of the kernel's columns. None where one is no sum of columns."""
    groups: dict[int | None, list[Pair]] = {}
    for pair in dict.fromkeys(pairs):
        known, s = differences.denominator(*pair[:2])
        if not known:
            return None
        groups.setdefault(s, []).append(pair)
    found: list[Rare] = []
    for s, own in groups.items():
        found += _Counting(differences, s, own, at).run(bits)
    return found


class _Counting:
    """Pairs over one denominator, in one class."""

    def __init__(self, differences: Differences, s: int | None, pairs: Sequence[Pair], at: Class) -> None:
        self.pairs, self.at, self.plain = pairs, at, s is None
        self.lows, self.held = differences.lows, differences.held
        self.stack = differences.stack(s, {v for a, b, _ in pairs for v in (a, b)})
        self.here = differences.row(self.stack, at.reach)
        self.lower = [self.stack.rows[a] for a, _, _ in pairs]
        self.upper = [self.stack.rows[b] for _, b, _ in pairs]
        self.d = self.here[self.upper] - self.here[self.lower]
        spend(costs.GROUP * 4 + costs.CELL * 3 * self.d.size)
        self.reach = [self._places(k) for k in self.stack.keys]
        self.higher = [self._above(k, *ends) for k, ends in zip(self.stack.keys, self.reach, strict=True)]

    def _places(self, k: int) -> Reach:
        first, last = (0, 0) if k == CONSTANT else self.at.reach[k]
        low = 0 if k == CONSTANT else self.lows[k]
        return first - low, last - low

    def _above(self, k: int, first: int, last: int) -> int | None:
        """The first place above the bound, where there is one in reach."""
        if self.at.above is None or k not in self.at.above[0]:
            return None
        place = max(first, self.at.above[1] + 1 - self.lows[k])
        return place if place <= last else None

    def run(self, bits: int) -> list[Rare]:
        """What falls short."""
        short = self._short()
        if not len(short):
            return []
        d = self.d[short]
        sizes = np.zeros(len(short))
        for i, (first, last) in enumerate(self.reach):
            sizes = np.maximum(sizes, np.abs(d[:, i, first : last + 1]).max(axis=1))
        best = np.full(len(short), np.inf)
        shifts = np.zeros(len(short), dtype=np.int64)
        finest = np.array([bits + ceil(log2(size / _POWERS)) for size in sizes])
        for more in range(_SHIFTS):
            shift = np.maximum(finest + more, 0)
            count = self._count(d - _STRAYS * sizes[:, None, None], np.exp2(shift.astype(np.float64) - bits))
            shifts = np.where(count < best, shift, shifts)
            best = np.minimum(best, count)
        rare = []
        for at, shift, most in zip(short, shifts, best, strict=True):
            a, b, _ = self.pairs[int(at)]
            rare.append(Rare(a, b, int(shift), int(most * (1 + _SLACK)) + 1 if np.isfinite(most) else self.at.points()))
        return rare

    def _short(self) -> NDArray[np.intp]:
        """The pairs whose difference may fall short somewhere in the class."""
        least = np.stack([self.d[:, i, a : b + 1].min(axis=1) for i, (a, b) in enumerate(self.reach)], axis=1)
        total = least.sum(axis=1)
        upper = self.here[self.upper]
        need = np.zeros(len(self.pairs))
        for i, (first, last) in enumerate(self.reach):
            need += _MARGIN * np.abs(upper[:, i, first : last + 1]).max(axis=1)
        more = [
            self.d[:, i, place : self.reach[i][1] + 1].min(axis=1) - least[:, i]
            for i, place in enumerate(self.higher)
            if place is not None
        ]
        if more:
            total = total + np.min(more, axis=0)
        touches = np.array([self.plain and not strict for _, _, strict in self.pairs])
        return np.flatnonzero(~((total > need) | (touches & (total >= 0.0))))

    def _count(self, d: Floats, units: Floats) -> Floats:
        """A number of the points at which each difference is not positive, by steps of these units."""
        spend(costs.CELL * 3 * d.size)
        whole = np.ones(len(d))
        outside = np.ones(len(d))
        with np.errstate(over="ignore", invalid="ignore"):
            for i, (first, last) in enumerate(self.reach):
                weights = np.exp(-_LOG_Z * np.floor(d[:, i, first : last + 1] / units[:, None]))
                within = weights.sum(axis=1)
                whole *= within
                place = self.higher[i]
                outside *= within if place is None else weights[:, : place - first].sum(axis=1)
            for size, below in self._others():
                whole *= size
                outside *= below
            found = whole if self.at.above is None else whole - outside
            # of a difference that is nearly nothing floats say little
            found = found + 1e-12 * whole
        return np.where(np.isnan(found), np.inf, found)

    def _others(self) -> list[tuple[int, int]]:
        """How many values each input has that no difference depends on, and how many of them are not above the
        bound."""
        found = []
        for k, (first, last) in self.at.reach.items():
            if k not in self.stack.keys and k != self.held:
                size = last + 1 - first
                place = self._above(k, first - self.lows[k], last - self.lows[k])
                found.append((size, size if place is None else place + self.lows[k] - first))
        return found
