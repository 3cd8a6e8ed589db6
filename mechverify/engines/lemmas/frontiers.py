"""Cuts of a graph that reads its inputs one after the other: what is computed early and still used late."""

from dataclasses import dataclass

from mechverify.engines.affine.layout import cone
from mechverify.graph.graph import Obligation


@dataclass(frozen=True, slots=True)
class Frontier:
    """The number nodes of the claim that need only the first ``prefix`` inputs and that a later node uses."""

    prefix: int
    members: tuple[int, ...]


def frontiers(obligation: Obligation) -> tuple[Frontier, ...]:
    """A frontier for each prefix of the inputs. Nodes of the assumption are left where they are.

    Empty and repeated frontiers are left out.
    """
    graph = obligation.graph
    kept = set(cone(graph, (obligation.assumption,)))
    order = cone(graph, (obligation.claim,))
    needs: dict[int, int] = {}
    for v in order:
        node = graph.nodes[v]
        needs[v] = 1 + node.args[0] if node.op == "input" else max((needs[a] for a in node.args), default=0)
    last_use: dict[int, int] = {}
    for v in order:
        if graph.nodes[v].op != "input":
            for a in graph.nodes[v].args:
                last_use[a] = max(last_use.get(a, 0), needs[v])
    found: dict[tuple[int, ...], int] = {}
    for prefix in range(1, len(graph.inputs)):
        members = tuple(
            v
            for v in order
            if 0 < needs[v] <= prefix < last_use.get(v, 0)
            and v not in kept
            and not graph.nodes[v].is_boolean
            and graph.nodes[v].op != "input"
        )
        if members:
            found.setdefault(members, prefix)
    return tuple(Frontier(prefix, members) for members, prefix in found.items())
