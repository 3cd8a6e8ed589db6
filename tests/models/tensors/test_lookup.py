"""Tables that an integer looks up: every element, and bounds of the index that narrow what is chosen."""

import random
from fractions import Fraction

import numpy as np
import pytest
from obligations import kernel_answer

from mechverify.engines.affine.layout import cone
from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, ProofFound
from mechverify.engines.ranges.narrowing import narrowed
from mechverify.engines.ranges.node_bounds import node_bounds
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation
from mechverify.graph.intervals import interval_values
from mechverify.graph.tables import Entries
from mechverify.kernel.api import evaluate_point
from mechverify.models.tensors import lookup
from mechverify.models.tensors.lookup import constant_entry, looked_up

TABLES = ([7], [3, 3, 3], list(range(9)), [0, 0, 0, 0, 1, 1], [5, 1, 5, 1, 5], [2, 2, 2, 2, 2, 2, 2, 9], [9, 2, 2, 4, 4, 4])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("first", [-4, 0, 3])
def test_every_index_gives_its_element(table: list[int], first: int) -> None:
    g = GraphBuilder()
    index = g.input("v", "integer", Fraction(first), Fraction(first + len(table) - 1))
    chosen = looked_up(g, index, first, [g.const(x) for x in table])
    graph = g.graph()
    for k, wanted in enumerate(table):
        assert evaluate_exact(graph, (Fraction(first + k),), [chosen])[chosen] == wanted


def spellings(seed: int) -> tuple[list[tuple[Obligation, int, int]], range]:
    """A random table looked up at a remainder, by a table and by a search: the obligation that what is computed of the
    entry has a bound, the entry and the computed number; and the values of the input."""
    rng = random.Random(seed)
    count, first = rng.randint(2, 40), rng.choice((-7, 0, 3))
    small = [Fraction(rng.randint(-9, 9), rng.choice((1, 2, 3))) for _ in range(4)]
    column = [rng.choice(small) if rng.random() < 0.5 else Fraction(rng.randint(-99, 99), 8) for _ in range(count)]
    bound, found = Fraction(rng.randint(-40, 60)), []
    for conditions in (0, count):
        g = GraphBuilder()
        v = g.input("v", "integer", Fraction(0), Fraction(3 * count))
        index = g.add(g.mod(v, g.const(count)), g.const(first))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(lookup, "MOST_CONDITIONS", conditions - (conditions == 0))
            chosen = constant_entry(g, index, first, Entries(column))
        total = g.affine([(Fraction(2), chosen), (Fraction(1), g.relu(chosen))])
        assumption, claim = g.boolean(truth=True), g.le(total, g.const(bound))
        found.append((Obligation(g.graph(), assumption, claim), chosen, total))
    return found, range(3 * count + 1)


@pytest.mark.parametrize("seed", range(40))
def test_a_table_and_a_search_mean_the_same(seed: int) -> None:
    """In exact values, in intervals at points and on boxes, in the kernel at points; and proofs of both are valid."""
    found, values = spellings(seed)
    assert {any(n.op == "table" for n in one.graph.nodes) for one, _, _ in found} == {True, False}
    points = np.array([[float(x)] for x in values])
    seen, proved = [], []
    for obligation, chosen, total in found:
        graph = obligation.graph
        exact = [evaluate_exact(graph, (Fraction(x),), [total])[total] for x in values]
        kernel = [evaluate_point(prepare(obligation).problem, [x])[total] for x in values]
        assert kernel == [(x, x) for x in exact]
        low, high = interval_values(graph, points)
        assert all(a <= x <= b for a, x, b in zip(low[total], exact, high[total], strict=True))  # type: ignore[operator]
        wide = interval_values(graph, points[:1], points[-1:])
        assert wide[0][chosen, 0] <= min(evaluate_exact(graph, (Fraction(x),), [chosen])[chosen] for x in values)
        seen.append(exact)
        outcome = BranchAndBoundEngine().solve(obligation, Budget(10.0))
        true = all(evaluate_exact(graph, (Fraction(x),), [obligation.claim])[obligation.claim] for x in values)
        if isinstance(outcome, ProofFound):
            assert true
            assert kernel_answer(obligation, outcome) == "valid"
        proved.append(isinstance(outcome, ProofFound))
        assert proved[-1] is true
    assert seen[0] == seen[1]


def test_a_table_of_computed_elements_is_a_search() -> None:
    g = GraphBuilder()
    index, x = (g.input(n, "integer", Fraction(0), Fraction(39)) for n in "vx")
    chosen = looked_up(g, index, 0, [g.const(k * k) for k in range(39)] + [x])
    assert not any(n.op == "table" for n in g.graph().nodes)
    assert evaluate_exact(g.graph(), (Fraction(39), Fraction(5)), [chosen])[chosen] == 5


def test_a_constant_index_is_its_entry() -> None:
    g = GraphBuilder()
    assert g.constant_value(g.entry(g.const(1), Entries([Fraction(4), Fraction(9)]))) == 9


def test_neighbours_that_are_the_same_take_no_condition() -> None:
    g = GraphBuilder()
    index = g.input("v", "integer", Fraction(0), Fraction(255))
    chosen = looked_up(g, index, 0, [g.const(int(k >= 100)) for k in range(256)])
    order = cone(g.graph(), (chosen,))
    assert sum(g.graph().nodes[v].op == "ite" for v in order) == 1


def test_bounds_of_the_index_leave_only_the_elements_in_reach() -> None:
    g = GraphBuilder()
    index = g.input("v", "integer", Fraction(0), Fraction(255))
    chosen = looked_up(g, index, 0, [g.const(k * k) for k in range(256)])
    assumption, claim = g.le(index, g.const(10)), g.le(chosen, g.const(100))
    obligation = Obligation(g.graph(), assumption, claim)
    graph = narrowed(obligation).graph
    left = graph.nodes[obligation.claim].args[0]
    ends = node_bounds(graph, cone(graph, (left,)), ((Fraction(0), Fraction(10)),))[left].ends
    assert ends is not None
    assert ends[1] < 256


def test_a_step_in_each_of_several_tables_is_proved_by_splits_there() -> None:
    g = GraphBuilder()
    bytes_ = [g.input(f"v_{k}", "integer", Fraction(0), Fraction(255)) for k in range(3)]
    high = [g.const(int(k >= 128)) for k in range(256)]
    count = g.affine((Fraction(1), looked_up(g, v, 0, high)) for v in bytes_)
    right = g.affine((Fraction(1), g.ite(g.le(g.const(128), v), g.const(1), g.const(0))) for v in bytes_)
    assumption, claim = g.boolean(truth=True), g.eq(count, right)
    obligation = Obligation(g.graph(), assumption, claim)
    outcome = BranchAndBoundEngine().solve(obligation, Budget(20.0))
    assert isinstance(outcome, ProofFound)
    assert len(outcome.steps) < 40
    assert kernel_answer(obligation, outcome) == "valid"
