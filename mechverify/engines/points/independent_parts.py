"""An assumption as conditions that share no input: a point of each part is a point of the whole.

The runs of an interchange have inputs of their own; each has to meet the preconditions, and none has to with another.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from mechverify.engines.affine.layout import cone
from mechverify.graph.graph import Graph, Node, Obligation


@dataclass(frozen=True, slots=True)
class IndependentPart:
    """Some of the inputs, by their numbers, and what the assumption says of them alone, as an obligation whose claim
    holds everywhere.
    """

    inputs: tuple[int, ...]
    obligation: Obligation


def independent_parts(obligation: Obligation) -> tuple[IndependentPart, ...]:
    """The parts of the assumption; inputs that it says nothing of belong to none. One part where it is no conjunction
    of conditions on different inputs.
    """
    graph = obligation.graph
    groups: list[tuple[set[int], list[int]]] = []
    for condition in _conjuncts(graph, obligation.assumption):
        inputs = {graph.nodes[v].args[0] for v in cone(graph, (condition,)) if graph.nodes[v].op == "input"}
        joined = [group for group in groups if group[0] & inputs]
        groups = [group for group in groups if not group[0] & inputs]
        groups.append((inputs.union(*(g[0] for g in joined)), [c for g in joined for c in g[1]] + [condition]))
    return tuple(_part(graph, sorted(inputs), sorted(conditions)) for inputs, conditions in groups)


def _conjuncts(graph: Graph, assumption: int) -> Iterator[int]:
    stack = [assumption]
    while stack:
        index = stack.pop()
        if graph.nodes[index].op == "and" and graph.nodes[index].args:
            stack.extend(graph.nodes[index].args)
        else:
            yield index


def _part(graph: Graph, inputs: list[int], conditions: list[int]) -> IndependentPart:
    number = {k: place for place, k in enumerate(inputs)}
    order = cone(graph, conditions)
    place = {v: k for k, v in enumerate(order)}
    nodes = [
        replace(
            graph.nodes[v],
            args=tuple((number if graph.nodes[v].op == "input" else place)[a] for a in graph.nodes[v].args),
        )
        for v in order
    ]
    nodes += [Node("and", tuple(place[c] for c in conditions)), Node("bool", truth=True)]
    small = Graph(tuple(graph.inputs[k] for k in inputs), tuple(nodes))
    return IndependentPart(tuple(inputs), Obligation(small, len(nodes) - 2, len(nodes) - 1))
