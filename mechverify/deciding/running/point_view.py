"""What happens at one point, by the second evaluator: the spec interpreted directly, the model really run.

Nothing here uses the compiled graph, except for the exact value of a network in real arithmetic, for which no runtime
exists.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from mechverify.deciding.running.run_view import RunView, flatten, shaped_inputs
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.formulas.symbolic import Value as Nodes
from mechverify.explanation.interventions import (
    apart_name,
    before_name,
    interventions_of,
    parents_of,
    read_by,
    resampled_label,
    rest_label,
    selector,
    source_prefix,
)
from mechverify.explanation.obligations import conditions
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.intervals import interval_values
from mechverify.models.model import FloatArray, Model
from mechverify.results import Value
from mechverify.spec.expression.evaluate import EvaluationError
from mechverify.spec.expression.syntax import Compare, Expression
from mechverify.spec.spec import ModelDeclaration, Setting, Site, SiteDirection, SiteUnits, Spec, site_units
from mechverify.spec.text import attributes_in
from mechverify.spec.tolerances import Tolerance
from mechverify.spec.vectors import with_vectors

Point = tuple[Fraction, ...]

_NARROW = 1e-9

# What one way of running a model shows: by the name of the model in what the claim speaks of and by variable, the
# activations that the site of the variable is read from, with the points along the leading axis.
SeenBy = Mapping[str, Mapping[str, Mapping[str, FloatArray]]]


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one execution shows at a point: the network's variables, and whether assumption and claim hold.

    ``claim`` is None where exact evaluation cannot tell (irrational values). ``margin`` is how far a claim that is one
    comparison is from failing, otherwise None.
    """

    network: Mapping[tuple[str, str], Value]
    claim: bool | None
    margin: Fraction | None = None


