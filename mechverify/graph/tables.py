"""The constants of a table, which an integer looks up: one column of an embedding, a list in a program."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import overload

import numpy as np
import numpy.typing as npt

from mechverify.graph.groups import NO_GRID, Array
from mechverify.graph.rows import Row, as_words, words_of


class Entries(Sequence[Fraction]):
    """The entries of a table, as ``Node.numbers`` has them; at least two. Equal to others of the same numbers.

    Float32 numbers are kept as their words, and then only as these.
    """

    def __init__(self, numbers: Sequence[Fraction] | npt.NDArray[np.float32]) -> None:
        words = as_words(numbers) if isinstance(numbers, np.ndarray) else words_of(numbers)
        self.words = words
        self._numbers = () if words is not None else tuple(map(Fraction, numbers))
        self._hash = hash(self._numbers if words is None else words.tobytes())

    def __len__(self) -> int:
        return len(self._numbers) if self.words is None else len(self.words)

    @overload
    def __getitem__(self, index: int) -> Fraction: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Fraction, ...]: ...
    def __getitem__(self, index: int | slice) -> Fraction | tuple[Fraction, ...]:
        if self.words is None:
            return self._numbers[index]
        if isinstance(index, slice):
            return tuple(map(Fraction, self.words[index].tolist()))
        return Fraction(float(self.words[index]))

    def __iter__(self) -> Iterator[Fraction]:
        return iter(self[:])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Entries):
            return NotImplemented
        if self.words is None or other.words is None:
            return self.words is other.words and self._numbers == other._numbers
        return np.array_equal(self.words, other.words)

    def __hash__(self) -> int:
        return self._hash

    def __repr__(self) -> str:
        return f"Entries({', '.join(map(str, self))})"

    @cached_property
    def floats(self) -> npt.NDArray[np.float64]:
        """The entries in float64; what is too large for it is not a number."""
        return np.array([_float(x) for x in self._numbers]) if self.words is None else self.words.astype(np.float64)

    @cached_property
    def rounded(self) -> bool:
        """Whether an entry in float64 is not the entry."""
        return any(not np.isfinite(f) or Fraction(f) != x for f, x in zip(self.floats, self._numbers, strict=False))

    @cached_property
    def changes(self) -> int:
        """How many entries are another number than the one before them."""
        if self.words is None:
            return sum(a != b for a, b in pairwise(self._numbers))
        return int((self.words[1:] != self.words[:-1]).sum())

    @cached_property
    def grid(self) -> int:
        """The least k such that all entries are multiples of 2^-k; ``NO_GRID`` where there is none."""
        if self.words is not None:
            return int(Row(Fraction(0), self.words).grids.max())
        bottom = max(x.denominator for x in self._numbers)
        dyadic = all(x.denominator & (x.denominator - 1) == 0 for x in self._numbers)
        return min(bottom.bit_length() - 1, NO_GRID) if dyadic else NO_GRID

    @cached_property
    def _extremes(self) -> tuple[Array, Array]:
        """Row k: the least and the greatest of the 2^k entries from each place on (of fewer at the end)."""
        least, most = [self.floats], [self.floats]
        step = 1
        while 2 * step <= len(self):
            for found, pick in ((least, np.minimum), (most, np.maximum)):
                row = found[-1].copy()
                row[:-step] = pick(row[:-step], found[-1][step:])
                found.append(row)
            step *= 2
        return np.stack(least), np.stack(most)

    def ends(self, first: Array, last: Array) -> tuple[Array, Array]:
        """The least and the greatest entry from ``first`` to ``last``, places 0 <= first <= last, in float64: each
        range is two of a power of two."""
        least, most = self._extremes
        power = np.frexp((last - first + 1).astype(np.float64))[1] - 1
        second = last + 1 - (1 << power)
        ends = [(rows[power, first], rows[power, second]) for rows in (least, most)]
        return np.minimum(*ends[0]), np.maximum(*ends[1])


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("nan")
