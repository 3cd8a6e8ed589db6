"""One operation in every execution at hand against the kernel's enclosure of it."""

import warnings
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from onnx_making import make_model, save
from operation_data import Draw, centres, fed
from operation_executions import Exact, Float32
from operation_kernel import BoxEnclosure, Ends, PointEnclosure, kernel_problem
from operation_sample import TABLE, Sample

from mechverify.errors import ModelError
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Rounding
from mechverify.kernel.search import Number, normal
from mechverify.models.model import Model, ModelInput

EMULATIONS = 6
PRECISIONS = (96, 192, 320)
FAR = Fraction(2) ** 130


@dataclass(slots=True)
class Tally:
    """``cases``: feeds in their boxes. ``values``: numbers compared, ``defined``: those whose enclosure is not any value."""

    models: int = 0
    cases: int = 0
    boxes: int = 0
    values: int = 0
    defined: int = 0
    exact: int = 0
    refused: int = 0
    runtimes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Feeds:
    """Points of boxes, in units of the inputs (2^-unit where these are integers)."""

    unit: int | None
    low: np.ndarray
    high: np.ndarray
    point: np.ndarray
    is_box: np.ndarray

    @property
    def scaled(self) -> np.ndarray:
        """The points as numbers that are fed, float64 and not yet rounded."""
        return self.point if self.unit is None else self.point * 2.0**-self.unit


def _radii(rng: np.random.Generator, centre: np.ndarray, *, grid: bool) -> np.ndarray:
    """Of 20 cases: 10 of radius 0, 5 of radius 1e-7, 5 of larger radii."""
    radius = np.zeros(centre.shape)
    for i in range(len(centre)):
        kind = i % 20
        if grid:
            radius[i] = 0 if kind < 10 else rng.integers(0, 4, centre.shape[1])
        elif 10 <= kind < 15:
            radius[i] = 1e-7
        elif kind in (15, 16):
            radius[i] = np.abs(centre[i]) * 2.0**-10
        elif kind == 17:
            radius[i] = 0.5
        elif kind == 18:
            radius[i] = np.abs(centre[i])
        elif kind == 19:
            radius[i] = 10.0 ** rng.uniform(-9, 1, centre.shape[1]) * rng.integers(0, 2, centre.shape[1])
    return radius


def make_feeds(rng: np.random.Generator, cases: int, size: int, *, grid: bool) -> Feeds:
    """Random boxes and a point of each."""
    unit = int(rng.integers(0, 4)) if grid else None
    reach = int(2.0 ** rng.uniform(1, 22))
    centre = rng.integers(-reach, reach + 1, (cases, size)).astype(np.float64) if grid else centres(rng, cases, size)
    radius = _radii(rng, centre, grid=grid)
    low, high = centre - radius, centre + radius
    places = np.where(rng.integers(3, size=centre.shape) == 0, rng.integers(-1, 2, centre.shape), rng.uniform(-1, 1, centre.shape))
    moved = centre + radius * places
    point = np.clip(np.rint(moved) if grid else moved, low, high)
    return Feeds(unit, low, high, point, np.arange(cases) % 20 >= 8)


