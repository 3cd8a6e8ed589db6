"""Sums with constant weights, rounded or not."""

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.forms import Forms
from mechverify.engines.affine.layout import AffineGroup, Floats, Rows
from mechverify.engines.affine.numbers.shared import LARGEST, TINY, UNIT
from mechverify.engines.ranges.grids import NO_GRID

_CELLS = 200_000


def affine(state: Forms, group: AffineGroup) -> None:
    """Positive weights take the same side, negative ones the other; a rounded node adds its error."""
    args, out = group.args, group.out
    count, columns = len(args), state.low.shape[2]
    boxes = state.low.shape[1]
    low, high = state.low[args].reshape(count, -1), state.high[args].reshape(count, -1)
    positive, negative = np.maximum(group.weights, 0.0), np.minimum(group.weights, 0.0)
    shape = (len(out), boxes, columns)
    below = (positive @ low + negative @ high).reshape(shape)
    above = (positive @ high + negative @ low).reshape(shape)
    below[..., -1] += group.bias[:, None]
    above[..., -1] += group.bias[:, None]
    both = np.abs(group.weights) @ np.concatenate([state.magnitude(args), state.err[args]], axis=1)
    total = both[:, :boxes] + np.abs(group.bias)[:, None]
    state.refine(out, _affine_grid(state, group))
    err = both[:, boxes:] + state.rounding(out, total, group.terms[:, None] + 4.0)
    steady = state.steady[args].all(axis=0, keepdims=True)
    if group.rounded:
        fits = total * np.ldexp(1.0, np.minimum(group.step[:, None], 200)) <= 2.0**24
        steady = steady & fits & (group.step[:, None] <= 126)
        n = 2.0 * group.terms[:, None]
        gamma = n * UNIT / (1.0 - n * UNIT)
        losses = n + 1.0 + np.abs(group.weights).sum(axis=1)[:, None]
        error = np.where(steady, 0.0, gamma * total + losses * TINY)
        below[..., -1] -= error
        above[..., -1] += error
        err = err + np.where(error > 0.0, 2.0**-51 * (total + error), 0.0)
        state.fine[out] = np.where(error > 0.0, NO_GRID, state.fine[out])
    else:
        steady, error = np.broadcast_to(steady, (len(out), boxes)), np.zeros((len(out), boxes))
    state.store(out, below, above, err)
    if group.bent.any():
        own, met = out[group.bent], group.bent
        least, most = (positive[met] @ one + negative[met] @ other for one, other in _both(state, args))
        state.least[own] = np.maximum(state.least[own], least + group.bias[met][:, None] - error[met])
        state.most[own] = np.minimum(state.most[own], most + group.bias[met][:, None] + error[met])
    state.steady[out] = steady
    if group.rounded:
        state.release(out, total * (1.0 + 2.0 * gamma) >= LARGEST)
    if state.any_top:
        state.release(out, group.uses @ state.tops[args] > 0.0)


def _both(state: Forms, args: Rows) -> tuple[tuple[Floats, Floats], tuple[Floats, Floats]]:
    """What positive and negative weights take of the arguments' intervals, for the least sum and for the greatest."""
    least, most = state.least[args], state.most[args]
    return (least, most), (most, least)


def _affine_grid(state: Forms, group: AffineGroup) -> NDArray[np.int64]:
    """The grid of each sum, (nodes, boxes); of large groups as if every node had the finest argument of all."""
    fine = state.fine[group.args]
    own = group.fine[:, -1:]
    if not len(group.args):
        return np.broadcast_to(own, (len(group.out), fine.shape[1]))
    weights = group.fine[:, :-1]
    if len(group.out) * fine.size <= _CELLS:
        terms = np.maximum.reduce(weights[:, :, None] + fine[None], axis=1)
    else:
        terms = np.maximum.reduce(weights, axis=1)[:, None] + np.maximum.reduce(fine, axis=0)[None]
    return np.maximum(terms, own)
