"""Tables that an integer looks up: every element, and bounds of the index that narrow what is chosen."""

from fractions import Fraction

import pytest
from obligations import kernel_answer

from mechverify.engines.affine.layout import cone
from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.engine import Budget, ProofFound
from mechverify.engines.ranges.narrowing import narrowed
from mechverify.engines.ranges.node_bounds import node_bounds
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation
from mechverify.models.tensors.lookup import looked_up

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
