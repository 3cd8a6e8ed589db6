"""Running a model at points: plainly, or with values moved in from runs on the sources."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechverify.deciding.running.changed_units import Arrays, Given, arrays_of, changed, rounded, sources_of, taken
from mechverify.deciding.running.point_view import PointView, SeenBy, activations_of
from mechverify.errors import ModelError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.intervening.edges import before, places_of
from mechverify.explanation.intervening.left_out import LeftOut
from mechverify.explanation.interventions import (
    apart_name,
    before_name,
    interventions_of,
    parents_of,
    resampled_label,
)
from mechverify.explanation.runs import transplants_of
from mechverify.explanation.transplants import Transplant, readings, transplant
from mechverify.models.intervention import Intervention
from mechverify.models.model import FloatArray, Model, NodeArray, RuntimeRun
from mechverify.spec.spec import ModelDeclaration, Setting, SiteUnits, site_units

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
        self._edges: dict[str, Given] = {}
        self.performed: list[tuple[Feeds, tuple[Intervention, ...]]] = []

    def seen(self, wanted: tuple[str, ...]) -> dict[str, dict[str, Arrays]]:
        """For each name of the model, for each variable with a site in it, the activations that it is read from."""
        owner = self._declaration.name
        located = [v.name for v in self._spec.variables if v.site_in(owner) is not None]
        found: dict[str, dict[str, Arrays]] = {}
        settings = self._settings()
        edges = {one.name for one in self._plan.settings if one.sources}
        self._edges = {name: given for name, given in settings.items() if name in edges}
        moved: dict[str, Arrays | Given] = {n: given for n, given in settings.items() if n not in edges}
        moved |= self._moved(located, wanted)
        if self._plan.chosen or not self._plan.seen_apart:
            feeds = stacked(view.feeds(self._declaration, self._model) for view in self._views)
            found[owner] = dict.fromkeys(located, self._run(feeds, wanted, self._set(feeds, moved, self._idle())))
        if self._plan.seen_apart:
            name = apart_name(owner) if self._plan.chosen else owner
            found[name] = self._apart([n for n in self._plan.seen_apart if n in located], moved, wanted)
        return found

    def _settings(self) -> dict[str, Given]:
        """For each site that the claim sets, at each point what its readings are set to or moved by."""
        owner, found = self._declaration.name, dict[str, Given]()
        variables = {v.name: v for v in (*self._spec.variables, *self._plan.places)}
        for one in self._plan.settings:
            site = one.source_in(owner) or variables[one.name].site_in(owner)
            if site is None:
                continue
            activation, read = readings(site, np.zeros(self._model.activations[site_units(site).activation], np.int64))
            rows = [view.wanted(one, owner, len(read)) for view in self._views]
            if self._rounds(activation):
                rows = [[rounded(v) for v in row] for row in rows]
            found[one.name] = Given(tuple(map(tuple, rows)), shift=one.kind == "add")
        return found

    def _rounds(self, activation: str) -> bool:
        """Whether what is put into an activation is rounded to float32."""
        held = self._compiled.traces[self._declaration.name].intermediates.get(activation)
        whole = held is not None and held.dtype.startswith(("int", "uint"))
        return self._declaration.kind != "program" and not whole

    def _moved(self, located: Collection[str], wanted: tuple[str, ...]) -> dict[str, Arrays]:
        """For each of the names whose site is set, the activations that it is set from."""
        sites = {n: n for n in self._plan.swapped if n in located}
        sites |= {n: resampled_label(n) for n in self._plan.resampled if n in located}
        return {name: self._plain(label, wanted) for name, label in sites.items()}

    def _idle(self) -> list[set[str]]:
        """At each point, the names that are not swapped there."""
        return [set(self._plan.swapped) - set(view.swapped) for view in self._views]

    def _apart(
        self, names: Sequence[str], moved: Mapping[str, Arrays | Given], wanted: tuple[str, ...]
    ) -> dict[str, Arrays]:
        seen: dict[str, Arrays] = {}
        for name in names:
            if name not in self._plan.own_runs():
                seen[name] = arrays_of(moved[name])
                continue
            held = parents_of(self._spec, name, self._declaration.name).located
            feeds = stacked(view.feeds_for(name, self._declaration, self._model) for view in self._views)
            idle = [idle - set(held) for idle in self._idle()]
            done = self._set(feeds, {**moved, **{p: seen[p] for p in held}}, idle, self._left_out(name))
            found = self._run(feeds, wanted, done)
            if name in self._plan.swapped:
                swapped = np.array([name in view.swapped for view in self._views])
                there = arrays_of(moved[name])
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
        moved: Mapping[str, Arrays | Given],
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
        edges: dict[str, list[Setting]] = {}
        for setting in self._plan.settings:
            reader = None if setting.place is None else setting.place.site_in(self._declaration.name)
            if setting.sources and reader is not None:
                edges.setdefault(site_units(reader).activation, []).append(setting)
        for activation in sorted({*transplants, *own, *edges}, key=order.__getitem__):
            held = self._values(feeds, (activation,), done)[activation]
            mask = np.zeros(held.shape[1:], dtype=np.bool_).reshape(-1)
            for group, there in own.get(activation, ()):
                mask[list(group.places)] = True
                alone = np.array([set(group.unless).isdisjoint(view.swapped) for view in self._views])
                held = taken(group, held, there, alone)
            rows = list(held)
            if activation in transplants:
                one, names = transplants[activation]
                mask[list(one.positions())] = True
                rows = [
                    self._row(activation, tuple(n for n in dict.fromkeys(names) if n not in idle[k]), moved, k, row)
                    for k, row in enumerate(held)
                ]
            values = np.stack(rows)
            for setting in edges.get(activation, ()):
                values = self._through_an_edge(setting, feeds, done, values, mask)
            done.append(Intervention(activation, mask.reshape(held.shape[1:]), values))
        return tuple(done)

    def _through_an_edge(
        self, one: Setting, feeds: Feeds, done: Sequence[Intervention], values: FloatArray, mask: NDArray[np.bool_]
    ) -> FloatArray:
        """A reader's activation with units as they are where it reads another source, and all else that is computed
        before it is what it is; these units are marked in the ``mask``.
        """
        owner = self._declaration.name
        reader, source = None if one.place is None else one.place.site_in(owner), one.source_in(owner)
        if not isinstance(reader, SiteUnits) or source is None:
            return values
        names = before(self._model, reader.activation)
        held = self._values(feeds, names, done)
        shape = self._model.activations[source.activation]
        _, read = readings(source, np.zeros(shape, np.int64))
        change = transplant(source.activation, shape, read)
        if change is None:
            raise ModelError(f"{source.text} names a unit twice")
        given, owners = {one.name: self._edges[one.name]}, (one.name,) * len(read)
        rows = [
            changed(change, row, sources_of(owners, given, source.activation, k))
            for k, row in enumerate(held[source.activation])
        ]
        aside = {**held, source.activation: np.stack(rows)}
        whole = [Intervention(n, np.ones(array.shape[1:], np.bool_), array) for n, array in aside.items()]
        seen = self._values(feeds, (reader.activation,), whole)[reader.activation]
        places = list(places_of(reader, self._model))
        after = np.array(values).reshape(len(values), -1)
        if after.dtype.kind in "iu" and seen.dtype != after.dtype:
            after = after.astype(object)
        after[:, places] = seen.reshape(len(seen), -1)[:, places]
        mask[places] = True
        return after.reshape(values.shape)

    def _row(
        self, activation: str, names: tuple[str, ...], moved: Mapping[str, Arrays | Given], k: int, before: FloatArray
    ) -> FloatArray:
        """The activation at one point after the sites of the names were set together."""
        for one, owners in self._transplants(names):
            if one.activation == activation:
                return changed(one, before, sources_of(owners, moved, activation, k))
        return before

    def _transplants(self, names: tuple[str, ...]) -> tuple[tuple[Transplant, tuple[str, ...]], ...]:
        if names not in self._known:
            shapes: Mapping[str, NodeArray] = {
                name: np.zeros(shape, dtype=np.int64) for name, shape in self._model.activations.items()
            }
            variables = (*self._spec.variables, *self._plan.places)
            self._known[names] = transplants_of(variables, names, self._declaration.name, shapes)
        return self._known[names]


def stacked(feeds: Iterable[Mapping[str, FloatArray]]) -> dict[str, Any]:
    """Feeds of single points joined along the batch axis."""
    rows = list(feeds)
    return {name: np.concatenate([r[name] for r in rows]) for name in rows[0]} if rows else {}
