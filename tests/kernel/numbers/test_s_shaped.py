"""Enclosures of the logistic function, tanh and erf: against series of many digits, at points and on intervals."""

import random
from fractions import Fraction

import pytest
from kernel_tools import _transcendental

from mechverify.kernel.numbers.s_shaped import erf_bounds, sigmoid_bounds, tanh_bounds

BOUNDS = {"sigmoid": sigmoid_bounds, "tanh": tanh_bounds, "erf": erf_bounds}
NEAR = Fraction(1, 10**85)


def exact(op: str, x: int, bits: int) -> Fraction:
    value = _transcendental(op, Fraction(x, 1 << bits))
    assert value is not None
    return value


@pytest.mark.parametrize("bits", [32, 96, 192])
@pytest.mark.parametrize("op", sorted(BOUNDS))
def test_every_value_is_enclosed(op: str, bits: int) -> None:
    rng = random.Random(f"{op} {bits}")
    scale = 1 << bits
    for _ in range(40):
        size = rng.choice([1, scale >> 20, scale, 9 * scale, 60 * scale])
        x = rng.randint(-size, size)
        radius = rng.choice([0, scale // 10**7, scale])
        low, high = BOUNDS[op](x, x + radius, bits)
        assert Fraction(low, scale) <= exact(op, x, bits) + NEAR
        assert Fraction(high, scale) >= exact(op, x + radius, bits) - NEAR
        if radius == 0:
            assert high - low <= 4


@pytest.mark.parametrize("op", sorted(BOUNDS))
def test_limits_are_never_passed(op: str) -> None:
    one = 1 << 96
    for x in (-(10**6) << 96, -70 << 96, -9 << 96, 0, 9 << 96, 70 << 96, 10**6 << 96):
        low, high = BOUNDS[op](x, x, 96)
        assert (0 if op == "sigmoid" else -one) <= low <= high <= one


def test_at_zero() -> None:
    assert tanh_bounds(0, 0, 96) == (0, 0)
    assert erf_bounds(0, 0, 96) == (0, 0)
    low, high = sigmoid_bounds(0, 0, 96)
    assert low == high == 1 << 95
