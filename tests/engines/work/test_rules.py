"""Following the kernel's rules costs what their evaluations are, and says what the kernel says."""

import ast
from fractions import Fraction as F
from pathlib import Path

import pytest

from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.work import rules
from mechverify.engines.work.meter import work_done
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.kernel import search as kernel
from mechverify.kernel.search import Forms, InvalidError, State

ROOT = Path(rules.__file__).resolve().parents[2]
COUNTED = {
    "check_inhabitant",
    "check_witness",
    "evaluate",
    "evaluate_forms",
    "settles",
    "take_step",
    "try_step",
}


def sum_of(count: int) -> Obligation:
    b = GraphBuilder()
    inputs = [b.input(f"x{k}", "real", F(0), F(1)) for k in range(count)]
    claim = b.le(b.affine([(F(1), b.relu(x)) for x in inputs]), b.const(count))
    always = b.boolean(truth=True)
    return Obligation(b.graph(), always, claim)


def cost(obligation: Obligation) -> float:
    state = State.start(prepare(obligation))
    before = work_done()
    assert rules.take_step(state, ["leaf"]) == kernel.take_step(state, ["leaf"]) == []
    return work_done() - before


def test_a_leaf_of_a_larger_problem_costs_more() -> None:
    small, large = cost(sum_of(2)), cost(sum_of(60))
    assert 0 < 5 * small < large


def test_what_was_forgotten_costs_nothing_more() -> None:
    """Below `forget` a path needs a few nodes of a large problem."""
    state = State.start(prepare(sum_of(60)))
    total = state.prepared.problem.nodes[state.prepared.problem.claim].args[0]
    _, rest = rules.take_step(state, ["forget", [[total, "0", "60"]], [], []])
    before = work_done()
    assert rules.take_step(rest, ["leaf"]) == []
    assert 5 * (work_done() - before) < cost(sum_of(60))


def test_an_attempt_that_fails_costs_too() -> None:
    state = State.start(prepare(sum_of(3)))
    before = work_done()
    assert rules.try_step(state, ["case", 10**6]) is None
    assert work_done() > before


def test_forms_are_the_kernels() -> None:
    state = State.start(prepare(sum_of(3)))
    ours, theirs = Forms(state, {}, {}), Forms(state, {}, {})
    before = work_done()
    rules.evaluate_forms(ours)
    assert work_done() > before
    kernel.evaluate_forms(theirs)
    assert (ours.lo, ours.hi, ours.truth) == (theirs.lo, theirs.hi, theirs.truth)


def test_points_are_judged_as_by_the_kernel() -> None:
    prepared = prepare(sum_of(2))
    before = work_done()
    rules.check_inhabitant(prepared, [0, 1])
    with pytest.raises(InvalidError):
        rules.check_witness(prepared, [0, 1])
    with pytest.raises(InvalidError):
        rules.evaluate(prepared, [2, 1])
    assert work_done() > before


@pytest.mark.parametrize("room", ["engines", "deciding", "findings", "verification", "probing", "tighten"])
def test_nothing_else_takes_the_uncounted_ones(room: str) -> None:
    for path in sorted((ROOT / room).rglob("*.py")):
        if path == Path(rules.__file__):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "mechverify.kernel.search":
                assert COUNTED.isdisjoint(one.name for one in node.names), path
