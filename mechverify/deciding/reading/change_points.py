"""Inputs at which a graph changes sides, computed from it: where a reader may be wrong at one input in a million.

From sampled points each switch is brought to its turning point along one input, by its slope there, and the inputs on
both sides of it are kept, for integers the neighbouring ones. A switch that is seen on one side alone is driven towards
the other: down its slope, and by setting the switches that it depends on one after another, each along an input of its
own. The work is counted, in points times operations, so that the same graph and seed give the same points.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mechverify.deciding.reading.integer_roots import two_unknowns
from mechverify.deciding.reading.switches import Rows, Switches
from mechverify.deciding.running.input_box import InputBox
from mechverify.graph.graph import Graph
from mechverify.graph.groups import Array

_TURNS = 4
_WALKERS = 256
_CELLS = 16_000_000
_ONE_SIDED = 128
_DESCENT = 16
_CHAIN = 12
_REACH = 20_000
_ROUNDS = 3
_LARGEST = 2.0**53
_NOTHING = -1


@dataclass(frozen=True, slots=True)
class ChangePoints:
    """``points`` (n, inputs), those of each switch one after the other. Of ``switches`` in the graph ``looked_at`` were
    searched for, and ``both`` were seen on both sides, the sampled points included.
    """

    points: Array
    switches: int
    looked_at: int
    both: int


def change_points(graph: Graph, switches: Switches, box: InputBox, start: Array, seed: int, work: int) -> ChangePoints:
    """Points next to turning points, from the ``start`` points (n, inputs); ``work`` bounds the evaluations."""
    if not len(switches):
        return ChangePoints(np.zeros((0, switches.inputs)), switches.most, 0, 0)
    search = _Search(graph, switches, box, start, np.random.default_rng(seed), work)
    search.run()
    points = np.concatenate(search.found) if search.found else np.zeros((0, switches.inputs))
    both = int(((search.least < 0) & (search.largest > 0) | (search.nearest == 0)).sum())
    return ChangePoints(points, switches.most, len(switches), both)


def _thinned(which: Rows, most: int) -> Rows:
    """At most so many of them, evenly."""
    return which[np.unique(np.linspace(0, len(which) - 1, min(most, len(which))).astype(np.int64))]


class _Search:
    """``least`` and ``largest`` are the extreme gaps of each switch so far, ``nearest`` the least distance from its
    turning point and ``best`` the point where that was."""

    def __init__(
        self, graph: Graph, switches: Switches, box: InputBox, start: Array, random: np.random.Generator, work: int
    ) -> None:
        self.graph, self.switches, self.box, self.random = graph, switches, box, random
        self.left = work
        self.walkers = max(1, min(_WALKERS, _CELLS // max(1, switches.nodes)))
        self.found: list[Array] = []
        count = len(switches)
        self.least, self.largest = np.full(count, np.inf), np.full(count, -np.inf)
        self.nearest, self.best = np.full(count, np.inf), np.repeat(start[:1], count, axis=0)
        for first in range(0, len(start), self.walkers):
            self._learn(start[first : first + self.walkers])

    def run(self) -> None:
        """Every switch once, then those with one side, then switches together."""
        every = np.arange(len(self.switches))
        for chunk in self._chunks(every):
            self._turned(chunk, self.best[chunk])
        self._met()
        for _ in range(_ROUNDS):
            lonely = np.flatnonzero(~((self.least < 0) & (self.largest > 0)) & (self.nearest > 0))
            if not len(lonely) or self.left <= 0:
                break
            for chunk in self._chunks(_thinned(lonely, _ONE_SIDED)):
                self._downhill(chunk)
                self._chains(chunk)
                self._turned(chunk, self.best[chunk])
        self._together()

    def _chunks(self, which: Rows) -> list[Rows]:
        return np.array_split(which, max(1, -(-len(which) // self.walkers)))

    # --- evaluation

    def _spend(self, points: int) -> bool:
        """Whether so many evaluations are still allowed."""
        self.left -= points
        return self.left >= 0

    def _learn(self, points: Array) -> Array:
        """Evaluate points, remember the sides that they show, and return all values."""
        values = self.switches.values(points)
        gaps = self.switches.gaps(values)
        gaps = np.where(np.isfinite(gaps), gaps, np.nan)
        with np.errstate(all="ignore"):
            self.least = np.fmin(self.least, np.fmin.reduce(gaps, axis=1))
            self.largest = np.fmax(self.largest, np.fmax.reduce(gaps, axis=1))
            size = np.where(np.isnan(gaps), np.inf, np.abs(gaps))
        place = size.argmin(axis=1)
        nearest = size[np.arange(len(size)), place]
        closer = nearest < self.nearest
        self.nearest = np.where(closer, nearest, self.nearest)
        self.best[closer] = points[place[closer]]
        return values

    # --- moves

    def _turned(
        self, which: Rows, points: Array, pinned: NDArray[np.bool_] | None = None
    ) -> tuple[Array, NDArray[np.int64]]:
        """Bring each switch to its turning point from a point of its own, along inputs that are not pinned.

        The points next to it are kept. Returns the points reached and the input that was moved last (-1: none).
        """
        points, exact = points.copy(), points.copy()
        moved = np.full(len(points), _NOTHING)
        width = np.maximum(self.box.high - self.box.low, 1e-30)
        active = np.arange(len(points))
        for _ in range(_TURNS):
            if not len(active) or not self._spend(2 * len(active)):
                break
            here, switch = points[active], which[active]
            values = self._learn(here)
            gaps, slopes = self.switches.gaps(values, switch), self.switches.slopes(values, switch)
            if pinned is not None:
                slopes = np.where(pinned[active], 0.0, slopes)
            with np.errstate(all="ignore"):
                roots = here - gaps[:, None] / slopes
            usable = (slopes != 0) & np.isfinite(roots)
            inside = (roots >= self.box.low) & (roots <= self.box.high)
            weight = np.abs(slopes) * width * self.random.random(slopes.shape) * np.where(inside, 1e30, 1.0)
            weight = np.where(usable, weight, 0.0)
            rows = np.arange(len(active))
            chosen = weight.argmax(axis=1)
            able = weight[rows, chosen] > 0
            target = here.copy()
            target[rows, chosen] = np.where(able, roots[rows, chosen], here[rows, chosen])
            exact[active] = np.clip(target, self.box.low, self.box.high)
            moved[active] = np.where(able, chosen, moved[active])
            points[active] = self.box.snapped(exact[active])
            active = active[(points[active] != here).any(axis=1)]
        self._keep_around(exact, moved)
        return points, moved

    def _keep_around(self, exact: Array, moved: NDArray[np.int64]) -> None:
        near = []
        for point, k in zip(exact, moved, strict=True):
            if k >= 0:
                values = self.box.around(float(point[k]), int(k))
                copies = np.repeat(point[None], len(values), axis=0)
                copies[:, k] = values
                near.append(copies)
        if near:
            kept = self.box.snapped(np.concatenate(near))
            self.found.append(kept)
            for first in range(0, len(kept), self.walkers):
                if self._spend(min(self.walkers, len(kept) - first)):
                    self._learn(kept[first : first + self.walkers])

    def _met(self) -> None:
        """Integer points at which a switch that turns between two integers turns exactly, where it is linear."""
        wanted = np.flatnonzero((self.nearest > 0) & np.isfinite(self.nearest))
        if not len(wanted) or not self.box.integer.any():
            return
        for chunk in self._chunks(_thinned(wanted, _WALKERS)):
            if self._spend(2 * len(chunk)):
                self._met_exactly(chunk)

    def _met_exactly(self, which: Rows) -> None:
        points = self.best[which]
        values = self.switches.values(points)
        gaps, slopes = self.switches.gaps(values, which), self.switches.slopes(values, which)
        free = self.box.integer & ~np.isin(np.arange(points.shape[1]), list(self.box.listed))
        slopes = np.where(free, slopes, 0.0)
        whole = (slopes == np.round(slopes)).all(axis=1) & (gaps == np.round(gaps)) & (np.abs(gaps) < _LARGEST)
        found = []
        for row in np.flatnonzero(whole & (np.abs(slopes).max(axis=1, initial=0.0) < _LARGEST)):
            room = (np.where(free, end - points[row], 0.0) for end in (self.box.low, self.box.high))
            low, high = ([int(v) for v in r] for r in room)
            change = two_unknowns([int(c) for c in slopes[row]], -int(gaps[row]), low, high)
            if change is not None:
                found.append(points[row].copy())
                for place, by in change:
                    found[-1][place] += by
        if found:
            self.found.append(np.array(found))
            self._learn(self.found[-1])

    def _downhill(self, which: Rows) -> None:
        """Steps against the slope, as long as they would have to be were the slope the same all the way."""
        points = self.best[which].copy()
        width = np.maximum(self.box.high - self.box.low, 1e-30)
        for _ in range(_DESCENT):
            if not self._spend(2 * len(points)):
                return
            values = self._learn(points)
            gaps, slopes = self.switches.gaps(values, which), self.switches.slopes(values, which)
            scaled = slopes * width**2
            with np.errstate(all="ignore"):
                step = -gaps[:, None] * scaled / (slopes * scaled).sum(axis=1)[:, None]
            points = self.box.snapped(points + np.nan_to_num(step, posinf=0.0, neginf=0.0))
        self._learn(points)

    def _chains(self, which: Rows) -> None:
        """For each switch, those that it depends on brought to their turning points one after another."""
        before = [self.switches.before(self.graph, int(k), _REACH) for k in which]
        points = self.best[which].copy()
        pinned = np.zeros(points.shape, dtype=np.bool_)
        rows = np.arange(len(points))
        for _ in range(min(_CHAIN, points.shape[1])):
            chosen = np.array([self.random.choice(b) if len(b) else int(k) for b, k in zip(before, which, strict=True)])
            reached, moved = self._turned(chosen, points, pinned)
            if self.left <= 0:
                return
            able = moved >= 0
            points = np.where(able[:, None], reached, points)
            pinned[rows[able], moved[able]] = True

    def _together(self) -> None:
        """Random switches after one another, each along another input: points where several turn at once."""
        count = min(2 * _WALKERS, self.walkers, 4 * len(self.switches))
        points = self.best[self.random.integers(len(self.switches), size=count)].copy()
        pinned = np.zeros(points.shape, dtype=np.bool_)
        rows = np.arange(count)
        for _ in range(min(_ROUNDS, points.shape[1])):
            if self.left <= 0:
                return
            reached, moved = self._turned(self.random.integers(len(self.switches), size=count), points, pinned)
            able = moved >= 0
            points = np.where(able[:, None], reached, points)
            pinned[rows[able], moved[able]] = True
