"""What happens at one point, by the second evaluator: the spec interpreted directly, the model really run.

Nothing here uses the compiled graph, except for the exact value of a network in real arithmetic, for which no runtime
exists.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.errors import InternalError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import conditions
from mechverify.explanation.runs import source_prefix
from mechverify.explanation.symbolic import Value as Nodes
from mechverify.graph.evaluate import evaluate_exact
from mechverify.models.model import FloatArray, Model, RuntimeRun
from mechverify.pipeline.run_view import RunView, flatten, shaped_inputs
from mechverify.results import Value
from mechverify.spec.evaluate import EvaluationError
from mechverify.spec.expression import Compare, Expression
from mechverify.spec.spec import ModelDeclaration, Site, SiteDirection, SiteUnits, Spec, site_units
from mechverify.spec.text import attributes_in

Point = tuple[Fraction, ...]


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
    """A compiled claim at one point, read by the second evaluator: the base run, those that values are moved from, and
    the run that they are moved into (the base run itself where none are).
    """

    def __init__(self, compiled: CompiledClaim, point: Point) -> None:
        self._compiled = compiled
        self._point = point
        spec, family = compiled.spec, compiled.family
        names = [i.name for i in compiled.graph.inputs]
        flat = dict(zip(names, point, strict=True))
        self._conditions = conditions(spec, compiled.claim)
        self.base = RunView(spec, family, shaped_inputs(spec.inputs, "", flat))
        self.sources = {
            name: RunView(spec, family, shaped_inputs(spec.inputs, source_prefix(name), flat))
            for name in compiled.sources
        }
        self.changed = self.base
        if self.sources:
            inputs = {n: v.inputs[n] for n, v in self.sources.items() if n in self.base.inputs}
            variables = {n: v.setting(n) for n, v in self.sources.items() if n not in self.base.inputs}
            self.changed = RunView(spec, family, self.base.inputs, inputs, variables)

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The base inputs."""
        return self.base.inputs

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
        return self.changed.feeds(declaration, model)

    def seen_in(self, owner: str, run: RuntimeRun, row: int = 0) -> dict[tuple[str, str], Value]:
        """What the sites of ``owner`` say in one real execution, through each variable's ``read_as``."""
        seen: dict[tuple[str, str], Value] = {}
        for variable in self._compiled.spec.variables:
            site = variable.site_in(owner)
            if site is not None:
                raw = _site_numbers(site, {k: a[row] for k, a in run.values.items()})
                seen[owner, variable.name] = self.changed.decoded(variable.read_as, raw)
        return seen

    def ideal_network(self) -> dict[tuple[str, str], Value]:
        """What the sites say in exact arithmetic, from the compiled graph."""
        wanted = sorted({n for value in self._compiled.network.values() for n in flatten(value)})
        exact = evaluate_exact(self._compiled.graph, self._point, wanted)
        return {key: _filled(value, exact) for key, value in self._compiled.network.items()}

    def judge(self, network: Mapping[tuple[str, str], Value]) -> Judgement:
        """Whether the claim holds here, given what the network's variables say."""
        condition = self._compiled.claim.condition
        if condition is None:
            raise InternalError("only `always` claims are judged at a point")
        expression = condition.expression
        spoken = attributes_in(expression)
        if any(None in flatten(v) for key, v in network.items() if key in spoken):
            return Judgement(network, None)
        network = {key: v for key, v in network.items() if key in spoken or None not in flatten(v)}
        return Judgement(network, self.changed.holds(expression, network), self._margin(expression, network))

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


def activations_of(spec: Spec, model: str) -> tuple[str, ...]:
    """The names of the activations of a model that sites lie in, each once."""
    sites = (v.site_in(model) for v in spec.variables)
    return tuple(dict.fromkeys(site_units(s).activation for s in sites if s is not None))


def _site_numbers(site: Site, activations: Mapping[str, FloatArray]) -> Value:
    units = site_units(site)
    indices = tuple(slice(*i) if isinstance(i, tuple) else i for i in units.indices)
    value = _exact(np.asarray(activations[units.activation][indices]))
    if isinstance(site, SiteUnits):
        return value
    numbers = tuple(flatten(value))
    if None in numbers:
        return None if isinstance(site, SiteDirection) else (None,) * len(site.rows)
    read = tuple(sum((d * Fraction(x) for d, x in zip(row, numbers, strict=True)), Fraction(0)) for row in site.rows)
    return read[0] if isinstance(site, SiteDirection) else read


def _exact(array: FloatArray) -> Value:
    if array.ndim:
        return tuple(_exact(np.asarray(row)) for row in array)
    number = array.item()
    if isinstance(number, float) and not np.isfinite(number):
        return None
    return Fraction(number)


def _filled(value: Nodes, exact: Mapping[int, Any]) -> Value:
    return tuple(_filled(v, exact) for v in value) if isinstance(value, tuple) else exact[value]
