"""Number nodes as linear forms of the inputs, roundings left out where nothing is rounded.

The kernel's own linear forms end at a rounded node. A form found here is a place to split, nothing more: an integer
form may be split anywhere.
"""

from mechverify.engines.ranges.assumed import assumed_ends
from mechverify.engines.ranges.node_bounds import node_bounds
from mechverify.graph.graph import Node, Obligation
from mechverify.graph.operations.table import turning_pair
from mechverify.kernel.search import Linear

Forms = list[Linear | None]


def ideal_forms(obligation: Obligation) -> Forms:
    """A form for each node, None where it is not linear, or not exact under what the assumption says of the inputs."""
    graph = obligation.graph
    linear: list[int] = []
    known = set[int]()
    for index, node in enumerate(graph.nodes):
        if node.op in ("input", "const") or (_is_sum(node) and known.issuperset(node.args)):
            linear.append(index)
            known.add(index)
    bounds = node_bounds(graph, linear, assumed_ends(obligation))
    found: Forms = [None] * len(graph.nodes)
    for index in linear:
        if bounds[index].error == 0 and bounds[index].ends is not None:
            found[index] = _form(graph.nodes[index], found)
    return found


def turning_form(forms: Forms, node: Node) -> Linear | None:
    """The form whose sign a comparison or kink turns on; None where it is not linear or the node is neither."""
    if not node.operation.turns:
        return None
    a, b = turning_pair(node.op, node.args)
    left, right = Linear(0, {}) if a < 0 else forms[a], forms[b]
    return None if left is None or right is None else right.plus(left, -1)


def _is_sum(node: Node) -> bool:
    return node.op == "affine" or node.operation.rounds


def _form(node: Node, forms: Forms) -> Linear | None:
    if node.op == "input":
        return Linear(0, {node.args[0]: 1})
    if node.op == "const":
        return Linear(node.numbers[0], {})
    if node.operation.rounds:
        return forms[node.args[0]]
    if node.op != "affine":
        return None
    total = Linear(node.numbers[0], {})
    for weight, a in zip(node.numbers[1:], node.args, strict=True):
        part = forms[a]
        if weight == 0:
            continue
        if part is None:
            return None
        total = total.plus(part, weight)
    return total
