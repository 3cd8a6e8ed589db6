"""Cutting a graph down to what an obligation needs."""

from collections.abc import Iterable, Mapping

from mechverify.graph.graph import Graph, Node, Obligation


def prune(
    graph: Graph, assumption: int, claim: int, preconditions: Mapping[str, int], cases: tuple[int, ...]
) -> Obligation:
    """The obligation with only the nodes that assumption and claim depend on, renumbered in order.

    Preconditions and cases that neither depends on are dropped from the maps.
    """
    smaller, number = cut_down(graph, (assumption, claim))
    return Obligation(
        smaller,
        number[assumption],
        number[claim],
        {name: number[i] for name, i in preconditions.items() if i in number},
        tuple(number[i] for i in cases if i in number),
    )


def cut_down(graph: Graph, roots: Iterable[int]) -> tuple[Graph, Mapping[int, int]]:
    """The graph with only the nodes that the roots depend on, in their order, and the new number of each of them."""
    needed = bytearray(len(graph.nodes))
    stack = list(roots)
    while stack:
        index = stack.pop()
        if not needed[index]:
            needed[index] = 1
            node = graph.nodes[index]
            if node.op != "input":
                stack.extend(node.args)
    number = {old: new for new, old in enumerate(i for i in range(len(graph.nodes)) if needed[i])}
    return Graph(graph.inputs, tuple(_renumbered(graph.nodes[old], number) for old in number)), number


def _renumbered(node: Node, number: Mapping[int, int]) -> Node:
    if node.op == "input":
        return node
    return Node(node.op, tuple(number[a] for a in node.args), node.numbers, node.rounding, node.truth, node.run)
