"""The kernel's leaf rule for numbers, in float64 over many boxes: what docs/kernel.md says, operation by operation."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.curves import Curve, lines
from mechverify.engines.affine.forms import BIG, Flags, Forms, constant, maximum, minimum
from mechverify.engines.affine.layout import AffineGroup, Floats, Group, Rows
from mechverify.engines.ranges.grids import NO_GRID
from mechverify.errors import InternalError
from mechverify.graph.operations.lookup import reach
from mechverify.graph.operations.table import OPERATIONS

_UNIT = 2.0**-24
_TINY = 2.0**-124
_LARGEST = 2.0**127
_SLOPE = 65536.0
_SLOPE_BITS = 16
_NEAR = 1e-9
_CELLS = 200_000
_WIDEST = 2.0**20


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
        gamma = n * _UNIT / (1.0 - n * _UNIT)
        losses = n + 1.0 + np.abs(group.weights).sum(axis=1)[:, None]
        error = np.where(steady, 0.0, gamma * total + losses * _TINY)
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
        state.release(out, total * (1.0 + 2.0 * gamma) >= _LARGEST)
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


def relu(state: Forms, group: Group) -> None:
    """Forms of z, zero, or the chord above and a line through the origin below."""
    z, out = group.args[0], group.out
    bottom, top, known = state.least[z], state.most[z], state.signs[out]
    positive = (bottom >= 0.0) | (known > 0)
    negative = ~positive & ((top <= 0.0) | (known < 0))
    relaxed = ~positive & ~negative
    state.loose |= relaxed.any(axis=0)
    s, m = _slopes(state, group, bottom, top, relaxed)
    over = np.where(relaxed, s, positive.astype(np.float64))
    under = np.where(relaxed, m, positive.astype(np.float64))
    high = state.high[z] * over[..., None]
    high[..., -1] += np.where(relaxed, np.maximum(-s * bottom, (1.0 - s) * top), 0.0)
    low = state.low[z] * under[..., None]
    state.refine(out, np.where(negative, 0, state.fine[z] + _SLOPE_BITS * relaxed))
    err = np.where(negative, 0.0, np.where(relaxed, 3.0, 1.0) * state.err[z])
    err += np.where(relaxed, state.rounding(out, top - bottom, 4.0), 0.0)
    state.store(out, low, high, err)
    state.least[out] = np.maximum(state.least[out], 0.0)
    state.most[out] = np.minimum(np.maximum(state.most[out], 0.0), np.maximum(top, 0.0))
    state.steady[out] = state.steady[z]


def _slopes(state: Forms, group: Group, bottom: Floats, top: Floats, relaxed: Flags) -> tuple[Floats, Floats]:
    """The chord's slope rounded up to 16 bits, and the default lower slope, named where it hangs on the last bits."""
    width = np.where(relaxed, top - bottom, 1.0)
    s = np.minimum(np.ceil(np.where(relaxed, top, 0.0) / width * _SLOPE) / _SLOPE, 1.0)
    m = (top > -bottom).astype(np.float64)
    close = relaxed & (np.abs(top + bottom) <= _NEAR * width)
    if state.flat and len(group.args) == 1:
        close |= relaxed & (m > 0.0)
        m = np.zeros_like(m)
    if close.any():
        rows, boxes = np.nonzero(close)
        state.slopes.extend((int(group.out[r]), int(b), float(m[r, b])) for r, b in zip(rows, boxes, strict=True))
    return s, m


