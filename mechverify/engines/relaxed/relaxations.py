"""The linear relaxation of a path: what its bounds, its facts and the lines of its open switches say of one row.

Columns are parameters and nodes, as in `kernel/forms/backward.py`. A relu, abs, max or min whose side is open lies
between lines: below by either of its two pieces, above by its chord. The multipliers that make the bound of a row best
are those of a linear program; the kernel re-derives the bound from them, the shares of the pieces being its slopes.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from mechverify.engines.affine.multipliers import optimum
from mechverify.graph.operations.operation import Switch
from mechverify.graph.operations.table import operation, turning_pair
from mechverify.kernel.search import Forms, InvalidError, Linear, LinearFact, Node, line_of, ratio, row_of

_ZERO = Linear(0, {})
_WIDER = 16.0
_SIMPLE = 64
_CLOSE = 1e-10


@dataclass(frozen=True, slots=True)
class FactRow:
    """A row that fact ``index`` says is >= 0; ``negative``: its multiplier is written negative (an equality)."""

    index: int
    negative: bool
    row: Linear


@dataclass(frozen=True, slots=True)
class Line:
    """A row that is >= 0 because a line bounds an open switch: one of its pieces from below, or its chord from above.

    ``loose``: how far the chord is from the switch at most. ``signed``: slopes are from -1 to 1, not from 0.
    ``terms``: the row of a piece, as a sum of sign * node.
    """

    node: int
    kind: str
    row: Linear
    loose: float = 0.0
    signed: bool = False
    terms: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Band:
    """The two lines of a node that say the same but for a constant: it is the lower one and from 0 to ``width``. So it
    is no column of its own: the place between them is, and two rows less are needed.
    """

    row: Linear
    width: float


@dataclass(frozen=True, slots=True)
class Bounded:
    """The least value of a row that the relaxation allows, the multipliers of facts and slopes of switches that show
    it, how much each open switch or choice costs, the values of the columns where it is least, and the pieces used."""

    value: float
    multipliers: list[tuple[int, Fraction]]
    slopes: dict[int, Fraction]
    costs: dict[int, float]
    point: dict[int, float]
    pieces: tuple[Line, ...] = ()


@dataclass(slots=True)
class Relaxation:
    """Of the path that ``forms`` has evaluated. ``facts`` may be narrowed to those that a comparison may use."""

    forms: Forms
    facts: list[FactRow] = field(init=False)
    lines: dict[int, list[Line]] = field(default_factory=dict)
    bands: dict[int, Band] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.facts = list(_fact_rows(self.forms))

    def least(self, row: Linear, usable: Sequence[FactRow] | None = None) -> Bounded:
        """The best bound of a row from below."""
        facts = list(self.facts if usable is None else usable)
        columns, lines = self._reached([row, *(f.row for f in facts)])
        said = {_key(f.row) for f in facts}
        lines = [line for line in lines if _key(line.row) not in said]
        place = {column: k for k, column in enumerate(columns)}
        bands = {column: self.bands[~column] for column in columns if ~column in self.bands}
        ends = [(0.0, bands[c].width) if c in bands else self._ends(c) for c in columns]
        low = np.array([a for a, _ in ends])
        width = np.array([b - a for a, b in ends])
        table = np.zeros((len(facts) + len(lines) + 1, len(columns) + 1))
        for k, one in enumerate((row, *(f.row for f in facts), *(x.row for x in lines))):
            for column, c in one.terms.items():
                table[k, place[column]] = float(c)
            table[k, -1] = float(one.constant)
        for column in sorted(bands):
            lowest = bands[column].row
            here = table[:, place[column]].copy()
            for of, c in lowest.terms.items():
                table[:, place[of]] += here * float(c)
            table[:, -1] += here * float(lowest.constant)
        table[:, -1] += table[:, :-1] @ low
        table[:, :-1] *= width
        if len(table) == 1 or not columns:
            least = (low + width * (table[0, :-1] < 0.0)).tolist()
            where_least = self._valued({column: least[k] for column, k in place.items()}, bands)
            return Bounded(float(table[0, -1] + np.minimum(table[0, :-1], 0.0).sum()), [], {}, {}, where_least)
        bound, found, where = optimum(table[None, 0], table[None, 1:])
        rest = table[0] - found[0] @ table[1:]
        multipliers = [
            (f.index, -_exact(m) if f.negative else _exact(m))
            for f, m in zip(facts, found[0].tolist(), strict=False)
            if m
        ]
        shares = list(zip(lines, found[0][len(facts) :].tolist(), strict=True))
        costs: dict[int, float] = {}
        for line, m in shares:
            if line.kind == "chord" and m * line.loose > _CLOSE:
                costs[line.node] = costs.get(line.node, 0.0) + m * line.loose
        for column, k in place.items():
            if column < 0 and column not in bands and ~column not in self.lines and abs(rest[k]) > _CLOSE:
                costs[~column] = costs.get(~column, 0.0) + abs(float(rest[k]))
        at = (low + width * where[0]).tolist()
        point = self._valued({column: at[k] for column, k in place.items()}, bands)
        pieces = tuple(line for line, m in shares if line.kind != "chord" and m)
        return Bounded(float(bound[0]), multipliers, _slopes(shares), costs, point, pieces)

    def outermost(self, row: Linear, small: float) -> int | None:
        """The last open switch that a row is made of, where sums that round are taken for their lower lines, and
        switches that are no farther than ``small`` from their chord for that."""
        while row.terms:
            column = min(row.terms)
            if column >= 0:
                break
            c, itself = row.terms[column], Linear(0, {column: 1})
            lines = self._lines(~column)
            instead = Linear(0, {})
            if ~column in self.bands:
                instead = self.bands[~column].row
            elif lines and lines[0].kind == "first":
                chord = lines[-1]
                if abs(float(c)) * chord.loose > small:
                    return ~column
                sign = chord.row.terms[column]
                instead = chord.row.scaled(-sign).plus(itself)
            row = row.plus(instead.plus(itself, -1), c)
        return None

    def _valued(self, point: dict[int, float], bands: dict[int, "Band"]) -> dict[int, float]:
        """A point with the values of sums that round, for the places in their bands."""
        for column in sorted(bands, reverse=True):
            row = bands[column].row
            point[column] += float(row.constant) + sum(float(c) * point[of] for of, c in row.terms.items())
        return point

    def _reached(self, rows: Sequence[Linear]) -> tuple[list[int], list[Line]]:
        """The columns of these rows and of the lines of the switches among them, and those lines."""
        seen: set[int] = set()
        stack = [column for row in rows for column in row.terms]
        lines: list[Line] = []
        while stack:
            column = stack.pop()
            if column in seen:
                continue
            seen.add(column)
            if column < 0:
                own = self._lines(~column)
                if ~column in self.bands:
                    stack.extend(self.bands[~column].row.terms)
                    continue
                lines += own
                stack.extend(c for line in own for c in line.row.terms)
        return sorted(seen), lines

    def _ends(self, column: int) -> tuple[float, float]:
        """A parameter's bounds; those of a choice; wider ones for a switch, which lines bound."""
        if column >= 0:
            one = self.forms.state.live[column]
            return float(one.low), float(one.high)
        low, high = (float(ratio(x[~column], 1 << self.forms.bits)) for x in (self.forms.lo, self.forms.hi))
        wider = _WIDER * (high - low) if self.lines.get(~column) else 0.0
        return low - wider, high + wider

    def _lines(self, v: int) -> list[Line]:
        if v not in self.lines:
            node = self.forms.prepared.problem.nodes[v]
            switch = operation(node.op).switch
            if switch is None:
                band, found = _other_lines(self.forms, v)
                if band is not None:
                    self.bands[v] = band
            else:
                found = _switch_lines(self.forms, v, node, switch)
            if not found:
                return found
            self.lines[v] = found
        return self.lines[v]


