"""Weighted sums, exact or in float32 in any order."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from mechverify.errors import InternalError
from mechverify.graph.exact_sums import Sums, put
from mechverify.graph.groups import NO_GRID, Array, Bounds, Group
from mechverify.graph.operations.operation import ANY_SUM, OVERFLOW32, SLACK, TINY32, U32, Covered, Operation
from mechverify.graph.rows import ratios

_BLOCK = 4_000_000


def _total(numbers: Sequence[Fraction], *args: Fraction) -> Fraction:
    total: Sums = {}
    put(total, 0, *numbers[0].as_integer_ratio())
    for (above, below), x in zip(ratios(numbers), args, strict=True):
        if above:
            top, bottom = x.as_integer_ratio()
            put(total, 0, above * top, below * bottom)
    return Fraction(*total[0])


def _affine(state: Bounds, group: Group) -> None:
    if group.weights is None or group.bias is None or group.weight_grid is None:
        raise InternalError("an affine node without weights")
    points = state.lo.shape[1]
    rows, terms = group.weights.shape
    step = max(1, _BLOCK // max(1, terms * points)) if not group.shared else rows
    for first in range(0, rows, step):
        part = slice(first, first + step)
        args = group.args if group.shared else group.args[part]
        _affine_part(state, group, args, part)


def _affine_part(state: Bounds, group: Group, args: npt.NDArray[np.int64], part: slice) -> None:
    weights, bias, grids = group.weights[part], group.bias[part], group.weight_grid[part]  # type: ignore[index]
    count = weights.shape[1] + group.idle
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
    slack = np.where(exact64, 0.0, (count + 8) * SLACK * total + 1e-320)
    if group.rounding == "float32":
        n = 2 * count
        gamma = n * U32 / (1 - n * U32) if n * U32 < 1 else np.inf
        exact32 = (grid <= 126) & (total <= np.ldexp(1.0, 24 - np.minimum(grid, 126)))
        losses = (n + 1 + np.abs(weights).sum(axis=1))[:, None] + _flushed_weights(weights, magnitude)
        charged = n * total
        if group.plain:
            sizes = total - np.abs(bias)[:, None]
            charged = np.minimum(charged, sizes + count * _greatest_sum(positive, negative, lo, hi, bias[:, None]))
        error = gamma / n * charged + 2 * losses * TINY32 if n else 2 * losses * TINY32
        slack = slack + np.where(exact32, 0.0, error * (1 + 16 * SLACK))
        grid = np.where(exact32, grid, NO_GRID)
        unbounded |= ~(total * (1 + gamma) < OVERFLOW32)
    low, high = low - slack, high + slack
    nodes = group.nodes[part]
    state.lo[nodes] = np.where(unbounded | np.isnan(low), -np.inf, low)
    state.hi[nodes] = np.where(unbounded | np.isnan(high), np.inf, high)
    state.grid[nodes] = grid


def _greatest_sum(positive: Array, negative: Array, lo: Array, hi: Array, bias: Array) -> Array:
    """What some terms of a sum come to, in absolute value: so much at most each of its additions has as its result, and
    there are no more of them than products (``kernel/numbers/float32.py`` has a sharper bound, and its proof)."""
    above, below = np.maximum(hi, 0.0), np.minimum(lo, 0.0)
    if lo.ndim == 2:
        high, low = positive @ above + negative @ below, positive @ below + negative @ above
    else:
        high = np.einsum("rk,rkp->rp", positive, above) + np.einsum("rk,rkp->rp", negative, below)
        low = np.einsum("rk,rkp->rp", positive, below) + np.einsum("rk,rkp->rp", negative, above)
    found: Array = np.maximum(high + np.maximum(bias, 0.0), np.maximum(-bias, 0.0) - low)
    return found


def _flushed_weights(weights: Array, magnitude: Array) -> Array:
    """The sum of the magnitudes that weights below 2^-126 multiply: shape (rows, points), or 0 if there are none."""
    tiny: Array = ((weights != 0) & (np.abs(weights) < TINY32)).astype(np.float64)
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


AFFINE = Operation(
    "affine",
    ("number",),
    _total,
    None,
    interval=_affine,
    many=True,
    beside="terms",
    rational=True,
    covered=Covered(
        (*ANY_SUM, "the bias added first, last or in between"),
        "gamma(n) S + 2 (n + 1 + sum |w| + sum' max|a|) 2^-126 for k terms, n = 2k, S = |bias| + sum |w| max|a|, sum' "
        "over 0 < |w| < 2^-126; 0 on an exact grid: all terms and arguments multiples of 2^-k, k <= 126, S <= 2^(24-k)"
        ". Of a plain sum (products rounded once, all added) u / (1 - n u) (sum |w a| + F(2) + ... + F(m)) stands for "
        "gamma(n) S: m summands may not be 0, and F(j) is what j of them come to at most",
        "n u >= 1, or S (1 + gamma(n)) >= 2^127: any value",
    ),
)
