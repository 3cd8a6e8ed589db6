"""The parts of the proof-producing engines, each against an independent computation."""

from fractions import Fraction
from itertools import product
from math import gcd

import numpy as np
import pytest
from any_lattices import half_planes, ranges, small_vectors
from any_numbers import rationals, seeds
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from obligations import F
from random_obligations import admissible_points, network_obligation

from mechverify.engines.affine.boxes import Branch, steps_of
from mechverify.engines.affine.layout import make_plan
from mechverify.engines.affine.multipliers import best_multipliers, exact_multiplier, tidy
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.certificates.problem import point_certificate, problem_data, problem_sha256, proof_certificate
from mechverify.engines.engine import ProofFound
from mechverify.engines.integers.counting import count_inputs
from mechverify.engines.integers.lattice_points import polygon_points
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.engines.points.nominal import Points
from mechverify.engines.search.paths import eliminate, root_box
from mechverify.engines.search.substitution import unimodular
from mechverify.engines.work.meter import work_done
from mechverify.errors import InternalError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.smooth import SQRT
from mechverify.kernel.api import evaluate_point, format_number, parse_number, read_problem
from mechverify.kernel.search import floor_sum


@given(rationals)
def test_numbers_are_spelled_as_the_kernel_reads_them(value: Fraction) -> None:
    assert parse_number(format_number(value)) == value


def test_problem_data_is_read_back_with_the_same_digest() -> None:
    for seed in range(30):
        data = problem_data(network_obligation(seed))
        assert read_problem(data).sha256 == problem_sha256(data)


def test_a_proof_without_an_inhabitant_is_no_certificate() -> None:
    data = problem_data(network_obligation(1))
    with pytest.raises(InternalError):
        proof_certificate(data, ProofFound((["leaf"],), 96))
    assert "inhabitant" not in proof_certificate(data, ProofFound((["leaf"],), 96, empty=True))
    assert point_certificate(data, [F(1)], {"runtime": "x"})["kind"] == "replayed"
    assert point_certificate(data, [F(1)])["kind"] == "witness"


def test_an_open_branch_is_no_proof() -> None:
    with pytest.raises(InternalError):
        steps_of(Branch(["split", [["1", 0]], "3"], (Branch(["leaf"]), Branch())))


