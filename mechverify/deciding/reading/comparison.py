"""On load, every intermediate of every model is compared with its runtime's own (SEMANTICS 27)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechverify.deciding.reading.enclosure_check import module_problems, wanted
from mechverify.deciding.reading.samples import Samples, reading_samples
from mechverify.deciding.running.input_box import InputBox
from mechverify.deciding.running.sample_feeds import sample_feeds
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.compiled import CompiledClaim
from mechverify.graph.evaluate import Value, evaluate_exact
from mechverify.graph.graph import Graph
from mechverify.graph.intervals import Array, IntervalEvaluator
from mechverify.models.crosscheck import compare_run, least_grid
from mechverify.models.model import FloatArray, Model
from mechverify.models.reading_check import check_exactly, check_reading
from mechverify.models.traced import Trace
from mechverify.results import MOST_COMPARED, Compared
from mechverify.spec.expression.shapes import input_names
from mechverify.spec.spec import ModelDeclaration, Spec

_BLOCK = 10_000_000
# An operation of the interpreter of programs takes as long as so many of numpy.
_INTERPRETED = 60


def check_readings(compiled: CompiledClaim, models: Mapping[str, Model], seed: int) -> Compared:
    """Compare what the readers have with what the runtimes compute, at sampled inputs, tensor by tensor.

    Raises EnclosureError for the first difference, SpecError for a module that cannot be run on a batch.
    """
    if not compiled.spec.models:
        return Compared(0, MOST_COMPARED, 0, 0, 0, 0, 0, 0)
    base = _Base.of(compiled, models)
    interpreted = any(d.kind == "program" for d in compiled.spec.models)
    watched = [w for t in base.traces.values() for w in t.watched]
    weight = _INTERPRETED if interpreted else 1
    samples = reading_samples(base.graph, base.evaluator.grouped, watched, base.box, seed, weight)
    values = sum(base.compared(declaration, models[declaration.name], samples) for declaration in compiled.spec.models)
    return Compared(
        len(samples.points),
        samples.most,
        samples.turning,
        samples.switches,
        samples.looked_at,
        samples.both,
        sum(len(r.intermediates) for r in base.traces.values()),
        values,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Base:
    """The models on the spec's inputs, in float32 where they compute in it."""

    spec: Spec
    graph: Graph
    traces: Mapping[str, Trace]
    evaluator: IntervalEvaluator
    box: InputBox

    @staticmethod
    def of(compiled: CompiledClaim, models: Mapping[str, Model]) -> "_Base":
        """From a claim's graph, whose first nodes these are, unless it idealises a model."""
        spec = compiled.spec
        names = [n for d in spec.inputs for n in input_names(d)]
        if any(m.arithmetic == "real" for m in spec.models):
            rounded = tuple(replace(m, arithmetic="float32") if m.arithmetic == "real" else m for m in spec.models)
            causal = CausalGraph(replace(spec, models=rounded), models, {})
            graph, traces = causal.builder.graph(), dict(causal.traces)
        else:
            traces = dict(compiled.traces)
            last = max((int(n) for r in traces.values() for n in _nodes(r)), default=-1)
            graph = Graph(compiled.graph.inputs[: len(names)], compiled.graph.nodes[: last + 1])
        values = {n: d.values for d in spec.inputs if d.kind == "one_of" for n in input_names(d)}
        listed = {k: values[n] for k, n in enumerate(names) if n in values}
        return _Base(spec, graph, traces, IntervalEvaluator(graph), InputBox.of(graph.inputs, listed))

    def compared(self, declaration: ModelDeclaration, model: Model, samples: Samples) -> int:
        """How many numbers of a model were compared."""
        total = 0
        step = max(1, _BLOCK // max(1, len(self.graph.nodes)))
        with module_problems(self.spec, declaration):
            for k in range(0, len(samples.points), step):
                points = samples.points[k : k + step]
                feeds = sample_feeds(self.spec, declaration, model, self.box, points)
                rows = _taken(feeds, len(points))
                if rows.any():
                    low, high = self._bounds(points[rows])
                    taken = {n: a[rows] for n, a in feeds.items()}
                    total += self._compare(declaration, model, points[rows], taken, low, high)
        return total

    def _bounds(self, points: Array) -> tuple[Array, Array]:
        low, high = self.box.bounds(points)
        exact = (low == high).all(axis=0)
        grids = [0 if i.kind == "integer" else least_grid(points[:, k]) for k, i in enumerate(self.graph.inputs)]
        return self.evaluator.values(low, high, [g if e else None for e, g in zip(exact, grids, strict=True)])

    def _compare(
        self,
        declaration: ModelDeclaration,
        model: Model,
        points: Array,
        feeds: Mapping[str, Any],
        low: Array,
        high: Array,
    ) -> int:
        def describe(row: int) -> str:
            return ", ".join(f"{k} = {np.asarray(v)[row].tolist()}" for k, v in feeds.items())

        def exact(row: int, nodes: Sequence[int]) -> Mapping[int, Value]:
            point = [self.box.exact(k, value) for k, value in enumerate(points[row].tolist())]
            return evaluate_exact(self.graph, point, nodes)

        trace = self.traces[declaration.name]
        seen = model.observe(feeds)
        total = check_reading(trace, seen, low, high, describe)
        if declaration.kind == "program":
            total += check_exactly(trace, seen, low, high, exact, describe)
        names = wanted(self.spec, declaration, model)
        runs = list(model.run(feeds, names))
        if declaration.kind == "onnx" and set(names) != set(model.outputs):
            # Only what is not read is an optimising runtime free to fold.
            runs += model.run(feeds, model.outputs)
        bounds = {name: _of(trace.activations[name], low, high) for name in names}
        for run in runs:
            for name, values in run.values.items():
                total += compare_run(run, name, np.asarray(values), bounds[name], describe)
        return total


def _taken(feeds: Mapping[str, FloatArray], count: int) -> NDArray[np.bool_]:
    """The points whose feed overflows nothing."""
    taken = np.ones(count, dtype=np.bool_)
    for array in feeds.values():
        if array.dtype.kind == "f":
            taken &= np.isfinite(array).reshape(count, -1).all(axis=1)
    return taken


def _nodes(trace: Trace) -> Iterator[int]:
    for array in trace.activations.values():
        yield int(array.max(initial=-1))
    for left, right, _ in trace.watched:
        yield max(left, left if right is None else right)
    for one in trace.intermediates.values():
        if not one.constant:
            yield int(one.array.max(initial=-1))
        if one.reached is not None:
            yield one.reached


def _of(nodes: FloatArray, low: Array, high: Array) -> tuple[Array, Array]:
    shape = (-1, *np.shape(nodes))
    flat = np.ravel(nodes)
    return low[flat].T.reshape(shape), high[flat].T.reshape(shape)
