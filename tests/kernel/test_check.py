"""The shape of a certificate, and the inhabitant that it needs.

For each side condition at least twenty certificates that violate it alone, each rejected; a twin of each without the
violation is accepted.
"""

import random
from fractions import Fraction

import pytest
from kernel_tools import Build, accepted, box, proof, reject, twin

SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_tree_shape(seed):
    rng = random.Random(seed)
    build, _, true = box(rng)
    problem = build.problem(None, true)
    step = ["split", [["1", rng.randint(0, 2)]], "1"]
    steps = [step, step, ["leaf"], ["leaf"], ["leaf"]]
    assert accepted(proof(problem, steps, [0, 0, 0]))
    reject(proof(problem, steps[:-1], [0, 0, 0]), "left open", 4)
    reject(proof(problem, [*steps, ["leaf"]], [0, 0, 0]), "left over", 5)
    reject(proof(problem, [], [0, 0, 0]), "left open", 0)
    i = rng.randrange(2, 5)
    for bad in (["leaves"], ["Leaf"], [], "leaf", None, [1], [["leaf"]], {"leaf": 1}, ["trust"], ["hole"]):
        reject(proof(problem, [*steps[:i], bad, *steps[i + 1 :]], [0, 0, 0]), "step", i)


@pytest.mark.parametrize("seed", SEEDS)
def test_inhabitant(seed):
    rng = random.Random(seed)
    build, (a, _b, _c), true = box(rng, real=True)
    least = rng.randint(1, 2)
    assumption = build.node("le", build.const(least), a)
    problem = build.problem(assumption, true)
    good = proof(problem, [["leaf"]], [2, 0, Fraction(1, 3)])
    twin(good, proof(problem, [["leaf"]], [2, 0]), "one number for each")
    for point, word in [
        ([2, 0, 0, 0], "one number for each"),
        ([2, 10, 0], "bounds"),
        ([2, -9, 0], "bounds"),
        ([2, 0, -1], "bounds"),
        ([2, Fraction(1, 2), 0], "integer"),
        ([Fraction(3, 2), 0, 0], "integer"),
        ([least - 1, 0, 0], "assumption"),
    ]:
        reject(proof(problem, [["leaf"]], point), word)


@pytest.mark.parametrize("seed", SEEDS)
def test_inhabitant_needs_an_established_assumption(seed):
    rng = random.Random(seed)
    build = Build()
    x = build.real("x", 0, 5)
    third = build.affine(0, (Fraction(1, 3), x), rounding="float32")
    value = Fraction(rng.randint(1, 9), 3)
    assumption = build.node(rng.choice(["le", "eq"]), third, build.const(value / 3))
    problem = build.problem(assumption, build.truth())
    reject(proof(problem, [["leaf"]], [value]), "not established")