class PointView:
    """A compiled claim at one point, read by the second evaluator: the base run, those that values are moved from by
    label, and the run that they are moved into (the base run itself where none are). ``swapped`` are the names that are
    swapped at this point.
    """

    def __init__(self, compiled: CompiledClaim, point: Point) -> None:
        self._compiled = compiled
        self._point = point
        spec, family = compiled.spec, compiled.family
        names = [i.name for i in compiled.graph.inputs]
        flat = dict(zip(names, point, strict=True))
        self._conditions = conditions(spec, compiled.claim)
        self.base = RunView(spec, family, shaped_inputs(spec.inputs, "", flat))
        plan = interventions_of(spec, compiled.claim)
        self._plan = plan
        self.sources = {
            label: RunView(spec, family, shaped_inputs(spec.inputs, source_prefix(label), flat))
            for label in compiled.sources
        }
        self.swapped = tuple(n for n in plan.swapped if not plan.chosen or flat[selector(n)] == 1)
        self.done = {
            name: _shaped(one.name, one.shape, flat) for name, one in compiled.settings.done.items()
        }
        self.changed = self.base
        if self.swapped or self.done:
            inputs = {n: self.sources[n].inputs[n] for n in self.swapped if n in self.base.inputs}
            variables = {n: self.sources[n].setting(n) for n in self.swapped if n not in self.base.inputs}
            variables |= {name: (self._meant(name), None) for name in self.done}
            self.changed = RunView(spec, family, self.base.inputs, inputs, variables)

    def shown_sources(self) -> dict[str, Mapping[str, Value]]:
        """The inputs of the runs that matter at this point, by label."""
        idle = set(self._plan.swapped) - set(self.swapped)
        idle |= {rest_label(name) for name in self.swapped}
        idle |= {one.label for one in self._compiled.left_out if one.variable in self.swapped}
        return {label: dict(run.inputs) for label, run in self.sources.items() if label not in idle}

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The base inputs with the vectors that are made of them, and what ``do`` sets variables to."""
        done = {one.name: self.done[name] for name, one in self._compiled.settings.done.items()}
        return {**with_vectors(self._compiled.spec.vectors, self.base.inputs), **done}

    @property
    def explanation(self) -> Mapping[str, Value]:
        """What the explanation says of its variables, after the values were moved."""
        return self.changed.explanation

    def undefined(
        self, expression: Expression, attributes: Mapping[tuple[str, str], Value] | None = None
    ) -> str | None:
        """Why an expression of the claim has no value here; see ``RunView.undefined``."""
        return self.changed.undefined(expression, attributes)

    def admissible(self) -> bool | None:
        """Whether the inputs of all runs are declared ones and meet the preconditions."""
        answers = [run.admissible(self._conditions) for run in (self.base, *self.sources.values())]
        return False if False in answers else None if None in answers else True

    def undefined_precondition(self) -> str | None:
        """The name of a precondition that cannot be evaluated here."""
        found = (run.undefined_condition(self._conditions) for run in (self.base, *self.sources.values()))
        return next((name for name in found if name is not None), None)

    def feeds(self, declaration: ModelDeclaration, model: Model) -> dict[str, FloatArray]:
        """The arrays to run the model on in the changed run, batch axis of 1 first."""
        names = (n for n in self._plan.resampled if n in self.base.inputs)
        return self.changed.feeds(declaration, model, {n: self.sources[resampled_label(n)].inputs[n] for n in names})

    def feeds_for(self, name: str, declaration: ModelDeclaration, model: Model) -> dict[str, FloatArray]:
        """The arrays to run the model on to read a variable in a run of its own (``resample: [rest]``, ``[each]``)."""
        instead = self._each_input(name) if self._plan.each else dict(self.sources[rest_label(name)].inputs)
        instead |= {n: self.sources[n].inputs[n] for n in self.swapped if n in self.base.inputs}
        for held in parents_of(self._compiled.spec, name, declaration.name).inputs:
            run = self.sources[held] if held in self.swapped else self.base
            instead[held] = run.inputs[held]
        for resampled in self._plan.resampled:
            if resampled in self.base.inputs:
                instead[resampled] = self.sources[resampled_label(resampled)].inputs[resampled]
        return self.base.feeds(declaration, model, instead)

    def _meant(self, name: str) -> Value:
        """The value that ``do`` gives a variable: a truth value for one."""
        nodes = flatten(self._compiled.settings.values[name].value)
        truths = [self._compiled.graph.nodes[n].is_boolean for n in nodes]
        pairs = zip(flatten(self.done[name]), truths, strict=True)
        meant: Value = _reshaped(self.done[name], (n == 1 if truth else n for n, truth in pairs))
        return meant

    def wanted(self, one: Setting, owner: str, count: int) -> list[Fraction]:
        """What the ``count`` readings of a site that the claim sets are set to, or moved by (``add``), not rounded."""
        settings = self._compiled.settings
        if one.domain is None:
            if one.value is None:
                return list(settings.means[one.name, owner])
            found = [Fraction(v) for v in flatten(self.base.value(one.value.expression))]
            return found * count if len(found) == 1 else found
        given = [Fraction(v) for v in flatten(self.done[one.name])]
        if one.stands_for:
            stated = dict(one.stands_for)
            return [stated[v] for v in given]
        variable = next(v for v in self._compiled.spec.variables if v.name == one.name)
        if variable.write_as is not None:
            return [Fraction(v) for v in flatten(self.base.decoded(variable.write_as, self.done[one.name]))]
        return [(given[place] - bias) / weight for place, weight, bias in settings.inverses[one.name, owner]]

    def _each_input(self, name: str) -> dict[str, Any]:
        """The inputs in the run that shows a variable, each element that is left out from its own run."""
        found = dict(self.base.inputs)
        for one in self._compiled.left_out:
            if one.variable == name and one.owner is None:
                own = list(flatten(self.sources[one.label].inputs[one.name]))
                numbers = list(flatten(found[one.name]))
                for place in one.places:
                    numbers[place] = own[place]
                found[one.name] = _reshaped(found[one.name], iter(numbers))
        return found

    def seen_in(self, owner: str, run: SeenBy, row: int) -> dict[tuple[str, str], Value]:
        """What the sites of ``owner`` say in one real execution, through each variable's ``read_as``, under each name
        that the model has in what the claim speaks of.
        """
        said: dict[tuple[str, str], Value] = {}
        for variable in self._compiled.spec.variables:
            site = variable.site_in(owner)
            for name, seen in run.items():
                arrays = seen.get(variable.name)
                if site is not None and arrays is not None:
                    raw = _site_numbers(site, {k: a[row] for k, a in arrays.items()})
                    said[name, variable.name] = self.changed.decoded(variable.read_as, raw)
        return said

    def ideal_network(self) -> dict[tuple[str, str], Value]:
        """What the sites say in exact arithmetic, from the compiled graph."""
        return {key: _filled(value, self._exact) for key, value in self._nodes.items()}

    @cached_property
    def _nodes(self) -> Mapping[tuple[str, str], Nodes]:
        return {**self._compiled.network, **self._compiled.beside}

    @cached_property
    def _exact(self) -> Mapping[int, Any]:
        wanted = sorted({n for v in self._nodes.values() for n in flatten(v)})
        return evaluate_exact(self._compiled.graph, self._point, wanted)

    def told_network(self) -> dict[tuple[str, str], Value]:
        """The same for people: what is irrational to 9 digits at least, where float64 gives these."""
        compiled = self._compiled
        exact = self.ideal_network()
        if not any(None in flatten(value) for value in exact.values()):
            return exact
        near = [float(x) for x in self._point]
        below = [np.nextafter(f, -np.inf) if Fraction(f) > x else f for f, x in zip(near, self._point, strict=True)]
        above = [np.nextafter(f, np.inf) if Fraction(f) < x else f for f, x in zip(near, self._point, strict=True)]
        low, high = interval_values(compiled.graph, np.array([below]), np.array([above]))
        known = self._exact.items()
        told = {n: _middle(float(low[n, 0]), float(high[n, 0])) if x is None else x for n, x in known}
        return {key: _filled(value, told) for key, value in self._nodes.items()}

    def judge(self, network: Mapping[tuple[str, str], Value]) -> Judgement:
        """Whether the claim holds here, given what the network's variables say."""
        condition = self._compiled.claim.condition
        if condition is None:
            return self._compared(network)
        expression = condition.expression
        spoken = attributes_in(expression)
        found = [self._judged(expression, spoken, view) for view in self._views(network)]
        margins = [m for _, m in found if m is not None]
        truths = [truth for truth, _ in found]
        claim = False if False in truths else None if None in truths else True
        return Judgement(network, claim, min(margins) if len(margins) == len(found) else None)

    def largest(self, network: Mapping[tuple[str, str], Value], tolerance: Tolerance) -> Fraction | None:
        """The largest of what a tolerance of the claim bounds, given what the network's variables say; None where one
        of these numbers is not known.
        """
        if not tolerance.sides:
            margin = self._compared(network).margin
            return None if margin is None else (self._compiled.claim.tolerance or Fraction(0)) - margin
        found = []
        for side in tolerance.sides:
            spoken = attributes_in(side)
            for view in self._views(network):
                known = {key: v for key, v in view.items() if key in spoken}
                if any(None in flatten(v) for v in known.values()):
                    return None
                try:
                    found.append(self.changed.value(side, known))
                except EvaluationError:
                    return None
        numbers = [v for v in found if isinstance(v, Fraction)]
        return max(numbers) if numbers and len(numbers) == len(found) else None

    def _views(self, network: Mapping[tuple[str, str], Value]) -> list[Mapping[tuple[str, str], Value]]:
        """What the models say in each run that the condition is about, under their own names."""
        if self._compiled.claim.kind != "faithful":
            return [network]
        owners = {apart_name(m.name): m.name for m in self._compiled.spec.models}
        plain = {key: value for key, value in network.items() if key[0] not in owners}
        return [plain, {(owners[o], name): value for (o, name), value in network.items() if o in owners}]

    def _judged(
        self,
        expression: Expression,
        spoken: frozenset[tuple[str, str]],
        network: Mapping[tuple[str, str], Value],
    ) -> tuple[bool | None, Fraction | None]:
        if any(None in flatten(v) for key, v in network.items() if key in spoken):
            return None, None
        network = {key: v for key, v in network.items() if key in spoken or None not in flatten(v)}
        return self.changed.holds(expression, network), self._margin(expression, network)

    def _compared(self, network: Mapping[tuple[str, str], Value]) -> Judgement:
        """A claim without a condition: the network before and after, or the explanation and the network, differ by no
        more than the claim's tolerance.
        """
        compiled = self._compiled
        read = read_by(compiled.spec, compiled.claim)
        margins: list[Fraction | None] = []
        for (owner, name), seen in network.items():
            if name not in read or (compiled.claim.kind == "ignores" and (owner, name) not in compiled.network):
                continue
            other = network.get((before_name(owner), name))
            if compiled.claim.kind == "faithful":
                other = self.explanation.get(name)
                if other is None and self.changed.setting(name) is not None:
                    return Judgement(network, claim=False)
            margins.extend(_margins(other, seen, compiled.claim.tolerance or Fraction(0)))
        known = [m for m in margins if m is not None]
        if len(known) < len(margins):
            return Judgement(network, False if known and min(known) < 0 else None)
        return Judgement(network, min(known) >= 0, min(known))

    def _margin(self, e: Expression, network: Mapping[tuple[str, str], Value]) -> Fraction | None:
        if not isinstance(e, Compare) or len(e.ops) != 1 or e.ops[0] not in ("<", "<=", ">", ">="):
            return None
        try:
            left, right = (self.changed.value(o, network) for o in e.operands)
        except EvaluationError:
            return None
        if not isinstance(left, Fraction) or not isinstance(right, Fraction):
            return None
        return right - left if e.ops[0].startswith("<") else left - right


