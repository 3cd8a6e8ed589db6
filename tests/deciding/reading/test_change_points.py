"""Turning points are computed from the graph, however rare they are."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from mechverify.deciding.reading.integer_roots import two_unknowns
from mechverify.deciding.reading.samples import Samples, reading_samples
from mechverify.deciding.running.input_box import InputBox
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Graph
from mechverify.graph.interval_plan import grouped
from mechverify.results import MOST_COMPARED

WIDE = (-1_000_000, 1_000_000)


def inputs(b: GraphBuilder, count: int, kind: str = "integer", low: int = WIDE[0], high: int = WIDE[1]) -> list[int]:
    return [b.input(f"x{k}", kind, Fraction(low), Fraction(high)) for k in range(count)]  # type: ignore[arg-type]


def distance(b: GraphBuilder, x: int, to: int) -> int:
    return b.abs(b.sub(x, b.const(to)))


def spike(b: GraphBuilder, places: list[int]) -> int:
    """1 at one point, less elsewhere."""
    far = [(Fraction(-1), distance(b, x, 77_777 * (k + 1) - 300_000)) for k, x in enumerate(places)]
    return b.relu(b.affine(far, 1))


def one_hit(b: GraphBuilder) -> None:
    b.eq(inputs(b, 1)[0], b.const(123_456))


def spike_in_three(b: GraphBuilder) -> None:
    spike(b, inputs(b, 3))


def small_coefficients(b: GraphBuilder) -> None:
    x, y = inputs(b, 2)
    b.eq(b.affine(((Fraction(3), x), (Fraction(5), y))), b.const(1_234_567))


def large_coefficients(b: GraphBuilder) -> None:
    x, y, z = inputs(b, 3)
    b.eq(b.affine(((Fraction(100_900), x), (Fraction(-99_700), y), (Fraction(31_100), z))), b.const(700))


def rest_of_a_division(b: GraphBuilder) -> None:
    b.eq(b.mod(inputs(b, 1)[0], b.const(400_009)), b.const(5))


def three_conditions(b: GraphBuilder) -> None:
    x, y, z = inputs(b, 3)
    inner = b.ite(b.eq(z, b.const(-777)), b.const(1), b.const(0))
    second = b.ite(b.eq(y, b.const(900_001)), inner, b.const(0))
    b.relu(b.ite(b.eq(x, b.const(4_242)), second, b.const(-1)))


def product(b: GraphBuilder) -> None:
    x, y = inputs(b, 2, low=0)
    b.lt(b.mul(x, y), b.const(35))


def behind_a_layer(b: GraphBuilder) -> None:
    x, y = inputs(b, 2)
    hidden = [b.relu(b.affine(((Fraction(3), x), (Fraction(-2), y)), k)) for k in (0, 1, 2)]
    tent = b.affine(zip((Fraction(1), Fraction(-2), Fraction(1)), hidden, strict=True), -2)
    b.le(b.const(-1), tent)


RARE: dict[str, Callable[[GraphBuilder], None]] = {
    f.__name__: f
    for f in (
        one_hit,
        spike_in_three,
        small_coefficients,
        large_coefficients,
        rest_of_a_division,
        three_conditions,
        product,
        behind_a_layer,
    )
}


def sampled(b: GraphBuilder, seed: int = 0) -> tuple[Graph, Samples]:
    graph = b.graph()
    return graph, reading_samples(graph, grouped(graph), (), InputBox.of(graph.inputs, {}), seed)


def shows(graph: Graph, points: np.ndarray, node: int) -> set[float]:
    from mechverify.graph.point_values import point_values

    return set(np.sign(point_values(grouped(graph), len(graph.nodes), points)[node]).tolist())


@pytest.mark.parametrize("name", sorted(RARE))
@pytest.mark.parametrize("seed", range(3))
def test_both_sides_of_a_rare_switch_are_found(name: str, seed: int) -> None:
    b = GraphBuilder()
    RARE[name](b)
    graph, found = sampled(b, seed)
    last = max(k for k, n in enumerate(graph.nodes) if n.op in ("eq", "lt", "le", "relu"))
    assert shows(graph, found.points, last) == {0.0, 1.0}
    assert len(found.points) <= MOST_COMPARED


def test_neighbouring_integers_on_both_sides() -> None:
    b = GraphBuilder()
    (x,) = inputs(b, 1)
    b.le(b.affine(((Fraction(2), x),), -7), b.const(0))
    _, found = sampled(b)
    assert {3.0, 4.0} <= set(found.points[:, 0].tolist())


def test_ties_of_rounding_and_both_sides_of_a_floor() -> None:
    b = GraphBuilder()
    (x,) = inputs(b, 1, "real", 100, 300)
    b.round(x)
    b.floor(b.affine(((Fraction(1, 64), x),)))
    _, found = sampled(b)
    assert any(v % 1 == 0.5 for v in found.points[:, 0].tolist())
    edges = [v for v in found.points[:, 0].tolist() if abs(v % 64) < 1e-3 or abs(v % 64 - 64) < 1e-3]
    assert any(v % 64 > 32 for v in edges)
    assert any(v % 64 < 32 for v in edges)


def test_a_real_switch_is_seen_exactly_and_closely() -> None:
    b = GraphBuilder()
    (x,) = inputs(b, 1, "real", -1000, 1000)
    b.relu(b.sub(x, b.const(Fraction(1234565, 4096))))
    _, found = sampled(b)
    near = found.points[:, 0] - 1234565 / 4096
    assert (near == 0).any()
    assert ((near > 0) & (near < 1e-3)).any()
    assert ((near < 0) & (near > -1e-3)).any()


def test_what_only_an_operation_shows_is_found_too() -> None:
    b = GraphBuilder()
    (x,) = inputs(b, 1)
    k = b.const(-54_321)
    graph = b.graph()
    found = reading_samples(graph, grouped(graph), ((x, k, None),), InputBox.of(graph.inputs, {}), 0)
    assert (found.points[:, 0] == -54_321).any()


def test_the_same_points_for_the_same_seed() -> None:
    b = GraphBuilder()
    spike_in_three(b)
    one, two = (sampled(b)[1].points for _ in range(2))
    assert (one == two).all()


def test_listed_values_are_the_only_ones() -> None:
    b = GraphBuilder()
    (x,) = inputs(b, 1, "real", 0, 10)
    b.relu(b.sub(x, b.const(5)))
    listed = {0: (Fraction(0), Fraction(1, 3), Fraction(10))}
    graph = b.graph()
    box = InputBox.of(graph.inputs, listed)
    found = reading_samples(graph, grouped(graph), (), box, 0)
    assert {box.exact(0, v) for v in found.points[:, 0].tolist()} == {0, Fraction(1, 3), 10}
    low, high = box.bounds(found.points)
    third = found.points[:, 0] == 1 / 3
    assert Fraction(float(low[third][0, 0])) < Fraction(1, 3) < Fraction(float(high[third][0, 0]))


def test_a_small_box_is_sampled_whole() -> None:
    b = GraphBuilder()
    x, y = inputs(b, 2, low=0, high=30)
    b.relu(b.sub(x, y))
    assert len(sampled(b)[1].points) == 31 * 31


def test_a_large_graph_is_given_fewer_points_and_says_so() -> None:
    b = GraphBuilder()
    places = inputs(b, 200)
    rng = np.random.default_rng(0)
    weights = [[Fraction(int(w)) for w in row] for row in rng.integers(-9, 9, (10, 200))]
    for row in weights:
        b.relu(b.affine(zip(row, places, strict=True)))
    graph = b.graph()
    found = reading_samples(graph, grouped(graph), (), InputBox.of(graph.inputs, {}), 0, weight=2_000)
    assert len(found.points) == found.most < MOST_COMPARED


@pytest.mark.parametrize("seed", range(200))
def test_two_unknowns_solve_what_two_can(seed: int) -> None:
    rng = np.random.default_rng(seed)
    a, b, wanted = (int(v) for v in rng.integers(-9, 10, 3))
    low, high = [[int(v) for v in row] for row in (-rng.integers(0, 6, 2), rng.integers(0, 6, 2))]
    every = [(i, j) for i in range(low[0], high[0] + 1) for j in range(low[1], high[1] + 1)]
    possible = bool(a and b) and any(a * i + b * j == wanted for i, j in every)
    found = two_unknowns((a, b), wanted, low, high)
    assert (found is not None) == possible
    if found is not None:
        (_, i), (_, j) = found
        assert (i, j) in every
        assert a * i + b * j == wanted
