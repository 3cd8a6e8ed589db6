"""The table of operations for affine forms: what each operation does to the forms of its arguments.

`docs/kernel.md` gives the formula of each; lower forms are rounded down and upper forms up.
"""

from collections.abc import Callable
from fractions import Fraction
from operator import add

from ..numbers.enclose import exp_bounds, log_bounds, sqrt_bounds
from ..numbers.float32 import ETA_EXPONENT, LARGEST, PLACES, UNIT
from ..numbers.number import MAX_BITS, Number, ceil_scaled, floor_scaled, grid_of
from ..plan import Linear
from ..reading.problem import Node
from .exact import second_look
from .form import Bound, ClosedError, Forms, FormTable, greatest_value, least_value
from .packed import plain_sums

SLOPE_BITS = 16
SLOPE_ONE = 1 << SLOPE_BITS


def _form_input(f: Forms, v: int, node: Node) -> None:
    lower, upper = (f.linear_columns(Linear(0, {node.index: 1}), upper=side) for side in (False, True))
    for column, low, high in zip(f.columns, lower, upper, strict=True):
        column[2 * v], column[2 * v + 1] = low, high
    f.grid[v] = 0 if f.prepared.problem.inputs[node.index].integer else _form_substituted_grid(f, node.index)
    f.settle(v)


def _form_substituted_grid(f: Forms, index: int) -> int | None:
    """The grid of a real input that substitution has written over integer parameters; none if it is not so written.

    None too where nodes were forgotten: the input may stand for a rounded node, whose readers' errors do not vanish.
    """
    if f.prepared.loosened:
        return None
    form, live = f.state.values[index], f.state.live
    k = grid_of(form.constant)
    for p, c in form.terms.items():
        own = grid_of(c) if live[p].integer else None
        k = None if k is None or own is None else max(k, own)
    return None if k is None or k > MAX_BITS else k


def _form_const(f: Forms, v: int, node: Node) -> None:
    f.constant(v, floor_scaled(node.constant, f.bits), ceil_scaled(node.constant, f.bits))
    f.grid[v] = grid_of(node.constant)


