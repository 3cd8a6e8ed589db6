"""What of a claim depends on what its intervention moves: a question about the graph, answered without any search.

What the claim asserts depends on those of the moved units, and of the values that the explanation's variables are set
to, that it reaches in the graph. A weight of zero passes nothing on. Rounded nodes are never merged or shared, so that
the graph of a float32 claim shows this as it is; in exact arithmetic the claim is compiled once more, with fresh inputs
in place of all that comes from other runs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from mechverify.errors import ModelError
from mechverify.explanation.asserted import asserted
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.compiled import Moved
from mechverify.explanation.feed import is_integer
from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.formulas.symbolic import ShapeMismatchError, Symbolic, Value, leaves
from mechverify.explanation.interventions import (
    Interventions,
    interventions_of,
    read_by,
    resampled_label,
    source_prefix,
)
from mechverify.explanation.runs import Runs, runs_of
from mechverify.explanation.sites import unit_text
from mechverify.explanation.transplants import readings
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.cones import cone
from mechverify.models.model import NodeArray
from mechverify.models.tensors.integers import IntegerBounds
from mechverify.spec.spec import Claim, ModelDeclaration, Variable, site_units
from mechverify.spec.text import names_in

_WIDE = Fraction(2) ** 1000


@dataclass(slots=True)
class _Marks:
    """The nodes of one moved thing: those by which its value is known to be reached, and each unit."""

    values: list[int] = field(default_factory=list)
    units: dict[str, int] = field(default_factory=dict)


def seen_in(runs: Runs, claim: Claim, wanted: Symbolic) -> tuple[Moved, ...] | None:
    """What becomes of each thing that a claim moves, read off its own graph; ``wanted`` is what it asserts. None where
    a model does not round, so that nodes may have been merged.
    """
    plan, base = runs.plan, runs.base
    if not plan:
        return ()
    if base.ideal or any(m.arithmetic != "float32" for m in base.spec.models):
        return None
    inputs = {i.name for i in base.spec.inputs}
    marks: dict[str, _Marks] = {}
    for label, name in _set_from(plan).items():
        source, found = runs.others[label], _Marks()
        if name in inputs:
            found.units = _elements(base.builder, leaves(source.inputs[name]), label)
        else:
            variable = next(v for v in base.spec.variables if v.name == name)
            for model in base.spec.models:
                found.units |= dict(_units(base, model, variable, source.activations.get(model.name, {})))
        if label in plan.swapped and name not in inputs:
            found.values = [n for value in source.inputs.values() for n in leaves(value)]
            if not cone(base.builder, leaves(source.value(name, claim.span).value)) & set(found.values):
                found.values = list(leaves(wanted.value))  # a constant: whether it is reached cannot be seen
        marks[label] = found
    return tuple(_told(runs, claim, wanted, marks))


def dependence(base: CausalGraph, claim: Claim) -> tuple[Moved, ...]:
    """The same of any claim, compiled anew. ``base`` is the causal graph of the spec, and grows.

    Nothing where the claim cannot be compiled in this way.
    """
    plan = interventions_of(base.spec, claim)
    if not plan:
        return ()
    try:
        marked = _Marked(base, plan)
        runs = runs_of(base, claim, marked.source)
        return tuple(_told(runs, claim, asserted(runs, claim), marked.marks))
    except (ExpressionError, ShapeMismatchError, ModelError):
        return ()


def _told(runs: Runs, claim: Claim, wanted: Symbolic, marks: Mapping[str, _Marks]) -> Iterator[Moved]:
    b, inputs = runs.base.builder, {i.name for i in runs.base.spec.inputs}
    moved = _set_from(runs.plan)
    sites = {node for label, name in moved.items() if name not in inputs for node in marks[label].units.values()}
    reached = cone(b, leaves(wanted.value), sites)
    explained, seen = cone(b, _explained(runs, claim), sites), cone(b, _seen(runs, claim), sites)
    for label, name in moved.items():
        mine = marks[label]
        is_input = name in inputs
        units = {text: node in (seen if is_input else reached) for text, node in mine.units.items()}
        value = None
        if label in runs.plan.swapped:
            value = bool(explained & set(mine.units.values()) if is_input else reached & set(mine.values))
        yield Moved(name, value, units)


def _set_from(plan: Interventions) -> dict[str, str]:
    """The runs that something is taken from, and what that is."""
    return {**{n: n for n in plan.swapped}, **{resampled_label(n): n for n in plan.resampled}}


def _explained(runs: Runs, claim: Claim) -> Iterator[int]:
    """The nodes of the variables that the claim names, or compares with the models. Its inputs are those of the base
    run.
    """
    known = {v.name for v in runs.base.spec.variables if v.value is not None}
    spoken = read_by(runs.base.spec, claim) if claim.condition is None else names_in(claim.condition.expression)
    for name in sorted(spoken & known):
        yield from leaves(runs.changed.value(name, claim.span).value)


def _seen(runs: Runs, claim: Claim) -> Iterator[int]:
    """The nodes of what the claim reads of the models."""
    read = read_by(runs.base.spec, claim)
    for variable in runs.base.spec.variables:
        for model in runs.base.spec.models:
            if variable.name in read and variable.site_in(model.name) is not None:
                for run in runs.seen():
                    yield from leaves(run.network(model.name, variable.name, claim.span).value)


def _elements(b: GraphBuilder, nodes: Iterable[int], label: str) -> dict[str, int]:
    """The elements of an input of another run, by their names in the base run."""
    return {b.input_at(b.node(n).args[0]).name.removeprefix(source_prefix(label)): n for n in nodes}


def _units(
    base: CausalGraph, model: ModelDeclaration, variable: Variable, activations: Mapping[str, NodeArray]
) -> Iterator[tuple[str, int]]:
    """The units of a variable's site by their texts, with what stands there in some run."""
    site = variable.site_in(model.name)
    if site is None:
        return
    nodes = activations[site_units(site).activation]
    activation, wanted = readings(site, nodes)
    owner = "" if len(base.spec.models) == 1 else f"{model.name}: "
    for place in sorted({place for one in wanted for place, _ in one.terms}):
        yield f"{owner}{unit_text(activation, nodes.shape, place)}", int(nodes.reshape(-1)[place])


