"""Bounds of an operation for which there is no rule of its own: what the graph's record says of its interval."""

import numpy as np

from mechverify.engines.affine.forms import BIG, Forms, constant
from mechverify.engines.affine.layout import Floats, Group
from mechverify.engines.affine.logic import CERTAIN, conclude

_LOOSE = 2.0**-38  # what the graph's intervals may be too wide by, or the kernel's wider


def enclosed(state: Forms, group: Group) -> None:
    """A number lies between constants, a truth is open unless its interval is one; anything where none is known."""
    args = [_ends(state, group, k) for k in range(len(group.args))]
    shape = (len(group.out), state.least.shape[1])
    low, high = np.full(shape, np.nan), np.full(shape, np.nan)
    if group.operation.ends is not None:
        low, high = group.operation.ends(*args)
    if not group.operation.lenient:
        free = np.logical_or.reduce([np.isneginf(least) & np.isposinf(most) for least, most in args])
        low = np.where(free, np.nan, low)
    if group.operation.boolean:
        truth = (low >= 1.0).astype(np.int8) - (high <= 0.0).astype(np.int8)
        truth = np.where(np.isnan(low) | np.isnan(high), 0, truth).astype(np.int8)
        conclude(state, group.out, truth)
        known = state.truth[group.out] * CERTAIN
        state.gap_low[group.out] = np.where(known != 0, known, -CERTAIN)
        state.gap_high[group.out] = np.where(known != 0, known, CERTAIN)
        return
    wide = ~(np.isfinite(low) & np.isfinite(high)) | (np.maximum(np.abs(low), np.abs(high)) >= BIG)
    low, high = np.where(wide, 0.0, low), np.where(wide, 0.0, high)
    columns = state.low.shape[2]
    doubt = _LOOSE * (1.0 + np.abs(low) + np.abs(high))
    state.store(group.out, constant(low, columns), constant(high, columns), doubt)
    state.steady[group.out] = False
    state.release(group.out, wide)


def _ends(state: Forms, group: Group, k: int) -> tuple[Floats, Floats]:
    """The interval of an argument; of a truth, from 0 to 1."""
    rows = group.args[k]
    if group.sorts[k] == "truth":
        truth = state.truth[rows]
        return (truth > 0).astype(np.float64), (truth >= 0).astype(np.float64)
    err, tops = state.err[rows], state.tops[rows]
    return np.where(tops, -np.inf, state.least[rows] - err), np.where(tops, np.inf, state.most[rows] + err)