def _key(row: Linear) -> tuple[object, ...]:
    return (row.constant, *sorted(row.terms.items()))


def _exact(value: float) -> Fraction:
    near = Fraction(value).limit_denominator(_SIMPLE)
    return near if abs(float(near) - value) <= _CLOSE * max(1.0, abs(value)) else Fraction(value)


def _slopes(shares: Sequence[tuple[Line, float]]) -> dict[int, Fraction]:
    """The slope of each open switch from the shares of its two pieces."""
    weights: dict[int, list[float]] = {}
    signed: set[int] = set()
    for line, m in shares:
        if line.kind != "chord":
            weights.setdefault(line.node, []).append(m)
        if line.signed:
            signed.add(line.node)
    found: dict[int, Fraction] = {}
    for node, own in weights.items():
        if len(own) < 2:
            continue
        first, second = own
        if first + second > 0.0:
            share = second / (first + second)
            found[node] = _exact(2.0 * share - 1.0 if node in signed else share)
    return found


def _fact_rows(forms: Forms) -> Sequence[FactRow]:
    found: list[FactRow] = []
    state = forms.state
    for index, fact in enumerate(state.facts):
        if isinstance(fact, LinearFact):
            found.append(FactRow(index, False, state.resolve(fact.form)))
            continue
        for positive in (True, False):
            try:
                a, b, _ = forms.fact_sides(index, positive=positive)
            except InvalidError:
                break
            if any(n >= 0 and (n in forms.tops or n not in forms.done) for n in (a, b)):
                break
            row = _side(forms, b).plus(_side(forms, a), -1)
            if not positive and found and found[-1].index == index and found[-1].row == row:
                break
            found.append(FactRow(index, not positive, row))
    return [f for f in found if f.row.terms or f.row.constant < 0]


