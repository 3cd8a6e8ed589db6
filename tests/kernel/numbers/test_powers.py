"""Powers of many numbers at once against the enclosures of each."""

import random
from fractions import Fraction

import pytest

from mechverify.kernel.numbers.enclose import exp_bounds
from mechverify.kernel.numbers.powers import POWER_BITS, powers

FINE = 200


def _bounds(x: Fraction) -> tuple[Fraction, Fraction]:
    """e^x, enclosed far more closely."""
    at = x.numerator * (1 << FINE) // x.denominator
    found = exp_bounds(at, at + 1, FINE)
    assert found is not None
    return Fraction(found[0], 1 << FINE), Fraction(found[1], 1 << FINE)


@pytest.mark.parametrize("seed", range(20))
def test_a_power_lies_within_its_radius(seed: int) -> None:
    """Of the number itself, and of all that its radius allows."""
    rng = random.Random(seed)
    scale = rng.choice([-2, 0, 7, 52, 64, 70, 120])
    reach = int(Fraction(rng.choice([1, 20, 300])) * Fraction(2) ** scale)
    values = [rng.randint(-reach, reach) for _ in range(20)]
    radius = rng.choice([0, 1, int(Fraction(2) ** scale / 1000)]) if scale > 0 else 0
    found = powers(values, radius, scale)
    assert found is not None
    for c, v, own in zip(values, *found, strict=True):
        for at in (c - radius, c, c + radius):
            low, high = _bounds(at / Fraction(2) ** scale)
            assert (v - own) / Fraction(2) ** POWER_BITS <= low
            assert high <= (v + own) / Fraction(2) ** POWER_BITS


def test_exact_arguments_lose_less_than_a_unit_in_two_to_the_sixty() -> None:
    found = powers([k << 40 for k in range(-30, 30)], 0, 44)
    assert found is not None
    assert all(own <= 4 + (v >> 60) for v, own in zip(*found, strict=True))


def test_what_is_too_large_or_known_too_badly_has_no_power() -> None:
    assert powers([4096], 0, 0) is not None
    assert powers([0, 4097], 0, 0) is None
    assert powers([0], 1, 0) is not None
    assert powers([0], 2, 0) is None
    assert powers([-(10**9)], 0, 0) == ([0], [5])
