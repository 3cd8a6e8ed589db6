"""Where a program of exact integers is cut: what is computed from the inputs read so far and used later."""

from dataclasses import dataclass

from mechverify.engines.affine.layout import cone
from mechverify.graph.graph import Graph, Obligation
from mechverify.graph.operations.steps import FLOOR

_WIDE = 4
_MOST_OWN = 24


@dataclass(frozen=True, slots=True)
class Cut:
    """``read``: the inputs read so far, by index; ``members``: numbers and truth values of several of them that a later
    node uses; ``terms``: numbers of one of them each that a long sum adds up; ``marks``: truth values that a long
    junction joins; ``own``: what depends on one input alone and is used again after the next.
    """

    read: tuple[int, ...]
    members: tuple[int, ...]
    terms: tuple[int, ...]
    marks: tuple[int, ...]
    own: tuple[int, ...]


def cuts(obligation: Obligation) -> tuple[Cut, ...]:
    """A cut after each input, in the order in which nodes first use them; long sums and junctions use no input first.

    What depends on one input alone, by way of a few nodes, is no member: it can be computed again. Nodes of the
    assumption stay where they are.
    """
    graph = obligation.graph
    kept = set(cone(graph, (obligation.assumption,)))
    order = cone(graph, (obligation.claim,))
    place = {index: k for k, index in enumerate(_reading_order(graph, order))}
    needs: dict[int, int] = {}
    used: dict[int, int] = {}
    own: dict[int, frozenset[int] | None] = {}
    last_use = {obligation.claim: len(place) + 1}
    for v in order:
        node = graph.nodes[v]
        args = () if node.op == "input" else node.args
        needs[v] = 1 + place[node.args[0]] if node.op == "input" else max((needs[a] for a in args), default=0)
        own[v] = _own(v, node.op == "input", [own[a] for a in args])
        for a in args:
            last_use[a] = max(last_use.get(a, 0), needs[v])
            if len(args) < _WIDE:
                used[a] = max(used.get(a, 0), needs[v])
    single = {v for v in order if own[v] is not None and len({needs[u] for u in own[v] or ()} - {0}) <= 1}
    terms = {
        a
        for v in order
        if graph.nodes[v].op == "affine" and len(graph.nodes[v].args) >= _WIDE
        for a in graph.nodes[v].args
        if a in single and graph.nodes[a].op != "input"
    }
    for v in order:  # steps of sums of inputs and such steps: leaves add them up as they are
        if graph.nodes[v].op in ("affine", FLOOR.name) and all(a in single for a in graph.nodes[v].args):
            single.add(v)
            if graph.nodes[v].op == FLOOR.name:
                terms.add(v)
    marks = {
        a
        for v in order
        if graph.nodes[v].op in ("and", "or") and len(graph.nodes[v].args) >= _WIDE
        for a in graph.nodes[v].args
    }
    found: dict[tuple[int, ...], Cut] = {}
    inputs = sorted(place, key=lambda i: place[i])
    for prefix in range(1, len(inputs)):
        passed_on = [v for v in order if 0 < needs[v] <= prefix < last_use.get(v, 0)]
        members = tuple(sorted(_compared(graph, passed_on) - kept - single))
        if members:
            early, marked = (tuple(sorted(v for v in some if 0 < needs[v] <= prefix)) for some in (terms, marks))
            late = (v for v in order if v in single and 0 < needs[v] <= prefix < used.get(v, 0))
            own_ones = tuple(v for v in late if v not in early)
            found.setdefault(members, Cut(tuple(sorted(inputs[:prefix])), members, early, marked, own_ones))
    return tuple(found.values())


def _compared(graph: Graph, nodes: list[int]) -> set[int]:
    """The nodes, with what they compare or shift in place of comparisons and of sums of one node: both can be computed
    again from that."""
    found: set[int] = set()
    stack = list(nodes)
    while stack:
        v = stack.pop()
        node = graph.nodes[v]
        if node.operation.compares or node.op == "not" or (node.op == "affine" and len(node.args) == 1):
            stack.extend(node.args)
        elif node.op not in ("const", "bool", "input"):
            found.add(v)
    return found


def _own(v: int, is_input: bool, below: list[frozenset[int] | None]) -> frozenset[int] | None:  # noqa: FBT001
    """The nodes that v is computed from, itself included; None where they are many."""
    found = {v} if is_input or below else set()
    for part in below:
        if part is None:
            return None
        found |= part
    return frozenset(found) if len(found) <= _MOST_OWN else None


def _reading_order(graph: Graph, order: list[int]) -> list[int]:
    first: dict[int, int] = {}
    late: dict[int, int] = {}
    reached: dict[int, frozenset[int] | None] = {}  # the inputs that a node depends on; None for several
    for v in order:
        node = graph.nodes[v]
        if node.op == "input":
            reached[v] = frozenset(node.args)
            late.setdefault(node.args[0], v)
            continue
        below = [reached[a] for a in node.args]
        single = frozenset().union(*(part or () for part in below))
        several = None in below or len(single) > 1
        reached[v] = None if several else single
        if several and len(node.args) < _WIDE:
            for index in single:
                first.setdefault(index, v)
    return sorted(late, key=lambda index: (first.get(index, len(graph.nodes)), index))
