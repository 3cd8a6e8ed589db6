"""Joined parts and their conditions: every point meets those of exactly one part, and that has the point's label."""

import random
from fractions import Fraction
from itertools import product

import pytest
from random_obligations import points_of, random_obligation

from mechverify.engines.certificates.preparation import prepare
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.kernel.search import evaluate, normal
from mechverify.mapping.conditions import conditions_of
from mechverify.mapping.map import Condition
from mechverify.mapping.search import Limits, find_map
from mechverify.mapping.shapes import Joining
from mechverify.mapping.tree import leaves

LINEAR = ("affine", "affine", "affine", "relu", "abs", "max", "min", "ite", "floor", "mod")
RELATIONS = {
    "<=": lambda x, y: x <= y,
    "<": lambda x, y: x < y,
    ">=": lambda x, y: x >= y,
    ">": lambda x, y: x > y,
    "==": lambda x, y: x == y,
}


def meets(where: tuple[Condition, ...], point: dict[str, Fraction]) -> bool:
    return all(RELATIONS[c.relation](sum(x * point[n] for n, x in c.terms), c.bound) for c in where)


def labels(obligation: Obligation, point: tuple[Fraction, ...]) -> tuple[str, str]:
    truth = evaluate(prepare(obligation), [normal(x) for x in point]).truth
    place = "inside" if truth[obligation.assumption] else "outside"
    return place, {True: "proved", False: "refuted", None: "open"}[truth[obligation.claim]]


def described(obligation: Obligation, *, simplify: bool = True, attempts: int = 1000):
    mapped = find_map(prepare(obligation), Limits())
    shapes = Joining(mapped.root, attempts).run()
    found = [(s, conditions_of(s, mapped.root.region, simplify=simplify)) for s in shapes]
    return list(leaves(mapped.root)), found


@pytest.mark.parametrize("seed", range(120))
def test_conditions_have_exactly_the_points_of_their_part(seed):
    obligation = random_obligation(seed, LINEAR, inputs=2)
    if any(node.op == "div" for node in obligation.graph.nodes):
        return
    names = [i.name for i in obligation.graph.inputs]
    parts, found = described(obligation)
    assert len(found) <= len(parts)
    counts = dict.fromkeys(range(len(found)), 0)
    for point in points_of(obligation):
        at = dict(zip(names, point, strict=True))
        holding = [k for k, (_, where) in enumerate(found) if meets(where, at)]
        assert len(holding) == 1, point
        shape = found[holding[0]][0]
        assert (shape.place, shape.label) == labels(obligation, point)
        counts[holding[0]] += 1
    assert [counts[k] for k in counts] == [shape.size.high for shape, _ in found]


def real_obligation(seed: int) -> Obligation:
    """A small network of two reals whose outputs have ties, an equality or an order before it."""
    rng = random.Random(seed)
    b = GraphBuilder()
    x, y = (b.input(n, "real", Fraction(-2), Fraction(3)) for n in ("x", "y"))

    def weight() -> Fraction:
        return Fraction(rng.randint(-4, 4), rng.choice((1, 2, 3)))

    layer = [b.relu(b.affine([(weight(), x), (weight(), y)], weight())) for _ in range(3)]
    out = b.affine([(weight(), a) for a in layer], weight())
    assumption = rng.choice((b.eq(x, y), b.lt(x, y), b.le(x, b.const(1)), b.boolean(True)))
    claim = rng.choice((b.le, b.lt, b.eq))(out, b.const(Fraction(rng.randint(-2, 4))))
    return Obligation(b.graph(), assumption, claim)


@pytest.mark.parametrize("seed", range(60))
def test_conditions_over_reals(seed):
    """Grid points lie on the lines where a label changes more often than random ones do."""
    obligation = real_obligation(seed)
    _, found = described(obligation)
    grid = [Fraction(k, 6) for k in range(-12, 19, 2)]
    for point in product(grid, repeat=2):
        at = dict(zip("xy", point, strict=True))
        holding = [s for s, where in found if meets(where, at)]
        assert len(holding) == 1, point
        assert (holding[0].place, holding[0].label) == labels(obligation, point)


def test_joining_makes_fewer_parts_and_ends_where_its_work_does():
    fewer = 0
    for seed in range(30):
        obligation = random_obligation(seed, LINEAR)
        parts, plain = described(obligation, attempts=0)
        _, joined = described(obligation)
        assert len(plain) == len(parts)
        assert sum(s.size.high for s, _ in plain) == sum(s.size.high for s, _ in joined)
        fewer += len(joined) < len(plain)
    assert fewer > 5


def test_a_line_between_two_halves_is_not_swallowed():
    """x != y holds on both sides of the diagonal; over reals that has no area, and still is no part of them."""
    b = GraphBuilder()
    x, y = (b.input(n, "real", Fraction(0), Fraction(1)) for n in ("x", "y"))
    always, differ = b.boolean(True), b.negate(b.eq(x, y))
    _, found = described(Obligation(b.graph(), always, differ))
    assert [(s.label, s.size.dimension) for s, _ in found] == [("proved", 2), ("proved", 2), ("refuted", 1)]


def test_long_numbers_are_replaced_by_short_ones_with_the_same_points():
    b = GraphBuilder()
    x, y = (b.input(n, "integer", Fraction(0), Fraction(1000)) for n in ("x", "y"))
    slope = Fraction(10**40 + 1, 3 * 10**40)
    above = b.le(b.affine([(slope, x), (Fraction(-1), y)], Fraction(1, 7)), b.const(0))
    always = b.boolean(True)
    obligation = Obligation(b.graph(), always, above)
    _, found = described(obligation)
    numbers = [abs(c) for _, where in found for one in where for _, c in one.terms]
    assert max(numbers) <= 100
    rng = random.Random(0)
    for _ in range(300):
        point = Fraction(rng.randint(0, 1000)), Fraction(rng.randint(0, 1000))
        holding = [s for s, where in found if meets(where, dict(zip("xy", point, strict=True)))]
        assert [(s.place, s.label) for s in holding] == [labels(obligation, point)]


@pytest.mark.parametrize("seed", range(0, 120, 8))
def test_a_record_saves_attempts_and_a_wrong_one_only_leaves_shapes_apart(seed):
    obligation = random_obligation(seed, LINEAR, inputs=2)
    root = find_map(prepare(obligation), Limits()).root
    first = Joining(root, 1000)
    shapes = first.run()
    again = Joining(root, 1000, first.record)
    assert [(s.place, s.label, s.sides) for s in again.run()] == [(s.place, s.label, s.sides) for s in shapes]
    assert again.record == first.record
    whole = sum(1 for _ in points_of(obligation))
    for plan in ("1" * 1000, "0" * 1000, "01" * 500, first.record[::-1], "\x00PROVED", "0"):
        found = Joining(root, 1000, plan).run()
        assert sum(shape.size.high for shape in found) == whole
        for shape in found:
            inside = [p for p in points_of(obligation) if all(_on(side, p) for side in shape.sides)]
            assert len(inside) == shape.size.high
            assert {labels(obligation, p) for p in inside} <= {(shape.place, shape.label)}


def _on(side, point):
    value = sum(c * point[k] for k, c in side.cut.terms)
    return value <= side.cut.bound if side.low else value > side.cut.bound