def _side(forms: Forms, v: int) -> Linear:
    return _ZERO if v < 0 else row_of(forms, v)


def _other_lines(forms: Forms, v: int) -> tuple[Band | None, list[Line]]:
    """The lines of a node that is no switch and no sum, such as a sum that rounds, where the kernel has some, and its
    band where they are one."""
    below, above = (line_of(forms, v, upper=upper) for upper in (False, True))
    itself = Linear(0, {~v: 1})
    found = [] if below is None else [Line(v, "chord", itself.plus(below[0], -1))]
    if above is None:
        return None, found
    found.append(Line(v, "chord", above[0].plus(itself, -1)))
    alike = below is not None and below[0].terms == above[0].terms
    return (Band(below[0], float(above[0].constant - below[0].constant)) if below and alike else None), found


def _switch_lines(forms: Forms, v: int, node: Node, switch: Switch) -> list[Line]:
    """The lines of a switch whose side is open: above both pieces and below its chord, or the other way around."""
    a, b = turning_pair(node.op, node.args)
    low, high = (ratio(x, 1 << forms.bits) for x in forms.gap(a, b))
    if low >= 0 or high <= 0:
        return []
    sign = 1 if switch.rise > 0 else -1
    itself = Linear(0, {~v: sign})
    sides, args = (a, b)[-len(node.args) :], [_side(forms, u) for u in (a, b)][-len(node.args) :]
    lines, pieces = [], []
    for kind, weights in (("first", switch.below), ("second", switch.above)):
        row = Linear(0, {})
        for weight, arg in zip(weights, args, strict=True):
            row = row.plus(arg, weight)
        terms = [(-sign * w, u) for w, u in zip(weights, sides, strict=True) if w] or [(-sign, -1)]
        pieces.append(row)
        lines.append(Line(v, kind, itself.plus(row, -sign), terms=tuple(sorted([(sign, v), *terms], reverse=True))))
    rise = switch.rise * ratio(high, high - low)
    z = _side(forms, b).plus(_side(forms, a), -1)
    chord = pieces[0].plus(z, rise).plus(Linear(-rise * low, {}))
    loose = float(-low * high / (high - low)) * abs(switch.rise)
    return [*lines, Line(v, "chord", chord.scaled(sign).plus(itself, -1), loose, switch.below[-1] < 0)]
