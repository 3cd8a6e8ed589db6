"""Breeding points that come closer to breaking a claim."""

import numpy as np
from obligations import F

from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.points.rounding.climb import Climb
from mechverify.engines.points.search_space import SearchSpace
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation


def space() -> SearchSpace:
    g = GraphBuilder()
    x, y, n = g.input("x", "real", F(0), F(1)), g.input("y", "real", F(-4), F(4)), g.input("n", "integer", F(0), F(9))
    claim = g.le(g.affine([(F(1), x), (F(1), y), (F(1), n)]), g.const(0))
    always = g.boolean(True)
    found = AdmissiblePoints(Obligation(g.graph(), always, claim), 0, {}).space
    assert found is not None
    return found


def strangers(random: np.random.Generator, count: int = 64) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.stack([random.random(count), random.uniform(-4, 4, count), random.integers(0, 10, count)], axis=1)


def far(points: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """How far the points are from (1/3, -1/7, 8)."""
    return np.abs(points - [1 / 3, -1 / 7, 8]).sum(axis=1)


def test_offspring_stay_in_the_space_and_come_closer() -> None:
    random = np.random.default_rng(0)
    climb = Climb(space(), random)
    assert not climb.has_points
    points = strangers(random)
    climb.add(points, far(points))
    first = best = far(points).min()
    for _ in range(40):
        points = climb.offspring(strangers(random))
        assert points.shape == (64, 3)
        assert (points >= [0, -4, 0]).all()
        assert (points <= [1, 4, 9]).all()
        assert (points[:, 2] == np.round(points[:, 2])).all()
        climb.add(points, far(points))
        best = min(best, far(points).min())
    assert best < first / 10


def test_it_begins_anew_where_nothing_comes_closer() -> None:
    random = np.random.default_rng(0)
    climb = Climb(space(), random)
    points = strangers(random)
    for _ in range(20):
        climb.add(points, np.ones(len(points)))
        if not climb.has_points:
            break
    assert not climb.has_points


def test_nothing_is_no_generation() -> None:
    climb = Climb(space(), np.random.default_rng(0))
    climb.add(np.empty((0, 3)), np.empty(0))
    assert not climb.has_points
