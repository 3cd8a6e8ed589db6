"""How easily a claim is passed: by constants, by the network with shuffled weights, and by the width of its tolerance.

All on random admissible inputs, in float64: figures to compare with, no evidence. Where a condition leaves few inputs,
drawing some that meet it takes nearly all of the work: they are drawn once, and what is found within the work allowed
is all that is looked at.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice

import numpy as np

from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.running.point_view import PointView
from mechverify.deciding.running.sampled import agreement, listed_values
from mechverify.dossier_results import Constant, ConstantNetwork, Ease, Share, ToleranceShare
from mechverify.engines.affine.layout import Floats, make_plan
from mechverify.engines.points.admissible import AdmissiblePoints, Draws
from mechverify.engines.points.nominal import Points
from mechverify.engines.work.meter import MILLION, work_done
from mechverify.errors import MechverifyError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.formulas.references import Sort
from mechverify.explanation.formulas.symbolic import leaves, shape_of
from mechverify.explanation.interventions import read_by
from mechverify.explanation.relevance import relevance
from mechverify.models.model import Model
from mechverify.probing.controls import best_constant, shuffled_models
from mechverify.probing.mutant import the_job
from mechverify.results import Closeness, Value
from mechverify.spec.spec import Spec

WORK = 0.5
_SAMPLES = 2_000
_MOST_CONSTANTS = 3
_CANDIDATES, _COMPARED, _JUDGED = 12, 60, 400
_MOST_NODES = 2_000
_SEEN_NODE = 3.0


def ease_of(
    compiled: CompiledClaim,
    models: Mapping[str, Model],
    options: VerifyOptions,
    closeness: tuple[Closeness, ...],
    drawn: Sequence[Draws],
    work: float = WORK,
) -> Ease | None:
    """None where no admissible input was found (``drawn``), or the claim is no statement about one input after the
    other. Each of the claims about other explanations and networks gets so much ``work``, in millions of steps.
    """
    if compiled.claim.kind == "on_average":
        return None
    looked = _Looked(models, options, drawn, work)
    original = _share(compiled, looked, drawn)
    if original is None:
        return None
    shuffled, problem = _shuffled(compiled, looked)
    return Ease(
        original,
        tuple(_constants(compiled, looked)),
        _constant_network(compiled, drawn, work),
        shuffled,
        problem,
        tuple(_tolerances(compiled, closeness, drawn)),
        options.seed,
    )


def drawn_for(compiled: CompiledClaim, seed: int, work: float = WORK) -> tuple[Draws, ...]:
    """Random admissible inputs of a claim, 2,000 or as many as so much work finds."""
    points = AdmissiblePoints(compiled.obligation, seed, listed_values(compiled))
    return tuple(points.batches(_SAMPLES, work_done() + work))


@dataclass(frozen=True, slots=True)
class _Looked:
    """What all figures are made with."""

    models: Mapping[str, Model]
    options: VerifyOptions
    drawn: Sequence[Draws]
    work: float


def _share(compiled: CompiledClaim, looked: _Looked, drawn: Sequence[Draws] | None = None) -> Share | None:
    """On these inputs, or on others that the claim itself admits."""
    found = agreement(compiled, _SAMPLES, looked.options.seed, looked.work, drawn)
    return None if found is None else Share(found.agreed, found.samples)


def _constants(compiled: CompiledClaim, looked: _Looked) -> Iterator[Constant]:
    """The claim with a variable of the explanation that it compares replaced by the best constant."""
    for name in islice(relevance(compiled.spec, compiled.claim).compared, _MOST_CONSTANTS):
        value = compiled.explanation.get(name)
        if value is None or isinstance(value, tuple):
            continue
        sort = Sort(shape_of(value), compiled.graph.nodes[value].is_boolean)
        mutant = best_constant(compiled, name, sort, looked.models, looked.options, looked.drawn)
        share = None if mutant is None else _of(mutant.spec, compiled, looked.models, looked)
        if mutant is not None and share is not None:
            yield Constant(name, mutant.change.rpartition("-> ")[2], share)


def _constant_network(compiled: CompiledClaim, drawn: Sequence[Draws], work: float) -> ConstantNetwork | None:
    """The claim with a network that says of every input what this one says of the input that does best, by the second
    evaluator; None where the claim reads no network, and where reading it exactly takes too long. In a graph with many
    nodes fewer inputs are looked at.
    """
    if not read_by(compiled.spec, compiled.claim) or len(compiled.graph.nodes) > _MOST_NODES:
        return None
    most = min(_JUDGED, int(work * MILLION / (_SEEN_NODE * len(compiled.graph.nodes))))
    points = islice((draw.point(row) for draw in drawn for row in range(len(draw.inputs))), most)
    views = [PointView(compiled, point) for point in points]
    said = list({str(sorted(s.items())): s for s in (v.ideal_network() for v in views[:_CANDIDATES])}.values())
    if not said:
        return None
    best = max(said, key=lambda one: _held(views[:_COMPARED], one))
    return ConstantNetwork(_read(compiled, best), Share(_held(views, best), len(views)))


def _held(views: Sequence[PointView], said: Mapping[tuple[str, str], Value]) -> int:
    return sum(view.judge(said).claim is True for view in views)


def _read(compiled: CompiledClaim, said: Mapping[tuple[str, str], Value]) -> dict[tuple[str, str], Value]:
    names = read_by(compiled.spec, compiled.claim)
    return {key: value for key, value in said.items() if key[1] in names and key in compiled.network}


def _of(spec: Spec, compiled: CompiledClaim, models: Mapping[str, Model], looked: _Looked) -> Share | None:
    """The share of another spec's claim of this name; None where it cannot be compiled."""
    options = replace(looked.options, claims=(compiled.name,), certificates=None)
    try:
        job = the_job(spec, models, options, compiled.name)
    except MechverifyError:
        return None
    return _share(job.compiled, looked)


