"""A graph laid out for interval evaluation: nodes of one operation that do not depend on each other go together."""

import math
from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from mechverify.graph.graph import Graph, Node
from mechverify.graph.groups import NO_GRID, Array, Group, Ratio
from mechverify.graph.operations.table import OPERATIONS
from mechverify.graph.rows import Row
from mechverify.graph.tables import Entries


def grouped(graph: Graph) -> tuple[Group, ...]:
    """The groups in an order in which each comes after its arguments."""
    level: list[int] = []
    members: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for index, node in enumerate(graph.nodes):
        args = () if node.op == "input" else node.args
        depth = 1 + max((level[a] for a in args), default=-1)
        level.append(depth)
        table = id(node.numbers) if node.operation.beside == "entries" else 0
        members[(depth, node.op, node.rounding, len(args), table, node.plain)].append(index)
    groups = []
    for (_, op, rounding, _, _, _), indices in sorted(members.items(), key=lambda item: item[0][0]):
        if op != "affine":
            groups.append(_group(graph, op, rounding, indices, shared=False))
            continue
        by_args: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for i in indices:
            by_args[graph.nodes[i].args].append(i)
        alone = [i for rows in by_args.values() if len(rows) < 4 for i in rows]
        groups += [_group(graph, op, rounding, rows, shared=True) for rows in by_args.values() if len(rows) >= 4]
        if alone:
            groups.append(_group(graph, op, rounding, alone, shared=False))
    return tuple(groups)


def _group(graph: Graph, op: str, rounding: str, indices: list[int], *, shared: bool) -> Group:
    nodes = [graph.nodes[i] for i in indices]
    rows = nodes[:1] if shared else nodes
    args = np.array([n.args for n in rows], dtype=np.int64).reshape(len(rows), -1)
    where = np.array(indices, dtype=np.int64)
    if op == "bool":
        return Group(op, rounding, where, args, None, np.array([float(n.truth) for n in nodes]), None, shared=False)
    if OPERATIONS[op].step is not None:
        ratios = tuple(_ratio(graph.nodes[n.args[0]]) for n in nodes)
        return Group(op, rounding, where, args, None, None, None, shared=False, ratios=ratios)
    if isinstance(nodes[0].numbers, Entries):
        return Group(op, rounding, where, args, None, None, None, shared=False, table=nodes[0].numbers)
    if not nodes[0].numbers:
        return Group(op, rounding, where, args, None, None, None, shared=False)
    table, grid_table = _tables([n.numbers for n in nodes])
    kept = [0, *(1 + k for k in range(args.shape[1]) if table[:, 1 + k].any() or not _zeros(graph, args[:, k]))]
    idle = table.shape[1] - len(kept)
    if idle:
        args, table, grid_table = args[:, [k - 1 for k in kept[1:]]], table[:, kept], grid_table[:, kept]
    plain = nodes[0].plain
    return Group(op, rounding, where, args, table[:, 1:], table[:, 0], grid_table, shared, plain=plain, idle=idle)


def _zeros(graph: Graph, column: npt.NDArray[np.int64]) -> bool:
    """Whether all of these nodes are the number zero."""
    return all(graph.nodes[a].op == "const" and not graph.nodes[a].numbers[0] for a in set(column.tolist()))


def _ratio(node: Node) -> Ratio | None:
    if node.op != "affine" or node.rounding != "exact":
        return None
    denominator = math.lcm(*(v.denominator for v in node.numbers))
    numbers = [int(v * denominator) for v in node.numbers]
    if denominator & (denominator - 1) == 0 or max(denominator, *map(abs, numbers)) >= 2**52:
        return None
    args = np.array(node.args, dtype=np.int64)
    return Ratio(args, np.array(numbers[1:], dtype=np.float64), float(numbers[0]), float(denominator))


def _tables(rows: Sequence[Sequence[Fraction]]) -> tuple[Array, npt.NDArray[np.int64]]:
    """Rows of as many numbers in float64, and k such that each is a multiple of 2^-k that float64 holds (NO_GRID:
    none).
    """
    if all(isinstance(row, Row) for row in rows):
        found = [row for row in rows if isinstance(row, Row)]
        bias, bias_grid = _tables([(row.bias,) for row in found])
        table = np.concatenate([bias, np.stack([row.weights for row in found])], axis=1)
        return table, np.concatenate([bias_grid, np.stack([row.grids for row in found])], axis=1)
    flat = [v for row in rows for v in row]
    above, below = [v.numerator for v in flat], [v.denominator for v in flat]
    if max(map(abs, above), default=0) < 2**53 and max(below, default=1) < 2**1000:
        numerators, denominators = np.array(above, dtype=np.float64), np.array(below, dtype=np.float64)
        mantissa, exponent = np.frexp(denominators)
        # A denominator of many digits is rounded here; it is no power of two that a mantissa of one half could hide.
        power = (mantissa == 0.5) & np.array([b & (b - 1) == 0 for b in below])
        values, grids = numerators / denominators, np.where(power, np.minimum(exponent - 1, NO_GRID), NO_GRID)
        odd = np.flatnonzero(denominators > 2.0**53)
        values[odd] = [_float(flat[i]) for i in odd]
    else:
        values = np.array([_float(v) for v in flat])
        grids = np.array([_number_grid(v) for v in flat])
    shape = (len(rows), -1)
    return values.reshape(shape), grids.astype(np.int64).reshape(shape)


def _float(value: Fraction) -> float:
    try:
        return value.numerator / value.denominator
    except OverflowError:
        return float("nan")


def _number_grid(value: Fraction) -> int:
    """k such that the number is a multiple of 2^-k and float64 holds it; otherwise none."""
    bottom = value.denominator
    if bottom & (bottom - 1) or abs(value.numerator) >= 2**53:
        return NO_GRID
    return min(bottom.bit_length() - 1, NO_GRID)
