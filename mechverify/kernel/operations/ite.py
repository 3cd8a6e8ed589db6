"""`ite`: one number or another, by a condition."""

from collections.abc import Sequence

from ..forms.form import Forms
from ..points.values import NodeValues
from ..reading.node import Node
from .operation import Operation


def _ite_at_point(e: NodeValues, v: int, node: Node) -> None:
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


def _ite_forms(f: Forms, v: int, node: Node) -> None:
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
    if all(column[2 * a : 2 * a + 2] == column[2 * b : 2 * b + 2] for column in f.columns):
        f.copy(v, a)
        f.lo[v], f.hi[v] = min(f.lo[a], f.lo[b]), max(f.hi[a], f.hi[b])
        f.size[v] = max(f.size[a], f.size[b])
    else:
        f.constant(v, min(f.lo[a], f.lo[b]), max(f.hi[a], f.hi[b]))
    f.grid[v] = f.finer_grid(a, b)


def _side_taken(f: Forms, _v: int, node: Node) -> Sequence[int] | None:
    condition = f.truth[node.args[0]]
    return None if condition is None else (node.args[1 if condition else 2],)


def _integer_sides(node: Node, integral: Sequence[int]) -> bool:
    return bool(integral[node.args[1]] and integral[node.args[2]])


ITE = Operation(
    "ite", ("boolean", "number", "number"), _ite_at_point, _ite_forms, total=True, whole=_integer_sides,
    summands=_side_taken,
)  # fmt: skip