def _shuffled(compiled: CompiledClaim, looked: _Looked) -> tuple[Share | None, str | None]:
    others, problem = shuffled_models(looked.models, looked.options.seed)
    if problem is not None:
        return None, problem
    found = _of(compiled.spec, compiled, others, looked)
    return found, None if found is not None else "the claim about the shuffled network could not be evaluated"


def _tolerances(
    compiled: CompiledClaim, closeness: tuple[Closeness, ...], drawn: Sequence[Draws]
) -> Iterator[ToleranceShare]:
    """Each tolerance of the claim beside the range of each number of the network that it reads."""
    if not closeness:
        return
    read = read_by(compiled.spec, compiled.claim)
    seen = {name: v for (_, name), v in compiled.network.items() if name in read and not isinstance(v, tuple)}
    nodes = {name: v for name, v in seen.items() if not compiled.graph.nodes[v].is_boolean}
    ranges = dict(_ranges(compiled, nodes, drawn))
    for one in closeness:
        for name, (low, high) in ranges.items():
            if low < high and one.distance:
                yield ToleranceShare(one.bound, one.allowed, name, low, high)


def _ranges(
    compiled: CompiledClaim, nodes: Mapping[str, int], drawn: Sequence[Draws]
) -> Iterator[tuple[str, tuple[Fraction, Fraction]]]:
    wanted = [n for v in nodes.values() for n in leaves(v)]
    if not drawn or not wanted:
        return
    inputs: Floats = np.concatenate([d.inputs for d in drawn])
    plan = make_plan(compiled.graph, wanted)
    values = Points(plan, _by_name(compiled, inputs))
    for name, node in nodes.items():
        row = values.numbers[plan.number_row[node]]
        finite = row[np.isfinite(row)]
        if len(finite):
            yield name, (Fraction(float(finite.min())), Fraction(float(finite.max())))


def _by_name(compiled: CompiledClaim, inputs: Floats) -> Floats:
    """Points of the obligation as points of the whole graph, which has the same inputs."""
    place = {one.name: k for k, one in enumerate(compiled.obligation.graph.inputs)}
    return inputs[:, [place[one.name] for one in compiled.graph.inputs]]
