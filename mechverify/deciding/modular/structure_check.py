"""The structure of a claim against its compiled graph: the same runs put together from the pieces, at sampled points.

The two are built apart, the one by cutting the model and the other by copying it, so that a mistake in either shows.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from mechverify.deciding.modular.relations import evaluated
from mechverify.deciding.reading.enclosure_check import sample_points
from mechverify.errors import EnclosureError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.formulas.symbolic import leaves
from mechverify.explanation.interventions import (
    apart_name,
    interventions_of,
    rest_label,
    selector,
    source_prefix,
)
from mechverify.explanation.structures.pieces import Piece
from mechverify.explanation.structures.structure import ClaimStructure, CutVariable
from mechverify.graph.intervals import Array, interval_values

_NEAR = 1e-9

Ends = tuple[Array, Array]


def check_structure(compiled: CompiledClaim, structure: ClaimStructure, seed: int) -> None:
    """Compare what every aligned variable's site says, and its value, in the runs of a claim.

    Raises EnclosureError where the enclosures of the two do not meet.
    """
    points = np.array([[float(x) for x in point] for point in sample_points(compiled.graph.inputs, seed)])
    low, high = interval_values(compiled.graph, points)
    runs = _Runs(compiled, structure, points)
    owner = compiled.spec.models[0].name
    plan = interventions_of(compiled.spec, compiled.claim)
    views = {owner: bool(plan.seen_apart) and not plan.chosen}
    if plan.chosen:
        views[apart_name(owner)] = True
    known = {**compiled.network, **compiled.beside}
    for name, apart in views.items():
        for variable, (site, values) in zip(structure.variables, runs.changed(apart=apart), strict=True):
            said = list(leaves(compiled.explanation[variable.name]))
            _compare(variable.name, "value", values, (low[said], high[said]))
            if variable.reading is not None and (name, variable.name) in known:
                nodes = list(leaves(known[name, variable.name]))
                read = evaluated(variable.reading, site[0].T, site[1].T)
                _compare(variable.name, "site", read, (low[nodes], high[nodes]))


def _compare(name: str, what: str, one: Ends, two: Ends) -> None:
    slack = _NEAR * (1.0 + np.maximum(np.abs(one[0]), np.abs(two[0])))
    apart = (one[0] > two[1] + slack) | (two[0] > one[1] + slack)
    if apart.any():
        raise EnclosureError(f"the structure of the claim gives another {what} of {name} than the claim's own graph")


class _Runs:
    """The claim's runs at each point, computed by the structure's pieces; sites and values are enclosures."""

    def __init__(self, compiled: CompiledClaim, structure: ClaimStructure, points: Array) -> None:
        self._structure = structure
        self._plan = interventions_of(compiled.spec, compiled.claim)
        self._columns = {i.name: points[:, k] for k, i in enumerate(compiled.graph.inputs)}
        self._names = [i.name for i in structure.inputs]
        self._shaped = {i.name: bool(i.shape) for i in compiled.spec.inputs}

    def changed(self, *, apart: bool) -> list[tuple[Ends, Ends]]:
        """Site and value of every variable in the changed run, or with the rest resampled."""
        mixed = self._mixed()
        clean = {name: self._clean(name) for name in self._plan.swapped if name in self._positions()}
        found: list[tuple[Ends, Ends]] = []
        for index, variable in enumerate(self._structure.variables):
            values = self._values(variable, mixed, [values for _, values in found])
            given = self._supplied(variable, mixed) if apart else mixed
            site = self._site(variable, given, [site for site, _ in found])
            if variable.name in clean:
                theirs, known = clean[variable.name][index]
                swapped = self._swapped(variable.name)
                values = (np.where(swapped, known[0], values[0]), np.where(swapped, known[1], values[1]))
                site = (np.where(swapped, theirs[0], site[0]), np.where(swapped, theirs[1], site[1]))
            found.append((site, values))
        return found

    def _positions(self) -> Mapping[str, int]:
        return {v.name: k for k, v in enumerate(self._structure.variables)}

    def _clean(self, label: str) -> list[tuple[Ends, Ends]]:
        run = self._run(label)
        found: list[tuple[Ends, Ends]] = []
        for variable in self._structure.variables:
            values = self._values(variable, run, [values for _, values in found])
            found.append((self._site(variable, run, [site for site, _ in found]), values))
        return found

    def _run(self, label: str) -> Array:
        """The inputs of a run, of shape (points, inputs); "" is the base."""
        prefix = source_prefix(label) if label else ""
        return np.array([self._columns[prefix + name] for name in self._names]).T

    def _mixed(self) -> Array:
        return self._swapped_into(self._run(""))

    def _swapped_into(self, run: Array) -> Array:
        """A run's inputs with the swapped ones from runs of their own."""
        mixed = run.copy()
        for name in self._plan.swapped:
            if name in self._shaped:
                theirs, swapped = self._run(name), self._swapped(name)
                for k, own in enumerate(self._names):
                    if own == name or own.startswith(f"{name}["):
                        mixed[:, k] = np.where(swapped, theirs[:, k], mixed[:, k])
        return mixed

    def _swapped(self, name: str) -> Array:
        one = np.ones(len(self._columns[self._names[0]]), dtype=np.bool_)
        return self._columns[selector(name)] == 1.0 if self._plan.chosen else one

    def _supplied(self, variable: CutVariable, mixed: Array) -> Array:
        if variable.name not in self._plan.own_runs():
            return mixed
        given = self._run(rest_label(variable.name))
        given = self._swapped_into(given)
        given[:, list(variable.reads)] = mixed[:, list(variable.reads)]
        return given

    def _values(self, variable: CutVariable, run: Array, values: Sequence[Ends]) -> Ends:
        low, high = self._ends(variable.mechanism, run[:, list(variable.reads)], [values[p] for p in variable.parents])
        count = len(variable.truths)
        return low[:count], high[:count]

    def _site(self, variable: CutVariable, run: Array, sites: Sequence[Ends]) -> Ends:
        return self._ends(variable.network, run, [sites[p] for p in variable.parents])

    def _ends(self, piece: Piece, run: Array, parents: Sequence[Ends]) -> Ends:
        ends = [np.concatenate([run, *(parent[side].T for parent in parents)], axis=1) for side in (0, 1)]
        return evaluated(piece, ends[0], ends[1])
