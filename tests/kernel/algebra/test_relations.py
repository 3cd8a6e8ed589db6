"""Each relation holds of the operation's own values, at random points of its domain, and says no more than it should."""

import random
from fractions import Fraction
from math import isqrt

import pytest

from mechverify.kernel.algebra.relations import logarithms
from mechverify.kernel.numbers.enclose import log_bounds
from mechverify.kernel.operations.table import OPERATIONS

BITS = 128


def at(polynomial, point):
    """The value of a polynomial whose variables are places of the point."""
    total = Fraction(0)
    for monomial, c in polynomial.items():
        term = Fraction(c)
        for x in monomial:
            term *= point[x]
        total += term
    return total


def number(rng, low=-9):
    return Fraction(rng.randint(low * 12, 108), rng.choice([12, 7, 1]))


VALUES = {
    "div": lambda a, b: a / b,
    "relu": lambda a: max(a, Fraction(0)),
    "abs": abs,
    "max": max,
    "min": min,
}


@pytest.mark.parametrize("op", VALUES)
@pytest.mark.parametrize("seed", range(3))
def test_they_hold_and_leave_one_value(op, seed):
    rng = random.Random(seed)
    algebra = OPERATIONS[op].algebra
    count = 2 if op in ("div", "max", "min") else 1
    args = [{(k,): 1} for k in range(1, count + 1)]
    relations = algebra.relations({(0,): 1}, args)
    for _ in range(200):
        point = [number(rng) for _ in range(count)]
        if op == "div" and point[1] == 0:
            continue
        value = VALUES[op](*point)

        def held(v, point=point):
            found = [(at(one.polynomial, [v, *point]), one.sign) for one in relations]
            return all(x == 0 if sign == "==" else x >= 0 for x, sign in found)

        assert held(value)
        assert not any(held(value + d) for d in (Fraction(1, 9), Fraction(-1, 9), 3, -3, -2 * value) if d)


def test_roots():
    relations = OPERATIONS["sqrt"].algebra.relations({(0,): 1}, [{(1,): 1}])
    for n in range(60):
        held = [
            all(x == 0 if one.sign == "==" else x >= 0 for one in relations for x in [at(one.polynomial, [v, n])])
            for v in range(-9, 9)
        ]
        assert held == [v >= 0 and v * v == n for v in range(-9, 9)], isqrt(n)


@pytest.mark.parametrize("seed", range(4))
def test_logarithms(seed):
    """a - b - b (log a - log b) >= 0, and close to 0 only where a is close to b."""
    rng = random.Random(seed)
    relation = logarithms({(0,): 1}, {(1,): 1}, {(2,): 1}, {(3,): 1})
    assert relation.sign == ">="
    for _ in range(100):
        a, b = (Fraction(rng.randint(1, 1000), rng.randint(1, 100)) for _ in range(2))
        (la, ha), (lb, hb) = (log_bounds((x * 2**BITS).__floor__(), (x * 2**BITS).__ceil__(), BITS) for x in (a, b))
        ends = [at(relation.polynomial, [Fraction(u, 2**BITS), a, Fraction(w, 2**BITS), b]) for u in (la, ha) for w in (lb, hb)]
        assert max(ends) >= 0
        if abs(a / b - 1) > Fraction(1, 100):
            assert min(ends) > 0


def test_domains():
    assert {op: (one.algebra.domain, one.algebra.of) for op, one in OPERATIONS.items() if one.algebra is not None} == {
        "div": ("!=", 1),
        "sqrt": (">=", 0),
        "log": (">", 0),
        "relu": (None, 0),
        "abs": (None, 0),
        "max": (None, 0),
        "min": (None, 0),
    }
