"""Numbers that are integers by the way they are computed, whatever the arguments.

By induction over the nodes, of which no rounded one counts: an integer argument or constant; an `affine` with integer
weights and bias of such nodes; `mul`, `relu`, `abs`, `max`, `min` and `ite` of such nodes; `floor` and `round` of any
number. Where such a node has no integer value it has any value, and then no bound of it can be proved.
"""

from collections.abc import Sequence

from .reading.problem import Node

KEEPS_INTEGERS = ("mul", "relu", "abs", "max", "min")


def integers(nodes: Sequence[Node], arguments: Sequence[bool]) -> bytearray:
    """1 for each node that is an integer by construction; `arguments` says which inputs are integers."""
    found = bytearray(len(nodes))
    for v, node in enumerate(nodes):
        if node.rounded:
            continue
        if node.op == "input":
            found[v] = arguments[node.index]
        elif node.op == "const":
            found[v] = type(node.constant) is int
        elif node.op == "affine":
            whole = all(type(number) is int for number in (node.constant, *node.weights))
            found[v] = whole and all(found[a] for a in node.args)
        elif node.op in KEEPS_INTEGERS:
            found[v] = all(found[a] for a in node.args)
        elif node.op == "ite":
            found[v] = found[node.args[1]] and found[node.args[2]]
        else:
            found[v] = node.op in ("floor", "round")
    return found
