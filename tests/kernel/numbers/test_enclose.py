
"""Every enclosure against executions drawn apart from the kernel: at points, on boxes, of radius 0, 1e-7 and more."""

import random
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from kernel_tools import Build, execute, random_boolean, random_number, random_numbers

from mechverify.kernel.forms.evaluate import evaluate_forms
from mechverify.kernel.forms.form import ClosedError, Forms
from mechverify.kernel.numbers.enclose import exp_bounds, log_bounds, sqrt_bounds
from mechverify.kernel.plan import Prepared
from mechverify.kernel.points.point import PointValues
from mechverify.kernel.reading.problem import read_problem
from mechverify.kernel.state import State

NUMERIC = ["relu", "abs", "max", "min", "floor", "round", "mul", "affine", "ite"]
ALL = [*NUMERIC, "div", "sqrt", "exp", "log", "tanh", "sigmoid", "erf", "round32", "affine32", "mul32", "div32"]
SLOPED = ("relu", "abs", "max", "min", "div", "sqrt", "exp", "log", "tanh", "sigmoid", "erf")
NEAR = Fraction(1, 10**60)


def inside(value, low, high, what):
    slack = NEAR * (1 + abs(value))
    assert low - slack <= value <= high + slack, what


def compare_forms(problem, state, slopes, rng, samples, *, numpy_sums=False):
    """Run the forms on a state's box and compare every node with random executions there."""
    forms = Forms(state, slopes, {})
    forms.order = range(len(problem["nodes"]))
    try:
        evaluate_forms(forms)
    except ClosedError:
        closed = True
    else:
        closed = False
    scale = 1 << forms.bits
    checked = 0
    for _ in range(samples):
        ts, point = {}, []
        for i, one in enumerate(state.prepared.problem.inputs):
            own = state.live[i]
            width = own.high - own.low
            if one.integer:
                value = Fraction(rng.randint(int(own.low), int(own.high)))
            else:
                value = own.low + width * Fraction(rng.choice([0, 1, rng.randint(0, 1 << 20)]), 1) / (
                    1 if rng.random() < 0.2 else 1 << 20
                )
                value = min(max(value, Fraction(own.low)), Fraction(own.high))
            point.append(Fraction(value))
            ts[i] = (value - own.low) / Fraction(width) if width else Fraction(0)
        values = execute(problem, point, rng, numpy_sums=numpy_sums)
        if values is None:
            continue
        if not all(values[v] is truth for v, truth in state.known.items()):
            continue
        if not all(
            (values[b] - (values[a] if a >= 0 else 0) >= 0) or not s for (a, b), s in state.signs.items() if b >= 0
        ):
            continue
        if not all((values[b] - (values[a] if a >= 0 else 0) <= 0) or s for (a, b), s in state.signs.items() if b >= 0):
            continue
        assert not closed, "a branch with executions was closed"
        checked += 1
        for v, node in enumerate(state.prepared.problem.nodes):
            what = (v, problem["nodes"][v], [problem["nodes"][a] for a in node.args])
            if node.boolean:
                assert forms.truth[v] in (None, values[v]), what
            elif v not in forms.tops:
                inside(values[v], Fraction(forms.lo[v], scale), Fraction(forms.hi[v], scale), what)
                low, high = (
                    Fraction(forms.columns[0][2 * v + side], scale)
                    + sum(Fraction(forms.columns[1 + j][2 * v + side], scale) * ts[p] for j, p in enumerate(forms.wide))
                    for side in (0, 1)
                )
                inside(values[v], low, high, what)
                if forms.grid[v] is not None:
                    assert (values[v] * 2 ** forms.grid[v]).denominator == 1, what
    return checked


def random_inputs(build, rng):
    pool = []
    for name in "xyz"[: rng.randint(1, 3)]:
        radius = rng.choice([Fraction(0), Fraction(1, 10**7), Fraction(1, 2), Fraction(3)])
        center = random_number(rng)
        if rng.random() < 0.5:
            low = rng.randint(-5, 5)
            pool.append(build.integer(name, low, low + rng.choice([0, 1, 6])))
        else:
            pool.append(build.real(name, center - radius, center + radius))
    return pool


@pytest.mark.parametrize("op", ALL)
def test_each_operation_on_boxes(op):
    rng = random.Random(f"box {op}")
    checked = 0
    for _ in range(30):
        build = Build()
        pool = random_inputs(build, rng)
        pool.append(build.const(random_number(rng)))
        random_numbers(build, rng, pool, 2, ["affine"])
        random_numbers(build, rng, pool, 3, [op])
        problem = build.problem(None, build.truth())
        state = State.start(Prepared(read_problem(problem), rng.choice([32, 64, 96, 200])))
        low = -1 if op == "abs" else 0
        slopes = {
            v: Fraction(rng.randint(low * 8, 8), 8)
            for v, node in enumerate(state.prepared.problem.nodes)
            if node.op == op and op in SLOPED and rng.random() < 0.7
        }
        checked += compare_forms(problem, state, slopes, rng, 12)
    assert checked > 50


