"""The runs that a claim speaks of: one on the base input, one on each source, and the base run with values moved in."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import partial

import numpy as np

from mechverify.explanation.causal import CausalGraph, Rewiring
from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.formulas.symbolic import Symbolic, Value, choose, from_array, leaves, refilled, to_array
from mechverify.explanation.intervening.edges import EdgeSet, refuse_no_edge, with_edges
from mechverify.explanation.intervening.left_out import LeftOut, left_out
from mechverify.explanation.intervening.settings import Settings, settings_of
from mechverify.explanation.interventions import (
    Interventions,
    interventions_of,
    parents_of,
    resampled_label,
    rest_label,
    selector,
    source_prefix,
)
from mechverify.explanation.transplants import (
    Reading,
    Source,
    Transplant,
    Wanted,
    at_one_place,
    in_order_of,
    patch,
    readings,
    transplant,
)
from mechverify.graph.cones import copied
from mechverify.graph.graph import Rounding
from mechverify.models.model import NodeArray, Patch
from mechverify.spec.expression.syntax import Span
from mechverify.spec.spec import (
    Claim,
    ModelDeclaration,
    Site,
    SiteUnits,
    Variable,
    conditions_of,
    site_units,
)

Activations = Mapping[str, NodeArray]
MAX_CHOICES = 8


@dataclass(frozen=True, slots=True)
class Runs:
    """``base`` is the plain run, ``others`` are those that values come from, by label, and ``changed`` is the base run
    with those values; without others it is the base run itself. ``swaps`` says of each swapped name whether it is
    swapped. ``apart`` is the changed run once more, with the rest resampled, where a claim speaks of both. ``left_out``
    has what comes from a run of its own with ``each``, ``settings`` what the claim sets sites to.
    """

    plan: Interventions
    base: CausalGraph
    others: Mapping[str, CausalGraph]
    changed: CausalGraph
    swaps: Mapping[str, int]
    apart: CausalGraph | None = None
    left_out: tuple[LeftOut, ...] = ()
    settings: Settings = field(default_factory=Settings)

    def seen(self) -> tuple[CausalGraph, ...]:
        """The runs that the claim's condition is about."""
        return (self.changed,) if self.apart is None else (self.changed, self.apart)

    def plain(self) -> tuple[tuple[str, CausalGraph], ...]:
        """The runs whose inputs must be admissible, with their labels ("" for the base)."""
        return (("", self.base), *self.others.items())


def runs_of(base: CausalGraph, claim: Claim, source: Callable[[str], CausalGraph] | None = None) -> Runs:
    """All runs of a claim, in the base run's graph. ``source`` gives the run that values are taken from, by its label,
    in place of a run of the models.

    Raises ExpressionError for sites that cannot be set together or that the model cannot replace.
    """
    plan = interventions_of(base.spec, claim)
    return _Runs(base, claim, plan, source).all() if plan else Runs(plan, base, {}, base, {})