def _middle(low: float, high: float) -> Fraction | None:
    """The middle of a narrow interval."""
    if not (math.isfinite(low) and math.isfinite(high) and high - low <= _NARROW * (abs(low) + abs(high))):
        return None
    return Fraction((low + high) / 2)


def _margins(one: Value, two: Value, tolerance: Fraction) -> list[Fraction | None]:
    """How much nearer than the tolerance two values are, number by number; None where one is not known. Truth values
    that differ are not near, whatever the tolerance.
    """
    if one is None or two is None:
        return [None]
    return [_margin_of(a, b, tolerance) for a, b in zip(flatten(one), flatten(two), strict=True)]


def _margin_of(one: Value, two: Value, tolerance: Fraction) -> Fraction | None:
    if isinstance(one, bool) and isinstance(two, bool):
        return tolerance if one is two else Fraction(-1)
    if not isinstance(one, int | float | Fraction) or not isinstance(two, int | float | Fraction):
        return None
    return tolerance - abs(Fraction(one) - Fraction(two))


def activations_of(spec: Spec, model: str) -> tuple[str, ...]:
    """The names of the activations of a model that sites lie in, each once."""
    sites = (v.site_in(model) for v in spec.variables)
    return tuple(dict.fromkeys(site_units(s).activation for s in sites if s is not None))


