"""Evaluation at one point: exact where the arithmetic is, intervals where it is rounded or enclosed.

`low[v]` and `high[v]` are the ends of a number node's interval, both None for "any value"; `truth[v]` is the truth of a
boolean node, None where executions may differ. `loose` holds the nodes whose two ends are not one exact value.
"""

from collections.abc import Callable, Iterable, Sequence
from math import floor, isqrt
from operator import mul

from ..numbers.enclose import EXP_LIMIT, exp_bounds, log_bounds, sqrt_bounds
from ..numbers.float32 import gamma_error, on_grid, overflows, round_float32, rounded_ends
from ..numbers.number import BITS, Number, ceil_scaled, floor_scaled, grid_of, magnitude, over_common, ratio
from ..plan import Prepared
from ..reading.problem import Node
from ..work import LONG_BITS

Common = tuple[list[int], list[int], list[int], int]


class PointValues:
    """The values of some nodes of a problem; `run` evaluates them anew at each point."""

    def __init__(self, prepared: Prepared, order: Sequence[int]) -> None:
        nodes = prepared.problem.nodes
        self.prepared = prepared
        self.program = [(v, POINT_TABLE[nodes[v].op], nodes[v]) for v in order]
        self.low: list[Number | None] = [None] * len(nodes)
        self.high: list[Number | None] = [None] * len(nodes)
        self.truth: list[bool | None] = [None] * len(nodes)
        self.loose: set[int] = set()
        self.common: tuple[Sequence[Number], Sequence[Number], Common] | None = None
        self.point: Sequence[Number] = ()
        self.long = False

    def run(self, point: Sequence[Number]) -> None:
        """Evaluate the nodes at the point, one exact number for each input."""
        self.point = point
        self.loose.clear()
        for v, function, node in self.program:
            function(self, v, node)

    def exact(self, v: int, value: Number) -> None:
        """The node has this one value."""
        self.low[v] = self.high[v] = value

    def top(self, v: int) -> None:
        """The node has any value."""
        self.low[v] = self.high[v] = None
        self.loose.add(v)

    def interval(self, v: int, low: Number, high: Number) -> None:
        """The node's value lies in [low, high]; ends that are no dyadics of moderate size are rounded outward. So is
        one value with a denominator of more than 8192 bits: products of products double in length at each step."""
        one = low.numerator == high.numerator and low.denominator == high.denominator
        if one and low.denominator.bit_length() <= LONG_BITS:
            self.exact(v, self.sized(low))
            return
        if low.denominator.bit_length() > BITS:
            low = ratio(floor_scaled(low, BITS), 1 << BITS)
        if high.denominator.bit_length() > BITS:
            high = ratio(ceil_scaled(high, BITS), 1 << BITS)
        self.low[v], self.high[v] = self.sized(low), self.sized(high)
        self.loose.add(v)

    def sized(self, value: Number) -> Number:
        """The value; `InvalidError` where it has grown, or the work on long numbers, beyond what an honest certificate
        needs."""
        top, bottom = value.numerator.bit_length(), value.denominator.bit_length()
        if top > LONG_BITS or bottom > LONG_BITS:
            self.long = True
            self.prepared.work.long_number(max(top, bottom))
        return value

    def over_common(self, lows: Sequence[Number], highs: Sequence[Number]) -> Common:
        """Lower ends, upper ends and magnitudes of arguments as integers over one denominator. Nodes of one layer have
        the same arguments, so what was asked last is kept."""
        known = self.common
        if known is None or lows != known[0] or highs != known[1]:
            if lows is highs:
                low, bottom = over_common(lows)
                high = low
            else:
                both, bottom = over_common((*lows, *highs))
                low, high = both[: len(lows)], both[len(lows) :]
            sizes = [-x if x + y < 0 else y for x, y in zip(low, high, strict=True)]
            known = self.common = lows, highs, (low, high, sizes, bottom)
        return known[2]

    def ends(self, v: int) -> tuple[Number, Number] | None:
        """The interval of a number node, None for any value."""
        low, high = self.low[v], self.high[v]
        return None if low is None or high is None else (low, high)


def _point_magnitude(ends: tuple[Number, Number]) -> Number:
    return max(-ends[0], ends[1])


def _point_input(e: PointValues, v: int, node: Node) -> None:
    e.low[v] = e.high[v] = e.point[node.index]


def _point_const(e: PointValues, v: int, node: Node) -> None:
    e.low[v] = e.high[v] = node.constant


