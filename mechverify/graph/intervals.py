"""Fast interval evaluation of a graph on many points or boxes at once, in float64.

Not trusted: for tests of runtimes against the graph, for sampling and for search. Results are widened so that they
contain what exact arithmetic gives, with the float32 errors of ``docs/kernel.md``; where float64 is provably exact they
are exact.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from mechverify.errors import InternalError
from mechverify.graph.graph import Graph, Node

Array = npt.NDArray[Any]

_U32 = 2.0**-24
_TINY32 = 2.0**-126
_SLACK = 2.0**-52
_OVERFLOW32 = 2.0**127
NO_GRID = 10_000
_BLOCK = 4_000_000


@dataclass(frozen=True, slots=True)
class _Group:
    """Nodes of one operation, none of which is an argument of another: ``args`` has a row for each node."""

    op: str
    rounding: str
    nodes: npt.NDArray[np.int64]
    args: npt.NDArray[np.int64]
    weights: Array | None
    bias: Array | None
    weight_grid: npt.NDArray[np.int64] | None
    shared: bool
    ratios: tuple["_Ratio | None", ...] = ()


@dataclass(frozen=True, slots=True)
class _Ratio:
    """An exact affine node as (constant + numerators . args) / denominator, for the floor of a quotient of integers."""

    args: npt.NDArray[np.int64]
    numerators: Array
    constant: float
    denominator: float


class IntervalEvaluator:
    """A graph prepared for interval evaluation; use it again for other points."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._groups = _groups(graph)

    def values(
        self, low: Array, high: Array | None = None, input_grids: Sequence[int | None] | None = None
    ) -> tuple[Array, Array]:
        """Bounds of every node at each point or box.

        ``low`` and ``high`` have shape (points, inputs); without ``high``, points. ``input_grids`` gives k for an input
        known to be a multiple of 2^-k at all these points (by default 0 for integers, none for reals). Returns two
        float64 arrays of shape (nodes, points); a truth value is (0, 0) false, (1, 1) true or (0, 1) unknown; (-inf,
        inf) is any value.
        """
        lows = np.atleast_2d(np.asarray(low, dtype=np.float64)).T
        highs = lows if high is None else np.atleast_2d(np.asarray(high, dtype=np.float64)).T
        inputs = self.graph.inputs
        if lows.shape != highs.shape or lows.shape[0] != len(inputs):
            raise InternalError(f"points of shape {lows.T.shape} for {len(inputs)} inputs")
        if input_grids is None:
            input_grids = [0 if i.kind == "integer" else None for i in inputs]
        count = lows.shape[1]
        state = _State(len(self.graph.nodes), count)
        with np.errstate(all="ignore"):
            for group in self._groups:
                if group.op == "input":
                    at = group.args[:, 0]
                    state.lo[group.nodes], state.hi[group.nodes] = lows[at], highs[at]
                    grids = [input_grids[k] for k in at]
                    state.grid[group.nodes] = np.array([NO_GRID if g is None else g for g in grids])[:, None]
                else:
                    _RULES[group.op](state, group)
        return state.lo, state.hi


def interval_values(
    graph: Graph,
    low: Array,
    high: Array | None = None,
    input_grids: Sequence[int | None] | None = None,
) -> tuple[Array, Array]:
    """``IntervalEvaluator(graph).values(...)``."""
    return IntervalEvaluator(graph).values(low, high, input_grids)


class _State:
    def __init__(self, nodes: int, points: int) -> None:
        self.lo = np.empty((nodes, points))
        self.hi = np.empty((nodes, points))
        self.grid = np.full((nodes, points), NO_GRID, dtype=np.int32)

    def put(self, group: _Group, lo: Array, hi: Array, grid: Array | int = NO_GRID) -> None:
        wrong = np.isnan(lo) | np.isnan(hi)
        self.lo[group.nodes] = np.where(wrong, -np.inf, lo)
        self.hi[group.nodes] = np.where(wrong, np.inf, hi)
        self.grid[group.nodes] = grid


