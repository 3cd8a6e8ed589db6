"""The mathematics that the specs of superposition state for a few n, for many n, on the ideal vectors."""

from math import pi, sin, tan

import numpy as np
import pytest


def circle(n: int) -> np.ndarray:
    angles = 2 * np.pi * np.arange(n) / n
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@pytest.mark.parametrize("n", range(2, 41))
def test_one_feature(n: int) -> None:
    v = circle(n)
    for a in (0.3, 1.0):
        out = a * v @ v[0]
        assert out[0] == pytest.approx(a)
        assert int(np.argmax(out)) == 0
        loss = ((out - a * np.eye(n)[0]) ** 2).sum()
        assert loss == pytest.approx(a * a * (n / 2 - 1) if n >= 3 else a * a)
    assert bool(np.max(out[1:]) <= 1e-9) == (n <= 4)


@pytest.mark.parametrize("n", range(3, 41))
def test_a_threshold(n: int) -> None:
    v, c = circle(n), np.cos(2 * np.pi / n)
    for a in (0.2, 0.5, 0.9, 1.0):
        out = np.maximum((a * v @ v[0] - c) / (1 - c), 0)
        if n >= 5:
            assert out[0] == pytest.approx(max(0.0, (a - c) / (1 - c)), abs=1e-12)
        if a == 1.0:
            assert out == pytest.approx(np.eye(n)[0], abs=1e-9)


@pytest.mark.parametrize("n", range(3, 41))
def test_all_others_present(n: int) -> None:
    v = circle(n)
    heard = v[1:] @ v[0]
    assert 0.05 * heard.sum() == pytest.approx(-0.05)
    s = 1 / tan(pi / n) if n % 4 == 0 else 1 / sin(pi / n) if n % 4 == 2 else 1 / (2 * sin(pi / (2 * n)))
    assert 0.1 * heard[heard < 0].sum() == pytest.approx(-0.1 * s)
    assert 0.1 * heard[heard > 0].sum() == pytest.approx(0.1 * (s - 1), abs=1e-12)
    assert (0.1 * s > 1) == (n >= 32), n
