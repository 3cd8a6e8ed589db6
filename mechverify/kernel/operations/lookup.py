"""`table`: an entry of a table of constants, by an integer that counts from 0. Elsewhere: any value."""

from collections.abc import Sequence

from ..fault import InvalidError
from ..forms.form import ClosedError, Forms
from ..numbers.number import Number, grid_of
from ..points.values import NodeValues
from ..reading.node import Node
from ..reading.tables import Table
from .operation import Operation


def _entries(node: Node) -> Table:
    if node.table is None:
        raise InvalidError("a look-up without a table")
    return node.table


def _table_at_point(e: NodeValues, v: int, node: Node) -> None:
    table, ends = _entries(node), e.ends(node.args[0])
    if ends is None or ends[0] != ends[1] or ends[0].denominator != 1 or not 0 <= ends[0] < len(table):
        e.top(v)
    else:
        e.exact(v, e.sized(table.entry(ends[0].numerator)))


def _reach(f: Forms, node: Node) -> tuple[int, int] | None:
    """The first and the last entry that the argument may choose; None where it may be no integer, or choose none.

    On the grid 1 it is at least its lower end rounded up, and at most its upper end rounded down.
    """
    a = node.args[0]
    if a in f.tops or f.grid[a] != 0:
        return None
    first, last = -(-f.lo[a] >> f.bits), f.hi[a] >> f.bits
    if first > last:
        raise ClosedError
    return (first, last) if first >= 0 and last < len(_entries(node)) else None


def _table_forms(f: Forms, v: int, node: Node) -> None:
    """The least and the greatest entry in reach."""
    table, reach = _entries(node), _reach(f, node)
    if reach is None:
        f.top(v)
        return
    first, last = reach
    f.prepared.work.count(last - first)
    found = table.numerators[first : last + 1]
    bottom = table.denominator
    f.constant(v, (min(found) << f.bits) // bottom, -((-max(found) << f.bits) // bottom))
    f.grid[v] = grid_of(table.entry(first)) if first == last else table.grid


def _one_entry(f: Forms, _v: int, node: Node) -> Sequence[int] | None:
    """A sum of nothing, and a constant, where one entry is in reach."""
    reach = _reach(f, node)
    return () if reach is not None and reach[0] == reach[1] else None


def _entry(f: Forms, _v: int, node: Node) -> Number:
    reach = _reach(f, node)
    return 0 if reach is None else _entries(node).entry(reach[0])


def _integer_entries(node: Node, _integral: Sequence[int]) -> bool:
    return _entries(node).denominator == 1


TABLE = Operation(
    "table", ("table", "number"), _table_at_point, _table_forms, whole=_integer_entries,
    summands=_one_entry, constant=_entry,
)  # fmt: skip
