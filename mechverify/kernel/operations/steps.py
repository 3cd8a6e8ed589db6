"""`floor` and `round` (half to even): exact, in both arithmetics."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import floor

from ..forms.form import Forms
from ..numbers.number import Number
from ..plan import Linear
from ..points.values import NodeValues
from ..reading.node import Node
from .operation import Operation


def monotone(function: Callable[[Number], Number]) -> Callable[[NodeValues, int, Node], None]:
    """The value at a point of an increasing function of one number that makes exact numbers of such."""

    def rule(e: NodeValues, v: int, node: Node) -> None:
        low, high = e.low[node.args[0]], e.high[node.args[0]]
        if low is None or high is None:
            e.top(v)
        elif low is high:
            e.low[v] = e.high[v] = function(low)
        else:
            e.interval(v, function(low), function(high))

    return rule


def _floor_forms(f: Forms, v: int, node: Node) -> None:
    _stairs(f, v, node.args[0], lambda x: x >> f.bits, 1 << f.bits, 0)


def _round_forms(f: Forms, v: int, node: Node) -> None:
    half = 1 << (f.bits - 1)
    _stairs(f, v, node.args[0], lambda x: round(Fraction(x, 1 << f.bits)), half, half)


def _stairs(f: Forms, v: int, a: int, step: Callable[[int], int], below: int, above: int) -> None:
    """Both ends on one step, or within `below` under and `above` over the argument."""
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


def _whole_argument(f: Forms, _v: int, node: Node) -> Sequence[int] | None:
    """The argument itself, where it is on the grid 1."""
    return node.args if f.grid[node.args[0]] == 0 else None


def _floor_line(f: Forms, _v: int, node: Node, *, upper: bool) -> tuple[Linear, bool]:
    k = f.grid[node.args[0]]
    down: Number = 0 if upper else -1 if k is None else Fraction(1, 1 << k) - 1
    return f.rows[node.args[0]].plus(Linear(down, {})), k is None and not upper


def _round_line(f: Forms, _v: int, node: Node, *, upper: bool) -> tuple[Linear, bool]:
    return f.rows[node.args[0]].plus(Linear(Fraction(1 if upper else -1, 2), {})), False


def _always(_node: Node, _integral: Sequence[int]) -> bool:
    return True


_ONE_NUMBER = ("number",)

FLOOR = Operation(
    "floor", _ONE_NUMBER, monotone(floor), _floor_forms, total=True, whole=_always,
    summands=_whole_argument, line=_floor_line,
)  # fmt: skip
ROUND = Operation(
    "round", _ONE_NUMBER, monotone(round), _round_forms, total=True, whole=_always,
    summands=_whole_argument, line=_round_line,
)  # fmt: skip
