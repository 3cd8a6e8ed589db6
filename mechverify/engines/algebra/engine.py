"""Real algebra: identities and inequalities of products, quotients, roots and logarithms, in exact arithmetic.

The claim is supposed to be false. Its conditions are taken apart case by case, until on each path what is known are
comparisons; there a sum of terms is looked for that is zero and above zero (`sums.py`). An identity of quotients is
found by its normal form; an inequality as a sum of squares, and of products of what is known.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mechverify.engines.affine.boxes import Box, steps_of
from mechverify.engines.affine.layout import cone
from mechverify.engines.algebra.knowledge import Knowledge
from mechverify.engines.algebra.sums import LEVELS, QUICK, Level, contradiction
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound
from mechverify.engines.search.paths import Move, attach, children, eliminate, root_box, settled
from mechverify.engines.work.meter import work_done
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.products import DIV, MUL
from mechverify.graph.operations.smooth import LOG, SQRT
from mechverify.kernel.search import OPERATIONS, SignFact, State

_PRECISION = 96
_MOST_NODES = 2_000
_MOST_PATHS = 256
_MOST_PHASES = 6
_FOLLOWED = (MUL, DIV, LOG, SQRT)
_LINEAR = frozenset({"input", "const", "affine", "ite"})


@dataclass(frozen=True, slots=True)
class AlgebraEngine:
    """Proves what follows from the claim's own polynomials."""

    name: str = "real algebra"

    def suits(self, obligation: Obligation) -> bool:
        """Exact claims with products, quotients, roots or logarithms, that are not large."""
        graph = obligation.graph
        order = cone(graph, (obligation.assumption, obligation.claim))
        nodes = [graph.nodes[v] for v in order]
        if len(nodes) > _MOST_NODES or any(n.rounds for n in nodes):
            return False
        return any(n.operation in _FOLLOWED for n in nodes)

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """A tree of cases, each path closed by a leaf or a sum."""
        root = root_box(prepare(obligation, _PRECISION))
        stack = [(eliminate(root), 0)]
        paths, limit = 0, work_done() + budget.work
        while stack:
            if work_done() > limit:
                return GaveUp("work", "The search for sums of squares ran out of work.")
            box, phases = stack.pop()
            if box.state.closed:
                continue
            found = _next_case(box.state, obligation)
            if found is None:
                paths += 1
                knowledge = Knowledge(box.state)
                found = _next_phase(box.state) if phases < _MOST_PHASES else None
                sign = _next_sign(box, knowledge) if phases < _MOST_PHASES else None
                if _closed(box, knowledge, QUICK if sign or found else LEVELS, limit):
                    continue
                if sign is not None:
                    box, found = _defined(box, sign)
                phases += 1
            if found is None or paths > _MOST_PATHS:
                return GaveUp("unsupported", "No sum of squares was found.")
            move = Move(step=list(found))
            below = children(box, move)
            attach(box, move, below)
            stack.extend((eliminate(one), phases) for one in reversed(below))
        return ProofFound(steps_of(root.leaf), _PRECISION)


def _closed(box: Box, knowledge: Knowledge, levels: Sequence[Level], limit: float) -> bool:
    """Whether the path is settled by a leaf or a sum; it is then its end."""
    steps = [["leaf"]]
    if not settled(box.state, steps[0]):
        sum_found = contradiction(knowledge, levels, limit)
        steps = [] if sum_found is None or not settled(box.state, sum_found) else [sum_found]
    if steps:
        box.leaf.step = steps[0]
    return bool(steps)


def _next_case(state: State, obligation: Obligation) -> tuple[str, int] | None:
    """The claim; then what an `and` that is false or an `or` that is true leaves open; then conditions of choices."""
    nodes, known = state.prepared.problem.nodes, state.known
    if obligation.claim not in known:
        return "case", obligation.claim
    if known[obligation.claim]:
        return None
    open_nodes: list[int] = []
    for v, truth in known.items():
        node = nodes[v]
        decides = node.op == ("or" if truth else "and")
        if decides and not any(known.get(a) is truth for a in node.args):
            open_nodes.extend(a for a in node.args if a not in known)
    if open_nodes:
        return "case", min(open_nodes, key=lambda a: (_partial(state, a), a))
    choices = [c for c in _conditions(state) if c not in known]
    return ("case", choices[0]) if choices else None


def _partial(state: State, v: int) -> bool:
    """Whether the truth of a node depends on what may have no value: where it has one comes first."""
    nodes = state.prepared.problem.nodes
    domains = (OPERATIONS[nodes[u].op].algebra for u in state.prepared.problem.cone((v,)))
    return any(algebra is not None and algebra.domain is not None for algebra in domains)


def _conditions(state: State) -> Iterator[int]:
    """The conditions of choices that known comparisons depend on, first those that depend on no other."""
    nodes = state.prepared.problem.nodes
    comparisons = [w for w in state.known if OPERATIONS[nodes[w].op].compares]
    for v in state.prepared.problem.cone(comparisons):
        if nodes[v].op == "ite":
            yield nodes[v].args[0]


def _next_sign(box: Box, knowledge: Knowledge) -> int | None:
    """What divides and is only known not to be zero."""
    unsigned = (one.place for one in knowledge.quotients if one.sign == "!=")
    place = next(unsigned, None)
    return None if place is None else box.state.prepared.problem.nodes[~place].args[1]


def _defined(box: Box, v: int) -> tuple[Box, tuple[str, int]]:
    """The path below a definition of "v is above 0", and the case on it."""
    size = len(box.state.prepared.problem.nodes)
    move = Move(step=["define", [["const", "0"], ["lt", size, v]]])
    below = children(box, move)
    attach(box, move, below)
    return below[0], ("case", size + 1)


def _next_phase(state: State) -> tuple[str, int] | None:
    """A switch that known comparisons depend on, whose side is not known."""
    problem = state.prepared.problem
    comparisons = [w for w in state.known if OPERATIONS[problem.nodes[w].op].compares]
    done = {(f.a, f.b) for f in state.facts if isinstance(f, SignFact)}
    for v in problem.cone(comparisons):
        node = problem.nodes[v]
        if OPERATIONS[node.op].taken is not None:
            pair = (-1, node.args[0]) if len(node.args) == 1 else (node.args[0], node.args[1])
            if pair not in done and state.signs.get((problem.or_zero(pair[0]), problem.or_zero(pair[1]))) is None:
                return "phase", v
    return None
