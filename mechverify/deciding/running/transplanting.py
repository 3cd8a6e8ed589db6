"""Running a model at points: plainly, or with values moved in from runs on the sources."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechverify.deciding.running.point_view import PointView, SeenBy, activations_of
from mechverify.errors import ModelError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.intervening.left_out import LeftOut
from mechverify.explanation.interventions import (
    apart_name,
    before_name,
    interventions_of,
    parents_of,
    resampled_label,
)
from mechverify.explanation.runs import transplants_of
from mechverify.explanation.transplants import Reading, Transplant
from mechverify.models.intervention import Intervention
from mechverify.models.model import FloatArray, Model, NodeArray, RuntimeRun
from mechverify.spec.spec import ModelDeclaration

Arrays = Mapping[str, FloatArray]
Feeds = Mapping[str, FloatArray]


@dataclass(frozen=True, slots=True)
class ModelRun:
    """What one way of running a model shows at each of some points; see ``SeenBy``."""

    runtime: str
    version: str
    batching: str
    seen: SeenBy

    def arrays(self) -> Iterator[tuple[str, FloatArray]]:
        """Every activation that is read, once, under a name that tells it from the others."""
        told: set[tuple[str, int]] = set()
        for owner, by_variable in self.seen.items():
            shared = len({id(arrays) for arrays in by_variable.values()}) <= 1
            for variable, arrays in by_variable.items():
                for name, array in arrays.items():
                    if (name, id(array)) not in told:
                        told.add((name, id(array)))
                        of = "" if len(self.seen) == 1 else f" ({owner})"
                        yield name + of + ("" if shared else f" (for {variable})"), array


def runs_at(
    compiled: CompiledClaim, declaration: ModelDeclaration, model: Model, views: Sequence[PointView]
) -> tuple[ModelRun, ...]:
    """The model at each point as the claim sees it, in every way of running it; what is moved comes from runs in the
    same way. A way in which the model does not run with something set in it is left out.
    """
    wanted = activations_of(compiled.spec, declaration.name)
    plain = model.run(stacked(view.base.feeds(declaration, model) for view in views), wanted)
    found = []
    for run in plain:
        try:
            seen = dict(_Runner(compiled, declaration, model, views, _way(run)).seen(wanted))
        except _LeftOutError:
            continue
        if compiled.claim.kind == "ignores":
            seen[before_name(declaration.name)] = {v.name: run.values for v in compiled.spec.variables}
        found.append(ModelRun(run.runtime, run.version, run.batching, seen))
    return tuple(found)


def changed_runs(
    compiled: CompiledClaim, declaration: ModelDeclaration, model: Model, views: Sequence[PointView]
) -> tuple[tuple[Feeds, tuple[Intervention, ...]], ...]:
    """The runs with something set in them that a claim speaks of: what is fed, and what is set."""
    runner = _Runner(compiled, declaration, model, views, None)
    runner.seen(activations_of(compiled.spec, declaration.name))
    return tuple((feeds, done) for feeds, done in runner.performed if done)


class _LeftOutError(Exception):
    """A run that a model does not do in a way in which it does others (``Model.left_out``)."""


def _way(run: RuntimeRun) -> tuple[str, str]:
    return run.runtime, run.batching


class _Runner:
    """One way of running a model on what a claim says of it, the first at hand where it is None; ``performed`` has the
    runs that were done.
    """

    def __init__(
        self,
        compiled: CompiledClaim,
        declaration: ModelDeclaration,
        model: Model,
        views: Sequence[PointView],
        way: tuple[str, str] | None,
    ) -> None:
        self._compiled, self._spec = compiled, compiled.spec
        self._declaration, self._model = declaration, model
        self._views, self._way = views, way
        self._plan = interventions_of(compiled.spec, compiled.claim)
        self._inputs = {i.name for i in compiled.spec.inputs}
        self._known: dict[tuple[str, ...], tuple[tuple[Transplant, tuple[str, ...]], ...]] = {}
        self.performed: list[tuple[Feeds, tuple[Intervention, ...]]] = []

    def seen(self, wanted: tuple[str, ...]) -> dict[str, dict[str, Arrays]]:
        """For each name of the model, for each variable with a site in it, the activations that it is read from."""
        owner = self._declaration.name
        located = [v.name for v in self._spec.variables if v.site_in(owner) is not None]
        found: dict[str, dict[str, Arrays]] = {}
        moved = self._moved(located, wanted)
        if self._plan.chosen or not self._plan.seen_apart:
            feeds = stacked(view.feeds(self._declaration, self._model) for view in self._views)
            found[owner] = dict.fromkeys(located, self._run(feeds, wanted, self._set(feeds, moved, self._idle())))
        if self._plan.seen_apart:
            name = apart_name(owner) if self._plan.chosen else owner
            found[name] = self._apart([n for n in self._plan.seen_apart if n in located], moved, wanted)
        return found

    def _moved(self, located: Collection[str], wanted: tuple[str, ...]) -> dict[str, Arrays]:
        """For each of the names whose site is set, the activations that it is set from."""
        sites = {n: n for n in self._plan.swapped if n in located}
        sites |= {n: resampled_label(n) for n in self._plan.resampled if n in located}
        return {name: self._plain(label, wanted) for name, label in sites.items()}

    def _idle(self) -> list[set[str]]:
        """At each point, the names that are not swapped there."""
        return [set(self._plan.swapped) - set(view.swapped) for view in self._views]

    def _apart(self, names: Sequence[str], moved: Mapping[str, Arrays], wanted: tuple[str, ...]) -> dict[str, Arrays]:
        seen: dict[str, Arrays] = {}
        for name in names:
            if name not in self._plan.own_runs():
                seen[name] = moved[name]
                continue
            held = parents_of(self._spec, name, self._declaration.name).located
            feeds = stacked(view.feeds_for(name, self._declaration, self._model) for view in self._views)
            idle = [idle - set(held) for idle in self._idle()]
            done = self._set(feeds, {**moved, **{p: seen[p] for p in held}}, idle, self._left_out(name))
            found = self._run(feeds, wanted, done)
            if name in self._plan.swapped:
                swapped = np.array([name in view.swapped for view in self._views])
                there = moved[name]
                found = {
                    key: np.where(swapped.reshape(-1, *[1] * (array.ndim - 1)), there[key], array)
                    for key, array in found.items()
                }
            seen[name] = found
        return seen

    def _left_out(self, name: str) -> dict[str, list[tuple[LeftOut, FloatArray]]]:
        """What is left out where a variable is seen, by activation, with that activation in the run of its own."""
        mine = [one for one in self._compiled.left_out if (one.variable, one.owner) == (name, self._declaration.name)]
        if not mine:
            return {}
        views = [view.sources[one.label] for one in mine for view in self._views]
        activations = tuple(dict.fromkeys(one.name for one in mine))
        found = self._run(stacked(view.feeds(self._declaration, self._model) for view in views), activations, ())
        count = len(self._views)
        sources: dict[str, list[tuple[LeftOut, FloatArray]]] = {}
        for k, one in enumerate(mine):
            sources.setdefault(one.name, []).append((one, found[one.name][k * count : (k + 1) * count]))
        return sources

    def _plain(self, label: str, wanted: tuple[str, ...]) -> Arrays:
        return self._run(
            stacked(view.sources[label].feeds(self._declaration, self._model) for view in self._views), wanted, ()
        )

    def _run(self, feeds: Feeds, wanted: tuple[str, ...], done: tuple[Intervention, ...]) -> Arrays:
        self.performed.append((feeds, done))
        return self._values(feeds, wanted, done)

    def _values(self, feeds: Feeds, wanted: tuple[str, ...], done: Sequence[Intervention]) -> Arrays:
        """The activations of a run. Raises _LeftOutError where it is not done in this way."""
        for run in self._model.run(feeds, wanted, done):
            if self._way is None or _way(run) == self._way:
                return run.values
        raise _LeftOutError

    def _set(
        self,
        feeds: Feeds,
        moved: Mapping[str, Arrays],
        idle: Sequence[Collection[str]],
        left_out: Mapping[str, Sequence[tuple[LeftOut, FloatArray]]] | None = None,
    ) -> tuple[Intervention, ...]:
        """What is done to the model's activations to set the sites of some variables, but at each point for the idle
        ones, in the order in which the activations are computed, each seen after those before it were changed. What is
        ``left_out`` is set first in each.
        """
        order = {name: k for k, name in enumerate(self._model.computed)}
        done: list[Intervention] = []
        transplants = {one.activation: (one, names) for one, names in self._transplants(tuple(moved))} if moved else {}
        own = left_out or {}
        for activation in sorted({*transplants, *own}, key=order.__getitem__):
            before = self._values(feeds, (activation,), done)[activation]
            mask = np.zeros(before.shape[1:], dtype=np.bool_).reshape(-1)
            for group, there in own.get(activation, ()):
                mask[list(group.places)] = True
                alone = np.array([set(group.unless).isdisjoint(view.swapped) for view in self._views])
                before = _taken(group, before, there, alone)
            rows = list(before)
            if activation in transplants:
                one, names = transplants[activation]
                mask[list(one.positions())] = True
                rows = [
                    self._row(activation, tuple(n for n in dict.fromkeys(names) if n not in idle[k]), moved, k, row)
                    for k, row in enumerate(before)
                ]
            done.append(Intervention(activation, mask.reshape(before.shape[1:]), np.stack(rows)))
        return tuple(done)

    def _row(
        self, activation: str, names: tuple[str, ...], moved: Mapping[str, Arrays], k: int, before: FloatArray
    ) -> FloatArray:
        """The activation at one point after the sites of the names were set together."""
        for one, owners in self._transplants(names):
            if one.activation == activation:
                return _changed(one, before, [moved[name][activation][k] for name in owners])
        return before

    def _transplants(self, names: tuple[str, ...]) -> tuple[tuple[Transplant, tuple[str, ...]], ...]:
        if names not in self._known:
            shapes: Mapping[str, NodeArray] = {
                name: np.zeros(shape, dtype=np.int64) for name, shape in self._model.activations.items()
            }
            self._known[names] = transplants_of(self._spec, names, self._declaration.name, shapes)
        return self._known[names]


def _changed(one: Transplant, before: FloatArray, sources: Sequence[FloatArray]) -> FloatArray:
    """An activation after the transplant: exact sums, rounded once to the activation's type."""
    flat = np.asarray(before).reshape(-1)
    after = np.array(flat)
    moves = [
        _difference(_read(reading, np.asarray(source).reshape(-1)), _read(reading, flat))
        for reading, source in zip(one.readings, sources, strict=True)
    ]
    for position in one.positions():
        plain = one.plain(position)
        if plain is not None:
            there = np.asarray(sources[plain]).reshape(-1)
            if after.dtype.kind in "iu" and there.dtype != after.dtype:  # a longer integer, or NaN where a run raised
                after = after.astype(object)
            after[position] = there[position]
            continue
        if after.dtype.kind != "f":
            raise ModelError(f"a direction in {one.activation} cannot be set: it holds no real numbers")
        known = [move for weight, move in zip(one.update[position], moves, strict=True) if weight]
        if not np.isfinite(flat[position]) or None in known:
            after[position] = np.nan
            continue
        weighted = (w * move for w, move in zip(one.update[position], moves, strict=True) if move is not None)
        after[position] = float(sum(weighted, Fraction(flat[position].item())))
    return after.reshape(np.shape(before))


