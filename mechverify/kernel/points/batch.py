"""Evaluation at all points of a box, many rows at a time: what a prefix of the parameters decides is computed once.

Nodes that depend on the same parameters are a group, as in `sweep.py`. The box is gone through in blocks: the first
parameters have one value each, the others all of theirs, at most ROWS combinations. In a block a group has a row for
each combination of those of its own parameters that vary there, and is evaluated for all rows at once, after the groups
that it reads from; it is not evaluated again until one of its own first parameters has another value. So in a causal
network a position is computed once for each string up to it.

Sums, products, quotients, powers, relu, max and min go by the rules of `columns.py`, every other operation row by row
by its own rule at a point, on the ends that the columns give. What that leaves unsettled is left to `Sweep`.
"""

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod

from ..numbers.number import Number, normal
from ..operations.table import OPERATIONS
from ..plan import Prepared
from ..reading.node import Node
from .columns import (
    Picking,
    Rows,
    exact,
    larger_of,
    positive_part,
    power_of,
    product_of_rows,
    quotient_of_rows,
    smaller_of,
    sum_of_rows,
)
from .groups import Groups
from .values import NodeValues

ROWS = 1 << 10

RowTruths = list[bool | None]
# A number node's column, None for "any value"; a boolean node's truths.
Found = Rows | RowTruths | None

_ONE_ARGUMENT = {"relu": positive_part, "exp": power_of}
_TWO_ARGUMENTS = {"max": larger_of, "min": smaller_of}
_AT_ONCE = frozenset({"affine", "mul", "div", *_ONE_ARGUMENT, *_TWO_ARGUMENTS})


