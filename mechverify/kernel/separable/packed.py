"""Sums of columns with all their entries packed into one integer each: entry i stands in the bits from i * lane on.

The sum of weights times such integers is the integer of the sums, as long as each of these fits into its lane. It makes
the kernel fast, and nothing else: `plain_totals` is what it stands for.
"""

from collections.abc import Sequence
from functools import cache
from operator import mul
from typing import Protocol

_WORD = 64
_WORTH = 8
_SIZE = 0  # the key in `packs` of the length of the longest entry


class Packable(Protocol):
    """The lower ends of a column, and what is kept of it: its integers, by the length of their lanes."""

    @property
    def low(self) -> list[int]:
        """The entries."""

    @property
    def packs(self) -> dict[int, int]:
        """The integers."""


def plain_totals(weights: Sequence[int], columns: Sequence[Packable]) -> list[int]:
    """The sums of weights times the columns' lower ends."""
    return [sum(map(mul, weights, row)) for row in zip(*(column.low for column in columns), strict=True)]


def packed_totals(weights: Sequence[int], columns: Sequence[Packable]) -> list[int]:
    """The sums of weights times the columns' lower ends."""
    size = len(columns[0].low)
    if min(size, len(columns)) < _WORTH:
        return plain_totals(weights, columns)
    longest = max(map(_longest, columns))
    lane = -(-(longest + max(map(abs, weights)).bit_length() + len(weights).bit_length() + 2) // _WORD) * _WORD
    total = sum(map(mul, weights, [_packed(column, lane) for column in columns]))
    half, width = 1 << lane - 1, lane // 8
    words = (total + _halves(size, lane)).to_bytes(size * width, "little")
    return [int.from_bytes(words[at : at + width], "little") - half for at in range(0, size * width, width)]


def _longest(column: Packable) -> int:
    if _SIZE not in column.packs:
        column.packs[_SIZE] = max(x.bit_length() for x in column.low)
    return column.packs[_SIZE]


def _packed(column: Packable, lane: int) -> int:
    found = column.packs.get(lane)
    if found is None:
        half, width = 1 << lane - 1, lane // 8
        words = b"".join([(x + half).to_bytes(width, "little") for x in column.low])
        found = column.packs[lane] = int.from_bytes(words, "little") - _halves(len(column.low), lane)
    return found


@cache
def _halves(size: int, lane: int) -> int:
    """Half of what a lane can hold, in each."""
    return ((1 << size * lane) - 1) // ((1 << lane) - 1) << lane - 1
