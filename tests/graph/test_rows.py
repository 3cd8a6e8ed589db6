"""Rows of float32 weights are the numbers they stand for, and the nodes over them those made one by one."""

from fractions import Fraction
from itertools import pairwise
from random import Random

import numpy as np
import pytest
from any_numbers import exact, near_words, singles
from hypothesis import given, settings
from hypothesis import strategies as st

from mechverify.engines.ranges.grids import dyadic_grid
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Node
from mechverify.graph.rows import SHORTEST, Row, as_words, numbers_of, weighted, words_of


@given(st.lists(singles, min_size=SHORTEST, max_size=2 * SHORTEST))
def test_a_row_is_its_numbers(values: list[float]) -> None:
    numbers = numbers_of(Fraction(1, 3), exact(values))
    assert isinstance(numbers, Row)
    assert list(numbers) == [Fraction(1, 3), *exact(values)]
    assert numbers[1:] == tuple(exact(values))
    assert numbers[-3:] == tuple(exact(values))[-3:]
    assert [numbers[k] for k in range(-len(numbers), len(numbers))] == [*numbers, *numbers]
    assert numbers.weights.tolist() == values
    assert numbers.grids.tolist() == [dyadic_grid(value) for value in exact(values)]
    assert numbers == numbers_of(Fraction(1, 3), exact(values))
    assert hash(numbers) == hash(numbers_of(Fraction(1, 3), exact(values)))
    assert numbers != numbers_of(Fraction(1, 2), exact(values))


def test_negative_zero_is_zero() -> None:
    assert as_words(np.array([-0.0], dtype=np.float32)).tobytes() == b"\0" * 4
    words = words_of([Fraction(-0.0)])
    assert words is not None
    assert words.tobytes() == b"\0" * 4


@pytest.mark.parametrize(
    "odd", [Fraction(1, 3), Fraction(2**24 + 1), Fraction(2**128), Fraction(1, 2**150), Fraction(3, 2**150), Fraction(10**60)]
)
def test_what_is_no_float32_stays_a_tuple(odd: Fraction) -> None:
    weights = [Fraction(1)] * SHORTEST
    assert numbers_of(Fraction(0), [*weights, odd]) == (0, *weights, odd)
    assert words_of([odd]) is None


@given(near_words)
def test_a_word_is_the_number_or_there_is_none(value: Fraction) -> None:
    with np.errstate(over="ignore"):
        near = np.float32(float(value))
    words = words_of([Fraction(1), value])
    if np.isfinite(near) and Fraction(float(near)) == value:
        assert words is not None
        assert list(map(Fraction, words.tolist())) == [1, value]
    else:
        assert words is None


def test_few_numbers_stay_a_tuple() -> None:
    assert numbers_of(Fraction(0), [Fraction(1)] * (SHORTEST - 1)) == (0,) + (1,) * (SHORTEST - 1)


def test_weighted_arguments() -> None:
    values = [float(k % 3) for k in range(SHORTEST)]
    args = tuple(range(5, 5 + SHORTEST))
    expected = tuple(a for a, v in zip(args, values, strict=True) if v)
    assert weighted(Node("affine", args, numbers_of(Fraction(0), exact(values)))) == expected
    assert weighted(Node("affine", args[:4], (Fraction(0), *exact(values[:4])))) == expected[:2]


def grown() -> tuple[GraphBuilder, list[int]]:
    """A builder with numbers of every kind: inputs, float32 and exact sums, a constant, relus."""
    b = GraphBuilder()
    inputs = [b.input(f"x{k}", "real", Fraction(-1), Fraction(1)) for k in range(SHORTEST)]
    rounded = [b.affine(((Fraction(1), x),), 1, "float32") for x in inputs]
    sums = [b.affine(((Fraction(1), x), (Fraction(2), y))) for x, y in pairwise(inputs)]
    relus = [b.relu(x) for x in inputs]
    return b, [*inputs, *rounded, *sums, *relus, b.const(Fraction(1, 3))]


@settings(max_examples=60)
@given(st.data(), st.sampled_from(["exact", "float32"]), st.booleans())
def test_rows_are_the_sums_made_one_by_one(data: st.DataObject, rounding: str, some_zero: bool) -> None:
    one, nodes = grown()
    other, _ = grown()
    chosen = st.sampled_from([nodes, nodes[: 2 * SHORTEST]])
    args = data.draw(st.lists(st.sampled_from(data.draw(chosen)), min_size=SHORTEST, max_size=2 * SHORTEST, unique=data.draw(st.booleans())))
    weight = singles if some_zero else singles.filter(bool)
    rows = data.draw(st.lists(st.lists(weight, min_size=len(args), max_size=len(args)), min_size=1, max_size=3))
    found = one.affine_rows(args, np.array(rows, dtype=np.float32), rounding)
    if found is None:
        assert rounding == "exact"
        return
    plain = rounding == "float32"
    assert found == [other.affine(zip(exact(row), args, strict=True), 0, rounding, plain=plain) for row in rows]
    assert one.graph() == other.graph()
    assert one.affine_on(found[0], [(Fraction(1, 2), nodes[0])], Fraction(3)) == other.affine(
        [*zip(exact(one_row_of(other, found[0])), other.node(found[0]).args, strict=True), (Fraction(1, 2), nodes[0])], 3, "float32"
    )
    assert one.graph() == other.graph()


def one_row_of(builder: GraphBuilder, node: int) -> list[float]:
    return [float(w) for w in builder.node(node).numbers[1:]]


def scaled() -> tuple[GraphBuilder, list[int], list[int]]:
    """Inputs, and each divided by 255, less a half."""
    b = GraphBuilder()
    inputs = [b.input(f"x{k}", "integer", Fraction(0), Fraction(255)) for k in range(SHORTEST)]
    return b, inputs, [b.affine(((Fraction(1, 255), x),), Fraction(-1, 2)) for x in inputs]


@given(st.lists(singles.filter(bool), min_size=SHORTEST, max_size=SHORTEST), st.randoms(use_true_random=False))
def test_scaled_inputs_stay_apart_from_the_weights(row: list[float], random: Random) -> None:
    one, _, args = scaled()
    other, _, others = scaled()
    (found,) = one.affine_rows(args, np.array([row], dtype=np.float32)) or (-1,)
    assert isinstance(one.node(found).numbers, Row)
    assert one.node(found).args == tuple(args)
    flat = other.affine(zip(exact(row), others, strict=True))
    point = [Fraction(random.randint(0, 255)) for _ in args]
    value = evaluate_exact(one.graph(), point, [found])[found]
    assert value == evaluate_exact(other.graph(), point, [flat])[flat]


def test_an_input_that_stands_there_twice_is_merged() -> None:
    b, inputs, args = scaled()
    again = b.affine(((Fraction(3), inputs[0]),))
    for last in (inputs[0], again, args[0]):
        assert b.affine_rows([*args[:-1], last], np.ones((1, SHORTEST), dtype=np.float32)) is None
