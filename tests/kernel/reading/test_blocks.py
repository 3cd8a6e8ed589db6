"""Blocks and rows: the nodes that they stand for, with one spelling; everything else is refused."""

import base64
import copy
import random
import struct
from dataclasses import fields
from fractions import Fraction
from typing import Any

import pytest
from any_numbers import unsigned_zero, weights
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_tools import Build, accepted, num, proof

from mechverify.kernel.api import check_data, read_problem, spelled_out
from mechverify.kernel.fault import UnreadableError
from mechverify.kernel.numbers.number import normal
from mechverify.kernel.plan import AffinePlan, plan_affine
from mechverify.kernel.reading.blocks import SHORTEST, read_block, word_of
from mechverify.kernel.reading.node import Node


def words(values: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode("ascii")


@given(weights.map(unsigned_zero))
def test_a_word_is_the_number_as_ieee_has_it(value: float) -> None:
    exact = normal(Fraction(value))
    assert word_of(exact) == struct.pack("<f", value)
    (row,) = read_block([SHORTEST, words([value] * SHORTEST)]).rows
    assert [Fraction(n, 1 << row.shift) for n in row.numerators] == [exact] * SHORTEST


@pytest.mark.parametrize(
    "number",
    [Fraction(1, 3), 2**24 + 1, 2**128, -(2**128), 2**200, Fraction(1, 2**150), Fraction(3, 2**150), Fraction(2**24 + 1, 2**149)],
)
def test_what_is_no_float32_has_no_word(number: Fraction | int) -> None:
    assert word_of(number) is None


@given(st.lists(weights.map(unsigned_zero), min_size=SHORTEST, max_size=40))
def test_the_shift_is_the_least(values: list[float]) -> None:
    (row,) = read_block([len(values), words(values)]).rows
    assert row.shift == max((Fraction(v).denominator.bit_length() - 1 for v in values), default=0)
    assert [Fraction(n, 1 << row.shift) for n in row.numerators] == [Fraction(v) for v in values]


@settings(max_examples=200)
@given(st.data(), st.lists(weights.map(unsigned_zero), min_size=SHORTEST, max_size=30), st.booleans(), st.booleans())
def test_a_row_is_prepared_like_the_sum_that_it_stands_for(
    data: st.DataObject, values: list[float], rounded: bool, distinct: bool
) -> None:
    bias = data.draw(st.sampled_from([0, 3, Fraction(1, 3), Fraction(5, 2**160), Fraction(-7, 2)]))
    place = st.integers(0, 60)
    args = tuple(data.draw(st.lists(place, min_size=len(values), max_size=len(values), unique=distinct)))
    (row,) = read_block([len(values), words(values)]).rows
    in_row = Node("affine", args, rounded=rounded, numerators=row.numerators, constant=bias, shift=row.shift)
    alone = Node("affine", args, rounded=rounded, numerators=tuple(normal(Fraction(v)) for v in values), constant=bias)
    assert list(in_row.weights) == list(alone.weights)
    one, other = plan_affine(in_row), plan_affine(alone)
    sides, nodes = list(range(200)), list(range(100))
    for field in fields(AffinePlan):
        found, wanted = getattr(one, field.name), getattr(other, field.name)
        if field.name in ("plain", "low", "high"):
            column = nodes if field.name == "plain" else sides
            assert tuple(found(column)) == tuple(wanted(column)), field.name
        else:
            assert found == wanted, field.name


def layer(build: Build, inputs: list[int], rows: int, rng: random.Random, rounding: str = "float32") -> list[int]:
    table = [[Fraction(rng.randint(-(2**23), 2**23), 2**20) for _ in inputs] for _ in range(rows)]
    return [build.affine(0, *zip(row, inputs, strict=True), rounding=rounding) for row in table]


def network(seed: int = 0, copies: int = 1) -> Any:
    """A certificate of a problem of two layers, the first of them ``copies`` times."""
    rng = random.Random(seed)
    build = Build()
    inputs = [build.integer(f"x{k}", 0, 3) for k in range(SHORTEST)]
    state = rng.getstate()
    sums = []
    for _ in range(copies):
        rng.setstate(state)
        hidden = [build.node("relu", v) for v in layer(build, inputs, SHORTEST, rng)]
        sums += layer(build, hidden, 3, rng)
    claim = build.node("le", sums[0], build.const(10**9))
    return proof(build.problem(None, claim), [["leaf"]], [0] * SHORTEST)


def test_rows_are_written_and_read() -> None:
    certificate = network(copies=3)
    problem = certificate["problem"]
    assert [raw[0] for raw in problem["nodes"]].count("rows") == 6
    assert len(problem["blocks"]) == 2
    assert accepted(certificate)
    read = read_problem(problem)
    out = spelled_out(problem)
    assert len(out) == len(read.nodes)
    for raw, node in zip(out, read.nodes, strict=True):
        if raw[0] == "affine":
            assert [[num(w), a] for w, a in zip(node.weights, node.args, strict=True)] == raw[3]
            assert (num(node.constant), node.rounded) == (raw[2], raw[1] == "float32")


def first_rows(problem: Any) -> int:
    return next(k for k, raw in enumerate(problem["nodes"]) if raw[0] == "rows")


def spell_out_one(problem: Any) -> None:
    at = first_rows(problem)
    alone = [raw for raw in spelled_out(problem) if raw[0] == "affine"][: len(problem["nodes"][at][3])]
    problem["nodes"][at : at + 1] = alone


def split_rows(problem: Any) -> None:
    at = first_rows(problem)
    _, rounding, block, biases, args = problem["nodes"][at]
    columns, text = problem["blocks"][block]
    data = base64.b64decode(text)
    middle = 4 * columns * (len(biases) // 2)
    halves = [base64.b64encode(part).decode() for part in (data[:middle], data[middle:])]
    problem["blocks"][block : block + 1] = [[columns, one] for one in halves]
    later = [[*raw[:2], raw[2] + 1, *raw[3:]] if raw[0] == "rows" else raw for raw in problem["nodes"][at + 1 :]]
    mine = [["rows", rounding, block + k, part, args] for k, part in enumerate((biases[: len(biases) // 2], biases[len(biases) // 2 :]))]
    problem["nodes"][at:] = [*mine, *later]


def other_words(change: Any) -> Any:
    def apply(problem: Any) -> None:
        columns, text = problem["blocks"][0]
        problem["blocks"][0] = [columns, change(base64.b64decode(text))]

    return apply


def text_of(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def with_node(change: Any) -> Any:
    def apply(problem: Any) -> None:
        change(problem["nodes"][first_rows(problem)])

    return apply


def put(index: int, value: Any) -> Any:
    return with_node(lambda raw: raw.__setitem__(index, value))


MISTAKES = {
    "a sum that stands in rows, spelled out": (spell_out_one, "stands in rows"),
    "rows cut in two": (split_rows, "belong to those before"),
    "the blocks in another order": (lambda p: p["blocks"].reverse(), ""),
    "a block twice": (lambda p: p["blocks"].append(copy.deepcopy(p["blocks"][0])), "two blocks are the same"),
    "a block without use": (
        lambda p: p["blocks"].append([SHORTEST, words([1.0] * SHORTEST)]),
        "not those of the rows",
    ),
    "no blocks": (lambda p: p.pop("blocks"), "a block"),
    "blocks that are none": (lambda p: p.update(blocks={}), "blocks must be a list"),
    "a number for words": (other_words(lambda _: 7), "must be a string"),
    "not base64": (other_words(lambda _: "*" * 8), "not base64"),
    "a blank in base64": (other_words(lambda d: text_of(d)[:8] + "\n" + text_of(d)[8:]), "base64"),
    "spare bits set": (other_words(lambda d: text_of(d[:-1])[:-1] + "/"), ""),
    "a byte short": (other_words(lambda d: text_of(d[:-1])), "rows of at least"),
    "a row short": (other_words(lambda d: text_of(d[: -4 * SHORTEST])), "biases of rows"),
    "no rows": (other_words(lambda _: ""), "at least one row"),
    "infinite": (other_words(lambda d: text_of(struct.pack("<f", float("inf")) + d[4:])), "infinite"),
    "no number": (other_words(lambda d: text_of(struct.pack("<f", float("nan")) + d[4:])), "infinite"),
    "negative zero": (other_words(lambda d: text_of(struct.pack("<f", -0.0) + d[4:])), "negative zero"),
    "other columns": (lambda p: p["blocks"][0].__setitem__(0, SHORTEST // 2), "rows of at least"),
    "columns that are true": (lambda p: p["blocks"][0].__setitem__(0, True), "an integer"),
    "a block of three": (lambda p: p["blocks"][0].append(1), "a list of 2"),
    "rounding": (put(1, "float64"), "rounding"),
    "a block that is not there": (put(2, 9), "a block"),
    "a block by its text": (put(2, "0"), "a block"),
    "biases": (put(3, "0"), "biases"),
    "a bias that is no number": (with_node(lambda raw: raw[3].__setitem__(0, 0)), "a number"),
    "one bias less": (with_node(lambda raw: raw[3].pop()), "biases"),
    "an argument less": (with_node(lambda raw: raw[4].pop()), "arguments"),
    "an argument that comes later": (with_node(lambda raw: raw[4].__setitem__(0, 10**6)), "an argument"),
    "an argument that is itself": (with_node(lambda raw: raw[4].__setitem__(0, SHORTEST)), "an argument"),
    "a field more": (with_node(lambda raw: raw.append([])), "rows must be a list of 5"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_any_other_spelling_is_refused(name: str) -> None:
    change, reason = MISTAKES[name]
    certificate = network()
    change(certificate["problem"])
    with pytest.raises(UnreadableError) as found:
        read_problem(certificate["problem"])
    assert reason in str(found.value)
    answer = check_data(certificate)
    assert answer.answer == "unreadable"


def test_blocks_are_left_out_where_there_are_none() -> None:
    build = Build()
    claim = build.node("le", build.integer("x", 0, 1), build.const(1))
    problem = build.problem(None, claim)
    assert "blocks" not in problem
    with pytest.raises(UnreadableError, match="left out"):
        read_problem({**problem, "blocks": []})


def test_rows_ask_for_no_more_than_a_problem_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = network(copies=2)["problem"]
    read_problem(problem)
    monkeypatch.setattr("mechverify.kernel.reading.problem.MAX_ROW_TERMS", 2 * SHORTEST * SHORTEST)
    with pytest.raises(UnreadableError, match="too many"):
        read_problem(problem)


def test_a_certificate_of_the_old_format_is_refused_by_name() -> None:
    certificate = network()
    certificate["problem"]["format"] = "mechverify-problem 1"
    assert "old format 'mechverify-problem 1': verify the claim again" in (check_data(certificate).reason or "")
