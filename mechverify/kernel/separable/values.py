"""The nodes of a problem as sums of functions of one input each, some inputs held at one value.

A node has a `Separable` if in every execution, at every point of the problem's box at which the held inputs have those
values, its value lies in it:
- what depends on one input that is not held, or on none, by the value of the operation at a point (`points/`), for each
  value of that input: a table;
- an exact `affine`: the sum of its arguments';
- an exact `mul`: where one argument depends on no input, or both on one and the same, entry by entry;
- an exact `div`: where both depend on one and the same input, entry by entry; where the divisor is positive on the
  whole box, the tables of the dividend over it;
- all else has none.

Tables are computed once: those of nodes that depend on no held input are kept for all values of these.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..fault import InvalidError
from ..numbers.number import ceil_scaled, floor_scaled, over_common, ratio
from ..operations.table import OPERATIONS
from ..plan import Prepared
from ..points.values import NodeValues
from ..reading.node import Node
from .sums import (
    CONSTANT,
    Column,
    ColumnSums,
    Separable,
    column_of,
    divided,
    exact_column,
    least,
    multiplied,
    together,
    weighted_sums,
)

MAX_VALUES = 1 << 16
MAX_ENTRIES = 1 << 24

TruthColumn = list[bool | None]


@dataclass(slots=True)
class Tabulated:
    """What a node is: separable, or, of a boolean node that depends on one input at most, its truths. `size`: of how
    many entries that is.
    """

    number: Separable | None = None
    truths: tuple[int, TruthColumn] | None = None
    size: int = 0


class Tabulation:
    """The nodes of a problem, as far as they are asked for, with no input held or with some (`held`).

    `unheld` has those that depend on no held input.
    """

    def __init__(self, prepared: Prepared, held: Mapping[int, int], unheld: "Tabulation | None" = None) -> None:
        self.prepared, self.held, self.unheld = prepared, held, unheld
        self.bits = prepared.precision
        self.found: dict[int, Tabulated] = {}
        self.entries = 0
        self.reads: list[int] = _inputs_read(prepared) if unheld is None else unheld.reads
        self.mask = sum(1 << k for k in held)
        self.point = NodeValues(prepared)

    def of(self, v: int) -> Tabulated:
        """What a node is."""
        found = self.found.get(v)
        if found is None:
            self.ask((v,))
            found = self.found[v]
        return found

    def ask(self, roots: Iterable[int]) -> None:
        """Find what these nodes are, and all that they depend on."""
        nodes = self.prepared.problem.nodes
        wanted: set[int] = set()
        outside: set[int] = set()
        stack = [v for v in roots if v not in self.found]
        while stack:
            v = stack.pop()
            if v in wanted or v in outside or v in self.found:
                continue
            if self.unheld is not None and not self.reads[v] & self.mask:
                outside.add(v)
            else:
                wanted.add(v)
                stack.extend(nodes[v].args)
        if self.unheld is not None:
            self.unheld.ask(outside)
            self.found.update((v, self.unheld.found[v]) for v in outside)
        for v in sorted(wanted):
            found = self.found[v] = self._tabulated(v, nodes[v])
            if found.number is not None:
                found.size = found.number.size()
            elif found.truths is not None:
                found.size = len(found.truths[1])
            self._keep(found.size)

    def _keep(self, entries: int) -> None:
        self.entries += entries
        if self.entries > MAX_ENTRIES:
            raise InvalidError(f"more than {MAX_ENTRIES} entries of tables")

    def _tabulated(self, v: int, node: Node) -> Tabulated:
        if node.op == "input":
            return Tabulated(self._input(node.index))
        arguments = [self.found[a] for a in node.args]
        numbers = [one.number for one in arguments if one.number is not None]
        exact = not node.rounded and len(numbers) == len(arguments)
        self.prepared.work.count(1 + sum(1 + one.size for one in arguments))
        if exact and node.op == "affine":
            return Tabulated(self._affine(node, numbers))
        if exact and node.op == "mul":
            return Tabulated(self._mul(*numbers))
        if exact and node.op == "div":
            return Tabulated(self._div(node.args[1], *numbers))
        return self._by_value(v, node, arguments)

    def _input(self, k: int) -> Separable | None:
        one = self.prepared.problem.inputs[k]
        if k in self.held:
            return Separable({CONSTANT: exact_column([self.held[k] << self.bits])})
        if not one.integer or one.high - one.low >= MAX_VALUES:
            return None
        values = [x << self.bits for x in range(int(one.low), int(one.high) + 1)]
        return Separable({k if len(values) > 1 else CONSTANT: exact_column(values)})

    def _affine(self, node: Node, numbers: list[Separable]) -> Separable:
        weights, bottom = over_common(node.numerators)
        bottom <<= node.shift
        bias = column_of([floor_scaled(node.constant, self.bits)], [ceil_scaled(node.constant, self.bits)])
        terms = [*zip(weights, numbers, strict=True), (bottom, Separable({CONSTANT: bias}))]
        denominators = {s for one in numbers for s in one.over}
        over = {s: weighted_sums([(w, one.over.get(s, {})) for w, one in terms], bottom) for s in denominators}
        return Separable(weighted_sums([(w, one.plain) for w, one in terms], bottom), over)

    def _mul(self, one: Separable, other: Separable) -> Separable | None:
        inputs = one.inputs() | other.inputs()
        for a, b in ((one, other), (other, one)):
            if not a.over and (len(inputs) <= 1 or not a.inputs()):
                return self._times(together(a.plain), b, next(iter(a.inputs()), None))
        return None

    def _times(self, factor: Column, other: Separable, k: int | None) -> Separable:
        """`factor` depends on the input k, as all that is multiplied with it, or on none."""

        def times(sums: ColumnSums) -> ColumnSums:
            if k is None:
                return {own: multiplied(factor, table, self.bits) for own, table in sums.items()}
            return {k: multiplied(factor, together(sums), self.bits)} if sums else {}

        return Separable(times(other.plain), {s: times(sums) for s, sums in other.over.items()})

    def _div(self, divisor: int, one: Separable, other: Separable) -> Separable | None:
        if one.over or other.over:
            return None
        inputs = one.inputs() | other.inputs()
        if len(inputs) <= 1 or not other.inputs():
            below = together(other.plain)
            if any(low <= 0 <= high for low, high in zip(below.low, below.high, strict=True)):
                return None
            if not other.inputs():
                return Separable({k: divided(table, below, self.bits) for k, table in one.plain.items()})
            return Separable({next(iter(inputs)): divided(together(one.plain), below, self.bits)})
        return Separable({}, {divisor: one.plain}) if least(other.plain) > 0 else None

    def _by_value(self, v: int, node: Node, arguments: list[Tabulated]) -> Tabulated:
        """By the operation's value at a point, for each value of the only input that the arguments depend on."""
        columns: list[tuple[int, list[tuple[int, int]] | TruthColumn]] = []
        for one in arguments:
            if one.truths is not None:
                columns.append(one.truths)
            elif one.number is None or one.number.over or len(one.number.inputs()) > 1:
                return Tabulated()
            else:
                table = together(one.number.plain)
                columns.append(
                    (next(iter(one.number.inputs()), CONSTANT), list(zip(table.low, table.high, strict=True)))
                )
        inputs = {k for k, _ in columns if k != CONSTANT}
        if len(inputs) > 1:
            return Tabulated()
        k = next(iter(inputs), CONSTANT)
        size = max((len(column) for own, column in columns if own == k), default=1)
        self.prepared.work.count(size * (1 + len(columns)))
        lows: list[int] = []
        highs: list[int] = []
        truths: TruthColumn = []
        for i in range(size):
            for a, (own, column) in zip(node.args, columns, strict=True):
                self._set(a, column[i if own == k else 0])
            OPERATIONS[node.op].at_point(self.point, v, node)
            if node.boolean:
                truths.append(self.point.truth[v])
                continue
            ends = self.point.ends(v)
            if ends is None:
                return Tabulated()
            lows.append(floor_scaled(ends[0], self.bits))
            highs.append(ceil_scaled(ends[1], self.bits))
        return Tabulated(truths=(k, truths)) if node.boolean else Tabulated(Separable({k: column_of(lows, highs)}))

    def _set(self, a: int, entry: tuple[int, int] | bool | None) -> None:  # noqa: FBT001
        """Give an argument its value."""
        point = self.point
        if isinstance(entry, tuple):
            low, high = (ratio(x, 1 << self.bits) for x in entry)
            point.low[a], point.high[a] = low, high
            (point.loose.discard if entry[0] == entry[1] else point.loose.add)(a)
        else:
            point.truth[a] = entry


def _inputs_read(prepared: Prepared) -> list[int]:
    """For each node, the inputs that it depends on, as the bits of a number."""
    found: list[int] = []
    for node in prepared.problem.nodes:
        mask = 1 << node.index if node.op == "input" else 0
        for a in node.args:
            mask |= found[a]
        found.append(mask)
    return found
