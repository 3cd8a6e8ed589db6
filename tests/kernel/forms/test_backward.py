"""A leaf's fourth field: nodes that are bounded exactly, by sums in which nodes cancel.

For each side condition at least twenty certificates that violate it alone, each rejected; a twin of each without the
violation is accepted.
"""

import random
from collections.abc import Callable
from fractions import Fraction
from itertools import product
from math import floor, prod
from typing import Any

import pytest
from kernel_tools import Build, accepted, answer, box, num, proof, reject

SEEDS = range(20)
F = Fraction


def leaf(tight: list[Any], slopes: list[Any] | None = None, multipliers: list[Any] | None = None) -> list[Any]:
    return [["leaf", slopes or [], multipliers or [], tight]]


@pytest.mark.parametrize("seed", SEEDS)
def test_what_may_be_named(seed: int) -> None:
    rng = random.Random(seed)
    build, (a, b, c), true = box(rng)
    z = build.affine(rng.randint(-3, 3), (1, a), (-1, b))
    m = build.node("mul", "exact", z, c)
    relu, le = build.node("relu", z), build.node("le", z, m)
    both = build.node("and", [le, true])
    problem = build.problem(None, true)
    good = [a, z, m, relu, le]
    assert accepted(proof(problem, leaf(good), [0, 0, 0]))
    for bad in (true, both, build.node("not", le), build.node("or", [le])):
        reject(proof(build.problem(None, true), leaf([*good, bad]), [0, 0, 0]), "neither", 0)
    for bad in good:
        reject(proof(problem, leaf([*good, bad]), [0, 0, 0]), "twice", 0)
    for wrong in (999, -1, "0", None, True, [a], 1.5):
        if not isinstance(wrong, float):
            reject(proof(problem, leaf([wrong]), [0, 0, 0]), "", 0)
    for bad in (None, {}, "x", 1):
        reject(proof(problem, [["leaf", [], [], bad]], [0, 0, 0]), "list", 0)
    reject(proof(problem, [["leaf", [], [], [], []]], [0, 0, 0]), "number of fields", 0)
    inside = num(F(rng.randint(0, 8), 8))
    assert accepted(proof(problem, leaf([], [[m, inside]]), [0, 0, 0]))
    for bad in ("-1p-3", "9p-3", "2"):
        reject(proof(problem, leaf([], [[m, bad]]), [0, 0, 0]), "out of range", 0)


def parity(build: Build, bits: list[int], step: str) -> int:
    """The bits' sum modulo 2, bit by bit, each step flattened into sums of what came before."""
    terms, p = {bits[0]: F(1)}, bits[0]
    for b in bits[1:]:
        terms[b] = F(1)
        if step == "floor":
            half = build.node("floor", build.affine(0, *((w / 2, v) for v, w in terms.items())))
        else:
            half = build.node("mul", "exact", p, b)
        terms[half] = F(-2)
        p = build.affine(0, *((w, v) for v, w in terms.items()))
    return p


