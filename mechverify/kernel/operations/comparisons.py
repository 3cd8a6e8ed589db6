"""`le`, `lt`, `eq`: how d = b - a is related to zero."""

from collections.abc import Callable

from ..forms.form import Bound, ClosedError, Forms
from ..numbers.number import Number
from ..points.values import NodeValues
from ..reading.node import Node
from .operation import Operation


def _ordered_at_point(
    holds: Callable[[Number, Number], bool], *, strict: bool
) -> Callable[[NodeValues, int, Node], None]:
    def rule(e: NodeValues, v: int, node: Node) -> None:
        a, b = node.args
        low_a, low_b, high_a, high_b = e.low[a], e.low[b], e.high[a], e.high[b]
        if low_a is None or low_b is None or high_a is None or high_b is None:
            e.truth[v] = None
        elif low_a is high_a and low_b is high_b:
            e.truth[v] = holds(low_a, low_b)
        elif a == b:
            e.truth[v] = not strict
        elif holds(high_a, low_b):
            e.truth[v] = True
        else:
            e.truth[v] = None if holds(low_a, high_b) else False

    return rule


def _eq_at_point(e: NodeValues, v: int, node: Node) -> None:
    a, b = e.ends(node.args[0]), e.ends(node.args[1])
    if a is None or b is None:
        e.truth[v] = None
    elif (a[0] == a[1] and b[0] == b[1]) or node.args[0] == node.args[1]:
        e.truth[v] = a[0] == b[0]
    else:
        e.truth[v] = False if a[1] < b[0] or b[1] < a[0] else None


def _comparison_forms(f: Forms, v: int, node: Node) -> None:
    """By the forms alone; `forms/evaluate.py` looks a second time at what they leave open."""
    a, b = node.args
    if a not in f.tops and b not in f.tops:
        low, high = f.bounds[v] = f.bound(v, "low"), f.bound(v, "high")
        f.truth[v] = decided(f, v, node, low, high)


def decided(f: Forms, v: int, node: Node, low: Bound, high: Bound) -> bool | None:
    """The truth of a comparison by bounds of d; bounds that exclude each other close the path."""
    below, above = _reaches(f, v, high, strict=True), _reaches(f, v, low, strict=True)
    sign = f.sign(*node.args)
    at_most = sign is False or _reaches(f, v, high, strict=False)
    at_least = sign is True or _reaches(f, v, low, strict=False)
    if (at_least and below) or (at_most and above):
        raise ClosedError
    if node.op == "le":
        return True if at_least else False if below else None
    if node.op == "lt":
        return True if above else False if at_most else None
    return True if at_least and at_most else False if above or below else None


def _reaches(f: Forms, v: int, bound: Bound, *, strict: bool) -> bool:
    """Whether d >= x (as in `Forms.bound`) gives d >= 0, or d > 0 if strict; d may be on a grid."""
    x, sharp = bound
    if x > 0 or (x == 0 and (sharp or not strict)):
        return True
    k = None if strict else f.finer_grid(*f.prepared.problem.nodes[v].args)
    if k is None:
        return False
    gap = -x << k
    return gap < 1 << f.bits or (gap == 1 << f.bits and sharp)


_TWO_NUMBERS = ("number", "number")
_LE_AT_POINT = _ordered_at_point(lambda a, b: a <= b, strict=False)
_LT_AT_POINT = _ordered_at_point(lambda a, b: a < b, strict=True)

LE = Operation("le", _TWO_NUMBERS, _LE_AT_POINT, _comparison_forms, boolean=True, total=True, compares=True)
LT = Operation("lt", _TWO_NUMBERS, _LT_AT_POINT, _comparison_forms, boolean=True, total=True, compares=True)
EQ = Operation("eq", _TWO_NUMBERS, _eq_at_point, _comparison_forms, boolean=True, total=True, compares=True)
