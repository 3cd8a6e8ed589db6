"""With ``resample: [each]``: what of a model a variable's explanation leaves out, and what of it has a run of its own.

In the run that shows a variable, a unit of an activation is left out if it depends on nothing that is held there: not
on the sites and inputs that the variable's mechanism speaks of, and not on what the claim sets. So is an element of an
input. Those that are read by what does depend on it are each taken from a run of their own; what is read by others that
are left out alone does not matter. ``depends`` is read off the graph: a weight of zero passes nothing on.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

import numpy as np

from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.formulas.symbolic import leaves
from mechverify.explanation.intervening.marked import Marked, Places
from mechverify.explanation.interventions import Interventions, parents_of
from mechverify.explanation.sites import unit_text
from mechverify.explanation.transplants import readings
from mechverify.graph.cones import cone, depending
from mechverify.models.model import Patch
from mechverify.spec.expression.shapes import input_names
from mechverify.spec.expression.syntax import Span
from mechverify.spec.spec import ModelDeclaration, SiteUnits, Spec, site_units

MOST_RUNS = 256
_MOST_INPUTS = 8_000

Unless = dict[tuple[str, int], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What comes from one run of its own where ``variable`` is seen: units of the activation ``name`` of the model
    ``owner`` by their flat places, or elements of the spec's input ``name`` where ``owner`` is None. ``unless`` are
    names of which any subset is swapped (``faithful``): where one of these is, the units depend on what is set.
    """

    variable: str
    owner: str | None
    name: str
    places: tuple[int, ...]
    text: str
    unless: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What the run is called."""
        return f"{self.variable}'s {self.text}"


def left_out(base: CausalGraph, plan: Interventions, span: Span) -> tuple[LeftOut, ...]:
    """Everything that has a run of its own, the variables in the order in which they are seen.

    Where that would be more than ``MOST_RUNS`` runs, the units of one activation at one position come together (all
    that differs in the last index alone). Raises ExpressionError where these are too many too.
    """
    if not plan.each:
        return ()
    finder = _Finder(base, plan)
    found = [finder.found(name) for name in plan.own_runs()]
    most = min(MOST_RUNS, _MOST_INPUTS // max(1, sum(len(input_names(i)) for i in base.spec.inputs)))
    for last_axis in (False, True):
        groups = [one for each in found for one in each.groups(together=last_axis)]
        if len(groups) <= most:
            return tuple(groups)
    words = f"`each` takes {len(groups):,} runs of their own here, and at most {most:,} are read"
    raise ExpressionError(span, words, "write `rest`, or name what may matter: resample: [NAME, rest]")


@dataclass(slots=True)
class _Found:
    """The units and elements that one variable's run takes from elsewhere."""

    variable: str
    spec: Spec
    shapes: Mapping[str, Mapping[str, tuple[int, ...]]]
    units: dict[str, Places] = field(default_factory=dict)
    unless: dict[str, Unless] = field(default_factory=dict)
    elements: Places = field(default_factory=dict)

    def groups(self, *, together: bool) -> Iterator[LeftOut]:
        """What has a run of its own; ``together``: the units of an activation at one position share one."""
        several = len(self.spec.models) > 1
        for owner, activations in self.units.items():
            for name, places in activations.items():
                shape, unless = self.shapes[owner][name], self.unless[owner]
                for own in sorted({unless[name, place] for place in places}):
                    mine = sorted(place for place in places if unless[name, place] == own)
                    for group, text in _grouped(name, shape, mine, together=together):
                        yield LeftOut(self.variable, owner, name, group, f"{owner} {text}" if several else text, own)
        for declared in self.spec.inputs:
            elements = sorted(self.elements.get(declared.name, set()))
            for group, text in _grouped(declared.name, declared.shape, elements, together=together):
                yield LeftOut(self.variable, None, declared.name, group, f"input {text}")


