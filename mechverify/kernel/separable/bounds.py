"""Whether one node is never below another, by the least value of a sum of functions of one input each.

The inputs range over a box, and, where a fact says that one of some conditions holds, each of one input, over one of
the cases of that: the box with the range of one input made smaller. Over a box the least value of a sum of functions of
one input each is the sum of their least values.

d = P + N / S with S > 0: if c is a lower bound of P, then d S >= N + c S, which is again a sum of functions of one
input each; d >= 0 if that is >= 0, strictly alike. Of d = P + N_1 / S_1 + ... + N_m / S_m all quotients but the last
are bounded one by one: N / S >= v if N - v S >= 0.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import sub

from .sums import CONSTANT, Column, ColumnSums, Separable, exact_column, multiplied, weighted_sums
from .values import Tabulation

Range = tuple[int, int]  # the places, in a table, of the first and the last value in reach
Cases = Sequence[tuple[int, Range]]

MAX_MEMO = 1 << 20
MAX_ROUNDS = 64


@dataclass(frozen=True, slots=True)
class Box:
    """The range of each input, and the cases of each fact: an input and the smaller range that it has there."""

    ranges: Mapping[int, Range]
    facts: Sequence[Cases] = ()

    def case(self, k: int, reach: Range) -> "Box":
        """The box of one case."""
        return Box({**self.ranges, k: reach})

    def slice(self, k: int) -> slice:
        """The entries in reach of a table of an input."""
        first, last = self.ranges.get(k, (0, 0))
        return slice(first, last + 1)


@dataclass(frozen=True, slots=True)
class Difference:
    """other - one, and the least values of its columns that were found, by input and range."""

    one: ColumnSums
    other: ColumnSums
    inputs: tuple[int, ...]
    found: dict[tuple[int, Range], int]


class LeastDifferences:
    """The least values of differences of nodes, for one assignment of the held inputs."""

    def __init__(self, values: Tabulation) -> None:
        self.values = values
        self.folded: dict[tuple[int, int], ColumnSums] = {}
        self.differences: dict[tuple[int, int], Difference] = {}
        self.kept = 0

    def below(self, a: int, b: int, box: Box) -> int | None:
        """A number of the sign of a lower bound of b - a on the box: b >= a if it is >= 0, b > a if it is > 0. None
        where a node is not separable, or nothing is found."""
        known = self.difference(a, b)
        if known is not None:
            return self._best(known, box)
        one, other = self.values.of(a).number, self.values.of(b).number
        if one is None or other is None:
            return None
        denominators = sorted({*one.over, *other.over})
        found = [self._quotients(one, other, denominators, box)]
        for cases in box.facts:
            parts = [self._quotients(one, other, denominators, box.case(*case)) for case in cases]
            found.append(None if None in parts else min((x for x in parts if x is not None), default=0))
        return max((x for x in found if x is not None), default=None)

    def difference(self, a: int, b: int) -> Difference | None:
        """Columns of the sign of b - a; None where a node is not separable, or there are several quotients, or one and
        what varies beside it."""
        known = self.differences.get((a, b))
        if known is not None:
            return known
        one, other = self.values.of(a).number, self.values.of(b).number
        if one is None or other is None:
            return None
        denominators = {*one.over, *other.over}
        if not denominators:
            return self._difference(a, b, one.plain, other.plain)
        if len(denominators) > 1 or {*one.plain, *other.plain} - {CONSTANT}:
            return None
        (s,) = denominators
        return self._difference(a, b, self._over(a, one, s), self._over(b, other, s))

    def _difference(self, a: int, b: int, one: ColumnSums, other: ColumnSums) -> Difference:
        found = self.differences[a, b] = Difference(one, other, tuple({*one, *other}), {})
        return found

    def _best(self, d: Difference, box: Box) -> int:
        """The greatest of the lower bounds of a difference that the box and its facts give."""
        ranges = box.ranges
        total = best = sum([self._least(d, k, ranges.get(k, (0, 0))) for k in d.inputs])
        for cases in box.facts:
            more = [
                self._least(d, k, reach) - self._least(d, k, ranges.get(k, (0, 0))) if k in d.inputs else 0
                for k, reach in cases
            ]
            best = max(best, total + min(more, default=0))
        return best

    def _least(self, d: Difference, k: int, reach: Range) -> int:
        found = d.found.get((k, reach))
        if found is None:
            first, last = reach
            self.values.prepared.work.count(1 + last - first)
            self.kept += 1
            if self.kept > MAX_MEMO:
                for one in self.differences.values():
                    one.found.clear()
                self.kept = 1
            found = d.found[k, reach] = _least_difference(d.one.get(k), d.other.get(k), slice(first, last + 1))
        return found

    def _over(self, v: int, one: Separable, s: int) -> ColumnSums:
        """N + c S of a node c + N / S."""
        found = self.folded.get((v, s))
        if found is None:
            found = one.over.get(s, {})
            if CONSTANT in one.plain:
                found = weighted_sums([(1, found), (1, self._times(one.plain[CONSTANT], s))], 1)
            self.folded[v, s] = found
        return found

    def _times(self, factor: Column, s: int) -> ColumnSums:
        """A factor that depends on no input times a denominator."""
        return {k: multiplied(factor, table, self.values.bits) for k, table in self._denominator(s).items()}

    def _denominator(self, s: int) -> ColumnSums:
        found = self.values.of(s).number
        return {} if found is None else found.plain

    def _quotients(self, one: Separable, other: Separable, denominators: Sequence[int], box: Box) -> int | None:
        """The same for any separable nodes, on one box."""
        inputs = {*one.plain, *other.plain}
        low = sum(_least_difference(one.plain.get(k), other.plain.get(k), box.slice(k)) for k in inputs)
        for s in denominators[:-1]:
            difference = weighted_sums([(1, other.over.get(s, {})), (-1, one.over.get(s, {}))], 1)
            least = self._quotient_below(difference, s, box)
            if least is None:
                return None
            low += least
        s = denominators[-1]
        parts = [(1, other.over.get(s, {})), (-1, one.over.get(s, {})), (1, self._times(exact_column([low]), s))]
        return _least_of(weighted_sums(parts, 1), box)

    def _quotient_below(self, numerator: ColumnSums, s: int, box: Box) -> int | None:
        """A lower bound v of N / S, at the scale: one for which N - v S >= 0. Tried are the values of N / S where the
        last one was too large, made a little smaller."""
        below, bits = self._denominator(s), self.values.bits
        places = {k: box.ranges.get(k, (0, 0))[0] for k in {*numerator, *below}}
        for tried in range(MAX_ROUNDS):
            top, bottom = _at(numerator, places), _at(below, places)
            if bottom <= 0:
                return None
            v = (top << bits) // bottom - (1 << tried)
            rest = weighted_sums([(1, numerator), (-1, self._times(exact_column([v]), s))], 1)
            self.values.prepared.work.count(sum(len(table.low) for table in rest.values()))
            if _least_of(rest, box) >= 0:
                return v
            for k, table in rest.items():
                entries = table.low[box.slice(k)]
                places[k] = box.ranges.get(k, (0, 0))[0] + entries.index(min(entries))
        return None


def _least_difference(one: Column | None, other: Column | None, places: slice) -> int:
    """The least of other - one, entry by entry; None stands for zero."""
    if one is None:
        return 0 if other is None else min(other.low[places])
    if other is None:
        return -max(one.high[places])
    found: int = min(map(sub, other.low[places], one.high[places]))
    return found


def _least_of(sums: ColumnSums, box: Box) -> int:
    return sum(min(table.low[box.slice(k)]) for k, table in sums.items())


def _at(sums: ColumnSums, places: Mapping[int, int]) -> int:
    return sum(table.low[places[k]] for k, table in sums.items())
