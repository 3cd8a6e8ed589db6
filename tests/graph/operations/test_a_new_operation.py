"""An operation that nothing in the package knows by name: ``sin``, the record of the graph and that of the kernel.

Each test does one thing that the package does with every operation. No other file is changed for it.
"""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from random_obligations import points_of, random_obligation, statuses

from mechverify.engines.affine.bounding import bound_boxes
from mechverify.engines.affine.layout import make_plan
from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.certificates.problem import node_data, node_of, problem_data, proof_certificate
from mechverify.engines.engine import Budget, CounterexampleFound, ProofFound, SolverAnswer
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.engines.ranges.node_bounds import node_bounds
from mechverify.engines.registry import ENGINES
from mechverify.engines.search.paths import root_box
from mechverify.engines.smt.smtlib import smt_query
from mechverify.explanation.formulas.functions import called
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.float_errors import float_errors
from mechverify.graph.graph import Obligation
from mechverify.graph.interval_plan import grouped
from mechverify.graph.intervals import interval_values
from mechverify.graph.operations import table
from mechverify.graph.operations.operation import Ends, Operation
from mechverify.graph.point_values import point_slopes, point_values
from mechverify.kernel.api import check_data, evaluate_point, read_problem
from mechverify.kernel.forms.form import Forms
from mechverify.kernel.numbers.number import BITS, ceil_scaled, floor_scaled, ratio
from mechverify.kernel.operations import table as kernel_table
from mechverify.kernel.operations.operation import Operation as KernelOperation
from mechverify.kernel.points.values import NodeValues
from mechverify.kernel.reading.node import Node as KernelNode
from mechverify.report.words.statement import problem_words

F = Fraction
_TERMS = 40


