"""Rows: a node as an exact sum of columns. A column is a parameter, or a node that no rule makes a sum: then it stands
for its value. These are sums, of the rows of their arguments:

- an input, a constant; an `affine`, exact or float32 with a grid; a `round32` with a grid; a `floor` or `round` of a
  node on the grid 1;
- a `relu`, `abs`, `max` or `min` whose side the interval of z or a known sign decides; an `ite` with a decided
  condition.
"""

from ..numbers.number import Number, normal
from ..numbers.polynomial import is_long
from ..plan import Linear
from ..reading.problem import Node
from .form import Forms

MAX_COLUMNS = 4096
ZERO = Linear(0, {})


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
    itself = Linear(0, {~v: 1})
    if node.op == "input":
        return f.state.resolve(Linear(0, {node.index: 1}))
    if node.op == "const":
        return Linear(node.constant, {})
    if node.op == "affine" and (not node.rounded or f.grid[v] is not None):
        total = sum_of(f, node)
        return itself if total is None else total
    if node.op == "round32" and f.grid[v] is not None:
        return f.rows[node.args[0]]
    if node.op in ("floor", "round") and f.grid[node.args[0]] == 0:
        return f.rows[node.args[0]]
    if node.op == "ite" and (condition := f.truth[node.args[0]]) is not None:
        return f.rows[node.args[1 if condition else 2]]
    if node.op in ("relu", "abs", "max", "min"):
        a, b = switched(node)
        low, high = f.gap(a, b)
        sign = f.sign(a, b)
        if sign is not None or low >= 0 or high <= 0:
            rises = low >= 0 if sign is None else sign
            first, second = ZERO if a < 0 else f.rows[a], f.rows[b]
            if node.op == "abs":
                return second if rises else second.scaled(-1)
            return second if rises is (node.op != "min") else first
    return itself


def sum_of(f: Forms, node: Node) -> Linear | None:
    """The sum of the arguments' rows; None for too many columns."""
    constant = node.constant
    terms: dict[int, Number] = {}
    for a, w in zip(node.args, node.weights, strict=True):
        row = f.rows[a]
        constant += w * row.constant
        for p, c in row.terms.items():
            terms[p] = terms.get(p, 0) + w * c
        f.prepared.work.count(len(row.terms))
        if len(terms) > MAX_COLUMNS:
            return None
    return Linear(normal(constant), {p: normal(c) for p, c in terms.items() if c})


def switched(node: Node) -> tuple[int, int]:
    """(a, b) of z = b - a; a = -1 stands for zero."""
    return (-1, node.args[0]) if len(node.args) == 1 else (node.args[0], node.args[1])
