"""Products, between planes or, of a square, a tangent and a chord."""

import numpy as np

from mechverify.engines.affine.forms import BIG, Forms, maximum, minimum
from mechverify.engines.affine.layout import Group
from mechverify.engines.affine.numbers.shared import LARGEST, NEAR, TINY, UNIT, plane, scaled
from mechverify.engines.ranges.grids import NO_GRID


def product(state: Forms, group: Group) -> None:
    """McCormick, or for a square the tangent at the midpoint and the chord."""
    a, b = group.args
    out = group.out
    la, ua, lb, ub = state.least[a], state.most[a], state.least[b], state.most[b]
    below_1 = plane(state, group, lb, la)
    below_2 = plane(state, group, ub, ua)
    above_1 = -plane(state, group, -lb, -ua)
    above_2 = -plane(state, group, -ub, -la)
    below_1[..., -1] -= la * lb
    below_2[..., -1] -= ua * ub
    above_1[..., -1] -= ua * lb
    above_2[..., -1] -= la * ub
    least_1, least_2 = minimum(below_1), minimum(below_2)
    most_1, most_2 = maximum(above_1), maximum(above_2)
    low = np.where((least_1 >= least_2)[..., None], below_1, below_2)
    high = np.where((most_1 <= most_2)[..., None], above_1, above_2)
    spread = NEAR * (np.abs(least_1) + np.abs(most_1))
    tie = (np.abs(least_1 - least_2) <= spread) | (np.abs(most_1 - most_2) <= spread)
    least, most = np.full(la.shape, -BIG), np.full(la.shape, BIG)
    square = a == b
    if square.any():
        middle = (la[square] + ua[square]) / 2.0
        tangent = scaled(state.low[a[square]], state.high[a[square]], 2.0 * middle)
        tangent[..., -1] -= middle * middle
        low[square] = tangent
        chord = -scaled(-state.high[a[square]], -state.low[a[square]], la[square] + ua[square])
        chord[..., -1] -= la[square] * ua[square]
        high[square] = chord
        if not group.rounded:
            ends = la[square] ** 2, ua[square] ** 2
            most[square] = np.maximum(*ends)
            least[square] = np.where((la[square] <= 0.0) & (ua[square] >= 0.0), 0.0, np.minimum(*ends))
    ma, mb = state.magnitude(a), state.magnitude(b)
    size = ma * mb
    state.refine(out, state.fine[a] + state.fine[b] + 2 * square[:, None])
    err = 4.0 * (state.err[a] * mb + state.err[b] * ma) + state.rounding(out, 4.0 * size, 8.0)
    state.fragile |= (tie & (err > 0.0) & ~square[:, None]).any(axis=0)
    steady = state.steady[a] & state.steady[b]
    if group.rounded:
        grid = group.grid[:, None]
        steady = steady & (grid <= 126) & (size * np.ldexp(1.0, np.minimum(grid, 200)) <= 2.0**24)
        error = np.where(steady, 0.0, 1.0000001 * UNIT * size + (1.0 + ma + mb) * TINY)
        low[..., -1] -= error
        high[..., -1] += error
        err = err + np.where(error > 0.0, 2.0**-51 * (size + error), 0.0)
        state.fine[out] = np.where(error > 0.0, NO_GRID, state.fine[out])
    state.store(out, low, high, err)
    state.least[out] = np.maximum(state.least[out], least)
    state.most[out] = np.minimum(state.most[out], most)
    state.steady[out] = steady
    limit = LARGEST / (1.0 + 2.0 * UNIT) if group.rounded else 1e100
    state.release(out, size >= limit)
