"""Volumes of polytopes that are known, and lengths over the integers along a polygon."""

from fractions import Fraction

from mechverify.kernel.map.polygon import box, clipped_polytope
from mechverify.kernel.map.volume import columns, volume

SIDE = ((1, 0), (1, 1))


def cube(n):
    planes = []
    for k in range(n):
        planes += [tuple([0] + [int(j == k) for j in range(n)]), tuple([1] + [-int(j == k) for j in range(n)])]
    return box([SIDE] * n), tuple(planes)


def test_cubes_and_corners_of_them():
    for n, corner in ((2, Fraction(1, 2)), (3, Fraction(1, 6)), (4, Fraction(1, 24))):
        corners, planes = cube(n)
        assert volume(corners, planes) == 1
        plane = (1, *([-1] * n))
        assert volume(clipped_polytope(corners, planes, plane), (*planes, plane)) == corner


def test_planes_that_bound_nothing_or_stand_twice_change_nothing():
    corners, planes = cube(3)
    assert volume(corners, (*planes, *planes, (2, 1, 1, 1), (3, -1, -1, -1))) == 1


def test_an_octahedron():
    """|x| + |y| + |z| <= 1 in the cube from -1 to 1: 4 / 3; four facets meet in each corner."""
    corners = tuple((1, *(s if j == k else 0 for j in range(3))) for k in range(3) for s in (1, -1))
    planes = tuple((1, a, b, c) for a in (1, -1) for b in (1, -1) for c in (1, -1))
    assert volume(corners, planes) == Fraction(4, 3)


def test_what_is_flat_has_none():
    corners, planes = cube(3)
    above = clipped_polytope(corners, planes, (0, 1, -1, 0))
    both = clipped_polytope(above, (*planes, (0, 1, -1, 0)), (0, -1, 1, 0))
    assert len(both) == 4
    assert volume(both, (*planes, (0, 1, -1, 0), (0, -1, 1, 0))) == 0


def test_lengths_at_the_integers():
    triangle = ((1, 0, 0), (1, 4, 0), (1, 4, 2))  # y <= x / 2
    assert columns(triangle) == Fraction(0 + 1 + 2 + 3 + 4, 2)
    between = ((3, 1, 0), (3, 2, 0), (3, 2, 3), (3, 1, 3))  # x from 1/3 to 2/3
    assert columns(between) == 0
    assert columns(((1, 0, 0), (1, 3, 1))) == 0
