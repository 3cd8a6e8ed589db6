"""A graph in the order that numpy likes: levels of like operations, affine nodes as dense matrices.

Only the nodes that the wanted ones depend on are kept. Numbers and truth values live in two tables, a row for each
node.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.ranges.grids import NO_GRID, Grids, dyadic_grid
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.graph.graph import Graph, Node, Obligation
from mechverify.graph.operations.comparisons import COMPARISONS
from mechverify.graph.operations.operation import Operation, Sort
from mechverify.graph.operations.table import OPERATIONS, turning_pair
from mechverify.graph.rows import Row, weighted
from mechverify.graph.tables import Entries

Rows = NDArray[np.intp]
Floats = NDArray[np.float64]

UNUSED = -NO_GRID
_DENSE_CELLS = 20_000
_MOST_CELLS = 40_000_000
_NOTHING: Mapping[int, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Group:
    """Nodes of one operation at one level: their rows, and for each argument position the rows of the arguments.

    Comparisons go together, as ``compare``; the last of their ``args`` says which each of them is, as its place in
    ``COMPARISONS``.

    ``grid`` is, for each node, the kernel's grid if every rounded node before it is exact (NO_GRID: none). All of them
    look up the same ``table``, if any.
    """

    op: str
    level: int
    out: Rows
    args: tuple[Rows, ...]
    rounded: bool
    grid: NDArray[np.int64]
    table: Entries | None = None

    @property
    def operation(self) -> Operation:
        """What the graph knows of the operation; of comparisons, what it knows of each of them."""
        return COMPARISONS[0] if self.op == "compare" else OPERATIONS[self.op]

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """The sorts of the arguments: which table their rows are of."""
        operation = self.operation
        return operation.takes * len(self.args) if operation.many else operation.takes


@dataclass(frozen=True, slots=True)
class AffineGroup:
    """``bias + weights @ args`` for nodes that share their arguments, or whose arguments were united (exact ones only).

    ``terms`` is the number of products of each node, ``step`` the grid 2^-step of its terms and bias. ``uses`` says
    which arguments are those of each node, a weight of zero included; ``fine`` are the grids of the weights
    (UNUSED: none), the bias last. ``bent``: whether some argument of a node is curved, or such a sum, so
    that its interval may be narrower than that of its forms.
    """

    level: int
    out: Rows
    args: Rows
    weights: Floats
    bias: Floats
    terms: Floats
    step: NDArray[np.int64]
    uses: Floats
    fine: NDArray[np.int64]
    rounded: bool
    bent: NDArray[np.bool_]

    op = "affine"


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled graph. ``number_row`` and ``truth_row`` map nodes to rows; ``grids`` are those of the values.
    ``number_nodes`` and ``truth_nodes`` go from rows back to nodes; ``turning`` has the rows of the piecewise linear
    nodes that a pair decides; ``heads`` is a memo of the nodes under a set of facts, ``shares`` one of the
    quotients of a group that are shares of a sum."""

    graph: Graph
    number_row: dict[int, int]
    truth_row: dict[int, int]
    groups: tuple[Group | AffineGroup, ...]
    grids: Grids
    level_of: dict[int, int]
    number_nodes: Rows
    truth_nodes: Rows
    turning: dict[tuple[int, int], list[int]]
    products: int
    heads: dict[frozenset[int], NDArray[np.bool_]] = field(default_factory=dict)
    shares: dict[int, Any] = field(default_factory=dict)


def cone(graph: Graph, wanted: Iterable[int]) -> list[int]:
    """The wanted nodes and all that they depend on, in order."""
    seen = set(wanted)
    stack = list(seen)
    while stack:
        node = graph.nodes[stack.pop()]
        if node.op != "input":
            fresh = [a for a in node.args if a not in seen]
            seen.update(fresh)
            stack.extend(fresh)
    return sorted(seen)


def moving(graph: Graph, wanted: Iterable[int]) -> set[int]:
    """The nodes that the values of ``wanted`` may move with: its cone, terms of weight zero not followed.

    In float32 such terms stay in the graph, since they may be NaN.
    """
    found: set[int] = set()
    stack = list(wanted)
    while stack:
        index = stack.pop()
        if index in found:
            continue
        found.add(index)
        node = graph.nodes[index]
        if node.op == "affine":
            stack.extend(weighted(node))
        elif node.op != "input":
            stack.extend(node.args)
    return found