@given(small_vectors)
def test_unimodular_matrices(values: list[int]) -> None:
    common = gcd(*values)
    assume(common != 0 and all(values))
    a = [v // common for v in values]
    u, v = unimodular(a)
    m = range(len(a))
    assert [[sum(u[i][k] * v[k][j] for k in m) for j in m] for i in m] == [[int(i == j) for j in m] for i in m]
    assert [sum(a[i] * u[i][j] for i in m) for j in m] == [1] + [0] * (len(a) - 1)


def test_elimination_covers_exactly_the_solutions() -> None:
    g = GraphBuilder()
    x, y, z = (g.input(n, "integer", F(-5), F(5)) for n in "xyz")
    both = g.all(
        [
            g.eq(g.affine([(F(2), x), (F(3), y)]), g.affine([(F(6), z)], 1)),
            g.eq(g.add(x, y), g.affine([(F(3), z)], 2)),
        ]
    )
    obligation = Obligation(g.graph(), both, both)
    box = eliminate(root_box(prepare(obligation, 96)))
    assert len(box.state.live) == 1
    ((p, one),) = box.state.live.items()
    found = set()
    for value in range(int(one.low), int(one.high) + 1):
        forms = [box.state.values[i] for i in range(3)]
        found.add(tuple(F(f.constant) + F(f.terms.get(p, 0)) * value for f in forms))
    assert set(admissible_points(obligation)) <= found


@settings(max_examples=50)
@given(seeds)
def test_multipliers_reach_what_a_grid_search_reaches(seed: int) -> None:
    r = np.random.default_rng(seed)
    form, facts = r.normal(size=(1, 4)), r.normal(size=(1, 1, 4))
    bound, used = best_multipliers(form, facts)
    grid = np.linspace(0.0, 20.0, 4001)[:, None]
    values = form - grid * facts[0]
    best = (values[:, -1] + np.minimum(values[:, :-1], 0.0).sum(axis=1)).max()
    assert bound[0] >= min(best, np.abs(form).sum()) - 1e-9
    assert (used >= 0.0).all()


@given(st.integers(1, 64), st.integers(1, 200))
def test_simple_multipliers_stay_exact(denominator: int, numerator: int) -> None:
    if 64 % denominator == 0 or denominator in (3, 5, 7):
        assert exact_multiplier(float(tidy(np.array([numerator / denominator]))[0])) == F(numerator, denominator)


@given(st.integers(0, 25), st.integers(1, 20), st.integers(-40, 40), st.integers(-40, 40))
def test_floor_sums(count: int, m: int, a: int, b: int) -> None:
    assert floor_sum(count, m, a, b) == sum((a * x + b) // m for x in range(count))


@given(half_planes, st.booleans(), ranges, ranges)
def test_polygon_points(half: list[tuple[int, int, int]], line: bool, x: tuple[int, int], y: tuple[int, int]) -> None:
    if line and half:
        a, b, c = half[0]
        half = [*half, (-a, -b, -c)]
    points = product(range(x[0], x[1] + 1), range(y[0], y[1] + 1))
    expected = sum(all(a * p + b * q + c >= 0 for a, b, c in half) for p, q in points)
    assert polygon_points(x, y, half) == expected


def test_counts_bracket_and_are_exact_on_small_domains() -> None:
    for seed in range(40):
        obligation = network_obligation(seed)
        expected = len(admissible_points(obligation))
        counted = count_inputs(obligation)
        assert counted is not None
        assert counted[0] <= expected <= counted[1]
        assert counted == (expected, expected), seed


def test_counts_of_large_domains() -> None:
    n = 10**12
    g = GraphBuilder()
    x, y, z = (g.input(v, "integer", F(0), F(n)) for v in "xyz")
    same = g.all([g.eq(x, y), g.le(z, g.const(9))])
    below = g.all([g.lt(x, y)])
    apart = g.negate(g.eq(x, y))
    curved = g.le(g.mul(x, y), z)
    graph = g.graph()
    assert count_inputs(Obligation(graph, same, same)) == ((n + 1) * 10,) * 2
    assert count_inputs(Obligation(graph, below, below)) == ((n + 1) * n // 2 * (n + 1),) * 2
    assert count_inputs(Obligation(graph, apart, apart)) == ((n + 1) * n * (n + 1),) * 2
    assert count_inputs(Obligation(graph, curved, curved)) == (1, (n + 1) ** 3)


def test_reals_are_not_counted() -> None:
    g = GraphBuilder()
    g.input("x", "real", F(0), F(1))
    true = g.boolean(True)
    assert count_inputs(Obligation(g.graph(), true, true)) is None


def test_inhabitants_are_found_where_there_are_any() -> None:
    for seed in range(60):
        obligation = network_obligation(seed)
        points = admissible_points(obligation)
        found = find_inhabitant(obligation)
        assert (found in points) if points else found is None, seed


def test_inhabitants_are_simple_and_deterministic() -> None:
    g = GraphBuilder()
    x, y = (g.input(v, "integer", F(-(10**9)), F(10**9)) for v in "xy")
    wanted = g.all([g.eq(g.affine([(F(3), x)]), g.affine([(F(7), y)], 1)), g.le(g.const(1000), x)])
    obligation = Obligation(g.graph(), wanted, wanted)
    found = find_inhabitant(obligation, 5)
    assert found is not None
    assert 3 * found[0] == 7 * found[1] + 1
    assert found[0] >= 1000
    assert found == find_inhabitant(obligation, 5)
    trivial = Obligation(g.graph(), g.boolean(True), wanted)
    trivial = Obligation(g.graph(), trivial.assumption, wanted)
    assert find_inhabitant(trivial) == (0, 0)


def test_an_inhabitant_in_a_narrow_place_is_climbed_to() -> None:
    g = GraphBuilder()
    x, y = (g.input(v, "integer", F(0), F(10**6)) for v in "xy")
    near = g.le(g.add(g.abs(g.sub(x, g.const(777_777))), g.abs(g.sub(y, g.const(31)))), g.const(2))
    found = find_inhabitant(Obligation(g.graph(), near, near))
    assert found is not None


def test_an_inhabitant_is_looked_for_with_so_much_work() -> None:
    g = GraphBuilder()
    inputs = [g.input(f"x{k}", "integer", F(0), F(10**9)) for k in range(12)]
    squares = g.affine([(F(1), g.mul(x, x)) for x in inputs])
    far = g.all([g.le(g.const(10**9 + 7), squares), g.le(squares, g.const(10**9 + 7)), g.lt(*inputs[:2])])
    obligation = Obligation(g.graph(), far, far)
    for work in (0.0, 0.03):
        before = work_done()
        assert find_inhabitant(obligation, 0, work) is None
        assert work_done() - before <= work + 0.02
    trivial = g.boolean(True)
    assert find_inhabitant(Obligation(g.graph(), trivial, far), 0, 0.0) == (0,) * 12


def test_exact_evaluation_is_the_kernels_where_nothing_rounds() -> None:
    checked = 0
    for seed in range(40):
        obligation = network_obligation(seed)
        nodes = obligation.graph.nodes
        if any(n.rounding == "float32" for n in nodes):
            continue
        problem = read_problem(problem_data(obligation))
        for point in admissible_points(obligation)[:3]:
            kernel = evaluate_point(problem, [parse_number(format_number(v)) for v in point])
            ours = evaluate_exact(obligation.graph, point, range(len(nodes)))
            for v, theirs in enumerate(kernel):
                if theirs is not None:
                    assert ours[v] == (theirs if isinstance(theirs, bool) else theirs[0])
                    checked += 1
    assert checked > 200


def test_undefined_is_none() -> None:
    g = GraphBuilder()
    x = g.input("x", "integer", F(-4), F(4))
    ratio, root = g.div(g.const(1), x), g.apply(SQRT, x)
    choice = g.ite(g.le(ratio, g.const(1)), x, g.const(2))
    graph = g.graph()
    assert evaluate_exact(graph, [F(0)], [ratio, root, choice]) == {ratio: None, root: F(0), choice: None}
    assert evaluate_exact(graph, [F(2)], [ratio, root, choice]) == {ratio: F(1, 2), root: None, choice: F(2)}
    assert evaluate_exact(graph, [F(-4)], [root]) == {root: None}


def test_batched_points_agree_with_exact_evaluation() -> None:
    for seed in range(30):
        obligation = network_obligation(seed)
        points = admissible_points(obligation)[:20]
        if not points:
            continue
        values = Points(make_plan(obligation.graph, [obligation.claim]), np.array(points, dtype=np.float64))
        gaps = values.gap(obligation.claim)
        for i, point in enumerate(points):
            truth = evaluate_exact(obligation.graph, point, [obligation.claim])[obligation.claim]
            if abs(gaps[i]) > 1e-9:
                assert bool(values.holds(obligation.claim)[i]) == truth
                assert (gaps[i] > 0) == truth
