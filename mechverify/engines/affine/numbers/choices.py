"""What a condition chooses, and what an integer looks up."""

import numpy as np

from mechverify.engines.affine.forms import BIG, Forms, constant
from mechverify.engines.affine.layout import Group
from mechverify.engines.affine.numbers.shared import side, store_interval
from mechverify.engines.ranges.grids import NO_GRID
from mechverify.errors import InternalError
from mechverify.graph.operations.lookup import reach


def choice(state: Forms, group: Group) -> None:
    """The side that the condition names; otherwise the common form, or the hull."""
    c, a, b = group.args
    out = group.out
    truth = state.truth[c]
    low_a, high_a, low_b, high_b = state.low[a], state.high[a], state.low[b], state.high[b]
    same = (low_a == low_b).all(axis=2) & (high_a == high_b).all(axis=2) & (truth == 0)
    first, second = (truth > 0) | same, (truth < 0)
    open_ = ~first & ~second
    columns = state.low.shape[2]
    least, most = np.minimum(state.least[a], state.least[b]), np.maximum(state.most[a], state.most[b])
    low = np.where(first[..., None], low_a, low_b)
    high = np.where(first[..., None], high_a, high_b)
    low = np.where(open_[..., None], constant(least, columns), low)
    high = np.where(open_[..., None], constant(most, columns), high)
    err = np.where(first, state.err[a], np.where(second, state.err[b], np.maximum(state.err[a], state.err[b])))
    state.store(out, low, high, err)
    fine_a, fine_b = state.fine[a], state.fine[b]
    state.refine(out, np.where(first & ~same, fine_a, np.where(second, fine_b, np.maximum(fine_a, fine_b))))
    hull = least, most
    sides = (state.least[a], state.most[a]), (state.least[b], state.most[b])
    least, most = side((truth > 0), second, *sides, hull)
    state.least[out] = np.maximum(state.least[out], least)
    state.most[out] = np.minimum(state.most[out], most)
    both = state.steady[a] & state.steady[b]
    state.steady[out] = np.where(truth > 0, state.steady[a], np.where(second, state.steady[b], both))
    if state.any_top:
        both = state.tops[a] | state.tops[b]
        state.release(out, np.where(truth > 0, state.tops[a], np.where(second, state.tops[b], both)))


def looked_up(state: Forms, group: Group) -> None:
    """Constants: the least and the greatest entry in reach of an integer; any value where it may choose none."""
    z, out, entries = group.args[0], group.out, group.table
    if entries is None:
        raise InternalError("a look-up without a table")
    whole = state.steady[z] & (state.plan.grids.exact[z] == 0)[:, None]
    least, most, wrong = reach(entries, state.least[z] - state.err[z], state.most[z] + state.err[z], whole)
    wrong |= ~(np.isfinite(least) & np.isfinite(most)) | (np.maximum(np.abs(least), np.abs(most)) >= BIG)
    least, most = np.where(wrong, 0.0, least), np.where(wrong, 0.0, most)
    store_interval(state, group, least, most, 2.0**-50 * (np.abs(least) + np.abs(most)) * entries.rounded, wrong)
    if not entries.rounded and entries.grid < NO_GRID:
        state.steady[out] = True
        state.refine(out, np.full(least.shape, entries.grid))
