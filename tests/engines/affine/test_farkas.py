"""Multipliers by linear programming, against all vertices of the polytope, and what they are rounded to."""

from itertools import combinations

import numpy as np
import pytest

from mechverify.engines.affine import farkas
from mechverify.engines.affine.forms import minimum
from mechverify.engines.affine.multipliers import best_multipliers, refutation


def least_at_vertices(form: np.ndarray, facts: np.ndarray) -> float | None:
    """The least value of the form over the unit box where all facts are >= 0; None where they exclude each other."""
    k = len(form) - 1
    low = np.hstack([np.eye(k), np.zeros((k, 1))])
    planes = np.vstack([facts, low, np.hstack([-np.eye(k), np.ones((k, 1))])])
    best = None
    for chosen in combinations(range(len(planes)), k):
        rows = planes[list(chosen)]
        if abs(np.linalg.det(rows[:, :-1])) < 1e-9:
            continue
        vertex = np.linalg.solve(rows[:, :-1], -rows[:, -1])
        if (planes[:, :-1] @ vertex + planes[:, -1] >= -1e-9).all():
            value = float(form[:-1] @ vertex + form[-1])
            best = value if best is None else min(best, value)
    return best


@pytest.mark.parametrize("seed", range(40))
def test_the_bound_is_the_optimum(seed: int) -> None:
    random = np.random.default_rng(seed)
    count, k, slots = 6, int(random.integers(1, 4)), int(random.integers(1, 6))
    form = random.integers(-3, 4, (count, k + 1)).astype(float)
    facts = random.integers(-3, 4, (count, slots, k + 1)).astype(float)
    found = farkas.solve(form, facts)
    bound, used = best_multipliers(form, facts)
    assert (used >= 0.0).all()
    for i in range(count):
        best = least_at_vertices(form[i], facts[i])
        if best is None:
            assert minimum(-(found.rays[i] @ facts[i])) > 1e-9
            assert minimum(-(refutation(facts[i]) @ facts[i])) > 0.0
            assert bound[i] > 0.0
        else:
            assert not found.rays[i].any()
            assert bound[i] == pytest.approx(best, abs=1e-9)


def test_facts_of_very_different_size() -> None:
    """x + 10^6 y >= 10^6 - 1/2 and y <= 1 - 10^-6: a gap of one part in 10^6 is seen."""
    facts = np.array([[[1.0, 1e6, -1e6 + 0.5], [0.0, -1.0, 1.0 - 1e-6]]])
    bound, _ = best_multipliers(np.array([[1.0, 0.0, 0.0]]), facts)
    assert bound[0] == pytest.approx(0.5, abs=1e-6)
