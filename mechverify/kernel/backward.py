"""Exact bounds of nodes that a leaf names: sums in which nodes cancel before they are bounded.

A node is a *row*: a constant plus a sum of coefficient times column, in exact numbers. A column is a parameter, or a
node that no rule makes a sum: then it stands for its value. These are sums, of the rows of their arguments:

- an input, a constant; an `affine`, exact or float32 with a grid; a `round32` with a grid; a `floor` or `round` of a
  node on the grid 1;
- a `relu`, `abs`, `max` or `min` whose side the interval of z or a known sign decides; an `ite` with a decided
  condition.

A row is bounded from below twice, and the better bound counts:

- each column by its own interval;
- after columns have been replaced, the last node first, by a row that is never above (where its coefficient is
  positive) or never below them (where it is negative): `floor(a)` by a, or by a - (1 - 2^-k) for a on the grid 2^-k,
  or strictly by a - 1; `round(a)` by a - 1/2 and a + 1/2; `relu`, `abs`, `max`, `min` and exact `mul` by the lines
  of docs/kernel.md, with ends and chords in exact numbers, and for `mul` both planes mixed, s and 1 - s.

Where all columns of the row are integers (integer parameters, nodes with the grid 1) its values are constant + a
multiple of the greatest common divisor of its coefficients, and its bound is moved to the next such value.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

from .form import Bound, ClosedError, Forms
from .form_table import decided
from .number import BITS, Number, ceil_scaled, floor_scaled, magnitude, normal, ratio
from .plan import Linear
from .polynomial import Ends, is_long
from .problem import Node
from .state import LinearFact

MAX_COLUMNS = 4096
SHORT_BITS = 256
ZERO = Linear(0, {})


def tighten(f: Forms, v: int) -> None:
    """The interval of a number node, or the truth of an undecided comparison, by exact bounds."""
    node = f.prepared.problem.nodes[v]
    if not node.boolean:
        if v not in f.tops:
            _tighten_interval(f, v)
        return
    a, b = node.args
    if f.truth[v] is None and a not in f.tops and b not in f.tops:
        low, high = (max(f.bound(v, side), _row_bound(f, v, side)) for side in ("low", "high"))
        f.truth[v] = decided(f, v, node, low, high)


def _tighten_interval(f: Forms, v: int) -> None:
    row = row_of(f, v)
    low, high = _least(f, row, row)[0], _least(f, row.scaled(-1), row.scaled(-1))[0]
    f.lo[v] = max(f.lo[v], floor_scaled(low, f.bits))
    f.hi[v] = min(f.hi[v], ceil_scaled(-high, f.bits))
    if f.lo[v] > f.hi[v]:
        raise ClosedError
    f.size[v] = max(-f.lo[v], f.hi[v])


def _row_bound(f: Forms, v: int, side: str) -> Bound:
    a, b = f.prepared.problem.nodes[v].args
    plain = row_of(f, b).plus(row_of(f, a), -1)
    if side == "high":
        plain = plain.scaled(-1)
    total, strict = plain, False
    for index, m in f.multipliers.get((v, side), ()):
        said, sharp = _fact_row(f, index, positive=m > 0)
        total = total.plus(said, -magnitude(m))
        strict = strict or (sharp and m != 0)
    least, sharp = _least(f, total, plain, strict=strict)
    return floor_scaled(least, f.bits), sharp or least > 0


def bound_below(f: Forms, row: Linear, facts: Sequence[tuple[int, Number, Linear]]) -> Number:
    """The bound that a leaf finds for a row with these facts' rows as multiples: (index, multiplier, row)."""
    total = row
    for _, m, said in facts:
        total = total.plus(said, -m)
    return _least(f, total, row)[0]


def _fact_row(f: Forms, index: int, *, positive: bool) -> tuple[Linear, bool]:
    """What a fact says is >= 0 (> 0 if so marked)."""
    fact = f.state.facts[index]
    if isinstance(fact, LinearFact):
        return f.state.resolve(fact.form), False
    f.fact_form(index, positive=positive)  # its conditions on use
    a, b, strict = f.fact_sides(index, positive=positive)
    right = ZERO if b < 0 else row_of(f, b)
    return (right if a < 0 else right.plus(row_of(f, a), -1)), strict


def _least(f: Forms, total: Linear, plain: Linear, *, strict: bool = False) -> tuple[Number, bool]:
    """A bound of `plain` from below, strict if so marked, where `total` is at most that, and less if `strict`."""
    replaced, sharp = _replaced(f, total)
    found, strictly = max((_at_ends(f, total), strict), (_at_ends(f, replaced), strict or sharp))
    step = _common_step(f, plain)
    if step is None:
        return found, strictly
    count = ratio(found - plain.constant, step)
    whole = count.numerator // count.denominator
    up = whole + 1 if strictly or count.denominator != 1 else whole
    return normal(plain.constant + step * up), False


def _at_ends(f: Forms, row: Linear) -> Number:
    total: Number = row.constant
    for column, c in row.terms.items():
        low, high = _column_ends(f, column)
        total += c * (low if c > 0 else high)
    return total


