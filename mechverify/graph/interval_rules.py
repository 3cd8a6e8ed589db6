"""The interval of every operation but weighted sums."""

from collections.abc import Callable

import numpy as np

from mechverify.errors import InternalError
from mechverify.graph.interval_affine import OVERFLOW32, SLACK, TINY32, U32, affine
from mechverify.graph.interval_plan import NO_GRID, Array, Bounds, Group


def _const(state: Bounds, group: Group) -> None:
    if group.bias is None or group.weight_grid is None:
        raise InternalError("a constant without a value")
    value = group.bias[:, None]
    grid = group.weight_grid[:, :1]
    slack = np.where(grid < NO_GRID, 0.0, np.abs(value) * SLACK + 1e-320)
    state.put(group, value - slack, value + slack, grid)


def _bool(state: Bounds, group: Group) -> None:
    if group.bias is None:
        raise InternalError("a truth value without a value")
    state.put(group, group.bias[:, None], group.bias[:, None])


def _pair(state: Bounds, group: Group) -> tuple[Array, Array, Array, Array]:
    a, b = group.args[:, 0], group.args[:, 1]
    return state.lo[a], state.hi[a], state.lo[b], state.hi[b]


def _corners(op: Callable[[Array, Array], Array], bounds: tuple[Array, Array, Array, Array]) -> tuple[Array, Array]:
    al, ah, bl, bh = bounds
    values = [op(al, bl), op(al, bh), op(ah, bl), op(ah, bh)]
    return np.minimum.reduce(values), np.maximum.reduce(values)


def _mul(state: Bounds, group: Group) -> None:
    bounds = _pair(state, group)
    low, high = _corners(np.multiply, bounds)
    square = (group.args[:, 0] == group.args[:, 1])[:, None]
    low = np.where(
        square & (bounds[0] <= 0) & (bounds[1] >= 0), 0.0, np.where(square & (bounds[1] < 0), bounds[1] ** 2, low)
    )
    low = np.where(square & (bounds[0] > 0), bounds[0] ** 2, low)
    ma, mb = np.maximum(np.abs(bounds[0]), np.abs(bounds[1])), np.maximum(np.abs(bounds[2]), np.abs(bounds[3]))
    total = ma * mb
    grid = np.minimum(state.grid[group.args[:, 0]] + state.grid[group.args[:, 1]], NO_GRID)
    exact64 = (grid <= 1000) & (total <= np.ldexp(1.0, 52 - np.minimum(grid, 1000)))
    slack = np.where(exact64, 0.0, 4 * SLACK * total + 1e-320)
    if group.rounding == "float32":
        gamma = U32 / (1 - U32)
        exact32 = (grid <= 126) & (total <= np.ldexp(1.0, 24 - np.minimum(grid, 126)))
        slack = slack + np.where(exact32, 0.0, (gamma * total + 2 * (1 + ma + mb) * TINY32) * (1 + 16 * SLACK))
        unbounded = ~(total * (1 + gamma) < OVERFLOW32)
        slack = np.where(unbounded, np.nan, slack)
        grid = np.where(exact32, grid, NO_GRID)
    state.put(group, low - slack, high + slack, grid)


def _div(state: Bounds, group: Group) -> None:
    bounds = _pair(state, group)
    low, high = _corners(np.divide, bounds)
    least = np.where((bounds[2] <= 0) & (bounds[3] >= 0), 0.0, np.minimum(np.abs(bounds[2]), np.abs(bounds[3])))
    total = np.maximum(np.abs(low), np.abs(high))
    whole = (
        (bounds[0] == bounds[1]) & (bounds[2] == bounds[3]) & (np.fmod(bounds[0], bounds[2]) == 0) & (total < 2.0**52)
    )
    slack = np.where(whole, 0.0, 2 * SLACK * total + 1e-320)
    unbounded = least == 0
    if group.rounding == "float32":
        gamma = 3 * U32 / (1 - 3 * U32)
        losses = 2 + np.maximum(np.abs(bounds[0]), np.abs(bounds[1])) + 1 / least
        slack = slack + (gamma * total + 2 * losses * TINY32) * (1 + 16 * SLACK)
        unbounded |= (least < TINY32) | ~(total * (1 + gamma) < OVERFLOW32)
    state.put(group, np.where(unbounded, np.nan, low - slack), high + slack)


def _or_any(state: Bounds, group: Group, low: Array) -> Array:
    """``low``, but NaN (for any value) where an argument is any value: the larger of NaN and 3 may be NaN."""
    free = np.isneginf(state.lo[group.args]) & np.isposinf(state.hi[group.args])
    return np.where(free.any(axis=1), np.nan, low)


def _relu(state: Bounds, group: Group) -> None:
    a = group.args[:, 0]
    low = _or_any(state, group, np.maximum(state.lo[a], 0.0))
    state.put(group, low, np.maximum(state.hi[a], 0.0), state.grid[a])


def _abs(state: Bounds, group: Group) -> None:
    a = group.args[:, 0]
    lo, hi = state.lo[a], state.hi[a]
    low = np.where((lo <= 0) & (hi >= 0), 0.0, np.minimum(np.abs(lo), np.abs(hi)))
    state.put(group, _or_any(state, group, low), np.maximum(np.abs(lo), np.abs(hi)), state.grid[a])


def _max(state: Bounds, group: Group) -> None:
    al, ah, bl, bh = _pair(state, group)
    low = _or_any(state, group, np.maximum(al, bl))
    state.put(group, low, np.maximum(ah, bh), _pair_grid(state, group))


