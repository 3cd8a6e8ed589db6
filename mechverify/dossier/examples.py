"""A few inputs at which the models were run, to be shown beside a verdict."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice

from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.replay import counterexample, replays_at
from mechverify.engines.points.admissible import Draws
from mechverify.errors import ModelError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.models.model import Model
from mechverify.results import Counterexample

_EXAMPLES = 3
_TRIED = 64
_MOST_NODES = 100_000
_MOST_INPUTS = 64


def examples_of(
    compiled: CompiledClaim, models: Mapping[str, Model], drawn: Sequence[Draws]
) -> tuple[Counterexample, ...]:
    """Random admissible inputs (``drawn``) at which the claim holds in every runtime, as a witness is shown; none for a
    claim over very many inputs. A graph with many nodes is looked at on few of them.
    """
    if len(compiled.graph.inputs) > _MOST_INPUTS:
        return ()
    try:
        return tuple(islice(_held(compiled, models, drawn), _EXAMPLES))
    except ModelError:
        return ()


def _held(
    compiled: CompiledClaim, models: Mapping[str, Model], drawn: Sequence[Draws]
) -> Iterator[Counterexample]:
    most = max(_EXAMPLES, min(_TRIED, _MOST_NODES // len(compiled.graph.nodes)))
    for draw in islice((draws.point(row) for draws in drawn for row in range(len(draws.inputs))), most):
        point = tuple(Fraction(x) for x in draw)
        view = PointView(compiled, point)
        if view.admissible() is not True:
            continue
        replays = replays_at(compiled, models, point)
        network = view.ideal_network() if compiled.arithmetic != "float32" else None
        broken = view.judge(network).claim is not True if network is not None else any(r.shows for r in replays)
        if not broken and (replays or network is not None):
            yield counterexample(compiled, point, replays, robust=False)