def _column_ends(f: Forms, column: int) -> Ends:
    """A parameter's bounds, or the interval of the node ~column."""
    if column >= 0:
        one = f.state.live[column]
        return one.low, one.high
    return _node_ends(f, ~column)


def _node_ends(f: Forms, v: int) -> Ends:
    return ratio(f.lo[v], 1 << f.bits), ratio(f.hi[v], 1 << f.bits)


def _common_step(f: Forms, row: Linear) -> Fraction | None:
    """The g > 0 of which all terms of the row are multiples; None if some column need not be an integer."""
    for column in row.terms:
        if not (f.state.live[column].integer if column >= 0 else f.grid[~column] == 0):
            return None
    if not row.terms:
        return None
    bottom = lcm(*(c.denominator for c in row.terms.values()))
    return Fraction(gcd(*((c * bottom).numerator for c in row.terms.values())), bottom)


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
        total = Linear(node.constant, {})
        for a, w in zip(node.args, node.weights, strict=True):
            total = total.plus(f.rows[a], w)
            f.prepared.work.count(len(total.terms))
            if len(total.terms) > MAX_COLUMNS:
                return itself
        return total
    if node.op == "round32" and f.grid[v] is not None:
        return f.rows[node.args[0]]
    if node.op in ("floor", "round") and f.grid[node.args[0]] == 0:
        return f.rows[node.args[0]]
    if node.op == "ite" and (condition := f.truth[node.args[0]]) is not None:
        return f.rows[node.args[1 if condition else 2]]
    if node.op in ("relu", "abs", "max", "min"):
        a, b = _switched(node)
        low, high = f.gap(a, b)
        sign = f.sign(a, b)
        if sign is not None or low >= 0 or high <= 0:
            rises = low >= 0 if sign is None else sign
            first, second = ZERO if a < 0 else f.rows[a], f.rows[b]
            if node.op == "abs":
                return second if rises else second.scaled(-1)
            return second if rises is (node.op != "min") else first
    return itself


def _switched(node: Node) -> tuple[int, int]:
    """(a, b) of z = b - a; a = -1 stands for zero."""
    return (-1, node.args[0]) if len(node.args) == 1 else (node.args[0], node.args[1])


def _replaced(f: Forms, row: Linear) -> tuple[Linear, bool]:
    """A row that is never above this one, strictly below it if so marked: its nodes replaced, the last one first."""
    strict = False
    kept: set[int] = set()
    while True:
        left = [~column for column in row.terms if column < 0 and ~column not in kept]
        if not left or len(row.terms) > MAX_COLUMNS:
            return row, strict
        v = max(left)
        c = row.terms[~v]
        found = _line(f, v, f.prepared.problem.nodes[v], upper=c < 0)
        f.prepared.work.count(len(row.terms))
        if found is None:
            kept.add(v)
            continue
        line, sharp = found
        row = Linear(row.constant, {p: w for p, w in row.terms.items() if p != ~v}).plus(line, c)
        row = _shortened(f, row)
        strict = strict or sharp


def _shortened(f: Forms, row: Linear) -> Linear:
    """The row, or one that is never above it, with short numbers in place of long ones."""
    constant = row.constant
    terms: dict[int, Number] = {}
    for column, c in row.terms.items():
        terms[column] = c
        if c.denominator.bit_length() > SHORT_BITS:
            terms[column] = ratio(floor_scaled(c, BITS), 1 << BITS)
            constant += (c - terms[column]) * _column_ends(f, column)[0]
    if constant.denominator.bit_length() > SHORT_BITS:
        constant = ratio(floor_scaled(constant, BITS), 1 << BITS)
    return Linear(normal(constant), {column: c for column, c in terms.items() if c})


def _line(f: Forms, v: int, node: Node, *, upper: bool) -> tuple[Linear, bool] | None:
    """A row that is never below (`upper`) or never above the node, strictly so if marked; None if there is none."""
    if node.op == "round":
        return f.rows[node.args[0]].plus(Linear(Fraction(1 if upper else -1, 2), {})), False
    if node.op == "floor":
        k = f.grid[node.args[0]]
        down: Number = 0 if upper else -1 if k is None else Fraction(1, 1 << k) - 1
        return f.rows[node.args[0]].plus(Linear(down, {})), k is None and not upper
    if node.op == "mul" and not node.rounded:
        return _plane(f, v, node, upper=upper), False
    if node.op not in ("relu", "abs", "max", "min"):
        return None
    a, b = _switched(node)
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


def _plane(f: Forms, v: int, node: Node, *, upper: bool) -> Linear:
    """Both planes of McCormick at the ends of the factors' intervals, mixed."""
    a, b = node.args
    (la, ua), (lb, ub) = _node_ends(f, a), _node_ends(f, b)
    share = f.slopes.get(v, Fraction(1, 2))
    total = ZERO
    corners = ((ua, lb), (la, ub)) if upper else ((la, lb), (ua, ub))
    for part, (x, y) in zip((share, 1 - share), corners, strict=True):
        total = total.plus(f.rows[b], part * x).plus(f.rows[a], part * y).plus(Linear(-x * y * part, {}))
    return total
