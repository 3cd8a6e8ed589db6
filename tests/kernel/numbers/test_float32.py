
"""What float32 nodes may and may not prove: the exact grid, the count of roundings, overflow, ties, rounded facts."""

import random
from fractions import Fraction

import numpy as np
import pytest
from kernel_tools import Build, accepted, num, proof, reject, witness

from mechverify.kernel.numbers.float32 import gamma_error, round_float32, rounded_ends
from mechverify.kernel.numbers.number import BITS
from mechverify.kernel.plan import Prepared
from mechverify.kernel.points.point import PointValues
from mechverify.kernel.reading.problem import read_problem

SEEDS = range(20)
U = Fraction(1, 1 << 24)


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 0, 1)])
def test_the_grid_needs_the_sum_of_absolute_terms(order):
    """(a, -a, 2) with a = 2^24 - 1: every partial sum in this order is small, and another order goes wrong."""
    for a, expected in ((2**24 - 1, False), (2**23 - 1, True)):
        build = Build()
        x = build.integer("x", a, a)
        terms = [(1, x), (-1, x), (2, build.const(1))]
        total = build.affine(0, *(terms[i] for i in order), rounding="float32")
        problem = build.problem(None, build.node("eq", total, build.const(2)))
        for step in (["leaf"], ["enumerate"]):
            assert accepted(proof(problem, [step], [a])) is expected
        other = build.problem(None, build.node("not", build.node("eq", total, build.const(2))))
        assert accepted(proof(other, [["leaf"]], [a])) is False
        assert accepted(witness(other, [a])) is expected


@pytest.mark.parametrize("seed", SEEDS)
def test_the_grid_at_its_very_edge(seed):
    rng = random.Random(seed)
    k = rng.randint(0, 20)
    for extra, expected in ((0, True), (1, False)):
        build = Build()
        x = build.integer("x", 0, 2**24 - 2 ** (k % 12) + extra)
        weight = Fraction(1, 2**k)
        total = build.affine(Fraction(2 ** (k % 12), 2**k), (weight, x), rounding="float32")
        exact = build.affine(Fraction(2 ** (k % 12), 2**k), (weight, x))
        problem = build.problem(None, build.node("le", build.affine(0, (1, total), (-1, exact)), build.const(0)))
        low = 2**24 - 2 ** (k % 12) + extra
        point = build.problem(build.node("eq", x, build.const(low)), problem["claim"])
        assert accepted(proof(point, [["leaf"]], [low])) is expected
        assert accepted(proof(point, [["enumerate"]], [low])) is expected


@pytest.mark.parametrize("seed", SEEDS)
def test_non_dyadic_weights_and_bias_have_no_grid(seed):
    rng = random.Random(seed)
    build = Build()
    x = build.integer("x", 0, 5)
    weight, bias = rng.choice([(Fraction(1, 3), 0), (1, Fraction(1, 7)), (Fraction(2, 5), Fraction(1, 3))])
    total = build.affine(bias, (weight, x), rounding="float32")
    exact = build.affine(bias, (weight, x))
    for op in ("le", "eq"):
        problem = build.problem(None, build.node(op, total, exact))
        reject(proof(problem, [["leaf"]], [0]), "does not show")
        reject(proof(problem, [["enumerate"]], [0]), "not settled")


@pytest.mark.parametrize("terms", range(1, 9))
@pytest.mark.parametrize("step", ["leaf", "enumerate"])
def test_roundings_are_products_plus_additions(terms, step):
    build = Build()
    x = build.integer("x", 3, 3)
    weight = Fraction(1, 3)
    total = build.affine(Fraction(1, 7), *[(weight, x)] * terms, rounding="float32")
    n = 2 * terms
    size = Fraction(1, 7) + terms
    error = n * U / (1 - n * U) * size
    for factor, expected in ((Fraction(99, 100), False), (Fraction(101, 100), True)):
        high = build.node("le", total, build.const(size + error * factor))
        low = build.node("le", build.const(size - error * factor), total)
        for claim in (high, low):
            assert accepted(proof(build.problem(None, claim), [[step]], [3])) is expected
    shrunk = build.node("lt", total, build.const(size + error * Fraction(99, 100)))
    reject(witness(build.problem(None, shrunk), [3]), "not broken")


