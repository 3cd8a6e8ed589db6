"""What a leaf's tight bounds make of rounded sums, and of two switches of one kind: true, to the edge, and no more.

For each side condition at least twenty certificates that violate it alone, each rejected.
"""

import random
from fractions import Fraction
from typing import Any

import pytest
from kernel_tools import Build, accepted, execute, num, proof, reject

SEEDS = range(20)
F = Fraction
U = F(1, 1 << 24)
SLACK = F(1, 1 << 80)


def leaf(tight: list[int], multipliers: list[Any] | None = None) -> list[Any]:
    return [["leaf", [], multipliers or [], tight]]


def open_units(build: Build, rng: random.Random, count: int) -> tuple[list[int], list[int]]:
    """Inputs in -1 .. 1, and relus of sums of them that are open: their forms leave a gap."""
    inputs = [build.real(f"x{k}", -1, 1) for k in range(3)]
    units = []
    for _ in range(count):
        terms = [(F(rng.randint(-9, 9), 10) or F(1, 10), x) for x in inputs]
        units.append(build.node("relu", build.affine(F(rng.randint(-1, 1), 9), *terms)))
    return inputs, units


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rounded_sum_is_the_exact_one_and_its_error(seed: int) -> None:
    """Of open units, where no interval says so: to the error, not below it, and not without the node's name."""
    rng = random.Random(seed)
    build = Build()
    _, units = open_units(build, rng, rng.randint(1, 4))
    weights = [F(rng.randint(1, 9), 7) * rng.choice([1, -1]) for _ in units]
    rounded = build.affine(F(1, 3), *zip(weights, units, strict=True), rounding="float32")
    exact = build.affine(F(1, 3), *zip(weights, units, strict=True))
    sizes = [F(build_high(build, u)) for u in units]
    n = 2 * len(units)
    error = n * U / (1 - n * U) * (F(1, 3) + sum(abs(w) * s for w, s in zip(weights, sizes, strict=True)))
    for sign in (1, -1):
        for limit, named, right in ((error * F(1001, 1000), True, True), (error * F(999, 1000), True, False), (error * 2, False, False)):
            made = list(build.nodes)
            claim = build.node("le", build.affine(0, (sign, rounded), (-sign, exact)), build.const(limit))
            file = proof(build.problem(None, claim), leaf([claim] if named else []), [0, 0, 0])
            build.nodes = made
            if right:
                assert accepted(file)
            else:
                reject(file, "does not show", 0)


def build_high(build: Build, unit: int) -> Fraction:
    """The greatest value of a relu of a sum of inputs in -1 .. 1."""
    _, _, bias, terms = build.nodes[build.nodes[unit][1]]
    return max(F(0), value(bias) + sum((abs(value(w)) for w, _ in terms), F(0)))


def value(text: str) -> Fraction:
    top, _, exponent = text.partition("p-")
    return F(top) / (1 << int(exponent)) if exponent else F(text)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_rounded_product_and_a_feed(seed: int) -> None:
    rng = random.Random(seed)
    build = Build()
    inputs, (a, b) = open_units(build, rng, 2)
    feed = build.node("round32", inputs[0])
    product = build.node("mul", "float32", feed, b)
    for node, exact, size in ((feed, inputs[0], F(1)), (product, build.node("mul", "exact", feed, b), build_high(build, b))):
        for factor, right in ((F(11, 10), True), (F(9, 10), False)):
            made = list(build.nodes)
            gap = build.affine(0, (1, a), (1, node), (-1, exact), (-1, a))
            claim = build.node("le", gap, build.const(U * size * factor))
            file = proof(build.problem(None, claim), leaf([claim]), [0, 0, 0])
            build.nodes = made
            if right and node == feed:
                assert accepted(file)
            elif not right:
                reject(file, "does not show", 0)


