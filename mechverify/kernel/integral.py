"""Numbers that are integers by the way they are computed, whatever the arguments.

By induction over the nodes, of which no rounded one counts: integer arguments, and what the record of its operation
says to be an integer. Where such a node has no integer value it has any value, and then no bound of it can be proved.
"""

from collections.abc import Sequence

from .operations.table import OPERATIONS
from .reading.node import Node


def integers(nodes: Sequence[Node], arguments: Sequence[bool]) -> bytearray:
    """1 for each node that is an integer by construction; `arguments` says which inputs are integers."""
    found = bytearray(len(nodes))
    for v, node in enumerate(nodes):
        if node.op == "input":
            found[v] = arguments[node.index]
        elif not node.rounded:
            found[v] = OPERATIONS[node.op].whole(node, found)
    return found
