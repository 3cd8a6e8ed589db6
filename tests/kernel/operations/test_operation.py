"""An operation is a record and a line of the table; what the record does not say is refused."""

from dataclasses import fields
from fractions import Fraction
from typing import Any

import pytest
from kernel_tools import Build, accepted, answer, proof, reject, witness

from mechverify.kernel.forms.form import Forms
from mechverify.kernel.operations.operation import Operation
from mechverify.kernel.operations.table import OPERATIONS
from mechverify.kernel.points.values import NodeValues
from mechverify.kernel.reading.node import Node


def _partial_sums(x: Fraction) -> tuple[Fraction, Fraction]:
    """Bounds of sin(x) for 0 <= x <= 2: two partial sums of its alternating series, whose terms fall."""
    term, total, n = x, x, 1
    while n < 21:
        term = -term * x * x / ((n + 1) * (n + 2))
        total, n = total + term, n + 2
    return min(total, total - term), max(total, total - term)


def _sin_at_point(e: NodeValues, v: int, node: Node) -> None:
    ends = e.ends(node.args[0])
    if ends is None or not 0 <= ends[0] == ends[1] <= 2:
        e.top(v)
    else:
        e.interval(v, *_partial_sums(Fraction(ends[0])))


def _sin_forms(f: Forms, v: int, node: Node) -> None:
    """On [0, 2]: at least 0, at most 1 and the argument."""
    a = node.args[0]
    if a in f.tops or f.lo[a] < 0 or f.hi[a] > 2 << f.bits:
        f.top(v)
    else:
        f.constant(v, 0, min(1 << f.bits, f.hi[a]))


SIN = Operation("sin", ("number",), _sin_at_point, _sin_forms)


@pytest.fixture
def sin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one line of the table."""
    monkeypatch.setitem(OPERATIONS, "sin", SIN)


def bounded(most: Any, bound: Any) -> Any:
    """sin(x) <= bound for x from 0 to `most`."""
    build = Build()
    x = build.real("x", 0, most)
    return build.problem(None, build.node("le", build.node("sin", x), build.const(bound)))


@pytest.mark.usefixtures("sin")
def test_a_new_operation_is_proved_with() -> None:
    assert accepted(proof(bounded(2, 1), [["leaf"]], [1]))
    assert accepted(proof(bounded(Fraction(1, 2), Fraction(1, 2)), [["leaf"]], [0]))
    halves = [["split", [["1", 0]], "1p-1"], ["leaf"], ["leaf"]]
    assert accepted(proof(bounded(1, 1), halves, [1]))


@pytest.mark.usefixtures("sin")
def test_a_new_operation_is_refuted_with() -> None:
    assert accepted(witness(bounded(2, Fraction(1, 2)), [1]))  # sin(1) = 0.841...
    assert accepted(witness(bounded(2, Fraction(84147, 100000)), [1]))
    reject(witness(bounded(2, Fraction(84148, 100000)), [1]), "the claim is not broken")


@pytest.mark.usefixtures("sin")
@pytest.mark.parametrize(
    ("problem", "steps", "reason"),
    [
        (bounded(2, Fraction(9, 10)), [["leaf"]], "the leaf does not show the claim"),
        (bounded(3, 1), [["leaf"]], "the leaf does not show the claim"),
        (bounded(2, 1), [["phase", 1], ["leaf"], ["leaf"]], "sin has no phases"),
        (bounded(2, 1), [["leaf", [[1, "1p-1"]], []]], "a slope for node 1 is out of range, repeated"),
        (bounded(2, 1), [["leaf", [], [[1, "low", []]]]], "multipliers name a comparison"),
        (bounded(2, 1), [["define", [["sin", 0]]], ["leaf"]], "may have no value where its arguments have one"),
        (bounded(2, 1), [["define", [["sin", 1, 0]]], ["leaf"]], "sin must be a list of 2"),
        (bounded(2, 1), [["forget", [[1, "0", "1", "integer"]], [], []], ["leaf"], ["leaf"]], "not computed from integ"),
    ],
)  # fmt: skip
def test_what_the_record_does_not_say_is_refused(problem: Any, steps: Any, reason: str) -> None:
    reject(proof(problem, steps, [1]), reason, 0)


@pytest.mark.usefixtures("sin")
def test_a_row_of_a_new_operation_is_a_column() -> None:
    build = Build()
    x = build.real("x", 0, 2)
    one = build.node("sin", x)
    twice, double = build.affine(0, (1, one), (1, one)), build.affine(0, (2, one))
    same = build.problem(None, build.node("le", build.affine(0, (1, twice), (-1, double)), build.const(0)))
    assert accepted(proof(same, [["leaf", [], [], [6]]], [1]))
    reject(proof(same, [["leaf", [], [], [7]]], [1]), "neither a number nor a comparison", 0)
    reject(proof(same, [["leaf", [], [], [8]]], [1]), "an index of the step", 0)


def test_without_the_line_it_is_unreadable() -> None:
    found = answer(proof(bounded(2, 1), [["leaf"]], [1]))
    assert (found.answer, found.reason) == ("unreadable", "node 1: unknown operation 'sin'")


def test_a_record_is_refused_by_what_no_file_can_have() -> None:
    build = Build()
    build.integer("x", 0, 1)
    build.nodes.append(["free"])
    found = answer(proof(build.problem(None, 1), [["leaf"]], [0]))
    assert (found.answer, found.reason) == ("unreadable", "node 1: unknown operation 'free'")


def having(name: str) -> set[str]:
    """The operations whose record says more than nothing of a field."""
    nothing = {one.name: one.default for one in fields(Operation)}[name]
    return {op for op, record in OPERATIONS.items() if getattr(record, name) != nothing}


def test_what_is_said_of_each_operation() -> None:
    """The rules of docs/kernel.md, once more: nobody gets a privilege by an oversight."""
    assert all(record.name == op for op, record in OPERATIONS.items())
    switches = {"relu", "abs", "max", "min"}
    comparisons, logic = {"le", "lt", "eq"}, {"and", "or", "not"}
    assert having("compares") == comparisons
    assert having("boolean") == comparisons | logic | {"bool", "free"}
    assert having("taken") == switches
    assert having("keeps_gaps") == switches - {"abs"}
    smooth = {"sqrt", "exp", "log", "tanh", "sigmoid", "erf"}
    assert having("least_slope") == switches | smooth | {"mul", "div"}
    assert {op: OPERATIONS[op].least_slope for op in switches} == {"relu": 0, "max": 0, "min": 0, "abs": -1}
    assert having("product") == {"mul"}
    assert having("whole") == switches | {"const", "affine", "mul", "floor", "round", "ite", "table"}
    assert having("summands") == {"const", "affine", "floor", "round", "round32", "ite", "table"}
    assert having("constant") == {"table"}
    assert having("line") == switches | {"mul", "floor", "round"}
    assert set(OPERATIONS) - having("total") == smooth | {"div", "round32", "table", "free"}
    assert {op for op, record in OPERATIONS.items() if "rounding" in (record.beside or ())} == {"mul", "div"}
    assert {op for op, record in OPERATIONS.items() if "sum_rounding" in (record.beside or ())} == {"affine"}
