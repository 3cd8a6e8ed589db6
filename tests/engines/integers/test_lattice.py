"""Reduced bases span the same lattice and are short; integer relations between weights are found."""

from fractions import Fraction

import numpy as np
import pytest
from any_lattices import nonzero_vectors, square_matrices
from any_numbers import seeds
from hypothesis import given

from mechverify.engines.integers.lattice import NearZero, reduce_lattice


def determinant(rows: list[list[int]]) -> Fraction:
    work = [[Fraction(v) for v in row] for row in rows]
    total = Fraction(1)
    for k in range(len(work)):
        pivot = next((i for i in range(k, len(work)) if work[i][k]), None)
        if pivot is None:
            return Fraction(0)
        if pivot != k:
            work[k], work[pivot] = work[pivot], work[k]
            total = -total
        total *= work[k][k]
        for i in range(k + 1, len(work)):
            factor = work[i][k] / work[k][k]
            work[i] = [a - factor * b for a, b in zip(work[i], work[k], strict=True)]
    return total


def coordinates(basis: list[list[int]], vector: list[int]) -> list[Fraction]:
    """Cramer's rule on square bases."""
    whole = determinant(basis)
    return [determinant([*basis[:i], vector, *basis[i + 1 :]]) / whole for i in range(len(basis))]


@given(square_matrices)
def test_reduced_bases_span_the_same_lattice_and_are_short(basis: list[list[int]]) -> None:
    volume = abs(determinant(basis))
    if volume == 0:
        return
    reduced = reduce_lattice(basis)
    assert abs(determinant(reduced)) == volume
    for row in reduced:
        assert all(c.denominator == 1 for c in coordinates(basis, row))
    n = len(basis)
    shortest = sum(v * v for v in reduced[0])
    assert Fraction(shortest) ** n <= Fraction(2) ** (n * (n - 1) // 2) * volume**2


def test_a_famous_relation() -> None:
    """sqrt 2 + sqrt 3 = sqrt(5 + 2 sqrt 6), seen in forty digits of each."""
    from math import isqrt

    scale = 10**80
    five = isqrt(5 * scale + 2 * isqrt(6 * scale * scale))
    values = [isqrt(scale), isqrt(2 * scale), isqrt(3 * scale), five]
    relation = NearZero.of([values], [1] * 4, 1).relations()[0]
    assert relation in ((0, 1, 1, -1), (0, -1, -1, 1))


def test_the_collision_of_the_gallery_is_found() -> None:
    """629145 k + 838861 l = 0 only for multiples of (838861, -629145)."""
    form = [629145, 838861, -629145, -838861]
    lattice = NearZero.of([form], [1] * 4, 16 * 10**6)
    kernel = [r for r in lattice.relations() if sum(f * v for f, v in zip(form, r, strict=True)) == 0]
    assert len(kernel) == 3
    assert any((r[0] - r[2], r[1] - r[3]) in ((838861, -629145), (-838861, 629145)) for r in kernel)


@given(nonzero_vectors, seeds)
def test_points_near_targets_are_on_the_form_where_that_is_possible(form: list[int], seed: int) -> None:
    from math import gcd

    constant = gcd(*form) * 12345
    targets = np.random.default_rng(seed).uniform(-1e6, 1e6, (5, len(form)))
    lattice = NearZero.of([form], [1] * len(form), 10**12)
    for point in lattice.near(targets, [constant]):
        assert len(point) == len(form)
        value = sum(f * x for f, x in zip(form, point, strict=True)) + constant
        assert abs(value) <= gcd(*form)


@pytest.mark.parametrize("stretch", [[1, 1000], [1000, 1]])
def test_stretch_is_undone(stretch: list[int]) -> None:
    lattice = NearZero.of([[2, -3]], stretch, 10**9)
    assert lattice.relations()[0] in ((3, 2), (-3, -2))