class Enclosed:
    """The graph of one model as the kernel sees it, with the outputs in one row."""

    def __init__(self, model: Model, shapes: Sequence[tuple[int, ...]], rounding: Rounding, unit: int | None, bits: int) -> None:
        builder = GraphBuilder()
        sizes = [int(np.prod(s)) for s in shapes]
        nodes = []
        for i in range(sum(sizes)):
            node = builder.input(f"i{i}", "real" if unit is None else "integer", -FAR, FAR)
            if unit:
                node = builder.affine(((Fraction(1, 1 << unit), node),))
            nodes.append(builder.round32(node) if rounding == "float32" else node)
        parts = np.split(np.array(nodes, dtype=np.int64), np.cumsum(sizes)[:-1])
        feed = {g.name: p.reshape(g.shape) for g, p in zip(model.inputs, parts, strict=True)}
        built = model.build(builder, feed, rounding)
        outputs = [int(v) for name in model.outputs for v in built[name].ravel()]
        problem = kernel_problem(builder.graph())
        self.points, self.boxes = PointEnclosure(problem, outputs), BoxEnclosure(problem, outputs, bits)

    def of(self, feeds: Feeds, case: int) -> list[Ends]:
        """The enclosures of all outputs of one case."""
        point = [_number(v) for v in feeds.point[case].tolist()]
        if not feeds.is_box[case]:
            return self.points.at(point)
        ends = zip(feeds.low[case].tolist(), feeds.high[case].tolist(), strict=True)
        return self.boxes.on([(_number(a), _number(b)) for a, b in ends], point)


def _number(value: float) -> Number:
    return normal(Fraction(value))


def _readers(sample: Sample, path: Path) -> dict[str, Model]:
    found: dict[str, Model] = {}
    if sample.nodes:
        from mechverify.models.onnx.model import read_onnx

        inputs = sample.onnx_inputs or {n: ["N", *s] for n, s in sample.inputs.items()}
        weights = {**sample.weights, **sample.constants}
        proto = make_model(sample.nodes, inputs, sample.outputs, weights, dtypes=sample.dtypes)
        found["onnx"] = read_onnx(save(proto, path))
    module = sample.torch_module()
    if module is not None:
        import torch

        from mechverify.models.torch.model import read_torch

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            names = ["input"] if isinstance(module, torch.nn.Sequential) else list(sample.inputs)
            given = [ModelInput(n, s, "float32") for n, s in zip(names, sample.inputs.values(), strict=True)]
            found["torch"] = read_torch(module, given)
    return found


def _read_sample(
    name: str, rng: np.random.Generator, path: Path, tally: Tally, *, grid: bool
) -> tuple[Sample, dict[str, Model]]:
    """A random model that is not refused for weights outside the modelled range."""
    for _ in range(30):
        sample = TABLE[name](Draw(rng, grid))
        try:
            return sample, _readers(sample, path)
        except ModelError as error:
            assert "outside 2^" in str(error) or "overflow" in str(error) or "underflow" in str(error), error  # noqa: PT017
            tally.refused += 1
    raise AssertionError(f"every random model of {name} is refused")


def _flat(outputs: Sequence[Any], cases: int) -> np.ndarray:
    return np.concatenate([np.asarray(o).reshape(cases, -1) for o in outputs], axis=1)


