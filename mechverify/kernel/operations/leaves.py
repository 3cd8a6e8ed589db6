"""What depends on no other node: inputs, constants, truth values, and truths that a proof has forgotten."""

from collections.abc import Sequence

from ..forms.form import Forms
from ..numbers.number import MAX_BITS, ceil_scaled, floor_scaled, grid_of
from ..plan import Linear
from ..points.values import NodeValues
from ..reading.node import Node
from .operation import Operation, all_summands


def _input_at_point(e: NodeValues, v: int, node: Node) -> None:
    e.low[v] = e.high[v] = e.point[node.index]


def _input_forms(f: Forms, v: int, node: Node) -> None:
    lower, upper = (f.linear_columns(Linear(0, {node.index: 1}), upper=side) for side in (False, True))
    used = [0, *(f.column_of[p] for p in f.state.values[node.index].terms if p in f.column_of)]
    for j in used:
        f.columns[j][2 * v], f.columns[j][2 * v + 1] = lower[j], upper[j]
    f.grid[v] = 0 if f.prepared.problem.inputs[node.index].integer else _substituted_grid(f, node.index)
    f.settle(v, slanted=[f.columns[j] for j in used[1:]])


def _substituted_grid(f: Forms, index: int) -> int | None:
    """The grid of a real input that substitution has written over integer parameters; none if it is not so written.

    None too where nodes were forgotten: the input may stand for a rounded node, whose readers' errors do not vanish.
    """
    if f.prepared.loosened:
        return None
    form, live = f.state.values[index], f.state.live
    k = grid_of(form.constant)
    for p, c in form.terms.items():
        own = grid_of(c) if live[p].integer else None
        k = None if k is None or own is None else max(k, own)
    return None if k is None or k > MAX_BITS else k


def _const_at_point(e: NodeValues, v: int, node: Node) -> None:
    e.low[v] = e.high[v] = node.constant


def _const_forms(f: Forms, v: int, node: Node) -> None:
    f.constant(v, floor_scaled(node.constant, f.bits), ceil_scaled(node.constant, f.bits))
    f.grid[v] = grid_of(node.constant)


def _bool_at_point(e: NodeValues, v: int, node: Node) -> None:
    e.truth[v] = bool(node.constant)


def _bool_forms(f: Forms, v: int, node: Node) -> None:
    f.truth[v] = bool(node.constant)


def _free_at_point(e: NodeValues, v: int, _node: Node) -> None:
    e.truth[v] = None


def _free_forms(f: Forms, v: int, _node: Node) -> None:
    """Its truth is open unless it is known (`forms/evaluate.py`)."""
    f.truth[v] = None


def _integer_constant(node: Node, _integral: Sequence[int]) -> bool:
    return type(node.constant) is int


INPUT = Operation("input", ("index",), _input_at_point, _input_forms, total=True)
CONST = Operation(
    "const", ("constant",), _const_at_point, _const_forms, total=True, whole=_integer_constant, summands=all_summands
)
BOOL = Operation("bool", ("truth",), _bool_at_point, _bool_forms, boolean=True, total=True)
FREE = Operation("free", None, _free_at_point, _free_forms, boolean=True)
