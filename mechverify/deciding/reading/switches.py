"""Where a graph changes sides: the quantities whose sign decides a switch, a comparison, a rounding or a table."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mechverify.graph.graph import Graph
from mechverify.graph.groups import Array, Group
from mechverify.graph.point_values import point_slopes, point_values
from mechverify.models.watched import Watched

Rows = NDArray[np.int64]

_NOTHING = -1


@dataclass(frozen=True, slots=True)
class Switches:
    """The switches of a graph's nodes. Number k turns where node ``left[k]`` meets node ``right[k]`` (-1: zero), or
    with ``step[k]`` not NaN where node ``left[k]`` is an integer plus the step. ``most`` is how many there were before
    some were left out.
    """

    groups: tuple[Group, ...]
    nodes: int
    inputs: int
    left: Rows
    right: Rows
    step: Array
    node: Rows
    most: int

    def __len__(self) -> int:
        return len(self.left)

    @staticmethod
    def of(graph: Graph, groups: tuple[Group, ...], watched: Sequence[Watched], most: int) -> "Switches":
        """Those that nodes show and those that are ``watched``, each quantity once, evenly thinned out to ``most``."""
        found: dict[tuple[int, int, float], int] = {}
        for index, node in enumerate(graph.nodes):
            operation = node.operation
            if operation.turns:
                a, b = sorted(node.args) if len(node.args) == 2 else (node.args[0], _NOTHING)
                found.setdefault((a, b, np.inf), index)
            elif operation.step is not None:
                found.setdefault((node.args[0], _NOTHING, operation.step), index)
        for one, other, stepped in watched:
            pair = (one, _NOTHING) if other is None else (min(one, other), max(one, other))
            if pair[0] != pair[1]:
                found.setdefault((*pair, np.inf if stepped is None else stepped), one)
        every = list(found.items())
        places = np.linspace(0, len(every) - 1, min(most, len(every)))
        keys = [every[k] for k in sorted(set(places.astype(np.int64).tolist()))]
        step = np.array([s for (_, _, s), _ in keys], dtype=np.float64)
        return Switches(
            groups,
            len(graph.nodes),
            len(graph.inputs),
            np.array([a for (a, _, _), _ in keys], dtype=np.int64),
            np.array([b for (_, b, _), _ in keys], dtype=np.int64),
            np.where(np.isinf(step), np.nan, step),
            np.array([n for _, n in keys], dtype=np.int64),
            len(found),
        )

    def values(self, points: Array) -> Array:
        """All nodes at points (points, inputs): shape (nodes, points)."""
        return point_values(self.groups, self.nodes, points)

    def gaps(self, values: Array, which: Rows | None = None) -> Array:
        """How far each switch is from turning, with its side as the sign.

        Of all switches at all points, (switches, points); with ``which``, of one switch at each point, (points,).
        """
        with np.errstate(all="ignore"):
            if which is None:
                left = values[self.left]
                right = np.where((self.right == _NOTHING)[:, None], 0.0, values[self.right])
                step = self.step[:, None]
            else:
                columns = np.arange(values.shape[1])
                left = values[self.left[which], columns]
                right = np.where(self.right[which] == _NOTHING, 0.0, values[self.right[which], columns])
                step = self.step[which]
            gap = left - right
            place = np.where(step == 0.0, np.round(gap), np.floor(gap) + step)
            stepped: Array = np.where(np.isnan(step), gap, gap - place)
            return stepped

    def slopes(self, values: Array, which: Rows) -> Array:
        """The slope of the gap of one switch at each point by each input: (points, inputs)."""
        seeds = np.zeros_like(values)
        columns = np.arange(values.shape[1])
        seeds[self.left[which], columns] = 1.0
        two = np.flatnonzero(self.right[which] != _NOTHING)
        seeds[self.right[which][two], columns[two]] -= 1.0
        return point_slopes(self.groups, values, seeds, self.inputs)

    def before(self, graph: Graph, one: int, most: int) -> Rows:
        """The switches that the quantity of a switch depends on, found along at most ``most`` arguments."""
        number = {int(n): k for k, n in enumerate(self.node)}
        stack = [int(n) for n in (self.left[one], self.right[one]) if n != _NOTHING]
        seen = set(stack)
        found = []
        while stack and len(seen) < most:
            index = stack.pop()
            if index in number:
                found.append(number[index])
            node = graph.nodes[index]
            fresh = [a for a in (() if node.op == "input" else node.args) if a not in seen]
            seen.update(fresh)
            stack += fresh
        return np.array(found, dtype=np.int64)
