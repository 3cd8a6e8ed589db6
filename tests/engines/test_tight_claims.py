"""Claims over reals that hold with nothing to spare, where float64 alone cannot tell."""

from fractions import Fraction

import numpy as np
from obligations import kernel_answer

from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.engine import Budget, ProofFound
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation


def sum_of_relus(above: Fraction) -> Obligation:
    """A sum of relus of sums with float32 weights over [0, 1], which is zero at zero, is at least ``above``."""
    random = np.random.default_rng(1)
    g = GraphBuilder()
    xs = [g.input(f"x_{i}", "real", Fraction(0), Fraction(1)) for i in range(4)]

    def weight() -> Fraction:
        return Fraction(float(np.float32(random.normal())))

    hidden = [g.relu(g.affine((weight(), x) for x in xs)) for _ in range(12)]
    total = g.affine((abs(weight()), h) for h in hidden)
    claim = g.le(g.const(above), total)
    everywhere = g.boolean(truth=True)
    return Obligation(g.graph(), everywhere, claim)


def test_a_sum_of_relus_is_not_negative() -> None:
    obligation = sum_of_relus(Fraction(0))
    outcome = BranchAndBoundEngine().solve(obligation, Budget(20.0))
    assert isinstance(outcome, ProofFound)
    assert len(outcome.steps) == 1
    assert kernel_answer(obligation, outcome) == "valid"


def test_but_no_more() -> None:
    outcome = BranchAndBoundEngine().solve(sum_of_relus(Fraction(1, 1 << 40)), Budget(2.0))
    assert not isinstance(outcome, ProofFound)
