"""A proof with one tolerance as the beginning of a proof with a smaller one."""

from fractions import Fraction

import pytest
from obligations import kernel_answer

from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, ProofFound
from mechverify.engines.resume import ResumeEngine
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Kind, Obligation

F = Fraction
# x * (8 - x) - relu(4 * (x - 2)) is at most 13 for x in 0 .. 8, at 3, where the slopes 8 - 2 x and 4 leave 2.


def below(tolerance: Fraction, kind: Kind, more: int = 0) -> Obligation:
    g = GraphBuilder()
    x, y = (g.input(name, kind, F(0), F(8)) for name in "xy")
    for k in range(more):
        g.relu(g.affine([(F(1), x)], F(-100 - k)))
    hills = [g.mul(v, g.sub(g.const(8), v)) for v in (x, y)]
    bends = [g.relu(g.affine([(F(4), v)], F(-8))) for v in (x, y)]
    found = g.affine([*((F(1), h) for h in hills), *((F(-1), b) for b in bends)])
    assumption, claim = g.boolean(truth=True), g.le(found, g.const(tolerance))
    return Obligation(g.graph(), assumption, claim)


def proof(obligation: Obligation) -> ProofFound:
    found = BranchAndBoundEngine().solve(obligation, Budget(20.0))
    assert isinstance(found, ProofFound)
    return found


@pytest.mark.parametrize("kind", ["integer", "real"])
def test_a_smaller_tolerance_keeps_the_steps_and_adds_some(kind: Kind) -> None:
    earlier = proof(below(F(40), kind))
    stricter = below(F(51, 2), kind)
    found = ResumeEngine(earlier).solve(stricter, Budget(20.0))
    assert isinstance(found, ProofFound)
    assert kernel_answer(stricter, found) == "valid"
    assert kernel_answer(stricter, earlier) != "valid"
    assert len(found.steps) > len(earlier.steps)


@pytest.mark.parametrize("kind", ["integer", "real"])
def test_a_tolerance_that_is_broken_is_never_proved(kind: Kind) -> None:
    earlier = proof(below(F(26), kind))
    false = below(F(23), kind)
    found = ResumeEngine(earlier).solve(false, Budget(20.0))
    assert isinstance(found, CounterexampleFound)
    assert kernel_answer(false, found) == "valid"


def test_steps_of_another_graph_do_no_harm() -> None:
    earlier = proof(below(F(51, 2), "real"))
    for other, right in ((below(F(51, 2), "real", more=2), True), (below(F(23), "real", more=2), False)):
        found = ResumeEngine(earlier).solve(other, Budget(20.0))
        if not isinstance(found, GaveUp):
            assert isinstance(found, ProofFound if right else CounterexampleFound)
            assert kernel_answer(other, found) == "valid"


def test_only_proofs_of_steps_that_split_are_taken() -> None:
    obligation = below(F(40), "real")
    assert ResumeEngine(ProofFound((["split", [["1", 0]], "4"], ["leaf"], ["leaf"]), 96)).suits(obligation)
    assert not ResumeEngine(ProofFound((["members"], ["leaf"], ["leaf"]), 96)).suits(obligation)
    assert not ResumeEngine(ProofFound((["leaf"],), 96, empty=True)).suits(obligation)


@pytest.mark.parametrize("steps", [(["split", [["1", 0]], "4"], ["leaf"]), (["phase", 0], ["leaf"], ["leaf"])])
def test_steps_that_do_not_fit_are_given_up(steps: tuple[list[object], ...]) -> None:
    found = ResumeEngine(ProofFound(steps, 96)).solve(below(F(40), "real"), Budget(5.0))
    assert isinstance(found, GaveUp)
    assert found.reason == "passed"
