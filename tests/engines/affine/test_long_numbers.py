"""Recurrences of products, whose exact values double in length at each step: they are rounded outward, not carried."""

from fractions import Fraction

import pytest

from mechverify.deciding.portfolio import Search, decide
from mechverify.engines.certificates.problem import point_certificate, problem_data
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import check_data
from mechverify.verdict import Assurance, Verdict

F = Fraction


def logistic(steps: int, limit: Fraction) -> Obligation:
    """16/5 p (1 - p), again and again, stays below the limit."""
    g = GraphBuilder()
    p = g.input("x", "real", F(1, 10), F(9, 10))
    for _ in range(steps):
        p = g.affine([(F(16, 5), g.mul(p, g.sub(g.const(1), p)))])
    everywhere, claim = g.boolean(truth=True), g.le(p, g.const(limit))
    return Obligation(g.graph(), everywhere, claim)


@pytest.mark.parametrize("steps", [5, 20, 50])
def test_the_kernel_confirms_a_witness_of_fifty_steps(steps: int) -> None:
    value = F(1, 3)
    for _ in range(steps):
        value = F(16, 5) * value * (1 - value) if steps < 10 else F(round(float(F(16, 5) * value * (1 - value)) * 2**80), 2**80)
    for point, limit, answer in ((F(1, 3), F(1, 2), "valid"), (F(1, 3), F(9, 10), "invalid")):
        file = point_certificate(problem_data(logistic(steps, limit)), [point])
        assert check_data(file).answer == answer
    assert F(1, 2) < value < F(9, 10)


def test_the_graph_of_it_has_short_numbers() -> None:
    nodes = logistic(50, F(1)).graph.nodes
    assert max(x.denominator.bit_length() + x.numerator.bit_length() for n in nodes for x in n.numbers) < 200


def test_a_false_claim_is_refuted() -> None:
    found = decide(logistic(50, F(1, 2)), Search(20.0))
    assert (found.verdict, found.assurance) == (Verdict.REFUTED, Assurance.CHECKED)
