"""Conjunctions proved member by member, in one certificate."""

from fractions import Fraction

import pytest
from obligations import kernel_answer

from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, ProofFound
from mechverify.engines.members import MembersEngine
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.smooth import SQRT

F = Fraction


def identities(count: int, wrong: int | None = None) -> Obligation:
    """relu(x) - relu(-x) == x for each of many inputs; one of them is off beyond a point."""
    g = GraphBuilder()
    xs = [g.input(f"x{k}", "real", F(-1, 10), F(7, 10)) for k in range(count)]
    found = []
    for k, x in enumerate(xs):
        both = g.sub(g.relu(x), g.relu(g.neg(x)))
        beyond = g.relu(g.sub(x, g.const(F(699, 1000))))
        found.append(g.eq(g.add(both, beyond) if k == wrong else both, x))
    pairs = [g.all(found[k : k + 2]) for k in range(0, count, 2)]
    everywhere, claim = g.boolean(truth=True), g.all(pairs)
    return Obligation(g.graph(), everywhere, claim)


def test_the_work_is_a_sum_over_the_members() -> None:
    obligation = identities(24)
    outcome = MembersEngine().solve(obligation, Budget(20.0))
    assert isinstance(outcome, ProofFound)
    assert len(outcome.steps) < 24 * 6
    assert kernel_answer(obligation, outcome) == "valid"


@pytest.mark.parametrize("wrong", [0, 5, 11])
def test_one_member_that_is_false(wrong: int) -> None:
    obligation = identities(12, wrong)
    outcome = MembersEngine().solve(obligation, Budget(20.0))
    assert isinstance(outcome, CounterexampleFound)
    assert outcome.point[wrong] > F(699, 1000)


def test_what_is_no_conjunction_is_left_to_others() -> None:
    g = GraphBuilder()
    x = g.input("x", "real", F(0), F(1))
    y = g.apply(SQRT, x)
    valued, claim = g.has_value(y), g.le(y, g.const(1))
    everywhere, both = g.boolean(truth=True), g.all([valued, claim])
    for one in (claim, g.any([claim, g.lt(y, x)]), both):
        assert not MembersEngine().suits(Obligation(g.graph(), everywhere, one))
    assert MembersEngine().suits(identities(2))


def test_a_member_that_is_not_proved_leaves_the_claim_open() -> None:
    g = GraphBuilder()
    x, y = (g.input(n, "real", F(-1), F(1)) for n in "xy")
    square = g.mul(g.abs(g.sub(x, y)), g.abs(g.sub(x, y)))
    tight = g.le(g.mul(square, g.abs(x)), g.mul(g.abs(x), g.add(square, g.mul(g.relu(x), g.relu(g.neg(x))))))
    everywhere, claim = g.boolean(truth=True), g.all([g.le(x, g.const(1)), tight])
    outcome = MembersEngine().solve(Obligation(g.graph(), everywhere, claim), Budget(1.0))
    if isinstance(outcome, GaveUp):
        assert outcome.detail == "1 of 2 parts of the claim were proved"
