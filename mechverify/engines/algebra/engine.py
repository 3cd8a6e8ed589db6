"""Real algebra: identities and inequalities of products, quotients, roots and logarithms, in exact arithmetic.

The claim is supposed to be false. Its conditions are taken apart case by case, until on each path what is known are
comparisons; there a sum of terms is looked for that is zero and above zero (`sums.py`). An identity of quotients is
found by its normal form; an inequality as a sum of squares, and of products of what is known.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from mechverify.engines.affine.boxes import Box, steps_of
from mechverify.engines.affine.layout import cone
from mechverify.engines.algebra.knowledge import Knowledge
from mechverify.engines.algebra.sums import AT_ONCE, LEVELS, QUICK, Level, contradiction
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.search.paths import Move, attach, children, eliminate, root_box, settled
from mechverify.engines.work.meter import work_done
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.comparisons import LT
from mechverify.graph.operations.products import DIV, MUL
from mechverify.graph.operations.smooth import LOG, SQRT
from mechverify.kernel.api import format_number
from mechverify.kernel.search import OPERATIONS, SignFact, State

_PRECISION = 96
_MOST_NODES = 2_000
_MOST_PATHS = 256
_MOST_VALUES = 64
_MOST_PHASES = 10
_FOLLOWED = (MUL, DIV, LOG, SQRT)
_LINEAR = frozenset({"input", "const", "affine", "ite"})


@dataclass(frozen=True, slots=True)
class AlgebraEngine:
    """Proves what follows from the claim's own polynomials."""

    name: str = "real algebra"

    def suits(self, obligation: Obligation) -> bool:
        """Exact claims that are not large, with products, quotients, roots or logarithms; or of reals, under a strict
        condition, which no closed box has.
        """
        graph = obligation.graph
        order = cone(graph, (obligation.assumption, obligation.claim))
        nodes = [graph.nodes[v] for v in order]
        if len(nodes) > _MOST_NODES or any(n.rounds for n in nodes):
            return False
        strict = any(graph.nodes[v].operation is LT for v in cone(graph, (obligation.assumption,)))
        reals = any(one.kind == "real" for one in graph.inputs)
        return (strict and reals) or any(n.operation in _FOLLOWED for n in nodes)

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """A tree of cases, each path closed by a leaf or a sum. Before it is known that all that a path speaks of has a
        value, sums are sought only where that has just been supposed not to be so, the last of two cases.
        """
        root = root_box(prepare(obligation, _PRECISION))
        stack = [(eliminate(root), 0, True)]
        paths, limit = 0, work_done() + budget.work
        while stack:
            if work_done() > limit:
                return GaveUp("work", "The search for sums of squares ran out of work.")
            box, phases, refuted = stack.pop()
            if box.state.closed:
                continue
            found = _next_case(box.state)
            if found is None:
                paths += 1
                knowledge = Knowledge(box.state)
                define, found = _further(box.state, knowledge) if phases < _MOST_PHASES else ((), None)
                levels = LEVELS if found is None else AT_ONCE if knowledge.open and not refuted else QUICK
                if _closed(box, knowledge, levels, limit):
                    continue
                for node in define:
                    box = _defined(box, node)
                phases += 1
            if found is None or paths > _MOST_PATHS:
                return GaveUp("passed", "No sum of squares was found.")
            move = Move(step=list(found))
            below = children(box, move)
            attach(box, move, below)
            last = len(below) - 1
            stack.extend((eliminate(one), phases, k == last) for k, one in reversed(list(enumerate(below))))
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


def _next_case(state: State) -> Step | None:
    """The members of the claim; the claim; what its `and`s that are false and its `or`s that are true leave open;
    conditions of choices."""
    nodes, known, claim = state.prepared.problem.nodes, state.known, state.prepared.problem.claim
    if claim not in known:
        return ["members"] if nodes[claim].op == "and" and nodes[claim].args else ["case", claim]
    if known[claim]:
        return None
    asked = set(state.prepared.problem.cone((claim,)))
    open_nodes = list(_open_nodes(state, asked))
    if open_nodes:
        return ["case", min(open_nodes, key=lambda a: (_partial(state, a), a))]
    choices = [c for c in _conditions(state) if c not in known]
    if not choices:
        return None
    return _halved(state, choices[0]) or ["case", choices[0]]


def _halved(state: State, condition: int) -> Step | None:
    """A split of the integer input that a condition compares with a number: what it is not leaves too much open."""
    node = state.prepared.problem.nodes[condition]
    form = state.prepared.difference(*node.args) if OPERATIONS[node.op].compares else None
    if form is None or len(form.terms) != 1:
        return None
    (k,) = form.terms
    one = state.live.get(k)
    if one is None or not one.integer or not 0 < one.high - one.low <= _MOST_VALUES:
        return None
    return ["split", [["1", k]], format_number((one.low + one.high) // 2)]


def _open_nodes(state: State, among: Collection[int]) -> Iterator[int]:
    """What an `and` that is false or an `or` that is true, one of these nodes, leaves open."""
    nodes, known = state.prepared.problem.nodes, state.known
    for v, truth in known.items():
        node = nodes[v]
        decides = node.op == ("or" if truth else "and")
        if v in among and decides and not any(known.get(a) is truth for a in node.args):
            yield from (a for a in node.args if a not in known)


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


def _further(state: State, knowledge: Knowledge) -> tuple[Sequence[Step], Step | None]:
    """What to split on where nothing closes a path, and the nodes to define for it: what the assumption leaves open;
    whether a node has a value; the sign of what divides and is only known not to be zero; the sides of a switch; an
    integer that is not some number; the sides of two numbers that differ.
    """
    problem = state.prepared.problem
    nodes, size = problem.nodes, len(problem.nodes)
    assumed = next(_open_nodes(state, range(size)), None)
    if assumed is not None:
        return (), ["case", assumed]
    comparisons = [v for v, node in enumerate(nodes) if OPERATIONS[node.op].compares and v not in state.known]
    domain = knowledge.domain_of(comparisons)
    if domain is not None:
        return (), ["case", domain]
    place = next((one.place for one in knowledge.quotients if one.sign == "!="), None)
    if place is not None:
        return (["const", "0"], ["lt", size, nodes[~place].args[1]]), ["case", size + 1]
    phase = _next_phase(state)
    if phase is not None:
        return (), ["phase", phase]
    split = next((s for one in knowledge.unlike if (s := _halved(state, one.reference[1])) is not None), None)
    if split is not None:
        return (), split
    for one in knowledge.unlike:
        a, b = nodes[one.reference[1]].args
        if not any(nodes[w].op == "lt" and nodes[w].args == (a, b) for w in state.known):
            return (["lt", a, b],), ["case", size]
    return (), None


def _defined(box: Box, node: Step) -> Box:
    """The path below the definition of a node."""
    move = Move(step=["define", [node]])
    below = children(box, move)
    attach(box, move, below)
    return below[0]


def _next_phase(state: State) -> int | None:
    """A switch that known comparisons depend on, whose side is not known."""
    problem = state.prepared.problem
    comparisons = [w for w in state.known if OPERATIONS[problem.nodes[w].op].compares]
    done = {(f.a, f.b) for f in state.facts if isinstance(f, SignFact)}
    for v in problem.cone(comparisons):
        node = problem.nodes[v]
        if OPERATIONS[node.op].taken is not None:
            pair = (-1, node.args[0]) if len(node.args) == 1 else (node.args[0], node.args[1])
            if pair not in done and state.signs.get((problem.or_zero(pair[0]), problem.or_zero(pair[1]))) is None:
                return v
    return None
