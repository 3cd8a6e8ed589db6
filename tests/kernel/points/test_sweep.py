"""Points evaluated one after the other, with tables for what depends on few parameters, against each evaluated anew."""

import random
from dataclasses import replace
from itertools import product

import pytest
from kernel_tools import Build, accepted, proof, random_boolean, random_numbers, reject

from mechverify.kernel.operations.table import OPERATIONS
from mechverify.kernel.plan import Prepared
from mechverify.kernel.points import sweep as module
from mechverify.kernel.points.point import PointValues
from mechverify.kernel.points.sweep import Sweep
from mechverify.kernel.reading.problem import read_problem

OPS = ["relu", "abs", "max", "min", "floor", "round", "mul", "affine", "ite"]
OPS += ["affine32", "sum32", "mul32", "div32", "round32", "div", "exp", "sqrt", "log"]
SEEDS = range(40)


def _layered(rng):
    """Numbers of one input each, then of two, then of all: the shape of a base and a source."""
    build = Build()
    inputs = [build.integer(f"i{k}", low := rng.randint(-3, 1), low + rng.randint(0, 3)) for k in range(rng.randint(1, 4))]
    pools = [[one, build.const(rng.randint(-3, 3))] for one in inputs]
    for _ in range(3):
        for pool in pools:
            random_numbers(build, rng, pool, rng.randint(0, 4), OPS)
            random_boolean(build, rng, pool, 1)
        if len(pools) > 1:
            one, other = rng.sample(range(len(pools)), 2)
            pools[one] = [*pools[one], *rng.sample(pools[other], min(2, len(pools[other])))]
    everything = [v for pool in pools for v in pool]
    random_numbers(build, rng, everything, 4, OPS)
    return build.problem(random_boolean(build, rng, everything, 1), random_boolean(build, rng, everything))


def _state_at(values, v):
    return values.low[v], values.high[v], values.truth[v], v in values.loose