def forms_fit(obligation: Obligation) -> bool:
    """Whether a form over all inputs that assumption and claim depend on, for every node that they depend on, fits into
    the memory of a search.
    """
    needed = cone(obligation.graph, (obligation.assumption, obligation.claim))
    inputs = sum(obligation.graph.nodes[v].op == "input" for v in needed)
    return (inputs + 1) * len(needed) <= _MOST_CELLS


def make_plan(graph: Graph, wanted: Iterable[int], reals: Mapping[int, int] = _NOTHING) -> Plan:
    """Compile the cone of ``wanted``. ``reals``: grids 2^-k on which real inputs are known to be, by their index."""
    order = cone(graph, wanted)
    level: dict[int, int] = {}
    number_row: dict[int, int] = {}
    truth_row: dict[int, int] = {}
    buckets: dict[tuple[int, str, str, int], list[int]] = {}
    tables: dict[int, int] = {}
    for index in order:
        node = graph.nodes[index]
        table = truth_row if node.is_boolean else number_row
        table[index] = len(table)
        args = () if node.op == "input" else node.args
        level[index] = 1 + max((level[a] for a in args), default=-1)
        alike = len(args) if node.operation.joins else 0
        if isinstance(node.numbers, Entries):
            alike = tables.setdefault(id(node.numbers), len(tables))
        buckets.setdefault((level[index], _family(node), node.rounding, alike), []).append(index)
    grids = Grids.of(graph, order, number_row, reals)
    groups: list[Group | AffineGroup] = []
    for (depth, op, rounding, _), members in sorted(buckets.items()):
        if op == "affine":
            groups.extend(_affine_groups(graph, members, depth, number_row, grids, rounded=rounding == "float32"))
        else:
            groups.append(_group(graph, members, op, depth, number_row, truth_row, grids))
    numbers, truths = (np.array(list(table), dtype=np.intp) for table in (number_row, truth_row))
    products = sum(group.weights.size for group in groups if isinstance(group, AffineGroup))
    spend(costs.READ_NODE * len(order) + costs.READ_TERM * products)
    turning = _turning(graph, number_row)
    return Plan(graph, number_row, truth_row, tuple(groups), grids, level, numbers, truths, turning, products)


def _turning(graph: Graph, number_row: dict[int, int]) -> dict[tuple[int, int], list[int]]:
    """The pairs (a, b) whose difference b - a decides relu, abs, max and min nodes, with their rows; -1 stands for
    zero."""
    found: dict[tuple[int, int], list[int]] = {}
    for index, row in number_row.items():
        node = graph.nodes[index]
        if node.operation.switch is not None:
            a, b = (_or_zero(graph, v) for v in turning_pair(node.op, node.args))
            found.setdefault((a, b), []).append(row)
    return found


def _or_zero(graph: Graph, index: int) -> int:
    """The node, or -1 where it is the constant zero."""
    node = graph.nodes[index]
    return -1 if index >= 0 and node.op == "const" and node.numbers[0] == 0 else index


def _family(node: Node) -> str:
    return "compare" if node.operation.compares else node.op


def _group(
    graph: Graph,
    members: Sequence[int],
    op: str,
    depth: int,
    number_row: dict[int, int],
    truth_row: dict[int, int],
    grids: Grids,
) -> Group:
    nodes = [graph.nodes[m] for m in members]
    own = truth_row if nodes[0].is_boolean else number_row
    operation = nodes[0].operation
    if not operation.takes:
        columns: list[list[int]] = [[n.args[0] for n in nodes]] if op == "input" else [list(members)]
    else:
        sorts = operation.takes * len(nodes[0].args) if operation.many else operation.takes
        sources = [truth_row if sort == "truth" else number_row for sort in sorts]
        columns = [[source[n.args[i]] for n in nodes] for i, source in enumerate(sources)]
    if op == "compare":
        columns.append([COMPARISONS.index(n.operation) for n in nodes])
    grid = (
        np.maximum(grids.exact[columns[0]], grids.exact[columns[1]])
        if op == "compare"
        else grids.exact[[number_row[m] for m in members]]
        if own is number_row
        else np.zeros(len(members), dtype=np.int64)
    )
    rounded = nodes[0].rounding == "float32"
    out = np.array([own[m] for m in members], dtype=np.intp)
    table = nodes[0].numbers if isinstance(nodes[0].numbers, Entries) else None
    return Group(op, depth, out, tuple(np.array(c, dtype=np.intp) for c in columns), rounded, grid, table)