def absolute(state: Forms, group: Group) -> None:
    """Forms of z or -z, or the chord above and zero below."""
    z, out = group.args[0], group.out
    bottom, top, known = state.least[z], state.most[z], state.signs[out]
    positive = (bottom >= 0.0) | (known > 0)
    negative = ~positive & ((top <= 0.0) | (known < 0))
    relaxed = ~positive & ~negative
    state.loose |= relaxed.any(axis=0)
    width = np.where(relaxed, top - bottom, 1.0)
    s = np.clip(np.floor((top + bottom) / width * _SLOPE) / _SLOPE, -1.0, 1.0)
    lift = np.where(relaxed, np.maximum(-bottom - s * bottom, top - s * top), 0.0)
    over = np.where(relaxed, s, np.where(positive, 1.0, -1.0))[..., None]
    low_z, high_z = state.low[z], state.high[z]
    high = np.where(over >= 0.0, over * high_z, over * low_z)
    high[..., -1] += lift
    low = np.where(relaxed[..., None], 0.0, np.where(positive[..., None], low_z, -high_z))
    state.refine(out, state.fine[z] + _SLOPE_BITS * relaxed)
    err = np.where(relaxed, 3.0, 1.0) * state.err[z] + np.where(relaxed, state.rounding(out, top - bottom, 4.0), 0.0)
    state.store(out, low, high, err)
    state.least[out] = np.maximum(state.least[out], 0.0)
    state.most[out] = np.minimum(state.most[out], np.maximum(np.maximum(-bottom, top), 0.0))
    state.steady[out] = state.steady[z]


def extremum(state: Forms, group: Group) -> None:
    """max(a, b) on z = b - a; min(a, b) as -max(-a, -b)."""
    a, b = group.args
    out = group.out
    low_a, high_a, low_b, high_b = state.low[a], state.high[a], state.low[b], state.high[b]
    flip = group.operation.switch is not None and group.operation.switch.rise < 0
    ends = state.least[a], state.most[a], state.least[b], state.most[b]
    least_a, most_a, least_b, most_b = ends
    if flip:
        low_a, high_a, low_b, high_b = -high_a, -low_a, -high_b, -low_b
        least_a, most_a, least_b, most_b = -most_a, -least_a, -most_b, -least_b
    bottom = np.maximum(minimum(low_b - high_a), least_b - most_a)
    top = np.minimum(maximum(high_b - low_a), most_b - least_a)
    known = -state.signs[out] if flip else state.signs[out]
    second, first = (bottom >= 0.0) | (known > 0), (top <= 0.0) | (known < 0)
    second, first = (second & ~first, first) if flip else (second, first & ~second)
    relaxed = ~second & ~first
    state.loose |= relaxed.any(axis=0)
    s, m = _slopes(state, group, bottom, top, relaxed)
    s = np.where(relaxed, s, second.astype(np.float64))[..., None]
    m = np.where(relaxed, m, second.astype(np.float64))[..., None]
    high = (1.0 - s) * high_a + s * high_b
    high[..., -1] += np.where(relaxed, np.maximum(-s[..., 0] * bottom, (1.0 - s[..., 0]) * top), 0.0)
    low = (1.0 - m) * low_a + m * low_b
    size = state.magnitude(a) + state.magnitude(b)
    both = state.err[a] + state.err[b]
    fine = np.maximum(state.fine[a], state.fine[b]) + _SLOPE_BITS
    state.refine(out, np.where(relaxed, fine, np.where(second, state.fine[b], state.fine[a])))
    err = np.where(relaxed, 3.0 * both, np.where(second, state.err[b], state.err[a]))
    err = err + np.where(relaxed, state.rounding(out, size, 6.0), 0.0)
    if flip:
        low, high = -high, -low
    state.store(out, low, high, err)
    pick = np.minimum if flip else np.maximum
    least, most = pick(ends[0], ends[2]), pick(ends[1], ends[3])
    least, most = _side(first, second, ends[:2], ends[2:], (least, most))
    state.least[out] = np.maximum(state.least[out], least)
    state.most[out] = np.minimum(state.most[out], most)
    state.steady[out] = state.steady[a] & state.steady[b]


def _side(
    first: Flags,
    second: Flags,
    a: tuple[Floats, Floats],
    b: tuple[Floats, Floats],
    other: tuple[Floats, Floats],
) -> tuple[Floats, Floats]:
    """The interval of the side that is taken, or the other one given."""
    least = np.where(first, a[0], np.where(second, b[0], other[0]))
    return least, np.where(first, a[1], np.where(second, b[1], other[1]))


