"""Factors that cancel: a vector over its own length, or what a layer norm has divided and is only compared.

Such quotients and comparisons are written without the factor (``kernel/rules/rescale.py``). What the factor depended on
is often gone then: a claim about a network with any amounts of other features becomes one about tokens alone, or is the
same number on both sides. What is left goes to the other engines.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mechverify.engines.attention.engine import AttentionEngine
from mechverify.engines.attention.equal_tokens import EqualTokensEngine
from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.certificates.reread import obligation_of
from mechverify.engines.engine import Budget, Engine, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.exact_leaves import OneLeafEngine
from mechverify.engines.exhaustive import ExhaustiveEngine
from mechverify.engines.linear_pieces import LinearPiecesEngine
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend, work_done
from mechverify.engines.work.rules import take_step, try_step
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.products import DIV
from mechverify.graph.operations.smooth import SQRT
from mechverify.kernel.search import NO_DIVISOR, OPERATIONS, Anew, InvalidError, Node, Problem, State, SureSign, Work

_PRECISION = 96
_FIRST_WORK = 1.0
_LONGER = 4.0


@dataclass(frozen=True, slots=True)
class ScaleRemovalEngine:
    """Emits ``rescale`` twice: for what has a scale, and for what is then equal."""

    name: str = "scale removal"

    def suits(self, obligation: Obligation) -> bool:
        """Whether something exact is divided by a root."""
        nodes = obligation.graph.nodes
        return any(n.operation is DIV and n.rounding == "exact" and nodes[n.args[1]].operation is SQRT for n in nodes)

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """The claim without scales, proved by another engine."""
        deadline = work_done() + budget.work
        state = State.start(prepare(obligation, _PRECISION))
        if state.closed:
            return GaveUp("passed", "The assumption is false.")
        steps: list[Step] = []
        scaled = with_scale(state.prepared.problem)
        if not scaled:
            return GaveUp("passed", "Nothing has a scale that cancels.")
        steps.append(["rescale", [], scaled])
        (state,) = take_step(state, steps[-1])
        positive, lemma = _positive(state)
        if positive:
            steps += [["rescale", positive, []], *lemma]
            *_, state = take_step(state, ["rescale", positive, []])
        if try_step(state, ["leaf"]) is not None:
            return ProofFound((*steps, ["leaf"]), _PRECISION)
        found = _rest(obligation_of(state.prepared), deadline, budget.seed)
        if isinstance(found, ProofFound):
            return ProofFound((*steps, *found.steps), found.precision)
        return GaveUp("passed", "What is left without the scale is not proved.")


def with_scale(problem: Problem) -> list[int]:
    """The quotients and comparisons that can be written without a positive factor, and beside such a comparison all
    others, so that they are seen to be the same; nothing where nothing has one."""
    work = Work()
    anew = Anew(problem, work)
    found: dict[int, int] = {}
    for v in problem.cone((problem.assumption, problem.claim)):
        divisor = _divisor(anew, v)
        if divisor is not None:
            found[v] = divisor
        anew.write((v,), frozenset(found.keys() & {v}) if divisor != NO_DIVISOR else frozenset())
    spend(costs.EXACT_TERM * work.operations)
    compared = any(divisor != NO_DIVISOR for v, divisor in found.items() if _compares(problem.nodes[v]))
    return [v for v, divisor in found.items() if divisor != NO_DIVISOR or compared]


def _divisor(anew: Anew, v: int) -> int | None:
    """What a node can be written without, NO_DIVISOR for a plain comparison, None for what has no such form."""
    node = anew.problem.nodes[v]
    if node.op != DIV.name and not _compares(node):
        return None
    try:
        return anew.divisor_of(v)
    except InvalidError:
        return None


def _compares(node: Node) -> bool:
    return OPERATIONS[node.op].compares


def _positive(state: State) -> tuple[list[int], list[Step]]:
    """What has to be above zero for all quotients to have a value, and the proof that it is."""
    wanted = _divisors(state.prepared.problem)
    while wanted:
        lemma = take_step(state, ["rescale", wanted, []])[0]
        steps: list[Step] = [["members"]]
        short = set()
        for p, member in zip(wanted, take_step(lemma, ["members"]), strict=True):
            closing = _closing(member)
            short |= set() if closing else {p}
            steps += [closing] if closing else []
        if not short:
            return wanted, steps
        wanted = [p for p in wanted if p not in short]
    return [], []


def _divisors(problem: Problem) -> list[int]:
    """What quotients without a sure value divide by; of a root what stands below it."""
    work = Work()
    anew = Anew(problem, work)
    order = problem.cone((problem.assumption, problem.claim))
    anew.write(order, frozenset())
    spend(costs.EXACT_TERM * work.operations)
    found: dict[int, None] = {}
    for v in order:
        node = problem.nodes[v]
        if node.op == DIV.name and not node.rounded and anew.signs[anew.place[node.args[1]]] < SureSign.POSITIVE:
            below = problem.nodes[node.args[1]]
            found[below.args[0] if below.op == SQRT.name else node.args[1]] = None
    return list(found)


def _closing(state: State) -> Step | None:
    """A step that shows a member of the lemma."""
    steps: list[Step] = [["leaf"], ["separable", [], [["true", [state.prepared.problem.claim]]], []]]
    return next((step for step in steps if try_step(state, step) == []), None)


def _rest(obligation: Obligation, deadline: float, seed: int) -> Outcome | None:
    """What the first engine that proves the rest says of it, each with ever more work."""
    work = _FIRST_WORK
    while work_done() < deadline:
        for engine in _engines():
            left = deadline - work_done()
            if left > 0 and engine.suits(obligation):
                found = engine.solve(obligation, Budget(min(work, left), seed))
                if isinstance(found, ProofFound) and not found.empty:
                    return found
        work *= _LONGER
    return None


def _engines() -> Sequence[Engine]:
    return (
        OneLeafEngine(),
        EqualTokensEngine(),
        AttentionEngine(),
        ExhaustiveEngine(),
        LinearPiecesEngine(),
        BranchAndBoundEngine(),
    )
