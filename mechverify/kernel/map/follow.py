"""The nodes of a problem on one region, each an exact linear form of the inputs, or a truth.

A line (d, c_0, c_1, ..., c_n), d > 0, is (c_0 + sum c_k * input_k) / d. A node has one, or a truth, if it is that at
every point of the region, in every execution; otherwise its value here is None: a switch that has both signs, a product
of two lines, a rounded operation, an operation without a rule here, and what depends on such.
"""

from collections.abc import Callable, Mapping, Sequence
from math import gcd, lcm

from ..fault import InvalidError
from ..numbers.number import MAX_BITS, Number, ratio
from ..plan import Prepared
from ..reading.node import Node
from ..work import LONG_BITS
from .region import FormEnds, Region

LinearForm = tuple[int, ...]
Value = LinearForm | bool | None
Values = list[Value]


class Following:
    """The values of the nodes of a problem on a region that is not empty."""

    def __init__(self, prepared: Prepared, region: Region) -> None:
        self.prepared, self.region = prepared, region
        self.width = len(region.kinds) + 1
        self.values: Values = [None] * len(prepared.problem.nodes)

    def run(self, order: Sequence[int]) -> None:
        """Evaluate nodes, each after its arguments."""
        nodes, work = self.prepared.problem.nodes, self.prepared.work
        for v in order:
            rule = FOLLOW_TABLE.get(nodes[v].op)
            value = self.values[v] = None if rule is None else rule(self, v)
            if type(value) is tuple and (bits := max(map(abs, value)).bit_length()) > LONG_BITS:
                work.long_number(bits, self.width)

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

    def ends(self, line: LinearForm) -> FormEnds:
        """The range of a line on the region."""
        d, c, *rest = line
        found = self.region.ends(c, {k: x for k, x in enumerate(rest) if x})
        return FormEnds(ratio(found.low, d), ratio(found.high, d), found.low_open, found.high_open)

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
    if f.node(v).rounded:
        return None
    plan = f.prepared.plan(v)
    lines = plan.plain(f.values)
    if not lines:
        return f.constant(f.node(v).constant)
    known = [line for line in lines if type(line) is tuple]
    return weighted_sum(plan.weights, known, plan.bias, plan.denominator) if len(known) == len(lines) else None


def _line_scaled(f: Following, v: int) -> Value:
    """`mul` and `div`, where a factor, or what divides, has one value on this region."""
    node, lines = f.node(v), f.lines(v)
    if node.rounded or lines is None:
        return None
    a, b = lines
    if node.op == "mul" and f.only(b) is None:
        a, b = b, a
    factor = f.only(b)
    if factor is None or (node.op == "div" and factor == 0):
        return None
    factor = factor if node.op == "mul" else ratio(1, factor)
    return weighted_sum((factor.numerator,), (a,), 0, factor.denominator)


def _line_switch(f: Following, v: int) -> Value:
    """`relu` and `abs` of z, `max` and `min` of (a, b) with z = b - a: one line while z has one sign."""
    op, lines = f.node(v).op, f.lines(v)
    if lines is None:
        return None
    z = lines[0] if len(lines) == 1 else difference(*lines)
    ends = f.ends(z)
    if ends.low < 0 < ends.high:
        return None
    positive = ends.low >= 0
    if op == "relu":
        return z if positive else f.constant(0)
    if op == "abs":
        return z if positive else weighted_sum((-1,), (z,), 0, 1)
    return lines[positive is (op == "max")]


def _line_step(f: Following, v: int) -> Value:
    """`floor` and `round`: of an integer, or all to one integer. An open end of `round` lies beyond a tie."""
    op, lines = f.node(v).op, f.lines(v)
    if lines is None:
        return None
    line = lines[0]
    used = [k for k, c in enumerate(line[2:]) if c]
    if line[0] == 1 and all(f.region.kinds[k].integer for k in used):
        return line
    ends = f.ends(line)
    if op == "floor":
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
        return one if truth else other
    same = one is not None and other is not None and f.only(difference(one, other)) == 0
    return one if same else None


def _truth_bool(f: Following, v: int) -> Value:
    return bool(f.node(v).constant)


def _truth_compare(f: Following, v: int) -> Value:
    op, lines = f.node(v).op, f.lines(v)
    if lines is None:
        return None
    ends = f.ends(difference(*lines))
    if op != "eq":
        return at_least(ends) if op == "le" else above(ends)
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
    "ite": _line_ite,
    "bool": _truth_bool,
    "le": _truth_compare,
    "lt": _truth_compare,
    "eq": _truth_compare,
    "and": _truth_junction,
    "or": _truth_junction,
    "not": _truth_not,
}