@pytest.mark.parametrize("seed", range(80))
def test_random_graphs_on_boxes_with_facts(seed):
    rng = random.Random(seed)
    build = Build()
    pool = random_inputs(build, rng)
    random_numbers(build, rng, pool, rng.randint(3, 9), ALL if seed % 2 else [*NUMERIC, "affine32", "mul32"])
    assumption = random_boolean(build, rng, pool)
    problem = build.problem(assumption, random_boolean(build, rng, pool))
    state = State.start(Prepared(read_problem(problem), 96))
    if not state.closed:
        compare_forms(problem, state, {}, rng, 20)


@pytest.mark.parametrize("seed", range(30))
def test_numpy_float32_in_random_orders_is_enclosed(seed):
    rng = random.Random(seed)
    build = Build()
    pool = [build.real("x", rng.randint(-3, 0), 2), build.integer("y", -4, 9)]
    pool = [build.node("round32", v) for v in pool]
    for _ in range(4):
        weights = [Fraction(float(__import__("numpy").float32(rng.gauss(0, 1)))) for _ in pool]
        pool.append(build.affine(Fraction(1, 8), *zip(weights, pool, strict=True), rounding="float32"))
        pool.append(build.node("relu", pool[-1]))
    problem = build.problem(None, build.truth())
    state = State.start(Prepared(read_problem(problem), 96))
    assert compare_forms(problem, state, {}, rng, 20, numpy_sums=True) > 0


@pytest.mark.parametrize("seed", range(100))
def test_points(seed):
    rng = random.Random(seed)
    build = Build()
    pool = random_inputs(build, rng)
    random_numbers(build, rng, pool, rng.randint(3, 9), ALL)
    random_boolean(build, rng, pool)
    problem = build.problem(None, build.truth())
    parsed = read_problem(problem)
    point = [Fraction(one.low) if rng.random() < 0.5 else Fraction(one.high) for one in parsed.inputs]
    values = PointValues(Prepared(parsed), range(len(parsed.nodes)))
    values.run([x.numerator if x.denominator == 1 else x for x in point])
    for _ in range(5):
        found = execute(problem, point, rng)
        if found is None:
            continue
        for v, node in enumerate(parsed.nodes):
            if node.boolean:
                assert values.truth[v] in (None, found[v])
            elif (ends := values.ends(v)) is not None:
                inside(found[v], *ends, (v, problem["nodes"][v]))


def test_exact_operations_are_exact_at_points():
    rng = random.Random(3)
    for _ in range(100):
        build = Build()
        pool = random_inputs(build, rng)
        random_numbers(build, rng, pool, 6, [*NUMERIC])
        problem = build.problem(None, build.truth())
        parsed = read_problem(problem)
        values = PointValues(Prepared(parsed), range(len(parsed.nodes)))
        values.run([one.low for one in parsed.inputs])
        found = execute(problem, [Fraction(one.low) for one in parsed.inputs], rng)
        for v, node in enumerate(parsed.nodes):
            if not node.boolean:
                assert values.ends(v) == (found[v], found[v])


@pytest.mark.parametrize("bits", [32, 96, 192, 1000])
def test_transcendental_enclosures(bits):
    rng = random.Random(bits)
    scale = 1 << bits
    with localcontext() as context:
        context.prec = 400
        for _ in range(60):
            x = rng.choice(
                [0, 1, scale, rng.randint(1, 4 * scale), rng.randint(1, 40 * scale), rng.randint(1, 1 << 20)]
            )
            radius = rng.choice([0, scale // 10**7, scale])
            exact_low, exact_high = Decimal(x) / scale, Decimal(x + radius) / scale
            tolerance = Decimal(10) ** -300
            for function, reference in (
                (sqrt_bounds, Decimal.sqrt),
                (exp_bounds, Decimal.exp),
                (log_bounds, Decimal.ln),
            ):
                if function is log_bounds and x == 0:
                    continue
                low, high = function(x, x + radius, bits)
                one, other = reference(exact_low), reference(exact_high)
                slack = tolerance * (1 + abs(other))
                assert Decimal(low) / scale <= one + slack
                assert Decimal(high) / scale >= other - slack
                if radius == 0 and bits < 900:
                    assert high - low <= 3 + abs(int(other)), function
            low, high = exp_bounds(-x - radius, -x, bits)
            assert Decimal(low) / scale <= (-exact_high).exp() + tolerance
            assert Decimal(high) / scale >= (-exact_low).exp() - tolerance
            assert low >= 0


def test_transcendental_edges():
    assert exp_bounds(0, 0, 96) == (1 << 96, 1 << 96)
    assert log_bounds(1 << 96, 1 << 96, 96) == (0, 0)
    assert sqrt_bounds(4 << 96, 4 << 96, 96) == (2 << 96, 2 << 96)
    assert exp_bounds(0, (4096 << 96) + 1, 96) is None
    assert exp_bounds(-(10**9) << 96, -(5000 << 96), 96) == (0, 1)
