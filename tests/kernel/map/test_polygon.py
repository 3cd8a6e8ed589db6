"""Polygons in exact integers against points tried one by one."""

import random
from fractions import Fraction
from itertools import combinations, product

import pytest

from mechverify.kernel.map.polygon import (
    area,
    box,
    clipped,
    clipped_polytope,
    floor_sum,
    height,
    rectangle,
    whole_between,
    whole_points,
)

SIDE = ((1, -6), (1, 7))


def some_polygon(rng: random.Random, cuts: int):
    """A square cut by random half-planes, and these."""
    planes = []
    corners = rectangle(SIDE, SIDE)
    for _ in range(cuts):
        plane = tuple(rng.randint(-9, 9) for _ in range(3))
        kept = clipped(corners, plane)
        planes.append(plane)
        corners = kept
    return corners, planes


def inside(planes, x, y):
    return all(height(plane, (1, x, y)) >= 0 for plane in planes)


@pytest.mark.parametrize("seed", range(300))
def test_points_are_those_found_one_by_one(seed):
    rng = random.Random(seed)
    corners, planes = some_polygon(rng, rng.randint(0, 6))
    wanted = sum(inside(planes, x, y) for x, y in product(range(-6, 8), repeat=2))
    assert whole_points(corners) == wanted
    assert all(inside(planes, Fraction(x, w), Fraction(y, w)) for w, x, y in corners)
    assert len(set(corners)) == len(corners)


@pytest.mark.parametrize("seed", range(100))
def test_the_two_sides_of_a_cut_are_the_whole(seed):
    rng = random.Random(1000 + seed)
    corners, _ = some_polygon(rng, rng.randint(0, 4))
    plane = tuple(rng.randint(-9, 9) for _ in range(3))
    above, below = clipped(corners, plane), clipped(corners, tuple(-x for x in plane))
    assert area(above) + area(below) == area(corners) >= 0
    c, a, b = plane
    rest = clipped(corners, (-c - 1, -a, -b))
    assert whole_points(above) + whole_points(rest) == whole_points(corners)


def test_a_large_square_is_counted_without_a_walk():
    side = ((1, 0), (1, 10**40))
    corners = rectangle(side, side)
    assert whole_points(corners) == (10**40 + 1) ** 2
    half = clipped(corners, (0, -1, 1))
    assert whole_points(half) == (10**40 + 1) * (10**40 + 2) // 2
    assert area(half) == Fraction(10**80, 2)


def test_segments_and_points_are_polygons():
    square = rectangle(SIDE, SIDE)
    diagonal = clipped(clipped(square, (0, 1, -1)), (0, -1, 1))
    assert len(diagonal) == 2
    assert whole_points(diagonal) == 14
    thirds = clipped(clipped(square, (1, 3, -3)), (-1, -3, 3))
    assert len(thirds) == 2
    assert whole_points(thirds) == 0
    upright = clipped(clipped(square, (-2, 1, 0)), (2, -1, 0))
    assert whole_points(upright) == 14
    point = clipped(clipped(diagonal, (-3, 1, 0)), (3, -1, 0))
    assert point == ((1, 3, 3),)
    assert whole_points(point) == 1
    assert whole_points(()) == 0
    assert clipped(point, (-4, 1, 0)) == ()
    assert rectangle(((1, 2),), ((3, 1), (1, 4))) == ((3, 6, 1), (1, 2, 4))


def test_integers_between():
    assert whole_between(((3, 1), (3, 2))) == 0
    assert whole_between(((3, 1), (1, 1))) == 1
    assert whole_between(((1, -2), (2, 5))) == 5
    assert whole_between(()) == 0


@pytest.mark.parametrize("seed", range(50))
def test_sums_of_floors(seed):
    rng = random.Random(seed)
    count, m, a, b = rng.randint(0, 30), rng.randint(1, 20), rng.randint(-50, 50), rng.randint(-50, 50)
    assert floor_sum(count, m, a, b) == sum((a * x + b) // m for x in range(count))


def solved(planes, d):
    """The corners of a polytope, from all choices of d planes: each is where these are zero and all others hold."""
    found = set()
    for chosen in combinations(planes, d):
        rows = [[Fraction(x) for x in (*plane[1:], -plane[0])] for plane in chosen]
        for k in range(d):
            pivot = next((r for r in range(k, d) if rows[r][k]), None)
            if pivot is None:
                break
            rows[k], rows[pivot] = rows[pivot], rows[k]
            rows[k] = [x / rows[k][k] for x in rows[k]]
            for r in range(d):
                if r != k:
                    rows[r] = [x - rows[r][k] * y for x, y in zip(rows[r], rows[k], strict=True)]
        else:
            point = [row[-1] for row in rows]
            if all(plane[0] + sum(a * x for a, x in zip(plane[1:], point, strict=True)) >= 0 for plane in planes):
                found.add(tuple(point))
    return found


@pytest.mark.parametrize("seed", range(120))
def test_corners_of_polytopes_are_those_of_solving_for_them(seed):
    """Cuts through corners and along faces too, down to polytopes without volume."""
    rng = random.Random(seed)
    d = rng.choice((2, 3, 3, 4))
    corners = box([((1, 0), (1, 2))] * d)
    planes = [(0, *(int(j == k) for j in range(d))) for k in range(d)]
    planes += [(2, *(-int(j == k) for j in range(d))) for k in range(d)]
    for _ in range(rng.randint(1, 5)):
        plane = (rng.randint(-3, 3), *(rng.randint(-2, 2) for _ in range(d)))
        corners = clipped_polytope(corners, planes, plane)
        planes.append(plane)
        if rng.random() < 0.3:
            opposite = tuple(-x for x in plane)
            corners = clipped_polytope(corners, planes, opposite)
            planes.append(opposite)
    assert {tuple(Fraction(x, w) for x in rest) for w, *rest in corners} == solved(planes, d)
    assert len(set(corners)) == len(corners)


@pytest.mark.parametrize("seed", range(40))
def test_in_the_plane_both_ways_of_cutting_agree(seed):
    rng = random.Random(seed)
    corners, planes = rectangle(SIDE, SIDE), [(6, 1, 0), (7, -1, 0), (6, 0, 1), (7, 0, -1)]
    for _ in range(5):
        plane = tuple(rng.randint(-9, 9) for _ in range(3))
        assert set(clipped_polytope(corners, planes, plane)) == set(clipped(corners, plane))
        corners = clipped(corners, plane)
        planes.append(plane)
