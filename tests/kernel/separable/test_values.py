"""Nodes as sums of functions of one input each, against executions at every point."""

import random
from fractions import Fraction

import pytest
from attention_tools import head
from kernel_tools import Build, box_points, execute, random_numbers

from mechverify.kernel.api import InvalidError, read_problem
from mechverify.kernel.plan import Prepared
from mechverify.kernel.separable import values as values_module
from mechverify.kernel.separable.sums import CONSTANT
from mechverify.kernel.separable.values import Tabulation

OPS = ["relu", "abs", "max", "min", "floor", "round", "mul", "affine", "affine", "ite", "div", "exp", "sqrt", "log"]
OPS += ["table", "affine32", "mul32", "div32", "round32"]


def total(values, sums, point):
    """The ends of sums at a point."""
    inputs = values.prepared.problem.inputs
    at = {k: 0 if k == CONSTANT else int(point[k] - inputs[k].low) for k in sums}
    return sum(t.low[at[k]] for k, t in sums.items()), sum(t.high[at[k]] for k, t in sums.items())


def check(values, problem, rng, points):
    """Each node that is separable has its value there, whichever an execution takes; how many are."""
    seen = set()
    for point in points:
        found = execute(problem, [Fraction(x) for x in point], rng)
        for v in range(len(values.prepared.problem.nodes)):
            one = values.of(v)
            if found is None:
                continue
            if one.truths is not None:
                k, truths = one.truths
                truth = truths[0 if k == CONSTANT else int(point[k] - values.prepared.problem.inputs[k].low)]
                assert truth is None or truth is found[v]
            if one.number is None:
                continue
            seen.add(v)
            low, high = total(values, one.number.plain, point)
            low, high = Fraction(low, 1 << values.bits), Fraction(high, 1 << values.bits)
            for s, sums in one.number.over.items():
                ends = [Fraction(x, 1 << values.bits) / found[s] for x in total(values, sums, point)]
                assert found[s] > 0
                low, high = low + min(ends), high + max(ends)
            slack = Fraction(1, 10**60) if one.number.over else 0
            assert low - slack <= found[v] <= high + slack
    return seen


@pytest.mark.parametrize("seed", range(30))
def test_values_of_random_problems(seed):
    rng = random.Random(seed)
    build = Build()
    pool = [build.integer(name, low, low + rng.randint(0, 3)) for name, low in zip("xyz", (-1, 0, 2), strict=True)]
    random_numbers(build, rng, pool, 12, OPS)
    problem = build.problem(None, build.truth())
    prepared = Prepared(read_problem(problem), rng.choice([64, 96]))
    plain = Tabulation(prepared, {})
    points = rng.sample(box_points(problem), min(12, len(box_points(problem))))
    check(plain, problem, rng, points)
    held = {rng.randrange(3): None}
    held = {k: rng.choice(points)[k] for k in held}
    rest = [p for p in points if all(p[k] == x for k, x in held.items())]
    fixed = Tabulation(prepared, held, plain)
    check(fixed, problem, rng, rest)
    size = len(prepared.problem.nodes)
    assert all(fixed.of(v).number is not None for v in range(size) if plain.of(v).number is not None)


@pytest.mark.parametrize("seed", range(4))
def test_a_head_is_separable_where_its_query_is_held(seed):
    rng = random.Random(seed)
    one = head(rng, 3, 3)
    problem = one.build.problem(None, one.build.truth())
    prepared = Prepared(read_problem(problem))
    plain = Tabulation(prepared, {})
    assert all(plain.of(v).number is None for v in one.logits)
    for query in range(3):
        values = Tabulation(prepared, {2: query}, plain)
        points = [(a, b, query) for a in range(3) for b in range(3)]
        assert set(one.logits) | set(one.weights) <= check(values, problem, rng, points)


def test_what_depends_on_no_held_input_is_computed_once():
    one = head(random.Random(0), 3, 3)
    prepared = Prepared(read_problem(one.build.problem(None, one.build.truth())))
    plain = Tabulation(prepared, {})
    first, second = Tabulation(prepared, {2: 0}, plain), Tabulation(prepared, {2: 1}, plain)
    first.ask(one.logits)
    before = dict(plain.found)
    second.ask(one.logits)
    assert plain.found == before
    key = one.build.nodes[one.build.nodes[one.build.nodes[one.weights[0]][2]][1]][3]
    assert first.of(key) is second.of(key)


def test_what_has_no_sum():
    build = Build()
    x, y, r = build.integer("x", 0, 2), build.integer("y", 0, 2), build.real("r", 0, 1)
    wide = build.integer("w", 0, 1 << 16)
    both = build.node("mul", "exact", x, y)
    rounds = build.affine(0, (1, x), (1, y), rounding="float32")
    sometimes_zero = build.node("div", "exact", x, build.affine(0, (1, x), (1, y)))
    nowhere = build.node("log", x)
    prepared = Prepared(read_problem(build.problem(None, build.truth())))
    values = Tabulation(prepared, {})
    for v in (both, rounds, sometimes_zero, nowhere, r, wide):
        assert values.of(v).number is None


def test_entries_are_limited(monkeypatch):
    monkeypatch.setattr(values_module, "MAX_ENTRIES", 10)
    build = Build()
    x = build.integer("x", 0, 6)
    h = build.node("abs", x)
    values = Tabulation(Prepared(read_problem(build.problem(None, build.truth()))), {})
    with pytest.raises(InvalidError, match="entries"):
        values.of(h)
