"""What follows from comparisons that are shown: truths, chosen numbers, maxima, and the cases of a fact."""

import random

import pytest
from kernel_tools import Build

from mechverify.kernel.api import read_problem
from mechverify.kernel.plan import Prepared
from mechverify.kernel.separable.bounds import Box
from mechverify.kernel.separable.judgement import ContradictionError, cases_of
from mechverify.kernel.separable.kept import judgement_for
from mechverify.kernel.separable.sums import CONSTANT

FULL = Box({0: (0, 4), 1: (0, 4)})


def judgement(build, claim, box=FULL):
    return judgement_for(Prepared(read_problem(build.problem(None, claim))), {}, box)


@pytest.mark.parametrize("seed", range(10))
def test_truths_are_those_of_logic(seed):
    """From the truths of leaves to that of the root, as far as these decide it: as three-valued logic has it."""
    rng = random.Random(seed)
    build = Build()
    x, y = build.integer("x", 0, 4), build.integer("y", 0, 4)
    leaves = [build.node("lt", build.affine(i, (1, x)), y) for i in range(4)]
    pool = [*leaves, build.truth(), build.truth(value=False), build.node("and", []), build.node("or", [])]
    for _ in range(12):
        op = rng.choice(["and", "or", "not"])
        args = [rng.choice(pool) for _ in range(rng.randint(1, 3))]
        pool.append(build.node("not", args[0]) if op == "not" else build.node(op, args))
    top = build.node("and", pool)
    told = {v: rng.random() < 0.5 for v in leaves if rng.random() < 0.7}
    found = judgement(build, top)
    for v, truth in told.items():
        found.learn(v, truth=truth)
    wanted: dict[int, bool | None] = {}
    for v, node in enumerate(build.nodes):
        if node[0] == "bool":
            wanted[v] = node[1] == "true"
        elif node[0] == "not":
            wanted[v] = None if wanted[node[1]] is None else not wanted[node[1]]
        elif node[0] in ("and", "or"):
            parts, decisive = [wanted[a] for a in node[1]], node[0] == "or"
            wanted[v] = decisive if decisive in parts else None if None in parts else not decisive
        elif node[0] == "lt":
            wanted[v] = told.get(v)
    for v, truth in wanted.items():
        assert found.truths.get(v) is truth


def test_opposite_truths_are_a_contradiction():
    build = Build()
    x, y = build.integer("x", 0, 4), build.integer("y", 0, 4)
    below = build.node("lt", x, y)
    both = build.node("and", [below, build.node("not", below)])
    found = judgement(build, both)
    found.learn(below, truth=True)
    with pytest.raises(ContradictionError):
        found.learn(both, truth=True)


def test_a_chosen_number_is_the_side_that_is_known():
    build = Build()
    x, y = build.integer("x", 0, 4), build.integer("y", 0, 4)
    condition = build.node("lt", x, y)
    chosen = build.node("ite", condition, x, build.const(9))
    claim = build.node("le", chosen, build.const(4))
    top = build.node("and", [claim, condition])
    found = judgement(build, top)
    assert not found.shows(claim, truth=True)
    found.learn(condition, truth=True)
    assert found.shows(claim, truth=True)
    assert found.greatest_of(chosen) == [x]


def test_every_relation_of_the_greatest_of_two():
    build = Build()
    x, y = build.integer("x", 0, 4), build.integer("y", 0, 4)
    top, five, four = build.node("max", x, y), build.const(5), build.const(4)
    lt, le, eq = (build.node(op, top, five) for op in ("lt", "le", "eq"))
    reached, over = build.node("eq", top, four), build.node("lt", five, top)
    atleast = build.node("le", four, top)
    said = build.node("or", [build.node("le", four, x), build.node("le", four, y)])
    claim = build.node("and", [lt, le, eq, reached, over, atleast, said])
    found = judgement(build, claim)
    assert found.shows(lt, truth=True)
    assert found.shows(le, truth=True)
    assert found.shows(eq, truth=False)
    assert found.shows(over, truth=False)
    for v in (reached, atleast):
        assert not found.shows(v, truth=True)
        assert not found.shows(v, truth=False)
    for fact in (said, atleast):
        cases = cases_of(found, fact, FULL)
        assert sorted(cases) == [(0, (4, 4)), (1, (4, 4))]
        box = Box(FULL.ranges, [cases])
        assert judgement(build, claim, box).shows(reached, truth=True)
        assert judgement(build, claim, box).shows(atleast, truth=True)


def test_cases_of_what_is_no_condition_of_one_input():
    build = Build()
    x, y = build.integer("x", 0, 4), build.integer("y", 0, 4)
    tied, one = build.node("lt", x, y), build.node("lt", build.const(2), x)
    either, never = build.node("or", [tied, one]), build.node("lt", build.const(4), x)
    always = build.node("or", [build.node("le", build.const(0), build.const(1)), one])
    square = build.node("lt", build.const(8), build.node("mul", "exact", x, x))
    both = build.node("and", [one, never])
    found = judgement(build, build.node("and", [tied, one, either, never, always, square, both]))
    assert cases_of(found, tied, FULL) is None
    assert cases_of(found, either, FULL) is None
    assert sorted(cases_of(found, always, FULL)) == [(CONSTANT, (0, 0)), (0, (3, 4))]
    assert cases_of(found, both, FULL) is None
    assert cases_of(found, one, FULL) == [(0, (3, 4))]
    assert cases_of(found, never, FULL) == []
    assert cases_of(found, square, FULL) == [(0, (3, 4))]
    assert cases_of(found, square, Box({0: (0, 2), 1: (0, 4)})) == []
