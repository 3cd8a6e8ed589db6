"""Which truth of a comparison a proof can use."""

from fractions import Fraction

import pytest
from obligations import kernel_answer

from mechverify.engines.affine.layout import make_plan
from mechverify.engines.affine.polarity import polarity
from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.engine import Budget, ProofFound
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation

F = Fraction


def test_choices_need_both_and_negation_turns() -> None:
    g = GraphBuilder()
    x, y = (g.input(n, "real", F(0), F(1)) for n in "xy")
    assumed, chosen, shown, turned = g.le(x, y), g.lt(y, g.const(F(1, 3))), g.le(g.const(0), x), g.lt(y, x)
    choice = g.le(g.ite(chosen, x, y), g.const(2))
    claim = g.all([shown, g.negate(turned), choice])
    plan = make_plan(g.graph(), {assumed, claim})
    true, false = polarity(plan, assumed, claim)
    found = {
        name: (bool(true[plan.truth_row[v]]), bool(false[plan.truth_row[v]]))
        for name, v in (("a", assumed), ("c", chosen), ("s", shown), ("t", turned), ("i", choice))
    }
    assert found == {
        "a": (False, True),
        "c": (True, True),
        "s": (True, False),
        "t": (False, True),
        "i": (True, False),
    }


@pytest.mark.parametrize("positive", [True, False])
def test_a_comparison_decided_by_facts_in_either_direction(positive: bool) -> None:
    """x <= y and y <= z give x <= z; the claim says so directly, or denies the opposite."""
    g = GraphBuilder()
    x, y, z = (g.input(n, "real", F(0), F(1)) for n in "xyz")
    claim = g.le(x, z) if positive else g.negate(g.lt(z, x))
    ordered = g.all([g.le(x, y), g.le(y, z)])
    obligation = Obligation(g.graph(), ordered, claim)
    outcome = BranchAndBoundEngine().solve(obligation, Budget(10.0))
    assert isinstance(outcome, ProofFound)
    assert len(outcome.steps) == 1
    assert kernel_answer(obligation, outcome) == "valid"


def test_a_claim_that_fails_everywhere_under_facts_that_exclude_each_other() -> None:
    g = GraphBuilder()
    x, y, z = (g.input(n, "real", F(0), F(1)) for n in "xyz")
    step = g.const(F(1, 8))
    apart = g.all([g.le(g.add(x, step), y), g.le(g.add(y, step), z), g.le(g.add(z, step), x)])
    claim = g.le(g.const(9), x)
    obligation = Obligation(g.graph(), apart, claim)
    outcome = BranchAndBoundEngine().solve(obligation, Budget(10.0))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"
