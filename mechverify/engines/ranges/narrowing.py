"""What the bounds of the assumption decide in a graph beforehand: a search over tables sees only the rows in reach.

The result has the same nodes under the same numbers, so that steps found with it are steps of the obligation.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from mechverify.engines.affine.layout import cone
from mechverify.engines.ranges.assumed import assumed_ends
from mechverify.engines.ranges.node_bounds import Bound, node_bounds
from mechverify.graph.graph import Graph, Node, Obligation


def narrowed(obligation: Obligation) -> Obligation:
    """The obligation with decided conditions of ``ite`` nodes taken, equal to it wherever the assumption may be true.

    What the assumption itself depends on stays as it is. The same object where nothing is decided.
    """
    graph = obligation.graph
    kept = set(cone(graph, (obligation.assumption,)))
    order = cone(graph, (obligation.assumption, obligation.claim))
    conditions = {graph.nodes[v].args[0] for v in order if graph.nodes[v].op == "ite"} - kept
    if not conditions:
        return obligation
    bounds = node_bounds(graph, cone(graph, conditions), assumed_ends(obligation))
    truths: dict[int, bool] = {}
    for v in cone(graph, conditions):
        truth = _truth(graph.nodes[v], bounds, truths)
        if truth is not None:
            truths[v] = truth
    if conditions.isdisjoint(truths):
        return obligation
    return replace(obligation, graph=Graph(graph.inputs, _rewritten(graph.nodes, order, kept, truths)))


def _rewritten(
    nodes: Sequence[Node], order: Sequence[int], kept: set[int], truths: dict[int, bool]
) -> tuple[Node, ...]:
    found = list(nodes)
    same: dict[int, int] = {}
    for v in order:
        node = nodes[v]
        if v in kept or node.op == "input":
            continue
        if v in truths:
            found[v] = Node("bool", truth=truths[v])
            continue
        if node.op == "ite" and node.args[0] in truths:
            side = node.args[1 if truths[node.args[0]] else 2]
            same[v] = same.get(side, side)
            continue
        args = tuple(same.get(a, a) for a in node.args)
        if args != node.args:
            found[v] = replace(node, args=args)
    return tuple(found)


def _truth(node: Node, bounds: dict[int, Bound], truths: dict[int, bool]) -> bool | None:
    """The truth of a boolean node, if bounds decide it; nothing is said of what may have any value."""
    if node.op == "bool":
        return node.truth
    if node.op == "not":
        inner = truths.get(node.args[0])
        return None if inner is None else not inner
    if node.op in ("and", "or"):
        decisive = node.op == "or"
        values = [truths.get(a) for a in node.args]
        return decisive if decisive in values else None if None in values else not decisive
    if node.operation.compares:
        return _compared(node.op, *(bounds[a].ends for a in node.args))
    return None


def _compared(op: str, a: tuple[Fraction, Fraction] | None, b: tuple[Fraction, Fraction] | None) -> bool | None:
    if a is None or b is None:
        return None
    if op == "eq":
        return False if a[1] < b[0] or b[1] < a[0] else True if a[0] == a[1] == b[0] == b[1] else None
    if op == "le":
        return True if a[1] <= b[0] else False if a[0] > b[1] else None
    return True if a[1] < b[0] else False if a[0] >= b[1] else None