def sine_bounds(low: int, high: int, bits: int) -> tuple[int, int]:
    """Ends of sin over [low, high], all times 2^bits: its series at the middle, good to the first term left out, and
    no slope beyond 1."""
    one, middle = 1 << bits, Fraction((low + high) // 2, 1 << bits)
    total, term = Fraction(0), middle
    for k in range(_TERMS):
        total += term
        term *= -middle * middle / ((2 * k + 2) * (2 * k + 3))
    centre, reach = round(total * one), (high - low) // 2 + 3 + abs(round(term * one))
    return max(centre - reach, -one), min(centre + reach, one)


def _at_point(e: NodeValues, v: int, node: KernelNode) -> None:
    ends = e.ends(node.args[0])
    if ends is None:
        e.top(v)
        return
    low, high = sine_bounds(floor_scaled(ends[0], BITS), ceil_scaled(ends[1], BITS), BITS)
    e.interval(v, ratio(low, 1 << BITS), ratio(high, 1 << BITS))


def _forms(f: Forms, v: int, node: KernelNode) -> None:
    a = node.args[0]
    if a in f.tops:
        f.top(v)
    else:
        f.constant(v, *sine_bounds(f.lo[a], f.hi[a], f.bits))


def _ends(a: Ends) -> Ends:
    middle, reach = np.sin((a[0] + a[1]) / 2.0), (a[1] - a[0]) / 2.0 + 1e-9
    return np.maximum(middle - reach, -1.0), np.minimum(middle + reach, 1.0)


KERNEL = KernelOperation("sin", ("number",), _at_point, _forms, total=True)
SIN = Operation(
    "sin", ("number",), lambda a: F(0) if a == 0 else None, np.sin, _ends, slopes=lambda a: (np.cos(a),)
)  # fmt: skip


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(table.OPERATIONS, "sin", SIN)
    monkeypatch.setitem(kernel_table.OPERATIONS, "sin", KERNEL)


def at_most(bound: Fraction, *, scale: int = 1) -> Obligation:
    """For x in 0 .. 1: scale * sin(x) <= bound. It is 0.8414... at 1."""
    g = GraphBuilder()
    x = g.input("x", "real", F(0), F(1))
    claim, assumption = g.le(g.affine(((F(scale), g.apply(SIN, x)),)), g.const(bound)), g.boolean(True)
    return Obligation(g.graph(), assumption, claim)


def sine_of(obligation: Obligation) -> int:
    return next(v for v, node in enumerate(obligation.graph.nodes) if node.op == "sin")


def test_it_is_built_and_no_constant_is_folded() -> None:
    g = GraphBuilder()
    x = g.input("x", "real", F(0), F(1))
    assert g.apply(SIN, x) == g.apply(SIN, x)
    assert g.constant_value(g.apply(SIN, g.const(0))) is None
    assert not g.is_partial(g.apply(SIN, x))


def test_its_values() -> None:
    one = at_most(F(1, 2))
    v, groups, at = sine_of(one), grouped(one.graph), np.array([[0.0], [0.5], [1.0]])
    assert evaluate_exact(one.graph, [F(0)], [v]) == {v: 0}
    assert evaluate_exact(one.graph, [F(1)], [v]) == {v: None}
    values = point_values(groups, len(one.graph.nodes), at)
    assert np.allclose(values[v], np.sin(at[:, 0]))
    seeds = np.zeros_like(values)
    seeds[v] = 1.0
    assert np.allclose(point_slopes(groups, values, seeds, 1)[:, 0], np.cos(at[:, 0]))


def test_its_intervals() -> None:
    one = at_most(F(1, 2))
    v = sine_of(one)
    low, high = interval_values(one.graph, np.array([[0.25]]), np.array([[0.5]]))
    assert low[v, 0] <= np.sin(0.25)
    assert np.sin(0.5) <= high[v, 0] < 0.6
    ends = node_bounds(one.graph, range(v + 1))[v].ends
    assert ends is not None
    assert ends[0] <= 0
    assert F("0.8414") < ends[1] <= F("1.0000001")


def test_its_forms_over_boxes_contain_those_of_the_kernel() -> None:
    one = at_most(F(1, 2))
    plan = make_plan(one.graph, (one.assumption, one.claim))
    box = root_box(prepare(one))
    forms = bound_boxes(plan, box.chart, [box], (one.assumption, one.claim), empty=False, margin=4.0).forms
    row = plan.number_row[sine_of(one)]
    assert forms.least[row, 0] - forms.err[row, 0] <= 0.0
    assert np.sin(1.0) <= forms.most[row, 0] + forms.err[row, 0] <= 1.001


def test_it_is_written_and_read_by_the_kernel() -> None:
    one = at_most(F(1, 2))
    node = one.graph.nodes[sine_of(one)]
    assert node_data(node) == ["sin", 0]
    assert node_of(["sin", 0]) == node
    low, high = evaluate_point(read_problem(problem_data(one)), [F(1)])[sine_of(one)]  # type: ignore[misc]
    assert F("0.8414709848078965066525023216") < low <= high < F("0.8414709848078965066525023217")


@pytest.mark.parametrize("scale", [1, -3])
def test_a_true_claim_is_proved_by_splitting(scale: int) -> None:
    one = at_most(F(17, 20) if scale > 0 else F(1, 100), scale=scale)
    found = BranchAndBoundEngine().solve(one, Budget(20.0))
    assert isinstance(found, ProofFound)
    assert len(found.steps) >= 3
    certificate = proof_certificate(problem_data(one), found, [F(0)])
    assert check_data(certificate).answer == "valid"


def test_a_proof_of_it_proves_nothing_false() -> None:
    """The steps that prove sin(x) <= 0.85 do not prove sin(x) <= 0.84."""
    true, false = at_most(F(17, 20)), at_most(F(21, 25))
    found = BranchAndBoundEngine().solve(true, Budget(20.0))
    assert isinstance(found, ProofFound)
    assert check_data(proof_certificate(problem_data(false), found, [F(0)])).answer == "invalid"


def test_a_kernel_without_it_reads_no_problem_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    one = at_most(F(17, 20))
    found = BranchAndBoundEngine().solve(one, Budget(20.0))
    assert isinstance(found, ProofFound)
    monkeypatch.delitem(kernel_table.OPERATIONS, "sin")
    assert check_data(proof_certificate(problem_data(one), found, [F(0)])).answer == "unreadable"


def test_a_false_claim_has_a_witness() -> None:
    one = at_most(F(1, 2))
    found = BranchAndBoundEngine().solve(one, Budget(20.0))
    assert isinstance(found, CounterexampleFound)
    assert PointJudge(one).status(found.point) is PointStatus.BREAKS
    assert np.sin(float(found.point[0])) > 0.5


def test_a_record_that_is_wrong_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that takes sin(x) to be at most 0.6 finds steps, and the kernel refuses them."""
    wrong = replace(SIN, ends=lambda a: (np.full(a[0].shape, -1.0), np.full(a[0].shape, 0.6)))
    monkeypatch.setitem(table.OPERATIONS, "sin", wrong)
    one = at_most(F(7, 10))
    found = BranchAndBoundEngine().solve(one, Budget(20.0))
    assert isinstance(found, ProofFound)
    assert check_data(proof_certificate(problem_data(one), found, [F(0)])).answer == "invalid"


def test_a_record_without_an_interval_says_that_it_may_be_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(table.OPERATIONS, "sin", replace(SIN, ends=None, slopes=None))
    one = at_most(F(2))
    v = sine_of(one)
    low, high = interval_values(one.graph, np.array([[0.25]]))
    assert (low[v, 0], high[v, 0]) == (-np.inf, np.inf)
    assert node_bounds(one.graph, range(v + 1))[v].ends is None
    plan = make_plan(one.graph, (one.assumption, one.claim))
    box = root_box(prepare(one))
    bounds = bound_boxes(plan, box.chart, [box], (one.assumption, one.claim), empty=False, margin=4.0)
    assert bounds.forms.tops[plan.number_row[v], 0]
    assert not bounds.closed[0]
    query = smt_query(one)
    assert f"(declare-const n{v} Real)" in query.text
    assert not query.faithful


def test_in_a_network_with_other_operations() -> None:
    """relu(sin(x) - 1/2) + |y| <= 2 for x in 0 .. 1 and y in -3/2 .. 3/2; and what is made of any value is any value."""
    g = GraphBuilder()
    x, y = g.input("x", "real", F(0), F(1)), g.input("y", "real", F(-3, 2), F(3, 2))
    left = g.add(g.relu(g.affine(((F(1), g.apply(SIN, x)),), F(-1, 2))), g.abs(y))
    claim, assumption = g.le(left, g.const(2)), g.boolean(True)
    one = Obligation(g.graph(), assumption, claim)
    found = BranchAndBoundEngine().solve(one, Budget(20.0))
    assert isinstance(found, ProofFound)
    assert check_data(proof_certificate(problem_data(one), found, [F(0), F(0)])).answer == "valid"
    free = g.apply(SIN, g.div(g.const(1), x))
    low, high = interval_values(g.graph(), np.array([[0.0, 0.0]]))
    assert (low[free, 0], high[free, 0]) == (-np.inf, np.inf)
    assert g.is_partial(free)


@pytest.mark.parametrize("name", [e.make().name for e in ENGINES])
def test_no_engine_proves_or_refutes_what_is_not_so(name: str) -> None:
    """Whatever an engine answers is judged by the kernel: a true claim is not refuted, a false one is not proved."""
    engine = next(e.make() for e in ENGINES if e.make().name == name)
    for bound, true in ((F(17, 20), True), (F(1, 2), False), (F(21, 25), False)):
        one = at_most(bound)
        if not engine.suits(one):
            continue
        found = engine.solve(one, Budget(0.5))
        if isinstance(found, ProofFound):
            answer = check_data(proof_certificate(problem_data(one), found, [F(0)])).answer
            assert (answer == "valid") is true
        if isinstance(found, CounterexampleFound):
            assert PointJudge(one).status(found.point) is not PointStatus.BREAKS or not true


def test_it_is_printed_in_words() -> None:
    assert problem_words(problem_data(at_most(F(1, 2))), "proof") == (
        "For every input: x a real in 0 .. 1: sin(x) <= 0.5."
    )


def test_solvers_are_told_its_interval_and_no_more() -> None:
    query = smt_query(at_most(F(1, 2)))
    v = sine_of(at_most(F(1, 2)))
    assert not query.faithful
    assert f"(declare-const n{v} Real)" in query.text
    assert [line for line in query.text.splitlines() if line.startswith("(assert (<= ") and f" n{v} " in line]
    assert "sin" not in query.text


def test_explain_has_a_row_with_it() -> None:
    rows = [row for row in float_errors() if "sin" in row.operation.split(", ")]
    assert [row.covers for row in rows] == [("exact mathematics only: no float32 model is made of them",)]


def test_a_function_of_its_name_would_be_compiled() -> None:
    g = GraphBuilder()
    x = g.input("x", "real", F(0), F(1))
    value, defined = called("sin")(g, x)
    assert g.node(value).op == "sin"
    assert g.truth_value(defined) is True


@pytest.mark.parametrize("seed", range(12))
def test_of_random_obligations_only_what_is_so_is_proved(seed: int) -> None:
    one = random_obligation(seed, ("sin", "sin", "affine", "relu", "max", "mul", "ite"), size=6)
    judged = statuses(one)
    found = BranchAndBoundEngine(max_boxes=2_000).solve(one, Budget(5.0))
    if isinstance(found, CounterexampleFound):
        assert PointJudge(one).status(found.point) is PointStatus.BREAKS
    if isinstance(found, ProofFound):
        inside = next((p for p in points_of(one) if PointJudge(one).status(p) is not PointStatus.OUTSIDE), None)
        if inside is not None:
            assert check_data(proof_certificate(problem_data(one), found, inside)).answer == "valid"
        assert not judged[PointStatus.BREAKS]


def _xor_at_point(e: NodeValues, v: int, node: KernelNode) -> None:
    a, b = (e.truth[u] for u in node.args)
    e.truth[v] = None if a is None or b is None else a is not b


def _xor_forms(f: Forms, v: int, node: KernelNode) -> None:
    a, b = (f.truth[u] for u in node.args)
    f.truth[v] = None if a is None or b is None else a is not b


def _either(a: Ends, b: Ends) -> Ends:
    known = (a[0] == a[1]) & (b[0] == b[1])
    truth = (a[0] != b[0]).astype(np.float64)
    return np.where(known, truth, 0.0), np.where(known, truth, 1.0)


XOR = Operation(
    "xor", ("truth", "truth"), lambda a, b: a is not b, lambda a, b: (a != b).astype(np.float64), _either, gives="truth"
)  # fmt: skip
XOR_OF_THE_KERNEL = KernelOperation("xor", ("boolean", "boolean"), _xor_at_point, _xor_forms, boolean=True, total=True)


@pytest.fixture
def xor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(table.OPERATIONS, "xor", XOR)
    monkeypatch.setitem(kernel_table.OPERATIONS, "xor", XOR_OF_THE_KERNEL)


def exactly_one(least: Fraction) -> Obligation:
    """For x in 0 .. 1 and y in 3 .. 4: exactly one of x >= least and y >= 2. True for a least above 1."""
    g = GraphBuilder()
    x, y = g.input("x", "real", F(0), F(1)), g.input("y", "real", F(3), F(4))
    claim, assumption = g.apply(XOR, g.le(g.const(least), x), g.le(g.const(2), y)), g.boolean(True)
    return Obligation(g.graph(), assumption, claim)


@pytest.mark.usefixtures("xor")
def test_a_connective_is_proved_refuted_written_and_printed() -> None:
    true, false = exactly_one(F(2)), exactly_one(F(1, 2))
    found = BranchAndBoundEngine().solve(true, Budget(20.0))
    assert isinstance(found, ProofFound)
    assert check_data(proof_certificate(problem_data(true), found, [F(0), F(3)])).answer == "valid"
    assert check_data(proof_certificate(problem_data(false), found, [F(0), F(3)])).answer == "invalid"
    refuted = BranchAndBoundEngine().solve(false, Budget(20.0))
    assert isinstance(refuted, CounterexampleFound)
    assert PointJudge(false).status(refuted.point) is PointStatus.BREAKS
    assert "xor(2 <= x, 2 <= y)" in problem_words(problem_data(true), "proof")


@pytest.mark.usefixtures("xor")
def test_what_is_said_of_a_connective_is_no_more_than_its_record_says() -> None:
    """It is no conjunction and no disjunction, whatever else an engine may take for one."""
    one = exactly_one(F(1, 2))
    v = one.claim
    low, high = interval_values(one.graph, np.array([[0.0, 3.0]]), np.array([[1.0, 4.0]]))
    assert (low[v, 0], high[v, 0]) == (0.0, 1.0)
    plan = make_plan(one.graph, (one.assumption, one.claim))
    box = root_box(prepare(one))
    bounds = bound_boxes(plan, box.chart, [box], (one.assumption, one.claim), empty=False, margin=4.0)
    assert bounds.forms.truth[plan.truth_row[v], 0] == 0
    query = smt_query(one)
    assert f"(declare-const n{v} Bool)" in query.text
    assert not query.faithful


@pytest.mark.usefixtures("xor")
@pytest.mark.parametrize("name", [e.make().name for e in ENGINES])
def test_no_engine_takes_a_connective_for_another(name: str) -> None:
    engine = next(e.make() for e in ENGINES if e.make().name == name)
    for least, true in ((F(2), True), (F(1, 2), False), (F(-1), False)):
        one = exactly_one(least)
        if not engine.suits(one):
            continue
        found = engine.solve(one, Budget(0.5))
        assert not isinstance(found, SolverAnswer)
        if isinstance(found, ProofFound):
            answer = check_data(proof_certificate(problem_data(one), found, [F(0), F(3)])).answer
            assert (answer == "valid") is true
        if isinstance(found, CounterexampleFound):
            assert PointJudge(one).status(found.point) is not PointStatus.BREAKS or not true