def _taken(group: LeftOut, before: FloatArray, there: FloatArray, rows: NDArray[np.bool_]) -> FloatArray:
    """An activation at some points with units of it as they are there, in those rows."""
    after, places = np.array(before).reshape(len(before), -1), list(group.places)
    if after.dtype.kind in "iu" and there.dtype != after.dtype:  # a longer integer, or NaN where a run raised
        after = after.astype(object)
    for place in places:
        after[rows, place] = there.reshape(len(there), -1)[rows, place]
    return after.reshape(before.shape)


def _difference(there: Fraction | None, here: Fraction | None) -> Fraction | None:
    return None if there is None or here is None else there - here


def _read(reading: Reading, flat: FloatArray) -> Fraction | None:
    """The number that a reading is; None where one of its units is NaN or infinite."""
    numbers = [np.asarray(flat[p]).item() for p, _ in reading.terms]
    if any(isinstance(x, float) and not np.isfinite(x) for x in numbers):
        return None
    return sum((w * Fraction(x) for (_, w), x in zip(reading.terms, numbers, strict=True)), Fraction(0))


def stacked(feeds: Iterable[Mapping[str, FloatArray]]) -> dict[str, Any]:
    """Feeds of single points joined along the batch axis."""
    rows = list(feeds)
    return {name: np.concatenate([r[name] for r in rows]) for name in rows[0]} if rows else {}
