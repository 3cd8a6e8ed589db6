"""Quotients, and the shares of a softmax."""

import numpy as np

from mechverify.engines.affine.forms import BIG, Flags, Forms, constant, maximum, minimum
from mechverify.engines.affine.layout import Floats, Group, Rows
from mechverify.engines.affine.numbers.curves import Curve, lines
from mechverify.engines.affine.numbers.shared import LARGEST, NEAR, TINY, UNIT, better, scaled

_WIDEST = 2.0**20
_RECIPROCAL = Curve(lambda x: -1.0 / x, lambda x: 1.0 / x**2, "concave")


def quotient(state: Forms, group: Group) -> None:
    """McCormick for a times 1 / b, the latter between a tangent and a chord, for b > 0; else constants. A share of a
    sum of exponentials has a value, and an interval of its own.
    """
    a, b = group.args
    out = group.out
    la, ua, lb, ub = state.least[a], state.most[a], state.least[b], state.most[b]
    apart = (lb > 0.0) | (ub < 0.0)
    nearest = np.where(apart, np.minimum(np.abs(lb), np.abs(ub)), 1.0)
    lb, ub = np.where(apart, lb, 1.0), np.where(apart, ub, 1.0)
    corners = np.stack([la / lb, la / ub, ua / lb, ua / ub])
    least, most = corners.min(axis=0), corners.max(axis=0)
    size = np.maximum(np.abs(least), np.abs(most))
    spread = (state.err[a] + size * state.err[b]) / nearest + size * 2.0**-50
    wide = ~apart | (size >= BIG) | (state.err[b] >= nearest / 2.0)
    shared, lower, upper = _shares(state, group)
    least = np.where(wide & shared, lower, np.where(shared, np.maximum(least, lower), least))
    most = np.where(wide & shared, upper, np.where(shared, np.minimum(most, upper), most))
    spread = np.where(wide & shared, 2.0**-40, spread)
    sloped = ~wide & (lb > 0.0) & (ub <= _WIDEST * lb) & (state.low.shape[2] > 1)
    state.fragile |= ((lb > 0.0) & (np.abs(ub - _WIDEST * lb) <= NEAR * ub)).any(axis=0)
    wide &= ~shared
    error = np.zeros_like(least)
    if group.rounded:
        total = state.magnitude(a) / nearest
        error = 3.000001 * UNIT * total + (2.0 + state.magnitude(a) + 1.0 / nearest) * TINY
        wide = wide | (nearest <= 2.0**-125) | (total * (1.0 + 8.0 * UNIT) >= LARGEST)
    columns = state.low.shape[2]
    low, high, err = constant(least, columns), constant(most, columns), 2.0 * spread
    if sloped.any():
        low, high, planes = _quotient_planes(state, group, np.where(sloped, lb, 1.0), np.where(sloped, ub, 2.0))
        low, high = better(state, low, high, least, most, settled=~sloped)
        err = np.where(sloped, err + planes, err)
    low[..., -1] -= error
    high[..., -1] += error
    state.store(out, low, high, err)
    state.least[out] = np.maximum(state.least[out], least - error)
    state.most[out] = np.minimum(state.most[out], most + error)
    state.steady[out] = False
    state.release(out, wide)


def _quotient_planes(state: Forms, group: Group, lb: Floats, ub: Floats) -> tuple[Floats, Floats, Floats]:
    """Forms of a / b, and what float64 may put wrong in them."""
    a, b = group.args
    la, ua = state.least[a], state.most[a]
    lr, ur = 1.0 / ub, 1.0 / lb
    point = ub - lb <= 2.0**-40 * ub
    (under, below), (over, above) = lines(_RECIPROCAL, lb, np.where(point, 2.0 * lb, ub))
    under, below = np.where(point, 0.0, under), np.where(point, -ur, below)
    over, above = np.where(point, 0.0, over), np.where(point, -lr, above)
    low_r, high_r = -over[..., None] * state.high[b], -under[..., None] * state.low[b]
    low_r[..., -1] -= above
    high_r[..., -1] -= below

    def plane(x: Floats, y: Floats) -> Floats:
        """A lower form of x r + y a - x y."""
        found = scaled(low_r, high_r, x) + scaled(state.low[a], state.high[a], y)
        found[..., -1] -= x * y
        return found

    def turned(x: Floats, y: Floats) -> Floats:
        """An upper one."""
        found = -scaled(low_r, high_r, -x) - scaled(state.low[a], state.high[a], -y)
        found[..., -1] -= x * y
        return found

    below_1, below_2, above_1, above_2 = plane(la, lr), plane(ua, ur), turned(ua, lr), turned(la, ur)
    low = np.where((minimum(below_1) >= minimum(below_2))[..., None], below_1, below_2)
    high = np.where((maximum(above_1) <= maximum(above_2))[..., None], above_1, above_2)
    size = state.magnitude(a)
    steep = np.maximum(under, over)
    err_r = 4.0 * steep * state.err[b] + 2.0**-44 * (ur + steep * ub)
    return low, high, 4.0 * (state.err[a] * ur + size * err_r) + 2.0**-44 * size * ur


def _shares(state: Forms, group: Group) -> tuple[Flags, Floats, Floats]:
    """Which quotients are a / (a + others + c) of exponentials, c >= 0, and the interval of each by theirs."""
    key = id(group)
    if key not in state.plan.shares:
        state.plan.shares[key] = _shared_rows(state, group)
    found: tuple[Flags, Rows, Flags, Floats] = state.plan.shares[key]
    shared, others, present, constants = found
    boxes = state.least.shape[1]
    if not shared.any():
        nothing = np.zeros((len(group.out), boxes))
        return shared[:, None], nothing, nothing
    there = present[..., None]
    low = constants[:, None] + np.where(there, state.least[others], 0.0).sum(axis=1)
    high = constants[:, None] + np.where(there, state.most[others], 0.0).sum(axis=1)
    a = group.args[0]
    la, ua = np.maximum(state.least[a], 0.0), np.maximum(state.most[a], 0.0)
    least = np.where(la + high > 0.0, la / np.maximum(la + high, 1e-300), 0.0)
    most = np.where(ua + low > 0.0, ua / np.maximum(ua + low, 1e-300), 1.0)
    wild = state.tops[a] | (there & state.tops[others]).any(axis=1)
    return shared[:, None] & ~wild, least - 2.0**-44, most + 2.0**-44


def _shared_rows(state: Forms, group: Group) -> tuple[Flags, Rows, Flags, Floats]:
    nodes, row = state.plan.graph.nodes, state.plan.number_row
    found: list[tuple[list[int], float] | None] = []
    for index in state.plan.number_nodes[group.out].tolist():
        a, b = nodes[index].args
        total = nodes[b]
        plain = not group.rounded and total.op == "affine" and total.rounding == "exact"
        fits = (
            plain
            and total.args.count(a) == 1
            and total.numbers[0] >= 0
            and all(w == 1 for w in total.numbers[1:])
            and all(nodes[x].op == "exp" for x in total.args)
        )
        found.append(([row[x] for x in total.args if x != a], float(total.numbers[0])) if fits else None)
    most = max((len(one[0]) for one in found if one is not None), default=0)
    others = np.zeros((len(found), most), dtype=np.intp)
    present = np.zeros((len(found), most), dtype=np.bool_)
    constants = np.zeros(len(found))
    for k, one in enumerate(found):
        if one is not None:
            others[k, : len(one[0])] = one[0]
            present[k, : len(one[0])] = True
            constants[k] = one[1]
    return np.array([one is not None for one in found]), others, present, constants
