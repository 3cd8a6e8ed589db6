"""Lines: rows that bound a node that is no sum itself, from above or from below.

A node of one value is that value; a sum that rounds is bounded by the sum, and the other operations by the line of
their record. The lines of what rounds are moved outward by its error.
"""

from ..numbers.number import ratio
from ..operations.table import OPERATIONS
from ..plan import Linear
from ..reading.node import Node
from .form import Forms
from .rows import row_of_sum, sum_on_box


def line_of(f: Forms, v: int, *, upper: bool) -> tuple[Linear, bool] | None:
    """A row that is never below (`upper`) or never above the node, strictly so if marked; None if there is none."""
    if (v, upper) not in f.lines:
        f.lines[v, upper] = _made_line(f, v, f.prepared.problem.nodes[v], upper=upper)
    return f.lines[v, upper]


def _made_line(f: Forms, v: int, node: Node, *, upper: bool) -> tuple[Linear, bool] | None:
    least, most = f.ends(v)
    if least == most:
        return Linear(least, {}), False
    operation = OPERATIONS[node.op]
    if operation.line is not None:
        found = operation.line(f, v, node, upper=upper)
    else:
        terms = sum_on_box(f, v, node) if v in f.errors else None
        total = None if terms is None else row_of_sum(f, terms)
        found = None if total is None else (total, False)
    error = ratio(f.errors.get(v, 0), 1 << f.bits)
    if found is None or not error:
        return found
    return found[0].plus(Linear(error if upper else -error, {})), found[1]
