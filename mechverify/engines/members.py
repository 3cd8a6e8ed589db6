"""A claim that is a conjunction, member by member: what each needs to be split on is seldom what the others need."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mechverify.engines.branch_and_bound import PRECISION, BranchAndBoundEngine
from mechverify.engines.certificates.preparation import prepare_with_claim
from mechverify.engines.engine import Budget, CounterexampleFound, Engine, GaveUp, Outcome, ProofFound, Step
from mechverify.engines.exhaustive import ExhaustiveEngine
from mechverify.engines.integer_relations import IntegerRelationsEngine
from mechverify.engines.linear_pieces import LinearPiecesEngine
from mechverify.engines.linear_regions import LinearRegionsEngine
from mechverify.engines.work.meter import work_done
from mechverify.graph.graph import Graph, Obligation

_FIRST_WORK = 0.5
_LONGER = 4.0


@dataclass(frozen=True, slots=True)
class MembersEngine:
    """Proves each member with the other engines, one after the other, with ever more work for those that are left."""

    name: str = "members"

    def suits(self, obligation: Obligation) -> bool:
        """Conjunctions of at least two members that are more than "this has a value"."""
        nodes = obligation.graph.nodes
        claims = [nodes[m] for m in _members(obligation.graph, obligation.claim)]
        return sum(n.op != "le" or n.args[0] != n.args[1] for n in claims) > 1

    def solve(self, obligation: Obligation, budget: Budget) -> Outcome:
        """The proofs of all members in one; a counterexample of any is one of the claim."""
        deadline = work_done() + budget.work
        members = list(_members(obligation.graph, obligation.claim))
        proofs: dict[int, tuple[Step, ...]] = {}
        work = _FIRST_WORK
        while work_done() < deadline:
            for member in members:
                if member in proofs:
                    continue
                found = _tried(prepare_with_claim(obligation, member), work, deadline, budget.seed)
                if isinstance(found, CounterexampleFound) or (isinstance(found, ProofFound) and found.empty):
                    return found
                if isinstance(found, ProofFound):
                    proofs[member] = found.steps
            if len(proofs) == len(members):
                return ProofFound(tuple(_joined(obligation.graph, obligation.claim, proofs)), PRECISION)
            work *= _LONGER
        return GaveUp("work", f"{len(proofs)} of {len(members)} parts of the claim were proved")


def _members(graph: Graph, claim: int) -> Iterator[int]:
    """The members of a conjunction, and of conjunctions in it, each once, in order."""
    seen: set[int] = set()
    stack = [claim]
    while stack:
        v = stack.pop()
        if graph.nodes[v].op == "and":
            stack.extend(reversed(graph.nodes[v].args))
        elif v not in seen:
            seen.add(v)
            yield v


def _joined(graph: Graph, claim: int, proofs: dict[int, tuple[Step, ...]]) -> Iterator[Step]:
    stack = [claim]
    while stack:
        v = stack.pop()
        if graph.nodes[v].op == "and":
            yield ["members"]
            stack.extend(reversed(graph.nodes[v].args))
        else:
            yield from proofs[v]


def _tried(obligation: Obligation, work: float, deadline: float, seed: int) -> Outcome | None:
    """What the first engine that decides a member says of it."""
    for engine in _engines():
        left = deadline - work_done()
        if left <= 0:
            return None
        if not engine.suits(obligation):
            continue
        found = engine.solve(obligation, Budget(min(work, left), seed))
        if isinstance(found, ProofFound | CounterexampleFound):
            return found
    return None


def _engines() -> Sequence[Engine]:
    return (
        LinearPiecesEngine(),
        LinearRegionsEngine(),
        IntegerRelationsEngine(),
        BranchAndBoundEngine(),
        ExhaustiveEngine(),
    )