class _Marked:
    """The runs that values are taken from, with fresh inputs in place of what is taken."""

    def __init__(self, base: CausalGraph, plan: Interventions) -> None:
        self.base, self.plan = base, plan
        self.b = base.builder
        self.inputs = {i.name for i in base.spec.inputs}
        self.bounds = IntegerBounds(self.b)
        self.marks = {label: _Marks() for label in plan.labels()}

    def source(self, label: str) -> CausalGraph:
        """The run with that label."""
        marks, name = self.marks[label], _set_from(self.plan).get(label, "")
        variable = next((v for v in self.base.spec.variables if v.name == name), None)
        set_to: dict[str, tuple[int, Symbolic]] = {}
        activations: dict[str, Mapping[str, NodeArray]] = {}
        always = self.b.boolean(True)
        if variable is not None:
            activations = {m.name: self._site(m, variable, label, marks) for m in self.base.spec.models}
            if label in self.plan.swapped:
                own = self.base.value(name, variable.span).value
                set_to[name] = (always, Symbolic(self._fresh(own, label, marks), always))
        run = CausalGraph(
            self.base.spec,
            self.base.models,
            self.base.family,
            ideal=self.base.ideal,
            prefix=source_prefix(label),
            set_to=set_to,
            runs_models=False,
            activations=activations,
            builder=self.b,
        )
        if name in self.inputs:
            marks.units = _elements(self.b, leaves(run.inputs[name]), label)
        return run

    def _fresh(self, value: Value, label: str, marks: _Marks) -> Value:
        if isinstance(value, tuple):
            return tuple(self._fresh(v, label, marks) for v in value)
        node, stands_for = self._input(f"value of {label} {len(marks.values)}", value)
        marks.values.append(node)
        return stands_for

    def _site(self, model: ModelDeclaration, variable: Variable, label: str, marks: _Marks) -> Mapping[str, NodeArray]:
        """The activation that a site lies in, with a fresh input for each of its units."""
        site = variable.site_in(model.name)
        if site is None:
            return {}
        before = self.base.activations[model.name][site_units(site).activation]
        activation, wanted = readings(site, before)
        flat = before.reshape(-1).copy()
        places = sorted({place for one in wanted for place, _ in one.terms})
        units = _units(self.base, model, variable, self.base.activations[model.name])
        for place, (text, node) in zip(places, units, strict=True):
            marks.units[text], flat[place] = self._input(f"site of {label} {text}", node)
        return {activation: flat.reshape(before.shape)}

    def _input(self, name: str, like: int) -> tuple[int, int]:
        """A fresh input of the kind of a node and, where they are known, within its bounds; and what stands for the
        node: a truth value for one.
        """
        if self.b.node(like).is_boolean:
            node = self.b.input(name, "integer", Fraction(0), Fraction(1))
            return node, self.b.eq(node, self.b.const(1))
        whole = is_integer(self.b, like)
        low, high = (self.bounds.of(like) if whole else None) or (-_WIDE, _WIDE)
        node = self.b.input(name, "integer" if whole else "real", low, high)
        return node, node

