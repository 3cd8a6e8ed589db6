"""The numbers of a weighted sum whose weights are float32, as they stand in a model: one row of a matrix.

A network has a number for each weight and few others. As a row of float32 words one takes four bytes, and what is
computed of all of them together (their values in float64, the grids on which they lie) is computed by numpy.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, overload

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from mechverify.graph.graph import Node

SHORTEST = 16
"""Sums of fewer terms have their numbers one by one."""

_MANTISSA = 24
_LARGEST = 128


class Row(Sequence[Fraction]):
    """``(bias, weight, weight, ...)``, as ``Node.numbers`` has them: the weights finite float32, no negative zero.

    Equal to another row of the same numbers; what has at least ``SHORTEST`` weights, all of them float32, is a row
    and never a tuple (``numbers_of``), so that nodes of equal numbers are equal.
    """

    __slots__ = ("_grids", "bias", "words")

    def __init__(self, bias: Fraction, words: npt.NDArray[np.float32]) -> None:
        self.bias = bias
        self.words = words
        self._grids: npt.NDArray[np.int64] | None = None

    @property
    def weights(self) -> npt.NDArray[np.float64]:
        """The weights in float64, exactly."""
        return self.words.astype(np.float64)

    @property
    def grids(self) -> npt.NDArray[np.int64]:
        """For each weight the least k >= 0 such that it is a multiple of 2^-k."""
        if self._grids is None:
            mantissas, exponents = np.frexp(self.weights)
            whole = np.ldexp(mantissas, _MANTISSA).astype(np.int64)
            lowest = np.where(whole == 0, 1, whole & -whole)
            zeros = np.frexp(lowest.astype(np.float64))[1] - 1
            self._grids = np.where(whole == 0, 0, np.maximum(_MANTISSA - exponents - zeros, 0)).astype(np.int64)
        return self._grids

    def taken(self, order: Sequence[int]) -> "Row":
        """The row with its weights in another order."""
        return Row(self.bias, self.words[list(order)])

    def __len__(self) -> int:
        return 1 + len(self.words)

    @overload
    def __getitem__(self, index: int) -> Fraction: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Fraction, ...]: ...
    def __getitem__(self, index: int | slice) -> Fraction | tuple[Fraction, ...]:
        if isinstance(index, slice):
            if index == slice(1, None):
                return tuple(map(Fraction, self.words.tolist()))
            return tuple(self)[index]
        place = range(len(self))[index]
        return Fraction(float(self.words[place - 1])) if place else self.bias

    def __iter__(self) -> Iterator[Fraction]:
        yield self.bias
        yield from map(Fraction, self.words.tolist())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Row):
            return NotImplemented
        return self.bias == other.bias and np.array_equal(self.words, other.words)

    def __hash__(self) -> int:
        return hash((self.bias, self.words.tobytes()))


def numbers_of(bias: Fraction, weights: Sequence[Fraction]) -> Sequence[Fraction]:
    """Bias and weights as the numbers of a node: a row where it can be one."""
    words = words_of(weights) if len(weights) >= SHORTEST else None
    return (bias, *weights) if words is None else Row(bias, words)


def numbers_of_ratios(bias: Fraction, weights: Sequence[tuple[int, int]]) -> Sequence[Fraction]:
    """The same, of weights that are numerators and positive denominators."""
    words = words_of_ratios(weights) if len(weights) >= SHORTEST else None
    return (bias, *(Fraction(*pair) for pair in weights)) if words is None else Row(bias, words)


def words_of(weights: Sequence[Fraction]) -> npt.NDArray[np.float32] | None:
    """Exact numbers as float32 words, None where one of them is none."""
    return words_of_ratios(weight.as_integer_ratio() for weight in weights)


def words_of_ratios(weights: Iterable[tuple[int, int]]) -> npt.NDArray[np.float32] | None:
    """The same, of numerators and positive denominators."""
    found = []
    for above, below in weights:
        if above.bit_length() - below.bit_length() > _LARGEST:
            return None
        value = above / below  # what is no float64 is rounded, and is another number then
        top, bottom = value.as_integer_ratio()
        if top * below != above * bottom:
            return None
        found.append(value)
    exact = np.array(found, dtype=np.float64)
    with np.errstate(over="ignore"):
        words = exact.astype(np.float32)
    return words if np.isfinite(words).all() and (words == exact).all() else None


def ratios(numbers: Sequence[Fraction]) -> list[tuple[int, int]]:
    """Numerators and denominators of the weights of an ``affine`` node's numbers."""
    if isinstance(numbers, Row):
        return [word.as_integer_ratio() for word in numbers.words.tolist()]
    return [number.as_integer_ratio() for number in numbers[1:]]


def weighted(node: "Node") -> tuple[int, ...]:
    """The arguments of an ``affine`` node whose weight is not zero."""
    if isinstance(node.numbers, Row):
        return node.args if node.numbers.words.all() else tuple(np.array(node.args)[node.numbers.words != 0].tolist())
    return tuple(a for weight, a in zip(node.numbers[1:], node.args, strict=True) if weight)


def as_words(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Finite float32 values as words of rows: no negative zero, contiguous."""
    return np.ascontiguousarray(values + np.float32(0))
