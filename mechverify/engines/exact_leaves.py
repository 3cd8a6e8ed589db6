"""Leaves worth trying before any search: the kernel's exact looks at what float64 forms do not follow."""

from collections.abc import Callable
from dataclasses import dataclass

from mechverify.engines.affine.boxes import steps_of
from mechverify.engines.affine.layout import cone
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.search.paths import eliminate, root_box, settled
from mechverify.graph.graph import Graph, Node, Obligation
from mechverify.graph.operations.operation import Operation
from mechverify.graph.operations.products import MUL

_PRECISION = 96

_MOST_NODES = 3_000
_MOST_NAMED = 200


@dataclass(frozen=True, slots=True)
class OneLeafEngine:
    """Proves claims whose products, steps and remainders cancel: parity, identities of polynomials, bounds of `%`."""

    name: str = "one leaf"

    def suits(self, obligation: Obligation) -> bool:
        """Whether there is a leaf to try."""
        return bool(exact_leaves(obligation))

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:  # noqa: ARG002 - a few leaves take no time
        """One leaf below the substitutions, or nothing."""
        root = root_box(prepare(obligation, _PRECISION))
        box = eliminate(root)
        for step in [] if box.state.closed else exact_leaves(obligation):
            if settled(box.state, step):
                box.leaf.step = step
                return ProofFound(steps_of(root.leaf), _PRECISION)
        return GaveUp("passed", "No single leaf proves it.")


def exact_leaves(obligation: Obligation, most_named: int = _MOST_NAMED) -> list[Step]:
    """Nothing for large graphs, and for those without products, steps and remainders. ``most_named``: the nodes that
    a leaf may name, each a sum over all of those before it."""
    graph = obligation.graph
    order = cone(graph, (obligation.claim,))
    if len(order) > _MOST_NODES:
        return []
    exact = [graph.nodes[v].operation for v in order if graph.nodes[v].rounding == "exact"]
    products = any(one is MUL for one in exact)
    steps: list[Step] = [["leaf"]] if products else []
    if products or any(one.step is not None for one in exact):
        comparisons = [v for v in order if graph.nodes[v].operation.compares]
        named = {*comparisons, *_arguments(graph, order, lambda one: one is MUL)}
        wider = named | _arguments(graph, order, lambda one: one.switch is not None)
        widest = wider | _arguments(graph, order, lambda one: one.step is not None)
        steps += [["leaf", [], [], sorted(some)] for some in (named, wider, widest) if some]
    unique = [step for k, step in enumerate(steps) if step not in steps[:k]]
    return [step for step in unique if len(step) == 1 or len(step[3]) <= most_named]


def _arguments(graph: Graph, order: list[int], wanted: Callable[[Operation], bool]) -> set[int]:
    """The sums that nodes of these operations take."""
    users: list[Node] = [graph.nodes[v] for v in order if wanted(graph.nodes[v].operation)]
    return {a for n in users for a in n.args if graph.nodes[a].op == "affine"}
