"""Running a witness in the real runtimes, and showing it variable by variable."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mechverify.deciding.running.point_view import Judgement, Point, PointView
from mechverify.deciding.running.run_view import flatten
from mechverify.deciding.running.transplanting import ModelRun, runs_at
from mechverify.engines.work import costs
from mechverify.engines.work.meter import spend
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.interventions import apart_name, before_name
from mechverify.explanation.structures.aims import aims_of
from mechverify.models.model import FloatArray, Model
from mechverify.results import Counterexample, Replay, Value, VariableRow
from mechverify.spec.sentence import asserted_text


@dataclass(frozen=True, slots=True)
class Shown:
    """A point whose violation a runtime shows, with everything that was run there."""

    point: Point
    replays: tuple[Replay, ...]


Label = tuple[str, str, str]


def replays_at(compiled: CompiledClaim, models: Mapping[str, Model], point: Point) -> tuple[Replay, ...]:
    """Every runtime's outputs at a point, judged by the second evaluator. An inadmissible point shows nothing."""
    view = PointView(compiled, point)
    admissible = view.admissible() is True
    replays = []
    for (runtime, version, batching), network, bits in executions_at(compiled, models, (view,))[0]:
        judged = view.judge(network)
        values = {_value_name(compiled, owner, name): v for (owner, name), v in network.items()}
        shows = admissible and judged.claim is False
        untold = admissible and judged.claim is None and not any(None in flatten(v) for v in network.values())
        replays.append(Replay(runtime, version, batching, shows, values, bits, untold=untold))
    return tuple(replays)


def judged_runs(
    compiled: CompiledClaim, models: Mapping[str, Model], points: Sequence[Point]
) -> list[list[tuple[str, Judgement]]]:
    """For each point, what every runtime shows there; the points are run together."""
    views = [PointView(compiled, p) for p in points]
    rows = executions_at(compiled, models, views)
    return [
        [(f"{label[0]} {label[1]} ({label[2]})", view.judge(network)) for label, network, _ in row]
        for view, row in zip(views, rows, strict=True)
    ]


Execution = tuple[Label, Mapping[tuple[str, str], Value], Mapping[str, str]]


def executions_at(
    compiled: CompiledClaim, models: Mapping[str, Model], views: Sequence[PointView]
) -> list[list[Execution]]:
    """What the sites of all models say at each point, for each way of running them: the n-th way of every model
    together."""
    each = costs.RUN_POINT + costs.RUN_NODE * len(compiled.graph.nodes) + costs.RUN_SOURCE * len(compiled.sources)
    spend(costs.RUN + len(views) * each)
    by_model: dict[str, tuple[ModelRun, ...]] = {}
    for declaration in compiled.spec.models:
        by_model[declaration.name] = runs_at(compiled, declaration, models[declaration.name], views)
    rows: list[list[Execution]] = [[] for _ in views]
    for k in range(min((len(runs) for runs in by_model.values()), default=0)):
        first = next(iter(by_model.values()))[k]
        for row, view in enumerate(views):
            together: dict[tuple[str, str], Value] = {}
            bits: dict[str, str] = {}
            for owner, runs in by_model.items():
                together |= view.seen_in(owner, runs[k].seen, row)
                prefix = "" if len(by_model) == 1 else f"{owner}."
                bits |= {prefix + name: _bits(values[row]) for name, values in runs[k].arrays()}
            rows[row].append(((first.runtime, first.version, first.batching), together, bits))
    return rows


def _bits(values: FloatArray) -> str:
    array = np.asarray(values)
    return array.astype(array.dtype.newbyteorder(">")).tobytes().hex()


def first_shown(
    compiled: CompiledClaim, models: Mapping[str, Model], candidates: Iterable[Point]
) -> Shown | None:
    """The first candidate whose violation some runtime shows."""
    for point in candidates:
        replays = replays_at(compiled, models, point)
        if any(r.shows for r in replays):
            return Shown(point, replays)
    return None


def counterexample(
    compiled: CompiledClaim, point: Point, replays: tuple[Replay, ...], *, robust: bool
) -> Counterexample:
    """The witness as reports show it. The network's column is the exact value in exact arithmetic, to 9 digits at least
    where that is irrational; else the first runtime's that shows the violation.
    """
    view = PointView(compiled, point)
    owners = [m.name for m in compiled.spec.models]
    if compiled.claim.kind == "ignores":
        owners = [side for owner in owners for side in (before_name(owner), owner)]
    elif compiled.claim.kind == "faithful":
        owners = [side for owner in owners for side in (owner, apart_name(owner))]
    if compiled.arithmetic == "float32" and replays:
        shown = next((r for r in replays if r.shows), replays[0])
        names = [v.name for v in compiled.spec.variables]
        seen = {(o, name): shown.values.get(_value_name(compiled, o, name)) for o in owners for name in names}
        told: Mapping[tuple[str, str], Value] = seen
    else:
        seen, told = view.ideal_network(), view.told_network()
    one_model = len(compiled.spec.models) == 1 and compiled.claim.kind != "ignores"
    aims = aims_of(compiled.spec, compiled.claim) if one_model else {}
    rows = tuple(
        VariableRow(
            v.name,
            v.says,
            told.get((owners[0], v.name)) if owners else None,
            view.explanation.get(v.name),
            {o: told.get((o, v.name)) for o in owners} if len(owners) > 1 else {},
            aims.get(v.name),
        )
        for v in compiled.spec.variables
    )
    condition = compiled.claim.condition
    return Counterexample(
        inputs=dict(view.inputs),
        sources=view.shown_sources(),
        rows=rows,
        replays=replays,
        robust=robust,
        failing=asserted_text(compiled.spec, compiled.claim) if condition is None else condition.text,
        undefined=None if condition is None else view.undefined(condition.expression, seen),
    )


def _value_name(compiled: CompiledClaim, owner: str, name: str) -> str:
    """What a model says of a variable, as replays name it: the plain name for the only model."""
    only = compiled.spec.models[0].name if len(compiled.spec.models) == 1 else None
    return name if owner == only else f"{owner}.{name}"
