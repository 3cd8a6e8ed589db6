"""Cutting a graph down to what an obligation needs."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

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
    seen: set[int] = set()  # argument tuples, each of which all rows of a layer share
    stack = list(roots)
    while stack:
        index = stack.pop()
        if not needed[index]:
            needed[index] = 1
            node = graph.nodes[index]
            if node.op != "input" and id(node.args) not in seen:
                seen.add(id(node.args))
                stack.extend(node.args)
    number = {old: new for new, old in enumerate(i for i in range(len(graph.nodes)) if needed[i])}
    return Graph(graph.inputs, tuple(_renumbered(graph.nodes, number))), number


def _renumbered(nodes: Sequence[Node], number: Mapping[int, int]) -> Iterator[Node]:
    """The needed nodes with their arguments' new numbers, those that stay what they are as the same objects."""
    known: dict[int, tuple[int, ...]] = {}
    for old in number:
        node = nodes[old]
        if node.op != "input":
            args = known.get(id(node.args))
            if args is None:
                args = known[id(node.args)] = tuple([number[a] for a in node.args])
            if args != node.args:
                node = Node(node.op, args, node.numbers, node.rounding, node.truth, node.run, node.plain)
        yield node