def product(state: Forms, group: Group) -> None:
    """McCormick, or for a square the tangent at the midpoint and the chord."""
    a, b = group.args
    out = group.out
    la, ua, lb, ub = state.least[a], state.most[a], state.least[b], state.most[b]
    below_1 = _plane(state, group, lb, la)
    below_2 = _plane(state, group, ub, ua)
    above_1 = -_plane(state, group, -lb, -ua)
    above_2 = -_plane(state, group, -ub, -la)
    below_1[..., -1] -= la * lb
    below_2[..., -1] -= ua * ub
    above_1[..., -1] -= ua * lb
    above_2[..., -1] -= la * ub
    least_1, least_2 = minimum(below_1), minimum(below_2)
    most_1, most_2 = maximum(above_1), maximum(above_2)
    low = np.where((least_1 >= least_2)[..., None], below_1, below_2)
    high = np.where((most_1 <= most_2)[..., None], above_1, above_2)
    spread = _NEAR * (np.abs(least_1) + np.abs(most_1))
    tie = (np.abs(least_1 - least_2) <= spread) | (np.abs(most_1 - most_2) <= spread)
    least, most = np.full(la.shape, -BIG), np.full(la.shape, BIG)
    square = a == b
    if square.any():
        middle = (la[square] + ua[square]) / 2.0
        tangent = _scaled(state.low[a[square]], state.high[a[square]], 2.0 * middle)
        tangent[..., -1] -= middle * middle
        low[square] = tangent
        chord = -_scaled(-state.high[a[square]], -state.low[a[square]], la[square] + ua[square])
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
        error = np.where(steady, 0.0, 1.0000001 * _UNIT * size + (1.0 + ma + mb) * _TINY)
        low[..., -1] -= error
        high[..., -1] += error
        err = err + np.where(error > 0.0, 2.0**-51 * (size + error), 0.0)
        state.fine[out] = np.where(error > 0.0, NO_GRID, state.fine[out])
    state.store(out, low, high, err)
    state.least[out] = np.maximum(state.least[out], least)
    state.most[out] = np.minimum(state.most[out], most)
    state.steady[out] = steady
    limit = _LARGEST / (1.0 + 2.0 * _UNIT) if group.rounded else 1e100
    state.release(out, size >= limit)


def _scaled(low: Floats, high: Floats, factor: Floats) -> Floats:
    """The lower form of factor * z."""
    f = factor[..., None]
    return np.where(f >= 0.0, f * low, f * high)


def _plane(state: Forms, group: Group, of_a: Floats, of_b: Floats) -> Floats:
    """A lower form of of_a * a + of_b * b."""
    a, b = group.args
    return _scaled(state.low[a], state.high[a], of_a) + _scaled(state.low[b], state.high[b], of_b)


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
    state.fragile |= ((lb > 0.0) & (np.abs(ub - _WIDEST * lb) <= _NEAR * ub)).any(axis=0)
    wide &= ~shared
    error = np.zeros_like(least)
    if group.rounded:
        total = state.magnitude(a) / nearest
        error = 3.000001 * _UNIT * total + (2.0 + state.magnitude(a) + 1.0 / nearest) * _TINY
        wide = wide | (nearest <= 2.0**-125) | (total * (1.0 + 8.0 * _UNIT) >= _LARGEST)
    columns = state.low.shape[2]
    low, high, err = constant(least, columns), constant(most, columns), 2.0 * spread
    if sloped.any():
        low, high, planes = _quotient_planes(state, group, np.where(sloped, lb, 1.0), np.where(sloped, ub, 2.0))
        low, high = _better(state, low, high, least, most, settled=~sloped)
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
        found = _scaled(low_r, high_r, x) + _scaled(state.low[a], state.high[a], y)
        found[..., -1] -= x * y
        return found

    def turned(x: Floats, y: Floats) -> Floats:
        """An upper one."""
        found = -_scaled(low_r, high_r, -x) - _scaled(state.low[a], state.high[a], -y)
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


