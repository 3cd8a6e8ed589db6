"""Exact bounds of nodes that a leaf names: sums in which nodes cancel before they are bounded.

A node is a *row* (`rows.py`), in exact numbers. A row is bounded from below twice, and the better bound counts:

- each column by its own interval;
- after columns that are nodes have been replaced, the last node first, by a row that is never above (where its
  coefficient is positive) or never below them (where it is negative): a *line* (`lines.py`).

Where all columns of the row are integers (integer parameters, nodes with the grid 1) its values are constant + a
multiple of the greatest common divisor of its coefficients, and its bound is moved to the next such value. Columns of
one value only are part of the constant. Multiples of facts that are equalities leave the value as it is: both rows,
with and without them, are then bounded, and the bound is moved by both.

A comparison that says how far two switches of one kind are apart is bounded by their arguments too.
"""

from collections.abc import Sequence
from fractions import Fraction
from heapq import heappop, heappush
from math import gcd, lcm

from ..numbers.number import BITS, Number, ceil_scaled, floor_scaled, magnitude, normal, ratio
from ..numbers.polynomial import Ends
from ..operations.comparisons import decided
from ..operations.table import OPERATIONS
from ..plan import ZERO, Linear
from ..state import LinearFact
from .form import Bound, ClosedError, Forms
from .lines import line_of
from .rows import MAX_COLUMNS, row_of

SHORT_BITS = 256


def tighten(f: Forms, v: int) -> None:
    """The interval of a number node, or the truth of an undecided comparison, by exact bounds."""
    node = f.prepared.problem.nodes[v]
    if not node.boolean:
        if v not in f.tops:
            _tighten_interval(f, v)
        return
    if f.truth[v] is None and v in f.bounds:
        low, high = f.bounds[v]
        low = max(low, _row_bound(f, v, "low"))
        f.truth[v] = decided(f, v, node, low, high)
        if f.truth[v] is None:
            f.truth[v] = decided(f, v, node, low, max(high, _row_bound(f, v, "high")))


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
    first, last = (a, b) if side == "low" else (b, a)
    found = f.multipliers.get((v, side), ())
    said, strict, equal = ZERO, False, bool(found)
    for index, m in found:
        row, sharp = _fact_row(f, index, positive=m > 0)
        said = said.plus(row, magnitude(m))
        strict = strict or (sharp and m != 0)
        equal = equal and f.state.is_equality(index)
    apart = _apart(f, first, last, said)
    if apart is not None and apart > 0:
        return floor_scaled(apart, f.bits), True
    plain = row_of(f, last).plus(row_of(f, first), -1)
    least, sharp = _least(f, plain.plus(said, -1), plain, strict=strict, equal=equal)
    if apart is not None and apart > least:
        least, sharp = apart, False
    return floor_scaled(least, f.bits), sharp or least > 0


def _apart(f: Forms, a: int, b: int, said: Linear) -> Number | None:
    """A bound of b - a from below where that is c + t u - t v, t > 0, u and v two switches of one kind; else None.

    `said` >= 0 on this path. From x >= y + s and x' >= y' + s follows max(x, x') >= max(y, y') + s, and the same of
    min; so u - v is at least the least of the differences of like arguments, of relu that of z's and 0 - 0.
    """
    nodes = f.prepared.problem.nodes
    total = _shallow(f, b).plus(_shallow(f, a), -1)
    if len(total.terms) != 2 or sum(total.terms.values()) != 0:
        return None
    v, u = sorted(total.terms, key=total.terms.__getitem__)
    if nodes[u].op != nodes[v].op or not OPERATIONS[nodes[u].op].keeps_gaps:
        return None
    t = total.terms[u]
    least: Number | None = 0 if len(nodes[u].args) == 1 else None
    for x, y in zip(nodes[u].args, nodes[v].args, strict=True):
        row = row_of(f, x).plus(row_of(f, y), -1).scaled(t)
        one = _least(f, row.plus(said, -1), row)[0]
        if one < 0 and said.terms:
            one = max(one, _least(f, row, row)[0])
        least = one if least is None else min(least, one)
    return None if least is None else normal(total.constant + least)


def _shallow(f: Forms, v: int) -> Linear:
    """A node as a sum of its arguments, if it is a constant or an exact sum; here terms are by node."""
    node = f.prepared.problem.nodes[v]
    if node.op == "const":
        return Linear(node.constant, {})
    if node.op != "affine" or node.rounded:
        return Linear(0, {v: 1})
    total = Linear(node.constant, {})
    for a, w in zip(node.args, node.weights, strict=True):
        total = total.plus(Linear(0, {a: 1}), w)
    return total


