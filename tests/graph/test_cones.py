"""What nodes depend on, and copies of them on other inputs."""

from fractions import Fraction

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.cones import cone, copied, depending
from mechverify.graph.evaluate import evaluate_exact

ONE, ZERO = Fraction(1), Fraction(0)


def test_a_weight_of_zero_passes_nothing_on() -> None:
    b = GraphBuilder()
    x, y = (b.input(n, "real", ZERO, ONE) for n in "xy")
    mixed = b.affine(((ONE, x), (ZERO, y)), 0, "float32")
    above = b.relu(mixed)
    assert cone(b, [above]) == {above, mixed, x}
    assert cone(b, [above], {mixed}) == {above, mixed}
    assert depending(b, [x]) == {x, mixed, above}
    assert depending(b, [y]) == {y}
    assert depending(b, []) == set()


def test_a_copy_is_computed_alike_on_other_inputs_and_rounds_anew() -> None:
    b = GraphBuilder()
    x, y, z = (b.input(n, "integer", ZERO, Fraction(9)) for n in "xyz")
    exact = b.mul(b.affine(((Fraction(2), x), (ONE, y))), y)
    rounded = b.affine(((ONE, exact), (Fraction(3), b.const(1))), 0, "float32")
    found = copied(b, [exact, rounded, y], {x: z})
    assert found[y] == y
    assert found[rounded] != rounded
    assert b.node(found[rounded]).rounding == "float32"
    assert evaluate_exact(b.graph(), (ONE, Fraction(4), Fraction(5)), [found[exact]])[found[exact]] == (10 + 4) * 4
    same = copied(b, [exact, rounded], {})
    assert same[exact] == exact  # exact nodes are shared
    assert same[rounded] != rounded  # rounded ones never are
