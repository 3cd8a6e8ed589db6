"""Lines and truths on a region against the kernel's values at every point of it."""

import random
from fractions import Fraction
from itertools import product

import pytest
from kernel_tools import Build, execute
from random_obligations import EXACT, WIDE, random_obligation

from mechverify.engines.certificates.problem import problem_data
from mechverify.kernel.api import PROBLEM_FORMAT, evaluate_point, read_problem
from mechverify.kernel.map.follow import FOLLOW_TABLE, Following
from mechverify.kernel.map.region import Region
from mechverify.kernel.numbers.number import BITS
from mechverify.kernel.plan import Prepared

BRANCHING = ("affine", "affine", "relu", "abs", "max", "min", "floor", "round", "ite", "mod")
ROUNDED = ("affine32", "sum32", "sum32", "mul32", "round32", "relu", "abs", "max", "min", "floor", "ite")


def some_region(rng: random.Random, inputs):
    """A region with points in it, and these."""
    region = Region.start(inputs)
    points = list(product(*(range(int(i.low), int(i.high) + 1) for i in inputs)))
    for _ in range(rng.randint(0, 4)):
        terms = {k: rng.choice((-2, -1, 1, 2)) for k in rng.sample(range(len(inputs)), rng.randint(1, len(inputs)))}
        bound = rng.randint(-5, 5)
        below, above = region.split(terms, bound)
        left = [p for p in points if sum(c * p[k] for k, c in terms.items()) <= bound]
        right = [p for p in points if p not in left]
        region, points = (below, left) if left and (rng.random() < 0.5 or not right) else (above, right)
    return region, points


