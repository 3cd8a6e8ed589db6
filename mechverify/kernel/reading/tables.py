"""Tables: constants that an integer looks up, as embeddings and lists do.

`["table", k, a]` is entry number a (the first is 0) of table k of the problem, and any value where a is no integer or
there is no such entry. A table is the base64 text of its entries, each the four bytes of a float32, if all are float32
numbers, and otherwise the list of them; it has at least two. There is one spelling: the tables are distinct, in the
order of their first use, and none is without use. Pieces of a structure have no tables: there the list of all entries
stands in the place of k.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from ..fault import UnreadableError
from ..numbers.number import Number, format_number, over_common, parse_number, ratio
from .blocks import WORD, float32_words, read_words, weights_of
from .reader import Json, as_list

FEWEST_ENTRIES = 2


@dataclass(frozen=True, slots=True)
class Table:
    """Entries as integers over one positive denominator."""

    numerators: tuple[int, ...]
    denominator: int

    def __len__(self) -> int:
        return len(self.numerators)

    @property
    def grid(self) -> int | None:
        """The k such that all entries are multiples of 2^-k; None if there is none."""
        bottom = self.denominator
        return None if bottom & (bottom - 1) else bottom.bit_length() - 1

    def entry(self, index: int) -> Number:
        """One entry."""
        return ratio(self.numerators[index], self.denominator)

    def spelled_out(self) -> list[Json]:
        """All entries, each as a number of a file."""
        return [format_number(self.entry(i)) for i in range(len(self))]


def read_table(raw: Json) -> Table:
    """Check one entry of `tables`. Raises `UnreadableError`."""
    if type(raw) is str:
        words = read_words(raw, "the words of a table")
        if len(words) < FEWEST_ENTRIES * WORD or len(words) % WORD:
            raise UnreadableError(f"a table has at least {FEWEST_ENTRIES} entries")
        found = weights_of(words)
        return Table(found.numerators, 1 << found.shift)
    if float32_words(_numbers(raw)) is not None:
        raise UnreadableError("a table of float32 numbers is written as their words")
    return read_entries(raw)


def read_entries(raw: Json) -> Table:
    """Check the list of all entries of a table. Raises `UnreadableError`, and `InvalidError` where their common
    denominator grows too long."""
    numerators, denominator = over_common(_numbers(raw))
    return Table(tuple(numerators), denominator)


def _numbers(raw: Json) -> list[Number]:
    entries = [parse_number(one) for one in as_list(raw, "a table")]
    if len(entries) < FEWEST_ENTRIES:
        raise UnreadableError(f"a table has at least {FEWEST_ENTRIES} entries")
    return entries


def table_data(entries: Sequence[Number]) -> Json:
    """A table in its one spelling."""
    words = float32_words(entries)
    return [format_number(one) for one in entries] if words is None else base64.b64encode(words).decode("ascii")
