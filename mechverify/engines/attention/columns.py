"""The nodes of an obligation as sums of functions of one input each, in float64, for all values of one input at once.

The kernel's own (``kernel/separable/``) are exact and for one value at a time; what is said there of which nodes have
such a form holds here too. An array has a row for each value of the held input, or one for all, and a column for each
value of the free input, or one for all.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.errors import InternalError
from mechverify.graph.graph import Graph, Node
from mechverify.graph.rows import Row
from mechverify.graph.tables import Entries

Floats = NDArray[np.float64]
ColumnSums = dict[int, Floats]

CONSTANT = -1
_COMPARED = {"le": np.less_equal, "lt": np.less, "eq": np.equal}


@dataclass(frozen=True, slots=True)
class Separable:
    """``plain``, and for each node in ``over`` those sums divided by that node's value, which is positive."""

    plain: ColumnSums
    over: dict[int, ColumnSums] = field(default_factory=dict)

    def inputs(self) -> set[int]:
        """The free inputs that it depends on."""
        return {k for sums in (self.plain, *self.over.values()) for k in sums if k != CONSTANT}


class Columns:
    """What nodes of a graph are, each after its arguments. ``held`` is the index of the held input, None for none."""

    def __init__(self, graph: Graph, held: int | None) -> None:
        self.graph, self.held = graph, held
        self.found: dict[int, Separable | None] = {}
        self.folded: dict[tuple[int, int], ColumnSums] = {}

    def of(self, v: int) -> Separable:
        """A node that is known to be separable."""
        found = self.found[v]
        if found is None:
            raise InternalError(f"node {v} is no sum of functions of one input each")
        return found

    def ask(self, order: Sequence[int]) -> None:
        """Find what these nodes are, which are all that they depend on, in ascending order."""
        alike: dict[tuple[int, ...], list[int]] = {}
        for v in order:
            node = self.graph.nodes[v]
            if node.op == "affine" and node.rounding == "exact":
                alike.setdefault(node.args, []).append(v)
        for v in order:
            if v in self.found:
                continue
            node = self.graph.nodes[v]
            if node.op == "affine" and node.rounding == "exact":
                self._sums(node.args, alike[node.args])
            else:
                self.found[v] = self._one(node)

    def over(self, v: int, s: int) -> ColumnSums:
        """N + c S for a node c + N / S."""
        found = self.folded.get((v, s))
        if found is None:
            one, below = self.of(v), self.of(s)
            found = dict(one.over.get(s, {}))
            for k, column in below.plain.items():
                more = one.plain[CONSTANT] * column if CONSTANT in one.plain else 0.0
                found[k] = found[k] + more if k in found else more + np.zeros((1, 1))
            self.folded[v, s] = found
        return found

    def _one(self, node: Node) -> Separable | None:
        if node.op == "input":
            return self._input(node.args[0])
        arguments = [self.found[a] for a in node.args]
        numbers = [one for one in arguments if one is not None]
        if len(numbers) < len(arguments):
            return None
        spend(costs.GROUP + costs.CELL * sum(x.size for one in numbers for x in one.plain.values()))
        if node.rounding == "exact" and node.op == "mul":
            return _product(*numbers)
        if node.rounding == "exact" and node.op == "div":
            return _quotient(node.args[1], *numbers)
        return _by_value(node, numbers)

    def _input(self, k: int) -> Separable | None:
        one = self.graph.inputs[k]
        if one.kind != "integer":
            return None
        values = np.arange(float(one.low), float(one.high) + 1)
        if k == self.held:
            return Separable({CONSTANT: values[:, None]})
        return Separable({k if len(values) > 1 else CONSTANT: values[None, :]})

    def _sums(self, args: tuple[int, ...], nodes: Sequence[int]) -> None:
        """Exact ``affine`` nodes of the same arguments, all at once."""
        if any(self.found[a] is None for a in args):
            self.found.update(dict.fromkeys(nodes))
            return
        weights = np.array([floats_of(self.graph.nodes[v].numbers) for v in nodes])
        parts: dict[tuple[int | None, int], list[int]] = {}
        for i, a in enumerate(args):
            own = self.of(a)
            for s, sums in [(None, own.plain), *own.over.items()]:
                for k in sums:
                    parts.setdefault((s, k), []).append(i)
        made: list[Separable] = [Separable({CONSTANT: np.full((1, 1), w[0])}) for w in weights]
        for (s, k), places in parts.items():
            columns = [self._part(self.of(args[i]), s, k) for i in places]
            shape = np.broadcast_shapes(*(x.shape for x in columns))
            stack = np.stack([np.broadcast_to(x, shape).ravel() for x in columns])
            spend(costs.GROUP + costs.CELL * stack.size + costs.PRODUCT * stack.size * len(nodes))
            totals = weights[:, 1:][:, places] @ stack
            for one, total in zip(made, totals, strict=True):
                sums = one.plain if s is None else one.over.setdefault(s, {})
                column = total.reshape(shape)
                sums[k] = sums[k] + column if k in sums else column
        self.found.update(zip(nodes, made, strict=True))

    @staticmethod
    def _part(one: Separable, s: int | None, k: int) -> Floats:
        return one.plain[k] if s is None else one.over[s][k]