class _Runs:
    """Builds the runs of one claim."""

    def __init__(
        self,
        base: CausalGraph,
        claim: Claim,
        plan: Interventions,
        source: Callable[[str], CausalGraph] | None = None,
        setting: Settings | None = None,
    ) -> None:
        self.base, self.claim, self.plan = base, claim, plan
        self.spec, self.b = base.spec, base.builder
        self.inputs = {i.name for i in self.spec.inputs}
        self.settings = setting or settings_of(base, plan.settings, conditions_of(self.spec, claim))
        self.edges = self._edges()
        self.left_out = left_out(base, plan, claim.span)
        self.others = {label: (source or self._plain)(label) for label in plan.labels()}
        self.others |= {one.label: self._own_run(one) for one in self.left_out}
        self.swaps = {name: self._swap(name) for name in plan.swapped}

    def _plain(self, label: str) -> CausalGraph:
        needs_models = {n for n in self.plan.swapped if n not in self.inputs} | {
            resampled_label(n) for n in self.plan.resampled if n not in self.inputs
        }
        return CausalGraph(
            self.spec,
            self.base.models,
            self.base.family,
            ideal=self.base.ideal,
            prefix=source_prefix(label),
            runs_models=label in needs_models,
            builder=self.b,
        )

    def _own_run(self, one: LeftOut) -> CausalGraph:
        """The plain run that something left out is taken from, with no more of the models than that."""
        run = CausalGraph(
            self.spec,
            self.base.models,
            self.base.family,
            ideal=self.base.ideal,
            prefix=source_prefix(one.label),
            runs_models=False,
            builder=self.b,
        )
        if one.owner is not None:
            pairs = ((leaves(value), leaves(run.inputs[name])) for name, value in self.base.inputs.items())
            instead = {own: other for mine, theirs in pairs for own, other in zip(mine, theirs, strict=True)}
            before = self.base.activations[one.owner][one.name]
            after = before.reshape(-1).copy()
            wanted = {place: int(after[place]) for place in one.places}
            found = copied(self.b, wanted.values(), instead)
            for place, node in wanted.items():
                after[place] = found[node]
            run.activations[one.owner] = {one.name: after.reshape(before.shape)}
            self.b.run += 1
        return run

    def _swap(self, name: str) -> int:
        if not self.plan.chosen:
            return self.b.boolean(True)
        one = self.b.const(1)
        return self.b.eq(self.b.input(selector(name), "integer", Fraction(0), Fraction(1)), one)

    def all(self) -> Runs:
        """The runs, the changed one last."""
        base, plan = self.base, self.plan
        given = self._swapped_into(base.inputs)
        set_to = {
            n: (self.swaps[n], self.others[n].value(n, self.claim.span)) for n in plan.swapped if n not in self.inputs
        }
        set_to |= {n: (self.b.boolean(True), value) for n, value in self.settings.values.items()}
        if not plan.seen_apart:
            return self._told(self._changed(given, set_to))
        apart = self._changed(given, set_to, self._seen_apart({**base.inputs, **given}))
        if not plan.chosen:
            return self._told(apart)
        return self._told(self._changed(given, set_to), apart)

    def _told(self, changed: CausalGraph, apart: CausalGraph | None = None) -> Runs:
        return Runs(self.plan, self.base, self.others, changed, self.swaps, apart, self.left_out, self.settings)

    def _changed(
        self,
        given: Mapping[str, Value],
        set_to: Mapping[str, tuple[int, Symbolic]],
        apart: Mapping[tuple[str, str], Activations] | None = None,
    ) -> CausalGraph:
        """The base run with what is moved into it, or with sites that are read ``apart``, in runs of their own."""
        sites: dict[str, Mapping[str, Activations | Wanted]] = {}
        if apart is None:
            sites = {**self._moved_sites(), **self._set_sites()}
        return CausalGraph(
            self.spec,
            self.base.models,
            self.base.family,
            ideal=self.base.ideal,
            given=given,
            fed_instead={m.name: self._resampled_inputs() for m in self.spec.models},
            set_to=set_to,
            patches={m.name: self._patches(m.name, sites, self.swaps) for m in self.spec.models},
            rewired=self._rewired(),
            seen_apart=apart or {},
            runs_models=apart is None,
            builder=self.b,
            inputs=dict(self.base.inputs),
        )

    def _moved_sites(self) -> dict[str, Mapping[str, Activations]]:
        """For each variable whose site is set, by model, the activations that it is set from."""
        swapped = {n: self.others[n].activations for n in self.plan.swapped if n not in self.inputs}
        resampled = {n: self.others[resampled_label(n)].activations for n in self.plan.resampled}
        return {**swapped, **{n: a for n, a in resampled.items() if n not in self.inputs}}

    def _seen_apart(self, inputs: Mapping[str, Value]) -> dict[tuple[str, str], Activations]:
        """For each variable that is read, by model, the activations of the run in which its parents are held, or those
        that it is set from; ``inputs`` are what a variable sees that reads them.
        """
        moved = self._moved_sites()
        seen: dict[tuple[str, str], Activations] = {}
        for name in self.plan.seen_apart:
            variable = next(v for v in self.spec.variables if v.name == name)
            own = self._held(name, inputs, seen) if name in self.plan.own_runs() else None
            for owner in (m.name for m in self.spec.models if variable.site_in(m.name) is not None):
                found = None if own is None else own.activations[owner]
                if name in moved:
                    found = self._chosen(name, variable.site_in(owner), moved[name][owner], found)
                if found is not None:
                    seen[owner, name] = found
        return seen

    def _chosen(self, name: str, site: Site | None, there: Activations, here: Activations | None) -> Activations:
        condition = self.swaps.get(name, self.b.boolean(True))
        if here is None or site is None:
            return there
        activation = site_units(site).activation
        chosen = choose(self.b, condition, from_array(there[activation]), from_array(here[activation]))
        return {activation: to_array(chosen)}

    def _held(
        self, name: str, inputs: Mapping[str, Value], seen: Mapping[tuple[str, str], Activations]
    ) -> CausalGraph:
        """The models run on the rest's own inputs, but for the inputs that ``name`` is computed from, and with the
        sites of the variables that it is computed from held. What the claim moves holds what it is set to here too
        (SEMANTICS 36).
        """
        rest = self._each_input(name) if self.plan.each else self.others[rest_label(name)].inputs
        moved = self._moved_sites()
        feeds: dict[str, Mapping[str, Value]] = {}
        patches: dict[str, Mapping[str, Patch]] = {}
        for model in self.spec.models:
            parents = parents_of(self.spec, name, model.name)
            feeds[model.name] = {
                **rest,
                **self._swapped_into(rest),
                **{n: inputs[n] for n in parents.inputs},
                **self._resampled_inputs(),
            }
            held = {p: {model.name: seen[model.name, p]} for p in parents.located}
            where = {n: swap for n, swap in self.swaps.items() if n not in held}
            together: dict[str, Mapping[str, Activations | Wanted]] = {**self._set_sites(), **moved, **held}
            patches[model.name] = self._patches(model.name, together, where)
            for activation, each in self._each_unit(name, model.name).items():
                then = patches[model.name].get(activation)
                patches[model.name] = {**patches[model.name], activation: _one_after_other(each, then)}
        return CausalGraph(
            self.spec,
            self.base.models,
            self.base.family,
            ideal=self.base.ideal,
            fed_instead=feeds,
            patches=patches,
            rewired=self._rewired(),
            builder=self.b,
            inputs=dict(self.base.inputs),
        )

    def _each_input(self, name: str) -> dict[str, Value]:
        """The inputs in the run that shows a variable, each element that is left out from its own run. What reads no
        other reads the base's.
        """
        found = dict(self.base.inputs)
        for one in self.left_out:
            if one.variable == name and one.owner is None:
                own = list(leaves(self.others[one.label].inputs[one.name]))
                nodes = list(leaves(found[one.name]))
                for place in one.places:
                    nodes[place] = own[place]
                found[one.name] = refilled(found[one.name], iter(nodes))
        return found

    def _each_unit(self, name: str, owner: str) -> dict[str, Patch]:
        """What sets the units of a model that are left out where a variable is seen, by activation."""
        sources: dict[str, list[LeftOut]] = {}
        for one in self.left_out:
            if (one.variable, one.owner) == (name, owner):
                sources.setdefault(one.name, []).append(one)
        return {activation: self._taking(owner, found) for activation, found in sources.items()}

    def _taking(self, owner: str, found: Sequence[LeftOut]) -> Patch:
        def apply(before: NodeArray) -> NodeArray:
            after = before.reshape(-1).copy()
            for one in found:
                own = self.others[one.label].activations[owner][one.name].reshape(-1)
                alone = self.b.all([self.b.negate(self.swaps[n]) for n in one.unless])
                for place in one.places:
                    (after[place],) = leaves(choose(self.b, alone, int(own[place]), int(after[place])))
            return after.reshape(before.shape)

        return apply

    def _set_sites(self) -> dict[str, Mapping[str, Wanted]]:
        """What the claim sets sites to, but for edges."""
        edges = {one.name for one in self.plan.settings if one.sources}
        return {name: wanted for name, wanted in self.settings.wanted.items() if name not in edges}

    def _rewired(self) -> dict[str, Rewiring]:
        """What the claim sets edges to, for each model with any."""
        found: dict[str, Rewiring] = {}
        for model in self.spec.models:
            edges = self.edges.get(model.name)
            if edges:
                found[model.name] = partial(with_edges, edges=edges)
        return found

    def _edges(self) -> dict[str, list[EdgeSet]]:
        """The edges that are set in each model. Raises ExpressionError for one that there is not."""
        found: dict[str, list[EdgeSet]] = {}
        for one in (one for one in self.plan.settings if one.sources):
            for owner, wanted in self.settings.wanted[one.name].items():
                reader, source = None if one.place is None else one.place.site_in(owner), one.source_in(owner)
                if isinstance(reader, SiteUnits) and source is not None:
                    refuse_no_edge(self.base, owner, reader, source, one.span)
                    found.setdefault(owner, []).append(EdgeSet(reader, source, wanted))
        return found

    def _swapped_into(self, inputs: Mapping[str, Value]) -> dict[str, Value]:
        """What the swapped inputs are in a run that has these inputs otherwise."""
        names = (n for n in self.plan.swapped if n in self.inputs)
        return {n: choose(self.b, self.swaps[n], self.others[n].inputs[n], inputs[n]) for n in names}

    def _resampled_inputs(self) -> dict[str, Value]:
        return {n: self.others[resampled_label(n)].inputs[n] for n in self.plan.resampled if n in self.inputs}

    def _patches(
        self, owner: str, sites: Mapping[str, Mapping[str, Activations | Wanted]], where: Mapping[str, int]
    ) -> dict[str, Patch]:
        """What is done to a model's activations to set the sites of some variables, each where its truth node says."""
        readers = tuple(one.name for one in self.plan.settings if one.sources)
        declaration = next(m for m in self.spec.models if m.name == owner)
        with_readers = self._transplants((*sites, *readers), owner, self.base.activations[owner])
        self._refuse_one_place(declaration, with_readers)
        if not sites:
            return {}
        rounding: Rounding = "float32" if declaration.arithmetic == "float32" and not self.base.ideal else "exact"
        found: dict[str, Patch] = {}
        together = self._transplants(tuple(sites), owner, self.base.activations[owner])
        for one, owners in together:
            if declaration.kind == "program" and any(one.plain(p) is None for p in one.positions()):
                span = self._span(owners[0])
                words = f"a direction in {one.activation} cannot be set: a program holds integers alone"
                raise ExpressionError(span, words)
            arrays: dict[str, Source] = {}
            for name in owners:
                there = sites[name][owner]
                arrays[name] = there if isinstance(there, Wanted) else there[one.activation]
            names = tuple(dict.fromkeys(owners))
            found[one.activation] = self._choosing(one.activation, names, owner, arrays, where, rounding)
        return found

    def _refuse_one_place(
        self, declaration: ModelDeclaration, together: Sequence[tuple[Transplant, tuple[str, ...]]]
    ) -> None:
        """Refuse sites that share a unit under two names (SEMANTICS 36)."""
        both = at_one_place(together, self.base.models[declaration.name].aliases)
        if both is not None:
            (one, here), (other, there) = both
            span = self._span(other)
            what = "the same assignment" if declaration.kind == "program" else "names of the same tensor"
            words = f"the sites of {one} and {other} overlap: {here} and {there} are {what}"
            raise ExpressionError(span, f"{words}; they cannot be set to different values together")

    def _choosing(
        self,
        activation: str,
        names: tuple[str, ...],
        owner: str,
        arrays: Mapping[str, Source],
        where: Mapping[str, int],
        rounding: Rounding,
    ) -> Patch:
        """The patch of one activation that sets those of the names whose truth node is true, together."""

        def setting(chosen: tuple[str, ...], before: NodeArray) -> NodeArray:
            if not chosen:
                return before
            ((one, owners),) = self._transplants(chosen, owner, {activation: before})
            return patch(one, in_order_of(owners, arrays), self.b, rounding)(before)

        def each(waiting: tuple[str, ...], chosen: tuple[str, ...], before: NodeArray) -> NodeArray:
            if not waiting:
                return setting(chosen, before)
            name, rest = waiting[0], waiting[1:]
            condition = where.get(name, self.b.boolean(True))
            there = each(rest, (*chosen, name), before)
            if self.b.truth_value(condition) is True:
                return there
            here = each(rest, chosen, before)
            return to_array(choose(self.b, condition, from_array(there), from_array(here))).reshape(before.shape)

        def in_turn(before: NodeArray) -> NodeArray:
            for name in names:
                before = each((name,), (), before)
            return before

        def together(before: NodeArray) -> NodeArray:
            return each(names, (), before)

        found = self._transplants(names, owner, self.base.activations[owner])
        if all(one.plain(p) is not None for one, _ in found for p in one.positions()):
            return in_turn
        free = [n for n in names if n in where and self.b.truth_value(where[n]) is None]
        if len(free) > MAX_CHOICES:
            span = self._span(free[0])
            words = (
                f"{self.claim.name} sets any subset of {len(free)} directions in {activation}, and every one of the "
                f"{2 ** len(free):,} subsets is set in its own way; at most {MAX_CHOICES} directions are read"
            )
            hint = "say which are moved together: `interchange: [...]` in place of faithful"
            raise ExpressionError(span, words, hint)
        return together


    def _span(self, name: str) -> Span:
        return next(v.span for v in (*self.spec.variables, *self.plan.places) if v.name == name)

    def _transplants(
        self, names: Sequence[str], owner: str, activations: Mapping[str, NodeArray]
    ) -> tuple[tuple[Transplant, tuple[str, ...]], ...]:
        return transplants_of((*self.spec.variables, *self.plan.places), names, owner, activations)


