"""Exact values of a graph's nodes at many points at once: integers over a denominator for each node."""

from collections.abc import Sequence
from math import lcm

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.layout import cone
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.errors import InternalError
from mechverify.graph.graph import Graph, Node
from mechverify.graph.operations.products import MUL
from mechverify.graph.operations.steps import FLOOR

Integers = NDArray[np.int64]
Truths = NDArray[np.bool_]
_SAFE = 1 << 61


class IntegerPoints:
    """Values of the nodes that ``wanted`` depend on; ``points`` are integers, (points, inputs), and no node partial."""

    def __init__(self, graph: Graph, wanted: Sequence[int], points: Integers) -> None:
        self.points = points
        self._graph = graph
        self._tops: dict[int, Integers] = {}
        self._bottoms: dict[int, int] = {}
        self._truths: dict[int, Truths] = {}
        for v in cone(graph, wanted):
            spend(costs.GROUP + costs.CELL * len(points))
            node = graph.nodes[v]
            if node.is_boolean:
                self._truths[v] = self._truth(node)
            else:
                self._tops[v], self._bottoms[v] = self._number(node)

    def holds(self, v: int) -> Truths:
        """The truth of a boolean node, (points,)."""
        return self._truths[v]

    def whole(self, v: int) -> Integers | None:
        """The values of a number node, (points,); None where they are no integers. A truth value is 0 or 1."""
        if v in self._truths:
            return self._truths[v].astype(np.int64)
        return self._tops[v] if self._bottoms[v] == 1 else None

    def _number(self, node: Node) -> tuple[Integers, int]:
        args = node.args
        if node.op == "input":
            return self.points[:, args[0]], 1
        if node.op == "const":
            return np.full(len(self.points), node.numbers[0].numerator), node.numbers[0].denominator
        if node.op == "affine":
            weighted = list(zip(node.numbers[1:], args, strict=True))
            bottom = lcm(node.numbers[0].denominator, *(w.denominator * self._bottoms[a] for w, a in weighted))
            total = np.full(len(self.points), int(node.numbers[0] * bottom))
            for w, a in weighted:
                total = _safe(total, 1) + _safe(self._tops[a], int(w * bottom / self._bottoms[a]))
            return total, bottom
        if node.operation is MUL:
            a, b = args
            size = int(np.abs(self._tops[b]).max(initial=0))
            return _safe(self._tops[a], max(size, 1), times=False) * self._tops[b], self._bottoms[a] * self._bottoms[b]
        if node.operation.step is not None:
            top, bottom = self._tops[args[0]], self._bottoms[args[0]]
            if node.operation is FLOOR:
                return top // bottom, 1
            down, twice = top // bottom, 2 * (top % bottom)
            return down + ((twice > bottom) | ((twice == bottom) & (down % 2 == 1))), 1
        numbers = [a for a in args if not self._graph.nodes[a].is_boolean]
        bottom = lcm(*(self._bottoms[a] for a in numbers))
        tops = [_safe(self._tops[a], bottom // self._bottoms[a]) for a in numbers]
        if node.op == "ite":
            return np.where(self._truths[args[0]], tops[0], tops[1]), bottom
        switch = node.operation.switch
        if switch is not None:
            return (np.maximum if switch.rise > 0 else np.minimum)(*switch.pieces(tops)), bottom
        raise InternalError(f"{node.op} has no exact values here")

    def _truth(self, node: Node) -> Truths:
        args = node.args
        compare = node.operation.values if node.operation.compares else None
        if compare is not None:
            bottom = lcm(*(self._bottoms[a] for a in args))
            return compare(*(_safe(self._tops[v], bottom // self._bottoms[v]) for v in args)) > 0.5
        if node.op == "not":
            return ~self._truths[args[0]]
        if node.op == "bool" or not args:
            return np.full(len(self.points), node.truth if node.op == "bool" else node.op == "and")
        if node.op not in ("and", "or"):
            raise InternalError(f"{node.op} has no exact truth here")
        both = np.logical_and if node.op == "and" else np.logical_or
        joined: Truths = both.reduce([self._truths[a] for a in args])
        return joined


def _safe(values: Integers, factor: int, *, times: bool = True) -> Integers:
    """The values times a factor, in 64 bits. Raises OverflowError where they, or the sum of two such, may be longer."""
    if int(np.abs(values).max(initial=0)) * abs(factor) >= _SAFE:
        raise OverflowError("values of more than 61 bits")
    return values * factor if times else values
