"""HELD: every admissible input run in the runtimes at hand, where there are few enough and nothing was proved."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product

from mechverify.deciding.decision import Point
from mechverify.deciding.reading.enclosure_check import cross_check_points
from mechverify.deciding.running.enumeration import domain_size
from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.replay import judged_runs
from mechverify.deciding.undefined_preconditions import refuse_undefined
from mechverify.engines.exhaustive import HeldReport, JudgedBatch, batches, run_all
from mechverify.explanation.compiled import CompiledClaim
from mechverify.models.model import Model

_MOST_RUNS = 300_000
_BATCH = 2048


def hold_by_running(
    compiled: CompiledClaim, models: Mapping[str, Model], *, work: float
) -> HeldReport[Point] | None:
    """Run the models on every admissible input, each in every runtime; None where there are too many to run.

    A point at which any runtime breaks the claim, or cannot be judged, or that none ran, ends it; None too where no
    point is admissible.
    Raises EnclosureError where a runtime leaves its enclosure, SpecError where a precondition is undefined at an input.
    """
    if not may_be_run(compiled):
        return None
    runtimes: dict[str, None] = {}

    def judge(points: Sequence[Point]) -> JudgedBatch:
        cross_check_points(compiled, models, points)
        judged = judged_runs(compiled, models, points)
        runtimes.update(dict.fromkeys(label for row in judged for label, _ in row))
        broken = [not row or any(j.claim is not True for _, j in row) for row in judged]
        margins = [min((j.margin for _, j in row if j.margin is not None), default=None) for row in judged]
        return JudgedBatch(broken, margins)

    if not any(True for _ in _admissible(compiled)):
        return None
    report = run_all(batches(_admissible(compiled), _BATCH), judge, work=work)
    names = " and ".join(runtimes) or "no runtime"
    words = report.description.replace("the model", names)
    return replace(report, description=words, runtimes=tuple(runtimes))


def may_be_run(compiled: CompiledClaim) -> bool:
    """Whether the inputs are few enough for every one of them to be run."""
    size = domain_size(compiled.obligation)
    return size is not None and size <= _MOST_RUNS


def _admissible(compiled: CompiledClaim) -> Iterator[Point]:
    partial = any(not compiled.graph.nodes[n].truth for n in compiled.precondition_defined.values())
    ranges = [range(int(i.low), int(i.high) + 1) for i in compiled.graph.inputs]
    for values in product(*ranges):
        point = tuple(Fraction(v) for v in values)
        if partial:
            refuse_undefined(compiled, point)
        if PointView(compiled, point).admissible() is not False:
            yield point
