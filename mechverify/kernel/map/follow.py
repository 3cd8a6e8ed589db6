"""The nodes of a problem on one region, each a linear form of the inputs and an error, or a truth.

A line (d, c_0, c_1, ..., c_n), d > 0, is (c_0 + sum c_k * input_k) / d. A node has one if at every point of the region,
in every execution, its value lies within its error of the line there; the error of what is not rounded is 0. A boolean
node has a truth if it is that at every point, in every execution. Otherwise a node's value here is None: a switch whose
line has both signs, a product of two lines, an operation without a rule here, and what depends on such.

Errors, and the ends that they are computed from, are integers: multiples of 2^-BITS, rounded up.
"""

from collections.abc import Callable, Mapping, Sequence
from math import gcd, lcm
from operator import mul

from ..fault import InvalidError
from ..numbers.float32 import ETA_EXPONENT, HALF_SUBNORMAL, LARGEST, UNIT, on_grid, overflows
from ..numbers.number import BITS, MAX_BITS, Number, ceil_scaled, grid_of, ratio
from ..operations.affine import charged_for
from ..plan import AffinePlan, Prepared
from ..reading.node import Node
from ..work import LONG_BITS
from .region import FormEnds, Region

LinearForm = tuple[int, ...]
Value = LinearForm | bool | None
Values = list[Value]
Extent = tuple[int, int]
_SCALE = 1 << BITS


class Following:
    """The values and errors of the nodes of a problem on a region that is not empty.

    What is known of a larger region, `before`, is so here too: only the other nodes are evaluated. Errors are smaller
    where nothing is taken over.
    """

    def __init__(self, prepared: Prepared, region: Region, before: "Following | None" = None) -> None:
        self.prepared, self.region = prepared, region
        self.width = len(region.kinds) + 1
        nodes = len(prepared.problem.nodes)
        self.values: Values = [None] * nodes if before is None else list(before.values)
        self.errors: list[int] = [0] * nodes if before is None else list(before.errors)
        self.extents: dict[int, Extent] = {}
        self.last: tuple[tuple[int, ...], tuple[list[int], list[int], list[int]]] | None = None

    def run(self, order: Sequence[int]) -> int:
        """Evaluate nodes, each after its arguments; how many were."""
        nodes, work = self.prepared.problem.nodes, self.prepared.work
        unknown = [v for v in order if self.values[v] is None]
        for v in unknown:
            rule = FOLLOW_TABLE.get(nodes[v].op)
            value = self.values[v] = None if rule is None else rule(self, v)
            if type(value) is tuple and (bits := max(map(abs, value)).bit_length()) > LONG_BITS:
                work.long_number(bits, self.width)
        return len(unknown)

    def node(self, v: int) -> Node:
        """A node of the problem."""
        return self.prepared.problem.nodes[v]

    def line(self, v: int) -> LinearForm | None:
        """A number node's line."""
        found = self.values[v]
        return found if type(found) is tuple else None

    def lines(self, v: int) -> list[LinearForm] | None:
        """The lines of all arguments, None where one has none."""
        found = [self.line(a) for a in self.node(v).args]
        return None if None in found else [one for one in found if one is not None]

    def constant(self, value: Number) -> LinearForm:
        """A line of one value."""
        return (value.denominator, value.numerator, *([0] * (self.width - 1)))

    def ends(self, line: LinearForm, error: int = 0) -> FormEnds:
        """The range of a line on the region, an error to both sides."""
        d, c, *rest = line
        found = self.region.ends(c, {k: x for k, x in enumerate(rest) if x}, d)
        if not error:
            return found
        more = ratio(error, _SCALE)
        return FormEnds(found.low - more, found.high + more, found.low_open, found.high_open)

    def strays(self, v: int, error: int) -> None:
        """A node's error."""
        self.errors[v] = error

    def extent(self, v: int) -> Extent:
        """The least and greatest value of a node with a line in any execution, in units of errors, outward."""
        found = self.extents.get(v)
        if found is None:
            line, error = self.line(v), self.errors[v]
            low, high = (0, 0) if line is None else self.region.scaled_ends(line, BITS)
            found = self.extents[v] = low - error, high + error
        return found

    def reach(self, v: int) -> int:
        """What the magnitude of a node with a line is at most, in units of errors."""
        low, high = self.extent(v)
        return max(-low, high)

    def between(self, args: tuple[int, ...]) -> tuple[list[int], list[int], list[int]]:
        """The extents of nodes with lines, and their magnitudes. Nodes of one layer have the same arguments, so what
        was asked last is kept."""
        if self.last is None or self.last[0] is not args:
            found = [self.extent(a) for a in args]
            sizes = [max(-low, high) for low, high in found]
            self.last = args, ([low for low, _ in found], [high for _, high in found], sizes)
        return self.last[1]

    def is_integer(self, line: LinearForm) -> bool:
        """Whether a line has an integer value at every point, by its numbers."""
        return line[0] == 1 and all(self.region.kinds[k].integer for k, c in enumerate(line[2:]) if c)

    def only(self, line: LinearForm) -> Number | None:
        """The value of a line that has but one on the region."""
        ends = self.ends(line)
        return ends.low if ends.low == ends.high else None


