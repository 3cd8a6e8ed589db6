"""Non-negative least squares against its optimality conditions (Karush, Kuhn, Tucker)."""

import numpy as np
import pytest

from mechverify.engines.algebra.least_squares import fit


@pytest.mark.parametrize("seed", range(20))
def test_optimality(seed: int) -> None:
    r = np.random.default_rng(seed)
    m, n, e = int(r.integers(2, 20)), int(r.integers(1, 40)), int(r.integers(0, 4))
    columns, free, wanted = r.normal(size=(m, n)), r.normal(size=(m, e)), r.normal(size=m)
    found = fit(columns, free, wanted)
    assert found.coefficients.min() >= 0
    assert set(np.nonzero(found.coefficients)[0]) == set(found.used)
    gains = columns.T @ found.left / np.linalg.norm(columns, axis=0)
    assert gains.max() < 1e-6
    assert np.abs(gains[list(found.used)]).max(initial=0.0) < 1e-6
    assert np.abs(free.T @ found.left).max(initial=0.0) < 1e-6


@pytest.mark.parametrize("seed", range(10))
def test_what_adds_up_is_found(seed: int) -> None:
    """Degenerate on purpose: nearly all that is wanted is zero."""
    r = np.random.default_rng(seed)
    columns = r.integers(-2, 3, size=(12, 30)).astype(float)
    free = r.integers(-2, 3, size=(12, 3)).astype(float)
    wanted = columns[:, :4] @ np.array([1.0, 2.0, 0.5, 3.0]) + free @ np.array([-1.0, 2.0, 0.0])
    assert fit(columns, free, wanted).exact
    assert not fit(np.abs(columns), free[:, :0], -np.abs(wanted) - 1.0).exact


def test_nothing_to_add() -> None:
    found = fit(np.zeros((3, 0)), np.zeros((3, 0)), np.array([0.0, 1.0, 0.0]))
    assert not found.exact
    assert found.used == ()
