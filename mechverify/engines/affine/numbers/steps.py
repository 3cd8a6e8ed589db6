"""Rounding to an integer, and to float32."""

from collections.abc import Callable

import numpy as np

from mechverify.engines.affine.forms import Forms, constant
from mechverify.engines.affine.layout import Floats, Group
from mechverify.engines.affine.numbers.shared import LARGEST, UNIT
from mechverify.engines.ranges.grids import NO_GRID


def rounded_down(state: Forms, group: Group) -> None:
    """One constant if both ends agree, else the argument's forms moved down."""
    _stairs(state, group, nearest=False)


def rounded_to_nearest(state: Forms, group: Group) -> None:
    """One constant if both ends agree, else the argument's forms moved half down and half up."""
    _stairs(state, group, nearest=True)


def _stairs(state: Forms, group: Group, *, nearest: bool) -> None:
    z, out = group.args[0], group.out
    function: Callable[[Floats], Floats] = np.round if nearest else np.floor
    err = state.err[z]
    first, last = function(state.least[z] - err), function(state.most[z] + err)
    integral = state.steady[z] & (state.plan.grids.exact[z] == 0)[:, None]
    sure = (first == last) & ~integral
    columns = state.low.shape[2]
    down, up = (0.5, 0.5) if nearest else (1.0, 0.0)
    low, high = state.low[z].copy(), state.high[z].copy()
    low[..., -1] -= np.where(integral, 0.0, down)
    high[..., -1] += np.where(integral, 0.0, up)
    fixed = constant(first, columns)
    low = np.where(sure[..., None], fixed, low)
    high = np.where(sure[..., None], fixed, high)
    state.store(out, low, high, np.where(sure, 0.0, err))
    state.least[out] = np.where(integral, state.least[z], np.maximum(state.least[out], first))
    state.most[out] = np.where(integral, state.most[z], np.minimum(state.most[out], last))
    state.steady[out] = True
    state.refine(out, np.where(sure, 0, state.fine[z] + 1))


def round32(state: Forms, group: Group) -> None:
    """The argument's forms plus the error, none on the grid."""
    z, out = group.args[0], group.out
    size = state.magnitude(z)
    grid = group.grid[:, None]
    steady = state.steady[z] & (grid <= 126) & (size * np.ldexp(1.0, np.minimum(grid, 200)) <= 2.0**24)
    error = np.where(steady, 0.0, UNIT * size + 2.0**-148)
    low, high = state.low[z].copy(), state.high[z].copy()
    low[..., -1] -= error
    high[..., -1] += error
    state.store(out, low, high, state.err[z] + np.where(error > 0.0, 2.0**-51 * size, 0.0))
    state.refine(out, np.where(error > 0.0, NO_GRID, state.fine[z]))
    state.steady[out] = steady
    state.release(out, size * (1.0 + 2.0 * UNIT) >= LARGEST)
