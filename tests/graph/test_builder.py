"""What a builder makes of many arguments: few nodes, with the same meaning."""

import random
from fractions import Fraction

import pytest

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.tables import Entries
from mechverify.models.tensors.arithmetic import Arithmetic


def inputs(builder: GraphBuilder, count: int) -> list[int]:
    return [builder.input(f"x{k}", "integer", Fraction(0), Fraction(9)) for k in range(count)]


def folded(builder: GraphBuilder, op: str, nodes: list[int]) -> int:
    result = nodes[0]
    for node in nodes[1:]:
        result = (builder.max if op == "max" else builder.min)(result, node)
    return result


@pytest.mark.parametrize("size", [3, 40, 1200])
def test_comparisons_of_extremes(size: int) -> None:
    builder = GraphBuilder()
    nodes = inputs(builder, size)
    left, right = nodes[: size // 2], nodes[size // 2 :]
    made = {
        (op, one, other, strict): (builder.lt if strict else builder.le)(
            folded(builder, one, left), folded(builder, other, right)
        )
        for op in ("compare",)
        for one in ("max", "min")
        for other in ("max", "min")
        for strict in (False, True)
    }
    assert len(builder) < 20 * size + 3000
    r = random.Random(size)
    names = {"max": max, "min": min}
    for _ in range(20):
        point = [Fraction(r.randrange(3)) for _ in nodes]
        found = evaluate_exact(builder.graph(), point, made.values())
        for (_, one, other, strict), node in made.items():
            a, b = names[one](point[: size // 2]), names[other](point[size // 2 :])
            assert found[node] is (a < b if strict else a <= b)


def test_a_deep_extreme_against_a_number() -> None:
    builder = GraphBuilder()
    nodes = inputs(builder, 3000)
    claim = builder.le(folded(builder, "max", nodes), builder.const(8))
    low = evaluate_exact(builder.graph(), [Fraction(8)] * 3000, [claim])
    high = evaluate_exact(builder.graph(), [Fraction(8)] * 2999 + [Fraction(9)], [claim])
    assert (low[claim], high[claim]) == (True, False)


def test_conjunctions_keep_their_order_and_what_is_known() -> None:
    builder = GraphBuilder()
    x = inputs(builder, 1)[0]
    truths = [builder.le(builder.const(k), x) for k in range(1, 4)]
    joined = builder.node(builder.all([truths[2], truths[0], truths[2], truths[1], truths[0]]))
    assert joined.args == (truths[2], truths[0], truths[1])
    assert builder.all([truths[0], truths[0]]) == truths[0]
    assert builder.truth_value(builder.all([*truths, builder.boolean(False)])) is False


@pytest.mark.parametrize("size", [2, 64, 65, 400])
@pytest.mark.parametrize("op", ["max", "min"])
@pytest.mark.parametrize("last", [False, True])
def test_index_of_an_extreme(size: int, op: str, *, last: bool) -> None:
    builder = GraphBuilder()
    nodes = inputs(builder, size)
    index = Arithmetic(builder, "exact").arg_extremum(op, nodes, last=last)
    assert len(builder) < 100 * size
    r = random.Random(size)
    for values in (2, 10):
        for _ in range(8):
            point = [Fraction(r.randrange(values)) for _ in nodes]
            best = (max if op == "max" else min)(point)
            places = [k for k, value in enumerate(point) if value == best]
            found = evaluate_exact(builder.graph(), point, [index])
            assert found[index] == (places[-1] if last else places[0])


def test_a_product_with_a_sum_too_wide_to_be_flattened() -> None:
    """Found by trying it out: its common factor was taken out again and again."""
    b = GraphBuilder()
    terms = [(Fraction(3, 4), b.input(f"x[{k}]", "real", Fraction(0), Fraction(1))) for k in range(80)]
    wide, other = b.affine(terms, Fraction(3, 2)), b.input("y", "real", Fraction(0), Fraction(1))
    product = b.mul(wide, other)
    graph = b.graph()
    point = [Fraction(1)] * 80 + [Fraction(2, 3)]
    assert evaluate_exact(graph, point, [product])[product] == (Fraction(3, 4) * 80 + Fraction(3, 2)) * Fraction(2, 3)


def test_numbers_that_grow_without_end_have_no_value() -> None:
    builder = GraphBuilder()
    v = x = inputs(builder, 1)[0]
    for _ in range(60):
        v = builder.mul(v, v)
    large = builder.le(x, v)
    for start, known in ((0, True), (1, True), (3, None)):
        found = evaluate_exact(builder.graph(), [Fraction(start)], [v, large])
        assert found[large] is known
        assert (found[v] is None) is (known is None)


@pytest.mark.parametrize("place", [Fraction(-1), Fraction(2), Fraction(1, 2)])
def test_an_entry_that_is_not_there_has_no_value(place: Fraction) -> None:
    builder = GraphBuilder()
    entry = builder.entry(builder.const(place), Entries([Fraction(4), Fraction(9)]))
    assert builder.constant_value(entry) is None
    assert builder.is_partial(entry)


def test_an_entry_that_may_not_be_there_is_not_equal_to_itself() -> None:
    builder = GraphBuilder()
    (index,) = inputs(builder, 1)
    entry = builder.entry(index, Entries([Fraction(4), Fraction(9)]))
    assert builder.truth_value(builder.eq(entry, entry)) is None
    known = builder.entry(builder.min(index, builder.const(1)), Entries([Fraction(4), Fraction(9)]), in_range=True)
    assert builder.truth_value(builder.eq(known, known)) is True
