"""Where the left sides of a claim's bounds are largest."""

from fractions import Fraction
from itertools import product

import pytest
from obligations import F

from mechverify.engines.points.extremes import bounded_nodes, extreme_points
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation


def hills(kind: str, high: int) -> tuple[Obligation, int]:
    """abs(2 x - 3 y + 1) + relu(y - 7) <= 5 where x + y <= high; the node of the left side too."""
    g = GraphBuilder()
    x, y = (g.input(n, kind, F(0), F(high)) for n in "xy")  # type: ignore[arg-type]
    left = g.add(g.abs(g.affine([(F(2), x), (F(-3), y)], 1)), g.relu(g.affine([(F(1), y)], -7)))
    given = g.le(g.add(x, y), g.const(high))
    claim = g.all([g.le(left, left), g.le(left, g.const(5)), g.le(x, g.const(high))])
    return Obligation(g.graph(), given, claim), left


def value(obligation: Obligation, node: int, point: tuple[Fraction, ...]) -> Fraction:
    found = evaluate_exact(obligation.graph, point, [node])[node]
    assert isinstance(found, Fraction)
    return found


@pytest.mark.parametrize(("kind", "high"), [("integer", 20), ("integer", 10**9), ("real", 20), ("real", 10**9)])
def test_the_largest_of_a_piecewise_linear_function(kind: str, high: int) -> None:
    obligation, left = hills(kind, high)
    points = extreme_points(obligation, F(5), 2.0, 0)
    assert all(x + y <= high for x, y in points)
    corners = [(F(0), F(0)), (F(0), F(high)), (F(high), F(0))]
    assert value(obligation, left, points[0]) == max(value(obligation, left, c) for c in corners)


def test_a_small_space_is_searched_whole() -> None:
    obligation, left = hills("integer", 12)
    best = extreme_points(obligation, F(5), 0.0, 0)[0]
    every = [(F(x), F(y)) for x, y in product(range(13), repeat=2) if x + y <= 12]
    assert value(obligation, left, best) == max(value(obligation, left, p) for p in every)


def test_only_comparisons_with_this_bound_count() -> None:
    obligation, _ = hills("integer", 20)
    assert sorted(obligation.graph.nodes[b].op for _, _, b in bounded_nodes(obligation)) == ["const", "const"]
    assert extreme_points(obligation, F(6), 0.2, 0) == []
    assert extreme_points(obligation, F(20), 0.2, 0)[0][0] == 20


def test_nothing_where_the_assumption_excludes_everything() -> None:
    g = GraphBuilder()
    x = g.input("x", "integer", F(0), F(9))
    given = g.all([g.eq(x, g.const(1)), g.eq(x, g.const(2))])
    claim = g.le(x, g.const(3))
    assert extreme_points(Obligation(g.graph(), given, claim), F(3), 0.2, 0) == []
