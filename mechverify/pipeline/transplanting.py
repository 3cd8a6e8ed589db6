"""Running a model at points: plainly, or with values moved in from runs on the sources."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.errors import ModelError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.interventions import interventions_of, parents_of, resampled_label
from mechverify.explanation.runs import transplants_of
from mechverify.explanation.transplants import Reading, Transplant
from mechverify.models.intervention import Intervention
from mechverify.models.model import FloatArray, Model, NodeArray
from mechverify.pipeline.points import PointView, activations_of
from mechverify.spec.spec import ModelDeclaration

Arrays = Mapping[str, FloatArray]
Feeds = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class ModelRun:
    """What one way of running a model shows at each of some points. ``seen`` has for each variable the activations that
    its site is read from, with the points along the leading axis, ``before`` all activations of the base run where the
    claim compares with it.
    """

    runtime: str
    version: str
    batching: str
    seen: Mapping[str, Arrays]
    before: Arrays

    def arrays(self) -> Iterator[tuple[str, FloatArray]]:
        """Every activation that is read, once, under a name that tells it from the others."""
        by_content: dict[tuple[str, int], None] = {}
        shared = len({id(arrays) for arrays in self.seen.values()}) <= 1
        for variable, arrays in self.seen.items():
            for name, array in arrays.items():
                if (name, id(array)) not in by_content:
                    by_content[name, id(array)] = None
                    yield (name if shared else f"{name} (for {variable})"), array
        for name, array in self.before.items():
            yield f"{name} (before)", array


def runs_at(
    compiled: CompiledClaim, declaration: ModelDeclaration, model: Model, views: Sequence[PointView]
) -> tuple[ModelRun, ...]:
    """The model at each point as the claim sees it, in every way of running it; what is moved comes from runs in the
    same way.
    """
    wanted = activations_of(compiled.spec, declaration.name)
    plain = model.run(stacked(view.base.feeds(declaration, model) for view in views), wanted)
    compares = compiled.claim.kind == "ignores"
    found = []
    for way, run in enumerate(plain):
        seen = _Runner(compiled, declaration, model, views, way).seen(wanted)
        before = run.values if compares else {}
        found.append(ModelRun(run.runtime, run.version, run.batching, seen, before))
    return tuple(found)


def changed_runs(
    compiled: CompiledClaim, declaration: ModelDeclaration, model: Model, views: Sequence[PointView]
) -> tuple[tuple[Feeds, tuple[Intervention, ...]], ...]:
    """The runs with something set in them that a claim speaks of: what is fed, and what is set."""
    runner = _Runner(compiled, declaration, model, views, 0)
    runner.seen(activations_of(compiled.spec, declaration.name))
    return tuple((feeds, done) for feeds, done in runner.performed if done)


class _Runner:
    """One way of running a model on what a claim says of it; ``performed`` has the runs that were done."""

    def __init__(
        self,
        compiled: CompiledClaim,
        declaration: ModelDeclaration,
        model: Model,
        views: Sequence[PointView],
        way: int,
    ) -> None:
        self._spec, self._declaration, self._model = compiled.spec, declaration, model
        self._views, self._way = views, way
        self._plan = interventions_of(compiled.spec, compiled.claim)
        self._inputs = {i.name for i in compiled.spec.inputs}
        self.performed: list[tuple[Feeds, tuple[Intervention, ...]]] = []

    def seen(self, wanted: tuple[str, ...]) -> dict[str, Arrays]:
        """For each variable with a site in the model, the activations that it is read from."""
        located = [v.name for v in self._spec.variables if v.site_in(self._declaration.name) is not None]
        if self._plan.seen_apart:
            return self._apart([n for n in self._plan.seen_apart if n in located], wanted)
        feeds = stacked(view.feeds(self._declaration, self._model) for view in self._views)
        sites = {n: n for n in self._plan.swapped if n in located}
        sites |= {n: resampled_label(n) for n in self._plan.resampled if n in located}
        moved = {name: self._plain(label, wanted) for name, label in sites.items()}
        arrays = self._run(feeds, wanted, self._set(feeds, moved))
        return dict.fromkeys(located, arrays)

    def _apart(self, names: Sequence[str], wanted: tuple[str, ...]) -> dict[str, Arrays]:
        seen: dict[str, Arrays] = {}
        for name in names:
            if name in self._plan.resampled:
                seen[name] = self._plain(resampled_label(name), wanted)
                continue
            held = parents_of(self._spec, name, self._declaration.name).located
            feeds = stacked(view.feeds_for(name, self._declaration, self._model) for view in self._views)
            found = self._run(feeds, wanted, self._set(feeds, {p: seen[p] for p in held}))
            if name in self._plan.swapped:
                swapped = np.array([name in view.swapped for view in self._views])
                there = self._plain(name, wanted)
                found = {
                    key: np.where(swapped.reshape(-1, *[1] * (array.ndim - 1)), there[key], array)
                    for key, array in found.items()
                }
            seen[name] = found
        return seen

    def _plain(self, label: str, wanted: tuple[str, ...]) -> Arrays:
        return self._run(
            stacked(view.sources[label].feeds(self._declaration, self._model) for view in self._views), wanted, ()
        )

    def _run(self, feeds: Feeds, wanted: tuple[str, ...], done: tuple[Intervention, ...]) -> Arrays:
        self.performed.append((feeds, done))
        return self._model.run(feeds, wanted, done)[self._way].values

    def _set(self, feeds: Feeds, moved: Mapping[str, Arrays]) -> tuple[Intervention, ...]:
        """What is done to the model's activations to set the sites of some variables, in the order in which the
        activations are computed, each seen after those before it were changed.
        """
        if not moved:
            return ()
        shapes: Mapping[str, NodeArray] = {
            name: np.zeros(shape, dtype=np.int64) for name, shape in self._model.activations.items()
        }
        order = {name: k for k, name in enumerate(self._model.activations)}
        found = transplants_of(self._spec, tuple(moved), self._declaration.name, shapes)
        done: list[Intervention] = []
        for one, names in sorted(found, key=lambda each: order[each[0].activation]):
            before = self._model.run(feeds, (one.activation,), done)[self._way].values[one.activation]
            sources = [moved[name][one.activation] for name in names]
            rows = [_changed(one, row, [s[k] for s in sources]) for k, row in enumerate(before)]
            mask = np.zeros(int(np.prod(one.shape, dtype=np.int64)), dtype=np.bool_)
            mask[list(one.positions())] = True
            done.append(Intervention(one.activation, mask.reshape(one.shape), np.stack(rows)))
        return tuple(done)


def _changed(one: Transplant, before: FloatArray, sources: Sequence[FloatArray]) -> FloatArray:
    """An activation after the transplant: exact sums, rounded once to the activation's type."""
    flat = np.asarray(before).reshape(-1)
    after = np.array(flat)
    moves = [
        _read(reading, np.asarray(source).reshape(-1)) - _read(reading, flat)
        for reading, source in zip(one.readings, sources, strict=True)
    ]
    for position in one.positions():
        plain = one.plain(position)
        if plain is not None:
            after[position] = np.asarray(sources[plain]).reshape(-1)[position]
            continue
        weighted = (weight * move for weight, move in zip(one.update[position], moves, strict=True))
        total = sum(weighted, Fraction(flat[position].item()))
        if after.dtype.kind != "f":
            raise ModelError(f"a direction in {one.activation} cannot be set: it holds no real numbers")
        after[position] = float(total)
    return after.reshape(np.shape(before))


def _read(reading: Reading, flat: FloatArray) -> Fraction:
    return sum((w * Fraction(flat[p].item()) for p, w in reading.terms), Fraction(0))


def stacked(feeds: Iterable[Mapping[str, FloatArray]]) -> dict[str, Any]:
    """Feeds of single points joined along the batch axis."""
    rows = list(feeds)
    return {name: np.concatenate([r[name] for r in rows]) for name in rows[0]} if rows else {}
