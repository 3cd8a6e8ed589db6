"""Claims that one leaf proves, where search would split on every bit."""

from fractions import Fraction

import pytest
from obligations import kernel_answer

from mechverify.deciding.portfolio import Search, decide
from mechverify.engines.engine import Budget, GaveUp, ProofFound
from mechverify.engines.exact_leaves import OneLeafEngine
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.verdict import Assurance, Verdict

F = Fraction


def parity(count: int, way: str, off: int = 0) -> Obligation:
    """The parity of bits, read one after the other in one of several ways, against the sum modulo two."""
    g = GraphBuilder()
    bits = [g.input(f"b{k}", "integer", F(0), F(1)) for k in range(count)]
    p = bits[0]
    for b in bits[1:]:
        product = g.mul(p, b) if way == "product" else b
        p = {
            "remainder": lambda p=p, b=b: g.mod(g.add(p, b), g.const(2)),
            "product": lambda p=p, b=b, m=product: g.affine([(F(1), p), (F(1), b), (F(-2), m)]),
            "twice": lambda p=p, b=b: g.sub(g.add(p, b), g.mul(g.mul(g.const(2), p), b)),
            "half": lambda p=p, b=b: g.sub(g.add(p, b), g.mul(g.const(2), g.floordiv(g.add(p, b), g.const(2)))),
        }[way]()
    total = g.affine(((F(1), b) for b in bits), off)
    everywhere, claim = g.boolean(truth=True), g.eq(p, g.mod(total, g.const(2)))
    return Obligation(g.graph(), everywhere, claim)


@pytest.mark.parametrize("way", ["remainder", "product", "twice", "half"])
@pytest.mark.parametrize("count", [3, 7, 32])
def test_parity_however_it_is_written(way: str, count: int) -> None:
    obligation = parity(count, way)
    outcome = OneLeafEngine().solve(obligation, Budget(10.0))
    assert isinstance(outcome, ProofFound)
    assert len(outcome.steps) == 1
    assert kernel_answer(obligation, outcome) == "valid"
    assert isinstance(OneLeafEngine().solve(parity(count, way, 1), Budget(10.0)), GaveUp)


def test_parity_is_decided_with_a_certificate() -> None:
    found = decide(parity(32, "product"), Search(20.0))
    assert (found.verdict, found.assurance) == (Verdict.PROVED, Assurance.CHECKED)
    assert decide(parity(32, "product", 1), Search(20.0)).verdict is Verdict.REFUTED


@pytest.mark.parametrize("modulus", [2, 3, 7, 100])
def test_remainders_of_sums(modulus: int) -> None:
    """Adding up modulo m step by step is the sum modulo m, and lies in its range."""
    g = GraphBuilder()
    xs = [g.input(f"x{k}", "integer", F(-1000), F(1000)) for k in range(12)]
    running = g.const(0)
    for x in xs:
        running = g.mod(g.add(running, x), g.const(modulus))
    right = g.mod(g.affine((F(1), x) for x in xs), g.const(modulus))
    claims = [g.eq(running, right), g.le(g.const(0), running), g.lt(running, g.const(modulus)), g.le(running, g.const(modulus - 1))]
    everywhere, claim = g.boolean(truth=True), g.all(claims)
    obligation = Obligation(g.graph(), everywhere, claim)
    outcome = OneLeafEngine().solve(obligation, Budget(10.0))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"


def test_graphs_without_products_and_steps_are_left_to_others() -> None:
    g = GraphBuilder()
    x = g.input("x", "integer", F(0), F(9))
    everywhere, claim = g.boolean(truth=True), g.le(g.relu(x), g.const(9))
    assert not OneLeafEngine().suits(Obligation(g.graph(), everywhere, claim))
