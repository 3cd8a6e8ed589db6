"""Claims over reals that hold with nothing to spare, where float64 alone cannot tell."""

from fractions import Fraction

import numpy as np
import pytest
from obligations import kernel_answer

from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.engine import Budget, ProofFound
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Node, Obligation


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


@pytest.mark.parametrize("right", ["outside", "distributed", "apart"])
def test_identities_of_products(right: str) -> None:
    """(2 x) (y + 1) in other words, over reals with ends that are no dyadics: one leaf."""
    g = GraphBuilder()
    x, y = (g.input(name, "real", Fraction(1, 10), Fraction(250, 3)) for name in "xy")
    left = g.mul(g.affine([(Fraction(2), x)]), g.add(y, g.const(1)))
    other = {
        "outside": g.affine([(Fraction(2), g.mul(x, g.add(y, g.const(1))))]),
        "distributed": g.affine([(Fraction(2), g.mul(y, x)), (Fraction(2), x)]),
        "apart": g.sub(g.mul(g.affine([(Fraction(3), x)]), g.add(y, g.const(1))), g.mul(g.add(y, g.const(1)), x)),
    }[right]
    claim = g.eq(left, other)
    everywhere = g.boolean(truth=True)
    obligation = Obligation(g.graph(), everywhere, claim)
    outcome = BranchAndBoundEngine().solve(obligation, Budget(10.0))
    assert isinstance(outcome, ProofFound)
    assert outcome.steps == (["leaf"],)
    assert kernel_answer(obligation, outcome) == "valid"


@pytest.mark.parametrize("kind", ["line", "kink", "same", "below"])
def test_domain_ends_that_are_no_dyadics(kind: str) -> None:
    g = GraphBuilder()
    a = g.input("a", "real", Fraction(1, 10), Fraction(1, 5))
    line = g.affine([(Fraction(10), a)], -1)
    kink = g._add(Node("max", (line, g.const(0))))
    claim = {
        "line": g.le(line, g.const(1)),
        "kink": g._add(Node("le", (kink, g.const(1)))),
        "same": g.eq(kink, line),
        "below": g.le(a, g.const(Fraction(1, 5))),
    }[kind]
    everywhere = g.boolean(truth=True)
    obligation = Obligation(g.graph(), everywhere, claim)
    outcome = BranchAndBoundEngine().solve(obligation, Budget(10.0))
    assert isinstance(outcome, ProofFound)
    assert outcome.steps == (["leaf"],)
    assert kernel_answer(obligation, outcome) == "valid"
