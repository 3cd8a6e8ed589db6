"""Sums of functions of one integer input each, every function a column of values.

A `Column` has for each value of one input, in ascending order, a lower and an upper end, integers at scale 2^-bits.
Where all entries are of one width, `spread` is it: 0 where every entry is one value; ends are widened a little to make
them so. `ColumnSums` has a column for each input, and under `CONSTANT` one of a single value. At a point, the sum of
the entries at the inputs' values contains what the sums stand for.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import mul, sub

from .packed import packed_totals

CONSTANT = -1  # in the place of an input: what depends on none
_LITTLE = 1 << 40  # so much, in units of the scale, an end may be widened


@dataclass(frozen=True, slots=True)
class Column:
    """The ends for each value of an input. `packs` and `high_packs` are what `packed.py` keeps of them."""

    low: list[int]
    high: list[int]
    spread: int | None = None
    packs: dict[int, int] = field(default_factory=dict, compare=False, repr=False)
    high_packs: dict[int, int] = field(default_factory=dict, compare=False, repr=False)

    def upper(self) -> "Column":
        """The upper ends alone."""
        return Column(self.high, self.high, 0, self.high_packs)


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


def exact_column(values: list[int]) -> Column:
    """A column of entries of one value each."""
    return Column(values, values, 0)


def column_of(low: list[int], high: list[int]) -> Column:
    """A column of ends, of one width where that widens them little."""
    least, most = min(map(sub, high, low)), max(map(sub, high, low))
    if most > _LITTLE:
        return Column(low, high)
    return Column(low, high if least == most else [x + most for x in low], most)


def rounded(values: list[int], bottom: int) -> Column:
    """Exact entries divided by a positive number."""
    least = values if bottom == 1 else [x // bottom for x in values]
    if bottom == 1 or all(x * bottom == y for x, y in zip(least, values, strict=True)):
        return exact_column(least)
    return Column(least, [x + 1 for x in least], 1)


def weighted(weights: Sequence[int], columns: Sequence[Column], bottom: int) -> Column:
    """The sum of weights times columns of one input, divided by a positive number."""
    spreads = [t.spread for t in columns if t.spread is not None]
    if len(spreads) == len(columns):
        totals = packed_totals(weights, columns)
        width = sum(abs(w) * x for w, x in zip(weights, spreads, strict=True))
        if not width:
            return rounded(totals, bottom)
        below = sum(w * x for w, x in zip(weights, spreads, strict=True) if w < 0)
        shift = bottom.bit_length() - 1
        powers = bottom == 1 << shift
        low = [x + below >> shift if powers else (x + below) // bottom for x in totals]
        spread = 1 - (-width // bottom)
        return Column(low, [x + spread for x in low], spread)
    lows = [t if w > 0 else t.upper() for w, t in zip(weights, columns, strict=True)]
    highs = [t.upper() if w > 0 else t for w, t in zip(weights, columns, strict=True)]
    low = [x // bottom for x in packed_totals(weights, lows)]
    return column_of(low, [-(-x // bottom) for x in packed_totals(weights, highs)])


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
    low, high = map(list, zip(*(ends(*row) for row in zip(*columns, strict=True)), strict=True))
    return column_of(low, high)


def multiplied(one: Column, other: Column, bits: int) -> Column:
    """The products of two columns of one input, or of none.

    Where a is from x to x + s and b from y to y + t, a b is within s |y| + t |x| + s t of x y.
    """
    if one.spread is not None and other.spread is not None:
        size = max(len(one.low), len(other.low))
        left, right = (x * size if len(x) == 1 else x for x in (one.low, other.low))
        strays = one.spread * _size(other.low) + other.spread * _size(one.low) + one.spread * other.spread
        if not strays:
            return rounded(list(map(mul, left, right)), 1 << bits)
        spread = (2 * strays >> bits) + 2
        if spread <= _LITTLE:
            low = [x * y - strays >> bits for x, y in zip(left, right, strict=True)]
            return Column(low, [x + spread for x in low], spread)

    def ends(a: int, b: int, c: int, d: int) -> tuple[int, int]:
        corners = a * c, a * d, b * c, b * d
        return min(corners) >> bits, -(-max(corners) >> bits)

    return paired(one, other, ends)


def _size(values: list[int]) -> int:
    return max(abs(max(values)), abs(min(values)))


def divided(one: Column, other: Column, bits: int) -> Column:
    """The quotients; no entry of the other contains zero."""

    def ends(a: int, b: int, c: int, d: int) -> tuple[int, int]:
        pairs = [(x << bits, y) for x in (a, b) for y in (c, d)]
        return min(x // y for x, y in pairs), max(-(-x // y) for x, y in pairs)

    return paired(one, other, ends)


def together(sums: ColumnSums) -> Column:
    """Sums that depend on one input at most, as one column."""
    columns = list(sums.values()) or [exact_column([0])]
    whole = columns[0]
    for column in columns[1:]:
        whole = paired(whole, column, lambda a, b, c, d: (a + c, b + d))
    return whole


def least(sums: ColumnSums) -> int:
    """A lower bound of the sums."""
    return sum(min(column.low) for column in sums.values())
