"""The runs that a claim speaks of: one on the base input, one on each source, and the base run with values moved in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.expressions import ExpressionError
from mechverify.explanation.symbolic import Symbolic, Value
from mechverify.explanation.transplants import Reading, Transplant, patch, readings, transplant
from mechverify.graph.graph import Rounding
from mechverify.models.model import NodeArray, Patch
from mechverify.spec.spec import Claim, Site, Spec, site_units


@dataclass(frozen=True, slots=True)
class Runs:
    """``base`` is the plain run, ``sources`` has one for each name that takes its value from elsewhere, and ``changed``
    is the base run with those values; without sources it is the base run itself.
    """

    base: CausalGraph
    sources: Mapping[str, CausalGraph]
    changed: CausalGraph

    def plain(self) -> tuple[tuple[str, CausalGraph], ...]:
        """The runs whose inputs must be admissible, with the source's name ("" for the base)."""
        return (("", self.base), *self.sources.items())


def interchanged(claim: Claim) -> tuple[str, ...]:
    """The variables and inputs that a claim takes from other runs."""
    return next((part.names for part in claim.parts if part.key == "interchange"), ())


def source_prefix(name: str) -> str:
    """What stands before the names of the inputs of the run that ``name`` takes its value from."""
    return f"{name} from: "


def runs_of(base: CausalGraph, claim: Claim) -> Runs:
    """All runs of a claim, in the base run's graph.

    Raises ExpressionError for sites that cannot be set together or that the model cannot replace.
    """
    names = interchanged(claim)
    if not names:
        return Runs(base, {}, base)
    spec = base.spec
    inputs = {i.name for i in spec.inputs}
    sources = {
        name: CausalGraph(
            spec,
            base.models,
            base.family,
            ideal=base.ideal,
            prefix=source_prefix(name),
            runs_models=name not in inputs,
            builder=base.builder,
        )
        for name in names
    }
    given: dict[str, Value] = {n: sources[n].inputs[n] for n in names if n in inputs}
    set_to: dict[str, Symbolic] = {n: sources[n].value(n, claim.span) for n in names if n not in inputs}
    changed = CausalGraph(
        spec,
        base.models,
        base.family,
        ideal=base.ideal,
        given=given,
        set_to=set_to,
        patches={m.name: _patches(base, sources, m.name, claim) for m in spec.models},
        builder=base.builder,
        inputs=dict(base.inputs),
    )
    return Runs(base, sources, changed)


def transplants_of(
    spec: Spec, names: Sequence[str], owner: str, activations: Mapping[str, NodeArray]
) -> tuple[tuple[Transplant, tuple[str, ...]], ...]:
    """For each activation of a model that is changed, how, and the name that each of its readings belongs to.

    Raises ExpressionError where the readings of an activation depend on each other.
    """
    wanted: dict[str, list[tuple[str, Reading]]] = {}
    for variable in spec.variables:
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
            span = next(v.span for v in spec.variables if v.name == owners[0])
            words = " and ".join(owners)
            raise ExpressionError(
                span, f"the sites of {words} overlap in {activation}: they cannot be set to different values together"
            )
        result.append((one, tuple(name for name, _ in parts)))
    return tuple(result)


def _nodes(activations: Mapping[str, NodeArray], site: Site) -> NodeArray:
    name = site_units(site).activation
    return activations.get(name, np.zeros((), dtype=np.int64))


def _patches(base: CausalGraph, sources: Mapping[str, CausalGraph], owner: str, claim: Claim) -> dict[str, Patch]:
    declaration = next(m for m in base.spec.models if m.name == owner)
    rounding: Rounding = "float32" if declaration.arithmetic == "float32" and not base.ideal else "exact"
    names = [n for n in interchanged(claim) if sources[n].runs_models]
    patches = {}
    for one, owners in transplants_of(base.spec, names, owner, base.activations[owner]):
        if declaration.kind == "program" and any(one.plain(p) is None for p in one.positions()):
            span = next(v.span for v in base.spec.variables if v.name == owners[0])
            words = f"a direction in {one.activation} cannot be set: a program holds integers alone"
            raise ExpressionError(span, words)
        nodes = [sources[name].activations[owner][one.activation] for name in owners]
        patches[one.activation] = patch(one, nodes, base.builder, rounding)
    return patches
