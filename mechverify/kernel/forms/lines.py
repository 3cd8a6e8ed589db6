"""Lines: rows that bound a node that is no sum itself, from above or from below; a node of one value is that value.

`floor(a)`: a, or a - (1 - 2^-k) for a on the grid 2^-k, or strictly a - 1; `round(a)`: a - 1/2 and a + 1/2; `relu`,
`abs`, `max`, `min` and `mul`: the lines of docs/kernel.md, with ends and chords in exact numbers, and for `mul` both
planes mixed, s and 1 - s; an `affine` or `round32` that rounds: the sum that it rounds. The lines of what rounds are
moved outward by its error.
"""

from fractions import Fraction

from ..numbers.number import Number, ratio
from ..numbers.polynomial import Ends
from ..plan import Linear
from ..reading.problem import Node
from .form import Forms
from .rows import ZERO, sum_of, switched


def line_of(f: Forms, v: int, *, upper: bool) -> tuple[Linear, bool] | None:
    """A row that is never below (`upper`) or never above the node, strictly so if marked; None if there is none."""
    if (v, upper) not in f.lines:
        f.lines[v, upper] = _made_line(f, v, f.prepared.problem.nodes[v], upper=upper)
    return f.lines[v, upper]


def _made_line(f: Forms, v: int, node: Node, *, upper: bool) -> tuple[Linear, bool] | None:
    least, most = node_ends(f, v)
    if least == most:
        return Linear(least, {}), False
    if node.op == "round":
        return f.rows[node.args[0]].plus(Linear(Fraction(1 if upper else -1, 2), {})), False
    if node.op == "floor":
        k = f.grid[node.args[0]]
        down: Number = 0 if upper else -1 if k is None else Fraction(1, 1 << k) - 1
        return f.rows[node.args[0]].plus(Linear(down, {})), k is None and not upper
    if node.op == "mul":
        return _erred(f, v, _plane(f, v, node, upper=upper), upper=upper), False
    if v in f.errors and (exact := _unrounded(f, node)) is not None:
        return _erred(f, v, exact, upper=upper), False
    if node.op not in ("relu", "abs", "max", "min"):
        return None
    a, b = switched(node)
    z = f.rows[b] if a < 0 else f.rows[b].plus(f.rows[a], -1)
    low, high = (ratio(x, 1 << f.bits) for x in f.gap(a, b))
    if low >= 0 or high <= 0:
        return None
    if node.op == "abs":
        chord = z.scaled(ratio(high + low, high - low)) if high + low else ZERO
        above = chord.plus(Linear(ratio(-2 * high * low, high - low), {}))
        return (above if upper else ZERO.plus(z, f.slopes.get(v, 0))), False
    slope = f.slopes.get(v, int(high > -low))
    rise = ratio(high, high - low)
    above, below = z.scaled(rise).plus(Linear(-rise * low, {})), ZERO.plus(z, slope)
    if node.op == "min":
        return f.rows[b].plus(below if upper else above, -1), False
    line = above if upper else below
    return (line if a < 0 else f.rows[a].plus(line)), False


def _erred(f: Forms, v: int, line: Linear, *, upper: bool) -> Linear:
    """The line moved outward by what rounding may do to the node, in every execution on this path."""
    error = ratio(f.errors.get(v, 0), 1 << f.bits)
    return line.plus(Linear(error if upper else -error, {})) if error else line


def _unrounded(f: Forms, node: Node) -> Linear | None:
    """The row of what a sum, or a feed, rounds; None for other operations and for too many columns."""
    if node.op == "round32":
        return f.rows[node.args[0]]
    return sum_of(f, node) if node.op == "affine" else None


def _plane(f: Forms, v: int, node: Node, *, upper: bool) -> Linear:
    """Both planes of McCormick at the ends of the factors' intervals, mixed."""
    a, b = node.args
    (la, ua), (lb, ub) = node_ends(f, a), node_ends(f, b)
    share = f.slopes.get(v, Fraction(1, 2))
    total = ZERO
    corners = ((ua, lb), (la, ub)) if upper else ((la, lb), (ua, ub))
    for part, (x, y) in zip((share, 1 - share), corners, strict=True):
        total = total.plus(f.rows[b], part * x).plus(f.rows[a], part * y).plus(Linear(-x * y * part, {}))
    return total


def node_ends(f: Forms, v: int) -> Ends:
    return ratio(f.lo[v], 1 << f.bits), ratio(f.hi[v], 1 << f.bits)