def _executed(sample: Sample, readers: dict[str, Model], arrays: dict[str, np.ndarray], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """The outputs (cases, outputs) of every runtime and emulated execution."""
    cases = len(next(iter(arrays.values())))
    found: dict[str, np.ndarray] = {}
    for model in readers.values():
        feeds = {g.name: a.reshape(cases, *g.shape) for g, a in zip(model.inputs, arrays.values(), strict=True)}
        for run in model.run(feeds, model.outputs):
            label = f"{run.runtime} {run.version} {run.batching}"
            found[label] = _flat([run.values[o] for o in model.outputs], cases).astype(np.float64)
    with np.errstate(all="ignore"):
        for k in range(EMULATIONS):
            execution = Float32(rng)
            lifted = {n: execution.lift(a) for n, a in arrays.items()}
            found[f"emulation {k}"] = _flat(sample.reference(execution, lifted), cases).astype(np.float64)
    return found


def _inside(value: Any, ends: Ends) -> bool:
    return ends is None or bool(ends[0] <= value <= ends[1])


def _exact(sample: Sample, points: np.ndarray) -> np.ndarray:
    e = Exact()
    lifted = {n: e.lift(a) for n, a in _split(sample, points).items()}
    return _flat(sample.reference(e, lifted), len(points))


def _split(sample: Sample, rows: np.ndarray) -> dict[str, np.ndarray]:
    sizes = [int(np.prod(s)) for s in sample.inputs.values()]
    parts = np.split(rows, np.cumsum(sizes)[:-1], axis=1)
    return {n: p.reshape(len(rows), *s) for (n, s), p in zip(sample.inputs.items(), parts, strict=True)}


def check_model(name: str, seed: int, number: int, cases: int, folder: Path, tally: Tally) -> None:
    """One random model of an operation on ``cases`` feeds. Raises AssertionError with all that repeats the case."""
    rng = np.random.default_rng([zlib.crc32(name.encode()), seed, number])
    grid = number % 3 == 2
    sample, readers = _read_sample(name, rng, folder / f"{name}.onnx", tally, grid=grid)
    shapes = list(sample.inputs.values())
    feeds = make_feeds(rng, cases, sum(int(np.prod(s)) for s in shapes), grid=grid)
    rows = fed(feeds.scaled)
    found = _executed(sample, readers, _split(sample, rows), rng)
    found_exact = _exact(sample, rows.astype(np.float64))
    bits = PRECISIONS[number % len(PRECISIONS)]
    enclosed = [Enclosed(m, shapes, "float32", feeds.unit, bits) for m in readers.values()]
    ideal = [Enclosed(m, shapes, "exact", feeds.unit, bits) for m in readers.values()]
    table = np.stack(list(found.values()))
    least, most, missing = table.min(axis=0), table.max(axis=0), np.isnan(table).any(axis=0)

    def explain(case: int, j: int, label: str, value: Any, ends: Ends) -> str:
        shown = {k: repr(float(v[case, j])) for k, v in found.items()}
        weights = {k: v.tolist() for k, v in sample.weights.items()}
        return (
            f"{name}, output {j}: {label} {value!r} outside {ends and tuple(map(float, ends))} = {ends}\n"
            f"weights {weights}\nfeed {rows[case].tolist()}, point {feeds.point[case].tolist()} of the box "
            f"{feeds.low[case].tolist()} .. {feeds.high[case].tolist()}, unit {feeds.unit}, "
            f"{'box' if feeds.is_box[case] else 'point'}\nexact {found_exact[case, j]}\nall {shown}\n"
            f"repeat: check_model({name!r}, {seed}, {number}, {cases}, folder, Tally())"
        )

    for case in range(cases):
        ends_of = enclosed[case % len(enclosed)].of(feeds, case)
        for j, ends in enumerate(ends_of):
            tally.values += len(found) + 1
            if ends is None:
                continue
            tally.defined += len(found) + 1
            for label, value in (("least", float(least[case, j])), ("most", float(most[case, j]))):
                assert _inside(value, ends), explain(case, j, label, value, ends)
            assert not missing[case, j], explain(case, j, "not a number", np.nan, ends)
            assert _inside(found_exact[case, j], ends), explain(case, j, "exact", found_exact[case, j], ends)
    _check_ideal(sample, feeds, ideal, cases, tally, explain)
    tally.models += 1
    tally.cases += cases
    tally.boxes += int(feeds.is_box.sum())
    tally.runtimes = tuple(dict.fromkeys((*tally.runtimes, *(k for k in found if not k.startswith("emulation")))))


def _check_ideal(sample: Sample, feeds: Feeds, ideal: Sequence[Enclosed], cases: int, tally: Tally, explain: Callable[..., str]) -> None:
    """Ideal arithmetic on one case in four, the points not rounded: enclosed, and exact where the kernel says so."""
    chosen = list(range(0, cases, 4))
    values = _exact(sample, feeds.scaled[chosen])
    for row, case in enumerate(chosen):
        for j, ends in enumerate(ideal[row % len(ideal)].of(feeds, case)):
            tally.exact += 1
            value = values[row, j]
            assert _inside(value, ends), explain(case, j, "ideal", value, ends)