def _form_affine(f: Forms, v: int, node: Node) -> None:
    plan = f.prepared.plans.get(v) or f.prepared.plan(v)
    if f.tops and not f.tops.isdisjoint(plan.args):
        f.top(v)
        return
    shift, lower = plan.shift, 2 * v
    bias = plan.bias << f.bits
    lows, highs, size = f.packs.sums(node.args, plan) or plain_sums(
        f.columns, f.size, plan, rounded=node.rounded
    )
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
            error = -(-n * total // ((UNIT - n) * plan.denominator))
            f.widen(v, error + _form_losses(f.bits, plan.losses, sum(f.size[a] for a in plan.tiny)))
    f.settle(v)


def _form_losses(bits: int, losses: Number, scaled: int) -> int:
    """2 (losses + scaled 2^-bits) 2^-126 at the scale of the forms, rounded up."""
    top = 2 * ((losses.numerator << bits) + scaled * losses.denominator)
    return -(-top // (losses.denominator << ETA_EXPONENT))


def _form_rounded(f: Forms, v: int, total: int, n: int, losses: int, k: int | None) -> bool:
    """Add the error of a rounded operation whose terms have absolute sum `total` (scaled); False for any value.

    `losses` is scaled, `k` the grid of the operands and of the result if it has one.
    """
    if total * UNIT >= (LARGEST * (UNIT - n)) << f.bits:
        return False
    if k is not None and k <= ETA_EXPONENT and total << k <= 1 << (f.bits + PLACES):
        f.grid[v] = k
        return True
    f.grid[v] = None
    f.widen(v, -(-n * total // (UNIT - n)) - (-losses >> (ETA_EXPONENT - 1)))
    return True


def _form_times(f: Forms, v: int, factor: int, *, upper: bool) -> list[int]:
    """factor (scaled) times node v, an upper or a lower form of it; at twice the scale."""
    side = 2 * v + (upper is (factor >= 0))
    return [factor * column[side] for column in f.columns]


def _form_mul(f: Forms, v: int, node: Node) -> None:
    a, b = node.args
    if a in f.tops or b in f.tops:
        f.top(v)
        return
    bits, lower = f.bits, 2 * v
    la, ua, lb, ub = f.lo[a], f.hi[a], f.lo[b], f.hi[b]
    low: int | None = None
    high: int | None = None
    if a == b:
        middle = (la + ua) >> 1
        below = _form_times(f, a, 2 * middle, upper=False)
        below[0] -= middle * middle
        above = _form_times(f, a, la + ua, upper=True)
        above[0] -= la * ua
        low = 0 if la <= 0 <= ua else min(la * la, ua * ua) >> bits
        high = -(-max(la * la, ua * ua) >> bits)
    else:
        under = [_form_product(f, node, x, y, upper=False) for x, y in ((la, lb), (ua, ub))]
        over = [_form_product(f, node, x, y, upper=True) for x, y in ((ua, lb), (la, ub))]
        below, above = max(under, key=least_value), min(over, key=greatest_value)
    for column, one, other in zip(f.columns, below, above, strict=True):
        column[lower], column[lower + 1] = one >> bits, -(-other >> bits)
    left, right = f.grid[a], f.grid[b]
    k = None if left is None or right is None or left + right > MAX_BITS else left + right
    f.grid[v] = k
    if node.rounded:
        low = high = None
        total = -(-f.size[a] * f.size[b] >> bits)
        if not _form_rounded(f, v, total, 1, (1 << bits) + f.size[a] + f.size[b], k):
            f.top(v)
            return
    f.settle(v, low, high)


def _form_product(f: Forms, node: Node, x: int, y: int, *, upper: bool) -> list[int]:
    """McCormick: x b + y a - x y for the corner (x, y) of the intervals of a and b, at twice the scale."""
    a, b = node.args
    left, right = _form_times(f, b, x, upper=upper), _form_times(f, a, y, upper=upper)
    found = [p + q for p, q in zip(left, right, strict=True)]
    found[0] -= x * y
    return found


def _form_div(f: Forms, v: int, node: Node) -> None:
    a, b = node.args
    if a in f.tops or b in f.tops or f.lo[b] <= 0 <= f.hi[b]:
        f.top(v)
        return
    bits = f.bits
    pairs = [(x << bits, y) for x in (f.lo[a], f.hi[a]) for y in (f.lo[b], f.hi[b])]
    f.constant(v, min(x // y for x, y in pairs), max(-(-x // y) for x, y in pairs))
    if node.rounded:
        least = min(abs(f.lo[b]), abs(f.hi[b]))
        total = -(-(f.size[a] << bits) // least)
        losses = (2 << bits) + f.size[a] - (-(1 << (2 * bits)) // least)
        if least << ETA_EXPONENT < 1 << bits or not _form_rounded(f, v, total, 3, losses, None):
            f.top(v)
            return
        f.settle(v)


def _form_steps(choice: Number | None, low: int, high: int) -> tuple[int, Number]:
    """The chord's slope high / (high - low), rounded up to 16 bits, and the slope of the lower side."""
    chord = -(-(high << SLOPE_BITS) // (high - low))
    return chord, choice if choice is not None else int(high > -low)


def _form_chord_rise(chord: int, low: int, high: int) -> int:
    """The least c such that s z + c >= max(z, 0) at both ends of [low, high], rounded up; s = chord 2^-16."""
    return -(-max(-chord * low, (SLOPE_ONE - chord) * high) >> SLOPE_BITS)


def _form_settled(f: Forms, v: int, z: int) -> bool:
    """Settle relu or abs of z where that is z itself, or any value; whether that was so.

    A known sign that the bounds of z exclude closes the leaf.
    """
    if z in f.tops:
        f.top(v)
        return True
    low, high, sign = f.lo[z], f.hi[z], f.sign(-1, z)
    if sign is not None and (high < 0 if sign else low > 0):
        raise ClosedError
    if sign is not True and low < 0:
        return False
    f.copy(v, z)
    f.settle(v, 0, high)
    return True


def _form_relu(f: Forms, v: int, node: Node) -> None:
    z = node.args[0]
    if _form_settled(f, v, z):
        return
    low, high = f.lo[z], f.hi[z]
    if f.sign(-1, z) is False or high <= 0:
        f.constant(v, 0, 0)
        f.grid[v] = 0
    else:
        chord, m = _form_steps(f.slopes.get(v), low, high)
        top, bottom = m.numerator, m.denominator
        lower, source = 2 * v, 2 * z
        for column in f.columns:
            column[lower] = top * column[source] // bottom
            column[lower + 1] = -(-chord * column[source + 1] >> SLOPE_BITS)
        f.columns[0][lower + 1] += _form_chord_rise(chord, low, high)
        f.grid[v] = f.grid[z]
        f.settle(v, 0, high)


def _form_abs(f: Forms, v: int, node: Node) -> None:
    z = node.args[0]
    if _form_settled(f, v, z):
        return
    low, high = f.lo[z], f.hi[z]
    lower, source = 2 * v, 2 * z
    f.grid[v] = f.grid[z]
    if f.sign(-1, z) is False or high <= 0:
        for column in f.columns:
            column[lower], column[lower + 1] = -column[source + 1], -column[source]
        f.settle(v, 0, -low)
        return
    chord = ((high + low) << SLOPE_BITS) // (high - low)
    rise = max(-SLOPE_ONE * low - chord * low, SLOPE_ONE * high - chord * high)
    m = f.slopes.get(v, 0)
    top, bottom, below, above = m.numerator, m.denominator, source + (m < 0), source + (chord >= 0)
    for column in f.columns:
        column[lower] = top * column[below] // bottom
        column[lower + 1] = -(-chord * column[above] >> SLOPE_BITS)
    f.columns[0][lower + 1] -= -rise >> SLOPE_BITS
    f.settle(v, 0, max(-low, high))


def _form_max(f: Forms, v: int, node: Node) -> None:
    _form_larger(f, v, node.args[0], node.args[1], negated=False)


def _form_min(f: Forms, v: int, node: Node) -> None:
    _form_larger(f, v, node.args[0], node.args[1], negated=True)


def _form_larger(f: Forms, v: int, a: int, b: int, *, negated: bool) -> None:
    """max(a, b); or min(a, b) = -max(-a, -b), every form changing sides."""
    if a in f.tops or b in f.tops:
        f.top(v)
        return
    low, high = f.gap(a, b)
    sign = f.sign(a, b)
    if low > high or (sign is not None and (high < 0 if sign else low > 0)):
        raise ClosedError
    if sign is True or low >= 0:
        f.copy(v, a if negated else b)
        return
    if sign is False or high <= 0:
        f.copy(v, b if negated else a)
        return
    if negated:
        low, high = -high, -low
    chord, m = _form_steps(f.slopes.get(v), low, high)
    rise = _form_chord_rise(chord, low, high)
    top, bottom = m.numerator, m.denominator
    outer, inner = (0, 1) if negated else (1, 0)
    direction = -1 if negated else 1
    for column in f.columns:
        far = direction * ((SLOPE_ONE - chord) * column[2 * a + outer] + chord * column[2 * b + outer])
        near = direction * ((bottom - top) * column[2 * a + inner] + top * column[2 * b + inner])
        column[2 * v + outer] = direction * -(-far >> SLOPE_BITS)
        column[2 * v + inner] = direction * (near // bottom)
    f.columns[0][2 * v + outer] += direction * rise
    left, right = f.grid[a], f.grid[b]
    f.grid[v] = None if left is None or right is None else max(left, right)
    pick = min if negated else max
    f.settle(v, pick(f.lo[a], f.lo[b]), pick(f.hi[a], f.hi[b]))


def _form_floor(f: Forms, v: int, node: Node) -> None:
    _form_stairs(f, v, node.args[0], lambda x: x >> f.bits, 1 << f.bits, 0)


def _form_round(f: Forms, v: int, node: Node) -> None:
    half = 1 << (f.bits - 1)
    _form_stairs(f, v, node.args[0], lambda x: round(Fraction(x, 1 << f.bits)), half, half)


def _form_stairs(f: Forms, v: int, a: int, step: Callable[[int], int], below: int, above: int) -> None:
    """floor and round: both ends on one step, or within `below` under and `above` over the argument."""
    if a in f.tops:
        f.top(v)
        return
    if f.grid[a] == 0:
        f.copy(v, a)
        return
    low, high = step(f.lo[a]) << f.bits, step(f.hi[a]) << f.bits
    f.grid[v] = 0
    if low == high:
        f.constant(v, low, high)
        return
    for column in f.columns:
        column[2 * v], column[2 * v + 1] = column[2 * a], column[2 * a + 1]
    f.columns[0][2 * v] -= below
    f.columns[0][2 * v + 1] += above
    f.settle(v, low, high)


def _form_sqrt(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    if a in f.tops or f.lo[a] < 0:
        f.top(v)
    else:
        f.constant(v, *sqrt_bounds(f.lo[a], f.hi[a], f.bits))


def _form_exp(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    found = None if a in f.tops else exp_bounds(f.lo[a], f.hi[a], f.bits)
    if found is None:
        f.top(v)
    else:
        f.constant(v, *found)


def _form_log(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    if a in f.tops or f.lo[a] <= 0:
        f.top(v)
    else:
        f.constant(v, *log_bounds(f.lo[a], f.hi[a], f.bits))


def _form_round32(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    if a in f.tops or f.size[a] >= LARGEST << f.bits:
        f.top(v)
        return
    f.copy(v, a)
    k = f.grid[a]
    if k is None or k > ETA_EXPONENT or f.size[a] << k > 1 << (f.bits + PLACES):
        f.grid[v] = None
        f.widen(v, -(-f.size[a] >> PLACES) + 1 + ((1 << f.bits) >> 149))
        f.settle(v)


def _form_ite(f: Forms, v: int, node: Node) -> None:
    c, a, b = node.args
    condition = f.truth[c]
    if condition is not None:
        side = a if condition else b
        if side in f.tops:
            f.top(v)
        else:
            f.copy(v, side)
        return
    if a in f.tops or b in f.tops:
        f.top(v)
        return
    left, right = f.grid[a], f.grid[b]
    if all(column[2 * a : 2 * a + 2] == column[2 * b : 2 * b + 2] for column in f.columns):
        f.copy(v, a)
        f.lo[v], f.hi[v] = min(f.lo[a], f.lo[b]), max(f.hi[a], f.hi[b])
        f.size[v] = max(f.size[a], f.size[b])
    else:
        f.constant(v, min(f.lo[a], f.lo[b]), max(f.hi[a], f.hi[b]))
    f.grid[v] = None if left is None or right is None else max(left, right)


def _form_bool(f: Forms, v: int, node: Node) -> None:
    f.truth[v] = bool(node.constant)


def _form_free(f: Forms, v: int, _node: Node) -> None:
    """A boolean node that was forgotten: its truth is open unless it is known (`Forms.run`)."""
    f.truth[v] = None


def _form_reaches(f: Forms, v: int, bound: Bound, *, strict: bool) -> bool:
    """Whether d >= x (as in `Forms.bound`) gives d >= 0, or d > 0 if strict; d may be on a grid."""
    x, sharp = bound
    if x > 0 or (x == 0 and (sharp or not strict)):
        return True
    if strict:
        return False
    a, b = f.prepared.problem.nodes[v].args
    left, right = f.grid[a], f.grid[b]
    if left is None or right is None:
        return False
    gap = -x << max(left, right)
    return gap < 1 << f.bits or (gap == 1 << f.bits and sharp)


def _form_compare(f: Forms, v: int, node: Node) -> None:
    """`d = b - a`: le holds for d >= 0, lt for d > 0, eq for d = 0."""
    a, b = node.args
    if a in f.tops or b in f.tops:
        return
    low, high = f.bound(v, "low"), f.bound(v, "high")
    f.truth[v] = decided(f, v, node, low, high)
    if f.truth[v] is None:
        f.truth[v] = decided(f, v, node, *second_look(f, v, low, high))


def decided(f: Forms, v: int, node: Node, low: Bound, high: Bound) -> bool | None:
    """The truth of a comparison by bounds of d; bounds that exclude each other close the path."""
    below, above = _form_reaches(f, v, high, strict=True), _form_reaches(f, v, low, strict=True)
    sign = f.sign(*node.args)
    at_most = sign is False or _form_reaches(f, v, high, strict=False)
    at_least = sign is True or _form_reaches(f, v, low, strict=False)
    if (at_least and below) or (at_most and above):
        raise ClosedError
    if node.op == "le":
        return True if at_least else False if below else None
    if node.op == "lt":
        return True if above else False if at_most else None
    return True if at_least and at_most else False if above or below else None


def _form_not(f: Forms, v: int, node: Node) -> None:
    found = f.truth[node.args[0]]
    f.truth[v] = None if found is None else not found


def _form_and(f: Forms, v: int, node: Node) -> None:
    found = [f.truth[a] for a in node.args]
    f.truth[v] = False if False in found else None if None in found else True


def _form_or(f: Forms, v: int, node: Node) -> None:
    found = [f.truth[a] for a in node.args]
    f.truth[v] = True if True in found else None if None in found else False


FORM_TABLE: FormTable = {
    "input": _form_input,
    "const": _form_const,
    "affine": _form_affine,
    "mul": _form_mul,
    "div": _form_div,
    "relu": _form_relu,
    "abs": _form_abs,
    "max": _form_max,
    "min": _form_min,
    "floor": _form_floor,
    "round": _form_round,
    "sqrt": _form_sqrt,
    "exp": _form_exp,
    "log": _form_log,
    "round32": _form_round32,
    "ite": _form_ite,
    "bool": _form_bool,
    "free": _form_free,
    "le": _form_compare,
    "lt": _form_compare,
    "eq": _form_compare,
    "and": _form_and,
    "or": _form_or,
    "not": _form_not,
}