def test_absolute_terms_count_where_the_sum_cancels():
    build = Build()
    x = build.integer("x", 10**6, 10**6)
    third = Fraction(1, 3)
    fused = build.affine(0, (third, x), (-third, x), rounding="float32")
    exact = build.affine(0, (third, x), (-third, x))
    zero = build.const(0)
    assert accepted(proof(build.problem(None, build.node("eq", exact, zero)), [["enumerate"]], [10**6]))
    for claim in (build.node("eq", fused, zero), build.node("le", fused, zero), build.node("le", zero, fused)):
        for step in (["leaf"], ["enumerate"]):
            reject(proof(build.problem(None, claim), [step], [10**6]))


@pytest.mark.parametrize("seed", SEEDS)
def test_overflow_gives_any_value(seed):
    rng = random.Random(seed)
    power = rng.randint(120, 130)
    build = Build()
    x = build.integer("x", 0, 1)
    big = build.affine(0, (2**power, x), rounding="float32")
    one = build.affine(2**power, (0, x))
    product = build.node("mul", "float32", one, build.const(1))
    quotient = build.node("div", "float32", one, build.const(1))
    conversion = build.node("round32", one)
    for v in (big, product, quotient, conversion):
        claim = build.node("le", v, build.const(2**131))
        expected = power < 127
        assert accepted(proof(build.problem(None, claim), [["leaf"]], [0])) is expected, (power, v)
        low_edge = v == conversion and power < 128
        assert accepted(proof(build.problem(None, claim), [["enumerate"]], [0])) is (expected or low_edge), (power, v)


TOPS = ["div", "log", "log0", "sqrt", "exp", "affine", "mul", "round32"]


def any_value(build, x, kind):
    huge = build.const(2**130)
    return {
        "div": lambda: build.node("div", "exact", x, build.affine(0, (0, x))),
        "log": lambda: build.node("log", build.affine(-1, (0, x))),
        "log0": lambda: build.node("log", build.affine(0, (0, x))),
        "sqrt": lambda: build.node("sqrt", build.affine(-1, (0, x))),
        "exp": lambda: build.node("exp", build.const(5000)),
        "affine": lambda: build.affine(0, (1, huge), rounding="float32"),
        "mul": lambda: build.node("mul", "float32", huge, x),
        "round32": lambda: build.node("round32", build.const(2**128)),
    }[kind]()


@pytest.mark.parametrize("kind", TOPS)
def test_any_value_proves_nothing_and_spreads(kind):
    build = Build()
    x = build.integer("x", 1, 2)
    top = any_value(build, x, kind)
    zero, far = build.const(0), build.const(10**30)
    spread = [
        top,
        build.affine(1, (0, top)),
        build.affine(0, (1, top), (-1, top)),
        build.affine(0, (1, top), rounding="float32"),
        build.node("mul", "exact", top, zero),
        build.node("mul", "exact", top, top),
        build.node("div", "exact", zero, top),
        build.node("div", "exact", top, build.const(10)),
        build.node("relu", top),
        build.node("abs", top),
        build.node("max", top, x),
        build.node("max", x, top),
        build.node("min", x, top),
        build.node("floor", top),
        build.node("round", top),
        build.node("sqrt", top),
        build.node("exp", top),
        build.node("log", top),
        build.node("round32", top),
        build.node("ite", build.node("le", top, zero), top, x),
        build.node("ite", build.node("le", x, far), top, x),
    ]
    for v in spread:
        if kind == "exp" and v == top:
            continue
        for claim in (build.node("le", v, far), build.node("le", build.const(-(10**30)), v), build.node("eq", v, zero)):
            for step in (["leaf"], ["enumerate"]):
                reject(proof(build.problem(None, claim), [step], [1]))
            reject(proof(build.problem(None, build.node("not", claim)), [["leaf"]], [1]))
            reject(witness(build.problem(None, claim), [1]))
    hull = build.node("ite", build.node("le", top, zero), x, build.const(7))
    between = build.node("and", [build.node("le", build.const(1), hull), build.node("le", hull, build.const(7))])
    assert accepted(proof(build.problem(None, between), [["leaf"]], [1]))
    tighter = build.node("le", hull, build.const(6))
    reject(proof(build.problem(None, tighter), [["leaf"]], [1]))


