"""`tanh`, `sigmoid` (the logistic function) and `erf`: enclosed; on a box, constants from the interval."""

from collections.abc import Callable

from ..forms.form import Forms
from ..numbers.number import BITS, ceil_scaled, floor_scaled, ratio
from ..numbers.s_shaped import erf_bounds, sigmoid_bounds, tanh_bounds
from ..points.values import NodeValues
from ..reading.node import Node
from .operation import Operation

Bounds = Callable[[int, int, int], tuple[int, int]]


def _s_shaped(name: str, bounds: Bounds) -> Operation:
    def at_point(e: NodeValues, v: int, node: Node) -> None:
        ends = e.ends(node.args[0])
        if ends is None:
            e.top(v)
            return
        low, high = bounds(floor_scaled(ends[0], BITS), ceil_scaled(ends[1], BITS), BITS)
        e.interval(v, ratio(low, 1 << BITS), ratio(high, 1 << BITS))

    def forms(f: Forms, v: int, node: Node) -> None:
        a = node.args[0]
        if a in f.tops:
            f.top(v)
        else:
            f.constant(v, *bounds(f.lo[a], f.hi[a], f.bits))

    return Operation(name, ("number",), at_point, forms)


TANH = _s_shaped("tanh", tanh_bounds)
SIGMOID = _s_shaped("sigmoid", sigmoid_bounds)
ERF = _s_shaped("erf", erf_bounds)