@pytest.mark.parametrize("step", ["floor", "mul"])
@pytest.mark.parametrize("seed", SEEDS)
def test_parity_in_one_leaf(step: str, seed: int) -> None:
    """Of bits, and of reals by remainders; by products neither of reals nor of what may be 2. Not with another bit more,
    nor without the nodes' names."""
    rng = random.Random(seed)
    count = rng.randint(2, 24)

    def certificate(kind: str, high: int, off: int, *, named: bool = True) -> Any:
        build = Build()
        make = build.integer if kind == "integer" else build.real
        bits = [make(f"b{k}", 0, high if k == count - 1 else 1) for k in range(count)]
        p = parity(build, bits, step)
        total = build.affine(off, *((1, b) for b in bits))
        right = build.affine(off, *((1, b) for b in bits), (-2, build.node("floor", build.affine(0, (F(1, 2), total)))))
        claim = build.node("eq", p, right)
        sums = [v for v, n in enumerate(build.nodes) if n[0] in ("affine", "eq")]
        return proof(build.problem(None, claim), leaf(sums if named else []), [0] * count)

    assert accepted(certificate("integer", 1, 0))
    reject(certificate("integer", 1, 1), "does not show", 0)
    reject(certificate("integer", 1, 0, named=False), "does not show", 0)
    if step == "floor":
        assert accepted(certificate("real", 1, 0))
    else:
        reject(certificate("real", 1, 0), "does not show", 0)
        reject(certificate("integer", 2, 0), "does not show", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_remainders(seed: int) -> None:
    """0 <= x - m floor(x / m), and <= m - 1 for integers alone; < m for reals; no tighter."""
    rng = random.Random(seed)
    m = rng.choice([3, 5, 7, 10, 12])
    for kind in ("integer", "real"):
        for sign, bound, op, right in (
            (1, 0, "le", True),
            (-1, m - 1, "le", kind == "integer"),
            (-1, m, "lt", True),
            (-1, m - 2, "le", False),
            (1, 0, "lt", False),
            (1, -1, "lt", True),
        ):
            build = Build()
            make = build.integer if kind == "integer" else build.real
            x = make("x", -50, 1000)
            rest = build.affine(0, (sign, x), (-sign * m, build.node("floor", build.affine(0, (F(1, m), x)))))
            ends = [build.const(bound if sign > 0 else -bound), rest]
            claim = build.node(op, *ends)
            file = proof(build.problem(None, claim), leaf([claim]), [0])
            if right:
                assert accepted(file)
            else:
                reject(file, "does not show", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_facts_cancel_nodes_that_they_name(seed: int) -> None:
    """u <= v + c of two nodes without a form in common, so 3 u <= 3 v + 3 c; not with less, nor with another factor."""
    rng = random.Random(seed)
    c = F(rng.randint(-5, 5), 3)
    build = Build()
    x, y = build.real("x", 0, 9), build.real("y", F(1, 10), 9)
    u, v = build.node("sqrt", x), build.node("div", "exact", x, y)
    fact = build.node("le", u, build.affine(c, (1, v)))
    for bias, m, right in ((3 * c, 3, True), (3 * c - F(1, 10**20), 3, False), (3 * c, 2, False), (3 * c, 4, False)):
        made = list(build.nodes)
        claim = build.node("le", build.affine(0, (3, u)), build.affine(bias, (3, v)))
        file = proof(build.problem(fact, claim), leaf([claim], [], [[claim, "low", [[0, num(m)]]]]), [0, 1] if c >= 0 else [9, 9])
        point = [0, 1] if c >= 0 else [9, F(1, 10)]
        file["inhabitant"] = [num(p) for p in point]
        build.nodes = made
        if right:
            assert accepted(file)
        else:
            reject(file, "does not show", 0)


class Grown:
    """A random expression over small integers and reals, with its exact values."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.build = rng, Build()
        self.points: list[list[Fraction]] = []
        self.inputs = []
        for k in range(2):
            low, high = rng.randint(-4, 0), rng.randint(1, 4)
            if rng.random() < 0.6:
                self.inputs.append(self.build.integer(f"x{k}", low, high))
                self.points.append([F(v) for v in range(low, high + 1)])
            else:
                self.inputs.append(self.build.real(f"x{k}", F(low, 3), F(high, 3)))
                self.points.append([F(low, 3) + F(high - low, 3) * F(n, 12) for n in range(13)])

    def grow(self, depth: int) -> tuple[int, Callable[[Any], Fraction]]:
        rng, build = self.rng, self.build
        if depth == 0:
            k = rng.randrange(2)
            return self.inputs[k], lambda at: at[k]
        a, f = self.grow(depth - 1)
        c, g = self.grow(rng.randint(0, depth - 1))
        op = rng.choice(["affine", "affine", "mul", "floor", "round", "relu", "abs", "max", "min", "ite"])
        if op == "affine":
            u, v, w = (F(rng.randint(-6, 6), rng.choice([1, 1, 2, 3])) for _ in range(3))
            return build.affine(w, (u, a), (v, c)), lambda at: w + u * f(at) + v * g(at)
        if op == "mul":
            return build.node("mul", "exact", a, c), lambda at: f(at) * g(at)
        if op in ("max", "min"):
            pick = max if op == "max" else min
            return build.node(op, a, c), lambda at: pick(f(at), g(at))
        if op == "ite":
            return build.node("ite", build.node("le", a, c), a, c), lambda at: min(f(at), g(at))
        one = {"floor": lambda x: F(floor(x)), "round": lambda x: F(round(x)), "relu": lambda x: max(x, F(0)), "abs": abs}[op]
        return build.node(op, a), lambda at: one(f(at))


@pytest.mark.parametrize("seed", range(300))
def test_what_is_accepted_is_true(seed: int) -> None:
    """Differences of expressions that share parts, bounded at what they reach on a grid of points, and a little less."""
    rng = random.Random(seed)
    grown = Grown(rng)
    a, f = grown.grow(rng.randint(1, 3))
    c, g = grown.grow(rng.randint(1, 3))
    u, v = F(rng.randint(-4, 4), 2), F(rng.randint(-4, 4), 3)
    d = grown.build.affine(0, (u, a), (v, c))
    values = [u * f(at) + v * g(at) for at in product(*grown.points)]
    most = max(values)
    nodes = [v for v, n in enumerate(grown.build.nodes) if n[0] not in ("le", "bool")]
    named = rng.sample(nodes, rng.randint(0, len(nodes)))
    slopes = [[v, num(F(rng.randint(0, 4), 4))] for v in nodes if grown.build.nodes[v][0] in ("mul", "relu", "max", "min", "abs")]
    for off, op in ((F(-1, 100), "le"), (F(0), "lt"), (F(0), "le"), (F(rng.randint(0, 9), 3), "le")):
        made = list(grown.build.nodes)
        claim = grown.build.node(op, d, grown.build.const(most + off))
        point = [points[0] for points in grown.points]
        file = proof(grown.build.problem(None, claim), leaf([*named, claim], slopes if rng.random() < 0.5 else []), point)
        found = accepted(file)
        grown.build.nodes = made
        assert not found or all(x < most + off if op == "lt" else x <= most + off for x in values)
    assert prod(len(points) for points in grown.points) == len(values)


def congruent(rng, *, relation="eq", off=0):
    """x, y with x + y = m z known: is x + y - m w zero, where w = floor((x + y + off) / m)? Or with >= in its place."""
    build, m = Build(), rng.choice([2, 3, 5, 10])
    x, y, z = build.integer("x", 0, 50), build.integer("y", 0, 50), build.integer("z", 0, 50)
    both = build.affine(0, (1, x), (1, y))
    known = build.node(relation, build.affine(0, (m, z)), both)
    w = build.node("floor", build.affine(Fraction(off, m), (Fraction(1, m), x), (Fraction(1, m), y)))
    claim = build.node("eq", build.const(0), build.affine(0, (1, x), (1, y), (-m, w)))
    return build.problem(known, claim), claim, m


@pytest.mark.parametrize("seed", range(20))
def test_equalities_leave_the_common_step(seed):
    """A sum that is a multiple of m leaves no remainder: shown with the equality as a multiplier, and only with it."""
    rng = random.Random(seed)
    problem, claim, m = congruent(rng)

    def leaf(low, high, named=(claim,), at=claim):
        return [["leaf", [], [[at, "low", [[0, low]]], [at, "high", [[0, high]]]], list(named)]]

    good = proof(problem, leaf("1", "-1"), [0, 0, 0])
    assert accepted(good), answer(good)
    bare = [["leaf", [], [], [claim]]]
    for steps in (bare, leaf("1", "-1", named=()), leaf("1", "1p-1"), leaf("1", "-2/3"), leaf("1", "0")):
        reject(proof(problem, steps, [0, 0, 0]), "does not show", 0)
    # an inequality does not leave the value as it is: x + y = m z + 1 has a remainder
    for word in ("le", "lt"):
        false, claim, _ = congruent(rng, relation=word)
        for low, high in (("1", "1"), ("1", "0"), ("0", "1"), ("1p-1", "1p-1")):
            reject(proof(false, leaf(low, high, [claim], claim), [5, 6, 1]), "does not show", 0)
    # off by less than m: floor is the same; off by m: it is not
    for off, fine in ((m - 1, True), (m, False), (-1, False)):
        other, claim, _ = congruent(random.Random(seed), off=off)
        found = proof(other, leaf("1", "-1", [claim], claim), [0, 0, 0])
        assert accepted(found) is fine, (off, answer(found))
        assert true_at_zero(off, m) is fine


def true_at_zero(off, m):
    """Whether floor((0 + off) / m) is 0, as the claim says at x = y = z = 0."""
    return off // m == 0


@pytest.mark.parametrize("seed", range(20))
def test_columns_of_one_value_are_constants(seed):
    """x // 10 of a digit is 0, so x - 10 (x // 10) + 9 y is 9 y for x = 0 .. 9 only where x is fixed or gone."""
    rng = random.Random(seed)
    build = Build()
    most = rng.choice([3, 9, 10, 25])
    d, y = build.integer("d", 0, most), build.integer("y", 0, 100)
    tens = build.node("floor", build.affine(0, (Fraction(1, 10), d)))
    nines = build.node("floor", build.affine(0, (1, y), (Fraction(1, 9), tens)))
    claim = build.node("eq", build.const(0), build.affine(0, (9, y), (1, tens), (-9, nines)))
    file = proof(build.problem(None, claim), [["leaf", [], [], [claim]]], [0, 0])
    assert accepted(file) is (most < 10)