def _point_affine(e: PointValues, v: int, node: Node) -> None:
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
        grid = _point_grid(plan.grids, lows, plan.bias_grid) if lows is highs and plan.grids is not None else None
        if not on_grid(total, grid, denominator):
            losses = plan.losses
            if plan.tiny:
                losses += sum(_point_magnitude(ends) for a in plan.tiny if (ends := e.ends(a)) is not None)
            low, high = rounded_ends(low, high, total, denominator, plan.roundings, losses)
            e.low[v], e.high[v] = e.sized(low), e.sized(high)
            e.loose.add(v)
            return
    least = ratio(low, denominator)
    e.interval(v, least, least if low == high else ratio(high, denominator))


def _point_grid(weight_grids: Sequence[int], values: Iterable[Number], bias_grid: int) -> int | None:
    k = bias_grid
    for grid, value in zip(weight_grids, values, strict=True):
        own = grid_of(value)
        if own is None:
            return None
        k = max(k, grid + own)
    return k


def _point_mul(e: PointValues, v: int, node: Node) -> None:
    a, b = e.ends(node.args[0]), e.ends(node.args[1])
    if a is None or b is None:
        e.top(v)
        return
    corners = [e.sized(x * y) for x in a for y in b]
    low, high = min(corners), max(corners)
    if node.args[0] == node.args[1] and a[0] < 0 < a[1]:
        low = 0
    if node.rounded:
        total = _point_magnitude(a) * _point_magnitude(b)
        if overflows(total, 1):
            e.top(v)
            return
        left, right = grid_of(a[0]), grid_of(b[0])
        single = a[0] == a[1] and b[0] == b[1] and left is not None and right is not None
        if not (single and on_grid(total, (left or 0) + (right or 0))):
            error = gamma_error(total, 1, 1 + _point_magnitude(a) + _point_magnitude(b))
            low, high = low - error, high + error
    e.interval(v, low, high)


def _point_div(e: PointValues, v: int, node: Node) -> None:
    a, b = e.ends(node.args[0]), e.ends(node.args[1])
    if a is None or b is None or b[0] <= 0 <= b[1]:
        e.top(v)
        return
    corners = [e.sized(ratio(x, y)) for x in a for y in b]
    low, high = min(corners), max(corners)
    if node.rounded:
        least = min(magnitude(b[0]), magnitude(b[1]))
        total = ratio(_point_magnitude(a), least)
        if least * (1 << 126) < 1 or overflows(total, 3):
            e.top(v)
            return
        error = gamma_error(total, 3, 2 + _point_magnitude(a) + ratio(1, least))
        low, high = low - error, high + error
    e.interval(v, low, high)


def _point_monotone(function: Callable[[Number], Number]) -> Callable[[PointValues, int, Node], None]:
    def rule(e: PointValues, v: int, node: Node) -> None:
        low, high = e.low[node.args[0]], e.high[node.args[0]]
        if low is None or high is None:
            e.top(v)
        elif low is high:
            e.low[v] = e.high[v] = function(low)
        else:
            e.interval(v, function(low), function(high))

    return rule


def _point_abs(e: PointValues, v: int, node: Node) -> None:
    ends = e.ends(node.args[0])
    if ends is None:
        e.top(v)
    else:
        low, high = ends
        e.interval(v, low if low >= 0 else -high if high <= 0 else 0, max(-low, high))


def _point_choice(pick: Callable[[Number, Number], Number]) -> Callable[[PointValues, int, Node], None]:
    def rule(e: PointValues, v: int, node: Node) -> None:
        a, b = e.ends(node.args[0]), e.ends(node.args[1])
        if a is None or b is None:
            e.top(v)
        else:
            e.interval(v, pick(a[0], b[0]), pick(a[1], b[1]))

    return rule


def _point_sqrt(e: PointValues, v: int, node: Node) -> None:
    ends = e.ends(node.args[0])
    if ends is None or ends[0] < 0:
        e.top(v)
        return
    low, high = ends
    top, bottom = isqrt(low.numerator), isqrt(low.denominator)
    if low == high and top * top == low.numerator and bottom * bottom == low.denominator:
        e.exact(v, ratio(top, bottom))
    else:
        _point_scaled(e, v, sqrt_bounds(floor_scaled(low, BITS), ceil_scaled(high, BITS), BITS))


