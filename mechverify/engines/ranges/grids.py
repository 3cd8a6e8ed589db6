"""Which values are multiples of a power of two, and so free of rounding."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mechverify.graph.graph import Graph, Node
from mechverify.graph.rows import Row
from mechverify.graph.tables import Entries
from mechverify.kernel.search import grid_of

NO_GRID = 1 << 20
_MOST = 126
_NOTHING: Mapping[int, int] = MappingProxyType({})
REAL_GRID = 16  # assumed of the bounds of real parameters; boxes finer than that are treated as inexact


def dyadic_grid(value: Fraction) -> int:
    """The k of the coarsest grid 2^-k, k >= 0, that holds the value; NO_GRID if none does."""
    grid = grid_of(value)
    return NO_GRID if grid is None else grid


@dataclass(frozen=True, slots=True)
class Grids:
    """Per number row: ``exact``, the kernel's grid of the value if no rounded node before it errs."""

    exact: NDArray[np.int64]

    @staticmethod
    def of(
        graph: Graph, order: Sequence[int], number_row: dict[int, int], reals: Mapping[int, int] = _NOTHING
    ) -> "Grids":
        """The grids of all number nodes in ``order``; ``reals`` are those of real inputs, by their index."""
        table = np.full(len(number_row), NO_GRID, dtype=np.int64)
        for index in order:
            node = graph.nodes[index]
            if node.is_boolean:
                continue
            if node.op == "input":
                whole = graph.inputs[node.args[0]].kind == "integer"
                found = 0 if whole else reals.get(node.args[0], NO_GRID)
            else:
                found = _value_grid(node, [int(table[number_row[a]]) for a in _numbers(graph, node)])
            table[number_row[index]] = found if found <= _MOST else NO_GRID
        return Grids(table)


def _numbers(graph: Graph, node: Node) -> list[int]:
    return [a for a in node.args if not graph.nodes[a].is_boolean]


def _value_grid(node: Node, known: Sequence[int]) -> int:
    match node.operation.beside:
        case "number":
            return dyadic_grid(node.numbers[0])
        case "entries" if isinstance(node.numbers, Entries):
            return node.numbers.grid
        case "terms":
            if isinstance(node.numbers, Row):
                return max(dyadic_grid(node.numbers.bias), int((node.numbers.grids + np.array(known)).max()))
            grids = [dyadic_grid(w) + a for w, a in zip(node.numbers[1:], known, strict=True)]
            return max([dyadic_grid(node.numbers[0]), *grids])
    match node.operation.grid:
        case "sum":
            return sum(known)
        case "arguments" | "rounded":
            return max(known)
        case "integer":
            return 0
    return NO_GRID
