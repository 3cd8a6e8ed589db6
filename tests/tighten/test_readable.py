"""Numbers that a person can read."""

from fractions import Fraction as F

import pytest
from any_numbers import moderate_rationals
from hypothesis import given
from hypothesis import strategies as st

from mechverify.tighten.readable import below, between, rounded


@pytest.mark.parametrize(
    ("value", "digits", "up", "expected"),
    [
        (F(28271343, 1000), 5, False, F(28271)),
        (F(28271343, 1000), 3, True, F(28300)),
        (F(1, 3), 2, False, F(33, 100)),
        (F(1, 3), 2, True, F(34, 100)),
        (F(-1, 3), 2, False, F(-34, 100)),
        (F(0), 3, True, F(0)),
        (F(99999), 2, True, F(100000)),
    ],
)
def test_rounded(value: F, digits: int, up: bool, expected: F) -> None:
    assert rounded(value, digits, up=up) == expected


@given(moderate_rationals, st.integers(1, 12), st.booleans())
def test_rounding_moves_by_less_than_a_unit(value: F, digits: int, up: bool) -> None:
    found = rounded(value, digits, up=up)
    assert found >= value if up else found <= value
    assert abs(found - value) <= abs(value) * F(10) ** (1 - digits)


@given(moderate_rationals, moderate_rationals)
def test_between_is_well_inside(a: F, b: F) -> None:
    low, high = sorted((a, b))
    if low < high:
        assert low + (high - low) / 4 <= between(low, high) <= high - (high - low) / 4


def test_between_has_few_digits() -> None:
    assert between(F(28271343, 1000), F(60000)) == 40000
    assert between(F(1, 10**7), F(3, 10**7)) == F(2, 10**7)


@given(moderate_rationals, st.integers(1, 9))
def test_below_is_below_and_near(value: F, digits: int) -> None:
    found = below(value, digits)
    assert found < value
    assert value - found <= max(abs(value), F(1)) * F(10) ** (1 - digits)


def test_below_a_whole_number() -> None:
    assert below(F(24), 5) == F(23999, 1000)
    assert below(F(4011930, 1000), 5) == F(40119, 10)
