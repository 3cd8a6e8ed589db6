"""`affine`: a constant plus a weighted sum of numbers, exact or in float32, in any order of summation."""

from collections.abc import Iterable, Sequence
from operator import add, mul

from ..forms.form import Forms
from ..forms.packed import packed_sums
from ..numbers.float32 import (
    ETA_EXPONENT,
    LARGEST,
    PLACES,
    UNIT,
    charged_in_any_order,
    on_grid,
    overflows,
    rounded_ends,
)  # fmt: skip
from ..numbers.number import MAX_BITS, Number, grid_of, ratio
from ..plan import AffinePlan
from ..points.values import NodeValues, greatest_size
from ..reading.node import Node
from ..work import LONG_BITS
from .operation import Operation, all_summands


def _affine_at_point(e: NodeValues, v: int, node: Node) -> None:
    plan = e.prepared.plans.get(v) or e.prepared.plan(v)
    lows = plan.plain(e.low)
    if not e.loose or e.loose.isdisjoint(plan.args):
        highs = lows
    elif None in lows:
        e.top(v)
        return
    else:
        highs = plan.plain(e.high)
    scaled_low, scaled_high, sizes, bottom = e.over_common(lows, highs)
    if e.long or bottom >> LONG_BITS:
        e.prepared.work.long_number(max(*sizes, bottom).bit_length(), len(sizes))
    bias, denominator = plan.bias * bottom, plan.denominator * bottom
    if lows is highs:
        low = high = bias + sum(map(mul, plan.weights, scaled_low))
    else:
        triples = tuple(zip(plan.weights, scaled_low, scaled_high, strict=True))
        low = bias + sum([w * (x if w > 0 else y) for w, x, y in triples])
        high = bias + sum([w * (y if w > 0 else x) for w, x, y in triples])
    if node.rounded:
        total = abs(bias) + sum(map(mul, plan.sizes, sizes))
        if overflows(total, plan.roundings, denominator):
            e.top(v)
            return
        grid = _grid_of_sum(plan.grids, lows, plan.bias_grid) if lows is highs and plan.grids is not None else None
        if not on_grid(total, grid, denominator):
            losses = plan.losses
            if plan.tiny:
                losses += sum(greatest_size(ends) for a in plan.tiny if (ends := e.ends(a)) is not None)
            charged = plan.roundings * total
            if node.plain:
                charged = charged_for(plan.weights, scaled_low, scaled_high, bias)
            low, high = rounded_ends(low, high, charged, denominator, plan.roundings, losses)
            e.low[v], e.high[v] = e.sized(low), e.sized(high)
            e.loose.add(v)
            return
    least = ratio(low, denominator)
    e.interval(v, least, least if low == high else ratio(high, denominator))


def charged_for(weights: Sequence[int], lows: Sequence[int], highs: Sequence[int], bias: int) -> int:
    """What the roundings of a plain sum multiply, each argument between two ends."""
    least = [w * (x if w > 0 else y) for w, x, y in zip(weights, lows, highs, strict=True)]
    most = [w * (y if w > 0 else x) for w, x, y in zip(weights, lows, highs, strict=True)]
    return charged_in_any_order(least, most, bias)


def _grid_of_sum(weight_grids: Sequence[int], values: Iterable[Number], bias_grid: int) -> int | None:
    k = bias_grid
    for grid, value in zip(weight_grids, values, strict=True):
        own = grid_of(value)
        if own is None:
            return None
        k = max(k, grid + own)
    return k


def _affine_forms(f: Forms, v: int, node: Node) -> None:
    plan = f.prepared.plans.get(v) or f.prepared.plan(v)
    if f.tops and not f.tops.isdisjoint(plan.args):
        f.top(v)
        return
    shift, lower = plan.shift, 2 * v
    bias = plan.bias << f.bits
    lows, highs, size = packed_sums(f, node, plan)
    for column, low_sum, high_sum in zip(f.columns, lows, highs, strict=True):
        low, high = bias + low_sum, bias + high_sum
        bias = 0
        if shift is not None:
            column[lower], column[lower + 1] = low >> shift, -(-high >> shift)
        else:
            column[lower], column[lower + 1] = low // plan.denominator, -(-high // plan.denominator)
    k: int | None = None
    if plan.grids is not None:
        grids = plan.plain(f.grid)
        if None not in grids:
            k = max(max(map(add, plan.grids, grids), default=0), plan.bias_grid)
            k = k if k <= MAX_BITS else None
    f.grid[v] = k
    if node.rounded:
        n = plan.roundings
        total = (abs(plan.bias) << f.bits) + size
        if n >= UNIT or total * UNIT >= (LARGEST * (UNIT - n) * plan.denominator) << f.bits:
            f.grid[v] = None
            f.top(v)
            return
        if k is None or k > ETA_EXPONENT or total << k > plan.denominator << (f.bits + PLACES):
            f.grid[v] = None
            charged = n * total
            if node.plain:
                charged = charged_for(plan.weights, plan.plain(f.lo), plan.plain(f.hi), plan.bias << f.bits)
            error = -(-charged // ((UNIT - n) * plan.denominator))
            f.widen(v, error + _flushed(f.bits, plan.losses, sum(f.size[a] for a in plan.tiny)))
    if f.bent.isdisjoint(plan.args):
        f.settle(v)
    else:
        f.bent.add(v)
        f.settle(v, *_sum_of_intervals(f, v, plan))


def _sum_of_intervals(f: Forms, v: int, plan: AffinePlan) -> tuple[int, int]:
    """The interval that those of the arguments give."""
    low = high = plan.bias << f.bits
    for w, least, most in zip(plan.weights, plan.plain(f.lo), plan.plain(f.hi), strict=True):
        low += w * (least if w > 0 else most)
        high += w * (most if w > 0 else least)
    error = f.errors.get(v, 0)
    return low // plan.denominator - error, -(-high // plan.denominator) + error


def _flushed(bits: int, losses: Number, scaled: int) -> int:
    """2 (losses + scaled 2^-bits) 2^-126 at the scale of the forms, rounded up."""
    top = 2 * ((losses.numerator << bits) + scaled * losses.denominator)
    return -(-top // (losses.denominator << ETA_EXPONENT))


def _integer_sum(node: Node, integral: Sequence[int]) -> bool:
    return all(type(number) is int for number in (node.constant, *node.weights)) and all(integral[a] for a in node.args)


AFFINE = Operation(
    "affine",
    ("sum_rounding", "constant", "terms"),
    _affine_at_point,
    _affine_forms,
    total=True,
    whole=_integer_sum,
    summands=all_summands,
)
