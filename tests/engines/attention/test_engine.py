"""The attention engine: agreement with brute force, and proofs that the kernel accepts."""

import random
from fractions import Fraction

import pytest
from attention_tools import head
from kernel_tools import accepted, answer, execute, proof, true_by_enumeration

from mechverify.engines.attention.engine import AttentionEngine
from mechverify.engines.certificates.reread import obligation_of
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp, ProofFound
from mechverify.kernel.api import read_problem
from mechverify.kernel.plan import Prepared


def decide(problem, work=50.0):
    return AttentionEngine().solve(obligation_of(Prepared(read_problem(problem))), Budget(work))


def agrees(problem, rng):
    """The engine's answer is the kernel's, and that of enumeration; what it was."""
    found = decide(problem)
    right, inhabited = true_by_enumeration(problem)
    if isinstance(found, ProofFound):
        assert right
        file = proof(problem, list(found.steps), list(inhabited[0]), precision=found.precision)
        assert accepted(file), answer(file)
    elif isinstance(found, CounterexampleFound):
        values = execute(problem, list(found.point), rng)
        assert values[problem["assumption"]]
        assert not values[problem["claim"]]
    return type(found)


@pytest.mark.parametrize("seed", range(6))
def test_agreement_with_brute_force(seed):
    """One head, one query held: the engine decides whatever it is asked."""
    rng = random.Random(seed)
    one = head(rng, 3, 3, sharp=rng.choice([1, 3, 6]))
    build = one.build
    floor = rng.randrange(3)
    at_least = build.node("le", build.const(floor), one.largest)
    claims = [
        one.argmax_is_largest(),
        build.node("lt", build.const(Fraction(1, 20)), one.weights[0]),
        build.node(
            "or", [build.node("lt", one.weights[1], one.weights[0]), build.node("le", one.tokens[0], one.tokens[1])]
        ),
    ]
    kinds = {agrees(build.problem(at_least, claim), rng) for claim in claims[:2]}
    assert kinds <= {ProofFound, CounterexampleFound}
    agrees(build.problem(None, claims[2]), rng)


def test_both_answers_are_given():
    rng = random.Random(7)
    kinds = set()
    for sharp in (1, 8):
        one = head(random.Random(1), 3, 3, sharp=sharp)
        kinds.add(agrees(one.build.problem(None, one.argmax_is_largest()), rng))
    assert kinds == {ProofFound, CounterexampleFound}


def test_two_heads():
    """Each denominator is bounded by itself: a proof where there is room."""
    rng = random.Random(2)
    one = head(rng, 3, 3, sharp=8)
    other = head(rng, 3, 3, sharp=8, beside=one)
    one.logits = [one.build.affine(0, (1, x), (1, y)) for x, y in zip(one.logits, other.logits, strict=True)]
    assert agrees(one.build.problem(None, one.argmax_is_largest()), rng) is ProofFound


def test_an_assumption_that_is_false_below_a_class_ends_the_chain():
    one = head(random.Random(1), 3, 4, sharp=8)
    top = one.build.node("le", one.build.const(3), one.largest)
    problem = one.build.problem(top, one.argmax_is_largest())
    found = decide(problem)
    assert isinstance(found, ProofFound)
    assert sum(step[0] == "separable" for step in found.steps) <= 8


def test_without_work_it_gives_up():
    one = head(random.Random(1), 3, 3, sharp=8)
    found = decide(one.build.problem(None, one.argmax_is_largest()), work=0.0)
    assert isinstance(found, GaveUp)
    assert found.reason == "work"


def test_what_it_suits():
    engine = AttentionEngine()
    for length, suited in ((3, False), (8, True)):
        one = head(random.Random(1), length, 4)
        problem = one.build.problem(None, one.argmax_is_largest())
        assert engine.suits(obligation_of(Prepared(read_problem(problem)))) is suited
