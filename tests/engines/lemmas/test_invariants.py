"""Guesses at sampled points: conditions on the members of a frontier."""

from fractions import Fraction

import numpy as np

from mechverify.engines.affine.layout import make_plan
from mechverify.engines.lemmas.invariants import Condition, guesses
from mechverify.engines.points.nominal import Points
from mechverify.graph.builder import GraphBuilder

ONE = Fraction(1)


def test_the_side_of_a_switch_over_members_and_compared_inputs() -> None:
    """relu(x - a - b) is later zero wherever x is least; no single a or b says so."""
    g = GraphBuilder()
    x, y, z = (g.input(name, "real", Fraction(0), ONE) for name in "xyz")
    least = g.min(g.min(x, y), z)
    a, b = g.max(y, z), g.relu(g.sub(y, z))
    later = g.relu(g.affine([(ONE, x), (-ONE, a), (-ONE, b)]))
    here, claim = g.eq(least, x), g.eq(later, g.const(0))
    plan = make_plan(g.graph(), (here, claim))
    points = np.random.default_rng(0).integers(0, 65, (400, 3)) / 64.0
    points = points[Points(plan, points).holds(here)]
    found = guesses(plan, Points(plan, points).numbers, (x,), (a, b))
    assert Condition(False, Fraction(0), ((-ONE, x), (ONE, a), (ONE, b))) in found
    assert Condition(False, Fraction(0), ((ONE, x), (-ONE, a), (-ONE, b))) not in found
    assert len(set(map(repr, found))) == len(found)