def _groups(graph: Graph) -> tuple[_Group, ...]:
    level: list[int] = []
    members: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for index, node in enumerate(graph.nodes):
        args = () if node.op == "input" else node.args
        depth = 1 + max((level[a] for a in args), default=-1)
        level.append(depth)
        size = len(args)
        members[(depth, node.op, node.rounding, size)].append(index)
    groups = []
    for (_, op, rounding, _), indices in sorted(members.items(), key=lambda item: item[0][0]):
        if op != "affine":
            groups.append(_group(graph, op, rounding, indices, shared=False))
            continue
        by_args: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for i in indices:
            by_args[graph.nodes[i].args].append(i)
        alone = [i for rows in by_args.values() if len(rows) < 4 for i in rows]
        groups += [_group(graph, op, rounding, rows, shared=True) for rows in by_args.values() if len(rows) >= 4]
        if alone:
            groups.append(_group(graph, op, rounding, alone, shared=False))
    return tuple(groups)


def _group(graph: Graph, op: str, rounding: str, indices: list[int], *, shared: bool) -> _Group:
    nodes = [graph.nodes[i] for i in indices]
    rows = nodes[:1] if shared else nodes
    args = np.array([n.args for n in rows], dtype=np.int64).reshape(len(rows), -1)
    where = np.array(indices, dtype=np.int64)
    if op == "bool":
        return _Group(op, rounding, where, args, None, np.array([float(n.truth) for n in nodes]), None, shared=False)
    if op in ("floor", "round"):
        ratios = tuple(_ratio(graph.nodes[n.args[0]]) for n in nodes)
        return _Group(op, rounding, where, args, None, None, None, shared=False, ratios=ratios)
    if not nodes[0].numbers:
        return _Group(op, rounding, where, args, None, None, None, shared=False)
    numbers = [[_float(v) for v in n.numbers] for n in nodes]
    grids = [[_number_grid(v) for v in n.numbers] for n in nodes]
    table, grid_table = np.array(numbers), np.array(grids, dtype=np.int64)
    return _Group(op, rounding, where, args, table[:, 1:], table[:, 0], grid_table, shared)


def _ratio(node: Node) -> _Ratio | None:
    if node.op != "affine" or node.rounding != "exact":
        return None
    denominator = math.lcm(*(v.denominator for v in node.numbers))
    numbers = [int(v * denominator) for v in node.numbers]
    if denominator & (denominator - 1) == 0 or max(denominator, *map(abs, numbers)) >= 2**52:
        return None
    args = np.array(node.args, dtype=np.int64)
    return _Ratio(args, np.array(numbers[1:], dtype=np.float64), float(numbers[0]), float(denominator))


def _float(value: Fraction) -> float:
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return float("nan")


def _number_grid(value: Fraction) -> int:
    """k such that the number is a multiple of 2^-k and float64 holds it; otherwise none."""
    bottom = value.denominator
    if bottom & (bottom - 1) or abs(value.numerator) >= 2**53:
        return NO_GRID
    return min(bottom.bit_length() - 1, NO_GRID)


def _const(state: _State, group: _Group) -> None:
    if group.bias is None or group.weight_grid is None:
        raise InternalError("a constant without a value")
    value = group.bias[:, None]
    grid = group.weight_grid[:, :1]
    slack = np.where(grid < NO_GRID, 0.0, np.abs(value) * _SLACK + 1e-320)
    state.put(group, value - slack, value + slack, grid)


def _bool(state: _State, group: _Group) -> None:
    if group.bias is None:
        raise InternalError("a truth value without a value")
    state.put(group, group.bias[:, None], group.bias[:, None])


