"""Lemmas that branch on what the assumption counts, and paths closed by facts that are strict."""

from fractions import Fraction
from pathlib import Path

import pytest
from obligations import kernel_answer

from mechverify.deciding.parts import narrowed
from mechverify.engines.engine import Budget, CounterexampleFound, ProofFound
from mechverify.engines.lemmas.engine import LemmasEngine
from mechverify.explanation.obligations import compile_claim
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models

ONE = Fraction(1)
SPECS = Path(__file__).parents[3] / "specs"


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


@pytest.mark.parametrize("free", [5, pytest.param(10, marks=pytest.mark.campaign)])
def test_the_last_of_ten_numbers(free: int) -> None:
    """Its sign follows from three counts by cases that linear programs choose; where the number before it is the
    largest, the state lies above it as a sum of two nodes. All but the last ``free`` numbers are -1.
    """
    spec = read_spec(SPECS / "second_largest.yaml")
    claim = next(c for c in spec.claims if c.name == "right")
    models = load_models(spec, allow_code=False)
    obligation = compile_claim(spec, models, claim, "right[k=9]", {"k": 9}).obligation
    obligation = narrowed(obligation, tuple((-ONE, -ONE if k < 10 - free else ONE) for k in range(10)))
    outcome = LemmasEngine().solve(obligation, Budget(120.0))
    assert isinstance(outcome, ProofFound)
    assert any(step[0] == "case" for step in outcome.steps)
    assert kernel_answer(obligation, outcome) == "valid"


def test_a_sampled_counterexample_is_handed_over() -> None:
    obligation = second_of(4, 1, positive=False)
    outcome = LemmasEngine().solve(obligation, Budget(10.0))
    assert isinstance(outcome, CounterexampleFound)
