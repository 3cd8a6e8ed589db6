"""Masses under curves against closed forms in floats: each lies between the ends, and these are close."""

from fractions import Fraction as F
from math import erf, exp, pi, sqrt

import pytest

from mechverify.probability.densities import Curve


@pytest.mark.parametrize(("low", "high"), [(-3, 3), (0, 0.001), (-8, -7), (-40, 40), (5, 9.5), (10, 30)])
def test_a_normal_curve(low: float, high: float) -> None:
    curve = Curve("normal", F(1, 2), F(3, 2), F(-40))
    found = curve.mass(F(low), F(high))
    a, b = ((x - 0.5) / 1.5 / sqrt(2) for x in (low, high))
    true = 1.5 * sqrt(pi / 2) * (erf(b) - erf(a))
    assert float(found.low) - 1e-12 <= true <= float(found.high) + 1e-12
    assert 0 <= found.low <= found.high
    assert found.width < F(1, 10**12)


def test_an_exponential_curve() -> None:
    curve = Curve("exponential", F(3), F(1), F(2))
    found = curve.mass(F(2), F(8))
    assert float(found.low) - 1e-12 <= 3 * (1 - exp(-2)) <= float(found.high) + 1e-12
    assert found.width < F(1, 10**20)
    assert curve.height(F(2)).high == 1


def test_parts_add_up() -> None:
    curve = Curve("normal", F(0), F(1), F(-12))
    whole = curve.mass(F(-12), F(12))
    parts = [curve.mass(F(k, 2), F(k + 1, 2)) for k in range(-24, 24)]
    assert sum(p.low for p in parts) <= whole.high
    assert sum(p.high for p in parts) >= whole.low
    assert curve.mass(F(1), F(1)).high == 0
