"""An obligation as SMT-LIB 2 text: satisfiable if some point and execution meets the assumption and breaks the claim.

The converse holds for exact nodes other than exp and log. A rounded node is its exact result plus a free error within
the node's bound over the whole input box; exp and log are free variables between lines: there, only ``unsat`` says
something. What may have no value (a quotient by zero, a float32 sum that may overflow) is a free variable, and a
comparison of it is true or false as the solver likes, even with itself: nothing is proved of a NaN.

What is an integer over a common denominator, its *unit*, is written as that integer, of sort Int: solvers that mix Int
and Real in one sum were measured far slower. SMT-LIB's ``div`` and ``mod`` are never used.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from mechverify.engines.affine.layout import cone
from mechverify.engines.ranges.assumed import assumed_ends
from mechverify.engines.ranges.node_bounds import Bound, entries_in_reach, node_bounds
from mechverify.engines.smt.literals import integer, rational, sum_of, zero
from mechverify.errors import InternalError
from mechverify.graph.graph import Node, Obligation
from mechverify.kernel.search import ceil_scaled, exp_bounds, floor_scaled, log_bounds

_BITS = 64
_LINES = 3
_WIDEST = 4000
_UNIT_BITS = 256
_MOST_ENTRIES = 64


@dataclass(frozen=True, slots=True)
class Query:
    """The text (no ``check-sat``), its logic, and the name of each input's constant, None for an input that it does
    not mention.

    ``faithful``: the text has no free variable but inputs and the values of undefined operations, so that a model is a
    counterexample.
    """

    text: str
    logic: str
    names: tuple[str | None, ...]
    faithful: bool


def smt_query(obligation: Obligation) -> Query:
    """Encode ``bounds and assumption and not claim``."""
    return _Writer(obligation).query()


class _Writer:
    def __init__(self, obligation: Obligation) -> None:
        self._obligation = obligation
        self._graph = obligation.graph
        self._order = cone(self._graph, (obligation.assumption, obligation.claim))
        self._ends = assumed_ends(obligation)
        self._bounds = node_bounds(self._graph, self._order, self._ends)
        self._lines: list[str] = []
        self._units: dict[int, int] = {}
        self._sorts: set[str] = set()
        self._defined: dict[int, str] = {}
        self._nonlinear = False
        self._faithful = True

    def query(self) -> Query:
        names: list[str | None] = [None] * len(self._graph.inputs)
        for index in self._order:
            node = self._graph.nodes[index]
            if node.op == "input":
                names[node.args[0]] = f"n{index}"
            self._write(index, node)
        self._say(f"n{self._obligation.assumption}")
        self._say(f"(not n{self._obligation.claim})")
        kinds = "".join(letter for sort, letter in (("Int", "I"), ("Real", "R")) if sort in self._sorts)
        logic = f"QF_{'N' if self._nonlinear else 'L'}{kinds or 'R'}A"
        text = "\n".join([f"(set-logic {logic})", *self._lines, ""])
        return Query(text, logic, tuple(names), self._faithful)

    # --- small words

    def _say(self, condition: str) -> None:
        self._lines.append(f"(assert {condition})")

    def _declare(self, name: str, sort: str) -> str:
        self._sorts.add(sort)
        self._lines.append(f"(declare-const {name} {sort})")
        return name

    def _text(self, index: int, unit: int | None) -> str:
        """A number node as a Real, or as the Int ``unit * node``, where its own unit divides that."""
        node = self._graph.nodes[index]
        self._sorts.add("Real" if unit is None else "Int")
        if node.op == "const":
            return rational(node.numbers[0]) if unit is None else integer(int(node.numbers[0] * unit))
        own = self._units.get(index)
        if own is None:
            return f"n{index}"
        if unit is not None:
            return f"n{index}" if unit == own else f"(* {unit // own} n{index})"
        self._sorts.add("Int")
        return f"(to_real n{index})" if own == 1 else f"(* {rational(Fraction(1, own))} (to_real n{index}))"

    def _value(self, index: int) -> str:
        """A node as a Real."""
        return self._text(index, None)

    def _together(self, indices: Iterable[int]) -> tuple[list[str], int | None]:
        """Nodes as Ints over a common unit, or as Reals where there is none; constants go with the others."""
        nodes = list(indices)
        unit = None
        if any(self._graph.nodes[a].op != "const" for a in nodes):
            unit = self._unit(Fraction(1, self._units[a]) if a in self._units else None for a in nodes)
        return [self._text(a, unit) for a in nodes], unit

    @staticmethod
    def _unit(steps: Iterable[Fraction | None]) -> int | None:
        """The least unit of sums of whole multiples of these; None where one has none, or where it is too large."""
        found = 1
        for step in steps:
            if step is None:
                return None
            found = lcm(found, step.denominator)
            if found.bit_length() > _UNIT_BITS:
                return None
        return found

    def _result(self, index: int, value: str, unit: int | None) -> None:
        """The node is a new constant that equals ``value``, or whose multiple by ``unit`` does."""
        self._declare(f"n{index}", "Real" if unit is None else "Int")
        if unit is not None:
            self._units[index] = unit
        self._say(f"(= n{index} {value})")

    def _free(self, index: int) -> str:
        return self._declare(f"n{index}", "Real")

    # --- operations

    def _write(self, index: int, node: Node) -> None:
        _RULES.get(node.op, _Writer.bounded)(self, index, node)
        if not node.is_boolean and self._bounds[index].ends is None:
            self._lines.append(f"(define-fun d{index} () Bool {self._has_value(index, node)})")
            self._defined[index] = f"d{index}"

    def _has_value(self, index: int, node: Node) -> str:
        """The condition under which a number node whose bound is any value has one."""
        if self._bounds[index].error is None:
            return "false"
        if node.op == "ite":
            c, a, b = node.args
            return f"(ite n{c} {self._defined.get(a, 'true')} {self._defined.get(b, 'true')})"
        parts = [self._defined[a] for a in node.args if a in self._defined]
        domain = node.operation.domain
        if node.op == "div":
            parts.append(f"(not (= {self._value(node.args[1])} 0.0))")
        elif domain is not None:
            parts.append(f"({'>' if domain.strict else '>='} {self._value(node.args[0])} {rational(domain.least)})")
        elif node.operation.partial:
            return "false"
        return f"(and true {' '.join(parts)})"

    def bounded(self, index: int, node: Node) -> None:
        """An operation without an encoding: any truth, or anything within its interval."""
        self._faithful = False
        if node.is_boolean:
            self._lines.append(f"(declare-const n{index} Bool)")
            return
        name, ends = self._free(index), self._bounds[index].ends
        if ends is not None:
            self._say(f"(<= {rational(ends[0])} {name} {rational(ends[1])})")

    def input(self, index: int, node: Node) -> None:
        low, high = self._ends[node.args[0]]
        whole = self._graph.inputs[node.args[0]].kind == "integer"
        name = self._declare(f"n{index}", "Int" if whole else "Real")
        if whole:
            self._units[index] = 1
            self._say(f"(<= {integer(int(low))} {name} {integer(int(high))})")
        else:
            self._say(f"(<= {rational(low)} {name} {rational(high)})")

    def const(self, index: int, node: Node) -> None:
        """A literal wherever it is used."""
        if node.numbers[0].denominator.bit_length() <= _UNIT_BITS:
            self._units[index] = node.numbers[0].denominator

    def affine(self, index: int, node: Node) -> None:
        bias, weights = node.numbers[0], node.numbers[1:]
        bound = self._bounds[index]
        used = [(w, a) for w, a in zip(weights, node.args, strict=True) if w != 0]
        unit = None
        if bound.error == 0 and all(a in self._units for a in node.args):
            unit = self._unit([bias, *(w / self._units[a] for w, a in used)])
        if unit is None:
            terms = [a if w == 1 else f"(* {rational(w)} {a})" for w, a in ((w, self._value(a)) for w, a in used)]
            literal = rational(bias)
        else:
            factors = [(int(w * unit / self._units[a]), self._text(a, self._units[a])) for w, a in used]
            terms = [a if w == 1 else f"(* {integer(w)} {a})" for w, a in factors]
            literal = integer(int(bias * unit))
        if bias != 0 or not terms:
            terms.append(literal)
        self._rounded(index, bound, sum_of(terms), unit)

    def _rounded(self, index: int, bound: Bound, value: str, unit: int | None) -> None:
        if bound.error is None:
            self._faithful = False
            self._free(index)
        elif bound.error == 0:
            self._result(index, value, unit)
        else:
            self._faithful = False
            error = Fraction(ceil_scaled(bound.error, _error_bits(bound.error)), 1 << _error_bits(bound.error))
            name = self._declare(f"e{index}", "Real")
            self._say(f"(<= {rational(-error)} {name} {rational(error)})")
            self._result(index, f"(+ {value} {name})", None)

    def mul(self, index: int, node: Node) -> None:
        bound = self._bounds[index]
        if not any(self._graph.nodes[a].op == "const" for a in node.args):
            self._nonlinear = True
        whole = bound.error == 0 and all(self._units.get(a) == 1 for a in node.args)
        a, b = (self._text(x, 1 if whole else None) for x in node.args)
        self._rounded(index, bound, f"(* {a} {b})", 1 if whole else None)

    def div(self, index: int, node: Node) -> None:
        bound = self._bounds[index]
        if bound.error is None:
            self._rounded(index, bound, "", None)
            return
        a, b = (self._value(x) for x in node.args)
        divisor = self._graph.nodes[node.args[1]]
        if divisor.op == "const" and divisor.numbers[0] != 0:
            self._rounded(index, bound, f"(* {rational(1 / divisor.numbers[0])} {a})", None)
            return
        self._nonlinear = True
        quotient = self._declare(f"q{index}", "Real")
        self._say(f"(=> (not (= {b} 0.0)) (= (* {quotient} {b}) {a}))")
        self._rounded(index, bound, quotient, None)

    def relu(self, index: int, node: Node) -> None:
        (a,), unit = self._together(node.args)
        self._result(index, f"(ite (<= {zero(unit)} {a}) {a} {zero(unit)})", unit)

    def abs(self, index: int, node: Node) -> None:
        (a,), unit = self._together(node.args)
        self._result(index, f"(ite (<= {zero(unit)} {a}) {a} (- {a}))", unit)

    def extremum(self, index: int, node: Node) -> None:
        (a, b), unit = self._together(node.args)
        order = f"(<= {a} {b})" if node.op == "min" else f"(<= {b} {a})"
        self._result(index, f"(ite {order} {a} {b})", unit)

    def ite(self, index: int, node: Node) -> None:
        (a, b), unit = self._together(node.args[1:])
        self._result(index, f"(ite n{node.args[0]} {a} {b})", unit)

    def table(self, index: int, node: Node) -> None:
        """A search in the entries that are in reach, where they are few."""
        places = entries_in_reach(node, self._bounds[node.args[0]])
        if not 0 < len(places) <= _MOST_ENTRIES:
            self.bounded(index, node)
            return
        unit = self._unit(Fraction(1, x.denominator) for x in node.numbers[places.start : places.stop])
        own = 1 if self._units.get(node.args[0]) == 1 else None
        self._result(index, self._chosen(self._text(node.args[0], own), node, places, unit, whole=own == 1), unit)

    def _chosen(self, at: str, node: Node, places: range, unit: int | None, *, whole: bool) -> str:
        if len(places) == 1:
            value = node.numbers[places[0]]
            return rational(value) if unit is None else integer(int(value * unit))
        middle = len(places) // 2
        end = places[middle - 1]
        sides = [self._chosen(at, node, part, unit, whole=whole) for part in (places[:middle], places[middle:])]
        return f"(ite (<= {at} {integer(end) if whole else rational(Fraction(end))}) {sides[0]} {sides[1]})"

    def floor(self, index: int, node: Node) -> None:
        """k <= a < k + 1, times the unit of a where it has one."""
        if self._units.get(node.args[0]) == 1:
            self._result(index, self._text(node.args[0], 1), 1)
            return
        k, a, one = self._integer_near(index, node)
        self._say(f"(<= {k} {a})")
        self._say(f"(< {a} (+ {k} {one}))")

    def round(self, index: int, node: Node) -> None:
        """|2 a - 2 k| <= 1, and k is even where that is an equality; times the unit of a where it has one."""
        if self._units.get(node.args[0]) == 1:
            self._result(index, self._text(node.args[0], 1), 1)
            return
        k, a, one = self._integer_near(index, node)
        half = self._declare(f"h{index}", "Int")
        low, high, twice = f"(- (+ {k} {k}) {one})", f"(+ {k} {k} {one})", f"(+ {a} {a})"
        self._say(f"(<= {low} {twice} {high})")
        self._say(f"(=> (or (= {twice} {low}) (= {twice} {high})) (= n{index} (* 2 {half})))")

    def _integer_near(self, index: int, node: Node) -> tuple[str, str, str]:
        """A new Int k for the node, as ``unit * k``, ``unit * argument`` and ``unit``; as Reals where there is none."""
        self._declare(f"n{index}", "Int")
        self._units[index] = 1
        unit = self._units.get(node.args[0])
        one = "1.0" if unit is None else integer(unit)
        return self._text(index, unit), self._text(node.args[0], unit), one

    def sqrt(self, index: int, node: Node) -> None:
        name, a = self._free(index), self._value(node.args[0])
        self._nonlinear = True
        self._say(f"(=> (>= {a} 0.0) (and (>= {name} 0.0) (= (* {name} {name}) {a})))")

    def exp(self, index: int, node: Node) -> None:
        """Above its tangents, below its chord (convexity)."""
        self._faithful = False
        name, a = self._free(index), self._value(node.args[0])
        self._say(f"(> {name} 0.0)")
        ends = self._bounds[node.args[0]].ends
        if ends is None or abs(ends[0]) > _WIDEST or abs(ends[1]) > _WIDEST:
            return
        for c in _between(*ends):
            least = _enclose(exp_bounds, c)[0]
            self._say(f"(>= {name} (* {rational(least)} (+ {a} {rational(1 - c)})))")
        low, high = (_enclose(exp_bounds, c)[1] for c in ends)
        self._say(f"(<= {name} {_chord(a, *ends, low, high)})")

    def log(self, index: int, node: Node) -> None:
        """Below its tangents, above its chord (concavity)."""
        self._faithful = False
        name, a = self._free(index), self._value(node.args[0])
        ends = self._bounds[node.args[0]].ends
        if ends is None or ends[0] < Fraction(1, 1 << _BITS // 2):
            self._say(f"(=> (> {a} 0.0) (<= {name} (- {a} 1.0)))")
            return
        for c in _between(*ends):
            most = _enclose(log_bounds, c)[1]
            self._say(f"(<= {name} (+ {rational(most - 1)} (* {rational(1 / c)} {a})))")
        low, high = (_enclose(log_bounds, c)[0] for c in ends)
        self._say(f"(>= {name} {_chord(a, *ends, low, high)})")

    def round32(self, index: int, node: Node) -> None:
        bound = self._bounds[index]
        (a,), unit = self._together(node.args)
        if bound.error != 0:
            a, unit = self._value(node.args[0]), None
        self._rounded(index, bound, a, unit)

    def bool(self, index: int, node: Node) -> None:
        self._define(index, "true" if node.truth else "false")

    def compare(self, index: int, node: Node) -> None:
        (a, b), _ = self._together(node.args)
        value = f"({_SIGNS[node.op]} {a} {b})"
        parts = [self._defined[x] for x in dict.fromkeys(node.args) if x in self._defined]
        if parts:
            self._lines.append(f"(declare-const u{index} Bool)")
            value = f"(ite (and true {' '.join(parts)}) {value} u{index})"
        self._define(index, value)

    def junction(self, index: int, node: Node) -> None:
        args = [f"n{a}" for a in node.args]
        if not args:
            self._define(index, "true" if node.op == "and" else "false")
        else:
            self._define(index, args[0] if len(args) == 1 else f"({node.op} {' '.join(args)})")

    def negation(self, index: int, node: Node) -> None:
        self._define(index, f"(not n{node.args[0]})")

    def _define(self, index: int, value: str) -> None:
        self._lines.append(f"(define-fun n{index} () Bool {value})")


def _error_bits(error: Fraction) -> int:
    """A scale at which the error has about 16 significant bits."""
    return max(0, 16 + error.denominator.bit_length() - error.numerator.bit_length())


def _between(low: Fraction, high: Fraction) -> list[Fraction]:
    return sorted({low + (high - low) * k / (_LINES - 1) for k in range(_LINES)})


def _enclose(function: Callable[[int, int, int], tuple[int, int] | None], at: Fraction) -> tuple[Fraction, Fraction]:
    ends = function(floor_scaled(at, _BITS), ceil_scaled(at, _BITS), _BITS)
    if ends is None:
        raise InternalError("an enclosure outside its range")
    return Fraction(ends[0], 1 << _BITS), Fraction(ends[1], 1 << _BITS)


def _chord(a: str, low: Fraction, high: Fraction, at_low: Fraction, at_high: Fraction) -> str:
    if low == high:
        return rational(at_low)
    slope = (at_high - at_low) / (high - low)
    return f"(+ {rational(at_low - slope * low)} (* {rational(slope)} {a}))"


_SIGNS = {"le": "<=", "lt": "<", "eq": "="}
_RULES: dict[str, Callable[[_Writer, int, Node], None]] = {
    "input": _Writer.input,
    "const": _Writer.const,
    "affine": _Writer.affine,
    "mul": _Writer.mul,
    "div": _Writer.div,
    "relu": _Writer.relu,
    "abs": _Writer.abs,
    "max": _Writer.extremum,
    "min": _Writer.extremum,
    "ite": _Writer.ite,
    "table": _Writer.table,
    "floor": _Writer.floor,
    "round": _Writer.round,
    "sqrt": _Writer.sqrt,
    "exp": _Writer.exp,
    "log": _Writer.log,
    "round32": _Writer.round32,
    "bool": _Writer.bool,
    "le": _Writer.compare,
    "lt": _Writer.compare,
    "eq": _Writer.compare,
    "and": _Writer.junction,
    "or": _Writer.junction,
    "not": _Writer.negation,
}
