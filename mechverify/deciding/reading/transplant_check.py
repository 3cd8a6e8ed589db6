"""The compiled graph of an interchange against the models with the same transplant done for real (SEMANTICS 6)."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from mechverify.deciding.decision import Point
from mechverify.deciding.reading.enclosure_check import sample_points
from mechverify.deciding.running.replay import judged_runs
from mechverify.deciding.running.run_view import flatten
from mechverify.errors import EnclosureError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.interventions import apart_name, before_name
from mechverify.graph.intervals import Array, interval_values
from mechverify.models.model import Model


def check_transplants(compiled: CompiledClaim, models: Mapping[str, Model], seed: int) -> None:
    """Compare what every site says at sampled points, in the graph and in each runtime, after the transplant.

    Models in real arithmetic have no runtime, and claims without a transplant nothing to compare here.
    Raises EnclosureError where a runtime leaves the enclosure.
    """
    rounded = [m.name for m in compiled.spec.models if m.arithmetic != "real"]
    if not compiled.intervened or not rounded:
        return
    exact = {m.name for m in compiled.spec.models if m.name not in rounded}
    exact |= {named(owner) for owner in exact for named in (before_name, apart_name)}
    values = {**compiled.network, **compiled.beside}
    points = sample_points(compiled.graph.inputs, seed)
    low, high = interval_values(compiled.graph, np.array([[float(x) for x in point] for point in points]))
    for k, (point, row) in enumerate(zip(points, judged_runs(compiled, models, points), strict=True)):
        for label, judged in row:
            for (owner, name), value in judged.network.items():
                if owner in exact or (owner, name) not in values:
                    continue
                nodes = list(flatten(values[owner, name]))
                _compare(
                    compiled, point, f"{label}: {owner}.{name}", list(flatten(value)), low[nodes, k], high[nodes, k]
                )


def _compare(
    compiled: CompiledClaim, point: Point, what: str, values: Sequence[object], low: Array, high: Array
) -> None:
    for value, least, most in zip(values, low.tolist(), high.tolist(), strict=False):
        if not isinstance(value, Fraction):
            continue
        if (np.isfinite(least) and value < Fraction(least)) or (np.isfinite(most) and value > Fraction(most)):
            at = ", ".join(f"{i.name} = {x}" for i, x in zip(compiled.graph.inputs, point, strict=True))
            raise EnclosureError(
                f"{what} is {float(value)!r} after the transplant, outside the enclosure [{least!r}, {most!r}] at {at}"
            )
