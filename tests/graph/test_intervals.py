"""Interval evaluation against exact Fractions and the error formulas of docs/kernel.md."""

import random
from fractions import Fraction

import numpy as np
import pytest

from mechverify.engines.certificates.problem import problem_data
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Graph, Node, Obligation
from mechverify.graph.intervals import IntervalEvaluator, interval_values
from mechverify.kernel.api import evaluate_point, read_problem

U = Fraction(1, 2**24)
TINY = Fraction(1, 2**126)


def gamma(n: int) -> Fraction:
    return n * U / (1 - n * U)


def close(found: float, wanted: Fraction) -> bool:
    return abs(Fraction(found) - wanted) <= abs(wanted) / 10**9 + Fraction(1, 10**40)


@pytest.mark.parametrize("seed", range(20))
def test_float32_affine_is_the_documented_interval(seed: int) -> None:
    rng = random.Random(seed)
    builder = GraphBuilder()
    count = rng.randint(1, 30)
    inputs = [builder.input(f"x{i}", "real", Fraction(-9), Fraction(9)) for i in range(count)]
    weights = [Fraction(rng.gauss(0, 1)).limit_denominator(2**20) for _ in inputs]
    bias = Fraction(rng.randint(-9, 9), 3)
    nodes = [builder.affine(zip(weights, inputs, strict=True), bias, "float32") for _ in range(rng.choice([1, 5]))]
    low = [rng.uniform(-2, 1) for _ in inputs]
    high = [v + rng.uniform(0, 1) for v in low]
    lo, hi = interval_values(builder.graph(), np.array([low]), np.array([high]))
    n = 2 * count
    total = abs(bias) + sum(
        abs(w) * max(abs(Fraction(a)), abs(Fraction(b))) for w, a, b in zip(weights, low, high, strict=True)
    )
    error = gamma(n) * total + 2 * (n + 1 + sum(map(abs, weights))) * TINY
    least = (
        bias + sum(min(w * Fraction(a), w * Fraction(b)) for w, a, b in zip(weights, low, high, strict=True)) - error
    )
    most = bias + sum(max(w * Fraction(a), w * Fraction(b)) for w, a, b in zip(weights, low, high, strict=True)) + error
    for node in nodes:
        assert close(lo[node, 0], least)
        assert Fraction(lo[node, 0]) <= least
        assert close(hi[node, 0], most)
        assert most <= Fraction(hi[node, 0])


@pytest.mark.parametrize("seed", range(30))
def test_a_plain_sum_is_as_wide_as_the_kernel_has_it_or_hardly_wider(seed: int) -> None:
    """At least the kernel's ends at a point, at most those of each addition over all terms of one sign."""
    rng = random.Random(seed)
    builder = GraphBuilder()
    count, rows = rng.randint(1, 20), rng.choice([1, 5])
    inputs = [builder.input(f"x{i}", "real", Fraction(-9), Fraction(9)) for i in range(count)]
    point = [Fraction(rng.choice((0.0, rng.uniform(-2, 2)))) for _ in inputs]
    made = []
    for _ in range(rows):
        weights, bias = [Fraction(rng.gauss(0, 1)) for _ in inputs], Fraction(rng.choice((0.0, rng.gauss(0, 3))))
        node = builder.affine(zip(weights, inputs, strict=True), bias, "float32", plain=True)
        made.append((node, [w * x for w, x in zip(weights, point, strict=True)], bias))
    claim = builder.boolean(True)
    lo, hi = interval_values(builder.graph(), np.array([point], dtype=float))
    values = evaluate_point(read_problem(problem_data(Obligation(builder.graph(), claim, claim))), point)
    for node, products, bias in made:
        ends, exact = values[node], bias + sum(products, Fraction(0))
        assert isinstance(ends, tuple)
        assert Fraction(lo[node, 0]) <= ends[0] <= ends[1] <= Fraction(hi[node, 0])
        signed = [sum((max(s * x, Fraction(0)) for x in (bias, *products)), Fraction(0)) for s in (1, -1)]
        charged = sum(map(abs, products), Fraction(0)) + count * max(signed)
        widest = charged * U / (1 - 2 * count * U) * (1 + Fraction(1, 10**6)) + Fraction(1, 10**14)
        assert Fraction(hi[node, 0]) - exact <= widest
        assert exact - Fraction(lo[node, 0]) <= widest


