"""The affine leaf's evaluation: a lower and an upper affine form for every number node, on the box of one path.

Parameters are p = low + width t, t in [0, 1]. `columns[0]` holds constants and `columns[j]` coefficients of t_j; entry
2 v is of node v's lower form, 2 v + 1 of its upper form. All are integers at scale 2^-precision, lower forms rounded
down and upper forms up, which is outward because t >= 0. `lo` and `hi` are the ends of a node's interval at that scale.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..fault import InvalidError
from ..numbers.number import Number, ceil_scaled, floor_scaled, magnitude, ratio
from ..numbers.polynomial import Ends, Polynomial
from ..plan import Linear
from ..state import LinearFact, NodeFact, SignFact, State
from ..work import LONG_BITS

Bound = tuple[int, bool]
Multipliers = Mapping[tuple[int, str], list[tuple[int, Number]]]


class ClosedError(Exception):
    """No execution at a point of this box agrees with what is known on the path."""


@dataclass(frozen=True, slots=True)
class FactForm:
    """The upper form of a quantity that a fact says is >= 0 (> 0 if strict)."""

    columns: list[int]
    strict: bool


def least_value(form: list[int]) -> int:
    """The least value of a form on the box."""
    return form[0] + sum(c for c in form[1:] if c < 0)


def greatest_value(form: list[int]) -> int:
    """The greatest value of a form on the box."""
    return form[0] + sum(c for c in form[1:] if c > 0)


class Forms:
    """The forms of a problem's nodes on one path, as the operations note them; `ClosedError` where the path contradicts
    itself. `errors` has the nodes that round, `bounds` those of b - a of the comparisons."""

    def __init__(
        self,
        state: State,
        slopes: Mapping[int, Number],
        multipliers: Multipliers,
        tight: Collection[int] = (),
    ) -> None:
        prepared = state.prepared
        self.state, self.prepared, self.bits = state, prepared, prepared.precision
        self.slopes, self.multipliers, self.tight = slopes, multipliers, tight
        self.signs = state.signs
        size = len(prepared.problem.nodes)
        first = {f.node for f in state.facts if isinstance(f, NodeFact)}
        first.update(f.b for f in state.facts if isinstance(f, SignFact))
        first.update(f.a for f in state.facts if isinstance(f, SignFact) and f.a >= 0)
        self.order = prepared.order(frozenset(first))
        self.wide = self._wide()
        self.column_of = {p: j for j, p in enumerate(self.wide, 1)}
        self.columns = [[0] * (2 * size) for _ in range(len(self.wide) + 1)]
        self.slanted = self.columns[1:]
        self.lo, self.hi, self.size = [0] * size, [0] * size, [0] * size
        self.packs: Any = None  # what `packed.py` keeps
        self.grid: list[int | None] = [None] * size
        self.tops: set[int] = set()
        self.bent: set[int] = set()  # whose interval may be narrower than that of their forms: curves, and sums of them
        self.truth: list[bool | None] = [None] * size
        self.done: set[int] = set()
        self.plain: set[int] = set()
        self.blurred: set[int] = set()
        self.polynomials: dict[int, Polynomial | None] = {}
        self.looked = 0
        self.rows: dict[int, Linear] = {}
        self.lines: dict[tuple[int, bool], tuple[Linear, bool] | None] = {}
        self.errors: dict[int, int] = {}
        self.bounds: dict[int, tuple[Bound, Bound]] = {}

    def _wide(self) -> list[int]:
        """The live parameters of more than one value; where nodes were forgotten, those that the nodes to evaluate or
        the facts depend on: what was forgotten before may have left many that nothing reads."""
        if not self.prepared.loosened:
            return [p for p, one in self.state.live.items() if one.low < one.high]
        nodes, values = self.prepared.problem.nodes, self.state.values
        inputs = {nodes[v].index for v in self.order if nodes[v].op == "input"}
        forms = [f.form for f in self.state.facts if isinstance(f, LinearFact)]
        inputs.update(p for form in (*forms, *self.state.open) for p in form.terms)
        used = {p for i in inputs for p in values[i].terms}
        return [p for p, one in self.state.live.items() if p in used and one.low < one.high]

    def settle(
        self, v: int, low: int | None = None, high: int | None = None, slanted: Sequence[list[int]] | None = None
    ) -> None:
        """The node's interval: that of its forms, met with [low, high]. `slanted`: the only columns that may not be
        zero there."""
        lower = 2 * v
        constants = self.columns[0]
        lo, hi = constants[lower], constants[lower + 1]
        for column in self.slanted if slanted is None else slanted:
            c = column[lower]
            if c < 0:
                lo += c
            c = column[lower + 1]
            if c > 0:
                hi += c
        if low is not None and low > lo:
            lo = low
        if high is not None and high < hi:
            hi = high
        if lo > hi:
            raise ClosedError
        size = max(-lo, hi)
        if size.bit_length() > LONG_BITS:
            self.prepared.work.long_number(size.bit_length(), len(self.columns))
        self.lo[v], self.hi[v], self.size[v] = lo, hi, size

    def constant(self, v: int, low: int, high: int) -> None:
        """Forms without slopes."""
        for column in self.slanted:
            column[2 * v] = column[2 * v + 1] = 0
        self.columns[0][2 * v], self.columns[0][2 * v + 1] = low, high
        self.settle(v)

    def copy(self, v: int, a: int) -> None:
        """The forms, the interval and the grid of node a."""
        for column in self.columns:
            column[2 * v], column[2 * v + 1] = column[2 * a], column[2 * a + 1]
        self.lo[v], self.hi[v], self.size[v], self.grid[v] = self.lo[a], self.hi[a], self.size[a], self.grid[a]

    def top(self, v: int) -> None:
        """Any value."""
        self.tops.add(v)

    def widen(self, v: int, error: int) -> None:
        """Add a rounding error to both sides, and keep it: half the width that rounding has added."""
        self.errors[v] = error
        self.columns[0][2 * v] -= error
        self.columns[0][2 * v + 1] += error

    def ends(self, v: int) -> Ends:
        """The interval of a node, as exact numbers."""
        return ratio(self.lo[v], 1 << self.bits), ratio(self.hi[v], 1 << self.bits)

    def finer_grid(self, a: int, b: int) -> int | None:
        """The grid that both nodes are on."""
        left, right = self.grid[a], self.grid[b]
        return None if left is None or right is None else max(left, right)

    def linear_columns(self, form: Linear, *, upper: bool) -> list[int]:
        """An exact form over any parameters as the columns of an outward form in t."""
        scaled = ceil_scaled if upper else floor_scaled
        resolved = self.state.resolve(form)
        live = self.state.live
        start: Number = resolved.constant + sum(c * live[p].low for p, c in resolved.terms.items())
        found = [scaled(start, self.bits)]
        found += [0] * len(self.wide)
        for p, c in resolved.terms.items():
            width = live[p].high - live[p].low
            if p in self.column_of:
                found[self.column_of[p]] = scaled(c * width, self.bits)
            elif width > 0:
                raise InvalidError("a form is read whose parameters no node to evaluate depends on")
        return found

    def difference(self, a: int, b: int, *, upper: bool) -> list[int]:
        """The upper (or lower) form of b - a; a = -1 stands for zero."""
        if a < 0:
            return [column[2 * b + upper] for column in self.columns]
        return [column[2 * b + upper] - column[2 * a + (not upper)] for column in self.columns]

    def gap(self, a: int, b: int) -> tuple[int, int]:
        """The interval of b - a, neither of them any value; a = -1 stands for zero."""
        if a < 0:
            return self.lo[b], self.hi[b]
        low = -greatest_value([-c for c in self.difference(a, b, upper=False)])
        high = greatest_value(self.difference(a, b, upper=True))
        return max(low, self.lo[b] - self.hi[a]), min(high, self.hi[b] - self.lo[a])

    def sign(self, a: int, b: int) -> bool | None:
        """What is known of the sign of b - a: True for >= 0, False for <= 0."""
        if not self.signs:
            return None
        problem = self.prepared.problem
        return self.signs.get((problem.or_zero(a), problem.or_zero(b)))

    def fact_form(self, index: int, *, positive: bool) -> FactForm:
        """The upper form of what fact `index` says is >= 0; an equality gives b - a, or a - b where not positive."""
        fact = self.state.facts[index]
        if isinstance(fact, LinearFact):
            return FactForm(self.linear_columns(fact.form, upper=True), False)
        a, b, strict = self.fact_sides(index, positive=positive)
        for one in (a, b):
            if one >= 0 and (one not in self.done or one in self.tops):
                raise InvalidError(f"fact {index} is used before its nodes are evaluated, or where they have any value")
        if b < 0:
            return FactForm([-column[2 * a] for column in self.columns], strict)
        return FactForm(self.difference(a, b, upper=True), strict)

    def fact_sides(self, index: int, *, positive: bool) -> tuple[int, int, bool]:
        """(a, b, strict): fact `index`, which is of nodes, says b - a >= 0, or > 0; a or b = -1 stands for zero."""
        fact = self.state.facts[index]
        if isinstance(fact, SignFact):
            return (fact.a, fact.b, False) if fact.positive else (fact.b, fact.a, False)
        if not isinstance(fact, NodeFact):
            raise InvalidError(f"fact {index} is not one of nodes")
        node, truth = self.prepared.problem.stated(fact.node, truth=fact.truth)
        op = node.op
        if op not in ("le", "lt", "eq") or (op == "eq" and not truth):
            raise InvalidError(f"fact {index} gives no linear condition")
        a, b = node.args
        if not (positive if op == "eq" else truth):
            a, b = b, a
        return a, b, op != "eq" and (op == "lt") is truth

    def bound(self, v: int, side: str) -> Bound:
        """A bound on d = b - a for a comparison, from below for `low`, from above (negated) for `high`.

        The result (x, strict) says d >= x, or -d >= x, strictly if so marked.
        """
        a, b = self.prepared.problem.nodes[v].args
        if a == b:
            return 0, False
        upper = side == "high"
        form = self.difference(a, b, upper=upper)
        if upper:
            form = [-c for c in form]
        strict = False
        for index, m in self.multipliers.get((v, side), ()):
            self.prepared.work.count(len(form))
            found = self.fact_form(index, positive=m > 0)
            top, bottom = magnitude(m).numerator, m.denominator
            form = [c - -(-top * g // bottom) for c, g in zip(form, found.columns, strict=True)]
            strict = strict or (found.strict and m != 0)
        found_bound = least_value(form)
        plain = self.lo[a] - self.hi[b] if upper else self.lo[b] - self.hi[a]
        return (plain, False) if plain > found_bound else (found_bound, strict)
