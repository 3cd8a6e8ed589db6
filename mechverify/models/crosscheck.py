"""Every runtime's every activation against the enclosure that the graph gives for it (SEMANTICS 6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial

import numpy as np

from mechverify.errors import EnclosureError, ModelError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Kind
from mechverify.graph.intervals import NO_GRID, IntervalEvaluator
from mechverify.models.intervention import Intervention
from mechverify.models.model import FloatArray, Model, NodeArray, Patch, RuntimeRun
from mechverify.models.reading_check import Describe, check_reading, floats

_BLOCK = 10_000_000


@dataclass(frozen=True, slots=True)
class CrossCheckReport:
    """What was compared: ``runtimes`` as "name version batching"; ``values`` counts numbers compared; ``widest`` is the
    widest enclosure.
    """

    runtimes: tuple[str, ...]
    samples: int
    values: int
    widest: float


def cross_check(
    model: Model,
    feeds: Mapping[str, FloatArray],
    activations: Sequence[str] | None = None,
    interventions: Sequence[Intervention] = (),
) -> CrossCheckReport:
    """Run the model on ``feeds`` (leading batch axis; float32, integer or bool arrays) in every runtime and compare.

    With ``interventions`` they are done in both. Programs are compared exactly, networks with the float32 error of each
    node. By default all activations are compared, every intermediate too, and the outputs once more without reading
    what lies between, so that an optimising runtime is free to fold.

    Raises EnclosureError naming runtime, activation, input, value and enclosure.
    """
    names = tuple(model.activations if activations is None else activations)
    unknown = [n for n in names if n not in model.activations]
    if unknown:
        raise ModelError(f"no activation is named {', '.join(unknown)}")
    enclosures = enclose(model, feeds, names, interventions)
    outputs = tuple(o for o in model.outputs if o in names)
    runs = list(model.run(feeds, names, interventions))
    if outputs and set(outputs) != set(names):
        runs += model.run(feeds, outputs, interventions)
    compared = 0 if activations is not None or interventions else _compare_intermediates(model, feeds)
    for run in runs:
        for name, values in run.values.items():
            compared += compare_run(run, name, np.asarray(values), enclosures[name], partial(_given, feeds))
    widths = [high - low for low, high in enclosures.values()]
    widest = max((float(w.max()) for w in widths if w.size), default=0.0)
    labels = tuple(dict.fromkeys(f"{r.runtime} {r.version} {r.batching}" for r in runs))
    samples = len(next(iter(feeds.values()))) if feeds else 0
    return CrossCheckReport(labels, samples, compared, widest)


def _given(feeds: Mapping[str, FloatArray], row: int) -> str:
    return ", ".join(f"{k} = {np.asarray(v)[row].tolist()}" for k, v in feeds.items())


def _compare_intermediates(model: Model, feeds: Mapping[str, FloatArray]) -> int:
    columns = _Columns()
    trace = model.trace(columns.builder, columns.fed(model, feeds), "float32")
    least, most = columns.boxes()
    evaluator = IntervalEvaluator(columns.builder.graph())
    step = max(1, _BLOCK // max(1, len(columns.builder)))
    compared = 0
    for first in range(0, len(least), step):
        part = {k: np.asarray(v)[first : first + step] for k, v in feeds.items()}
        low, high = evaluator.values(
            least[first : first + step], most[first : first + step], input_grids=columns.grids
        )
        compared += check_reading(trace, model.observe(part), low, high, partial(_given, part))
    return compared


def enclose(
    model: Model, feeds: Mapping[str, FloatArray], names: Sequence[str], interventions: Sequence[Intervention] = ()
) -> dict[str, tuple[FloatArray, FloatArray]]:
    """Lower and upper bounds of activations at each feed: arrays of shape (batch, *activation shape)."""
    columns = _Columns()
    nodes = columns.fed(model, feeds)
    patches = {i.activation: columns.patch(i) for i in interventions}
    built = model.build(columns.builder, nodes, "float32", patches)
    wanted = {n: built[n] for n in names}
    return _evaluated(columns.builder, wanted, columns.boxes(), columns.grids)


class _Columns:
    """Graph inputs with a column of values each, one for every feed."""

    def __init__(self) -> None:
        self.builder = GraphBuilder()
        self.lows: list[FloatArray] = []
        self.highs: list[FloatArray] = []
        self.grids: list[int | None] = []

    def fed(self, model: Model, feeds: Mapping[str, FloatArray]) -> dict[str, NodeArray]:
        """Nodes for all inputs of a model. Raises ModelError for a feed that is missing or of another shape."""
        nodes = {}
        for given in model.inputs:
            if given.name not in feeds:
                raise ModelError(f"input {given.name!r} is not fed")
            array = np.asarray(feeds[given.name])
            if array.shape[1:] != given.shape:
                raise ModelError(f"input {given.name!r} has shape {given.shape}, the feed {array.shape[1:]}")
            nodes[given.name] = self.inputs(given.name, array, given.dtype)
        return nodes

    def boxes(self) -> tuple[FloatArray, FloatArray]:
        """The float64 below and above the values of all inputs, one row for each feed: themselves where they are
        float64.
        """
        if not self.lows:
            return np.zeros((1, 0)), np.zeros((1, 0))
        return np.stack(self.lows, axis=1), np.stack(self.highs, axis=1)

    def inputs(self, name: str, array: FloatArray, dtype: str) -> NodeArray:
        """Nodes for an array with one row for each feed. Raises ModelError for NaN, infinity and integers beyond
        float64.
        """
        exact = array.reshape(len(array), -1)
        flat = floats(exact)
        if not np.isfinite(flat).all():
            raise ModelError(f"input {name!r} is fed NaN or infinity")
        below, above = _around(exact, flat)
        places = []
        for j in range(flat.shape[1]):
            column = flat[:, j]
            kind: Kind = "real" if dtype == "float32" else "integer"
            least, most = Fraction(below[:, j].min()), Fraction(above[:, j].max())
            node = self.builder.input(f"{name}[{j}]", kind, least, most)
            self.lows.append(below[:, j])
            self.highs.append(above[:, j])
            self.grids.append(least_grid(column))
            zero = self.builder.const(0)
            places.append(self.builder.negate(self.builder.eq(node, zero)) if dtype == "bool" else node)
        return np.array(places, dtype=np.int64).reshape(array.shape[1:])

    def patch(self, one: Intervention) -> Patch:
        """What replaces the nodes of an activation."""
        dtype = {"f": "float32", "b": "bool"}.get(one.values.dtype.kind, "integer")
        kept = np.where(one.mask, one.values, np.zeros_like(one.values))
        nodes = self.inputs(f"{one.activation} (replaced)", kept, dtype)
        return lambda before: np.where(one.mask, nodes, before)


def _around(exact: FloatArray, near: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The float64 at or below and at or above numbers to which ``near`` are the nearest."""
    if exact.dtype.kind == "f" or not near.size or np.abs(near).max() < 2.0**53:
        return near, near
    rounded = np.array([int(v) for v in near.ravel().tolist()], dtype=object).reshape(near.shape)
    written = np.array([int(v) for v in exact.ravel().tolist()], dtype=object).reshape(near.shape)
    below = np.where(rounded > written, np.nextafter(near, -np.inf), near)
    return below, np.where(rounded < written, np.nextafter(near, np.inf), near)


