"""`relu`, `abs`, `max`, `min`: each is one sum where z >= 0 and another where z <= 0; z = b - a (`switched`)."""

from collections.abc import Callable

from ..algebra.relations import LARGER, MAGNITUDE, POSITIVE_PART, SMALLER
from ..forms.form import ClosedError, Forms
from ..numbers.number import Number, ratio
from ..plan import ZERO, Linear
from ..points.values import NodeValues
from ..reading.node import Node
from .operation import Operation, Sum, of_integers, switched
from .steps import monotone

SLOPE_BITS = 16
SLOPE_ONE = 1 << SLOPE_BITS


def _positive_part(x: Number) -> Number:
    return max(0, x)


def _abs_at_point(e: NodeValues, v: int, node: Node) -> None:
    ends = e.ends(node.args[0])
    if ends is None:
        e.top(v)
    else:
        low, high = ends
        e.interval(v, low if low >= 0 else -high if high <= 0 else 0, max(-low, high))


def _choice_at_point(pick: Callable[[Number, Number], Number]) -> Callable[[NodeValues, int, Node], None]:
    def rule(e: NodeValues, v: int, node: Node) -> None:
        a, b = e.ends(node.args[0]), e.ends(node.args[1])
        if a is None or b is None:
            e.top(v)
        else:
            e.interval(v, pick(a[0], b[0]), pick(a[1], b[1]))

    return rule


