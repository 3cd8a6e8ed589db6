"""The leaf's second look: comparisons of polynomials, and of ends that are no dyadics.

For each condition at least twenty certificates that violate it alone, each rejected; a twin of each without the
violation is accepted.
"""

import random
from fractions import Fraction
from itertools import product
from math import prod

import pytest
from kernel_tools import Build, accepted, num, proof, reject

from mechverify.kernel.numbers.polynomial import MAX_COEFFICIENT_BITS, bounds_of, combined, times

SEEDS = range(20)
LEAF = [["leaf"]]
F = Fraction


def decimal(rng: random.Random) -> Fraction:
    return F(rng.randint(-30, 30), rng.choice([3, 7, 10, 30]))


def reals(build: Build, rng: random.Random, count: int) -> tuple[list[int], list[Fraction]]:
    """Inputs with ends that are no dyadics, and a point of their box."""
    nodes, point = [], []
    for k in range(count):
        low = decimal(rng)
        nodes.append(build.real(f"x{k}", low, low + F(rng.randint(1, 20), 7)))
        point.append(low)
    return nodes, point


def mul(build: Build, a: int, b: int, rounding: str = "exact") -> int:
    return build.node("mul", rounding, a, b)


@pytest.mark.parametrize("seed", SEEDS)
def test_identities_whatever_the_order_of_factors(seed: int) -> None:
    rng = random.Random(seed)
    c, d = F(rng.randint(1, 9), 3), F(rng.randint(1, 9), 7)
    for wrong in (F(0), F(1, 10**30)):
        build = Build()
        (x, y), point = reals(build, rng, 2)
        left = mul(build, build.affine(c, (d, x)), build.affine(-c, (2, y), (1, x)))
        xy, xx = mul(build, y, x), mul(build, x, x)
        right = build.affine(-c * c + wrong, (2 * c, y), (c - c * d, x), (2 * d, xy), (d, xx))
        problem = build.problem(None, build.node("eq", left, right))
        if wrong:
            reject(proof(problem, LEAF, point), "does not show", 0)
        else:
            assert accepted(proof(problem, LEAF, point))
            float32 = [[*n[:1], "float32", *n[2:]] if n[0] == "mul" else n for n in problem["nodes"]]
            reject(proof(problem | {"nodes": float32}, LEAF, point), "does not show", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_comparisons_of_products(seed: int) -> None:
    """x x y <= y x x + c for c >= 0, x x y < for c > 0 alone."""
    rng = random.Random(seed)
    c = F(rng.randint(1, 9), 10)
    for op, more, right in (("le", c, True), ("le", 0, True), ("lt", c, True), ("lt", 0, False), ("le", -c, False)):
        build = Build()
        (x, y), point = reals(build, rng, 2)
        cube = mul(build, mul(build, x, x), y)
        other = build.affine(more, (1, mul(build, mul(build, y, x), x)))
        file = proof(build.problem(None, build.node(op, cube, other)), LEAF, point)
        if right:
            assert accepted(file)
        else:
            reject(file, "does not show", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_ends_that_are_no_dyadics(seed: int) -> None:
    """A linear form at the corner where it is largest: reached, not passed, and not strictly below."""
    rng = random.Random(seed)
    build = Build()
    nodes, point = reals(build, rng, 3)
    weights = [F(rng.choice([-5, -2, 1, 3]), 3) for _ in nodes]
    form = build.affine(0, *zip(weights, nodes, strict=True))
    most = sum(max(w * value_of_end(build, k, 2), w * value_of_end(build, k, 3)) for k, w in enumerate(weights))
    for bound, op, right in (
        (most, "le", True),
        (most + F(1, 10**40), "lt", True),
        (most, "lt", False),
        (most - F(1, 10**40), "le", False),
    ):
        made = list(build.nodes)
        file = proof(build.problem(None, build.node(op, form, build.const(bound))), LEAF, point)
        build.nodes = made
        if right:
            assert accepted(file)
        else:
            reject(file, "does not show", 0)


def value_of_end(build: Build, k: int, end: int) -> Fraction:
    text = build.inputs[k][end]
    if "p-" in text:
        mantissa, exponent = text.split("p-")
        return F(int(mantissa), 1 << int(exponent))
    return F(text)


@pytest.mark.parametrize("op", ["relu", "abs", "max", "min"])
@pytest.mark.parametrize("seed", SEEDS)
def test_switches_that_the_box_decides(op: str, seed: int) -> None:
    """z >= 0 up to the very end of the box; just beyond it the switch is open and the equality false."""
    rng = random.Random(seed)
    sign = rng.choice([1, -1])
    for beyond in (F(0), F(1, 10**40)):
        build = Build()
        (x, y), point = reals(build, rng, 2)
        low = value_of_end(build, 0, 2)
        z = build.affine(sign * (-low - beyond), (sign, x))
        shifted = build.affine(0, (1, y), (1, z))
        if op in ("relu", "abs"):
            found = build.node(op, z)
            right = build.affine(0, (1 if sign > 0 else (0 if op == "relu" else -1), z))
        else:
            found = build.node(op, y, shifted)
            right = shifted if (sign > 0) is (op == "max") else y
        file = proof(build.problem(None, build.node("eq", found, right)), LEAF, point)
        if beyond:
            reject(file, "does not show", 0)
        else:
            assert accepted(file)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_side_of_a_condition(seed: int) -> None:
    rng = random.Random(seed)
    build = Build()
    (x, y), point = reals(build, rng, 2)
    end = value_of_end(build, 0, 3)
    for bound, right in ((end, True), (end - F(1, 10**40), False)):
        made = list(build.nodes)
        condition = build.node("le", x, build.const(bound))
        xy = mul(build, x, y)
        chosen = build.node("ite", condition, xy, build.affine(1, (1, xy)))
        file = proof(build.problem(None, build.node("eq", chosen, mul(build, y, x))), LEAF, point)
        build.nodes = made
        if right:
            assert accepted(file)
        else:
            reject(file, "does not show", 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_multipliers_of_facts_with_products(seed: int) -> None:
    """x y + c <= z gives 3 y x <= 3 z - 3 c, and no more, with the multiplier 3, and no other."""
    rng = random.Random(seed)
    c = F(rng.randint(1, 9), 10)
    build = Build()
    x, y, z = (build.real(name, F(1, 10), 9) for name in "xyz")
    fact = build.node("le", build.affine(c, (1, mul(build, x, y))), z)
    scaled = build.affine(0, (3, mul(build, y, x)))
    for bias, m, right in ((-3 * c, 3, True), (-3 * c - F(1, 10**30), 3, False), (-3 * c, F(31, 10), False), (-3 * c, 0, False)):
        made = list(build.nodes)
        claim = build.node("le", scaled, build.affine(bias, (3, z)))
        steps = [["leaf", [], [[claim, "low", [[0, num(m)]]]]]]
        file = proof(build.problem(fact, claim), steps, [F(1, 10), F(1, 10), 5])
        build.nodes = made
        if right:
            assert accepted(file)
        else:
            reject(file, "does not show", 0)


def test_what_is_not_small_is_left() -> None:
    """Many terms, a high degree, long coefficients: no answer, and at once."""
    build = Build()
    x, y = build.real("x", F(1, 10), 2), build.real("y", F(1, 10), 2)
    power = x
    for _ in range(5):
        power = mul(build, power, power)
    one, other = mul(build, power, y), mul(build, y, power)
    reject(proof(build.problem(None, build.node("eq", one, other)), LEAF, [1, 1]), "does not show", 0)

    build = Build()
    names = [build.real(f"x{k}", F(1, 10), 2) for k in range(24)]
    total = build.affine(0, *((1, n) for n in names))
    square = mul(build, total, total)
    other = mul(build, build.affine(0, (1, total)), total)
    reject(proof(build.problem(None, build.node("eq", square, other)), LEAF, [1] * 24), "does not show", 0)

    long = F(1, 3**3000)
    assert combined([(long, {(0,): 1})], 0) is None
    assert combined([(1, {(0,): 1 << MAX_COEFFICIENT_BITS})], 0) is None
    assert times({(k,): 1 for k in range(70)}, {(k,): 1 for k in range(70)}) is None


@pytest.mark.parametrize("seed", range(200))
def test_bounds_of_polynomials(seed: int) -> None:
    rng = random.Random(seed)
    box = {p: tuple(sorted((decimal(rng), decimal(rng)))) for p in range(3)}
    found = {tuple(sorted(rng.choices(range(3), k=rng.randint(0, 4)))): decimal(rng) for _ in range(4)}
    low, high = bounds_of(found, box)
    grid = [[box[p][0] + (box[p][1] - box[p][0]) * F(k, 4) for k in range(5)] for p in range(3)]
    for point in product(*grid):
        value = sum(c * prod(point[p] for p in monomial) for monomial, c in found.items())
        assert low <= value <= high
    if all(len(monomial) <= 1 for monomial in found):
        corners = [found.get((), F(0)) + sum(found.get((p,), F(0)) * at[p] for p in range(3)) for at in product(*box.values())]
        assert (low, high) == (min(corners), max(corners))


class Written:
    """The same random expression written twice, in two ways, with the value of both at points."""

    def __init__(self, rng: random.Random) -> None:
        self.rng, self.build = rng, Build()
        self.inputs, self.point = reals(self.build, rng, 2)
        self.boxes = [[value_of_end(self.build, k, end) for end in (2, 3)] for k in range(2)]

    def grow(self, depth: int) -> tuple[int, int, object]:
        rng, build = self.rng, self.build
        if depth == 0:
            k = rng.randrange(2)
            return self.inputs[k], self.inputs[k], lambda at: at[k]
        a, b, f = self.grow(depth - 1)
        op = rng.choice(["affine", "mul", "relu", "abs", "max", "min", "ite", "affine", "mul"])
        if op in ("relu", "abs"):
            return build.node(op, a), build.node(op, b), (lambda at: max(F(0), f(at))) if op == "relu" else lambda at: abs(f(at))
        c, d, g = self.grow(depth - 1)
        if op == "affine":
            u, v, w = (F(rng.randint(-6, 6), 3) for _ in range(3))
            inner = build.affine(w, (v, d))
            return build.affine(w, (u, a), (v, c)), build.affine(0, (1, inner), (u, b)), lambda at: w + u * f(at) + v * g(at)
        if op == "mul":
            u = F(rng.randint(1, 6), 3)
            scaled = build.affine(0, (1 / u, mul(build, build.affine(0, (u, d)), b)))
            return mul(build, a, c), scaled, lambda at: f(at) * g(at)
        if op == "ite":
            first, second = build.node("le", a, c), build.node("le", b, d)
            return build.node("ite", first, a, c), build.node("ite", second, b, d), lambda at: min(f(at), g(at))
        pick = max if op == "max" else min
        return build.node(op, a, c), build.node(op, b, d), lambda at: pick(f(at), g(at))


@pytest.mark.parametrize("seed", range(300))
def test_what_a_leaf_accepts_is_true_at_points(seed: int) -> None:
    rng = random.Random(seed)
    written = Written(rng)
    a, b, f = written.grow(rng.randint(1, 3))
    bias = rng.choice([F(0), F(0), F(1, 10**35), F(-1, 10**35)])
    moved = written.build.affine(bias, (1, b))
    op = rng.choice(["le", "lt", "eq"])
    ends = [a, moved] if rng.random() < 0.5 else [moved, a]
    right = {"le": bias >= 0, "lt": bias > 0, "eq": bias == 0} if ends[0] == a else {"le": bias <= 0, "lt": bias < 0, "eq": bias == 0}
    found = accepted(proof(written.build.problem(None, written.build.node(op, *ends)), LEAF, written.point))
    assert right[op] or not found
    if rng.random() < 0.3:
        value = f([rng.choice(ends) for ends in written.boxes])
        claim = written.build.node("le", a, written.build.const(value))
        if accepted(proof(written.build.problem(None, claim), LEAF, written.point)):
            for at in product(*([low + (high - low) * F(k, 6) for k in range(7)] for low, high in written.boxes)):
                assert f(at) <= value
