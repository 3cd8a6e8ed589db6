"""Claims about sums of what single inputs determine: proved by a lemma for each input, never where they are false."""

from fractions import Fraction

import pytest
from obligations import kernel_answer

from mechverify.engines.engine import Budget, ProofFound
from mechverify.engines.input_lemmas import InputLemmasEngine, parts_of
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation, Rounding
from mechverify.models.tensors.lookup import looked_up

F = Fraction


def digits(count: int, rounding: Rounding, wrong: int | None = None) -> Obligation:
    """The sum of tables of ``v % 8`` against the sum of the remainders; one row of one table is ``wrong`` by 1."""
    g = GraphBuilder()
    inputs = [g.input(f"v_{k}", "integer", F(0), F(31)) for k in range(count)]
    tables = [[v % 8 + (1 if (k, v) == (count - 1, wrong) else 0) for v in range(32)] for k in range(count)]
    looked = [looked_up(g, v, 0, [g.const(x) for x in table]) for v, table in zip(inputs, tables, strict=True)]
    found = g.affine([(F(1), g.relu(x)) for x in looked], rounding=rounding)
    parts = [(F(1), v) for v in inputs] + [(F(-8), g.floor(g.affine([(F(1, 8), v)]))) for v in inputs]
    assumption, claim = g.boolean(truth=True), g.eq(found, g.affine(parts))
    return Obligation(g.graph(), assumption, claim)


@pytest.mark.parametrize("rounding", ["exact", "float32"])
def test_a_sum_over_a_million_inputs_takes_a_lemma_for_each(rounding: Rounding) -> None:
    obligation = digits(4, rounding)
    engine = InputLemmasEngine()
    assert engine.suits(obligation)
    outcome = engine.solve(obligation, Budget(20.0))
    assert isinstance(outcome, ProofFound)
    assert sum(step[0] == "forget" for step in outcome.steps) == 4
    assert kernel_answer(obligation, outcome) == "valid"


@pytest.mark.parametrize("wrong", [0, 13, 31])
def test_one_wrong_row_is_no_proof(wrong: int) -> None:
    obligation = digits(3, "float32", wrong)
    outcome = InputLemmasEngine().solve(obligation, Budget(5.0))
    assert not isinstance(outcome, ProofFound)


def test_the_parts_of_each_input() -> None:
    obligation = digits(2, "exact")
    parts = parts_of(obligation)
    nodes = obligation.graph.nodes
    assert {k: sorted(nodes[v].op for v in members) for k, members in parts.items()} == {
        0: ["floor", "relu"],
        1: ["floor", "relu"],
    }


def test_wide_inputs_and_single_ones_are_left_to_others() -> None:
    g = GraphBuilder()
    v = g.input("v", "integer", F(0), F(1 << 20))
    w = g.input("w", "integer", F(0), F(1 << 20))
    claim = g.le(g.affine([(F(1), g.relu(v)), (F(1), g.abs(v))]), g.affine([(F(1), g.relu(w)), (F(1), g.abs(w))]))
    assert not InputLemmasEngine().suits(Obligation(g.graph(), g.boolean(truth=True), claim))
    assert not InputLemmasEngine().suits(digits(1, "exact"))
