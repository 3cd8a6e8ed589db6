"""What the records of the operations say of one another, and what the kernel says of the same names."""

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from mechverify.engines.certificates.problem import node_data, node_of, problem_data
from mechverify.errors import InternalError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Graph, Input, Node, Obligation
from mechverify.graph.interval_plan import grouped
from mechverify.graph.intervals import interval_values
from mechverify.graph.operations.operation import Operation
from mechverify.graph.operations.smooth import EXP
from mechverify.graph.operations.table import FREE, OPERATIONS, operation
from mechverify.graph.point_values import point_values
from mechverify.graph.tables import Entries
from mechverify.kernel.api import UnreadableError, evaluate_point, read_problem
from mechverify.kernel.operations import table as kernel_table
from mechverify.kernel.reading.node import Node as KernelNode

F = Fraction
NAMES = sorted(OPERATIONS)
FUNCTIONS = sorted(n for n, o in OPERATIONS.items() if o.takes)
WITHIN = frozenset(("table",))  # whoever makes one sees to it that the argument is where it has a value
PLAIN = sorted(n for n in FUNCTIONS if not OPERATIONS[n].many)


def node_on(one: Operation, numbers: tuple[int, ...], truths: tuple[int, ...]) -> Node:
    """A node of the operation on the first of these arguments; of any number of them on two."""
    sorts = one.takes * 2 if one.many else one.takes
    left = {"number": list(numbers), "truth": list(truths)}
    args = tuple(left[sort].pop(0) for sort in sorts)
    beside = {"terms": (F(3), F(2), F(-5, 4)), "entries": Entries([F(1), F(-5, 4), F(1, 3)])}
    return Node(one.name, args, beside.get(one.beside, ()))


def graph_of(name: str) -> tuple[Graph, int]:
    """Two real inputs, two comparisons of them, and the operation on these."""
    inputs = tuple(Input(n, "real", F(-9), F(9)) for n in "xy")
    nodes = [Node("input", (0,)), Node("input", (1,)), Node("le", (0, 1)), Node("lt", (1, 0))]
    return Graph(inputs, (*nodes, node_on(OPERATIONS[name], (0, 1), (2, 3)))), 4


def problem_of(graph: Graph, raw: list[Any]) -> dict[str, Any]:
    """The kernel's problem with this as its fifth node, claiming ``true``."""
    data = problem_data(Obligation(Graph(graph.inputs, graph.nodes[:4]), 2, 2))
    if raw[0] == "table":
        data, raw = {**data, "tables": [raw[1]]}, [raw[0], 0, *raw[2:]]
    return {**data, "nodes": [*data["nodes"][:4], raw, ["bool", "true"]], "assumption": 5, "claim": 5}


@pytest.mark.parametrize("name", NAMES)
def test_a_record_has_its_name(name: str) -> None:
    assert OPERATIONS[name].name == name
    assert operation(name) is OPERATIONS[name]


def test_what_is_forgotten_is_no_node_of_a_graph() -> None:
    assert operation("free") is FREE
    assert "free" not in OPERATIONS
    with pytest.raises(KeyError):
        operation("sine")


@pytest.mark.parametrize("name", NAMES)
def test_the_record_of_the_kernel_says_the_same(name: str) -> None:
    ours, theirs = OPERATIONS[name], kernel_table.OPERATIONS[name]
    assert (ours.boolean, ours.compares) == (theirs.boolean, theirs.compares)
    assert (ours.grid == "sum") is theirs.product
    assert (ours.switch is not None) is (theirs.taken is not None)
    if ours.switch is None or theirs.taken is None:
        return
    node = KernelNode(name, tuple(range(len(ours.takes))))
    for rises, weights in ((False, ours.switch.below), (True, ours.switch.above)):
        constant, terms = theirs.taken(node, rises=rises)
        assert constant == 0
        assert {a: w for w, a in terms} == {a: w for a, w in enumerate(weights) if w}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_kernel_reads_what_is_written_and_has_the_same_sorts(name: str) -> None:
    graph, v = graph_of(name)
    raw = node_data(graph.nodes[v])
    assert read_problem(problem_of(graph, raw)).nodes[v].boolean is OPERATIONS[name].boolean
    assert node_of(raw) == graph.nodes[v]


@pytest.mark.parametrize("name", PLAIN)
def test_the_kernel_takes_as_many_arguments(name: str) -> None:
    graph, v = graph_of(name)
    raw = node_data(graph.nodes[v])
    for wrong in ([*raw, raw[-1]], raw[:-1]):
        with pytest.raises(UnreadableError):
            read_problem(problem_of(graph, wrong))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_kernel_takes_no_arguments_of_the_other_sort(name: str) -> None:
    graph, v = graph_of(name)
    other = {"number": 2, "truth": 0}
    node = graph.nodes[v]
    sorts = OPERATIONS[name].takes * (2 if OPERATIONS[name].many else 1)
    for k, sort in enumerate(sorts):
        args = tuple(other[sort] if i == k else a for i, a in enumerate(node.args))
        with pytest.raises(UnreadableError):
            read_problem(problem_of(graph, node_data(Node(node.op, args, node.numbers))))


