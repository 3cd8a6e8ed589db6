"""What nodes depend on, and what depends on them. A weight of zero passes nothing on."""

from collections.abc import Collection, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Node
from mechverify.graph.rows import weighted


def cone(b: GraphBuilder, roots: Iterable[int], ends: AbstractSet[int] = frozenset()) -> set[int]:
    """The nodes that the roots depend on; not what the ``ends`` depend on."""
    stack = list(roots)
    found = set(stack)
    while stack:
        index = stack.pop()
        node = b.node(index)
        if node.op == "input" or index in ends:
            continue
        for a in _read(node):
            if a not in found:
                found.add(a)
                stack.append(a)
    return found


def depending(b: GraphBuilder, sources: Collection[int]) -> set[int]:
    """The nodes that depend on one of the sources, which are among them."""
    found = set(sources)
    for index in range(min(found, default=len(b)), len(b)):
        node = b.node(index)
        if index not in found and node.op != "input" and not found.isdisjoint(_read(node)):
            found.add(index)
    return found


def copied(b: GraphBuilder, roots: Collection[int], instead: Mapping[int, int]) -> dict[int, int]:
    """The roots once more in the same graph, with other inputs ``instead`` of those that they depend on: by node.

    Each is computed as it was; rounded nodes are computed anew.
    """
    known = dict(instead)
    wanted, stack = set(roots), list(roots)
    while stack:
        node = b.node(stack.pop())
        fresh = set() if node.op == "input" else set(node.args) - wanted
        wanted |= fresh
        stack += fresh
    for index in sorted(wanted - set(known)):
        node = b.node(index)
        if node.op != "input":
            args = tuple(known[a] for a in node.args)
            known[index] = b.again(replace(node, args=args))
        else:
            known[index] = index
    return {root: known[root] for root in roots}


def _read(node: Node) -> Iterable[int]:
    return weighted(node) if node.op == "affine" else node.args
