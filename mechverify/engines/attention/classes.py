"""The classes into which inputs fall: by the value of the held input, and by that of the greatest of several."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mechverify.engines.affine.layout import cone
from mechverify.engines.attention.columns import CONSTANT, depends_on
from mechverify.engines.engine import Step
from mechverify.graph.graph import Graph, Obligation

Reach = tuple[int, int]

_MOST_VALUES = 4_096


@dataclass(frozen=True, slots=True)
class Cell:
    """A box of integer inputs in which, where ``least`` is given, one of some inputs is at least that."""

    reach: Mapping[int, Reach]
    least: int | None = None


@dataclass(frozen=True, slots=True)
class Shape:
    """How an obligation is to be cut: the input to hold, if any, and the inputs whose greatest makes classes."""

    held: int | None
    greatest: tuple[int, ...]


def shape_of(obligation: Obligation, live: Mapping[int, Reach]) -> Shape | None:
    """The shape of an obligation whose claim is about sums of functions of one input each, where at most one input is
    held; None where it has none, or none that is worth it. ``live`` has the inputs' bounds.
    """
    graph = obligation.graph
    if not any(node.op == "div" and node.rounding == "exact" for node in graph.nodes):
        return None
    order = cone(graph, (obligation.assumption, obligation.claim))
    reads = depends_on(graph, order)
    used = frozenset().union(*(reads[v] for v in (obligation.assumption, obligation.claim)))
    if any(k not in live for k in used) or any(high - low >= _MOST_VALUES for low, high in live.values()):
        return None
    compared = {a for v in order if graph.nodes[v].operation.compares for a in graph.nodes[v].args}
    numbers = {x for v in compared for x in _parts(obligation, v)}
    for held in (None, *sorted(used, reverse=True)):
        if _separable(obligation, order, numbers, held):
            return Shape(held, _greatest(obligation, order))
    return None


def definitions(graph: Graph, live: Mapping[int, Reach], shape: Shape) -> tuple[list[Step], dict[int, int]]:
    """Nodes to define that say that one of the inputs of the maximum is at least so large, for each value that it may
    have beside its least, and where they will stand; none where there is no maximum."""
    own = shape.greatest
    if len(own) < 2:
        return [], {}
    nodes = {node.args[0]: v for v, node in enumerate(graph.nodes) if node.op == "input"}
    at, made, reached = len(graph.nodes), list[Step](), dict[int, int]()
    for m in range(max(live[k][0] for k in own) + 1, max(live[k][1] for k in own) + 1):
        made += [["const", str(m)], *(["le", at, nodes[k]] for k in own)]
        made.append(["or", list(range(at + 1, at + 1 + len(own)))])
        reached[m] = at + 1 + len(own)
        at = reached[m] + 1
    return made, reached


def cells_of(reach: Mapping[int, Reach], greatest: Sequence[int]) -> Iterator[Cell]:
    """The classes of a box by the greatest of some inputs, from its greatest value down; the last needs no condition,
    since one input is never less."""
    top, bottom = max(reach[k][1] for k in greatest), max(reach[k][0] for k in greatest)
    for m in range(top, bottom - 1, -1):
        ends = {k: (low, min(high, m)) if k in greatest else (low, high) for k, (low, high) in reach.items()}
        yield Cell(ends, m if m > bottom else None)


def _parts(obligation: Obligation, v: int) -> list[int]:
    """The numbers that a compared one may be chosen from."""
    nodes = obligation.graph.nodes
    found, stack, seen = [], [v], set[int]()
    while stack:
        v = stack.pop()
        if v in seen:
            continue
        seen.add(v)
        node = nodes[v]
        if node.op == "max":
            stack.extend(node.args)
        elif node.op == "ite":
            stack.extend(node.args[1:])
        else:
            found.append(v)
    return found


def _separable(obligation: Obligation, order: Sequence[int], numbers: set[int], held: int | None) -> bool:
    """Whether these numbers are sums of functions of one input each, also over others, while an input is held."""
    nodes = obligation.graph.nodes
    plain: dict[int, frozenset[int] | None] = {}
    over: dict[int, frozenset[tuple[int, int]]] = {}
    for v in order:
        node = nodes[v]
        if node.op == "input":
            plain[v], over[v] = frozenset(node.args) - {held}, frozenset()
            continue
        parts = [plain[a] for a in node.args]
        inputs = frozenset().union(*(part or () for part in parts), *({k for _, k in over[a]} for a in node.args))
        quotients = frozenset().union(*(over[a] for a in node.args))
        plain[v], over[v] = None, frozenset()
        if None in parts:
            continue
        if node.op == "affine" and node.rounding == "exact":
            plain[v], over[v] = frozenset().union(*(part or () for part in parts)), quotients
        elif len(inputs - {CONSTANT}) <= 1 and not quotients:
            plain[v] = inputs
        elif node.op == "mul" and node.rounding == "exact":
            if any(not over[a] and (not plain[a] or len(inputs - {CONSTANT}) <= 1) for a in node.args):
                plain[v], over[v] = frozenset().union(*(part or () for part in parts)), quotients
                if quotients and inputs - {CONSTANT}:
                    over[v] = frozenset((s, k) for s, _ in quotients for k in inputs - {CONSTANT})
        elif node.op == "div" and node.rounding == "exact" and not quotients:
            plain[v], over[v] = frozenset(), frozenset((node.args[1], k) for k in plain[node.args[0]] or {CONSTANT})
    return all(plain[v] is not None for v in numbers) and any(over[v] for v in numbers)


def _greatest(obligation: Obligation, order: Sequence[int]) -> tuple[int, ...]:
    """The inputs of the largest maximum of inputs alone."""
    nodes = obligation.graph.nodes
    best: tuple[int, ...] = ()
    for v in order:
        if nodes[v].op == "max":
            parts = _parts(obligation, v)
            if all(nodes[x].op == "input" for x in parts) and len(parts) > len(best):
                best = tuple(sorted(nodes[x].args[0] for x in parts))
    return best
