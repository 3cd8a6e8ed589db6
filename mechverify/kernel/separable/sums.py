"""Sums of functions of one integer input each, every function a column of values.

A `Column` has for each value of one input, in ascending order, a lower and an upper end, integers at scale 2^-bits;
both are one list where every value is exact. `ColumnSums` has a column for each input, and under `CONSTANT` one of a
single value. At a point, the sum of the entries at the inputs' values contains what the sums stand for.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import mul

CONSTANT = -1  # in the place of an input: what depends on none


@dataclass(frozen=True, slots=True)
class Column:
    """The ends for each value of an input."""

    low: list[int]
    high: list[int]

    @property
    def exact(self) -> bool:
        """Whether each entry is one value."""
        return self.low is self.high


ColumnSums = dict[int, Column]


@dataclass(frozen=True, slots=True)
class Separable:
    """`plain`, and for each node in `over` those sums divided by the value of that node, which is positive."""

    plain: ColumnSums
    over: dict[int, ColumnSums] = field(default_factory=dict)

    def inputs(self) -> set[int]:
        """The inputs that it depends on."""
        return {k for sums in (self.plain, *self.over.values()) for k in sums if k != CONSTANT}

    def size(self) -> int:
        """How many entries it has."""
        return sum(len(column.low) for sums in (self.plain, *self.over.values()) for column in sums.values())


def column_of(pairs: Iterable[tuple[int, int]]) -> Column:
    """A column of ends."""
    low, high = map(list, zip(*pairs, strict=True))
    return Column(low, low if low == high else high)


def rounded(low: list[int], high: list[int] | None, bottom: int) -> Column:
    """Lower and upper ends divided by a positive number, rounded outward; `high` None where both are the same."""
    least = low if bottom == 1 else [x // bottom for x in low]
    if high is None and (bottom == 1 or all(x * bottom == y for x, y in zip(least, low, strict=True))):
        return Column(least, least)
    return Column(least, [-(-x // bottom) for x in (low if high is None else high)])


def weighted(weights: Sequence[int], columns: Sequence[Column], bottom: int) -> Column:
    """The sum of weights times columns of one input, divided by a positive number."""
    lows = [t.low if w > 0 else t.high for w, t in zip(weights, columns, strict=True)]
    low = [sum(map(mul, weights, row)) for row in zip(*lows, strict=True)]
    if all(t.exact for t in columns):
        return rounded(low, None, bottom)
    highs = [t.high if w > 0 else t.low for w, t in zip(weights, columns, strict=True)]
    return rounded(low, [sum(map(mul, weights, row)) for row in zip(*highs, strict=True)], bottom)


def weighted_sums(terms: Iterable[tuple[int, ColumnSums]], bottom: int) -> ColumnSums:
    """The sum of weights times sums, divided by a positive number."""
    parts: dict[int, list[tuple[int, Column]]] = {}
    for w, sums in terms:
        if w:
            for k, column in sums.items():
                parts.setdefault(k, []).append((w, column))
    return {k: weighted([w for w, _ in own], [t for _, t in own], bottom) for k, own in parts.items()}


def paired(one: Column, other: Column, ends: Callable[[int, int, int, int], tuple[int, int]]) -> Column:
    """Entry by entry; a column of one entry goes with each of the other's."""
    size = max(len(one.low), len(other.low))
    columns = [x * size if len(x) == 1 else x for t in (one, other) for x in (t.low, t.high)]
    return column_of(ends(*row) for row in zip(*columns, strict=True))


def multiplied(one: Column, other: Column, bits: int) -> Column:
    """The products of two columns of one input, or of none."""
    if one.exact and other.exact:
        size = max(len(one.low), len(other.low))
        left, right = (x * size if len(x) == 1 else x for x in (one.low, other.low))
        return rounded(list(map(mul, left, right)), None, 1 << bits)

    def ends(a: int, b: int, c: int, d: int) -> tuple[int, int]:
        corners = a * c, a * d, b * c, b * d
        return min(corners) >> bits, -(-max(corners) >> bits)

    return paired(one, other, ends)


def divided(one: Column, other: Column, bits: int) -> Column:
    """The quotients; no entry of the other contains zero."""

    def ends(a: int, b: int, c: int, d: int) -> tuple[int, int]:
        pairs = [(x << bits, y) for x in (a, b) for y in (c, d)]
        return min(x // y for x, y in pairs), max(-(-x // y) for x, y in pairs)

    return paired(one, other, ends)


def together(sums: ColumnSums) -> Column:
    """Sums that depend on one input at most, as one column."""
    columns = list(sums.values()) or [Column([0], [0])]
    whole = columns[0]
    for column in columns[1:]:
        whole = paired(whole, column, lambda a, b, c, d: (a + c, b + d))
    return whole


def least(sums: ColumnSums) -> int:
    """A lower bound of the sums."""
    return sum(min(column.low) for column in sums.values())