def test_round_float32_against_numpy():
    rng = random.Random(1)
    for _ in range(3000):
        bits = rng.getrandbits(31)
        x = np.uint32(bits).view(np.float32)
        if not np.isfinite(x):
            continue
        y = np.nextafter(x, np.float32(np.inf))
        if not (np.isfinite(x) and np.isfinite(y)):
            continue
        low, high = Fraction(float(x)), Fraction(float(y))
        middle = (low + high) / 2
        even = low if bits % 2 == 0 else high
        gap = (high - low) / 1000
        for value, expected in ((low, low), (middle, even), (middle - gap, low), (middle + gap, high)):
            assert round_float32(value) == expected
            assert round_float32(-value) == -expected
    largest = Fraction(float(np.finfo(np.float32).max))
    assert round_float32(largest + 2**103 - 1) == largest
    assert round_float32(largest + 2**103) is None
    assert round_float32(Fraction(1, 2**150)) == 0
    assert round_float32(Fraction(1, 2**150) + Fraction(1, 2**200)) == Fraction(1, 2**149)
    assert round_float32(Fraction(3, 2**150)) == Fraction(1, 2**148)


@pytest.mark.parametrize("seed", SEEDS)
def test_round32_is_a_function_at_points_and_a_band_on_boxes(seed):
    rng = random.Random(seed)
    value = Fraction(rng.randint(1, 10**6), 10**6)
    build = Build()
    x = build.real("x", value, value + 1)
    rounded = build.node("round32", x)
    again = build.node("round32", build.affine(0, (1, x)))
    same = build.node("eq", rounded, build.const(Fraction(float(np.float32(float(value))))))
    assert accepted(witness(build.problem(None, build.node("not", same)), [value]))
    reject(proof(build.problem(None, build.node("eq", rounded, x)), [["leaf"]], [value]))
    reject(proof(build.problem(None, build.node("eq", rounded, again)), [["leaf"]], [value]))
    near = build.node("le", build.node("abs", build.affine(0, (1, rounded), (-1, x))), build.const(2 * U))
    nearer = build.node("le", build.node("abs", build.affine(0, (1, rounded), (-1, x))), build.const(U / 2))
    reject(proof(build.problem(None, nearer), [["leaf"]], [value]))
    for bound, claim in ((value + 1, near),):
        assert bound <= 2
        assert accepted(proof(build.problem(None, claim), [["leaf"]], [value]))


