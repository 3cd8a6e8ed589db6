"""Rule enumerate.

For each side condition at least twenty certificates that violate it alone, each rejected; a twin of each without the
violation is accepted.
"""

import random
from fractions import Fraction

import pytest
from kernel_tools import Build, accepted, box, proof, reject

SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_enumerate_side_conditions(seed):
    rng = random.Random(seed)
    build, _, true = box(rng, real=True)
    steps = [["enumerate"]]
    reject(proof(build.problem(None, true), steps, [0, 0, 0]), "integer parameters", 0)
    build, _, true = box(rng)
    problem = build.problem(None, true)
    assert accepted(proof(problem, steps, [0, 0, 0]))
    for bad in (["enumerate", 1], ["enumerate", None], ["enumerate", []]):
        reject(proof(problem, [bad], [0, 0, 0]), "fields", 0)
    size = 1_001 + rng.randint(0, 10**6)
    build = Build()
    build.integer("a", 0, size), build.integer("b", -1, 2000)
    reject(proof(build.problem(None, build.truth()), steps, [0, 0]), "points", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_enumerate_finds_the_one_bad_point(seed):
    rng = random.Random(seed)
    build = Build()
    a, b = build.integer("a", 0, 6), build.integer("b", -3, 3)
    p, q = rng.randint(0, 6), rng.randint(-3, 3)
    at = build.node("and", [build.node("eq", a, build.const(p)), build.node("eq", b, build.const(q))])
    claim = build.node("not", at)
    reject(proof(build.problem(None, claim), [["enumerate"]], [(p + 1) % 7, 0]), "not settled", 0)
    excuse = build.node("not", build.node("eq", build.affine(0, (10, a), (1, b)), build.const(10 * p + q)))
    assert accepted(proof(build.problem(excuse, claim), [["enumerate"]], [(p + 1) % 7, 0]))
    other = build.node("not", build.node("eq", build.affine(0, (10, a), (1, b)), build.const(10 * p + q + 100)))
    reject(proof(build.problem(other, claim), [["enumerate"]], [(p + 1) % 7, 0]), "not settled", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_enumerate_is_not_excused_by_an_uncertain_fact(seed):
    """A rounded comparison that may hold at a point does not excuse it, on either side of a case."""
    rng = random.Random(seed)
    k = rng.randint(1, 9)
    build = Build()
    a = build.integer("a", 0, 9)
    rounded = build.affine(0, (Fraction(1, 3), a), rounding="float32")
    unsure = build.node("eq", rounded, build.const(Fraction(k, 3)))
    claim = build.node("not", build.node("eq", a, build.const(k)))
    problem = build.problem(None, claim)
    reject(proof(problem, [["case", unsure], ["enumerate"], ["enumerate"]], [0]), "not settled", 1)
    reject(proof(build.problem(build.node("not", unsure), claim), [["enumerate"]], [0]), "not settled", 0)