@pytest.mark.parametrize("op", ["relu", "max", "min"])
@pytest.mark.parametrize("seed", SEEDS)
def test_switches_are_apart_by_no_more_than_their_arguments(op: str, seed: int) -> None:
    """t (u - v) >= t min(0, least difference of arguments), and nothing better; with a fact that says the difference."""
    rng = random.Random(seed)
    t = F(rng.randint(1, 9), rng.choice([1, 2, 3]))
    d, other = (F(rng.choice([-1, 1]) * rng.randint(1, 9), 10) for _ in range(2))
    for known in (False, True) if op == "relu" and d < 0 else (False,):
        build = Build()
        x, y = build.real("x", -1, 1), build.real("y", -1, 1)
        z = build.node("sqrt", build.affine(2, (1, x))) if known else build.affine(0, (1, x))
        shifted = build.node("exp", x) if known else build.affine(d, (1, z))
        fact = build.node("le", build.affine(d, (1, z)), shifted) if known else None
        first = [shifted] if op == "relu" else [shifted, build.affine(other, (F(1), y))]
        second = [z] if op == "relu" else [z, y]
        u, v = build.node(op, *first), build.node(op, *second)
        point = [0, 0] if not known else [1, 0]
        least = min(d, other) if op != "relu" else min(d, F(0))
        multipliers = [[0, num(t)]] if known else []
        for limit, weights, right in (
            (least * t - SLACK, (t, t), True),
            (least * t + F(1, 10**6), (t, t), False),
            (least * t - SLACK, (t, t + F(1, 9)), False),
        ):
            made = list(build.nodes)
            gap = build.affine(0, (weights[0], u), (-weights[1], v))
            low = build.node("le", build.const(limit), gap)
            high = build.node("lt", gap, build.const(limit))
            for claim, side in ((low, "low"), (build.node("not", high), "high")):
                comparison = low if claim == low else high
                file = proof(build.problem(fact, claim), leaf([comparison], [[comparison, side, multipliers]]), point)
                if right:
                    assert accepted(file)
                elif op == "relu" or weights[0] == weights[1]:
                    reject(file, "does not show", 0)
            build.nodes = made


@pytest.mark.parametrize("seed", SEEDS)
def test_switches_of_two_kinds_are_not_compared(seed: int) -> None:
    rng = random.Random(seed)
    build = Build()
    x, y = build.real("x", -1, 1), build.real("y", -1, 1)
    d = F(rng.randint(1, 9), 10)
    one, two = rng.choice([("max", "min"), ("min", "max")])
    u, v = build.node(one, x, y), build.node(two, build.affine(d, (1, x)), build.affine(d, (1, y)))
    claim = build.node("le", build.const(-d - SLACK), build.affine(0, (1, u), (-1, v)))
    true = one == "max"
    assert accepted(proof(build.problem(None, claim), leaf([claim]), [0, 0])) <= true


def rounded_twins(rng: random.Random) -> tuple[Build, list[int], int]:
    """Two networks of rounded sums with weights that differ a little, the difference of their outputs."""
    build = Build()
    xs = [build.node("round32", build.real(f"x{k}", F(-1), F(1))) for k in range(2)]
    widths = [rng.randint(1, 3) for _ in range(2)] + [1]
    off = rng.choice([F(0), F(1, 1000), F(1, 10)])
    nets: list[list[list[Fraction]]] = []
    layers = [list(xs), list(xs)]
    for depth, width in enumerate(widths):
        made: list[list[int]] = [[], []]
        for _ in range(width):
            row = [F(rng.randint(-8, 8), 8) for _ in range(len(layers[0]) + 1)]
            for k in (0, 1):
                own = [w + k * off * F(rng.randint(-4, 4), 4) for w in row]
                z = build.affine(own[0], *zip(own[1:], layers[k], strict=True), rounding="float32")
                last = depth == len(widths) - 1
                made[k].append(z if last else build.node(rng.choice(["relu", "relu", "abs"]), z))
        layers = made
        nets.append([])
    return build, [v for layer in layers for v in layer], build.affine(0, (1, layers[0][0]), (-1, layers[1][0]))


@pytest.mark.parametrize("seed", range(60))
def test_what_is_accepted_of_rounded_networks_is_true(seed: int) -> None:
    """In executions with errors drawn from all that the table allows, at corners and random points."""
    rng = random.Random(seed)
    build, _, gap = rounded_twins(rng)
    whole = build.problem(None, build.truth())
    points = [[F(rng.choice([-1, 1, F(rng.randint(-99, 99), 100)])) for _ in range(2)] for _ in range(25)]
    runs = [execute(whole, p, rng) for p in points]
    most = max(run[gap] for run in runs if run is not None)
    nodes = [v for v, n in enumerate(build.nodes) if n[0] in ("affine", "relu", "abs")]
    found = []
    for off in (F(-1, 10**9), F(0), F(1, 10**7), F(1, 100), F(2)):
        made = list(build.nodes)
        claim = build.node("le", gap, build.const(most + off))
        named = [*rng.sample(nodes, rng.randint(0, len(nodes))), claim]
        found.append(accepted(proof(build.problem(None, claim), leaf(named), [0, 0])))
        build.nodes = made
        assert not (found[-1] and off < 0)
        if found[-1]:
            for _ in range(20):
                run = execute(whole, rng.choice(points), rng)
                assert run is None or run[gap] <= most + off
    assert found == sorted(found)