def weighted_sum(weights: Sequence[int], lines: Sequence[LinearForm], bias: int, denominator: int) -> LinearForm:
    """(bias + sum of weights * lines) / denominator. Raises `InvalidError` where numbers grow too long."""
    bottom = lcm(*{line[0] for line in lines})
    scales = [w if line[0] == bottom else w * (bottom // line[0]) for w, line in zip(weights, lines, strict=True)]
    columns = zip(*lines, strict=True)
    next(columns)
    found = [sum([w * x for w, x in zip(scales, column, strict=True) if x]) for column in columns]
    found[0] += bias * bottom
    bottom *= denominator
    common = gcd(bottom, *found)
    if max(map(abs, (bottom, *found))).bit_length() > MAX_BITS:
        raise InvalidError(f"a number has grown beyond {MAX_BITS} bits")
    return (bottom // common, *[x // common for x in found])


def difference(one: LinearForm, other: LinearForm) -> LinearForm:
    """other - one."""
    return weighted_sum((-1, 1), (one, other), 0, 1)


def at_least(ends: FormEnds) -> bool | None:
    """Whether a line is >= 0."""
    if ends.low >= 0:
        return True
    return False if ends.high < 0 or (ends.high == 0 and ends.high_open) else None


def above(ends: FormEnds) -> bool | None:
    """Whether a line is > 0."""
    if ends.low > 0 or (ends.low == 0 and ends.low_open):
        return True
    return False if ends.high <= 0 else None


def _line_input(f: Following, v: int) -> Value:
    return (1, 0, *[int(k == f.node(v).index) for k in range(f.width - 1)])


def _line_const(f: Following, v: int) -> Value:
    return f.constant(f.node(v).constant)


def _line_affine(f: Following, v: int) -> Value:
    """The sum of the lines, with the errors of the arguments and, of a rounded node, its own (docs/kernel.md)."""
    plan, node = f.prepared.plan(v), f.node(v)
    lines = plan.plain(f.values)
    known = [line for line in lines if type(line) is tuple]
    if len(known) < len(lines):
        return None
    errors = zip(plan.sizes, plan.plain(f.errors), strict=True)
    error = -(-sum([w * e for w, e in errors if e]) // plan.denominator)
    if node.rounded:
        lows, highs, sizes = f.between(node.args)
        total = -((-abs(plan.bias) * _SCALE - sum(map(mul, plan.sizes, sizes))) // plan.denominator)
        if overflows(total, plan.roundings, _SCALE):
            return None
        if not on_grid(total, _grid_of_terms(f, plan, node.args), _SCALE):
            losses = plan.losses + ratio(sum(f.reach(a) for a in plan.tiny), _SCALE)
            charged = plan.roundings * total
            if node.plain:
                charged = -(-charged_for(plan.weights, lows, highs, plan.bias * _SCALE) // plan.denominator)
            error += _rounding(charged, plan.roundings, losses)
    f.strays(v, error)
    return weighted_sum(plan.weights, known, plan.bias, plan.denominator) if known else f.constant(node.constant)


def _grid_of_terms(f: Following, plan: AffinePlan, args: Sequence[int]) -> int | None:
    """The k for which every argument and weighted term is a multiple of 2^-k in every execution: an argument without
    error is its line, which is one over integer inputs with dyadic numbers. None where one is not known to be."""
    if plan.grids is None:
        return None
    k = plan.bias_grid
    for grid, a in zip(plan.grids, args, strict=True):
        own = None if f.errors[a] else _grid_of_line(f, f.line(a))
        if own is None:
            return None
        k = max(k, grid + own)
    return k


def _grid_of_line(f: Following, line: LinearForm | None) -> int | None:
    """The k for which a line's values are multiples of 2^-k; inputs of one value are constants."""
    if line is None or not all(f.region.kinds[k].integer for k, c in enumerate(line[2:]) if c):
        return None
    return grid_of(ratio(1, line[0]))


def _rounding(charged: int, n: int, losses: Number) -> int:
    """charged / (2^24 - n) + 2 * losses * 2^-126, rounded up; gamma(n) of a sum of which n times as much is charged."""
    return -(-charged // (UNIT - n)) + ceil_scaled(losses, BITS + 1 - ETA_EXPONENT)


def _line_scaled(f: Following, v: int) -> Value:
    """`mul` and exact `div`, where a factor, or what divides, has one value on this region, in every execution."""
    node, lines = f.node(v), f.lines(v)
    if lines is None or (node.rounded and node.op == "div"):
        return None
    a, b = node.args
    if node.op == "mul" and (f.only(lines[1]) is None or f.errors[b]):
        a, b = b, a
        lines.reverse()
    factor = f.only(lines[1])
    if factor is None or f.errors[b] or (node.op == "div" and factor == 0):
        return None
    factor = factor if node.op == "mul" else ratio(1, factor)
    error = -(-abs(factor.numerator) * f.errors[a] // factor.denominator)
    if node.rounded:
        total = -(-f.reach(a) * f.reach(b) // _SCALE)
        if overflows(total, 1, _SCALE):
            return None
        error += _rounding(total, 1, 1 + ratio(f.reach(a) + f.reach(b), _SCALE))
    f.strays(v, error)
    return weighted_sum((factor.numerator,), (lines[0],), 0, factor.denominator)


def _line_feed(f: Following, v: int) -> Value:
    """`round32`: the argument and the error of one rounding; none of a small integer."""
    (a,), lines = f.node(v).args, f.lines(v)
    if lines is None or f.reach(a) >= LARGEST * _SCALE:
        return None
    whole = f.is_integer(lines[0]) or type(f.only(lines[0])) is int
    small = whole and not f.errors[a] and f.reach(a) <= UNIT * _SCALE
    f.strays(v, 0 if small else f.errors[a] - (-f.reach(a) // UNIT) + ceil_scaled(HALF_SUBNORMAL, BITS))
    return lines[0]


def _line_table(f: Following, v: int) -> Value:
    """`table`: where the index has one value."""
    node, lines = f.node(v), f.lines(v)
    index = None if lines is None or f.errors[node.args[0]] else f.only(lines[0])
    if node.table is None or type(index) is not int or not 0 <= index < len(node.table):
        return None
    return f.constant(node.table.entry(index))


def _line_switch(f: Following, v: int) -> Value:
    """`relu` and `abs` of z, `max` and `min` of (a, b) with z = b - a: one line while the line of z has one sign. None
    of them spreads errors: where each argument moves by e at most, so does the value. Where the sign is that of z in
    every execution, it is the side taken in each, with its own error."""
    node, lines = f.node(v), f.lines(v)
    if lines is None:
        return None
    z = lines[0] if len(lines) == 1 else difference(*lines)
    ends, errors = f.ends(z), [f.errors[a] for a in node.args]
    if ends.low < 0 < ends.high:
        return None
    positive = ends.low >= 0
    gap = ends.low if positive else -ends.high
    settled = gap * _SCALE >= sum(errors)
    if node.op in ("relu", "abs"):
        f.strays(v, 0 if node.op == "relu" and settled and not positive else errors[0])
        if positive:
            return z
        return f.constant(0) if node.op == "relu" else weighted_sum((-1,), (z,), 0, 1)
    side = positive is (node.op == "max")
    f.strays(v, errors[side] if settled else max(errors))
    return lines[side]


def _line_step(f: Following, v: int) -> Value:
    """`floor` and `round`: of an integer, or all to one integer. An open end of `round` lies beyond a tie."""
    node, lines = f.node(v), f.lines(v)
    if lines is None:
        return None
    error = f.errors[node.args[0]]
    if not error and f.is_integer(lines[0]):
        return lines[0]
    ends = f.ends(lines[0], error)
    if node.op == "floor":
        low = ends.low.__floor__()
        high = ends.high.__ceil__() - 1 if ends.high_open else ends.high.__floor__()
    else:
        half = ratio(1, 2)
        low = (ends.low + half).__floor__() if ends.low_open else round(ends.low)
        high = (ends.high - half).__ceil__() if ends.high_open else round(ends.high)
    return f.constant(low) if low == high else None


def _line_ite(f: Following, v: int) -> Value:
    condition, a, b = f.node(v).args
    truth, one, other = f.values[condition], f.line(a), f.line(b)
    if truth is not None:
        f.strays(v, f.errors[a if truth else b])
        return one if truth else other
    if one is None or other is None or f.only(difference(one, other)) != 0:
        return None
    f.strays(v, max(f.errors[a], f.errors[b]))
    return one


def _truth_bool(f: Following, v: int) -> Value:
    return bool(f.node(v).constant)


def _truth_compare(f: Following, v: int) -> Value:
    """By the line of b - a, with both errors; a node has one value, so that of v - v has none."""
    node, lines = f.node(v), f.lines(v)
    if lines is None:
        return None
    a, b = node.args
    ends = f.ends(difference(*lines), 0 if a == b else f.errors[a] + f.errors[b])
    if node.op != "eq":
        return at_least(ends) if node.op == "le" else above(ends)
    if ends.low == ends.high == 0:
        return True
    reached = ends.low <= 0 <= ends.high and not (ends.low == 0 and ends.low_open)
    return None if reached and not (ends.high == 0 and ends.high_open) else False


def _truth_junction(f: Following, v: int) -> Value:
    decisive = f.node(v).op == "or"
    values = [f.values[a] for a in f.node(v).args]
    if decisive in values:
        return decisive
    return None if None in values else not decisive


def _truth_not(f: Following, v: int) -> Value:
    value = f.values[f.node(v).args[0]]
    return None if value is None else not value


FOLLOW_TABLE: Mapping[str, Callable[[Following, int], Value]] = {
    "input": _line_input,
    "const": _line_const,
    "affine": _line_affine,
    "mul": _line_scaled,
    "div": _line_scaled,
    "relu": _line_switch,
    "abs": _line_switch,
    "max": _line_switch,
    "min": _line_switch,
    "floor": _line_step,
    "round": _line_step,
    "round32": _line_feed,
    "table": _line_table,
    "ite": _line_ite,
    "bool": _truth_bool,
    "le": _truth_compare,
    "lt": _truth_compare,
    "eq": _truth_compare,
    "and": _truth_junction,
    "or": _truth_junction,
    "not": _truth_not,
}
