"""Exact rounding to float32 against numpy's."""

from fractions import Fraction

import numpy as np
import pytest
from any_numbers import doubles
from hypothesis import given
from hypothesis import strategies as st

from mechverify.graph.float32 import round_to_float32


@given(doubles)
def test_agrees_with_numpy_on_doubles(x: float) -> None:
    with np.errstate(over="ignore"):
        expected = np.float32(x)
    rounded = round_to_float32(Fraction(x))
    if np.isinf(expected):
        assert rounded is None
    else:
        assert rounded == Fraction(float(expected))


@given(st.integers(0, 2**24 - 1), st.integers(-150, 100))
def test_ties_go_to_even_and_nothing_is_rounded_twice(m: int, e: int) -> None:
    half = (Fraction(m) + Fraction(1, 2)) * Fraction(2) ** e
    just_above = half + Fraction(1, 10**60) * Fraction(2) ** e
    low, high = round_to_float32(half), round_to_float32(just_above)
    assert low is not None
    assert high is not None
    assert low <= high
    if m >= 2**23 and e >= -149:
        assert low == (m + m % 2) * Fraction(2) ** e
        assert high == (m + 1) * Fraction(2) ** e


@pytest.mark.parametrize("sign", [1, -1])
def test_the_edge_of_overflow(sign: int) -> None:
    largest = Fraction(2**24 - 1) * 2**104
    edge = Fraction(2**25 - 1) * 2**103
    assert round_to_float32(sign * (edge - 1)) == sign * largest
    assert round_to_float32(sign * edge) is None