@pytest.mark.parametrize("seed", range(40))
def test_float32_errors_are_those_of_the_kernel(seed: int) -> None:
    """Down to the subnormals, where the underflow terms are all that there is."""
    rng = random.Random(seed)
    builder = GraphBuilder()
    far = Fraction(2) ** 130
    x, y = (builder.input(n, "real", -far, far) for n in "xy")

    def number(least: int, most: int) -> float:
        return rng.choice([-1, 1]) * 2.0 ** rng.uniform(least, most)

    for repeats in (1, 5):
        for _ in range(repeats):
            terms = [(Fraction(number(-140, 40)), rng.choice([x, y])) for _ in range(repeats)]
            builder.affine(terms, Fraction(number(-149, -20)), "float32")
    builder.affine(((Fraction(2) ** -140, x), (Fraction(2) ** -120, y)), 0, "float32")
    builder.mul(x, y, "float32")
    builder.div(x, y, "float32")
    builder.div(y, x, "float32")
    graph = builder.graph()
    last = Node("bool", truth=True)
    count = len(graph.nodes)
    problem = read_problem(problem_data(Obligation(Graph(graph.inputs, (*graph.nodes, last)), count, count)))
    for _ in range(20):
        point = [number(-149, 70), number(-149, 70)]
        lo, hi = interval_values(graph, np.array([point]))
        kernel = evaluate_point(problem, [Fraction(v) for v in point])[:count]
        for v, ends in enumerate(kernel):
            if ends is None:
                assert (lo[v, 0], hi[v, 0]) == (-np.inf, np.inf), graph.nodes[v]
                continue
            assert isinstance(ends, tuple)
            low, high = map(Fraction, ends)
            assert np.isfinite(lo[v, 0]), graph.nodes[v]
            room = (high - low) / 10**6 + max(abs(low), abs(high)) / 10**13
            assert low - room <= Fraction(lo[v, 0]) <= low, graph.nodes[v]
            assert high <= Fraction(hi[v, 0]) <= high + room, graph.nodes[v]


def test_exact_grid() -> None:
    builder = GraphBuilder()
    a, b = (builder.input(n, "integer", Fraction(0), Fraction(2**24)) for n in "ab")
    node = builder.affine(((Fraction(1), a), (Fraction(-1), b)), 0, "float32")
    half = builder.affine(((Fraction(1, 2), node),), 0, "float32")
    third = builder.affine(((Fraction(1, 3), node),), 0, "float32")
    lo, hi = interval_values(builder.graph(), np.array([[2**23, 2**23], [2**23 + 1, 2**23], [5, 2]]))
    assert (lo[node] == hi[node]).tolist() == [True, False, True]
    assert (lo[half] == hi[half]).tolist() == [True, False, True]
    assert lo[half, 2] == 1.5
    assert not (lo[third] == hi[third])[2]


def test_overflow_and_division_by_zero_are_any_value() -> None:
    builder = GraphBuilder()
    x = builder.input("x", "real", Fraction(0), Fraction(2**127))
    big = builder.affine(((Fraction(1), x),), 0, "float32")
    quotient = builder.div(builder.const(1), x, "float32")
    above = builder.relu(big)
    lo, hi = interval_values(builder.graph(), np.array([[2.0**127], [1.0], [0.0]]))
    assert lo[big].tolist()[0] == -np.inf
    assert hi[big].tolist()[0] == np.inf
    assert np.isfinite(lo[big][1])
    assert lo[quotient].tolist()[2] == -np.inf
    assert hi[above, 0] == np.inf