def floats_of(numbers: Sequence[Fraction]) -> Floats:
    """Bias and weights of a node in float64."""
    if isinstance(numbers, Row):
        return np.concatenate([[float(numbers[0])], numbers.words.view(np.float32).astype(np.float64)])
    return np.array([float(x) for x in numbers])


def together(sums: ColumnSums) -> Floats:
    """Sums that depend on one free input at most, as one array."""
    return sum(sums.values(), np.zeros((1, 1)))


def _product(one: Separable, other: Separable) -> Separable | None:
    inputs = one.inputs() | other.inputs()
    for a, b in ((one, other), (other, one)):
        if not a.over and (len(inputs) <= 1 or not a.inputs()):
            factor, k = together(a.plain), next(iter(a.inputs()), None)
            return Separable(_times(factor, b.plain, k), {s: _times(factor, sums, k) for s, sums in b.over.items()})
    return None


def _times(factor: Floats, sums: ColumnSums, k: int | None) -> ColumnSums:
    if k is None:
        return {own: factor * column for own, column in sums.items()}
    return {k: factor * together(sums)} if sums else {}


def _quotient(divisor: int, one: Separable, other: Separable) -> Separable | None:
    if one.over or other.over:
        return None
    inputs = one.inputs() | other.inputs()
    if len(inputs) <= 1 or not other.inputs():
        below = together(other.plain)
        if (below == 0).any() or (below > 0).any() is (below < 0).any():
            return None
        if not other.inputs():
            return Separable({k: column / below for k, column in one.plain.items()})
        return Separable({next(iter(inputs)): together(one.plain) / below})
    least = sum(column.min(axis=1) for column in other.plain.values())
    return Separable({}, {divisor: one.plain}) if np.all(least > 0) else None


def _by_value(node: Node, arguments: Sequence[Separable]) -> Separable | None:
    inputs = {k for one in arguments for k in one.inputs()}
    if len(inputs) > 1 or any(one.over for one in arguments):
        return None
    k = next(iter(inputs), CONSTANT)
    columns = [together(one.plain) for one in arguments]
    found = _value(node, columns)
    if found is None or not np.isfinite(found).all():
        return None
    return Separable({k: found})


def _value(node: Node, columns: Sequence[Floats]) -> Floats | None:
    """The operation's value, truths as 0 and 1; None where it has none in float64."""
    found: Floats
    if node.op in _COMPARED:
        found = _COMPARED[node.op](*columns).astype(np.float64)
    elif node.op in ("and", "or"):
        start = np.full((1, 1), float(node.op == "and"))
        for column in columns:
            start = np.minimum(start, column) if node.op == "and" else np.maximum(start, column)
        found = start
    elif node.op == "not":
        found = 1.0 - columns[0]
    elif node.op == "bool":
        found = np.full((1, 1), float(node.truth))
    elif node.op == "ite":
        found = np.where(columns[0] > 0.5, columns[1], columns[2])
    elif node.op == "const":
        found = np.full((1, 1), float(node.numbers[0]))
    elif node.op == "table":
        entries = node.numbers.floats if isinstance(node.numbers, Entries) else floats_of(node.numbers)
        index = columns[0]
        if (index % 1 != 0).any() or (index < 0).any() or (index >= len(entries)).any():
            return None
        found = entries[index.astype(np.intp)]
    elif node.op == "affine":
        bias, *weights = floats_of(node.numbers)
        found = sum((w * column for w, column in zip(weights, columns, strict=True)), np.full((1, 1), bias))
    elif node.op in ("mul", "div"):
        with np.errstate(all="ignore"):
            found = columns[0] * columns[1] if node.op == "mul" else columns[0] / columns[1]
    elif node.operation.values is not None:
        with np.errstate(all="ignore"):
            found = np.asarray(node.operation.values(*columns), dtype=np.float64)
    else:
        return None
    return found


def depends_on(graph: Graph, order: Iterable[int]) -> dict[int, frozenset[int]]:
    """For each node the inputs that it depends on."""
    found: dict[int, frozenset[int]] = {}
    for v in order:
        node = graph.nodes[v]
        found[v] = frozenset(node.args) if node.op == "input" else frozenset().union(*(found[a] for a in node.args))
    return found
