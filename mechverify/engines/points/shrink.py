"""Making a witness simple: fewer non-zero inputs, smaller integers, shorter fractions, equal inputs kept equal.

Deterministic greedy descent: a change is kept only if the point still breaks the claim and is simpler. Inputs are
moved one at a time, and in pairs with equal, opposite or exchanged steps, so that preconditions such as ``x_1 == x_2``
or ``x_1 + x_2 == 5`` stay met.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import ceil, floor

from mechverify.graph.graph import Input

Point = tuple[Fraction, ...]
FirstBroken = Callable[[Sequence[Point]], int | None]
"""Which of some points is the first to break the claim, by its place; None where none does."""

# An integer where a number is one: its arithmetic is many times as fast as that of fractions.
_Number = int | Fraction
_Numbers = tuple[_Number, ...]

_CALLS = 2000
_ROUNDS = 40
_WORK = 150_000  # numbers looked at, so that many inputs do not take long either
_MOST_PAIRED = 24
_DENOMINATORS = (1, 2, 4, 5, 8, 10, 16, 100, 1000, 1 << 10, 1 << 20)
_FEWEST_TOGETHER, _MOST_TOGETHER = 4, 64


def shrink(point: Point, first_broken: FirstBroken, inputs: Sequence[Input], *, most_calls: int = _CALLS) -> Point:
    """The simplest point found that still breaks the claim; ``point`` itself where nothing simpler does.

    ``first_broken`` is asked about some points at a time, all within the bounds. Those up to the one that it names are
    at most ``most_calls`` in all, none of them twice; what comes after that one is as if it had not been asked about.
    """
    return _Shrinker(first_broken, inputs, most_calls).run(point)


def one_by_one(breaks: Callable[[Point], bool]) -> FirstBroken:
    """The first broken point where each is to be looked at by itself, none of them beyond the first."""
    return lambda points: next((k for k, point in enumerate(points) if breaks(point)), None)


def simplicity(point: Sequence[_Number]) -> tuple[int, int, int, _Number, tuple[_Number, ...]]:
    """Smaller is simpler: non-zero values, digits, distinct values, total magnitude, then order."""
    return _nonzero(point), _digits(point), _distinct(point), _magnitude(point), tuple(point)


@dataclass(frozen=True, slots=True)
class _Measured:
    """A point, and its simplicity."""

    point: _Numbers
    measure: tuple[int, int, int, _Number, _Numbers]

    def above(self, point: _Numbers) -> bool:
        """Whether another point is simpler, looking no further than needed."""
        nonzero, _, distinct, magnitude, _ = self.measure
        found = _nonzero(point) - nonzero
        if not found:
            moved = [(v, w) for v, w in zip(point, self.point, strict=True) if v is not w]
            found = _digits([v for v, _ in moved]) - _digits([w for _, w in moved])
        if not found:
            found = _distinct(point) - distinct
        if found:
            return found < 0
        size = _magnitude(point)
        return size < magnitude if size != magnitude else point < self.point


def _nonzero(point: Sequence[_Number]) -> int:
    return len(point) - point.count(0)


def _digits(point: Sequence[_Number]) -> int:
    total = 0
    for v in point:
        if type(v) is int:
            total += v.bit_length() + (v < 0)
        else:
            top, bottom = v.as_integer_ratio()
            total += top.bit_length() + 3 * (bottom.bit_length() - 1) + (top < 0)
    return total


def _distinct(point: Sequence[_Number]) -> int:
    return len(set(point))


def _magnitude(point: Sequence[_Number]) -> _Number:
    total: _Number = 0
    for v in point:
        total += v if v > 0 else -v
    return total


def _plain(value: _Number) -> _Number:
    return value.numerator if value.denominator == 1 else value


def _rounded(value: _Number, bottom: int, end: Callable[[_Number], int]) -> _Number:
    """The multiple of 1 / ``bottom`` at one end of a value."""
    return value if isinstance(value, int) else _plain(Fraction(end(value * bottom), bottom))


class _Shrinker:
    def __init__(self, first_broken: FirstBroken, inputs: Sequence[Input], most_calls: int) -> None:
        self._first_broken = first_broken
        self._whole_only = [i.kind == "integer" for i in inputs]
        self._bounds = [(_plain(i.low), _plain(i.high)) for i in inputs]
        # The simplest value of an input: zero, or the bound nearest to it.
        self._bases = [min(max(0, low), high) for low, high in self._bounds]
        self._left = most_calls
        self._work = _WORK
        self._asked: set[_Numbers] = set()

    def run(self, point: Point) -> Point:
        best: _Numbers = tuple(map(_plain, point))
        for _ in range(_ROUNDS):
            before = best
            for move in (self._whole, self._single, self._paired, self._sorted):
                best = self._descend(best, move)
            if best == before or self._left <= 0:
                break
        return tuple(map(Fraction, best))

    def _descend(self, best: _Numbers, move: Callable[[_Numbers], Iterator[_Numbers]]) -> _Numbers:
        """Follow a family of moves; after each success it starts again from the new point."""
        better: _Numbers | None = best
        while better is not None and self._left > 0 and self._work >= 0:
            best, better = better, self._first_success(better, move(better))
        return best if better is None else better

    def _first_success(self, best: _Numbers, candidates: Iterator[_Numbers]) -> _Numbers | None:
        """The first of the candidates that is simpler and still breaks the claim."""
        measured = _Measured(best, simplicity(best))
        waiting: dict[_Numbers, int] = {}  # with the work that is left once it is looked at
        together = _FEWEST_TOGETHER
        for candidate in candidates:
            self._work -= len(candidate)
            if self._work < 0:
                break
            if not measured.above(candidate) or candidate in self._asked or candidate in waiting:
                continue
            if self._inside(candidate):
                waiting[candidate] = self._work
                if len(waiting) >= min(together, self._left):
                    found = self._ask(waiting)
                    if found is not None or self._left <= 0:
                        return found
                    together = min(2 * together, _MOST_TOGETHER)
                    waiting = {}
        return self._ask(waiting)

    def _ask(self, waiting: dict[_Numbers, int]) -> _Numbers | None:
        """The first that breaks the claim; what comes after it is forgotten, and the work for it not counted."""
        if not waiting:
            return None
        points = list(waiting)
        place = self._first_broken([tuple(map(Fraction, p)) for p in points])
        asked = points if place is None else points[: place + 1]
        self._asked.update(asked)
        self._left -= len(asked)
        if place is None:
            return None
        self._work = waiting[points[place]]
        return points[place]

    def _inside(self, point: _Numbers) -> bool:
        bounds = zip(point, self._bounds, self._whole_only, strict=True)
        return all(low <= v <= high and (not whole or v.denominator == 1) for v, (low, high), whole in bounds)

    def _whole(self, point: _Numbers) -> Iterator[_Numbers]:
        """Everything at once: all simplest, all equal, all at a coarser denominator."""
        yield tuple(self._bases)
        for value in dict.fromkeys(point):
            yield (value,) * len(point)
        for one in (1, 2):
            yield tuple(one if v != 0 else v for v in point)
        for bottom in _DENOMINATORS:
            yield tuple(_rounded(v, bottom, round) for v in point)
        for top, bits in ((1, 1), (3, 2)):
            yield tuple(self._toward(k, v, top, bits) for k, v in enumerate(point))

    def _toward(self, k: int, value: _Number, top: int, bits: int) -> _Number:
        """``top`` / 2^``bits`` of the way left between the base and the value, whole for integers."""
        base = self._bases[k]
        way = value - base
        if not self._whole_only[k]:
            return _plain(base + way * Fraction(top, 1 << bits))
        if isinstance(base, int) and isinstance(way, int):
            steps = abs(way) * top >> bits
            return base + steps if way > 0 else base - steps
        moved = base + way * Fraction(top, 1 << bits)
        return floor(moved) if way > 0 else ceil(moved)

    def _simpler_values(self, k: int, value: _Number) -> Iterator[_Number]:
        """Values to try instead, from the boldest to the most modest step."""
        base = self._bases[k]
        if value == base:
            return
        yield base
        sign = 1 if value > base else -1
        for step in (1, 2, 3):
            yield base + sign * step
        if not self._whole_only[k]:
            for bottom in _DENOMINATORS:
                for end in (floor, ceil):
                    yield _rounded(value, bottom, end)
        for bits in range(1, 64):
            near = self._toward(k, value, (1 << bits) - 1, bits)
            if near == value:
                break
            yield near
        if value.denominator == 1:
            for power in range(1, value.numerator.bit_length()):
                yield value - sign * (abs(value.numerator) % 10**power)
            yield value - sign

    def _single(self, point: _Numbers) -> Iterator[_Numbers]:
        for k, value in enumerate(point):
            for simpler in self._simpler_values(k, value):
                yield (*point[:k], simpler, *point[k + 1 :])

    def _paired(self, point: _Numbers) -> Iterator[_Numbers]:
        """Two inputs by the same step, by opposite steps, or the second set to the first; groups of equal values
        together.
        """
        for value in dict.fromkeys(point):
            group = [k for k, v in enumerate(point) if v == value]
            if len(group) > 1:
                for simpler in self._simpler_values(group[0], value):
                    yield tuple(simpler if v == value else v for v in point)
        for i, j in self._pairs(point):
            for a, b in ((i, j), (j, i)):
                yield self._with(point, a, point[b], b, point[b])
                for simpler in self._simpler_values(a, point[a]):
                    step = simpler - point[a]
                    yield self._with(point, a, simpler, b, point[b] + step)
                    yield self._with(point, a, simpler, b, point[b] - step)

    def _pairs(self, point: _Numbers) -> list[tuple[int, int]]:
        """The pairs of inputs, first those of which neither is as simple as can be."""
        settled = [v == base for v, base in zip(point, self._bases, strict=True)]
        pairs = combinations(range(min(len(point), _MOST_PAIRED)), 2)
        return sorted(pairs, key=lambda pair: settled[pair[0]] or settled[pair[1]])

    def _sorted(self, point: _Numbers) -> Iterator[_Numbers]:
        yield tuple(sorted(point))
        for i, j in combinations(range(min(len(point), _MOST_PAIRED)), 2):
            if point[j] < point[i]:
                yield self._with(point, i, point[j], j, point[i])

    @staticmethod
    def _with(point: _Numbers, i: int, x: _Number, j: int, y: _Number) -> _Numbers:
        changed = list(point)
        changed[i], changed[j] = x, y
        return tuple(changed)
