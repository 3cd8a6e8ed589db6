"""Which comparisons would show a truth, seen from points: their truths there, and those that they hang on."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.attention.differences import Pair
from mechverify.engines.points.nominal import Points

# A comparison and the truth that it is to have.
Wanted = tuple[int, bool]


class Reasons:
    """What shows that a node has the truth that it has, at each of some points."""

    def __init__(self, points: Points) -> None:
        self.points = points
        self.nodes = points.plan.graph.nodes
        self.deciding: dict[int, NDArray[np.intp]] = {}
        self.truths: dict[int, list[bool]] = {}

    def truth(self, v: int, at: int) -> bool:
        """A node's truth at point number ``at``."""
        found = self.truths.get(v)
        if found is None:
            found = self.truths[v] = self.points.holds(v).tolist()
        return found[at]

    def of(self, root: int, at: int) -> list[Wanted]:
        """The comparisons that show the root's truth at a point, each after those that choose its arguments."""
        found: dict[Wanted, None] = {}
        seen: set[int] = set()
        stack = [(root, False)]
        while stack:
            v, done = stack.pop()
            node = self.nodes[v]
            if done:
                found[v, self.truth(v, at)] = None
            if v in seen:
                continue
            seen.add(v)
            if node.operation.compares:
                if node.args[0] != node.args[1]:
                    stack.append((v, True))
                    stack.extend((c, False) for a in node.args for c in self.choices(a, at)[1])
            elif node.op == "not":
                stack.append((node.args[0], False))
            elif node.op in ("and", "or"):
                if self.truth(v, at) is (node.op == "and"):
                    stack.extend((a, False) for a in reversed(node.args))
                elif node.args:
                    stack.append((self._decides(v, at), False))
        return list(found)

    def _decides(self, v: int, at: int) -> int:
        """The argument of a connective that decides it at a point, and most clearly so."""
        node = self.nodes[v]
        if v not in self.deciding:
            gaps = np.stack([self.points.gap(a) for a in node.args])
            self.deciding[v] = gaps.argmin(axis=0) if node.op == "and" else gaps.argmax(axis=0)
        return node.args[int(self.deciding[v][at])]

    def choices(self, v: int, at: int) -> tuple[list[int], list[int]]:
        """The numbers of which the greatest is this one's value at a point, and the conditions that choose them."""
        numbers: list[int] = []
        conditions: list[int] = []
        stack = [v]
        while stack:
            v = stack.pop()
            node = self.nodes[v]
            if node.op == "max":
                stack.extend(node.args)
            elif node.op == "ite":
                conditions.append(node.args[0])
                stack.append(node.args[1] if self.truth(node.args[0], at) else node.args[2])
            else:
                numbers.append(v)
        return numbers, conditions

    def pairs(self, wanted: Wanted, at: int) -> Iterator[Pair]:
        """What a comparison asks of two numbers, where it is about two."""
        v, truth = wanted
        node = self.nodes[v]
        (a, *more), (b, *others) = (self.choices(x, at)[0] for x in node.args)
        if not more and not others and node.op != "eq":
            yield (a, b, node.op == "lt") if truth else (b, a, node.op == "le")

    @staticmethod
    def grouped(wanted: Iterable[Wanted]) -> list[Any]:
        """Comparisons as the kernel's steps name them: in this order, those of one truth together."""
        groups: list[tuple[str, list[int]]] = []
        for v, truth in wanted:
            word = "true" if truth else "false"
            if not groups or groups[-1][0] != word:
                groups.append((word, []))
            groups[-1][1].append(v)
        return [[word, nodes] for word, nodes in groups]
