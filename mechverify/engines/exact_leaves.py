"""Leaves worth trying before any search: the kernel's exact looks at what float64 forms do not follow."""

from dataclasses import dataclass

from mechverify.engines.affine.boxes import steps_of
from mechverify.engines.affine.layout import cone
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.search.paths import eliminate, root_box, settled
from mechverify.graph.graph import Graph, Node, Obligation

_PRECISION = 96

_MOST_NODES = 3_000
_MOST_NAMED = 200
_COMPARISONS = frozenset(("le", "lt", "eq"))
_SWITCHES = frozenset(("relu", "abs", "max", "min"))
_STEPS = frozenset(("floor", "round"))


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
    ops = {graph.nodes[v].op for v in order if graph.nodes[v].rounding == "exact"}
    steps: list[Step] = []
    if "mul" in ops:
        steps.append(["leaf"])
    if not ops.isdisjoint(("mul", "floor", "round")):
        comparisons = [v for v in order if graph.nodes[v].op in _COMPARISONS]
        factors = _arguments(graph, order, frozenset(("mul",)))
        named = {*comparisons, *factors}
        wider = named | _arguments(graph, order, _SWITCHES)
        widest = wider | _arguments(graph, order, _STEPS)
        steps += [["leaf", [], [], sorted(some)] for some in (named, wider, widest) if some]
    unique = [step for k, step in enumerate(steps) if step not in steps[:k]]
    return [step for step in unique if len(step) == 1 or len(step[3]) <= most_named]


def _arguments(graph: Graph, order: list[int], ops: frozenset[str]) -> set[int]:
    """The sums that nodes of these operations take."""
    users: list[Node] = [graph.nodes[v] for v in order if graph.nodes[v].op in ops]
    return {a for n in users for a in n.args if graph.nodes[a].op == "affine"}