def bound_below(f: Forms, row: Linear, facts: Sequence[tuple[int, Number, Linear]], *, equal: bool = False) -> Number:
    """The bound that a leaf finds for a row with these facts' rows as multiples: (index, multiplier, row); `equal`
    where all of them are equalities."""
    total = row
    for _, m, said in facts:
        total = total.plus(said, -m)
    return _least(f, total, row, equal=equal)[0]


def replaced_below(f: Forms, row: Linear) -> Linear:
    """A row that is never above this one, its nodes replaced as far as they are."""
    return _replaced(f, row)[0]


def _fact_row(f: Forms, index: int, *, positive: bool) -> tuple[Linear, bool]:
    """What a fact says is >= 0 (> 0 if so marked)."""
    fact = f.state.facts[index]
    if isinstance(fact, LinearFact):
        return f.state.resolve(fact.form), False
    f.fact_form(index, positive=positive)  # its conditions on use
    a, b, strict = f.fact_sides(index, positive=positive)
    right = ZERO if b < 0 else row_of(f, b)
    return (right if a < 0 else right.plus(row_of(f, a), -1)), strict


def _least(f: Forms, total: Linear, plain: Linear, *, strict: bool = False, equal: bool = False) -> tuple[Number, bool]:
    """A bound of `plain` from below, strict if so marked, where `total` is at most that, and less if `strict`.

    `equal`: total is plain plus multiples of what equalities say is zero, so it has the values of plain.
    """
    found: tuple[Number, bool] = _at_ends(f, total), strict
    for row in (total, plain) if equal and total is not plain else (total,):
        replaced, sharp = _replaced(f, row)
        found = max(found, (_at_ends(f, replaced), strict or sharp))
    for row in (plain, total) if equal and total is not plain else (plain,):
        found = _next_value(f, row, found)
    return found


def _next_value(f: Forms, row: Linear, bound: tuple[Number, bool]) -> tuple[Number, bool]:
    """The least value, not below the bound, that the row may have where its columns are integers."""
    row = without_fixed(f, row)
    step = _common_step(f, row)
    if step is None:
        return bound
    found, strict = bound
    count = ratio(found - row.constant, step)
    whole = count.numerator // count.denominator
    up = whole + 1 if strict or count.denominator != 1 else whole
    return normal(row.constant + step * up), False


def without_fixed(f: Forms, row: Linear) -> Linear:
    """The row with columns of one value only, by their intervals, as part of its constant."""
    constant, terms = row.constant, {}
    for column, c in row.terms.items():
        low, high = _column_ends(f, column)
        if low == high:
            constant += c * low
        else:
            terms[column] = c
    return Linear(normal(constant), terms)


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
    return f.ends(~column)


def _common_step(f: Forms, row: Linear) -> Fraction | None:
    """The g > 0 of which all terms of the row are multiples; None if some column need not be an integer."""
    for column in row.terms:
        if not (f.state.live[column].integer if column >= 0 else f.grid[~column] == 0):
            return None
    if not row.terms:
        return None
    bottom = lcm(*(c.denominator for c in row.terms.values()))
    return Fraction(gcd(*((c * bottom).numerator for c in row.terms.values())), bottom)


def _replaced(f: Forms, row: Linear) -> tuple[Linear, bool]:
    """A row that is never above this one, strictly below it if so marked: its nodes replaced, the last one first."""
    constant, terms, strict = row.constant, dict(row.terms), False
    waiting = sorted(column for column in terms if column < 0)
    while waiting and len(terms) <= MAX_COLUMNS:
        column = heappop(waiting)
        if column not in terms:
            continue
        c = terms[column]
        found = line_of(f, ~column, upper=c < 0)
        f.prepared.work.count(1)
        if found is None:
            continue
        line, sharp = found
        strict = strict or sharp
        del terms[column]
        constant += c * line.constant
        f.prepared.work.count(len(line.terms))
        for p, w in line.terms.items():
            if p < 0 and p not in terms:
                heappush(waiting, p)
            coefficient, lost = _short(f, p, terms.get(p, 0) + c * w)
            constant += lost
            if coefficient:
                terms[p] = coefficient
            else:
                terms.pop(p, None)
        if constant.denominator.bit_length() > SHORT_BITS:
            constant = ratio(floor_scaled(constant, BITS), 1 << BITS)
    return Linear(normal(constant), terms), strict


def _short(f: Forms, column: int, c: Number) -> tuple[Number, Number]:
    """A coefficient, or a short one below it with the least that the column's part loses by that."""
    c = normal(c)
    if c.denominator.bit_length() <= SHORT_BITS:
        return c, 0
    low = ratio(floor_scaled(c, BITS), 1 << BITS)
    return low, (c - low) * _column_ends(f, column)[0]
