"""The entries of a table: the numbers that they were made of, and the least and the greatest of any stretch."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from any_numbers import singles, table_entries, unsigned_zero
from hypothesis import given
from hypothesis import strategies as st

from mechverify.graph.groups import NO_GRID
from mechverify.graph.tables import Entries

F = Fraction

@given(st.lists(table_entries, min_size=2, max_size=40))
def test_the_numbers_are_those_given(given: list[F]) -> None:
    entries = Entries(given)
    assert list(entries) == given == [entries[i] for i in range(len(entries))]
    assert entries[1:3] == tuple(given[1:3])
    assert entries == Entries(list(given))
    assert hash(entries) == hash(Entries(list(given)))
    assert entries != Entries([*given, given[-1]])
    assert entries != Entries([given[0] + 1, *given[1:]])
    assert entries.changes == sum(a != b for a, b in pairwise(given))
    assert entries.rounded is any(F(float(x)) != x for x in given)
    dyadic = all(x.denominator & (x.denominator - 1) == 0 for x in given)
    assert entries.grid == (max(x.denominator.bit_length() - 1 for x in given) if dyadic else NO_GRID)


@given(st.lists(singles.map(unsigned_zero), min_size=2, max_size=40))
def test_words_are_the_same_as_their_numbers(given: list[float]) -> None:
    words = Entries(np.array(given, dtype=np.float32))
    assert words == Entries([F(x) for x in given])
    assert hash(words) == hash(Entries([F(x) for x in given]))
    assert words.words is not None
    assert not words.rounded


@given(st.data(), st.lists(table_entries, min_size=2, max_size=40))
def test_the_ends_of_every_stretch(data: st.DataObject, given: list[F]) -> None:
    entries = Entries(given)
    last = len(given) - 1
    pairs = [(a, data.draw(st.integers(a, last))) for a in range(len(given))]
    first, end = (np.array(side) for side in zip(*pairs, strict=True))
    least, most = entries.ends(first[:, None], end[:, None])
    for k, (a, b) in enumerate(pairs):
        assert least[k, 0] == min(float(x) for x in given[a : b + 1])
        assert most[k, 0] == max(float(x) for x in given[a : b + 1])


def test_what_is_too_large_for_a_float_is_no_number() -> None:
    entries = Entries([F(10**400), F(1)])
    assert entries.rounded
    assert np.isnan(entries.floats[0])


@pytest.mark.parametrize("other", [[F(1), F(2)], (F(1), F(2)), None])
def test_entries_are_equal_to_entries_alone(other: object) -> None:
    assert Entries([F(1), F(2)]) != other