def _site_numbers(site: Site, activations: Mapping[str, FloatArray]) -> Value:
    units = site_units(site)
    indices = tuple(slice(*i) if isinstance(i, tuple) else i for i in units.indices)
    value = _exact(np.asarray(np.asarray(activations[units.activation])[indices]))
    if isinstance(site, SiteUnits):
        return value
    numbers = tuple(flatten(value))
    if None in numbers:
        return None if isinstance(site, SiteDirection) else (None,) * len(site.rows)
    read = tuple(sum((d * Fraction(x) for d, x in zip(row, numbers, strict=True)), Fraction(0)) for row in site.rows)
    return read[0] if isinstance(site, SiteDirection) else read


def _shaped(name: str, shape: tuple[int, ...], flat: Mapping[str, Fraction]) -> Any:
    return tuple(_shaped(f"{name}[{k}]", shape[1:], flat) for k in range(shape[0])) if shape else flat[name]


def _reshaped(value: Any, numbers: Iterator[Any]) -> Any:
    return tuple(_reshaped(v, numbers) for v in value) if isinstance(value, tuple) else next(numbers)


def _exact(array: FloatArray) -> Value:
    if array.ndim:
        return tuple(_exact(np.asarray(row)) for row in array)
    number = array.item()
    if isinstance(number, float) and not np.isfinite(number):
        return None
    return Fraction(number)


def _filled(value: Nodes, exact: Mapping[int, Any]) -> Value:
    return tuple(_filled(v, exact) for v in value) if isinstance(value, tuple) else exact[value]