def test_booleans_have_three_values() -> None:
    builder = GraphBuilder()
    x = builder.input("x", "real", Fraction(0), Fraction(9))
    one = builder.const(1)
    less, equal = builder.lt(x, one), builder.eq(x, one)
    either = builder.any((less, equal))
    negated = builder.negate(either)
    chosen = builder.ite(less, x, builder.const(7))
    lo, hi = interval_values(
        builder.graph(), np.array([[0.0], [0.5], [1.0], [2.0]]), np.array([[0.5], [1.5], [1.0], [3.0]])
    )
    assert list(zip(lo[less], hi[less], strict=True)) == [(1, 1), (0, 1), (0, 0), (0, 0)]
    assert list(zip(lo[equal], hi[equal], strict=True)) == [(0, 0), (0, 1), (1, 1), (0, 0)]
    assert list(zip(lo[negated], hi[negated], strict=True)) == [(0, 0), (0, 1), (0, 0), (1, 1)]
    assert list(zip(lo[chosen], hi[chosen], strict=True)) == [(0, 0.5), (0.5, 7), (7, 7), (7, 7)]


@pytest.mark.parametrize("divisor", [3, -3, 7, 10, 2**20 + 1])
def test_floor_of_a_quotient_is_exact_at_integers(divisor: int) -> None:
    builder = GraphBuilder()
    x, y = (builder.input(n, "integer", Fraction(-(2**30)), Fraction(2**30)) for n in "xy")
    by_constant = builder.floordiv(builder.add(x, y), builder.const(divisor))
    by_value = builder.floordiv(x, y)
    rest = builder.mod(x, y)
    rng = random.Random(divisor)
    points = [(rng.randint(-200, 200), rng.choice([-7, -1, 2, 3, 49])) for _ in range(200)]
    points += [(rng.randint(-(2**30), 2**30), rng.randint(1, 2**30)) for _ in range(200)]
    lo, hi = interval_values(builder.graph(), np.array(points))
    for i, (a, b) in enumerate(points):
        assert lo[by_constant, i] == hi[by_constant, i] == (a + b) // divisor
        assert lo[by_value, i] == hi[by_value, i] == a // b
        assert lo[rest, i] == hi[rest, i] == a % b


@pytest.mark.parametrize("seed", range(30))
def test_boxes_contain_exact_values(seed: int) -> None:
    rng = random.Random(seed)
    builder = GraphBuilder()
    nodes = [builder.input(f"x{i}", "real", Fraction(-4), Fraction(4)) for i in range(3)]
    for _ in range(25):
        a, b = rng.choice(nodes), rng.choice(nodes)
        weights = [(Fraction(rng.randint(-9, 9), rng.randint(1, 9)), n) for n in rng.sample(nodes, 2)]
        nodes.append(
            rng.choice(
                [
                    lambda a=a, b=b: builder.mul(a, b),
                    lambda a=a, b=b: builder.max(a, b),
                    lambda a=a, b=b: builder.min(a, b),
                    lambda a=a: builder.abs(a),
                    lambda a=a: builder.relu(a),
                    lambda a=a: builder.floor(a),
                    lambda a=a: builder.round(a),
                    lambda w=weights: builder.affine(w, Fraction(1, 7)),
                    lambda a=a, b=b: builder.div(a, builder.affine(((Fraction(1), builder.abs(b)),), 1)),
                    lambda a=a, b=b: builder.ite(builder.le(a, b), a, b),
                ]
            )(),
        )
    evaluator = IntervalEvaluator(builder.graph())
    low = np.array([[rng.uniform(-2, 1) for _ in range(3)] for _ in range(10)])
    high = low + np.array([[rng.choice([0.0, 0.01, 1.0]) for _ in range(3)] for _ in range(10)])
    lo, hi = evaluator.values(low, high)
    for box in range(10):
        point = [Fraction(rng.choice([low[box, i], high[box, i], (low[box, i] + high[box, i]) / 2])) for i in range(3)]
        for index, value in enumerate(values_at(builder, point)):
            assert Fraction(lo[index, box]) <= value <= Fraction(hi[index, box]), builder.node(index)


def dot(weights: tuple[Fraction, ...], values: list[Fraction]) -> Fraction:
    return sum((w * v for w, v in zip(weights, values, strict=True)), Fraction(0))


