"""Functions that grow, between a tangent and a chord."""

from collections.abc import Callable

import numpy as np

from mechverify.engines.affine.forms import BIG, Forms
from mechverify.engines.affine.layout import Floats, Group
from mechverify.engines.affine.numbers.curves import Curve, lines
from mechverify.engines.affine.numbers.shared import better, store_interval
from mechverify.errors import InternalError
from mechverify.graph.operations.table import OPERATIONS


def _values(name: str) -> Callable[[Floats], Floats]:
    found = OPERATIONS[name].values
    if found is None:
        raise InternalError(f"{name} has no value at a point")
    return found


_SIGMOID = _values("sigmoid")
CURVES = {
    "sqrt": Curve(np.sqrt, lambda x: 0.5 / np.sqrt(x), "concave"),
    "log": Curve(np.log, lambda x: 1.0 / x, "concave"),
    "exp": Curve(np.exp, np.exp, "convex", nearest=1.0),
    "tanh": Curve(np.tanh, lambda x: 1.0 - np.tanh(x) ** 2, "concave above zero", width=5.0),
    "sigmoid": Curve(_SIGMOID, lambda x: _SIGMOID(x) * _SIGMOID(-x), "concave above zero", width=10.0),
    "erf": Curve(_values("erf"), lambda x: 2.0 / np.sqrt(np.pi) * np.exp(-(x**2)), "concave above zero", width=4.0),
}
DOMAINS = {"sqrt": (0.0, BIG), "log": (0.0, BIG), "exp": (-BIG, 270.0)}


def curve(state: Forms, group: Group) -> None:
    """Between a tangent and a chord, nothing where the argument may leave the domain; constants at a point."""
    bottom, top = _argument(state, group)
    z, out = group.args[0], group.out
    low_end, high_end = DOMAINS.get(group.op, (-BIG, BIG))
    wide = (bottom <= low_end if group.op == "log" else bottom < low_end) | (top > high_end)
    if group.op == "sqrt":
        wide &= ~(state.least[z] >= 0.0)
    if group.op == "exp":
        bottom = np.maximum(bottom, -4000.0)
    bottom = np.where(wide, 1.0, np.maximum(bottom, max(low_end, -BIG)))
    top = np.where(wide, 1.0, np.maximum(top, bottom))
    one = CURVES[group.op]
    least, most = one.value(bottom), one.value(top)
    lost = _lost(least, most)
    if group.op == "sqrt":
        whole = (least == np.floor(least)) & (most == np.floor(most)) & (state.err[z] == 0.0)
        lost = np.where(whole & (least * least == bottom) & (most * most == top), 0.0, lost)
    flat = (state.low.shape[2] == 1) | (top - bottom <= 2.0**-40 * (1.0 + np.abs(top)))
    if flat.all():
        store_interval(state, group, least, most, lost, wide)
        return
    (under, below), (over, above) = lines(one, bottom, np.where(flat, bottom + 1.0, top))
    size = np.maximum(np.abs(bottom), np.abs(top))
    low, high = under[..., None] * state.low[z], over[..., None] * state.high[z]
    low[..., -1] += below
    high[..., -1] += above
    low, high = better(state, low, high, least, most, settled=flat)
    steep = np.maximum(under, over)
    err = 4.0 * steep * state.err[z] + 2.0**-44 * (steep * size + np.abs(below) + np.abs(above)) + lost
    state.store(out, low, high, np.where(flat, lost, err))
    state.least[out] = np.maximum(state.least[out], least)
    state.most[out] = np.minimum(state.most[out], most)
    state.steady[out] = False
    state.release(out, wide)


def _argument(state: Forms, group: Group) -> tuple[Floats, Floats]:
    z = group.args[0]
    return state.least[z] - state.err[z], state.most[z] + state.err[z]


def _lost(least: Floats, most: Floats) -> Floats:
    """What the ends of a function that float64 encloses to the last bits may be wrong by."""
    lost: Floats = 2.0**-48 * (np.abs(least) + np.abs(most)) + 2.0**-80
    return lost
