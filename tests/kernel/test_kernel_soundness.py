
"""Accepted proofs against enumeration and sampling, and Problems made false by a mutation, offered their old proof."""

import copy
import random
from fractions import Fraction

import pytest
from kernel_tools import (
    Build,
    accepted,
    box_points,
    execute,
    proof,
    prove,
    random_boolean,
    random_numbers,
    true_by_enumeration,
)

NUMERIC = ["relu", "abs", "max", "min", "floor", "round", "mul", "affine", "affine", "ite"]
ROUNDED = [*NUMERIC, "affine32", "mul32", "div32", "round32", "div", "exp", "sqrt", "log"]


def small_problem(rng, ops=NUMERIC, *, real=False):
    build = Build()
    pool = []
    for name in "xy"[: rng.randint(1, 2)]:
        low = rng.randint(-4, 2)
        if real and rng.random() < 0.5:
            pool.append(build.real(name, Fraction(low, 2), Fraction(low, 2) + rng.choice([0, Fraction(1, 10**7), 2])))
        else:
            pool.append(build.integer(name, low, low + rng.randint(0, 5)))
    pool.append(build.const(rng.randint(-3, 3)))
    random_numbers(build, rng, pool, rng.randint(2, 6), ops)
    assumption = random_boolean(build, rng, pool) if rng.random() < 0.6 else None
    if rng.random() < 0.6:
        target = pool[-1]
        bound = build.const(Fraction(rng.randint(-12, 40), rng.choice([1, 1, 2])))
        claim = build.node("le", target, bound) if rng.random() < 0.5 else build.node("le", bound, target)
        if rng.random() < 0.4:
            claim = build.node("or", [claim, random_boolean(build, rng, pool, 1)])
    else:
        claim = random_boolean(build, rng, pool)
    return build.problem(assumption, claim)


def mutate(problem, rng):
    """A copy with one change: a number, an operation, an argument, a bound, the claim or the assumption."""
    out = copy.deepcopy(problem)
    nodes = out["nodes"]
    booleans = [v for v, node in enumerate(nodes) if node[0] in ("le", "lt", "eq", "and", "or", "not", "bool")]
    kind = rng.choice(
        ["number", "number", "number", "op", "op", "argument", "argument", "bound", "claim", "assumption"]
    )
    if kind == "claim":
        out["claim"] = rng.choice(booleans)
        return out
    if kind == "assumption":
        nodes.append(["bool", "true"])
        out["assumption"] = rng.choice([*booleans, len(nodes) - 1])
        return out
    if kind == "bound":
        one = rng.choice(out["inputs"])
        side = rng.choice([2, 3])
        one[side] = str(int(one[side]) + (-1 if side == 2 else 1))
        return out
    v = rng.randrange(len(nodes))
    node = nodes[v]
    if kind == "number":
        if node[0] == "const":
            node[1] = str(rng.randint(-6, 12))
        elif node[0] == "affine" and node[3] and rng.random() < 0.6:
            rng.choice(node[3])[0] = str(rng.randint(-4, 4))
        elif node[0] == "affine":
            node[2] = str(rng.randint(-4, 6))
    elif kind == "op":
        for group in (("relu", "abs", "floor", "round"), ("max", "min"), ("le", "lt", "eq"), ("and", "or")):
            if node[0] in group:
                node[0] = rng.choice(group)
        if node[0] == "mul":
            nodes[v] = [rng.choice(["max", "min"]), *node[2:]]
    else:
        numbers = [a for a in range(v) if a not in booleans]
        if node[0] == "affine" and node[3] and numbers:
            rng.choice(node[3])[1] = rng.choice(numbers)
        elif node[0] in ("le", "lt", "eq", "max", "min", "relu", "abs") and numbers:
            node[rng.randrange(1, len(node))] = rng.choice(numbers)
    return out


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


def sampled(seed, rounds, samples):
    rng = random.Random(seed)
    found = 0
    for _ in range(rounds):
        problem = small_problem(rng, ROUNDED, real=True)
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
