"""From float64 values of live parameters to exact inputs."""

from fractions import Fraction

from mechverify.engines.affine.boxes import Box
from mechverify.engines.affine.layout import Floats
from mechverify.graph.graph import Obligation

Point = tuple[Fraction, ...]


def exact_point(obligation: Obligation, box: Box, parameters: Floats) -> Point | None:
    """The inputs at a point of live parameters, exactly; None where an input leaves its bounds or its kind."""
    live: dict[int, Fraction] = {}
    for p, value in zip(box.chart.live, parameters, strict=True):
        one = box.state.live[p]
        exact = Fraction(round(float(value))) if one.integer else Fraction(float(value))
        live[p] = min(max(exact, Fraction(one.low)), Fraction(one.high))
    point: list[Fraction] = []
    for i, source in enumerate(obligation.graph.inputs):
        form = box.state.values[i]
        x = Fraction(form.constant) + sum((Fraction(c) * live[p] for p, c in form.terms.items()), Fraction(0))
        if not source.low <= x <= source.high or (source.kind == "integer" and x.denominator != 1):
            return None
        point.append(x)
    return tuple(point)