class Batch:
    """`operations` is the most that all blocks take: terms of nodes, for each row. `at_once` is the part of them that
    goes by the rules of columns, `rows` how many points a block has."""

    def __init__(self, prepared: Prepared, groups: Groups, sizes: Sequence[int]) -> None:
        self.prepared, self.groups, self.sizes = prepared, groups, sizes
        first = 0
        while prod(sizes[first:]) > ROWS:
            first += 1
        self.first, self.rows = first, prod(sizes[first:])
        self.operations = self.at_once = 0
        nodes = prepared.problem.nodes
        for mask, members in groups.members.items():
            own = mask & (1 << first) - 1
            rows = prod(sizes[: own.bit_length()]) * self._rows(mask)
            for v in members:
                terms = rows * (1 + len(nodes[v].args))
                self.operations += terms
                if _goes_at_once(nodes[v]):
                    self.at_once += terms
        self._values = NodeValues(prepared)
        self._found: dict[int, list[Found]] = {mask: [] for mask in groups.members}
        self._places: dict[int, tuple[int, int]] = {}
        for mask in groups.members:
            self._places |= {v: (mask, k) for k, v in enumerate(groups.read[mask])}
        self._pickings: dict[tuple[int, int], Picking] = {}

    def _free(self, mask: int) -> list[int]:
        """The parameters of a group that vary in a block."""
        return [k for k in range(self.first, len(self.sizes)) if mask >> k & 1]

    def _rows(self, mask: int) -> int:
        return prod(self.sizes[k] for k in self._free(mask))

    def truths(self, ranges: Sequence[range], inputs: "Inputs", wanted: Sequence[int]) -> Iterator[list[RowTruths]]:
        """For each block, in the order of the points: the truths of the wanted nodes at all its points, the last
        parameter fastest."""
        last: dict[int, tuple[int, ...]] = {}
        everything = (1 << len(self.sizes)) - 1
        for head in product(*ranges[: self.first]):
            for mask in self.groups.members:
                key = tuple(x for k, x in enumerate(head) if mask >> k & 1)
                if last.get(mask) != key:
                    last[mask] = key
                    self._evaluate(mask, head, ranges, inputs)
            yield [self._truths_of(v, everything) for v in wanted]

    def _truths_of(self, v: int, mask: int) -> RowTruths:
        source, k = self._places[v]
        found = self._found[source][k]
        if not isinstance(found, list):
            raise TypeError("a truth is asked of a number node")
        return [found[row] for row in self._picking(source, mask).rows]

    def _picking(self, source: int, mask: int) -> Picking:
        """Which row of a group each row of another, or of the whole block, reads."""
        found = self._pickings.get((source, mask))
        if found is None:
            free = self._free(mask)
            strides, step = {}, 1
            for k in reversed(self._free(source)):
                strides[k] = step
                step *= self.sizes[k]
            steps = [
                range(0, self.sizes[k] * strides[k], strides[k]) if k in strides else [0] * self.sizes[k] for k in free
            ]
            found = self._pickings[source, mask] = Picking([sum(one) for one in product(*steps)])
        return found

    def _evaluate(self, mask: int, head: Sequence[int], ranges: Sequence[range], inputs: "Inputs") -> None:
        """Evaluate a group's nodes for all its rows in this block, and keep those that are read."""
        nodes = self.prepared.problem.nodes
        free = self._free(mask)
        found: dict[int, Found] = {}
        for v in self.groups.outside[mask]:
            source, k = self._places[v]
            found[v] = _picked(self._found[source][k], self._picking(source, mask))
        points: list[dict[int, int]] = []
        for v in self.groups.members[mask]:
            node = nodes[v]
            if node.op == "input":
                if not points:
                    fixed = {k: one.start for k, one in enumerate(ranges)} | dict(enumerate(head))
                    points = [fixed | dict(zip(free, at, strict=True)) for at in product(*(ranges[k] for k in free))]
                numbers = [inputs(node.index, at) for at in points]
                found[v] = exact(numbers, numbers)
            elif _goes_at_once(node):
                found[v] = self._at_once(v, node, found)
            else:
                found[v] = self._row_by_row(v, node, found, self._rows(mask))
        self._found[mask] = [found[v] for v in self.groups.read[mask]]

    def _at_once(self, v: int, node: Node, found: dict[int, Found]) -> Rows | None:
        if node.op == "affine":
            plan = self.prepared.plan(v)
            args = plan.plain(range(len(self.prepared.problem.nodes)))
        else:
            args = node.args
        columns = [one for a in args if isinstance(one := found[a], Rows)]
        if len(columns) < len(args):
            return None
        if node.op == "affine":
            return sum_of_rows(plan, args, columns, rounded=node.rounded)
        if node.op == "mul":
            return product_of_rows(*columns, rounded=node.rounded)
        if node.op == "div":
            return quotient_of_rows(*columns)
        if node.op in _ONE_ARGUMENT:
            return _ONE_ARGUMENT[node.op](*columns)
        return _TWO_ARGUMENTS[node.op](*columns)

    def _row_by_row(self, v: int, node: Node, found: dict[int, Found], rows: int) -> Found:
        """By the operation's rule at a point."""
        values, rule = self._values, OPERATIONS[node.op].at_point
        args = [(a, found[a]) for a in dict.fromkeys(node.args)]
        truths: RowTruths = []
        lows: list[Number] = []
        highs: list[Number] = []
        for row in range(rows):
            for a, one in args:
                if one is None:
                    values.top(a)
                elif isinstance(one, Rows):
                    values.low[a], values.high[a] = low, high = one.ends(row)
                    (values.loose.discard if low is high else values.loose.add)(a)
                else:
                    values.truth[a] = one[row]
            values.loose.discard(v)
            rule(values, v, node)
            if node.boolean:
                truths.append(values.truth[v])
                continue
            ends = values.ends(v)
            if ends is None:
                return None
            lows.append(ends[0])
            highs.append(ends[1])
        return truths if node.boolean else exact(lows, highs)


class Inputs:
    """The value of an input at the values of the parameters, by their places."""

    def __init__(self, forms: Sequence[tuple[Number, Sequence[tuple[Number, int]]]]) -> None:
        self._forms = forms

    def __call__(self, index: int, at: dict[int, int]) -> Number:
        constant, terms = self._forms[index]
        return normal(constant + sum(c * at[k] for c, k in terms))


def _goes_at_once(node: Node) -> bool:
    return node.op in _AT_ONCE and len(node.args) > 0 and not (node.op == "div" and node.rounded)


def _picked(found: Found, picking: Picking) -> Found:
    if isinstance(found, Rows):
        return found.picked(picking)
    return None if found is None else [found[row] for row in picking.rows]