def _point_exp(e: PointValues, v: int, node: Node) -> None:
    ends = e.ends(node.args[0])
    low, high = (0, EXP_LIMIT + 1) if ends is None else ends
    _point_scaled(e, v, exp_bounds(floor_scaled(low, BITS), ceil_scaled(high, BITS), BITS))


def _point_log(e: PointValues, v: int, node: Node) -> None:
    ends = e.ends(node.args[0])
    low = 0 if ends is None else floor_scaled(ends[0], BITS)
    _point_scaled(e, v, None if ends is None or low <= 0 else log_bounds(low, ceil_scaled(ends[1], BITS), BITS))


def _point_scaled(e: PointValues, v: int, bounds: tuple[int, int] | None) -> None:
    if bounds is None:
        e.top(v)
    else:
        e.interval(v, ratio(bounds[0], 1 << BITS), ratio(bounds[1], 1 << BITS))


def _point_round32(e: PointValues, v: int, node: Node) -> None:
    ends = e.ends(node.args[0])
    low = None if ends is None else round_float32(ends[0])
    high = None if ends is None else round_float32(ends[1])
    if low is None or high is None:
        e.top(v)
    else:
        e.interval(v, low, high)


def _point_ite(e: PointValues, v: int, node: Node) -> None:
    c, a, b = node.args
    condition = e.truth[c]
    if condition is None:
        one, other = e.ends(a), e.ends(b)
        if one is None or other is None:
            e.top(v)
        else:
            e.interval(v, min(one[0], other[0]), max(one[1], other[1]))
        return
    side = a if condition else b
    e.low[v], e.high[v] = e.low[side], e.high[side]
    if side in e.loose:
        e.loose.add(v)


def _point_bool(e: PointValues, v: int, node: Node) -> None:
    e.truth[v] = bool(node.constant)


def _point_ordered(
    holds: Callable[[Number, Number], bool], *, strict: bool
) -> Callable[[PointValues, int, Node], None]:
    def rule(e: PointValues, v: int, node: Node) -> None:
        a, b = node.args
        low_a, low_b, high_a, high_b = e.low[a], e.low[b], e.high[a], e.high[b]
        if low_a is None or low_b is None or high_a is None or high_b is None:
            e.truth[v] = None
        elif low_a is high_a and low_b is high_b:
            e.truth[v] = holds(low_a, low_b)
        elif a == b:
            e.truth[v] = not strict
        elif holds(high_a, low_b):
            e.truth[v] = True
        else:
            e.truth[v] = None if holds(low_a, high_b) else False

    return rule


def _point_eq(e: PointValues, v: int, node: Node) -> None:
    a, b = e.ends(node.args[0]), e.ends(node.args[1])
    if a is None or b is None:
        e.truth[v] = None
    elif (a[0] == a[1] and b[0] == b[1]) or node.args[0] == node.args[1]:
        e.truth[v] = a[0] == b[0]
    else:
        e.truth[v] = False if a[1] < b[0] or b[1] < a[0] else None


def _point_not(e: PointValues, v: int, node: Node) -> None:
    found = e.truth[node.args[0]]
    e.truth[v] = None if found is None else not found


def _point_junction(*, decisive: bool) -> Callable[[PointValues, int, Node], None]:
    def rule(e: PointValues, v: int, node: Node) -> None:
        truth = e.truth
        result: bool | None = not decisive
        for a in node.args:
            found = truth[a]
            if found is decisive:
                result = decisive
                break
            if found is None:
                result = None
        truth[v] = result

    return rule


def _point_relu(x: Number) -> Number:
    return max(0, x)


PointRule = Callable[[PointValues, int, Node], None]

POINT_TABLE: dict[str, PointRule] = {
    "input": _point_input,
    "const": _point_const,
    "affine": _point_affine,
    "mul": _point_mul,
    "div": _point_div,
    "relu": _point_monotone(_point_relu),
    "abs": _point_abs,
    "max": _point_choice(max),
    "min": _point_choice(min),
    "floor": _point_monotone(floor),
    "round": _point_monotone(round),
    "sqrt": _point_sqrt,
    "exp": _point_exp,
    "log": _point_log,
    "round32": _point_round32,
    "ite": _point_ite,
    "bool": _point_bool,
    "le": _point_ordered(lambda a, b: a <= b, strict=False),
    "lt": _point_ordered(lambda a, b: a < b, strict=True),
    "eq": _point_eq,
    "and": _point_junction(decisive=False),
    "or": _point_junction(decisive=True),
    "not": _point_not,
}