def _affine_groups(
    graph: Graph,
    members: Sequence[int],
    depth: int,
    number_row: dict[int, int],
    grids: Grids,
    *,
    rounded: bool,
) -> list[AffineGroup]:
    shared: dict[tuple[int, ...], list[int]] = {}
    for m in members:
        shared.setdefault(graph.nodes[m].args, []).append(m)
    united: list[tuple[list[int], list[int]]] = []
    loose: list[int] = []
    for args, nodes in shared.items():
        distinct = len(set(args)) == len(args)
        if rounded or (len(nodes) >= 4 and distinct):
            united.append((list(args), nodes))
        else:
            loose.extend(nodes)
    bin_args: list[int] = []
    bin_nodes: list[int] = []
    for m in loose:
        joined = sorted(set(bin_args) | set(graph.nodes[m].args))
        if bin_nodes and len(joined) * (len(bin_nodes) + 1) > _DENSE_CELLS:
            united.append((bin_args, bin_nodes))
            bin_args, bin_nodes = sorted(set(graph.nodes[m].args)), [m]
        else:
            bin_args, bin_nodes = joined, [*bin_nodes, m]
    if bin_nodes:
        united.append((bin_args, bin_nodes))
    return [_dense(graph, args, nodes, depth, number_row, grids, rounded=rounded) for args, nodes in united]


def _dense(
    graph: Graph,
    args: Sequence[int],
    members: Sequence[int],
    depth: int,
    number_row: dict[int, int],
    grids: Grids,
    *,
    rounded: bool,
) -> AffineGroup:
    weights, uses = np.zeros((len(members), len(args))), np.zeros((len(members), len(args)))
    bias = np.zeros(len(members))
    step = np.zeros(len(members), dtype=np.int64)
    fine = np.full((len(members), len(args) + 1), UNUSED, dtype=np.int64)
    column, all_args = {a: i for i, a in enumerate(args)}, tuple(args)
    for row, m in enumerate(members):
        node = graph.nodes[m]
        bias[row] = _float(node.numbers[0])
        step[row] = fine[row, -1] = dyadic_grid(node.numbers[0])
        if isinstance(node.numbers, Row):
            places = slice(None) if node.args == all_args else np.array([column[a] for a in node.args])
            weights[row, places] = node.numbers.weights
            uses[row, places] = 1.0
            own = node.numbers.grids
            fine[row, :-1][places] = own
            below = grids.exact[[number_row[a] for a in node.args]]
            step[row] = max(step[row], int(np.maximum(below, own + below).max()))
            continue
        positions = range(len(args)) if rounded else [column[a] for a in node.args]
        for position, weight, arg in zip(positions, node.numbers[1:], node.args, strict=True):
            weights[row, position] += _float(weight)
            uses[row, position] = 1.0
            fine[row, position] = max(fine[row, position], dyadic_grid(weight))
            argument = int(grids.exact[number_row[arg]])
            step[row] = max(step[row], argument, dyadic_grid(weight) + argument)
    step = np.minimum(step, NO_GRID)
    terms = np.array([len(graph.nodes[m].args) for m in members], dtype=np.float64)
    out = np.array([number_row[m] for m in members], dtype=np.intp)
    columns = np.array([number_row[a] for a in args], dtype=np.intp)
    bent = _bent(graph, args, members)
    return AffineGroup(depth, out, columns, weights, bias, terms, step, uses, fine, rounded, bent)


def _bent(graph: Graph, args: Sequence[int], members: Sequence[int]) -> NDArray[np.bool_]:
    """Which of the nodes have an argument whose interval the kernel looks at beside its forms."""
    found = {a for a in args if _is_bent(graph, a)}
    if not found:
        return np.zeros(len(members), dtype=np.bool_)
    return np.array([not found.isdisjoint(graph.nodes[m].args) for m in members])


def _is_bent(graph: Graph, index: int) -> bool:
    """Whether the kernel looks at the interval of a node beside its forms where it is summed."""
    node = graph.nodes[index]
    if node.op == "affine":
        return any(graph.nodes[a].operation.bent(graph.nodes[a].args) for a in node.args)
    return node.operation.bent(node.args)


def _float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return 1e200 if value > 0 else -1e200