def _affine(state: _State, group: _Group) -> None:
    if group.weights is None or group.bias is None or group.weight_grid is None:
        raise InternalError("an affine node without weights")
    points = state.lo.shape[1]
    rows, terms = group.weights.shape
    step = max(1, _BLOCK // max(1, terms * points)) if not group.shared else rows
    for first in range(0, rows, step):
        part = slice(first, first + step)
        args = group.args if group.shared else group.args[part]
        _affine_part(state, group, args, part)


def _affine_part(state: _State, group: _Group, args: npt.NDArray[np.int64], part: slice) -> None:
    weights, bias, grids = group.weights[part], group.bias[part], group.weight_grid[part]  # type: ignore[index]
    count = weights.shape[1]
    lo, hi, arg_grid = state.lo[args], state.hi[args], state.grid[args]
    magnitude = np.maximum(np.abs(lo), np.abs(hi))
    positive, negative = np.maximum(weights, 0.0), np.minimum(weights, 0.0)
    if group.shared:
        lo, hi, magnitude, arg_grid = lo[0], hi[0], magnitude[0], arg_grid[0]
        low = positive @ lo + negative @ hi
        high = positive @ hi + negative @ lo
        total = np.abs(weights) @ magnitude
    else:
        low = np.einsum("rk,rkp->rp", positive, lo) + np.einsum("rk,rkp->rp", negative, hi)
        high = np.einsum("rk,rkp->rp", positive, hi) + np.einsum("rk,rkp->rp", negative, lo)
        total = np.einsum("rk,rkp->rp", np.abs(weights), magnitude)
    unbounded = ~np.isfinite(total)
    low, high, total = low + bias[:, None], high + bias[:, None], total + np.abs(bias)[:, None]
    grid = _affine_grid(grids, arg_grid, shared=group.shared)
    exact64 = (grid <= 1000) & (total <= np.ldexp(1.0, 52 - np.minimum(grid, 1000)))
    slack = np.where(exact64, 0.0, (count + 8) * _SLACK * total + 1e-320)
    if group.rounding == "float32":
        n = 2 * count
        gamma = n * _U32 / (1 - n * _U32) if n * _U32 < 1 else np.inf
        exact32 = (grid <= 126) & (total <= np.ldexp(1.0, 24 - np.minimum(grid, 126)))
        losses = (n + 1 + np.abs(weights).sum(axis=1))[:, None] + _flushed_weights(weights, magnitude)
        error = gamma * total + 2 * losses * _TINY32
        slack = slack + np.where(exact32, 0.0, error * (1 + 16 * _SLACK))
        grid = np.where(exact32, grid, NO_GRID)
        unbounded |= ~(total * (1 + gamma) < _OVERFLOW32)
    low, high = low - slack, high + slack
    nodes = group.nodes[part]
    state.lo[nodes] = np.where(unbounded | np.isnan(low), -np.inf, low)
    state.hi[nodes] = np.where(unbounded | np.isnan(high), np.inf, high)
    state.grid[nodes] = grid


def _flushed_weights(weights: Array, magnitude: Array) -> Array:
    """The sum of the magnitudes that weights below 2^-126 multiply: shape (rows, points), or 0 if there are none."""
    tiny: Array = ((weights != 0) & (np.abs(weights) < _TINY32)).astype(np.float64)
    if not tiny.any():
        return np.zeros((1, 1))
    found: Array = tiny @ magnitude if magnitude.ndim == 2 else np.einsum("rk,rkp->rp", tiny, magnitude)
    return found


def _affine_grid(grids: npt.NDArray[np.int64], arg_grid: Array, *, shared: bool) -> Array:
    if shared:
        worst = np.max(arg_grid, axis=0, initial=0)
        if np.all(worst >= NO_GRID) and arg_grid.size:
            return np.full((len(grids), arg_grid.shape[1]), NO_GRID, dtype=np.int64)
        total = np.zeros((len(grids), arg_grid.shape[1]), dtype=np.int64)
        for k in range(arg_grid.shape[0]):
            np.maximum(total, grids[:, k + 1, None] + arg_grid[k][None, :], out=total)
    else:
        total = np.max(grids[:, 1:, None] + arg_grid, axis=1, initial=0)
    return np.minimum(np.maximum(total, grids[:, :1]), NO_GRID)


def _pair(state: _State, group: _Group) -> tuple[Array, Array, Array, Array]:
    a, b = group.args[:, 0], group.args[:, 1]
    return state.lo[a], state.hi[a], state.lo[b], state.hi[b]


def _corners(op: Callable[[Array, Array], Array], bounds: tuple[Array, Array, Array, Array]) -> tuple[Array, Array]:
    al, ah, bl, bh = bounds
    values = [op(al, bl), op(al, bh), op(ah, bl), op(ah, bh)]
    return np.minimum.reduce(values), np.maximum.reduce(values)


def _mul(state: _State, group: _Group) -> None:
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
    slack = np.where(exact64, 0.0, 4 * _SLACK * total + 1e-320)
    if group.rounding == "float32":
        gamma = _U32 / (1 - _U32)
        exact32 = (grid <= 126) & (total <= np.ldexp(1.0, 24 - np.minimum(grid, 126)))
        slack = slack + np.where(exact32, 0.0, (gamma * total + 2 * (1 + ma + mb) * _TINY32) * (1 + 16 * _SLACK))
        unbounded = ~(total * (1 + gamma) < _OVERFLOW32)
        slack = np.where(unbounded, np.nan, slack)
        grid = np.where(exact32, grid, NO_GRID)
    state.put(group, low - slack, high + slack, grid)


def _div(state: _State, group: _Group) -> None:
    bounds = _pair(state, group)
    low, high = _corners(np.divide, bounds)
    least = np.where((bounds[2] <= 0) & (bounds[3] >= 0), 0.0, np.minimum(np.abs(bounds[2]), np.abs(bounds[3])))
    total = np.maximum(np.abs(low), np.abs(high))
    whole = (
        (bounds[0] == bounds[1]) & (bounds[2] == bounds[3]) & (np.fmod(bounds[0], bounds[2]) == 0) & (total < 2.0**52)
    )
    slack = np.where(whole, 0.0, 2 * _SLACK * total + 1e-320)
    unbounded = least == 0
    if group.rounding == "float32":
        gamma = 3 * _U32 / (1 - 3 * _U32)
        losses = 2 + np.maximum(np.abs(bounds[0]), np.abs(bounds[1])) + 1 / least
        slack = slack + (gamma * total + 2 * losses * _TINY32) * (1 + 16 * _SLACK)
        unbounded |= (least < _TINY32) | ~(total * (1 + gamma) < _OVERFLOW32)
    state.put(group, np.where(unbounded, np.nan, low - slack), high + slack)


def _or_any(state: _State, group: _Group, low: Array) -> Array:
    """``low``, but NaN (for any value) where an argument is any value: the larger of NaN and 3 may be NaN."""
    free = np.isneginf(state.lo[group.args]) & np.isposinf(state.hi[group.args])
    return np.where(free.any(axis=1), np.nan, low)


def _relu(state: _State, group: _Group) -> None:
    a = group.args[:, 0]
    low = _or_any(state, group, np.maximum(state.lo[a], 0.0))
    state.put(group, low, np.maximum(state.hi[a], 0.0), state.grid[a])


def _abs(state: _State, group: _Group) -> None:
    a = group.args[:, 0]
    lo, hi = state.lo[a], state.hi[a]
    low = np.where((lo <= 0) & (hi >= 0), 0.0, np.minimum(np.abs(lo), np.abs(hi)))
    state.put(group, _or_any(state, group, low), np.maximum(np.abs(lo), np.abs(hi)), state.grid[a])


def _max(state: _State, group: _Group) -> None:
    al, ah, bl, bh = _pair(state, group)
    low = _or_any(state, group, np.maximum(al, bl))
    state.put(group, low, np.maximum(ah, bh), _pair_grid(state, group))


def _min(state: _State, group: _Group) -> None:
    al, ah, bl, bh = _pair(state, group)
    low = _or_any(state, group, np.minimum(al, bl))
    state.put(group, low, np.minimum(ah, bh), _pair_grid(state, group))


def _pair_grid(state: _State, group: _Group) -> Array:
    return np.maximum(state.grid[group.args[:, -2]], state.grid[group.args[:, -1]])


def _floor(state: _State, group: _Group) -> None:
    _to_integer(state, group, np.floor)


def _round(state: _State, group: _Group) -> None:
    _to_integer(state, group, np.round)


def _to_integer(state: _State, group: _Group, function: Callable[[Array], Array]) -> None:
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


def _sqrt(state: _State, group: _Group) -> None:
    a = group.args[:, 0]
    _monotone(state, group, np.sqrt, state.lo[a] < 0)


def _exp(state: _State, group: _Group) -> None:
    _monotone(state, group, np.exp, np.zeros((), dtype=bool))


def _log(state: _State, group: _Group) -> None:
    _monotone(state, group, np.log, state.lo[group.args[:, 0]] <= 0)


def _monotone(state: _State, group: _Group, function: Callable[[Array], Array], undefined: Array) -> None:
    a = group.args[:, 0]
    low, high = function(state.lo[a]), function(state.hi[a])
    low, high = low - 1e-12 * np.abs(low) - 1e-300, high + 1e-12 * np.abs(high) + 1e-300
    low = np.maximum(low, 0.0) if group.op in ("sqrt", "exp") else low
    state.put(group, np.where(undefined, np.nan, low), high)


def _round32(state: _State, group: _Group) -> None:
    a = group.args[:, 0]
    low, high = (v.astype(np.float32).astype(np.float64) for v in (state.lo[a], state.hi[a]))
    unbounded = ~np.isfinite(low) | ~np.isfinite(high)
    total = np.maximum(np.abs(low), np.abs(high))
    grid = state.grid[a]
    kept = (grid <= 126) & (total <= np.ldexp(1.0, 24 - np.minimum(grid, 126)))
    state.put(group, np.where(unbounded, np.nan, low), high, np.where(kept, grid, NO_GRID))


def _ite(state: _State, group: _Group) -> None:
    c, a, b = group.args[:, 0], group.args[:, 1], group.args[:, 2]
    yes, no = state.lo[c] == 1.0, state.hi[c] == 0.0
    low = np.where(yes, state.lo[a], np.where(no, state.lo[b], np.minimum(state.lo[a], state.lo[b])))
    high = np.where(yes, state.hi[a], np.where(no, state.hi[b], np.maximum(state.hi[a], state.hi[b])))
    state.put(group, low, high, _pair_grid(state, group))


def _compare(state: _State, group: _Group) -> None:
    al, ah, bl, bh = _pair(state, group)
    if group.op == "le":
        yes, possible = ah <= bl, al <= bh
    elif group.op == "lt":
        yes, possible = ah < bl, al < bh
    else:
        yes, possible = (al == ah) & (bl == bh) & (al == bl), (al <= bh) & (bl <= ah)
    state.put(group, yes.astype(np.float64), possible.astype(np.float64))


def _and(state: _State, group: _Group) -> None:
    state.put(group, state.lo[group.args].min(axis=1, initial=1.0), state.hi[group.args].min(axis=1, initial=1.0))


def _or(state: _State, group: _Group) -> None:
    state.put(group, state.lo[group.args].max(axis=1, initial=0.0), state.hi[group.args].max(axis=1, initial=0.0))


def _not(state: _State, group: _Group) -> None:
    a = group.args[:, 0]
    state.put(group, 1.0 - state.hi[a], 1.0 - state.lo[a])


_RULES: dict[str, Callable[[_State, _Group], None]] = {
    "const": _const,
    "bool": _bool,
    "affine": _affine,
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
