"""`tanh`, `sigmoid` (the logistic function) and `erf`: enclosed; on a box, between a tangent and a chord."""

from ..forms.form import Forms
from ..numbers.curves import Curve
from ..numbers.number import BITS, ceil_scaled, floor_scaled, ratio
from ..numbers.s_shaped import erf_bounds, erf_slope, sigmoid_bounds, sigmoid_slope, tanh_bounds, tanh_slope
from ..points.values import NodeValues
from ..reading.node import Node
from .between import between_lines
from .operation import Operation


def _s_shaped(name: str, curve: Curve) -> Operation:
    def at_point(e: NodeValues, v: int, node: Node) -> None:
        ends = e.ends(node.args[0])
        found = None if ends is None else curve.bounds(floor_scaled(ends[0], BITS), ceil_scaled(ends[1], BITS), BITS)
        if found is None:
            e.top(v)
        else:
            e.interval(v, ratio(found[0], 1 << BITS), ratio(found[1], 1 << BITS))

    def forms(f: Forms, v: int, node: Node) -> None:
        a = node.args[0]
        if a in f.tops:
            f.top(v)
        else:
            between_lines(f, v, a, curve)

    return Operation(name, ("number",), at_point, forms, least_slope=0)


TANH_CURVE = Curve(tanh_bounds, tanh_slope, "concave above zero", width=5)
SIGMOID_CURVE = Curve(sigmoid_bounds, sigmoid_slope, "concave above zero", width=10)
ERF_CURVE = Curve(erf_bounds, erf_slope, "concave above zero", width=4)
TANH = _s_shaped("tanh", TANH_CURVE)
SIGMOID = _s_shaped("sigmoid", SIGMOID_CURVE)
ERF = _s_shaped("erf", ERF_CURVE)
