"""A few inputs at which the models were run, to be shown beside a verdict."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import islice

from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.replay import counterexample, replays_at
from mechverify.deciding.running.sampled import listed_values
from mechverify.engines.points.admissible import AdmissiblePoints
from mechverify.engines.work.meter import work_done
from mechverify.errors import ModelError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.models.model import Model
from mechverify.results import Counterexample

_EXAMPLES = 3
_DRAWN = 64
_WORK = 1.0
_MOST_INPUTS = 64


def examples_of(compiled: CompiledClaim, models: Mapping[str, Model], seed: int) -> tuple[Counterexample, ...]:
    """Random admissible inputs at which the claim holds in every runtime, as a witness is shown; none for a claim over
    very many inputs.
    """
    if len(compiled.graph.inputs) > _MOST_INPUTS:
        return ()
    try:
        return tuple(islice(_held(compiled, models, seed), _EXAMPLES))
    except ModelError:
        return ()


def _held(compiled: CompiledClaim, models: Mapping[str, Model], seed: int) -> Iterator[Counterexample]:
    points = AdmissiblePoints(compiled.obligation, seed, listed_values(compiled))
    for draws in points.batches(_DRAWN, work_done() + _WORK):
        for row in range(min(len(draws.inputs), _DRAWN)):
            point = tuple(Fraction(x) for x in draws.point(row))
            view = PointView(compiled, point)
            if view.admissible() is not True:
                continue
            replays = replays_at(compiled, models, point)
            network = view.ideal_network() if compiled.arithmetic != "float32" else None
            broken = view.judge(network).claim is not True if network is not None else any(r.shows for r in replays)
            if not broken and (replays or network is not None):
                yield counterexample(compiled, point, replays, robust=False)