@pytest.mark.parametrize("ops", [EXACT, WIDE, BRANCHING, ROUNDED], ids=["exact", "wide", "branching", "rounded"])
@pytest.mark.parametrize("seed", range(120))
def test_what_is_said_of_a_node_is_so_at_every_point(seed, ops):
    """Truths in every execution, as the kernel tells them at the point; lines within their error of some executions,
    which are drawn apart from the kernel, and exactly where nothing is rounded."""
    rng = random.Random(seed)
    data = problem_data(random_obligation(seed, ops, inputs=2 + seed % 2))
    problem = read_problem(data)
    region, points = some_region(rng, problem.inputs)
    following = Following(Prepared(problem), region)
    following.run(range(len(problem.nodes)))
    for point in points[:: max(1, len(points) // 25)]:
        at = evaluate_point(problem, point)
        executed = execute(data, [Fraction(x) for x in point], rng, numpy_sums=rng.random() < 0.5)
        for v, value in enumerate(following.values):
            if type(value) is bool:
                assert at[v] is value, (v, point)
                assert executed is None or executed[v] is value, (v, point)
            elif value is not None:
                d, constant, *numbers = value
                told = Fraction(constant + sum(c * x for c, x in zip(numbers, point, strict=True)), d)
                assert at[v] is not None, (v, point)
                if executed is not None:
                    assert abs(executed[v] - told) <= Fraction(following.errors[v], 1 << BITS), (v, point)
                if not following.errors[v]:
                    assert at[v] == (told, told), (v, point)


@pytest.mark.parametrize("seed", range(60))
def test_at_one_point_what_is_piecewise_linear_is_known(seed):
    problem = read_problem(problem_data(random_obligation(seed, BRANCHING)))
    rng = random.Random(seed)
    region = Region.start(problem.inputs)
    for k, one in enumerate(problem.inputs):
        value = rng.randint(int(one.low), int(one.high))
        region = region.split({k: 1}, value)[0]
        region = region.split({k: 1}, value - 1)[1]
    following = Following(Prepared(problem), region)
    following.run(range(len(problem.nodes)))
    point = [one.corners[0][1 + one.inputs.index(k)] for k, one in region.factors.items()]
    at = evaluate_point(problem, point)
    assert [v for v, value in enumerate(following.values) if value is None and at[v] is not None] == []


def known(build: Build, *splits):
    """The values of a builder's nodes on the region of some splits: terms, bound, whether <=."""
    problem = read_problem(build.problem(None, build.truth()))
    region = Region.start(problem.inputs)
    for terms, bound, low in splits:
        region = region.split(terms, bound)[0 if low else 1]
    following = Following(Prepared(problem), region)
    following.run(range(len(problem.nodes)))
    return following.values


def test_an_open_side_decides_strict_comparisons():
    build = Build()
    t, two = build.real("t", 0, 5), build.const(2)
    le, lt, eq = (build.node(op, t, two) for op in ("le", "lt", "eq"))
    above = build.node("lt", two, t)
    values = known(build, ({0: 1}, 2, False))
    assert [values[v] for v in (le, lt, eq, above)] == [False, False, False, True]
    values = known(build, ({0: 1}, 2, True))
    assert [values[v] for v in (le, lt, eq, above)] == [True, None, None, False]
    values = known(build, ({0: -1}, -2, False))
    assert [values[v] for v in (le, lt, eq, above)] == [True, True, False, False]


def test_open_ends_of_steps():
    build = Build()
    t = build.real("t", 0, 3)
    floor, near = build.node("floor", t), build.node("round", t)
    assert known(build, ({0: 2}, 1, False), ({0: -2}, -3, False))[near] == (1, 1, 0)
    assert known(build, ({0: 2}, 1, True))[near] == (1, 0, 0)
    assert known(build, ({0: -2}, -3, True), ({0: 1}, 2, True))[near] == (1, 2, 0)
    assert known(build, ({0: 2}, 3, True), ({0: 2}, 1, False))[near] is None
    assert known(build, ({0: -1}, -2, True), ({0: 1}, 2, True))[floor] == (1, 2, 0)
    assert known(build, ({0: -1}, -1, True), ({0: -1}, -2, False))[floor] == (1, 1, 0)
    assert known(build, ({0: -1}, -1, True), ({0: 1}, 2, True))[floor] is None


def test_nothing_is_said_of_what_may_have_no_value():
    build = Build()
    x = build.integer("x", 0, 3)
    large = build.affine(0, (1 << 127, x), rounding="float32")
    quotient = build.node("div", "exact", x, x)
    rounded = build.node("div", "float32", x, build.const(3))
    root = build.node("sqrt", x)
    nothing = build.affine(1, (0, quotient))
    zero = build.const(0)
    times = build.node("mul", "exact", zero, quotient)
    itself = build.node("le", quotient, quotient)
    either = build.node("or", [itself, build.node("not", itself)])
    values = known(build)
    assert [values[v] for v in (large, quotient, rounded, root, nothing, times, itself, either)] == [None] * 8


def test_errors_decide_comparisons_beyond_their_strip():
    """A sum of float32 on 0 .. 3 with weight 1/3: by its error it may lie on either side of its exact value."""
    build = Build()
    x = build.integer("x", 0, 3)
    third = build.affine(0, ("1/3", x), rounding="float32")
    again = build.affine(0, ("1/3", x), rounding="float32")
    own, other = build.node("le", third, third), build.node("eq", third, again)
    one = build.const(1)
    near, far = build.node("le", third, one), build.node("le", third, build.const(Fraction(9, 8)))
    steps = [build.node(op, third) for op in ("floor", "round")]
    values = known(build)
    assert [values[v] for v in (own, other, near, far)] == [True, None, None, True]
    values = known(build, ({0: 1}, 2, False))
    assert [values[v] for v in (near, *steps)] == [None, None, (1, 1, 0)]
    values = known(build, ({0: 1}, 2, True))
    assert [values[v] for v in (near, steps[0])] == [True, None]


GRID = 1 << 23


@pytest.mark.parametrize(
    ("kind", "most", "weights", "exact"),
    [
        ("integer", GRID, (1, 1), True),
        ("integer", GRID + 1, (1, 1), None),
        ("integer", GRID, (-1, 1), True),  # the sum of absolute terms counts, not what they come to
        ("integer", GRID + 1, (-1, 1), None),
        ("integer", GRID, (Fraction(1, 2), Fraction(1, 2)), True),
        ("integer", GRID + 1, (Fraction(1, 2), Fraction(1, 2)), None),
        ("integer", 3, (Fraction(1, 3), 1), None),
        ("real", 3, (1, 1), None),
    ],
)
def test_sums_on_a_grid_have_no_error(kind, most, weights, exact):
    build = Build()
    inputs = [getattr(build, kind)(name, 0, most) for name in "xy"]
    terms = list(zip(weights, inputs, strict=True))
    rounded, ideal = build.affine(0, *terms, rounding="float32"), build.affine(0, *terms)
    twice = build.affine(0, (1, rounded), rounding="float32")
    same, again = build.node("eq", rounded, ideal), build.node("eq", twice, ideal)
    values = known(build)
    assert (values[same], values[again]) == (exact, exact)


def test_a_split_brings_a_sum_onto_its_grid():
    """Beyond 2^24 in all, and below it on the lower half alone."""
    build = Build()
    x, y = build.integer("x", 0, GRID), build.integer("y", 0, GRID)
    terms = [(2, x), (1, y)]
    same = build.node("eq", build.affine(0, *terms, rounding="float32"), build.affine(0, *terms))
    assert [known(build, ({0: 1}, GRID // 2, below))[same] for below in (True, False)] == [True, None]
    assert known(build)[same] is None


def test_a_table_has_its_entry_where_the_index_has_one_value():
    data = {
        "format": PROBLEM_FORMAT, "inputs": [["x", "integer", "0", "5"]],
        "tables": [["4", "7", "1/3", "2", "3"]],
        "nodes": [["input", 0], ["table", 0, 0], ["bool", "true"]], "assumption": 2, "claim": 2,
    }  # fmt: skip
    problem = read_problem(data)
    start = Region.start(problem.inputs)
    for value, entry in ((0, (1, 4, 0)), (2, (3, 1, 0)), (4, (1, 3, 0)), (5, None)):
        region = start.split({0: 1}, value)[0].split({0: 1}, value - 1)[1]
        following = Following(Prepared(problem), region)
        following.run(range(3))
        assert following.values[1] == entry
    following = Following(Prepared(problem), start)
    following.run(range(3))
    assert following.values[1] is None


def test_an_operation_without_a_rule_is_not_known():
    assert not {"sqrt", "exp", "log", "free"} & set(FOLLOW_TABLE)


def test_a_feed_known_on_a_region_is_known_on_a_point_of_it():
    """relu(t) is 0 for t <= 0, and where t is 0 alone it is t: there too it is fed without an error."""
    build = Build()
    t = build.real("t", -2, 2)
    fed = build.node("round32", build.node("relu", t))
    same = build.node("le", fed, build.const(0))
    assert known(build, ({0: 1}, 0, True))[same] is True
    assert known(build, ({0: 1}, 0, True), ({0: -1}, 0, True))[same] is True
    assert known(build, ({0: 1}, Fraction(1, 3), True), ({0: -1}, Fraction(-1, 3), True))[same] is False
