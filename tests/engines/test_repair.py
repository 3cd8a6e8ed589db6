"""Proofs that the kernel rejects: what falls short is searched again, what is broken is an error."""

from dataclasses import dataclass
from fractions import Fraction

import pytest
from obligations import kernel_answer

from mechverify.deciding import portfolio
from mechverify.deciding.entrants import Entrant
from mechverify.deciding.portfolio import Search, decide
from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, Outcome, ProofFound
from mechverify.engines.repair import RepairEngine
from mechverify.errors import InternalError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import InvalidError
from mechverify.verdict import Reason, Verdict

BUDGET = Budget(10.0)
ONE_LEAF = ProofFound((["leaf"],), 96)


def obligation_in(g: GraphBuilder, claim: int) -> Obligation:
    everywhere = g.boolean(truth=True)
    return Obligation(g.graph(), everywhere, claim)


def product(limit: Fraction) -> Obligation:
    """x (1 - x) (1 + x) <= limit for x in [0, 1], where the maximum is about 0.3849."""
    g = GraphBuilder()
    x = g.input("x", "real", Fraction(0), Fraction(1))
    y = g.mul(g.sub(g.const(1), x), g.add(g.const(1), x))
    return obligation_in(g, g.le(g.mul(x, y), g.const(limit)))


def cut(proof: ProofFound, at: int) -> ProofFound:
    """The proof with a leaf in place of the part that begins at a step."""
    end, needed = at, 1
    while needed:
        needed += {"split": 1, "case": 1, "phase": 1}.get(proof.steps[end][0], -1)
        end += 1
    return ProofFound((*proof.steps[:at], ["leaf"], *proof.steps[end:]), proof.precision)


@pytest.fixture(scope="module")
def proof() -> ProofFound:
    found = BranchAndBoundEngine().solve(product(Fraction(386, 1000)), BUDGET)
    assert isinstance(found, ProofFound)
    assert len(found.steps) > 5
    return found


def test_every_part_that_is_cut_out_is_found_again(proof: ProofFound) -> None:
    obligation = product(Fraction(386, 1000))
    for at in [k for k, step in enumerate(proof.steps) if step[0] == "split"]:
        short = cut(proof, at)
        assert kernel_answer(obligation, short).startswith("invalid")
        mended = RepairEngine(short, at, "x").solve(obligation, BUDGET)
        assert isinstance(mended, ProofFound)
        assert kernel_answer(obligation, mended) == "valid"
        assert mended.steps[:at] == short.steps[:at]


def test_what_is_false_is_not_mended() -> None:
    outcome = RepairEngine(ONE_LEAF, 0, "x").solve(product(Fraction(38, 100)), Budget(1.0))
    assert isinstance(outcome, GaveUp)


@pytest.mark.parametrize("steps", [(["leaf"], ["leaf"]), (["split", [["1", 0]], "1p-1"], ["leaf"])])
def test_steps_that_are_no_tree_are_broken(steps: tuple[list[object], ...]) -> None:
    with pytest.raises(InternalError):
        RepairEngine(ProofFound(steps, 96), 0, "x").solve(product(Fraction(386, 1000)), BUDGET)


def test_a_branching_step_that_is_invalid_is_broken() -> None:
    steps = (["split", [], "0"], ["leaf"], ["leaf"])
    with pytest.raises(InvalidError):
        RepairEngine(ProofFound(steps, 96), 0, "x").solve(product(Fraction(386, 1000)), BUDGET)


def test_a_proof_that_stands_is_a_contradiction(proof: ProofFound) -> None:
    with pytest.raises(InternalError):
        RepairEngine(proof, 0, "x").solve(product(Fraction(386, 1000)), BUDGET)


def test_lemmas_are_mended_on_both_sides() -> None:
    """`forget` makes another problem of the second branch."""
    g = GraphBuilder()
    x = g.input("x", "real", Fraction(0), Fraction(1))
    y = g.mul(x, g.sub(g.const(1), x))
    z = g.mul(y, g.sub(g.const(1), y))
    obligation = obligation_in(g, g.le(z, g.const(Fraction(22, 100))))
    steps = (["forget", [[y, "0", "5p-4"]], [], []], ["leaf"], ["leaf"])
    assert kernel_answer(obligation, ProofFound(steps, 96)).startswith("invalid")
    mended = RepairEngine(ProofFound(steps, 96), 0, "x").solve(obligation, BUDGET)
    assert isinstance(mended, ProofFound)
    assert kernel_answer(obligation, mended) == "valid"


@dataclass(frozen=True)
class Hasty:
    """An engine that takes everything for proved."""

    outcome: Outcome
    name: str = "hasty"

    def suits(self, _: Obligation) -> bool:
        return True

    def solve(self, _obligation: Obligation, _budget: Budget) -> Outcome:
        return self.outcome


def decided(monkeypatch: pytest.MonkeyPatch, limit: Fraction, outcome: Outcome) -> tuple[Verdict, Reason | None]:
    monkeypatch.setattr(portfolio, "entrants", lambda *_: [Entrant(Hasty(outcome), 1.0)])
    found = decide(product(limit), Search(2.0))
    return found.verdict, found.reason


def test_a_leaf_that_falls_short_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert decided(monkeypatch, Fraction(386, 1000), ONE_LEAF)[0] is Verdict.PROVED
    assert decided(monkeypatch, Fraction(38, 100), ONE_LEAF) == (Verdict.OPEN, Reason.WORK)


def test_a_broken_proof_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = ProofFound((["split", [], "0"], ["leaf"], ["leaf"]), 96)
    assert decided(monkeypatch, Fraction(386, 1000), broken)[0] is Verdict.ERROR


def test_a_point_that_breaks_nothing_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    point = CounterexampleFound((Fraction(1, 2),))
    assert decided(monkeypatch, Fraction(386, 1000), point)[0] is Verdict.OPEN