def _evaluated(
    builder: GraphBuilder,
    wanted: Mapping[str, NodeArray],
    boxes: tuple[FloatArray, FloatArray],
    grids: list[int | None],
) -> dict[str, tuple[FloatArray, FloatArray]]:
    evaluator = IntervalEvaluator(builder.graph())
    least, most = boxes
    step = max(1, _BLOCK // max(1, len(builder)))
    parts: dict[str, list[tuple[FloatArray, FloatArray]]] = {n: [] for n in wanted}
    for first in range(0, len(least), step):
        low, high = evaluator.values(least[first : first + step], most[first : first + step], input_grids=grids)
        for name, nodes in wanted.items():
            parts[name].append((low[nodes.ravel()].T, high[nodes.ravel()].T))
    return {
        name: tuple(np.concatenate([p[side] for p in parts[name]]).reshape(-1, *nodes.shape) for side in (0, 1))  # type: ignore[misc]
        for name, nodes in wanted.items()
    }


def least_grid(column: FloatArray) -> int | None:
    """The least k >= 0 such that all values are multiples of 2^-k."""
    worst = 0
    for value in set(column.tolist()):
        worst = max(worst, value.as_integer_ratio()[1].bit_length() - 1)
    return worst if worst < NO_GRID else None


def compare_run(
    run: RuntimeRun, name: str, values: FloatArray, bounds: tuple[FloatArray, FloatArray], describe: Describe
) -> int:
    """Compare an activation of some runs with its bounds, all of shape (feeds, *shape); how many numbers that are.

    Raises EnclosureError naming runtime, activation, input, value and enclosure.
    """
    low, high = bounds
    if values.shape != low.shape:
        raise EnclosureError(f"{run.runtime}: activation {name!r} has shape {values.shape}, expected {low.shape}")
    numbers = floats(values)
    undefined = np.isnan(numbers) & (low == -np.inf) & (high == np.inf)
    outside = ~((numbers >= low) & (numbers <= high) | undefined)
    if not outside.any():
        return int(values.size)
    at = tuple(int(i) for i in np.argwhere(outside)[0])
    place = f"{name}{''.join(f'[{i}]' for i in at[1:])}"
    raise EnclosureError(
        f"{run.runtime} {run.version} ({run.batching}) returns {place} = {float(numbers[at])!r}, outside the enclosure "
        f"[{float(low[at])!r}, {float(high[at])!r}] for {describe(at[0])}",
    )