@pytest.mark.parametrize("seed", SEEDS)
def test_facts_on_rounded_nodes_carry_their_error(seed):
    """From fl(x / 3) <= c one may conclude x <= 3 c + error, never x <= 3 c, and no bound of x moves."""
    rng = random.Random(seed)
    c = rng.randint(1, 5)
    build = Build()
    x = build.real("x", 0, 30)
    rounded = build.affine(0, (Fraction(1, 3), x), rounding="float32")
    fact = build.node(rng.choice(["le", "lt"]), rounded, build.const(c))
    assumption = build.node("and", [fact])
    for slack, expected in ((0, False), (Fraction(1, 10**9), False), (Fraction(1, 100), True)):
        claim = build.node("le", x, build.const(3 * c + slack))
        reject(proof(build.problem(assumption, claim), [["leaf"]], [0]))
        for m in ("3", "4", "1", "2", "10"):
            step = ["leaf", [], [[claim, "low", [[0, m]]]]]
            assert accepted(proof(build.problem(assumption, claim), [step], [0])) is (expected and m == "3")
    equality = build.problem(build.node("eq", rounded, build.const(c)), build.truth())
    reject(proof(equality, [["substitute", 0, "solve", 0], ["leaf"]], [3 * c]))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_phase_of_a_rounded_node_bounds_its_rounded_value(seed):
    rng = random.Random(seed)
    c = rng.randint(1, 5)
    build = Build()
    x = build.real("x", 0, 30)
    z = build.affine(-c, (Fraction(1, 3), x), rounding="float32")
    relu = build.node("relu", z)
    exact = build.affine(-c, (Fraction(1, 3), x))
    wrong = build.node("or", [build.node("le", build.const(0), exact), build.node("le", relu, build.const(0))])
    right = build.node("or", [build.node("le", build.const(0), z), build.node("le", relu, build.const(0))])
    steps = [["phase", relu], ["leaf"], ["leaf"]]
    assert accepted(proof(build.problem(None, right), steps, [0]))
    reject(proof(build.problem(None, wrong), steps, [0]), "does not show")
    step = [["phase", relu], ["leaf", [], [[build.nodes[wrong][1][0], "low", [[1, "1"]]]]], ["leaf"]]
    reject(proof(build.problem(None, wrong), step, [0]), "does not show")
    for slack, expected in ((0, False), (Fraction(1, 10**9), False), (Fraction(1, 100), True)):
        below = build.node("le", exact, build.const(slack))
        claim = build.node("or", [build.node("le", build.const(0), z), below])
        second = [["phase", relu], ["leaf"], ["leaf", [], [[below, "low", [[1, "1"]]]]]]
        assert accepted(proof(build.problem(None, claim), second, [0])) is expected


@pytest.mark.parametrize("seed", SEEDS)
def test_excluded_middle_for_one_execution_but_not_across_two_nodes(seed):
    rng = random.Random(seed)
    c = rng.randint(1, 8)
    build = Build()
    x = build.real("x", 0, 30)
    one, other = (build.affine(0, (Fraction(1, 3), x), rounding="float32") for _ in range(2))
    bound = build.const(c)
    low, again, separate = build.node("le", one, bound), build.node("le", bound, one), build.node("le", bound, other)
    steps = [["case", low], ["leaf"], ["leaf"]]
    assert accepted(proof(build.problem(None, build.node("or", [low, build.node("not", low)])), steps, [0]))
    found = [["case", low], ["leaf"], ["leaf"]]
    assert accepted(proof(build.problem(None, build.node("or", [low, again])), found, [0]))
    found = [["case", low], ["leaf"], ["leaf", [], [[separate, "low", [[1, "1"]]]]]]
    reject(proof(build.problem(None, build.node("or", [low, separate])), found, [0]), "does not show")


def test_division_covers_flushed_operands():
    """a below 2^-126 may be flushed to zero, so that a / b = 1/2 may come out as 0."""
    build = Build()
    x = build.integer("x", 0, 0)
    a, b = build.const(Fraction(1, 2**127)), build.const(Fraction(1, 2**126))
    quotient = build.node("div", "float32", a, b)
    for bound in (Fraction(1, 4), Fraction(49, 100)):
        claim = build.node("le", build.const(bound), quotient)
        reject(proof(build.problem(None, claim), [["enumerate"]], [0]))
        reject(proof(build.problem(None, claim), [["leaf"]], [0], precision=200))
    assert x == 0
    smaller = build.node("div", "float32", b, build.const(Fraction(1, 2**127)))
    reject(proof(build.problem(None, build.node("le", smaller, build.const(100))), [["enumerate"]], [0]))


def test_flushed_weights_count():
    build = Build()
    x = build.const(2**100)
    tiny = build.affine(0, (Fraction(1, 2**127), x), rounding="float32")
    build.integer("i", 0, 0)
    claim = build.node("lt", build.const(0), tiny)
    reject(proof(build.problem(None, claim), [["enumerate"]], [0]))
    reject(proof(build.problem(None, claim), [["leaf"]], [0], precision=300))


