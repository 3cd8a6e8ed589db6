"""Sums over the integer points of polygons, against going through them."""

import random

import pytest

from mechverify.kernel.search import clipped, whole_points
from mechverify.probability.lattice import floors, polygon_sums


@pytest.mark.parametrize("seed", range(20))
def test_sums_of_floors(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(50):
        m, a, b, count = rng.randint(1, 20), rng.randint(-30, 30), rng.randint(-30, 30), rng.randint(0, 12)
        values = [(a * i + b) // m for i in range(count)]
        found = floors(count, m, a, b)
        assert found.plain == sum(values)
        assert found.by_place == sum(i * x for i, x in enumerate(values))
        assert found.squares == sum(x * x for x in values)


@pytest.mark.parametrize("seed", range(20))
def test_polygons(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(20):
        corners = tuple((1, x, y) for x, y in ((-5, -4), (7, -4), (7, 6), (-5, 6)))
        planes = [(rng.randint(-20, 20), rng.randint(-5, 5), rng.randint(-5, 5)) for _ in range(3)]
        for plane in planes:
            corners = clipped(corners, plane)
        points = [
            (x, y) for x in range(-5, 8) for y in range(-4, 7) if all(c + a * x + b * y >= 0 for c, a, b in planes)
        ]
        found = polygon_sums(corners)
        assert (found.points, found.x, found.y) == (len(points), sum(p[0] for p in points), sum(p[1] for p in points))
        assert found.points == whole_points(corners)


def test_a_million_columns() -> None:
    side = 10**6
    found = polygon_sums(((1, 0, 0), (1, side, 0), (1, side, side)))
    assert found.points == (side + 1) * (side + 2) // 2
    assert found.y == sum(x * (x + 1) // 2 for x in range(side + 1))
