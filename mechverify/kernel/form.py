"""The affine leaf's evaluation: a lower and an upper affine form for every number node, on the box of one path.

Parameters are p = low + width t, t in [0, 1]. `columns[0]` holds constants and `columns[j]` coefficients of t_j; entry
2 v is of node v's lower form, 2 v + 1 of its upper form. All are integers at scale 2^-precision, lower forms rounded
down and upper forms up, which is outward because t >= 0. `lo` and `hi` are the ends of a node's interval at that scale.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from operator import add, mul

from .enclose import exp_bounds, log_bounds, sqrt_bounds
from .fault import InvalidError
from .float32 import ETA_EXPONENT, LARGEST, PLACES, UNIT
from .number import MAX_BITS, Number, ceil_scaled, floor_scaled, grid_of, magnitude
from .plan import Linear
from .problem import Node
from .state import NodeFact, SignFact, State

SLOPE_BITS = 16
SLOPE_ONE = 1 << SLOPE_BITS

Bound = tuple[int, bool]
Multipliers = Mapping[tuple[int, str], list[tuple[int, Number]]]


class ClosedError(Exception):
    """No execution at a point of this box agrees with what is known on the path."""


@dataclass(frozen=True, slots=True)
class FactForm:
    """The upper form of a quantity that a fact says is >= 0 (> 0 if strict)."""

    columns: list[int]
    strict: bool


class Forms:
    """Evaluates the nodes of a problem on one path; raises `ClosedError` where the path contradicts itself."""

    def __init__(self, state: State, slopes: Mapping[int, Number], multipliers: Multipliers) -> None:
        prepared = state.prepared
        self.state, self.prepared, self.bits = state, prepared, prepared.precision
        self.slopes, self.multipliers = slopes, multipliers
        self.known = state.known
        self.signs = state.signs
        self.wide = [p for p, one in state.live.items() if one.low < one.high]
        size = len(prepared.problem.nodes)
        self.columns = [[0] * (2 * size) for _ in range(len(self.wide) + 1)]
        self.slanted = self.columns[1:]
        self.lo, self.hi, self.size = [0] * size, [0] * size, [0] * size
        self.grid: list[int | None] = [None] * size
        self.tops: set[int] = set()
        self.truth: list[bool | None] = [None] * size
        self.done: set[int] = set()
        first = {f.node for f in state.facts if isinstance(f, NodeFact)}
        first.update(f.b for f in state.facts if isinstance(f, SignFact))
        first.update(f.a for f in state.facts if isinstance(f, SignFact) and f.a >= 0)
        self.order = prepared.order(frozenset(first))

    def run(self) -> None:
        """Evaluate what the facts, the assumption and the claim need, and compare it with what is known."""
        nodes = self.prepared.problem.nodes
        facts = self.state.facts
        known, truth = self.known, self.truth
        for form in self.state.open:
            if self.greatest(self.linear_columns(form, upper=True)) < 0:
                raise ClosedError
        for v in self.order:
            node = nodes[v]
            TABLE[node.op](self, v, node)
            if node.boolean and v in known:
                if truth[v] is (not known[v]):
                    raise ClosedError
                truth[v] = known[v]
            self.done.add(v)
        for fact in facts:
            if isinstance(fact, SignFact) and fact.a not in self.tops and fact.b not in self.tops:
                low, high = self.gap(fact.a, fact.b)
                if (high < 0) if fact.positive else (low > 0):
                    raise ClosedError

    def settle(self, v: int, low: int | None = None, high: int | None = None) -> None:
        """The node's interval: that of its forms, met with [low, high]."""
        lower = 2 * v
        constants = self.columns[0]
        lo, hi = constants[lower], constants[lower + 1]
        for column in self.slanted:
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
        if size.bit_length() > MAX_BITS:
            raise InvalidError(f"a number has grown beyond {MAX_BITS} bits")
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
        """Add a rounding error to both sides."""
        self.columns[0][2 * v] -= error
        self.columns[0][2 * v + 1] += error

    def linear_columns(self, form: Linear, *, upper: bool) -> list[int]:
        """An exact form over any parameters as the columns of an outward form in t."""
        scaled = ceil_scaled if upper else floor_scaled
        resolved = self.state.resolve(form)
        live = self.state.live
        start: Number = resolved.constant + sum(c * live[p].low for p, c in resolved.terms.items())
        found = [scaled(start, self.bits)]
        for p in self.wide:
            c = resolved.terms.get(p, 0)
            found.append(scaled(c * (live[p].high - live[p].low), self.bits) if c else 0)
        return found

    @staticmethod
    def greatest(form: list[int]) -> int:
        """The greatest value of a form on the box."""
        return form[0] + sum(c for c in form[1:] if c > 0)

    def difference(self, a: int, b: int, *, upper: bool) -> list[int]:
        """The upper (or lower) form of b - a; a = -1 stands for zero."""
        if a < 0:
            return [column[2 * b + upper] for column in self.columns]
        return [column[2 * b + upper] - column[2 * a + (not upper)] for column in self.columns]

    def gap(self, a: int, b: int) -> tuple[int, int]:
        """The interval of b - a, neither of them any value; a = -1 stands for zero."""
        if a < 0:
            return self.lo[b], self.hi[b]
        low = -self.greatest([-c for c in self.difference(a, b, upper=False)])
        high = self.greatest(self.difference(a, b, upper=True))
        return max(low, self.lo[b] - self.hi[a]), min(high, self.hi[b] - self.lo[a])

    def sign(self, a: int, b: int) -> bool | None:
        """What is known of the sign of b - a: True for >= 0, False for <= 0."""
        if not self.signs:
            return None
        nodes = self.prepared.problem.nodes
        a = -1 if a >= 0 and nodes[a].op == "const" and nodes[a].constant == 0 else a
        b = -1 if b >= 0 and nodes[b].op == "const" and nodes[b].constant == 0 else b
        return self.signs.get((a, b))

    def fact_form(self, index: int, *, positive: bool) -> FactForm:
        """The upper form of what fact `index` says is >= 0; an equality gives b - a, or a - b where not positive."""
        fact = self.state.facts[index]
        nodes = self.prepared.problem.nodes
        strict = False
        if isinstance(fact, NodeFact):
            v, truth = fact.node, fact.truth
            while nodes[v].op == "not":
                v, truth = nodes[v].args[0], not truth
            op = nodes[v].op
            if op not in ("le", "lt", "eq") or (op == "eq" and not truth):
                raise InvalidError(f"fact {index} gives no linear condition")
            a, b = nodes[v].args
            if not (positive if op == "eq" else truth):
                a, b = b, a
            strict = op != "eq" and (op == "lt") is truth
        elif isinstance(fact, SignFact):
            a, b = (fact.a, fact.b) if fact.positive else (fact.b, fact.a)
        else:
            return FactForm(self.linear_columns(fact.form, upper=True), strict)
        for one in (a, b):
            if one >= 0 and (one not in self.done or one in self.tops):
                raise InvalidError(f"fact {index} is used before its nodes are evaluated, or where they have any value")
        if b < 0:
            return FactForm([-column[2 * a] for column in self.columns], strict)
        return FactForm(self.difference(a, b, upper=True), strict)

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
            found = self.fact_form(index, positive=m > 0)
            top, bottom = magnitude(m).numerator, m.denominator
            form = [c - -(-top * g // bottom) for c, g in zip(form, found.columns, strict=True)]
            strict = strict or (found.strict and m != 0)
        found_bound = _least(form)
        plain = self.lo[a] - self.hi[b] if upper else self.lo[b] - self.hi[a]
        return (plain, False) if plain > found_bound else (found_bound, strict)


def _input(f: Forms, v: int, node: Node) -> None:
    lower, upper = (f.linear_columns(Linear(0, {node.index: 1}), upper=side) for side in (False, True))
    for column, low, high in zip(f.columns, lower, upper, strict=True):
        column[2 * v], column[2 * v + 1] = low, high
    f.grid[v] = 0 if f.prepared.problem.inputs[node.index].integer else None
    f.settle(v)


def _const(f: Forms, v: int, node: Node) -> None:
    f.constant(v, floor_scaled(node.constant, f.bits), ceil_scaled(node.constant, f.bits))
    f.grid[v] = grid_of(node.constant)


def _affine(f: Forms, v: int, node: Node) -> None:
    plan = f.prepared.plans.get(v) or f.prepared.plan(v)
    if f.tops and not f.tops.isdisjoint(plan.args):
        f.top(v)
        return
    weights, low_of, high_of, shift, lower = plan.weights, plan.low, plan.high, plan.shift, 2 * v
    bias = plan.bias << f.bits
    for column in f.columns:
        low = bias + sum(map(mul, weights, low_of(column)))
        high = bias + sum(map(mul, weights, high_of(column)))
        bias = 0
        if shift is not None:
            column[lower], column[lower + 1] = low >> shift, -(-high >> shift)
        else:
            column[lower], column[lower + 1] = low // plan.denominator, -(-high // plan.denominator)
    k: int | None = None
    if plan.grids is not None:
        grids = plan.plain(f.grid)
        if None not in grids:
            k = max(map(add, plan.grids, grids), default=0)
            k = max(k, plan.bias_grid)
    f.grid[v] = k
    if node.rounded:
        n = plan.roundings
        total = (abs(plan.bias) << f.bits) + sum(map(mul, plan.sizes, plan.plain(f.size)))
        if n >= UNIT or total * UNIT >= (LARGEST * (UNIT - n) * plan.denominator) << f.bits:
            f.grid[v] = None
            f.top(v)
            return
        if k is None or k > ETA_EXPONENT or total << k > plan.denominator << (f.bits + PLACES):
            f.grid[v] = None
            error = -(-n * total // ((UNIT - n) * plan.denominator))
            f.widen(v, error + _losses(f.bits, plan.losses, sum(f.size[a] for a in plan.tiny)))
    f.settle(v)


def _losses(bits: int, losses: Number, scaled: int) -> int:
    """2 (losses + scaled 2^-bits) 2^-126 at the scale of the forms, rounded up."""
    top = 2 * ((losses.numerator << bits) + scaled * losses.denominator)
    return -(-top // (losses.denominator << ETA_EXPONENT))


def _rounded(f: Forms, v: int, total: int, n: int, losses: int, k: int | None) -> bool:
    """Add the error of a rounded operation whose terms have absolute sum `total` (scaled); False for any value.

    `losses` is scaled, `k` the grid of the operands and of the result if it has one.
    """
    if total * UNIT >= (LARGEST * (UNIT - n)) << f.bits:
        return False
    if k is not None and k <= ETA_EXPONENT and total << k <= 1 << (f.bits + PLACES):
        f.grid[v] = k
        return True
    f.grid[v] = None
    f.widen(v, -(-n * total // (UNIT - n)) - (-losses >> (ETA_EXPONENT - 1)))
    return True


def _scale_form(f: Forms, v: int, factor: int, *, upper: bool) -> list[int]:
    """factor (scaled) times node v, an upper or a lower form of it; at twice the scale."""
    side = 2 * v + (upper is (factor >= 0))
    return [factor * column[side] for column in f.columns]


def _mul(f: Forms, v: int, node: Node) -> None:
    a, b = node.args
    if a in f.tops or b in f.tops:
        f.top(v)
        return
    bits, lower = f.bits, 2 * v
    la, ua, lb, ub = f.lo[a], f.hi[a], f.lo[b], f.hi[b]
    low: int | None = None
    high: int | None = None
    if a == b:
        middle = (la + ua) >> 1
        below = _scale_form(f, a, 2 * middle, upper=False)
        below[0] -= middle * middle
        above = _scale_form(f, a, la + ua, upper=True)
        above[0] -= la * ua
        low = 0 if la <= 0 <= ua else min(la * la, ua * ua) >> bits
        high = -(-max(la * la, ua * ua) >> bits)
    else:
        below = max((_product(f, node, la, lb, upper=False), _product(f, node, ua, ub, upper=False)), key=_least)
        above = min((_product(f, node, ua, lb, upper=True), _product(f, node, la, ub, upper=True)), key=Forms.greatest)
    for column, one, other in zip(f.columns, below, above, strict=True):
        column[lower], column[lower + 1] = one >> bits, -(-other >> bits)
    left, right = f.grid[a], f.grid[b]
    k = None if left is None or right is None else left + right
    f.grid[v] = k
    if node.rounded:
        low = high = None
        total = -(-f.size[a] * f.size[b] >> bits)
        if not _rounded(f, v, total, 1, (1 << bits) + f.size[a] + f.size[b], k):
            f.top(v)
            return
    f.settle(v, low, high)


def _least(form: list[int]) -> int:
    return form[0] + sum(c for c in form[1:] if c < 0)


def _product(f: Forms, node: Node, x: int, y: int, *, upper: bool) -> list[int]:
    """McCormick: x b + y a - x y for the corner (x, y) of the intervals of a and b, at twice the scale."""
    a, b = node.args
    found = [p + q for p, q in zip(_scale_form(f, b, x, upper=upper), _scale_form(f, a, y, upper=upper), strict=True)]
    found[0] -= x * y
    return found


def _div(f: Forms, v: int, node: Node) -> None:
    a, b = node.args
    if a in f.tops or b in f.tops or f.lo[b] <= 0 <= f.hi[b]:
        f.top(v)
        return
    bits = f.bits
    pairs = [(x << bits, y) for x in (f.lo[a], f.hi[a]) for y in (f.lo[b], f.hi[b])]
    f.constant(v, min(x // y for x, y in pairs), max(-(-x // y) for x, y in pairs))
    if node.rounded:
        least = min(abs(f.lo[b]), abs(f.hi[b]))
        total = -(-(f.size[a] << bits) // least)
        losses = (2 << bits) + f.size[a] - (-(1 << (2 * bits)) // least)
        if least << ETA_EXPONENT < 1 << bits or not _rounded(f, v, total, 3, losses, None):
            f.top(v)
            return
        f.settle(v)


def _steps(choice: Number | None, low: int, high: int) -> tuple[int, Number]:
    """The chord's slope high / (high - low), rounded up to 16 bits, and the slope of the lower side."""
    chord = -(-(high << SLOPE_BITS) // (high - low))
    return chord, choice if choice is not None else int(high > -low)


def _chord_rise(chord: int, low: int, high: int) -> int:
    """The least c such that s z + c >= max(z, 0) at both ends of [low, high], rounded up; s = chord 2^-16."""
    return -(-max(-chord * low, (SLOPE_ONE - chord) * high) >> SLOPE_BITS)


def _relu(f: Forms, v: int, node: Node) -> None:
    z = node.args[0]
    if z in f.tops:
        f.top(v)
        return
    low, high, sign = f.lo[z], f.hi[z], f.sign(-1, z)
    if sign is not None and (high < 0 if sign else low > 0):
        raise ClosedError
    if sign is True or low >= 0:
        f.copy(v, z)
        f.settle(v, 0, high)
    elif sign is False or high <= 0:
        f.constant(v, 0, 0)
        f.grid[v] = 0
    else:
        chord, m = _steps(f.slopes.get(v), low, high)
        top, bottom = m.numerator, m.denominator
        lower, source = 2 * v, 2 * z
        for column in f.columns:
            column[lower] = top * column[source] // bottom
            column[lower + 1] = -(-chord * column[source + 1] >> SLOPE_BITS)
        f.columns[0][lower + 1] += _chord_rise(chord, low, high)
        f.grid[v] = f.grid[z]
        f.settle(v, 0, high)


def _abs(f: Forms, v: int, node: Node) -> None:
    z = node.args[0]
    if z in f.tops:
        f.top(v)
        return
    low, high, sign = f.lo[z], f.hi[z], f.sign(-1, z)
    if sign is not None and (high < 0 if sign else low > 0):
        raise ClosedError
    if sign is True or low >= 0:
        f.copy(v, z)
        f.settle(v, 0, high)
        return
    lower, source = 2 * v, 2 * z
    f.grid[v] = f.grid[z]
    if sign is False or high <= 0:
        for column in f.columns:
            column[lower], column[lower + 1] = -column[source + 1], -column[source]
        f.settle(v, 0, -low)
        return
    chord = ((high + low) << SLOPE_BITS) // (high - low)
    rise = max(-SLOPE_ONE * low - chord * low, SLOPE_ONE * high - chord * high)
    m = f.slopes.get(v, 0)
    top, bottom, below, above = m.numerator, m.denominator, source + (m < 0), source + (chord >= 0)
    for column in f.columns:
        column[lower] = top * column[below] // bottom
        column[lower + 1] = -(-chord * column[above] >> SLOPE_BITS)
    f.columns[0][lower + 1] -= -rise >> SLOPE_BITS
    f.settle(v, 0, max(-low, high))


def _max(f: Forms, v: int, node: Node) -> None:
    _larger(f, v, node.args[0], node.args[1], negated=False)


def _min(f: Forms, v: int, node: Node) -> None:
    _larger(f, v, node.args[0], node.args[1], negated=True)


def _larger(f: Forms, v: int, a: int, b: int, *, negated: bool) -> None:
    """max(a, b); or min(a, b) = -max(-a, -b), every form changing sides."""
    if a in f.tops or b in f.tops:
        f.top(v)
        return
    low, high = f.gap(a, b)
    sign = f.sign(a, b)
    if low > high or (sign is not None and (high < 0 if sign else low > 0)):
        raise ClosedError
    if sign is True or low >= 0:
        f.copy(v, a if negated else b)
        return
    if sign is False or high <= 0:
        f.copy(v, b if negated else a)
        return
    if negated:
        low, high = -high, -low
    chord, m = _steps(f.slopes.get(v), low, high)
    rise = _chord_rise(chord, low, high)
    top, bottom = m.numerator, m.denominator
    outer, inner = (0, 1) if negated else (1, 0)
    direction = -1 if negated else 1
    for column in f.columns:
        far = direction * ((SLOPE_ONE - chord) * column[2 * a + outer] + chord * column[2 * b + outer])
        near = direction * ((bottom - top) * column[2 * a + inner] + top * column[2 * b + inner])
        column[2 * v + outer] = direction * -(-far >> SLOPE_BITS)
        column[2 * v + inner] = direction * (near // bottom)
    f.columns[0][2 * v + outer] += direction * rise
    left, right = f.grid[a], f.grid[b]
    f.grid[v] = None if left is None or right is None else max(left, right)
    pick = min if negated else max
    f.settle(v, pick(f.lo[a], f.lo[b]), pick(f.hi[a], f.hi[b]))


def _floor(f: Forms, v: int, node: Node) -> None:
    _stairs(f, v, node.args[0], lambda x: x >> f.bits, 1 << f.bits, 0)


def _round(f: Forms, v: int, node: Node) -> None:
    half = 1 << (f.bits - 1)
    _stairs(f, v, node.args[0], lambda x: round(Fraction(x, 1 << f.bits)), half, half)


def _stairs(f: Forms, v: int, a: int, step: Callable[[int], int], below: int, above: int) -> None:
    """floor and round: both ends on one step, or within `below` under and `above` over the argument."""
    if a in f.tops:
        f.top(v)
        return
    if f.grid[a] == 0:
        f.copy(v, a)
        return
    low, high = step(f.lo[a]) << f.bits, step(f.hi[a]) << f.bits
    f.grid[v] = 0
    if low == high:
        f.constant(v, low, high)
        return
    for column in f.columns:
        column[2 * v], column[2 * v + 1] = column[2 * a], column[2 * a + 1]
    f.columns[0][2 * v] -= below
    f.columns[0][2 * v + 1] += above
    f.settle(v, low, high)


def _sqrt(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    if a in f.tops or f.lo[a] < 0:
        f.top(v)
    else:
        f.constant(v, *sqrt_bounds(f.lo[a], f.hi[a], f.bits))


def _exp(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    found = None if a in f.tops else exp_bounds(f.lo[a], f.hi[a], f.bits)
    if found is None:
        f.top(v)
    else:
        f.constant(v, *found)


def _log(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    if a in f.tops or f.lo[a] <= 0:
        f.top(v)
    else:
        f.constant(v, *log_bounds(f.lo[a], f.hi[a], f.bits))


def _round32(f: Forms, v: int, node: Node) -> None:
    a = node.args[0]
    if a in f.tops or f.size[a] >= LARGEST << f.bits:
        f.top(v)
        return
    f.copy(v, a)
    k = f.grid[a]
    if k is None or k > ETA_EXPONENT or f.size[a] << k > 1 << (f.bits + PLACES):
        f.grid[v] = None
        f.widen(v, -(-f.size[a] >> PLACES) + 1 + ((1 << f.bits) >> 149))
        f.settle(v)


def _ite(f: Forms, v: int, node: Node) -> None:
    c, a, b = node.args
    condition = f.truth[c]
    if condition is not None:
        side = a if condition else b
        if side in f.tops:
            f.top(v)
        else:
            f.copy(v, side)
        return
    if a in f.tops or b in f.tops:
        f.top(v)
        return
    left, right = f.grid[a], f.grid[b]
    if all(column[2 * a : 2 * a + 2] == column[2 * b : 2 * b + 2] for column in f.columns):
        f.copy(v, a)
        f.lo[v], f.hi[v] = min(f.lo[a], f.lo[b]), max(f.hi[a], f.hi[b])
        f.size[v] = max(f.size[a], f.size[b])
    else:
        f.constant(v, min(f.lo[a], f.lo[b]), max(f.hi[a], f.hi[b]))
    f.grid[v] = None if left is None or right is None else max(left, right)


def _bool(f: Forms, v: int, node: Node) -> None:
    f.truth[v] = bool(node.constant)


def _reaches(f: Forms, v: int, bound: Bound, *, strict: bool) -> bool:
    """Whether d >= x (as in `Forms.bound`) gives d >= 0, or d > 0 if strict; d may be on a grid."""
    x, sharp = bound
    if x > 0 or (x == 0 and (sharp or not strict)):
        return True
    if strict:
        return False
    a, b = f.prepared.problem.nodes[v].args
    left, right = f.grid[a], f.grid[b]
    if left is None or right is None:
        return False
    gap = -x << max(left, right)
    return gap < 1 << f.bits or (gap == 1 << f.bits and sharp)


def _compare(f: Forms, v: int, node: Node) -> None:
    """`d = b - a`: le holds for d >= 0, lt for d > 0, eq for d = 0."""
    a, b = node.args
    if a in f.tops or b in f.tops:
        return
    low, high = f.bound(v, "low"), f.bound(v, "high")
    below, above = _reaches(f, v, high, strict=True), _reaches(f, v, low, strict=True)
    at_most, at_least = _reaches(f, v, high, strict=False), _reaches(f, v, low, strict=False)
    if node.op == "le":
        f.truth[v] = True if at_least else False if below else None
    elif node.op == "lt":
        f.truth[v] = True if above else False if at_most else None
    else:
        f.truth[v] = True if at_least and at_most else False if above or below else None


def _not(f: Forms, v: int, node: Node) -> None:
    found = f.truth[node.args[0]]
    f.truth[v] = None if found is None else not found


def _and(f: Forms, v: int, node: Node) -> None:
    found = [f.truth[a] for a in node.args]
    f.truth[v] = False if False in found else None if None in found else True


def _or(f: Forms, v: int, node: Node) -> None:
    found = [f.truth[a] for a in node.args]
    f.truth[v] = True if True in found else None if None in found else False


TABLE: dict[str, Callable[[Forms, int, Node], None]] = {
    "input": _input,
    "const": _const,
    "affine": _affine,
    "mul": _mul,
    "div": _div,
    "relu": _relu,
    "abs": _abs,
    "max": _max,
    "min": _min,
    "floor": _floor,
    "round": _round,
    "sqrt": _sqrt,
    "exp": _exp,
    "log": _log,
    "round32": _round32,
    "ite": _ite,
    "bool": _bool,
    "le": _compare,
    "lt": _compare,
    "eq": _compare,
    "and": _and,
    "or": _or,
    "not": _not,
}