@pytest.mark.parametrize("seed", SEEDS)
def test_integer_grids_sharpen_strict_comparisons(seed):
    rng = random.Random(seed)
    build = Build()
    x = build.integer("x", 0, 9)
    k = rng.randint(0, 8)
    half = build.affine(0, (Fraction(1, 2), x))
    above = build.node("lt", build.const(Fraction(k, 2)), half)
    claim = build.node("le", build.const(Fraction(k + 1, 2)), half)
    assert accepted(proof(build.problem(above, claim), [["leaf"]], [k + 1]))
    real = Build()
    y = real.real("x", 0, 9)
    half = real.affine(0, (Fraction(1, 2), y))
    above = real.node("lt", real.const(Fraction(k, 2)), half)
    claim = real.node("le", real.const(Fraction(k + 1, 2)), half)
    reject(proof(real.problem(above, claim), [["leaf"]], [k + 1]))
    assert num(Fraction(k, 2))


@pytest.mark.parametrize("seed", SEEDS)
def test_rounded_ends_are_the_error_away_and_hardly_more(seed):
    rng = random.Random(seed)
    for _ in range(200):
        bottom = rng.randint(1, 1 << rng.randint(1, 250))
        low = rng.randint(-(1 << (bits := rng.randint(1, 300))), 1 << bits)
        high = low + rng.choice([0, rng.randint(0, 1 << bits)])
        total = max(abs(low), abs(high)) + rng.randint(0, 1 << bits)
        n, losses = rng.randint(1, 4000), Fraction(rng.randint(10**6, 10**9), rng.randint(1, 10**6))
        error = gamma_error(Fraction(total, bottom), n, losses)
        ends = rounded_ends(low, high, n * total, bottom, n, losses)
        _hardly_more(*ends, Fraction(low, bottom) - error, Fraction(high, bottom) + error)


@pytest.mark.parametrize("seed", SEEDS)
def test_ends_of_a_rounded_sum_are_its_error_away_and_hardly_more(seed):
    """From sums near 2^-120 to those near 2^120, where the bits that are left out stand before the point."""
    rng = random.Random(seed)
    for exponent in (-120, -60, -20, 0, 20, 60, 120):
        build = Build()
        a, b = build.integer("a", -(10**6), 10**6), build.integer("b", -(10**6), 10**6)
        one = Fraction(2) ** (exponent - 40)
        weights = [Fraction(rng.randint(-(2**24), 2**24)) * one / rng.choice([1, 3]) for _ in range(2)]
        inner = build.affine(one / 7, (weights[0], a), (weights[1], b), rounding="float32")
        outer = build.affine(-one, (Fraction(1, 3), inner), (weights[0], a), rounding="float32")
        values = PointValues(Prepared(read_problem(build.problem(None, build.truth()))), range(outer + 1))
        x, y = rng.randint(-(10**6), 10**6), rng.randint(-(10**6), 10**6)
        values.run([x, y])
        losses = 5 + abs(weights[0]) + abs(weights[1])
        losses += sum(abs(z) for w, z in zip(weights, (x, y), strict=True) if 0 < abs(w) < Fraction(1, 1 << 126))
        exact = one / 7 + weights[0] * x + weights[1] * y
        error = gamma_error(one / 7 + abs(weights[0] * x) + abs(weights[1] * y), 4, losses)
        low, high = map(Fraction, values.ends(inner))
        _hardly_more(low, high, exact - error, exact + error)
        size = max(abs(low), abs(high))
        losses = 5 + Fraction(1, 3) + abs(weights[0])
        losses += abs(x) if 0 < abs(weights[0]) < Fraction(1, 1 << 126) else 0
        error = gamma_error(one + size / 3 + abs(weights[0] * x), 4, losses)
        least, most = low / 3 + weights[0] * x - one, high / 3 + weights[0] * x - one
        _hardly_more(*values.ends(outer), least - error, most + error)


def _hardly_more(low, high, least, most):
    slack = (most - least) / (1 << 58) + Fraction(1, 1 << (BITS - 3))
    assert least - slack <= low <= least < most <= high <= most + slack
