"""Points that are compared: each once, in their order."""

import numpy as np
import pytest

from mechverify.deciding.reading.samples import distinct


@pytest.mark.parametrize("columns", [1, 2, 5])
def test_each_point_is_kept_once_where_it_comes_first(columns: int) -> None:
    points = np.random.default_rng(columns).integers(-2, 3, size=(400, columns)).astype(np.float64) / 4
    _, first = np.unique(points, axis=0, return_index=True)
    assert np.array_equal(distinct(points), points[np.sort(first)])


def test_zero_with_a_sign_is_zero() -> None:
    assert distinct(np.array([[0.0, 1.0], [-0.0, 1.0], [1.0, -0.0], [1.0, 0.0]])).tolist() == [[0.0, 1.0], [1.0, 0.0]]


def test_neighbours_are_two_points() -> None:
    assert len(distinct(np.array([[1.0], [np.nextafter(1.0, 2.0)], [1.0]]))) == 2


def test_without_inputs_there_is_one_point() -> None:
    assert distinct(np.zeros((3, 0))).shape == (1, 0)
    assert distinct(np.zeros((0, 2))).shape == (0, 2)
