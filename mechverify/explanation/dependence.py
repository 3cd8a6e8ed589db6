"""What of a claim depends on what its intervention moves: a question about the graph, answered without any search.

The claim is compiled once more with fresh inputs in place of all that comes from other runs: the moved sites, unit by
unit, and the values that the explanation's variables are set to. What the claim asserts can depend only on those of
them that it reaches in that graph. A weight of zero passes nothing on.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from mechverify.errors import ModelError
from mechverify.explanation.asserted import asserted
from mechverify.explanation.causal import CausalGraph
from mechverify.explanation.expressions import ExpressionError
from mechverify.explanation.feed import is_integer
from mechverify.explanation.interventions import (
    Interventions,
    interventions_of,
    read_by,
    resampled_label,
    source_prefix,
)
from mechverify.explanation.runs import Runs, runs_of
from mechverify.explanation.sites import unit_text
from mechverify.explanation.symbolic import ShapeMismatchError, Symbolic, Value, leaves
from mechverify.explanation.transplants import readings
from mechverify.graph.builder import GraphBuilder
from mechverify.models.integers import IntegerBounds
from mechverify.models.model import NodeArray
from mechverify.spec.spec import Claim, ModelDeclaration, Variable, site_units
from mechverify.spec.text import names_in

_WIDE = Fraction(2) ** 1000


@dataclass(frozen=True, slots=True)
class Moved:
    """Something that a claim moves, and what of it reaches what the claim asserts. ``value``: whether the explanation's
    value does; None where the explanation is not moved. ``units``: of the site, or of the input as the models see it,
    each unit by its text, and whether it does.
    """

    name: str
    value: bool | None
    units: Mapping[str, bool]


@dataclass(slots=True)
class _Marks:
    """The fresh inputs in place of one moved thing."""

    values: list[int] = field(default_factory=list)
    units: dict[str, int] = field(default_factory=dict)


def dependence(base: CausalGraph, claim: Claim) -> tuple[Moved, ...]:
    """What becomes of each thing that the claim moves. ``base`` is the causal graph of the spec, and grows.

    Nothing for ``faithful``, which compares everything, and where the claim cannot be compiled in this way.
    """
    plan = interventions_of(base.spec, claim)
    if not plan or plan.chosen:
        return ()
    try:
        return tuple(_Marked(base, claim, plan).moved())
    except (ExpressionError, ShapeMismatchError, ModelError):
        return ()


class _Marked:
    def __init__(self, base: CausalGraph, claim: Claim, plan: Interventions) -> None:
        self.base, self.claim, self.plan = base, claim, plan
        self.b = base.builder
        self.inputs = {i.name for i in base.spec.inputs}
        self.bounds = IntegerBounds(self.b)
        self.marks = {label: _Marks() for label in plan.labels()}
        self.set_from = {**{n: n for n in plan.swapped}, **{resampled_label(n): n for n in plan.resampled}}

    def moved(self) -> Iterator[Moved]:
        runs = runs_of(self.base, self.claim, self._source)
        reached = _cone(self.b, leaves(asserted(runs, self.claim).value))
        explained, seen = _cone(self.b, self._explained(runs)), _cone(self.b, self._seen(runs))
        for label, name in self.set_from.items():
            marks = self.marks[label]
            is_input = name in self.inputs
            units = {text: node in (seen if is_input else reached) for text, node in marks.units.items()}
            value = None
            if label in self.plan.swapped:
                places = explained & set(marks.units.values()) if is_input else reached & set(marks.values)
                value = bool(places)
            yield Moved(name, value, units)

    def _explained(self, runs: Runs) -> Iterator[int]:
        """The nodes of the variables that the claim names. Its inputs are those of the base run."""
        known = {v.name for v in self.base.spec.variables if v.value is not None}
        spoken = frozenset() if self.claim.condition is None else names_in(self.claim.condition.expression)
        for name in sorted(spoken & known):
            yield from leaves(runs.changed.value(name, self.claim.span).value)

    def _seen(self, runs: Runs) -> Iterator[int]:
        """The nodes of what the claim reads of the models."""
        read = read_by(self.base.spec, self.claim)
        for variable in self.base.spec.variables:
            for model in self.base.spec.models:
                if variable.name in read and variable.site_in(model.name) is not None:
                    yield from leaves(runs.changed.network(model.name, variable.name, self.claim.span).value)

    # --- fresh inputs

    def _source(self, label: str) -> CausalGraph:
        """A run that values are taken from, with fresh inputs in place of what is taken."""
        marks, name = self.marks[label], self.set_from.get(label, "")
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
        for node in leaves(run.inputs[name]) if name in self.inputs else ():
            text = self.b.input_at(self.b.node(node).args[0]).name
            marks.units[text.removeprefix(source_prefix(label))] = node
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
        owner = "" if len(self.base.spec.models) == 1 else f"{model.name}: "
        for place in sorted({place for one in wanted for place, _ in one.terms}):
            text = f"{owner}{unit_text(activation, before.shape, place)}"
            marks.units[text], flat[place] = self._input(f"site of {label} {text}", int(flat[place]))
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


def _cone(b: GraphBuilder, roots: Iterable[int]) -> set[int]:
    """The nodes that the roots depend on."""
    stack = list(roots)
    found = set(stack)
    while stack:
        node = b.node(stack.pop())
        if node.op == "input":
            continue
        args: Iterable[int] = node.args
        if node.op == "affine":
            args = (a for a, weight in zip(node.args, node.numbers[1:], strict=True) if weight)
        for a in args:
            if a not in found:
                found.add(a)
                stack.append(a)
    return found
