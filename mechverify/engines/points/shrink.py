"""Making a witness simple: fewer non-zero inputs, smaller integers, shorter fractions, equal inputs kept equal.

Deterministic greedy descent: a change is kept only if the point still breaks the claim and is simpler. Inputs are
moved one at a time, and in pairs with equal, opposite or exchanged steps, so that preconditions such as ``x_1 == x_2``
or ``x_1 + x_2 == 5`` stay met.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from math import ceil, floor

from mechverify.graph.graph import Input

Point = tuple[Fraction, ...]

_CALLS = 2000
_ROUNDS = 40
_WORK = 150_000  # numbers looked at, so that many inputs do not take long either
_MOST_PAIRED = 24
_DENOMINATORS = (1, 2, 4, 5, 8, 10, 16, 100, 1000, 1 << 10, 1 << 20)


def shrink(
    point: Point, breaks: Callable[[Point], bool], inputs: Sequence[Input], *, most_calls: int = _CALLS
) -> Point:
    """The simplest point found that still breaks the claim; ``point`` itself where nothing simpler does.

    ``breaks`` is asked at most ``most_calls`` times, never twice about one point, and only about points within the
    bounds.
    """
    return _Shrinker(breaks, inputs, most_calls).run(point)


def simplicity(point: Point) -> tuple[int, int, int, Fraction, tuple[Fraction, ...]]:
    """Smaller is simpler: non-zero values, digits, distinct values, total magnitude, then order."""
    return _nonzero(point), _digits(point), len(set(point)), sum((abs(v) for v in point), Fraction(0)), point


def _simpler(point: Point, measure: tuple[int, int, int, Fraction, tuple[Fraction, ...]]) -> bool:
    """Whether a point's simplicity is below the measure, looking no further than needed."""
    nonzero = _nonzero(point)
    if nonzero != measure[0]:
        return nonzero < measure[0]
    digits = _digits(point)
    return digits < measure[1] if digits != measure[1] else simplicity(point) < measure


def _nonzero(point: Point) -> int:
    return sum(1 for v in point if v.numerator)


def _digits(point: Point) -> int:
    total = 0
    for v in point:
        top, bottom = v.as_integer_ratio()
        total += top.bit_length() + 3 * (bottom.bit_length() - 1) + (top < 0)
    return total


class _Shrinker:
    def __init__(self, breaks: Callable[[Point], bool], inputs: Sequence[Input], most_calls: int) -> None:
        self._breaks = breaks
        self._inputs = inputs
        self._left = most_calls
        self._work = _WORK
        self._asked: set[Point] = set()

    def run(self, point: Point) -> Point:
        best = point
        for _ in range(_ROUNDS):
            before = best
            for move in (self._whole, self._single, self._paired, self._sorted):
                best = self._descend(best, move)
            if best == before or self._left <= 0:
                break
        return best

    def _descend(self, best: Point, move: Callable[[Point], Iterator[Point]]) -> Point:
        """Follow a family of moves; after each success it starts again from the new point."""
        improved = True
        while improved and self._left > 0:
            improved, measure = False, simplicity(best)
            for candidate in move(best):
                self._work -= len(candidate)
                if self._work < 0:
                    return best
                if _simpler(candidate, measure) and self._still_breaks(candidate):
                    best, improved = candidate, True
                    break
        return best

    def _still_breaks(self, point: Point) -> bool:
        if point in self._asked or self._left <= 0 or not self._inside(point):
            return False
        self._asked.add(point)
        self._left -= 1
        return self._breaks(point)

    def _inside(self, point: Point) -> bool:
        return all(
            one.low <= value <= one.high and (one.kind == "real" or value.denominator == 1)
            for one, value in zip(self._inputs, point, strict=True)
        )

    def _base(self, k: int) -> Fraction:
        """The simplest value of an input: zero, or the bound nearest to it."""
        one = self._inputs[k]
        return min(max(Fraction(0), one.low), one.high)

    def _whole(self, point: Point) -> Iterator[Point]:
        """Everything at once: all simplest, all equal, all at a coarser denominator."""
        count = range(len(point))
        yield tuple(self._base(k) for k in count)
        for value in dict.fromkeys(point):
            yield (value,) * len(point)
        for value in (Fraction(1), Fraction(2)):
            yield tuple(value if v != 0 else v for v in point)
        for bottom in _DENOMINATORS:
            yield tuple(Fraction(round(v * bottom), bottom) for v in point)
        for part in (Fraction(1, 2), Fraction(3, 4)):
            yield tuple(self._toward(k, v, part) for k, v in enumerate(point))

    def _toward(self, k: int, value: Fraction, part: Fraction) -> Fraction:
        """``part`` of the way left between the base and the value, whole for integers."""
        base = self._base(k)
        moved = base + (value - base) * part
        return Fraction(floor(moved) if value > base else ceil(moved)) if self._inputs[k].kind == "integer" else moved

    def _simpler_values(self, k: int, value: Fraction) -> Iterator[Fraction]:
        """Values to try instead, from the boldest to the most modest step."""
        base = self._base(k)
        if value == base:
            return
        yield base
        sign = 1 if value > base else -1
        for step in (1, 2, 3):
            yield base + sign * step
        if self._inputs[k].kind == "real":
            for bottom in _DENOMINATORS:
                for end in (floor, ceil):
                    yield Fraction(end(value * bottom), bottom)
        for bits in range(1, 64):
            near = self._toward(k, value, 1 - Fraction(1, 1 << bits))
            if near == value:
                break
            yield near
        if value.denominator == 1:
            for power in range(1, value.numerator.bit_length()):
                yield value - sign * (abs(value.numerator) % 10**power)
            yield value - sign

    def _single(self, point: Point) -> Iterator[Point]:
        for k, value in enumerate(point):
            for simpler in self._simpler_values(k, value):
                yield (*point[:k], simpler, *point[k + 1 :])

    def _paired(self, point: Point) -> Iterator[Point]:
        """Two inputs by the same step, by opposite steps, or the second set to the first; groups of equal values
        together.
        """
        for value in dict.fromkeys(point):
            group = [k for k, v in enumerate(point) if v == value]
            if len(group) > 1:
                for simpler in self._simpler_values(group[0], value):
                    yield tuple(simpler if v == value else v for v in point)
        for i, j in combinations(range(min(len(point), _MOST_PAIRED)), 2):
            for a, b in ((i, j), (j, i)):
                yield self._with(point, a, point[b], b, point[b])
                for simpler in self._simpler_values(a, point[a]):
                    step = simpler - point[a]
                    yield self._with(point, a, simpler, b, point[b] + step)
                    yield self._with(point, a, simpler, b, point[b] - step)

    def _sorted(self, point: Point) -> Iterator[Point]:
        yield tuple(sorted(point))
        for i, j in combinations(range(min(len(point), _MOST_PAIRED)), 2):
            if point[j] < point[i]:
                yield self._with(point, i, point[j], j, point[i])

    @staticmethod
    def _with(point: Point, i: int, x: Fraction, j: int, y: Fraction) -> Point:
        changed = list(point)
        changed[i], changed[j] = x, y
        return tuple(changed)
