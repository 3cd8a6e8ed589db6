"""Evaluation at many points: how clearly a truth value is true."""

import numpy as np
from obligations import F

from mechverify.engines.affine.layout import make_plan
from mechverify.engines.points.nominal import Points
from mechverify.graph.builder import GraphBuilder


def test_having_a_value_is_no_close_call() -> None:
    """A claim of a rounded number says first that there is one: how clearly it holds is up to the rest."""
    g = GraphBuilder()
    x = g.input("x", "real", F(0), F(1))
    rounded = g.affine([(F(3), x)], rounding="float32")
    claim = g.all([g.has_value(rounded), g.le(rounded, g.const(2))])
    points = Points(make_plan(g.graph(), (claim,)), np.array([[0.25], [0.5], [1.0], [np.nan]]))
    assert points.gap(claim)[:3].tolist() == [1.25, 0.5, -1.0]
    assert points.holds(claim).tolist() == [True, True, False, False]
