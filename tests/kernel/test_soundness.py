
"""Accepted proofs against enumeration and sampling, and Problems made false by a mutation, offered their old proof."""

import random
from fractions import Fraction

import pytest
from kernel_mutations import ROUNDED, mutate, small_problem
from kernel_tools import (
    Build,
    accepted,
    box_points,
    execute,
    proof,
    prove,
    true_by_enumeration,
)


def campaign(seed, wanted, per_proof):
    """Offer old proofs to problems that a mutation made false; returns how many were offered."""
    rng = random.Random(seed)
    offered = 0
    while offered < wanted:
        problem = small_problem(rng)
        good, points = true_by_enumeration(problem)
        if not good or not points:
            continue
        steps = prove(problem, rng, small=rng.choice([0, 0, 1, 4]), depth=7)
        if steps is None or not accepted(proof(problem, steps, points[0])):
            continue
        for _ in range(per_proof):
            changed = mutate(problem, rng)
            if changed == problem:
                continue
            still, inside = true_by_enumeration(changed)
            if still or not inside:
                continue
            offered += 1
            assert not accepted(proof(changed, steps, inside[0])), (changed, steps)
    return offered


def test_a_thousand_false_problems_are_refused():
    assert campaign(2026, 1000, 25) >= 1000


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(20))
def test_many_false_problems_are_refused(seed):
    assert campaign(seed, 5000, 25) >= 5000


def differential(seed, rounds):
    rng = random.Random(seed)
    accepted_proofs = 0
    for _ in range(rounds):
        problem = small_problem(rng)
        good, points = true_by_enumeration(problem)
        steps = prove(problem, rng, small=rng.choice([0, 0, 1, 4]), depth=7)
        if steps is None:
            continue
        point = points[0] if points else [0] * len(problem["inputs"])
        if accepted(proof(problem, steps, point)):
            accepted_proofs += 1
            assert good, problem
            assert points, problem
        if accepted(proof(problem, steps, [], kind="empty")):
            assert not points, problem
    return accepted_proofs


@pytest.mark.parametrize("seed", range(6))
def test_accepted_proofs_agree_with_enumeration(seed):
    assert differential(seed, 120) > 10


def empties(seed, rounds):
    rng = random.Random(seed)
    count = 0
    for _ in range(rounds):
        problem = small_problem(rng)
        steps = prove(problem, rng, small=rng.choice([0, 1, 4]), depth=7, kind="empty")
        if steps is None or not accepted(proof(problem, steps, [], kind="empty")):
            continue
        count += 1
        assert not true_by_enumeration(problem)[1], problem
    return count


@pytest.mark.parametrize("seed", range(2))
def test_accepted_emptiness_agrees_with_enumeration(seed):
    assert empties(seed, 150) > 5


def sampled(seed, rounds, samples, ops=ROUNDED):
    rng = random.Random(seed)
    found = 0
    for _ in range(rounds):
        problem = small_problem(rng, ops, real=True)
        steps = prove(problem, rng, small=rng.choice([0, 1, 4]), depth=5)
        if steps is None:
            continue
        points = [[Fraction(low) if "p" not in low else None for _, _, low, _ in problem["inputs"]]]
        ranges = problem["inputs"]
        points = []
        for _ in range(samples):
            point = []
            for _, kind, low, high in ranges:
                ends = [
                    Fraction(*(int(y) if i == 0 else 2 ** int(y[1:]) for i, y in enumerate(z.split("p"))))
                    if "p" in z
                    else Fraction(z)
                    for z in (low, high)
                ]
                if kind == "integer":
                    point.append(Fraction(rng.randint(int(ends[0]), int(ends[1]))))
                else:
                    point.append(ends[0] + (ends[1] - ends[0]) * Fraction(rng.randint(0, 64), 64))
            points.append(point)
        valid = any(accepted(proof(problem, steps, point)) for point in points[:6])
        empty = accepted(proof(problem, steps, [], kind="empty"))
        found += valid
        for point in points if valid or empty else []:
            for sums in (False, True):
                values = execute(problem, point, rng, numpy_sums=sums)
                if values is None or not values[problem["assumption"]]:
                    continue
                assert not empty, (problem, point)
                assert values[problem["claim"]], (problem, steps, point)
    return found


@pytest.mark.parametrize("seed", range(3))
def test_accepted_proofs_of_what_is_looked_up_agree_with_sampled_executions(seed):
    assert sampled(seed, 60, 24, [*ROUNDED, *["table"] * 8]) > 3


@pytest.mark.parametrize("seed", range(6))
def test_accepted_proofs_agree_with_sampled_executions(seed):
    assert sampled(seed, 60, 30) > 3


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 120))
def test_agreement_campaign(seed):
    differential(seed, 3000)
    sampled(seed, 1000, 60)
    empties(seed, 1000)


def test_the_enumeration_of_the_tests_can_see_falsehood():
    build = Build()
    x = build.integer("x", 0, 3)
    problem = build.problem(None, build.node("le", x, build.const(2)))
    assert true_by_enumeration(problem) == (False, box_points(problem))
