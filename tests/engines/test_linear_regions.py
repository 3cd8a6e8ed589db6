"""Linear regions: claims with nothing to spare, proved by splitting on switches alone."""

from fractions import Fraction as F

import pytest

from mechverify.engines.certificates.problem import problem_data
from mechverify.engines.engine import Budget, ProofFound
from mechverify.engines.linear_regions import LinearRegionsEngine
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import check_data, format_number


def twice(*, off: F = F(0)) -> Obligation:
    """relu(b - a) + a == max(a, b) + off, stated twice, with nodes of its own each time, for reals a and b."""
    g = GraphBuilder()
    a, b = (g.input(name, "real", F(0), F(1000)) for name in "ab")
    largest = g.max(a, b)
    equal = []
    for scale in (F(1), F(1, 2)):
        part = g.relu(g.affine([(scale, b), (-scale, a)]))
        found = g.affine([(1 / scale, part), (F(1), a)])
        equal.append(g.eq(found, g.affine([(F(1), largest)], off)))
    always, claim = g.boolean(True), g.all(equal)
    return Obligation(g.graph(), always, claim)


def test_an_exact_equality_is_proved_with_a_certificate() -> None:
    obligation = twice()
    engine = LinearRegionsEngine()
    assert engine.suits(obligation)
    found = engine.solve(obligation, Budget(20.0))
    assert isinstance(found, ProofFound)
    certificate = {
        "format": "mechverify-certificate 1",
        "kind": "proof",
        "problem": problem_data(obligation),
        "precision": found.precision,
        "steps": list(found.steps),
        "inhabitant": [format_number(F(0)), format_number(F(0))],
    }
    assert check_data(certificate).answer == "valid"


@pytest.mark.parametrize("off", [F(1, 1 << 40), F(-1)])
def test_what_is_false_is_not_proved(off: F) -> None:
    assert not isinstance(LinearRegionsEngine().solve(twice(off=off), Budget(5.0)), ProofFound)


def test_without_switches_it_does_not_take_part() -> None:
    g = GraphBuilder()
    a = g.input("a", "real", F(0), F(1))
    always, claim = g.boolean(True), g.le(a, g.const(1))
    assert not LinearRegionsEngine().suits(Obligation(g.graph(), always, claim))
