"""`mul` and `div`, exact or in float32."""

from fractions import Fraction

from ..algebra.relations import QUOTIENT
from ..forms.form import Forms, greatest_value, least_value
from ..numbers.float32 import ETA_EXPONENT, LARGEST, PLACES, UNIT, gamma_error, on_grid, overflows
from ..numbers.number import MAX_BITS, grid_of, magnitude, ratio
from ..plan import ZERO, Linear
from ..points.values import NodeValues, greatest_size
from ..reading.node import Node
from .operation import Operation, of_integers


def _mul_at_point(e: NodeValues, v: int, node: Node) -> None:
    a, b = e.ends(node.args[0]), e.ends(node.args[1])
    if a is None or b is None:
        e.top(v)
        return
    corners = [e.sized(x * y) for x in a for y in b]
    low, high = min(corners), max(corners)
    if node.args[0] == node.args[1] and a[0] < 0 < a[1]:
        low = 0
    if node.rounded:
        total = greatest_size(a) * greatest_size(b)
        if overflows(total, 1):
            e.top(v)
            return
        left, right = grid_of(a[0]), grid_of(b[0])
        single = a[0] == a[1] and b[0] == b[1] and left is not None and right is not None
        if not (single and on_grid(total, (left or 0) + (right or 0))):
            error = gamma_error(total, 1, 1 + greatest_size(a) + greatest_size(b))
            low, high = low - error, high + error
    e.interval(v, low, high)


def _div_at_point(e: NodeValues, v: int, node: Node) -> None:
    a, b = e.ends(node.args[0]), e.ends(node.args[1])
    if a is None or b is None or b[0] <= 0 <= b[1]:
        e.top(v)
        return
    corners = [e.sized(ratio(x, y)) for x in a for y in b]
    low, high = min(corners), max(corners)
    if node.rounded:
        least = min(magnitude(b[0]), magnitude(b[1]))
        total = ratio(greatest_size(a), least)
        if least * (1 << 126) < 1 or overflows(total, 3):
            e.top(v)
            return
        error = gamma_error(total, 3, 2 + greatest_size(a) + ratio(1, least))
        low, high = low - error, high + error
    e.interval(v, low, high)


def _with_error(f: Forms, v: int, total: int, n: int, losses: int, k: int | None) -> bool:
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


def _times(f: Forms, v: int, factor: int, *, upper: bool) -> list[int]:
    """factor (scaled) times node v, an upper or a lower form of it; at twice the scale."""
    side = 2 * v + (upper is (factor >= 0))
    return [factor * column[side] for column in f.columns]


def _mul_forms(f: Forms, v: int, node: Node) -> None:
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
        below = _times(f, a, 2 * middle, upper=False)
        below[0] -= middle * middle
        above = _times(f, a, la + ua, upper=True)
        above[0] -= la * ua
        low = 0 if la <= 0 <= ua else min(la * la, ua * ua) >> bits
        high = -(-max(la * la, ua * ua) >> bits)
    else:
        under = [_plane(f, node, x, y, upper=False) for x, y in ((la, lb), (ua, ub))]
        over = [_plane(f, node, x, y, upper=True) for x, y in ((ua, lb), (la, ub))]
        below, above = max(under, key=least_value), min(over, key=greatest_value)
    for column, one, other in zip(f.columns, below, above, strict=True):
        column[lower], column[lower + 1] = one >> bits, -(-other >> bits)
    left, right = f.grid[a], f.grid[b]
    k = None if left is None or right is None or left + right > MAX_BITS else left + right
    f.grid[v] = k
    if node.rounded:
        low = high = None
        total = -(-f.size[a] * f.size[b] >> bits)
        if not _with_error(f, v, total, 1, (1 << bits) + f.size[a] + f.size[b], k):
            f.top(v)
            return
    f.settle(v, low, high)


def _plane(f: Forms, node: Node, x: int, y: int, *, upper: bool) -> list[int]:
    """McCormick: x b + y a - x y for the corner (x, y) of the intervals of a and b, at twice the scale."""
    a, b = node.args
    left, right = _times(f, b, x, upper=upper), _times(f, a, y, upper=upper)
    found = [p + q for p, q in zip(left, right, strict=True)]
    found[0] -= x * y
    return found


def _mul_line(f: Forms, v: int, node: Node, *, upper: bool) -> tuple[Linear, bool]:
    """Both planes of McCormick at the ends of the factors' intervals, mixed."""
    a, b = node.args
    (la, ua), (lb, ub) = f.ends(a), f.ends(b)
    share = f.slopes.get(v, Fraction(1, 2))
    total = ZERO
    corners = ((ua, lb), (la, ub)) if upper else ((la, lb), (ua, ub))
    for part, (x, y) in zip((share, 1 - share), corners, strict=True):
        total = total.plus(f.rows[b], part * x).plus(f.rows[a], part * y).plus(Linear(-x * y * part, {}))
    return total, False


def _div_forms(f: Forms, v: int, node: Node) -> None:
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
        if least << ETA_EXPONENT < 1 << bits or not _with_error(f, v, total, 3, losses, None):
            f.top(v)
            return
        f.settle(v)


_PAIR = ("rounding", "number", "number")

MUL = Operation(
    "mul", _PAIR, _mul_at_point, _mul_forms, total=True, whole=of_integers, product=True, line=_mul_line, least_slope=0
)
DIV = Operation("div", _PAIR, _div_at_point, _div_forms, algebra=QUOTIENT)