@pytest.mark.parametrize("seed", SEEDS)
def test_every_value_that_is_read_is_what_a_fresh_evaluation_gives(seed):
    rng = random.Random(seed)
    problem = read_problem(_layered(rng))
    prepared = Prepared(problem)
    order = prepared.order(frozenset())
    count = len(problem.inputs)
    ranges = [range(int(one.low), int(one.high) + 1) for one in problem.inputs]
    wanted = {problem.claim, problem.assumption, *rng.sample(order, len(order) // 4)}
    sweep = Sweep(prepared, order, wanted, [1 << k for k in range(count)], [len(one) for one in ranges])
    fresh = PointValues(prepared, order)
    points = list(product(*ranges))
    if rng.random() < 0.3:  # some are left out by conditions
        points = [point for point in points if rng.random() < 0.6]
    for point in points:
        sweep.run(point, point)
        fresh.run(point)
        for v in wanted:
            assert _state_at(sweep.values, v) == _state_at(fresh, v), (point, v)
            same = fresh.low[v] is fresh.high[v]
            assert (sweep.values.low[v] is sweep.values.high[v]) is same


@pytest.mark.parametrize("seed", SEEDS)
def test_inputs_over_other_parameters(seed):
    """After a substitution an input depends on several parameters, and a parameter moves several inputs."""
    rng = random.Random(seed)
    build = Build()
    x = [build.integer(f"x{k}", -20, 20) for k in range(3)]
    random_numbers(build, rng, pool := [*x, build.const(2)], 8, OPS)
    truth = random_boolean(build, rng, pool)
    problem = read_problem(build.problem(None, truth))
    prepared = Prepared(problem)
    rows = [[rng.randint(-2, 2) for _ in range(2)] for _ in x]
    masks = [sum(1 << k for k, c in enumerate(row) if c) for row in rows]
    order = prepared.order(frozenset())
    sweep, fresh = Sweep(prepared, order, {truth}, masks, [4, 5]), PointValues(prepared, order)
    for at in product(range(4), range(5)):
        point = [sum(c * p for c, p in zip(row, at, strict=True)) for row in rows]
        sweep.run(at, point)
        fresh.run(point)
        assert _state_at(sweep.values, truth) == _state_at(fresh, truth)


def _pairs(rng):
    """A base and a source of three digits each, a truth that holds at one pair alone, and that pair."""
    build = Build()
    base = [build.integer(f"b{k}", 0, 2) for k in range(3)]
    source = [build.integer(f"s{k}", 0, 2) for k in range(3)]
    weights = (9, 3, 1)
    point = [rng.randint(0, 2) for _ in range(6)]
    gaps = []
    for side, digits in ((base, point[:3]), (source, point[3:])):
        number = sum(w * d for w, d in zip(weights, digits, strict=True))
        gaps.append(build.node("abs", build.affine(-number, *zip(weights, side, strict=True))))
    return build, build.node("le", build.affine(0, *((1, gap) for gap in gaps)), build.const(0)), point


@pytest.mark.parametrize("seed", range(30))
def test_the_one_pair_that_breaks_it_is_found(seed):
    rng = random.Random(seed)
    build, at_pair, point = _pairs(rng)
    claim = build.node("not", at_pair)
    inside = [(point[0] + 1) % 3, *point[1:]]
    reject(proof(build.problem(None, claim), [["enumerate"]], inside), str([str(x) for x in point]), 0)
    digits = [build.node("eq", build.affine(0, (1, k)), build.const(x)) for k, x in enumerate(point)]
    excused = build.problem(build.node("not", build.node("and", digits)), claim)
    assert accepted(proof(excused, [["enumerate"]], inside))


def _count_calls(monkeypatch):
    """A list that grows with each evaluation of a node, by one and the number of its arguments, and with each row put
    back."""
    done = []
    put_back = Sweep._put_back
    monkeypatch.setattr(Sweep, "_put_back", lambda self, row: (done.append(1), put_back(self, row)))

    def counted(function):
        def call(values, v, node):
            done.extend([1] * (1 + len(node.args)))
            function(values, v, node)

        return call

    counting = {op: replace(one, at_point=counted(one.at_point)) for op, one in OPERATIONS.items()}
    monkeypatch.setattr(module, "OPERATIONS", counting)
    return done


def _swept(raw):
    """The problem swept through all points: the sweep, and how many points there are, and terms of nodes."""
    problem = read_problem(raw)
    prepared = Prepared(problem)
    order = prepared.order(frozenset())
    ranges = [range(int(one.low), int(one.high) + 1) for one in problem.inputs]
    masks = [1 << k for k in range(len(ranges))]
    sweep = Sweep(prepared, order, {problem.claim, problem.assumption}, masks, [len(one) for one in ranges])
    points = list(product(*ranges))
    for point in points:
        sweep.run(point, point)
    return sweep, len(points), problem.terms(order)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_more_is_done_than_is_announced(seed, monkeypatch):
    done = _count_calls(monkeypatch)
    sweep, points, terms = _swept(_layered(random.Random(seed)))
    assert 0 < len(done) <= sweep.operations <= points * terms


def _steps(build, start, count):
    for k in range(count):
        start = build.affine(k, (1, start))
    return start


def test_work_is_counted_along_a_chain_of_tables(monkeypatch):
    """Sixty nodes of one input, five of two, and two of all three: each evaluated once for each choice of its inputs."""
    done = _count_calls(monkeypatch)
    build = Build()
    a, b, c = (build.integer(name, 0, 9) for name in "abc")
    both = _steps(build, build.affine(0, (1, _steps(build, b, 59)), (1, c)), 4)
    claim = build.node("le", build.affine(0, (1, a), (1, both)), build.const(10**6))
    sweep, points, terms = _swept(build.problem(None, claim))
    assert points * terms > 120_000
    assert 2 * (10 * 60 + 100 * 5 + 1000 * 2) < len(done) <= sweep.operations < 10_000


def test_thousands_of_fixed_inputs_one_upon_the_other():
    """Each node depends on one more input than the last; only two inputs have more than one value."""
    build = Build()
    total = build.integer("a", 0, 3)
    for k in range(3000):
        total = build.affine(0, (1, total), (1, build.integer(f"x{k}", 1, 1)))
    total = build.affine(0, (1, total), (1, build.integer("b", 0, 3)))
    claim = build.node("le", total, build.const(3006))
    assert accepted(proof(build.problem(None, claim), [["enumerate"]], [0, *[1] * 3000, 0]))
    wrong = build.node("le", total, build.const(3005))
    reject(proof(build.problem(None, wrong), [["enumerate"]], [0, *[1] * 3000, 0]), "not settled", 0)


def test_a_table_that_would_grow_too_large_is_not_kept(monkeypatch):
    monkeypatch.setattr(module, "MAX_KEPT", 20)
    for seed in range(5):
        build, at_pair, point = _pairs(random.Random(seed))
        inside = [(point[0] + 1) % 3, *point[1:]]
        reject(proof(build.problem(None, build.node("not", at_pair)), [["enumerate"]], inside), "not settled", 0)


def test_a_state_of_substituted_inputs_is_swept():
    build = Build()
    a, b = build.integer("a", 0, 30), build.integer("b", 0, 30)
    same = build.node("eq", a, b)
    claim = build.node("le", build.node("abs", build.affine(0, (1, a), (-1, b))), build.const(0))
    steps = [["substitute", 0, "solve", 0], ["enumerate"]]
    assert accepted(proof(build.problem(same, claim), steps, [3, 3]))
    wrong = build.node("le", build.affine(0, (1, a), (1, b)), build.const(59))
    reject(proof(build.problem(same, wrong), steps, [3, 3]), "30", 1)
