"""`round32`: a number rounded once to float32, as a model is fed."""

from ..forms.form import Forms
from ..numbers.float32 import ETA_EXPONENT, LARGEST, PLACES, round_float32
from ..points.values import NodeValues
from ..reading.node import Node
from .operation import Operation, all_summands


def _round32_at_point(e: NodeValues, v: int, node: Node) -> None:
    ends = e.ends(node.args[0])
    low = None if ends is None else round_float32(ends[0])
    high = None if ends is None else round_float32(ends[1])
    if low is None or high is None:
        e.top(v)
    else:
        e.interval(v, low, high)


def _round32_forms(f: Forms, v: int, node: Node) -> None:
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


ROUND32 = Operation("round32", ("number",), _round32_at_point, _round32_forms, summands=all_summands)
