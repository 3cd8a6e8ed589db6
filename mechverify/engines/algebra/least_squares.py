"""min |A c + E f - b|, c >= 0, f free: the active set method of Lawson and Hanson (1974), chapter 23.

What is left over, r = b - A c - E f, has A^T r <= 0 and E^T r = 0: where it is not zero, it separates b from the cone,
and tells what column would help. Nothing turns on degenerate vertices, of which these problems have little else.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend

Floats = NDArray[np.float64]
_TOLERANCE = 1e-9
_MOST_ROUNDS = 400
_PRODUCT = 4 * costs.PRODUCT


@dataclass(frozen=True, slots=True)
class Fit:
    """The coefficients c, those that are not zero (``used``), and what is left over."""

    coefficients: Floats
    used: tuple[int, ...]
    left: Floats

    @property
    def exact(self) -> bool:
        """Whether nothing is left over, but for rounding."""
        return float(np.linalg.norm(self.left)) < 1e-7


def fit(columns: Floats, free: Floats, wanted: Floats) -> Fit:
    """``columns`` (m, n) and ``free`` (m, e) span the sums, ``wanted`` (m,) is what they are to add up to."""
    scale = np.maximum(np.linalg.norm(columns, axis=0), 1e-300)
    if free.shape[1]:
        spend(10 * _PRODUCT * free.shape[0] * free.shape[1] * min(free.shape))
        u, sizes, _ = np.linalg.svd(free / np.maximum(np.linalg.norm(free, axis=0), 1e-300), full_matrices=False)
        span = u[:, sizes > 1e-9 * max(1.0, float(sizes[0]))]
        columns = columns - span @ (span.T @ columns)
        wanted = wanted - span @ (span.T @ wanted)
    matrix = columns / scale
    found, used = _active_set(matrix, wanted)
    return Fit(found / scale, used, wanted - matrix @ found)


def _active_set(a: Floats, b: Floats) -> tuple[Floats, tuple[int, ...]]:
    n = a.shape[1]
    c = np.zeros(n)
    passive: list[int] = []
    barred: set[int] = set()
    for _ in range(_MOST_ROUNDS):
        spend(_PRODUCT * a.shape[0] * (n + len(passive) ** 2) + costs.GROUP)
        gain = a.T @ (b - a @ c)
        gain[passive] = -np.inf
        gain[list(barred)] = -np.inf
        best = int(np.argmax(gain)) if n else -1
        if best < 0 or gain[best] <= _TOLERANCE:
            break
        passive.append(best)
        solved = _solved(a[:, passive], b)
        if solved is None or solved[-1] <= 0:
            # A column that depends on those in use up to rounding.
            passive.pop()
            barred.add(best)
            continue
        barred.clear()
        while len(solved) and solved.min() <= 0:
            now = c[passive]
            falling = solved <= 0
            steps = now[falling] / np.maximum(now[falling] - solved[falling], 1e-300)
            now = now + float(steps.min()) * (solved - now)
            c[:] = 0.0
            c[passive] = np.where(now > 1e-13, now, 0.0)
            passive = [p for p in passive if c[p] > 0]
            solved = _solved(a[:, passive], b)
            if solved is None:
                return c, tuple(passive)
        c[:] = 0.0
        c[passive] = solved
    return c, tuple(passive)


def _solved(a: Floats, b: Floats) -> Floats | None:
    """The least squares solution of independent columns of length 1, by the normal equations; None where they are not
    independent in float64."""
    try:
        found = np.linalg.solve(a.T @ a, a.T @ b).astype(np.float64)
    except np.linalg.LinAlgError:
        return None
    return found if bool(np.isfinite(found).all()) else None
