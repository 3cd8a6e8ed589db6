"""What a proof by cases along the inputs turns on: comparisons of the assumption between one input and many others.

"Exactly one of the others is greater than x_k" has few cases, although it is written with many comparisons; which of
the conditions have few cases together is seen at sampled points.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.affine.layout import cone
from mechverify.engines.points.nominal import Points
from mechverify.graph.graph import Obligation

_LEAST_COMPARISONS = 3
_MOST_PATTERNS = 16


@dataclass(frozen=True, slots=True)
class TurningPoints:
    """``pivots`` are inputs (numbers) compared with many others; ``conditions`` are comparisons (nodes), each with the
    number of inputs to read before it, and its truth at the sampled points. A condition that agrees there with one
    before it waits for the last input."""

    pivots: tuple[int, ...]
    conditions: tuple[tuple[int, int, NDArray[np.bool_]], ...]


def turning_points(obligation: Obligation, found: Points) -> TurningPoints:
    """Of the assumption; ``found`` are points that meet it."""
    graph = obligation.graph
    inputs: dict[int, tuple[int, ...]] = {}
    for v in cone(graph, (obligation.assumption,)):
        node = graph.nodes[v]
        if node.operation.compares and all(graph.nodes[a].op == "input" for a in node.args):
            inputs[v] = tuple(sorted({graph.nodes[a].args[0] for a in node.args}))
    seen = Counter(k for pair in inputs.values() for k in pair)
    most = max(seen.values(), default=0)
    pivots = tuple(sorted(k for k, n in seen.items() if n == most and n >= _LEAST_COMPARISONS))
    if len(pivots) != 1:
        return TurningPoints((), ())
    rows: dict[bytes, None] = {}
    chosen: list[tuple[int, int, NDArray[np.bool_]]] = []
    for group in _sums(obligation, inputs):
        truths = [found.holds(v) for v in group]
        patterns = np.unique(np.stack(truths), axis=1).shape[1]
        if patterns > _MOST_PATTERNS:
            continue
        for v, truth in zip(group, truths, strict=True):
            others = [k for k in inputs[v] if k not in pivots]
            chosen.append((v, len(graph.inputs) if truth.tobytes() in rows else 1 + max(others, default=0), truth))
            rows[truth.tobytes()] = None
    return TurningPoints(pivots, tuple(sorted(chosen, key=lambda one: one[1])))


def _sums(obligation: Obligation, inputs: dict[int, tuple[int, ...]]) -> list[list[int]]:
    """The conditions that are counted together."""
    graph = obligation.graph
    found = []
    for v in cone(graph, (obligation.assumption,)):
        node = graph.nodes[v]
        if node.op == "affine":
            choices = [graph.nodes[a] for a in node.args if graph.nodes[a].op == "ite"]
            group = [c.args[0] for c in choices if c.args[0] in inputs]
            if group:
                found.append(group)
    return found