def _store_interval(state: Forms, group: Group, least: Floats, most: Floats, err: Floats, wide: Flags) -> None:
    columns = state.low.shape[2]
    state.store(group.out, constant(least, columns), constant(most, columns), err)
    state.steady[group.out] = False
    state.release(group.out, wide)


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
        _store_interval(state, group, least, most, lost, wide)
        return
    (under, below), (over, above) = lines(one, bottom, np.where(flat, bottom + 1.0, top))
    size = np.maximum(np.abs(bottom), np.abs(top))
    low, high = under[..., None] * state.low[z], over[..., None] * state.high[z]
    low[..., -1] += below
    high[..., -1] += above
    low, high = _better(state, low, high, least, most, settled=flat)
    steep = np.maximum(under, over)
    err = 4.0 * steep * state.err[z] + 2.0**-44 * (steep * size + np.abs(below) + np.abs(above)) + lost
    state.store(out, low, high, np.where(flat, lost, err))
    state.least[out] = np.maximum(state.least[out], least)
    state.most[out] = np.minimum(state.most[out], most)
    state.steady[out] = False
    state.release(out, wide)


def _better(
    state: Forms, low: Floats, high: Floats, least: Floats, most: Floats, *, settled: Flags
) -> tuple[Floats, Floats]:
    """The forms, and constants where these say more in the middle of the box, or where it is ``settled``."""
    columns = low.shape[2]
    below, above = (form[..., -1] + form[..., :-1].sum(axis=2) / 2.0 for form in (low, high))
    tie = np.zeros(settled.shape, dtype=np.bool_)
    for form, middle, end in ((low, below, least), (high, above, most)):
        slanted = np.abs(form[..., :-1]).sum(axis=2)
        tie |= (slanted > 0.0) & (np.abs(middle - end) <= _NEAR * (slanted + np.abs(form[..., -1])))
    state.fragile |= (tie & ~settled).any(axis=0)
    low = np.where((settled | (below < least))[..., None], constant(least, columns), low)
    high = np.where((settled | (above > most))[..., None], constant(most, columns), high)
    return low, high


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
_RECIPROCAL = Curve(lambda x: -1.0 / x, lambda x: 1.0 / x**2, "concave")


def _argument(state: Forms, group: Group) -> tuple[Floats, Floats]:
    z = group.args[0]
    return state.least[z] - state.err[z], state.most[z] + state.err[z]


def _lost(least: Floats, most: Floats) -> Floats:
    """What the ends of a function that float64 encloses to the last bits may be wrong by."""
    lost: Floats = 2.0**-48 * (np.abs(least) + np.abs(most)) + 2.0**-80
    return lost


def round32(state: Forms, group: Group) -> None:
    """The argument's forms plus the error, none on the grid."""
    z, out = group.args[0], group.out
    size = state.magnitude(z)
    grid = group.grid[:, None]
    steady = state.steady[z] & (grid <= 126) & (size * np.ldexp(1.0, np.minimum(grid, 200)) <= 2.0**24)
    error = np.where(steady, 0.0, _UNIT * size + 2.0**-148)
    low, high = state.low[z].copy(), state.high[z].copy()
    low[..., -1] -= error
    high[..., -1] += error
    state.store(out, low, high, state.err[z] + np.where(error > 0.0, 2.0**-51 * size, 0.0))
    state.refine(out, np.where(error > 0.0, NO_GRID, state.fine[z]))
    state.steady[out] = steady
    state.release(out, size * (1.0 + 2.0 * _UNIT) >= _LARGEST)


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
    least, most = _side((truth > 0), second, *sides, hull)
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
    _store_interval(state, group, least, most, 2.0**-50 * (np.abs(least) + np.abs(most)) * entries.rounded, wrong)
    if not entries.rounded and entries.grid < NO_GRID:
        state.steady[out] = True
        state.refine(out, np.full(least.shape, entries.grid))


NUMBER_RULES: dict[str, Callable[[Forms, Group], None]] = {
    "relu": relu,
    "abs": absolute,
    "max": extremum,
    "min": extremum,
    "mul": product,
    "div": quotient,
    "floor": rounded_down,
    "round": rounded_to_nearest,
    **dict.fromkeys(CURVES, curve),
    "round32": round32,
    "ite": choice,
    "table": looked_up,
}