@pytest.mark.parametrize("raw", [["sine", 0], ["le", 0, 1, 2], ["mul", 0, 1], ["const", "1", "2"]])
def test_what_is_no_node_is_not_read_back(raw: list[Any]) -> None:
    with pytest.raises((InternalError, ValueError)):
        node_of(raw)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("seed", range(3))
def test_values_exact_in_floats_in_intervals_and_in_the_kernel(name: str, seed: int) -> None:
    """Each inside the next: exact values, those of floats, the interval, and the kernel's."""
    rng = random.Random(f"{name} {seed}")
    graph, v = graph_of(name)
    problem = read_problem(problem_of(graph, node_data(graph.nodes[v])))
    for _ in range(20):
        point = [F(rng.randint(-36, 36), 4) for _ in "xy"]
        points = np.array([[float(x) for x in point]])
        low, high = (float(ends[v, 0]) for ends in interval_values(graph, points))
        value = evaluate_exact(graph, point, [v])[v]
        found = float(point_values(grouped(graph), len(graph.nodes), points)[v, 0])
        theirs = evaluate_point(problem, point)[v]
        if theirs is None:
            assert OPERATIONS[name].partial or name in WITHIN
            assert value is None
            assert (low, high) == (-np.inf, np.inf)
            continue
        assert low - 1e-9 <= found <= high + 1e-9
        if value is not None:
            assert low <= value <= high
            assert abs(found - value) <= 1e-12 * (1 + abs(value))
        if not isinstance(theirs, bool):
            assert low <= theirs[1]
            assert theirs[0] <= high
            assert value is None or theirs[0] <= value <= theirs[1]


@pytest.mark.parametrize("name", sorted(n for n in PLAIN if OPERATIONS[n].grows_with))
def test_it_grows_as_its_record_says(name: str) -> None:
    one, rng = OPERATIONS[name], np.random.default_rng(7)
    assert one.values is not None
    assert len(one.grows_with) == len(one.takes)
    args = [rng.uniform(0.1, 4.0, 500) for _ in one.takes]
    for k, way in enumerate(one.grows_with):
        moved = [a + rng.uniform(0.0, 2.0, 500) * (i == k) for i, a in enumerate(args)]
        assert (way * (one.values(*moved) - one.values(*args)) >= 0.0).all()


@pytest.mark.parametrize("name", sorted(n for n in PLAIN if OPERATIONS[n].domain is not None))
def test_it_has_a_value_on_its_domain_and_nowhere_else(name: str) -> None:
    one = OPERATIONS[name]
    assert one.partial
    assert one.domain is not None
    graph, v = graph_of(name)
    problem = read_problem(problem_of(graph, node_data(graph.nodes[v])))
    step = F(1, 2**60)
    for x, inside in ((one.domain.least - step, False), (one.domain.least, not one.domain.strict), (step, True)):
        assert (evaluate_point(problem, [x, F(0)])[v] is not None) is inside


@pytest.mark.parametrize("name", sorted(n for n in FUNCTIONS if OPERATIONS[n].slopes is not None))
def test_slopes_are_those_of_the_values(name: str) -> None:
    one, rng, step = OPERATIONS[name], np.random.default_rng(7), 1e-6
    assert one.values is not None
    assert one.slopes is not None
    args = [rng.uniform(0.1, 4.0, 50) + k for k, _ in enumerate(one.takes)]
    for k, slope in enumerate(one.slopes(*args)):
        moved = [a + step * (i == k) for i, a in enumerate(args)]
        if name != "round32":
            assert np.allclose(slope, (one.values(*moved) - one.values(*args)) / step, atol=1e-4)


@pytest.mark.parametrize("name", sorted(n for n in FUNCTIONS if n != "ite" and "number" in OPERATIONS[n].takes))
def test_of_any_value_any_value(name: str) -> None:
    """A quotient by what may be zero is any value, NaN too, and so is what is made of it."""
    g = GraphBuilder()
    x = g.input("x", "real", F(-1), F(1))
    free = g.div(g.const(1), x)
    node = g._add(node_on(OPERATIONS[name], (free, x), ()))
    low, high = (float(ends[node, 0]) for ends in interval_values(g.graph(), np.array([[0.0]])))
    assert (low, high) == ((0.0, 1.0) if OPERATIONS[name].boolean else (-np.inf, np.inf))


def test_the_exponential_of_any_value_is_any_value() -> None:
    """It was at least zero, which is not so of the exponential of a NaN."""
    g = GraphBuilder()
    x = g.input("x", "real", F(-1), F(1))
    node = g.apply(EXP, g.div(g.const(1), x))
    assert float(interval_values(g.graph(), np.array([[0.0]]))[0][node, 0]) == -np.inf


@pytest.mark.parametrize("name", sorted(n for n in PLAIN if OPERATIONS[n].rational and not OPERATIONS[n].partial))
def test_constants_are_folded_to_the_value(name: str) -> None:
    one, g = OPERATIONS[name], GraphBuilder()
    assert one.value is not None
    constants = [F(-7, 2), F(5, 2)][: len(one.takes)]
    node = g.apply(one, *map(g.const, constants))
    found = g.truth_value(node) if one.boolean else g.constant_value(node)
    assert found is not None
    assert found == one.value(*constants)
