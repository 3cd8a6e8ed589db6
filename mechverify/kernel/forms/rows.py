"""Rows: a node as an exact sum of columns. A column is a parameter, or a node that no rule makes a sum: then it stands
for its value. Sums, of the rows of their arguments, are inputs, constants, and what its operation's record makes one,
where that is not rounded; of a switch, the side that the interval of z or a known sign decides.
"""

from ..numbers.number import Number, normal
from ..numbers.polynomial import is_long
from ..operations.operation import Sum, switched
from ..operations.table import OPERATIONS
from ..plan import Linear
from ..reading.node import Node
from .form import Forms

MAX_COLUMNS = 4096


def row_of(f: Forms, v: int) -> Linear:
    """The row of an evaluated number node that has a value."""
    if v not in f.rows:
        for u in f.prepared.problem.cone((v,)):
            node = f.prepared.problem.nodes[u]
            if u not in f.rows and not node.boolean and u not in f.tops:
                row = _made_row(f, u, node)
                f.prepared.work.count(1 + len(row.terms))
                small = len(row.terms) <= MAX_COLUMNS and not any(map(is_long, (row.constant, *row.terms.values())))
                f.rows[u] = row if small else Linear(0, {~u: 1})
    return f.rows[v]


def _made_row(f: Forms, v: int, node: Node) -> Linear:
    if node.op == "input":
        return f.state.resolve(Linear(0, {node.index: 1}))
    terms = None if v in f.errors else sum_on_box(f, v, node)
    total = None if terms is None else row_of_sum(f, terms)
    return Linear(0, {~v: 1}) if total is None else total


def sum_on_box(f: Forms, v: int, node: Node) -> Sum | None:
    """The sum that a node is, or rounds; of a switch that of the side that its forms, or a known sign, decide."""
    operation = OPERATIONS[node.op]
    if operation.taken is None:
        found = operation.summands(f, v, node)
        if found is None:
            return None
        return operation.constant(f, v, node), list(zip(node.weights or [1] * len(found), found, strict=True))
    a, b = switched(node)
    low, high = f.gap(a, b)
    sign = f.sign(a, b)
    if sign is None and low < 0 < high:
        return None
    return operation.taken(node, rises=low >= 0 if sign is None else sign)


def row_of_sum(f: Forms, terms: Sum) -> Linear | None:
    """The sum of the rows; None for too many columns."""
    constant, weighted = terms
    found: dict[int, Number] = {}
    for w, a in weighted:
        row = f.rows[a]
        constant += w * row.constant
        for p, c in row.terms.items():
            found[p] = found.get(p, 0) + w * c
        f.prepared.work.count(len(row.terms))
        if len(found) > MAX_COLUMNS:
            return None
    return Linear(normal(constant), {p: normal(c) for p, c in found.items() if c})