def values_at(builder: GraphBuilder, point: list[Fraction]) -> list[Fraction]:
    found: list[Fraction] = []
    for n in builder.graph().nodes:
        args = [] if n.op == "input" else [found[a] for a in n.args]
        found.append({
            "input": lambda n=n: point[n.args[0]],
            "const": lambda n=n: n.numbers[0],
            "affine": lambda n=n, a=args: n.numbers[0] + dot(n.numbers[1:], a),
            "mul": lambda a=args: a[0] * a[1],
            "div": lambda a=args: a[0] / a[1],
            "max": lambda a=args: max(a),
            "min": lambda a=args: min(a),
            "abs": lambda a=args: abs(a[0]),
            "relu": lambda a=args: max(a[0], Fraction(0)),
            "floor": lambda a=args: Fraction(a[0].__floor__()),
            "round": lambda a=args: Fraction(round(a[0])),
            "lt": lambda a=args: Fraction(int(a[0] < a[1])),
            "eq": lambda a=args: Fraction(int(a[0] == a[1])),
            "and": lambda a=args: Fraction(int(all(a))),
            "or": lambda a=args: Fraction(int(any(a))),
            "not": lambda a=args: 1 - a[0],
            "le": lambda a=args: Fraction(int(a[0] <= a[1])),
            "bool": lambda n=n: Fraction(int(n.truth)),
            "ite": lambda a=args: a[1] if a[0] else a[2],
        }[n.op]())  # fmt: skip
    return found


def test_a_layer_is_evaluated_as_a_whole() -> None:
    rng = np.random.default_rng(0)
    builder = GraphBuilder()
    layer = [builder.input(f"x{i}", "real", Fraction(0), Fraction(1)) for i in range(2)]
    for width in (32, 32, 1):
        weights = rng.normal(size=(width, len(layer)))
        layer = [
            builder.relu(
                builder.affine([(Fraction(float(w)), n) for w, n in zip(row, layer, strict=True)], 0, "float32")
            )
            for row in weights
        ]
    graph = builder.graph()
    assert len(graph.nodes) > 130
    assert len(IntervalEvaluator(graph).grouped) <= 10


def padded(idle: int, rows: int) -> tuple[Graph, list[int]]:
    """Rounded sums of two inputs and so many terms zero times zero; and one with a quotient that has no value."""
    builder = GraphBuilder()
    x, y = (builder.input(name, "real", Fraction(-9), Fraction(9)) for name in "xy")
    nothing = [(Fraction(0), builder.const(0))] * idle
    ones = [builder.affine([(Fraction(k + 1, 3), x), *nothing, (Fraction(1), y)], 0, "float32") for k in range(rows)]
    undefined = builder.div(x, builder.sub(y, y))
    ones.append(builder.affine([(Fraction(0), undefined), *nothing, (Fraction(1), y)], 0, "float32"))
    return builder.graph(), ones


@pytest.mark.parametrize("rows", [1, 5])
def test_terms_of_zero_times_zero_count_and_are_not_evaluated(rows: int) -> None:
    """They stand for roundings (``normalisation``): the error is that of all terms, as it was when they were added up."""
    point = np.array([[0.3, 0.7]])
    for idle in (0, 70):
        graph, ones = padded(idle, rows)
        evaluator = IntervalEvaluator(graph)
        sums = [g for g in evaluator.grouped if g.op == "affine" and g.rounding == "float32"]
        assert all(g.args.shape[1] == 2 and g.idle == idle for g in sums)
        lo, hi = evaluator.values(point)
        n = 2 * (2 + idle)
        for k, node in enumerate(ones[:-1]):
            total = Fraction(k + 1, 3) * Fraction(0.3) + Fraction(0.7)
            assert Fraction(lo[node, 0]) <= total * (1 - gamma(n))
            assert Fraction(hi[node, 0]) >= total * (1 + gamma(n))
            assert close(lo[node, 0], total * (1 - gamma(n)))
            assert close(hi[node, 0], total * (1 + gamma(n)))
        assert (lo[ones[-1], 0], hi[ones[-1], 0]) == (-np.inf, np.inf)
