"""`sqrt`, `exp`, `log`: enclosed; on a box, between a tangent and a chord. Outside the domain: any value."""

from math import isqrt

from ..algebra.relations import LOGARITHM, ROOT
from ..forms.form import Forms
from ..numbers.curves import Curve
from ..numbers.enclose import EXP_LIMIT, exp_bounds, log_bounds, sqrt_bounds
from ..numbers.number import BITS, ceil_scaled, floor_scaled, ratio
from ..points.values import NodeValues
from ..reading.node import Node
from .between import between_lines
from .operation import Operation


def _sqrt_at_point(e: NodeValues, v: int, node: Node) -> None:
    ends = e.ends(node.args[0])
    if ends is None or ends[0] < 0:
        e.top(v)
        return
    low, high = ends
    top, bottom = isqrt(low.numerator), isqrt(low.denominator)
    if low == high and top * top == low.numerator and bottom * bottom == low.denominator:
        e.exact(v, ratio(top, bottom))
    else:
        _enclosed(e, v, sqrt_bounds(floor_scaled(low, BITS), ceil_scaled(high, BITS), BITS))


def _exp_at_point(e: NodeValues, v: int, node: Node) -> None:
    ends = e.ends(node.args[0])
    low, high = (0, EXP_LIMIT + 1) if ends is None else ends
    _enclosed(e, v, exp_bounds(floor_scaled(low, BITS), ceil_scaled(high, BITS), BITS))


def _log_at_point(e: NodeValues, v: int, node: Node) -> None:
    ends = e.ends(node.args[0])
    low = 0 if ends is None else floor_scaled(ends[0], BITS)
    _enclosed(e, v, None if ends is None or low <= 0 else log_bounds(low, ceil_scaled(ends[1], BITS), BITS))


def _enclosed(e: NodeValues, v: int, bounds: tuple[int, int] | None) -> None:
    if bounds is None:
        e.top(v)
    else:
        e.interval(v, ratio(bounds[0], 1 << BITS), ratio(bounds[1], 1 << BITS))


def _exp_slope(x: int, bits: int) -> tuple[int, int] | None:
    return exp_bounds(x, x, bits)


def _sqrt_slope(x: int, bits: int) -> tuple[int, int] | None:
    """1 / (2 sqrt(x))."""
    low, high = sqrt_bounds(x, x, bits) if x > 0 else (0, 0)
    return None if low == 0 else ((1 << (2 * bits - 1)) // high, -((-1 << (2 * bits - 1)) // low))


def _log_slope(x: int, bits: int) -> tuple[int, int] | None:
    return (1 << (2 * bits)) // x, -((-1 << (2 * bits)) // x)


EXP_CURVE = Curve(exp_bounds, _exp_slope, "convex", nearest=1)
SQRT_CURVE = Curve(sqrt_bounds, _sqrt_slope, "concave")
LOG_CURVE = Curve(log_bounds, _log_slope, "concave")


def _sqrt_forms(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    if a in f.tops or f.lo[a] < 0:
        f.top(v)
    else:
        between_lines(f, v, a, SQRT_CURVE)


def _exp_forms(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    if a in f.tops or f.hi[a] > EXP_LIMIT << f.bits:
        f.top(v)
    else:
        between_lines(f, v, a, EXP_CURVE)


def _log_forms(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    if a in f.tops or f.lo[a] <= 0:
        f.top(v)
    else:
        between_lines(f, v, a, LOG_CURVE)


SQRT = Operation("sqrt", ("number",), _sqrt_at_point, _sqrt_forms, least_slope=0, algebra=ROOT)
EXP = Operation("exp", ("number",), _exp_at_point, _exp_forms, least_slope=0)
LOG = Operation("log", ("number",), _log_at_point, _log_forms, least_slope=0, algebra=LOGARITHM)
