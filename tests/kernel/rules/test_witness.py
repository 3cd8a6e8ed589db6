"""Certificates of one point: witness and replayed.

For each side condition at least twenty certificates that violate it alone, each rejected; a twin of each without the
violation is accepted.
"""

import random
from fractions import Fraction

import pytest
from kernel_tools import Build, accepted, answer, reject, witness

SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_witness_side_conditions(seed):
    rng = random.Random(seed)
    n = rng.randint(2, 8)
    build = Build()
    x, y = build.integer("x", 0, 9), build.real("y", 0, 9)
    assumption = build.node("le", build.const(1), x)
    claim = build.node("lt", build.affine(0, (1, x), (1, y)), build.const(n))
    problem = build.problem(assumption, claim)
    good = witness(problem, [n, Fraction(1, 7)])
    assert accepted(good)
    for point, word in [
        ([n], "one number"),
        ([n, 0, 0], "one number"),
        ([n, 10], "bounds"),
        ([n, -1], "bounds"),
        ([10, 0], "bounds"),
        ([n + Fraction(1, 2), 0], "integer"),
        ([0, 9], "assumption"),
        ([1, 0], "not broken"),
        ([n - 1, Fraction(99, 100)], "not broken"),
    ]:
        reject(witness(problem, point), word)


@pytest.mark.parametrize("seed", SEEDS)
def test_witness_must_break_in_every_execution(seed):
    rng = random.Random(seed)
    k = 3 * rng.randint(1, 30) + 1
    build = Build()
    x = build.integer("x", 0, 100)
    rounded = build.affine(0, (Fraction(1, 3), x), rounding="float32")
    claim = build.node("lt", rounded, build.const(Fraction(k, 3)))
    reject(witness(build.problem(None, claim), [k]), "not broken")
    assert answer(witness(build.problem(None, claim), [k], kind="replayed")).answer == "unconfirmed"
    assert accepted(witness(build.problem(None, claim), [k + 1]))
    for top in (
        build.node("div", "exact", x, build.const(0)),
        build.node("log", build.const(-k)),
        build.node("sqrt", build.const(-1)),
        build.node("mul", "float32", build.const(2**100), build.const(2**100)),
        build.node("round32", build.const(2**129)),
    ):
        for claim in (
            build.node("lt", top, build.const(0)),
            build.node("le", build.const(0), top),
            build.node("eq", top, top),
        ):
            reject(witness(build.problem(None, claim), [k]), "not broken")
            reject(witness(build.problem(claim, build.truth(value=False)), [k]), "assumption")


@pytest.mark.parametrize("seed", SEEDS)
def test_replayed_is_never_valid(seed):
    rng = random.Random(seed)
    n = rng.randint(2, 8)
    build = Build()
    x = build.integer("x", 0, 9)
    problem = build.problem(build.node("le", build.const(1), x), build.node("lt", x, build.const(n)))
    found = answer(witness(problem, [n], kind="replayed"))
    assert (found.answer, found.exit_code) == ("unconfirmed", 3)
    reject(witness(problem, [n - 1], kind="replayed"), "holds in every execution")
    reject(witness(problem, [0], kind="replayed"), "assumption")
    reject(witness(problem, [10], kind="replayed"), "bounds")