def _steps(choice: Number | None, low: int, high: int) -> tuple[int, Number]:
    """The chord's slope high / (high - low), rounded up to 16 bits, and the slope of the lower side."""
    chord = -(-(high << SLOPE_BITS) // (high - low))
    return chord, choice if choice is not None else int(high > -low)


def _chord_rise(chord: int, low: int, high: int) -> int:
    """The least c such that s z + c >= max(z, 0) at both ends of [low, high], rounded up; s = chord 2^-16."""
    return -(-max(-chord * low, (SLOPE_ONE - chord) * high) >> SLOPE_BITS)


def _settled(f: Forms, v: int, z: int) -> bool:
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


def _relu_forms(f: Forms, v: int, node: Node) -> None:
    z = node.args[0]
    if _settled(f, v, z):
        return
    low, high = f.lo[z], f.hi[z]
    if f.sign(-1, z) is False or high <= 0:
        f.constant(v, 0, 0)
        f.grid[v] = 0
    else:
        chord, m = _steps(f.slopes.get(v), low, high)
        top, bottom = m.numerator, m.denominator
        lower, source = 2 * v, 2 * z
        for column in f.columns:
            column[lower] = top * column[source] // bottom
            column[lower + 1] = -(-chord * column[source + 1] >> SLOPE_BITS)
        f.columns[0][lower + 1] += _chord_rise(chord, low, high)
        f.grid[v] = f.grid[z]
        f.settle(v, 0, high)


def _abs_forms(f: Forms, v: int, node: Node) -> None:
    z = node.args[0]
    if _settled(f, v, z):
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


def _max_forms(f: Forms, v: int, node: Node) -> None:
    _larger(f, v, node.args[0], node.args[1], negated=False)


def _min_forms(f: Forms, v: int, node: Node) -> None:
    _larger(f, v, node.args[0], node.args[1], negated=True)


def _larger(f: Forms, v: int, a: int, b: int, *, negated: bool) -> None:
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
    chord, m = _steps(f.slopes.get(v), low, high)
    rise = _chord_rise(chord, low, high)
    top, bottom = m.numerator, m.denominator
    outer, inner = (0, 1) if negated else (1, 0)
    direction = -1 if negated else 1
    for column in f.columns:
        far = direction * ((SLOPE_ONE - chord) * column[2 * a + outer] + chord * column[2 * b + outer])
        near = direction * ((bottom - top) * column[2 * a + inner] + top * column[2 * b + inner])
        column[2 * v + outer] = direction * -(-far >> SLOPE_BITS)
        column[2 * v + inner] = direction * (near // bottom)
    f.columns[0][2 * v + outer] += direction * rise
    f.grid[v] = f.finer_grid(a, b)
    pick = min if negated else max
    f.settle(v, pick(f.lo[a], f.lo[b]), pick(f.hi[a], f.hi[b]))


def _relu_taken(node: Node, *, rises: bool) -> Sum:
    return 0, [(1, node.args[0])] if rises else []


def _abs_taken(node: Node, *, rises: bool) -> Sum:
    return 0, [(1 if rises else -1, node.args[0])]


def _max_taken(node: Node, *, rises: bool) -> Sum:
    return 0, [(1, node.args[1 if rises else 0])]


def _min_taken(node: Node, *, rises: bool) -> Sum:
    return 0, [(1, node.args[0 if rises else 1])]


def _z_row(f: Forms, node: Node) -> tuple[Linear, Number, Number]:
    """The row of z = b - a, and the ends of its interval."""
    a, b = switched(node)
    low, high = f.gap(a, b)
    z = f.rows[b] if a < 0 else f.rows[b].plus(f.rows[a], -1)
    return z, ratio(low, 1 << f.bits), ratio(high, 1 << f.bits)


def _abs_line(f: Forms, v: int, node: Node, *, upper: bool) -> tuple[Linear, bool] | None:
    z, low, high = _z_row(f, node)
    if low >= 0 or high <= 0:
        return None
    if not upper:
        return ZERO.plus(z, f.slopes.get(v, 0)), False
    chord = z.scaled(ratio(high + low, high - low)) if high + low else ZERO
    return chord.plus(Linear(ratio(-2 * high * low, high - low), {})), False


def _relu_of_z(f: Forms, v: int, node: Node, *, upper: bool) -> Linear | None:
    """A row above or below max(z, 0); None where the sign of z is decided."""
    z, low, high = _z_row(f, node)
    if low >= 0 or high <= 0:
        return None
    if not upper:
        return ZERO.plus(z, f.slopes.get(v, int(high > -low)))
    rise = ratio(high, high - low)
    return z.scaled(rise).plus(Linear(-rise * low, {}))


def _relu_line(f: Forms, v: int, node: Node, *, upper: bool) -> tuple[Linear, bool] | None:
    line = _relu_of_z(f, v, node, upper=upper)
    return None if line is None else (line, False)


def _max_line(f: Forms, v: int, node: Node, *, upper: bool) -> tuple[Linear, bool] | None:
    """max(a, b) = a + relu(b - a)."""
    line = _relu_of_z(f, v, node, upper=upper)
    return None if line is None else (f.rows[node.args[0]].plus(line), False)


def _min_line(f: Forms, v: int, node: Node, *, upper: bool) -> tuple[Linear, bool] | None:
    """min(a, b) = b - relu(b - a)."""
    line = _relu_of_z(f, v, node, upper=not upper)
    return None if line is None else (f.rows[node.args[1]].plus(line, -1), False)


_ONE, _TWO = ("number",), ("number", "number")

RELU = Operation(
    "relu", _ONE, monotone(_positive_part), _relu_forms, total=True, whole=of_integers,
    taken=_relu_taken, algebra=POSITIVE_PART, line=_relu_line, least_slope=0, keeps_gaps=True,
)  # fmt: skip
ABS = Operation(
    "abs", _ONE, _abs_at_point, _abs_forms, total=True, whole=of_integers,
    taken=_abs_taken, algebra=MAGNITUDE, line=_abs_line, least_slope=-1,
)  # fmt: skip
MAX = Operation(
    "max", _TWO, _choice_at_point(max), _max_forms, total=True, whole=of_integers,
    taken=_max_taken, algebra=LARGER, line=_max_line, least_slope=0, keeps_gaps=True,
)  # fmt: skip
MIN = Operation(
    "min", _TWO, _choice_at_point(min), _min_forms, total=True, whole=of_integers,
    taken=_min_taken, algebra=SMALLER, line=_min_line, least_slope=0, keeps_gaps=True,
)  # fmt: skip
