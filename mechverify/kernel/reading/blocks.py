"""Rows: many weighted sums of the same numbers, with float32 weights, as the layers of a network are.

`["rows", R, k, [bias, ...], [a, ...]]` stands for one `affine` node for each bias, one after the other, all over the
arguments a, ...; the weights of the i-th are the i-th row of block k. A block is `[columns, words]`: the base64 text
of its rows, each weight the four bytes of a float32, the lowest first. A problem with rows means what it would mean
with its `affine` nodes spelled out.

There is one spelling of a problem, so that a statement has one digest: an `affine` node stands in rows exactly if it
has at least 16 terms and all its weights are float32; neighbours of the same rounding and the same arguments stand in
the same rows; the blocks are distinct, in the order of their first use, and none is without use.
"""

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..fault import UnreadableError
from ..numbers.number import Number, grid_of
from .reader import Json, as_index, as_list, as_text

SHORTEST = 16
MAX_ROW_TERMS = 20_000_000
WORD = 4

_FRACTION_BITS, _SIGN_BIT, _MAX_EXPONENT, _BIAS = 23, 31, 255, 150
_HIDDEN, _NEGATIVE_ZERO = 1 << 23, 1 << 31


@dataclass(frozen=True, slots=True)
class Weights:
    """One row: each weight is its numerator times 2^-shift; `shift` is the least for which they are integers."""

    numerators: tuple[int, ...]
    shift: int


@dataclass(frozen=True, slots=True)
class Block:
    """A matrix of float32 weights, with its one spelling."""

    columns: int
    rows: tuple[Weights, ...]


def read_block(raw: Json) -> Block:
    """Check one entry of `blocks`. Raises `UnreadableError`."""
    size, text = as_list(raw, "a block", 2)
    columns = as_index(size, "the columns of a block", MAX_ROW_TERMS + 1)
    words = read_words(text, "the words of a block")
    if columns < SHORTEST or not words or len(words) % (WORD * columns):
        raise UnreadableError(f"a block has rows of at least {SHORTEST} words, and at least one row")
    found = [weights_of(words[at : at + WORD * columns]) for at in range(0, len(words), WORD * columns)]
    return Block(columns, tuple(found))


def read_words(raw: Json, what: str) -> bytes:
    """The bytes of a base64 text. Raises `UnreadableError`."""
    text = as_text(raw, what)
    try:
        words = base64.b64decode(text, validate=True)
    except ValueError:
        raise UnreadableError(f"{what} are not base64") from None
    if base64.b64encode(words).decode("ascii") != text:
        raise UnreadableError(f"{what} are not in their one spelling")
    return words


def weights_of(words: bytes) -> Weights:
    """The float32 numbers of words, as integers over the least power of two: m 2^(e - 150) is m << e over 2^150."""
    found: list[int] = []
    every = 0
    for word in struct.unpack(f"<{len(words) // WORD}I", words):
        exponent = word >> _FRACTION_BITS & _MAX_EXPONENT
        if exponent == _MAX_EXPONENT or word == _NEGATIVE_ZERO:
            raise UnreadableError("a word is infinite, no number, or a negative zero")
        fraction = word & (_HIDDEN - 1)
        numerator = (fraction | _HIDDEN) << exponent if exponent else fraction << 1
        every |= numerator
        found.append(-numerator if word >> _SIGN_BIT else numerator)
    spare = min(_BIAS, (every & -every).bit_length() - 1) if every else _BIAS
    return Weights(tuple([numerator >> spare for numerator in found]), _BIAS - spare)


def word_of(weight: Number) -> bytes | None:
    """The word of a weight, None where it is no float32 number."""
    shift, size = grid_of(weight), abs(weight.numerator)
    if shift is None or size.bit_length() > _MAX_EXPONENT - 1 + _BIAS:
        return None
    spare = (size & -size).bit_length() - 1 if size else 0
    mantissa, exponent = size >> spare, spare - shift + _BIAS
    length = mantissa.bit_length()
    if length > _FRACTION_BITS + 1 or exponent + length - _FRACTION_BITS > _MAX_EXPONENT or exponent < 1:
        return None
    missing = min(_FRACTION_BITS + 1 - length, exponent - 1)
    mantissa, exponent = mantissa << missing, exponent - missing
    word = mantissa - _HIDDEN + (exponent << _FRACTION_BITS) if mantissa >= _HIDDEN else mantissa
    return struct.pack("<I", word | (weight < 0) << _SIGN_BIT)


def words_of(weights: Sequence[Number]) -> bytes | None:
    """The words of a row, None where its weights are not to stand in one."""
    return None if len(weights) < SHORTEST else float32_words(weights)


def float32_words(weights: Sequence[Number]) -> bytes | None:
    """The words of numbers, None where one of them is no float32 number."""
    found: list[bytes] = []
    for weight in weights:
        word = word_of(weight)
        if word is None:
            return None
        found.append(word)
    return b"".join(found)


@dataclass(slots=True)
class Spelling:
    """The nodes of a problem in their one spelling, as they are written one after the other."""

    nodes: list[Json] = field(default_factory=list)
    blocks: list[Json] = field(default_factory=list)
    tables: list[Json] = field(default_factory=list)
    _tables_known: dict[Json | tuple[Json, ...], int] = field(default_factory=dict)
    _known: dict[tuple[int, bytes], int] = field(default_factory=dict)
    _rounding: str = ""
    _args: Sequence[int] = ()
    _biases: list[Json] = field(default_factory=list)
    _words: list[bytes] = field(default_factory=list)

    def node(self, raw: Json) -> None:
        """A node that stands by itself."""
        self._end()
        self.nodes.append(raw)

    def row(self, rounding: str, args: Sequence[int], bias: str, words: bytes) -> None:
        """An `affine` node that stands in rows."""
        if self._biases and not (rounding == self._rounding and args == self._args):
            self._end()
        self._rounding, self._args = rounding, args
        self._biases.append(bias)
        self._words.append(words)

    def table(self, table: Json, index: int) -> None:
        """A node that looks up a table, which is in its one spelling (`tables.py`)."""
        self._end()
        key = tuple(table) if isinstance(table, list) else table
        place = self._tables_known.setdefault(key, len(self.tables))
        if place == len(self.tables):
            self.tables.append(table)
        self.nodes.append(["table", place, index])

    def end(self) -> dict[str, Json]:
        """The fields `nodes` and, if there are any, `blocks` and `tables` of the problem."""
        self._end()
        found = {"nodes": self.nodes, "blocks": self.blocks, "tables": self.tables}
        return {name: entries for name, entries in found.items() if entries or name == "nodes"}

    def _end(self) -> None:
        if self._biases:
            key = len(self._args), b"".join(self._words)
            block = self._known.setdefault(key, len(self.blocks))
            if block == len(self.blocks):
                self.blocks.append([key[0], base64.b64encode(key[1]).decode("ascii")])
            self.nodes.append(["rows", self._rounding, block, self._biases, list(self._args)])
            self._biases, self._words = [], []
