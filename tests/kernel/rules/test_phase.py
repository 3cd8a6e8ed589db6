"""Rules phase and case.

For each side condition at least twenty certificates that violate it alone, each rejected; a twin of each without the
violation is accepted.
"""

import random

import pytest
from kernel_tools import Build, accepted, box, proof, reject

SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_phase_side_conditions(seed):
    rng = random.Random(seed)
    build, (a, b, _c), true = box(rng)
    z = build.affine(0, (1, a), (-1, b))
    good = build.node(rng.choice(["relu", "abs"]), z) if seed % 2 else build.node(rng.choice(["max", "min"]), a, b)
    others = [
        a,
        z,
        true,
        build.node("floor", z),
        build.node("round", z),
        build.node("mul", "exact", a, b),
        build.const(1),
        build.node("le", a, b),
        build.node("ite", true, a, b),
        build.node("round32", a),
        build.node("exp", a),
    ]
    problem = build.problem(None, true)
    tail = [["leaf"], ["leaf"]]
    assert accepted(proof(problem, [["phase", good], *tail], [0, 0, 0]))
    for v in others:
        reject(proof(problem, [["phase", v], *tail], [0, 0, 0]), "phases", 0)
    for bad in (["phase"], ["phase", good, good], ["phase", str(good)], ["phase", 999], ["phase", -1], ["phase", True]):
        reject(proof(problem, [bad, *tail], [0, 0, 0]), "", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_phase_decides_no_strict_comparison(seed):
    rng = random.Random(seed)
    build = Build()
    x = build.real("x", -rng.randint(1, 5), 5)
    y = build.affine(rng.randint(-1, 1), (1, x))
    relu = build.node("relu", y)
    zero = build.const(0)
    tail = [["leaf"], ["leaf"]]
    weak = build.node("or", [build.node("le", zero, y), build.node("le", y, zero)])
    strict = build.node("or", [build.node("lt", zero, y), build.node("lt", y, zero)])
    half = build.node("or", [build.node("lt", zero, y), build.node("le", y, zero)])
    assert accepted(proof(build.problem(None, weak), [["phase", relu], *tail], [0]))
    reject(proof(build.problem(None, strict), [["phase", relu], *tail], [0]), "does not show")
    reject(proof(build.problem(None, half), [["phase", relu], *tail], [0]), "does not show", 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_case_side_conditions(seed):
    rng = random.Random(seed)
    build, (a, b, c), true = box(rng)
    le = build.node(rng.choice(["le", "lt", "eq"]), a, b)
    both = build.node("and", [le, build.node("le", b, c)])
    problem = build.problem(None, true)
    tail = [["leaf"], ["leaf"]]
    for good in (le, both):
        assert accepted(proof(problem, [["case", good], *tail], [0, 0, 0]))
    for v in (a, b, c):
        reject(proof(problem, [["case", v], *tail], [0, 0, 0]), "boolean", 0)
    for bad in (
        ["case"],
        ["case", le, le],
        ["case", str(le)],
        ["case", 999],
        ["case", -1],
        ["case", True],
        ["case", None],
    ):
        reject(proof(problem, [bad, *tail], [0, 0, 0]), "", 0)
    reject(proof(problem, [["case", le], ["leaf"]], [0, 0, 0]), "left open")


@pytest.mark.parametrize("seed", SEEDS)
def test_knowing_the_same_twice_is_no_contradiction(seed):
    rng = random.Random(seed)
    build, (a, b, c), _ = box(rng)
    le = build.node("le", a, build.const(1))
    other = build.node("or", [build.node("not", le), build.node("lt", b, c)])
    false = build.truth(value=False)
    twice = build.node("and", [le, build.node("not", build.node("not", le))])
    for assumption in (le, twice, build.node("and", [le, le])):
        problem = build.problem(assumption, false)
        for end in (["leaf"], ["enumerate"]):
            reject(proof(problem, [end], [0, 0, 0]), "", 0)
            reject(proof(problem, [["case", le], end, ["leaf"]], [0, 0, 0]), "", 1)
            reject(proof(problem, [["case", twice], end, ["leaf"]], [0, 0, 0]), "", 1)
    problem = build.problem(None, build.node("or", [le, other]))
    assert accepted(proof(problem, [["case", le], ["leaf"], ["leaf"]], [0, 0, 0]))
    reject(
        proof(build.problem(None, false), [["case", le], ["case", le], ["leaf"], ["leaf"], ["leaf"]], [0, 0, 0]), "", 2
    )
    closed = [["case", le], ["case", le], ["leaf"], ["leaf"], ["leaf"]]
    assert accepted(proof(problem, closed, [0, 0, 0]))
    reject(proof(problem, [*closed[:3], ["enumerate"], ["leaf"]], [0, 0, 0]), "closed", 3)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_phase_against_any_value_closes_nothing(seed):
    rng = random.Random(seed)
    build = Build()
    x = build.integer("x", rng.randint(1, 3), 5)
    top = build.node("div", "exact", x, build.affine(0, (0, x)))
    for op in ("max", "min"):
        for pair in ((x, top), (top, x)):
            v = build.node(op, *pair)
            false = build.problem(None, build.truth(value=False))
            positive = build.problem(None, build.node("le", build.const(0), build.node("relu", top)))
            for problem in (false, positive):
                reject(proof(problem, [["phase", v], ["leaf"], ["leaf"]], [5]), "does not show", 1)
