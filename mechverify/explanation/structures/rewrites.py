"""Whether cutting a network at its sites takes an execution away that SEMANTICS 6 lists.

A runtime may fold a scale or a shift into the dot product before it. The graph of the whole network covers that; a
piece that begins at a site between the two does not.
"""

from collections.abc import Iterable, Sequence

from mechverify.graph.builder import GraphBuilder

_STOP = "a site"


def rounded_operations(builder: GraphBuilder, roots: Sequence[int], stops: Iterable[int]) -> list[str]:
    """The rounded operations that the roots are computed by, sorted: each with its numbers and what its arguments are.
    What stands behind the nodes ``stops`` is left out.
    """
    ends = frozenset(stops)
    seen: set[int] = set()
    stack = [root for root in roots if root not in ends]
    found: list[str] = []
    while stack:
        index = stack.pop()
        if index in seen:
            continue
        seen.add(index)
        node = builder.node(index)
        if node.op == "input":
            continue
        stack.extend(a for a in node.args if a not in ends)
        if node.rounds:
            kinds = [_STOP if a in ends else builder.node(a).op for a in node.args]
            found.append(f"{node.op} {[str(n) for n in node.numbers]} {kinds}")
    return sorted(found)
