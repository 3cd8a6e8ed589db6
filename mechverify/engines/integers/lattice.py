"""Short integer relations: exact LLL reduction, and integer points near a target where linear forms are zero or nearly
so.

LLL in integers only: H. Cohen, A Course in Computational Algebraic Number Theory, algorithm 2.6.7. Nearest plane: L.
Babai, Combinatorica 6 (1986). What is found is a candidate and is always evaluated afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend

Row = list[int]


def reduce_lattice(basis: Sequence[Sequence[int]]) -> list[Row]:
    """An LLL-reduced basis (delta 3/4) of the lattice that linearly independent integer rows span."""
    rows = [list(row) for row in basis]
    count = len(rows)
    if count < 2:
        return rows
    d = [1] + [0] * count
    mu = [[0] * count for _ in range(count)]
    d[1] = _dot(rows[0], rows[0])
    k, known = 1, 0
    while k < count:
        spend(costs.LATTICE_ROW * count)
        if k > known:
            known = k
            _orthogonalise(rows, d, mu, k)
        _size_reduce(rows, d, mu, k, k - 1)
        if 4 * d[k + 1] * d[k - 1] < 3 * d[k] ** 2 - 4 * mu[k][k - 1] ** 2:
            _swap(rows, d, mu, k, known)
            k = max(1, k - 1)
        else:
            for j in range(k - 2, -1, -1):
                _size_reduce(rows, d, mu, k, j)
            k += 1
    return rows


def _dot(a: Row, b: Row) -> int:
    return sum(x * y for x, y in zip(a, b, strict=True))


def _orthogonalise(rows: list[Row], d: list[int], mu: list[Row], k: int) -> None:
    for j in range(k + 1):
        u = _dot(rows[k], rows[j])
        for i in range(j):
            u = (d[i + 1] * u - mu[k][i] * mu[j][i]) // d[i]
        if j < k:
            mu[k][j] = u
        else:
            d[k + 1] = u


def _size_reduce(rows: list[Row], d: list[int], mu: list[Row], k: int, j: int) -> None:
    if 2 * abs(mu[k][j]) <= d[j + 1]:
        return
    q = (2 * mu[k][j] + d[j + 1]) // (2 * d[j + 1])
    rows[k] = [x - q * y for x, y in zip(rows[k], rows[j], strict=True)]
    mu[k][j] -= q * d[j + 1]
    for i in range(j):
        mu[k][i] -= q * mu[j][i]


def _swap(rows: list[Row], d: list[int], mu: list[Row], k: int, known: int) -> None:
    rows[k], rows[k - 1] = rows[k - 1], rows[k]
    for j in range(k - 1):
        mu[k][j], mu[k - 1][j] = mu[k - 1][j], mu[k][j]
    old = mu[k][k - 1]
    b = (d[k - 1] * d[k + 1] + old**2) // d[k]
    for i in range(k + 1, known + 1):
        t = mu[i][k]
        mu[i][k] = (d[k + 1] * mu[i][k - 1] - old * t) // d[k]
        mu[i][k - 1] = (b * t + old * mu[i][k]) // d[k + 1]
    d[k] = b


@dataclass(frozen=True, slots=True)
class NearZero:
    """Integer points x near a target with ``forms @ x + constants`` near zero.

    ``forms`` are integer rows over k unknowns. ``weight`` says how much a form's value counts against distance from
    the target: from the width of the box on, only points where it is zero come near.
    """

    rows: tuple[tuple[int, ...], ...]
    stretch: tuple[int, ...]
    weight: int

    @staticmethod
    def of(forms: Sequence[Sequence[int]], stretch: Sequence[int], weight: int) -> "NearZero":
        """Reduce the lattice of all (x * stretch, weight * forms @ x)."""
        count = len(stretch)
        basis = [
            [stretch[i] if i == j else 0 for j in range(count)] + [weight * form[i] for form in forms]
            for i in range(count)
        ]
        return NearZero(tuple(tuple(row) for row in reduce_lattice(basis)), tuple(stretch), weight)

    def relations(self) -> list[tuple[int, ...]]:
        """The reduced basis as integer vectors of the unknowns, shortest first: small changes that hardly move the
        forms.
        """
        rows = sorted(self.rows, key=lambda row: _dot(list(row), list(row)))
        return [tuple(v // s for v, s in zip(row, self.stretch, strict=False)) for row in rows]

    def near(self, targets: NDArray[np.float64], constants: Sequence[int]) -> list[tuple[int, ...]]:
        """For each target (n, k) an integer point close to it, by Babai's nearest plane in float64."""
        count = len(self.stretch)
        spend(costs.LATTICE_NEAR + costs.CELL * len(targets) * count * count)
        basis = np.array([[float(v) for v in row] for row in self.rows])
        orthogonal, _ = np.linalg.qr(basis.T)
        upper = orthogonal.T @ basis.T
        wanted = np.zeros((len(targets), basis.shape[1]))
        wanted[:, :count] = targets * np.array(self.stretch, dtype=np.float64)
        wanted[:, count:] = [-float(self.weight * c) for c in constants]
        rest = wanted @ orthogonal
        found = np.zeros((len(targets), count))
        for i in range(count - 1, -1, -1):
            found[:, i] = np.round(rest[:, i] / upper[i, i])
            rest -= found[:, i, None] * upper[:, i]
        return [self._combine([int(q) for q in line]) for line in found if np.isfinite(line).all()]

    def _combine(self, factors: list[int]) -> tuple[int, ...]:
        total = [0] * len(self.stretch)
        for q, row in zip(factors, self.rows, strict=True):
            if q:
                total = [t + q * v for t, v in zip(total, row, strict=False)]
        return tuple(t // s for t, s in zip(total, self.stretch, strict=True))