def _grouped(
    name: str, shape: tuple[int, ...], places: Sequence[int], *, together: bool
) -> Iterator[tuple[tuple[int, ...], str]]:
    if not together or not shape:
        yield from (((place,), unit_text(name, shape, place)) for place in places)
        return
    for row, group in groupby(places, key=lambda place: place // shape[-1]):
        own = tuple(group)
        index = "".join(f"{int(i)}, " for i in np.unravel_index(row, shape[:-1])) if len(shape) > 1 else ""
        first, last = own[0] % shape[-1], own[-1] % shape[-1]
        which = f"{first}:{last + 1}" if len(own) == last - first + 1 else ", ".join(str(k % shape[-1]) for k in own)
        yield own, f"{name}[{index}{which}]"


class _Finder:
    """Finds what is left out, from the models built anew with marks at what is held and set."""

    def __init__(self, base: CausalGraph, plan: Interventions) -> None:
        self.base, self.plan = base, plan
        self.variables = {v.name: v for v in (*base.spec.variables, *plan.places)}
        self.settable = {m.name: tuple(_settable(base, m)) for m in base.spec.models}

    def found(self, name: str) -> _Found:
        """What is left out where the variable is seen."""
        models, declared = self.base.models, self.base.spec.models
        found = _Found(name, self.base.spec, {m.name: models[m.name].activations for m in declared})
        for model in declared:
            if self.variables[name].site_in(model.name) is not None:
                self._add(name, model.name, found)
        return found

    def _add(self, name: str, owner: str, found: _Found) -> None:
        moved = {*self.plan.swapped, *self.plan.resampled, *self.plan.set_names}
        parents = parents_of(self.base.spec, name, owner)
        chosen = ({*self.plan.swapped} if self.plan.chosen else set()) - {name, *parents.located, *parents.inputs}
        fixed = (moved | {*parents.located, *parents.inputs}) - chosen - {name}
        partly = {n for n, v in self.variables.items() if not isinstance(v.site_in(owner), SiteUnits)}
        partly |= {one.name for one in self.plan.settings if one.kind == "add" or one.sources}
        held, through = self._places(fixed | chosen, owner), self._places(chosen | (fixed & partly), owner)
        own, first = self._places({name}, owner), self.base.models[owner].aliases
        mine = {first.get(activation, activation): places for activation, places in own.items()}
        readers = self._places({one.name for one in self.plan.settings if one.sources}, owner)
        marked = Marked(self.base, owner, held, {}, through)
        reached = depending(marked.b, [*marked.at(self._places(fixed, owner)), *marked.inputs(fixed)])
        swapped = {
            n: depending(marked.b, [*marked.at(self._places({n}, owner)), *marked.inputs({n})]) for n in sorted(chosen)
        }
        unless = found.unless.setdefault(owner, {})
        free: Places = {}
        for activation in self.settable[owner]:
            taken = mine.get(activation, set()) | readers.get(activation, set())
            taken |= held.get(activation, set()) - through.get(activation, set())
            for place, node in enumerate(marked.computed(activation)):
                if node not in reached and place not in taken:
                    free.setdefault(activation, set()).add(place)
                    unless[activation, place] = tuple(n for n, below in swapped.items() if node in below)
                    through.setdefault(activation, set()).discard(place)
                    if unless[activation, place]:
                        through[activation].add(place)
        marked = Marked(self.base, owner, held, free, through)
        ((activation, places),) = own.items()
        nodes = marked.computed(activation)
        seen = cone(marked.b, [nodes[place] for place in places])
        varying = depending(marked.b, [*marked.inputs(), *marked.held.values(), *marked.free.values()])
        units = found.units.setdefault(owner, {})
        for activation, here in free.items():
            before = marked.computed(activation)
            marks = [marked.held.get((activation, k), marked.free[activation, k]) for k in sorted(here)]
            read = {k for k, mark in zip(sorted(here), marks, strict=True) if mark in seen and before[k] in varying}
            units.update({activation: read} if read else {})
        for declared in self.base.spec.inputs:
            elements = enumerate(leaves(marked.run.inputs[declared.name]))
            own_runs = {k for k, node in elements if node in seen and declared.name not in fixed}
            found.elements.setdefault(declared.name, set()).update(own_runs)

    def _places(self, names: Collection[str], owner: str) -> Places:
        """The units that the sites of some variables lie over."""
        found: Places = {}
        for variable in (v for n, v in self.variables.items() if n in names):
            site = variable.site_in(owner)
            if site is not None:
                activation, read = readings(site, self.base.activations[owner][site_units(site).activation])
                found.setdefault(activation, set()).update(place for one in read for place, _ in one.terms)
        return found


def _settable(base: CausalGraph, model: ModelDeclaration) -> Iterator[str]:
    """The activations of a model that can be set, each under its first name, in the order in which they are computed:
    not a program's variable that is last assigned where only some paths lead.
    """
    reader = base.models[model.name]
    names = [n for n in reader.computed if n not in reader.aliases and n in reader.activations]
    if _can_be_set(base, model, names):
        yield from names
        return
    for name in names:
        if _can_be_set(base, model, [name]):
            yield name


def _can_be_set(base: CausalGraph, model: ModelDeclaration, names: Sequence[str]) -> bool:
    patches: dict[str, Patch] = dict.fromkeys(names, lambda before: before)
    spec = replace(base.spec, models=(model,))
    try:
        CausalGraph(spec, base.models, base.family, ideal=base.ideal, patches={model.name: patches})
    except ExpressionError:
        return False
    return True
