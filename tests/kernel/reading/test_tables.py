"""Tables: their entries, with one spelling; everything else is refused."""

import base64
import copy
import struct
from fractions import Fraction
from typing import Any

import pytest
from any_numbers import singles, table_entries, unsigned_zero
from hypothesis import given
from hypothesis import strategies as st
from kernel_tools import Build, accepted, num, proof

from mechverify.kernel.api import check_data, read_problem, spelled_out, table_data
from mechverify.kernel.fault import InvalidError, UnreadableError
from mechverify.kernel.numbers.number import normal
from mechverify.kernel.reading.tables import read_entries, read_table


def words(values: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode("ascii")


@given(st.lists(table_entries.map(normal), min_size=2, max_size=9))
def test_entries_are_read_as_they_were_written(entries: list[Any]) -> None:
    data = table_data(entries)
    table = read_table(data)
    assert [table.entry(i) for i in range(len(table))] == entries
    assert read_entries(table.spelled_out()) == table
    dyadic = all(x.denominator & (x.denominator - 1) == 0 for x in map(Fraction, entries))
    grids = [Fraction(x).denominator.bit_length() - 1 for x in entries]
    assert table.grid == (max(grids) if dyadic else None)


@given(st.lists(singles.map(unsigned_zero), min_size=2, max_size=9))
def test_float32_numbers_are_written_as_words(values: list[float]) -> None:
    entries = [normal(Fraction(v)) for v in values]
    assert table_data(entries) == words(values)
    with pytest.raises(UnreadableError, match="is written as their words"):
        read_table([num(x) for x in entries])


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (words([1.0]), "at least 2 entries"),
        ("", "at least 2 entries"),
        (words([1.0, -0.0]), "negative zero"),
        (words([1.0, float("inf")]), "infinite"),
        (words([1.0, float("nan")]), "infinite"),
        (base64.b64encode(bytes(7)).decode(), "at least 2 entries"),
        (words([1.0, 2.0])[:-1] + "*", "not base64"),
        (words([1.0, 2.0]) + "\n", "not base64"),
        ("not base64!", "not base64"),
        (["1/3"], "at least 2 entries"),
        ([], "at least 2 entries"),
        (["1/3", 1], "a number must be a string"),
        (["1/3", "2/6"], "reduced"),
        (["1", "2"], "is written as their words"),
        (None, "must be a list"),
        ({"0": "1"}, "must be a list"),
        (3, "must be a list"),
    ],
)  # fmt: skip
def test_what_is_no_table(raw: Any, word: str) -> None:
    with pytest.raises(UnreadableError, match=word):
        read_table(raw)


def test_a_common_denominator_that_grows_too_long() -> None:
    primes = [p for p in range(3, 400) if all(p % q for q in range(2, p))]
    entries = [f"1/{p ** int(12_000 / p.bit_length())}" for p in primes]
    with pytest.raises(InvalidError, match="common denominator"):
        read_entries(entries)


def looking_up() -> dict[str, Any]:
    """Two tables, the first looked up twice."""
    build = Build()
    x = build.integer("x", 0, 1)
    build.node("table", ["1", "2"], x)
    build.node("table", ["1/3", "5"], x)
    last = build.node("table", ["1", "2"], x)
    return build.problem(None, build.node("le", last, build.const(2)))


def test_equal_tables_are_one() -> None:
    problem = looking_up()
    assert problem["tables"] == [words([1.0, 2.0]), ["1/3", "5"]]
    assert [n[1] for n in problem["nodes"] if n[0] == "table"] == [0, 1, 0]
    assert accepted(proof(problem, [["leaf"]], [0]))
    assert [n for n in spelled_out(problem) if n[0] == "table"] == [
        ["table", ["1", "2"], 0], ["table", ["1/3", "5"], 0], ["table", ["1", "2"], 0],
    ]  # fmt: skip


def change(path: list[Any], value: Any) -> Any:
    """The problem with another value at a place."""
    problem = copy.deepcopy(looking_up())
    at = problem
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return problem


@pytest.mark.parametrize(
    ("path", "value", "word"),
    [
        (["tables"], [], "left out where there are none"),
        (["tables"], None, "tables must be a list"),
        (["tables"], [words([1.0, 2.0])], "a table must be an integer in 0 .. 0"),
        (["tables"], [["1/3", "5"], words([1.0, 2.0])], None),
        (["tables", 1], words([1.0, 2.0]), "two tables are the same"),
        (["tables"], [words([1.0, 2.0]), ["1/3", "5"], ["1/3", "6"]], "order of their first use"),
        (["nodes", 1, 1], 1, "order of their first use"),
        (["nodes", 2, 1], 0, "order of their first use"),
        (["nodes", 1, 1], 2, "a table must be an integer in 0 .. 1"),
        (["nodes", 1, 1], -1, "a table must be an integer in 0 .. 1"),
        (["nodes", 1, 1], True, "a table must be an integer in 0 .. 1"),
        (["nodes", 1, 1], ["1", "2"], "a table must be an integer in 0 .. 1"),
        (["nodes", 1, 2], 4, "an argument must be an integer"),
        (["nodes", 1], ["table", 0], "table must be a list of 3"),
        (["nodes", 1], ["table", 0, 0, 0], "table must be a list of 3"),
        (["nodes", 4], ["table", 0, 0], None),
    ],
)  # fmt: skip
def test_another_spelling_is_refused(path: list[Any], value: Any, word: str | None) -> None:
    """None: a statement of its own, with another digest."""
    problem = change(path, value)
    if word is None:
        assert read_problem(problem | {"claim": len(problem["nodes"]) - 1}).sha256 != read_problem(looking_up()).sha256
        return
    found = check_data(proof(problem, [["leaf"]], [0]))
    assert (found.answer, word in (found.reason or "")) == ("unreadable", True), found


def test_the_index_is_a_number() -> None:
    problem = looking_up()
    problem["nodes"][3][2] = 4
    problem["nodes"].insert(0, problem["nodes"].pop())
    assert check_data(proof(problem, [["leaf"]], [0])).answer == "unreadable"
