"""Lemmas that branch on what the assumption counts, and paths closed by facts that are strict."""

from fractions import Fraction

import pytest
from obligations import kernel_answer

from mechverify.engines.engine import Budget, CounterexampleFound, ProofFound
from mechverify.engines.lemmas.engine import LemmasEngine
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation

ONE = Fraction(1)


def second_of(length: int, which: int, *, positive: bool = True) -> Obligation:
    """If exactly one number is greater than x_which (and it is >= 0, if ``positive``), the second place holds x_which."""
    g = GraphBuilder()
    xs = [g.input(f"x_{i}", "real", -ONE, ONE) for i in range(length)]
    zero, one = g.const(Fraction(0)), g.const(ONE)
    first = second = zero
    for x in xs:
        second = g.relu(g.sub(g.add(second, g.relu(g.sub(x, second))), g.relu(g.sub(x, first))))
        first = g.relu(g.add(first, g.relu(g.sub(x, first))))
    others = [x for i, x in enumerate(xs) if i != which]
    greater = [g.lt(xs[which], x) for x in others]
    count = g.affine((ONE, g.ite(c, one, zero)) for c in greater)
    conditions = [g.eq(count, one)]
    if positive:
        conditions.append(g.le(zero, xs[which]))
    assumption, claim = g.all(conditions), g.eq(second, xs[which])
    return Obligation(g.graph(), assumption, claim)


@pytest.mark.parametrize("which", [0, 2])
def test_the_second_place_is_proved_case_by_case(which: int) -> None:
    obligation = second_of(4, which)
    engine = LemmasEngine()
    assert engine.suits(obligation)
    outcome = engine.solve(obligation, Budget(60.0))
    assert isinstance(outcome, ProofFound)
    assert any(step[0] == "case" for step in outcome.steps)
    assert kernel_answer(obligation, outcome) == "valid"


def test_a_sampled_counterexample_is_handed_over() -> None:
    obligation = second_of(4, 1, positive=False)
    outcome = LemmasEngine().solve(obligation, Budget(10.0))
    assert isinstance(outcome, CounterexampleFound)