def _min(state: Bounds, group: Group) -> None:
    al, ah, bl, bh = _pair(state, group)
    low = _or_any(state, group, np.minimum(al, bl))
    state.put(group, low, np.minimum(ah, bh), _pair_grid(state, group))


def _pair_grid(state: Bounds, group: Group) -> Array:
    return np.maximum(state.grid[group.args[:, -2]], state.grid[group.args[:, -1]])


def _floor(state: Bounds, group: Group) -> None:
    _to_integer(state, group, np.floor)


def _round(state: Bounds, group: Group) -> None:
    _to_integer(state, group, np.round)


def _to_integer(state: Bounds, group: Group, function: Callable[[Array], Array]) -> None:
    a = group.args[:, 0]
    low, high = function(state.lo[a]), function(state.hi[a])
    for row, ratio in enumerate(group.ratios):
        if ratio is None or group.op != "floor":
            continue
        integers = (state.grid[ratio.args] <= 0).all(axis=0)
        magnitude = np.maximum(np.abs(state.lo[ratio.args]), np.abs(state.hi[ratio.args]))
        exact = integers & (np.abs(ratio.numerators) @ magnitude + abs(ratio.constant) < 2.0**52)
        positive, negative = np.maximum(ratio.numerators, 0.0), np.minimum(ratio.numerators, 0.0)
        least = positive @ state.lo[ratio.args] + negative @ state.hi[ratio.args] + ratio.constant
        most = positive @ state.hi[ratio.args] + negative @ state.lo[ratio.args] + ratio.constant
        low[row] = np.where(exact, np.floor_divide(least, ratio.denominator), low[row])
        high[row] = np.where(exact, np.floor_divide(most, ratio.denominator), high[row])
    state.put(group, low, high, 0)


def _sqrt(state: Bounds, group: Group) -> None:
    a = group.args[:, 0]
    _monotone(state, group, np.sqrt, state.lo[a] < 0)


def _exp(state: Bounds, group: Group) -> None:
    _monotone(state, group, np.exp, np.zeros((), dtype=bool))


def _log(state: Bounds, group: Group) -> None:
    _monotone(state, group, np.log, state.lo[group.args[:, 0]] <= 0)


def _monotone(state: Bounds, group: Group, function: Callable[[Array], Array], undefined: Array) -> None:
    a = group.args[:, 0]
    low, high = function(state.lo[a]), function(state.hi[a])
    low, high = low - 1e-12 * np.abs(low) - 1e-300, high + 1e-12 * np.abs(high) + 1e-300
    low = np.maximum(low, 0.0) if group.op in ("sqrt", "exp") else low
    state.put(group, np.where(undefined, np.nan, low), high)


def _round32(state: Bounds, group: Group) -> None:
    a = group.args[:, 0]
    low, high = (v.astype(np.float32).astype(np.float64) for v in (state.lo[a], state.hi[a]))
    unbounded = ~np.isfinite(low) | ~np.isfinite(high)
    total = np.maximum(np.abs(low), np.abs(high))
    grid = state.grid[a]
    kept = (grid <= 126) & (total <= np.ldexp(1.0, 24 - np.minimum(grid, 126)))
    state.put(group, np.where(unbounded, np.nan, low), high, np.where(kept, grid, NO_GRID))


def _ite(state: Bounds, group: Group) -> None:
    c, a, b = group.args[:, 0], group.args[:, 1], group.args[:, 2]
    yes, no = state.lo[c] == 1.0, state.hi[c] == 0.0
    low = np.where(yes, state.lo[a], np.where(no, state.lo[b], np.minimum(state.lo[a], state.lo[b])))
    high = np.where(yes, state.hi[a], np.where(no, state.hi[b], np.maximum(state.hi[a], state.hi[b])))
    state.put(group, low, high, _pair_grid(state, group))


def _compare(state: Bounds, group: Group) -> None:
    al, ah, bl, bh = _pair(state, group)
    if group.op == "le":
        yes, possible = ah <= bl, al <= bh
    elif group.op == "lt":
        yes, possible = ah < bl, al < bh
    else:
        yes, possible = (al == ah) & (bl == bh) & (al == bl), (al <= bh) & (bl <= ah)
    state.put(group, yes.astype(np.float64), possible.astype(np.float64))


def _and(state: Bounds, group: Group) -> None:
    state.put(group, state.lo[group.args].min(axis=1, initial=1.0), state.hi[group.args].min(axis=1, initial=1.0))


def _or(state: Bounds, group: Group) -> None:
    state.put(group, state.lo[group.args].max(axis=1, initial=0.0), state.hi[group.args].max(axis=1, initial=0.0))


def _not(state: Bounds, group: Group) -> None:
    a = group.args[:, 0]
    state.put(group, 1.0 - state.hi[a], 1.0 - state.lo[a])


RULES: dict[str, Callable[[Bounds, Group], None]] = {
    "const": _const,
    "bool": _bool,
    "affine": affine,
    "mul": _mul,
    "div": _div,
    "relu": _relu,
    "abs": _abs,
    "max": _max,
    "min": _min,
    "floor": _floor,
    "round": _round,
    "sqrt": _sqrt,
    "exp": _exp,
    "log": _log,
    "round32": _round32,
    "ite": _ite,
    "le": _compare,
    "lt": _compare,
    "eq": _compare,
    "and": _and,
    "or": _or,
    "not": _not,
}
