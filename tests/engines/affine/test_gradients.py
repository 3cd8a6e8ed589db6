"""Slopes of gaps against differences, and what descent finds that random points do not."""

from fractions import Fraction as F

import numpy as np
import pytest

from mechverify.engines.affine.gradients import gap_slopes
from mechverify.engines.affine.layout import make_plan
from mechverify.engines.engine import Budget, CounterexampleFound
from mechverify.engines.points.nominal import Points
from mechverify.engines.sampling import SamplingEngine
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.smooth import EXP, LOG, SQRT

_STEP = 1e-6


def _graph(seed: int) -> tuple[GraphBuilder, int]:
    """Two inputs through every operation that has a slope, ending in a truth value."""
    random = np.random.default_rng(seed)
    b = GraphBuilder()
    x, y = (b.input(n, "real", F(1), F(4)) for n in "xy")

    def mix(nodes: list[int]) -> int:
        weights = [F(int(w), 8) for w in random.integers(-12, 13, len(nodes))]
        return b.affine(list(zip(weights, nodes, strict=True)), F(int(random.integers(-8, 9)), 4))

    hidden = [b.relu(mix([x, y])) for _ in range(4)] + [b.abs(mix([x, y])), b.mul(x, y), b.div(x, y)]
    hidden += [
        b.max(mix([x, y]), mix([x, y])),
        b.min(mix([x, y]), x),
        b.apply(SQRT, x),
        b.apply(EXP, mix([y])),
        b.apply(LOG, y),
    ]
    hidden.append(b.ite(b.le(x, y), mix([x, y]), mix([x, y])))
    return b, b.all([b.le(mix(hidden), mix(hidden)), b.any([b.lt(x, y), b.negate(b.le(mix(hidden), x))])])


@pytest.mark.parametrize("seed", range(12))
def test_slopes_are_those_of_differences(seed: int) -> None:
    b, claim = _graph(seed)
    graph = b.graph()
    plan = make_plan(graph, (claim,))
    at = np.random.default_rng(seed).uniform(1.1, 3.9, (40, 2))
    slopes = gap_slopes(Points(plan, at), claim)
    for k in range(2):
        step = np.zeros(2)
        step[k] = _STEP
        ahead, behind = (Points(plan, at + s * step).gap(claim) for s in (1, -1))
        middle = Points(plan, at).gap(claim)
        smooth = np.isclose(ahead - middle, middle - behind, rtol=1e-3, atol=1e-8)
        expected = (ahead - behind) / (2 * _STEP)
        assert smooth.mean() > 0.8
        np.testing.assert_allclose(slopes[smooth, k], expected[smooth], rtol=1e-3, atol=1e-5)


def test_a_descent_through_hundreds_of_inputs() -> None:
    """Near its maximum a network of 600 inputs is almost at one corner of 2^600; steps along single inputs are too
    slow to get there."""
    random = np.random.default_rng(3)
    b = GraphBuilder()
    xs = [b.input(f"x_{i}", "real", F(-1), F(1)) for i in range(600)]
    signs = random.choice((-1, 1), 600)
    table = signs * random.integers(1, 64, (4, 600))
    hidden = [b.relu(b.affine([(F(int(w), 64), x) for w, x in zip(row, xs, strict=True)])) for row in table]
    greatest = sum(F(int(abs(w)), 64) for w in table.flat)
    claim = b.le(b.affine([(F(1), h) for h in hidden]), b.const(greatest * F(99, 100)))
    always = b.boolean(True)
    found = SamplingEngine().solve(Obligation(b.graph(), always, claim), Budget(4.0, 0))
    assert isinstance(found, CounterexampleFound)


def test_a_side_of_an_equality_that_holds_is_taken_where_it_is_asked_for() -> None:
    """2 x == x + y at (1, 1): with a side the gap falls to one side of it, without one it has no slope."""
    build = GraphBuilder()
    x, y = (build.input(name, "real", F(0), F(2)) for name in "xy")
    claim = build.eq(build.affine([(F(2), x)], F(0)), build.add(x, y))
    graph = build.graph()
    points = Points(make_plan(graph, (claim,)), np.array([[1.0, 1.0]]))
    one, other, none = (gap_slopes(points, claim, tie=tie)[0].tolist() for tie in (1.0, -1.0, 0.0))
    assert none == [0.0, 0.0]
    assert one == [-v for v in other]
    assert one[0] == -one[1] != 0
