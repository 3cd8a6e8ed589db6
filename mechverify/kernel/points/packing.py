"""Sums of weights times columns with all rows of a column in one integer. It makes sums faster, no more.

Row k of a column stands in the bits from 64 w k on: P = sum c_k 2^(64 w k), each |c_k| < 2^63. For integers u_i,

    sum_i u_i P_i = sum_k (sum_i u_i c_ik) 2^(64 w k),

so one sum of products gives the sums s_k of all rows. Where |s_k| < 2^(64 w - 1), lifting each by 2^(64 w - 1) makes
all fields natural numbers below 2^(64 w). Of s_k cut by d bits, d < 64 (w - 1), the lowest 64 bits begin at bit d of
the field: what was lifted is a multiple of 2^64 there, so they are those of floor(s_k 2^-d), which is less than 2^63
in size and read as a number with a sign.
"""

import sys
from array import array
from collections.abc import Sequence
from operator import mul
from typing import Protocol

FIELD_WORD = 64
_BYTES = FIELD_WORD // 8
FEWEST_ROWS = 8
_LITTLE_WORDS = sys.byteorder == "little" and array("q").itemsize == _BYTES


class PackableRows(Protocol):
    """What is asked of a column here; `size` is at least the magnitude of each value."""

    @property
    def values(self) -> Sequence[int]:
        """The integers of its rows."""

    @property
    def size(self) -> int:
        """The greatest of them."""

    @property
    def packs(self) -> dict[int, int]:
        """Its integers, by the words of a field."""


def plain_rows(weights: Sequence[int], columns: Sequence[PackableRows], bias: int, cut: int) -> list[int]:
    """(bias + the sum of weights times values) 2^-cut at each row, rounded down; at least one column."""
    sums = [bias + sum(map(mul, weights, row)) for row in zip(*(one.values for one in columns), strict=True)]
    return [x >> cut for x in sums] if cut else sums


def packed_rows(
    weights: Sequence[int], columns: Sequence[PackableRows], bias: int, most: int, cut: int
) -> Sequence[int]:
    """The plain sums; |bias| + the sum of all |weight| size is at most `most`."""
    rows = len(columns[0].values)
    words = max(2, (most.bit_length() + 1) // FIELD_WORD + 1, cut // FIELD_WORD + 2)
    longest = max(one.size for one in columns)
    fits = longest.bit_length() < FIELD_WORD - 1 and most.bit_length() - cut < FIELD_WORD - 1
    if not (_LITTLE_WORDS and fits and min(rows, len(columns)) >= FEWEST_ROWS):
        return plain_rows(weights, columns, bias, cut)
    total = sum(map(mul, weights, [_packed_column(one, words) for one in columns]))
    ones = _ones(rows, words)
    lifted = total + ones * (bias + (1 << FIELD_WORD * words - 1))
    found = array("q")
    found.frombytes((lifted >> cut).to_bytes(_BYTES * words * rows, "little"))
    return found[::words].tolist()


def _packed_column(column: PackableRows, words: int) -> int:
    """The integer of a column; lifted by 2^63, a number is its two's complement with the highest bit turned."""
    found = column.packs.get(words)
    if found is None:
        rows = len(column.values)
        fields = array("q", bytes(_BYTES * words * rows))
        fields[::words] = array("q", column.values)
        tops = _ones(rows, words) << FIELD_WORD - 1
        found = column.packs[words] = (int.from_bytes(fields.tobytes(), "little") ^ tops) - tops
    return found


_ones_kept: dict[tuple[int, int], int] = {}


def _ones(rows: int, words: int) -> int:
    """One in each field."""
    found = _ones_kept.get((rows, words))
    if found is None:
        found = _ones_kept[rows, words] = ((1 << FIELD_WORD * words * rows) - 1) // ((1 << FIELD_WORD * words) - 1)
    return found
