"""Polynomials of nodes have the nodes' values, at random points and in every execution."""

import random
from fractions import Fraction

import pytest
from kernel_tools import Build, execute, random_boolean, random_numbers, small_box

from mechverify.kernel.algebra.values import NodePolynomials, multiple_of
from mechverify.kernel.fault import InvalidError
from mechverify.kernel.plan import Prepared
from mechverify.kernel.reading.problem import read_problem
from mechverify.kernel.state import NodeFact, State

OPS = ["affine", "affine", "mul", "relu", "abs", "max", "min", "floor", "div", "sqrt", "ite", "affine32", "mul32"]


def value_at(polynomial, inputs, values):
    total = Fraction(0)
    for monomial, c in polynomial.items():
        term = Fraction(c)
        for x in monomial:
            term *= inputs[x] if x >= 0 else values[~x]
        total += term
    return total


@pytest.mark.parametrize("start", range(0, 200, 50))
def test_they_are_the_nodes(start):
    """On paths that a point agrees with: all that is known there is made a fact."""
    compared = 0
    for seed in range(start, start + 50):
        rng = random.Random(seed)
        build = Build()
        pool = small_box(build, rng, "ab", reals=0.5)
        random_numbers(build, rng, pool, 7, OPS)
        claims = [random_boolean(build, rng, pool, 0) for _ in range(4)]
        problem = build.problem(None, claims[-1])
        read = read_problem(problem)
        point = [Fraction(one.low) + (one.high - one.low) * Fraction(rng.randint(0, 1)) for one in read.inputs]
        values = execute(problem, point, rng)
        if values is None:
            continue
        state = State.start(Prepared(read))
        for v, node in enumerate(read.nodes):
            if node.boolean and node.op in ("le", "lt", "eq"):
                state.add(NodeFact(v, values[v]))
        made = NodePolynomials(state)
        for v, node in enumerate(read.nodes):
            if node.op in ("div", "sqrt"):
                for w in state.known:
                    try:
                        made.grant(v, w)
                    except InvalidError:
                        continue
        for v, node in enumerate(read.nodes):
            if node.boolean:
                continue
            try:
                found = made.of(v)
            except InvalidError:
                continue
            assert value_at(found, point, values) == values[v], (seed, v)
            compared += 1
    assert compared > 100


def test_multiples():
    assert multiple_of({(0,): 2, (): -4}, {(0,): 1, (): -2}) == 2
    assert multiple_of({(0,): -1}, {(0,): 3}) == Fraction(-1, 3)
    assert multiple_of({(0,): 2, (): -4}, {(0,): 1, (): 2}) is None
    assert multiple_of({(0,): 2}, {(1,): 2}) is None
    assert multiple_of({}, {}) is None
    assert multiple_of({}, {(): 1}) is None