def _one_after_other(first: Patch, then: Patch | None) -> Patch:
    def apply(before: NodeArray) -> NodeArray:
        after = first(before)
        return after if then is None else then(after)

    return apply


def transplants_of(
    variables: Sequence[Variable], names: Sequence[str], owner: str, activations: Mapping[str, NodeArray]
) -> tuple[tuple[Transplant, tuple[str, ...]], ...]:
    """For each activation of a model that is changed, how, and the name that each of its readings belongs to.

    Raises ExpressionError where the readings of an activation depend on each other.
    """
    wanted: dict[str, list[tuple[str, Reading]]] = {}
    for variable in variables:
        site = variable.site_in(owner)
        if variable.name in names and site is not None:
            activation, found = readings(site, _nodes(activations, site))
            wanted.setdefault(activation, []).extend((variable.name, r) for r in found)
    result = []
    for activation, parts in wanted.items():
        shape = np.shape(activations[activation])
        one = transplant(activation, shape, [r for _, r in parts])
        owners = tuple(dict.fromkeys(name for name, _ in parts))
        if one is None:
            span = next(v.span for v in variables if v.name == owners[0])
            words = " and ".join(owners)
            raise ExpressionError(
                span, f"the sites of {words} overlap in {activation}: they cannot be set to different values together"
            )
        result.append((one, tuple(name for name, _ in parts)))
    return tuple(result)


def _nodes(activations: Mapping[str, NodeArray], site: Site) -> NodeArray:
    name = site_units(site).activation
    return activations.get(name, np.zeros((), dtype=np.int64))
