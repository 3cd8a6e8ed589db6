"""`sqrt`, `exp`, `log`: enclosed; on a box, constants from the interval. Outside the domain: any value."""

from math import isqrt

from ..algebra.relations import LOGARITHM, ROOT
from ..forms.form import Forms
from ..numbers.enclose import EXP_LIMIT, exp_bounds, log_bounds, sqrt_bounds
from ..numbers.number import BITS, ceil_scaled, floor_scaled, ratio
from ..points.values import NodeValues
from ..reading.node import Node
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


def _sqrt_forms(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    if a in f.tops or f.lo[a] < 0:
        f.top(v)
    else:
        f.constant(v, *sqrt_bounds(f.lo[a], f.hi[a], f.bits))


def _exp_forms(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    found = None if a in f.tops else exp_bounds(f.lo[a], f.hi[a], f.bits)
    if found is None:
        f.top(v)
    else:
        f.constant(v, *found)


def _log_forms(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    if a in f.tops or f.lo[a] <= 0:
        f.top(v)
    else:
        f.constant(v, *log_bounds(f.lo[a], f.hi[a], f.bits))


SQRT = Operation("sqrt", ("number",), _sqrt_at_point, _sqrt_forms, algebra=ROOT)
EXP = Operation("exp", ("number",), _exp_at_point, _exp_forms)
LOG = Operation("log", ("number",), _log_at_point, _log_forms, algebra=LOGARITHM)
