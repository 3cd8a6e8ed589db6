"""Which values and which affine forms are multiples of a power of two, and so free of rounding."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from mechverify.graph.graph import Graph, Node

NO_GRID = 1 << 20
REAL_GRID = 16  # assumed of the bounds of real parameters; boxes finer than that are treated as inexact
_SLOPE_BITS = 16
_FORM_LIMIT = 90  # bits below the point that the kernel's fixed-point forms keep with room to spare


def dyadic_grid(value: Fraction) -> int:
    """The k of the coarsest grid 2^-k, k >= 0, that holds the value; NO_GRID if none does."""
    denominator = value.denominator
    return denominator.bit_length() - 1 if denominator & (denominator - 1) == 0 else NO_GRID


@dataclass(frozen=True, slots=True)
class Grids:
    """Per number row: ``exact``, the kernel's grid of the value if no rounded node before it errs; ``plain`` and
    ``relaxed``, the grid of the
    coefficients of the forms where nothing, or something, was relaxed."""

    exact: NDArray[np.int64]
    plain: NDArray[np.int64]
    relaxed: NDArray[np.int64]

    @staticmethod
    def of(graph: Graph, order: Sequence[int], number_row: dict[int, int]) -> "Grids":
        """The grids of all number nodes in ``order``."""
        tables = [np.full(len(number_row), NO_GRID, dtype=np.int64) for _ in range(3)]
        rules = (_value_grid, _plain_grid, _relaxed_grid)
        for index in order:
            node = graph.nodes[index]
            if node.is_boolean:
                continue
            row = number_row[index]
            for table, rule in zip(tables, rules, strict=True):
                kind = "integer" if node.op != "input" else graph.inputs[node.args[0]].kind
                own = 0 if kind == "integer" else NO_GRID if rule is _value_grid else REAL_GRID
                known = [] if node.op == "input" else [int(table[number_row[a]]) for a in _numbers(graph, node)]
                found = own if node.op == "input" else rule(node, known)
                limit = 126 if rule is _value_grid else _FORM_LIMIT
                table[row] = found if found <= limit else NO_GRID
        return Grids(*tables)


def _numbers(graph: Graph, node: Node) -> list[int]:
    return [a for a in node.args if not graph.nodes[a].is_boolean]


def _value_grid(node: Node, known: Sequence[int]) -> int:
    match node.op:
        case "const":
            return dyadic_grid(node.numbers[0])
        case "affine":
            grids = [dyadic_grid(w) + a for w, a in zip(node.numbers[1:], known, strict=True)]
            return max([dyadic_grid(node.numbers[0]), *grids])
        case "mul":
            return sum(known)
        case "relu" | "abs" | "max" | "min" | "ite" | "round32":
            return max(known)
        case "floor" | "round":
            return 0
        case _:
            return NO_GRID


def _plain_grid(node: Node, known: Sequence[int]) -> int:
    if node.op == "mul" and node.args[0] == node.args[1]:
        return 2 * known[0] + 2
    if node.op in ("floor", "round"):
        return max(known) + 1
    return _value_grid(node, known)


def _relaxed_grid(node: Node, known: Sequence[int]) -> int:
    bits = _SLOPE_BITS if node.op in ("relu", "abs", "max", "min") else 0
    return _plain_grid(node, known) + bits
