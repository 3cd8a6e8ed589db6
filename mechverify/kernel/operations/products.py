"""`mul` and `div`, exact or in float32."""

from fractions import Fraction

from ..algebra.relations import QUOTIENT
from ..forms.form import Forms, greatest_value, least_value
from ..numbers.curves import Curve, lines
from ..numbers.float32 import ETA_EXPONENT, LARGEST, PLACES, UNIT, gamma_error, on_grid, overflows
from ..numbers.number import MAX_BITS, Number, ceil_scaled, floor_scaled, grid_of, magnitude, ratio
from ..plan import ZERO, Linear
from ..points.values import NodeValues, greatest_size
from ..reading.node import Node
from .between import settle_better
from .operation import Operation, of_integers


def _once(ends: tuple[Number, Number]) -> tuple[Number, ...]:
    """The ends of an interval, one where both are one value."""
    return ends[:1] if ends[0] is ends[1] else ends


def _mul_at_point(e: NodeValues, v: int, node: Node) -> None:
    a, b = e.ends(node.args[0]), e.ends(node.args[1])
    if a is None or b is None:
        e.top(v)
        return
    corners = [e.sized(x * y) for x in _once(a) for y in _once(b)]
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
    corners = [e.sized(ratio(x, y)) for x in _once(a) for y in _once(b)]
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
        f.bent.add(v)
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
    if a in f.tops or b in f.tops:
        f.top(v)
        return
    f.bent.add(v)
    apart, ends = not f.lo[b] <= 0 <= f.hi[b], _share_of(f, node)
    if not apart and ends is None:
        f.top(v)
        return
    low, high = ends or _corners(f, a, b)
    if apart and ends is not None:
        least, most = _corners(f, a, b)
        low, high = max(low, least), min(high, most)
    if f.lo[b] <= 0 or f.hi[b] > f.lo[b] << WIDEST or not f.slanted:
        f.constant(v, low, high)
    else:
        _quotient_planes(f, v, node)
        settle_better(f, v, low, high)
    if node.rounded:
        bits = f.bits
        least = min(abs(f.lo[b]), abs(f.hi[b])) if apart else 0
        if least << ETA_EXPONENT < 1 << bits:
            f.top(v)
            return
        total = -(-(f.size[a] << bits) // least)
        losses = (2 << bits) + f.size[a] - (-(1 << (2 * bits)) // least)
        if not _with_error(f, v, total, 3, losses, None):
            f.top(v)
            return
        error = f.errors.get(v, 0)
        f.settle(v, low - error, high + error)


def _corners(f: Forms, a: int, b: int) -> tuple[int, int]:
    """The interval of a / b, b not zero."""
    pairs = [(x << f.bits, y) for x in (f.lo[a], f.hi[a]) for y in (f.lo[b], f.hi[b])]
    return min(x // y for x, y in pairs), max(-(-x // y) for x, y in pairs)


def _share_of(f: Forms, node: Node) -> tuple[int, int] | None:
    """The interval of a / (a + others + c) for numbers that are always positive, and c >= 0, as in a softmax: it grows
    with a and falls with each other; None for any other quotient. Such a quotient has a value.
    """
    a, b = node.args
    nodes = f.prepared.problem.nodes
    total = nodes[b]
    if node.rounded or total.op != "affine" or total.rounded or a not in total.args or total.constant < 0:
        return None
    if any(w != 1 for w in total.weights) or not all(nodes[x].op == "exp" for x in total.args):
        return None
    rest = [x for x in total.args if x != a]
    if len(rest) != len(total.args) - 1:
        return None
    low_rest = floor_scaled(total.constant, f.bits) + sum(f.lo[x] for x in rest)
    high_rest = ceil_scaled(total.constant, f.bits) + sum(f.hi[x] for x in rest)
    low, high = f.lo[a], f.hi[a]
    least = (low << f.bits) // (low + high_rest) if low + high_rest else 0
    most = -(-(high << f.bits) // (high + low_rest)) if high + low_rest else 1 << f.bits
    return least, most


def _negative_reciprocal(low: int, high: int, bits: int) -> tuple[int, int]:
    """-1 / x for x > 0, which grows."""
    return (-1 << (2 * bits)) // low, -((1 << (2 * bits)) // high)


def _square_reciprocal(x: int, bits: int) -> tuple[int, int]:
    """1 / x^2, its slope."""
    return (1 << (3 * bits)) // (x * x), -((-1 << (3 * bits)) // (x * x))


WIDEST = 20  # where a divisor varies by more than 2^20, planes say little

_RECIPROCAL = Curve(_negative_reciprocal, _square_reciprocal, "concave")


def _quotient_planes(f: Forms, v: int, node: Node) -> None:
    """McCormick for a times r, r = 1 / b between two lines, b > 0; the tangent's place is the node's `slope`."""
    a, b = node.args
    bits, lower = f.bits, 2 * v
    la, ua, lb, ub = f.lo[a], f.hi[a], f.lo[b], f.hi[b]
    one = 1 << (2 * bits)
    lr, ur = one // ub, -(-one // lb)
    if lb == ub:
        (under, below), (over, above) = (0, -ur), (0, -lr)
    else:
        (under, below), (over, above) = lines(_RECIPROCAL, lb, ub, f.slopes.get(v), bits)
    low_r = [-over * column[2 * b + (over >= 0)] >> bits for column in f.columns]
    high_r = [-(under * column[2 * b + (under < 0)] >> bits) for column in f.columns]
    low_r[0] -= above
    high_r[0] -= below

    def plane(x: int, y: int, *, upper: bool) -> list[int]:
        """x r + y a - x y."""
        of_r = high_r if upper is (x >= 0) else low_r
        found = [x * r + p for r, p in zip(of_r, _times(f, a, y, upper=upper), strict=True)]
        found[0] -= x * y
        return found

    below_1, below_2 = plane(la, lr, upper=False), plane(ua, ur, upper=False)
    above_1, above_2 = plane(ua, lr, upper=True), plane(la, ur, upper=True)
    least, most = max((below_1, below_2), key=least_value), min((above_1, above_2), key=greatest_value)
    for column, first, second in zip(f.columns, least, most, strict=True):
        column[lower], column[lower + 1] = first >> bits, -(-second >> bits)


_PAIR = ("rounding", "number", "number")

MUL = Operation(
    "mul", _PAIR, _mul_at_point, _mul_forms, total=True, whole=of_integers, product=True, line=_mul_line, least_slope=0
)
DIV = Operation("div", _PAIR, _div_at_point, _div_forms, least_slope=0, algebra=QUOTIENT)
