"""What happens at one point, by the second evaluator: the spec interpreted directly, the model really run.

Nothing here uses the compiled graph, except for the exact value of a network in real arithmetic, for which no runtime
exists.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.errors import InternalError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.obligations import conditions
from mechverify.explanation.symbolic import Value as Nodes
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.float32 import round_to_float32
from mechverify.models.model import FloatArray, Model, RuntimeRun
from mechverify.results import Value
from mechverify.spec.evaluate import EvaluationError, InexactError, LimitError, UndefinedError, evaluate
from mechverify.spec.expression import Compare, Expression
from mechverify.spec.spec import InputDeclaration, ModelDeclaration, Site, SiteUnits, SourceExpression, Spec
from mechverify.spec.text import names_in

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
    """A compiled claim at one point, read by the second evaluator."""

    def __init__(self, compiled: CompiledClaim, point: Point) -> None:
        self._compiled = compiled
        self._point = point
        names = [i.name for i in compiled.graph.inputs]
        self._flat = dict(zip(names, point, strict=True))
        spec = compiled.spec
        self.inputs: dict[str, Any] = {d.name: self._shaped(d, d.name, d.shape) for d in spec.inputs}
        self._environment: dict[str, Any] = {**self.inputs}
        self._environment |= {name: Fraction(v) for name, v in spec.parameters}
        self._environment |= {name: Fraction(v) for name, v in compiled.family.items()}
        self.explanation: dict[str, Value] = {}
        self._untold = False
        self._undefined: dict[str, str] = {}
        self._add_variables()

    def _shaped(self, declaration: InputDeclaration, name: str, shape: tuple[int, ...]) -> Any:
        if shape:
            return tuple(self._shaped(declaration, f"{name}[{k}]", shape[1:]) for k in range(shape[0]))
        return self._flat[name]

    def _add_variables(self) -> None:
        """Evaluate each mechanism once its parents are known; one that is undefined here stays unknown."""
        waiting = {v.name: v.value.expression for v in self._compiled.spec.variables if v.value is not None}
        progress = True
        while waiting and progress:
            progress = False
            for name, expression in list(waiting.items()):
                try:
                    value = evaluate(expression, self._environment)
                except UndefinedError as problem:
                    self._undefined[name] = problem.message
                    progress = waiting.pop(name) is not None
                except (InexactError, LimitError):
                    self._untold = True
                    progress = waiting.pop(name) is not None
                except EvaluationError:
                    continue
                else:
                    self._environment[name] = self.explanation[name] = value
                    progress = waiting.pop(name) is not None

    def holds(self, expression: Expression, attributes: Mapping[tuple[str, str], Value] | None = None) -> bool | None:
        """The truth of an expression here; False where it is undefined, None where exact arithmetic cannot tell."""
        try:
            value = evaluate(expression, self._environment, dict(attributes or {}))  # type: ignore[arg-type]
        except (InexactError, LimitError):
            return None
        except EvaluationError:
            return None if self._untold else False
        return bool(value)

    def undefined(
        self, expression: Expression, attributes: Mapping[tuple[str, str], Value] | None = None
    ) -> str | None:
        """Why an expression has no value here, such as ``division by zero``; None where it has one, or an irrational
        one. ``attributes`` are what the models' variables say; None among them stands for a value that is not known.
        """
        known = {key: value for key, value in (attributes or {}).items() if value is not None}
        try:
            evaluate(expression, self._environment, known)  # type: ignore[arg-type]
        except UndefinedError as problem:
            return problem.message
        except (InexactError, LimitError):
            return None
        except EvaluationError:
            return self._missing_part(expression)
        return None

    def _missing_part(self, expression: Expression) -> str | None:
        """Which variable that an expression speaks of is undefined here, and why."""
        mechanisms = {v.name: v.value.expression for v in self._compiled.spec.variables if v.value is not None}
        for name in sorted(names_in(expression)):
            if name in self._undefined:
                return f"in {name}, {self._undefined[name]}"
        for name in sorted(names_in(expression) & (set(mechanisms) - set(self.explanation))):
            return self._missing_part(mechanisms[name])
        return None

    def admissible(self) -> bool | None:
        """Whether the point is one of the declared inputs and the preconditions hold here."""
        for declaration in self._compiled.spec.inputs:
            listed = declaration.kind == "one_of"
            if listed and not set(flatten(self.inputs[declaration.name])) <= set(declaration.values):
                return False
        answers = [self.holds(c.condition.expression) for c in conditions(self._compiled.spec, self._compiled.claim)]
        return None if None in answers else all(answers)

    def undefined_precondition(self) -> str | None:
        """The name of a precondition that cannot be evaluated here."""
        for condition in conditions(self._compiled.spec, self._compiled.claim):
            try:
                evaluate(condition.condition.expression, self._environment)
            except UndefinedError:
                return condition.name
            except EvaluationError:
                continue
        return None

    def feeds(self, declaration: ModelDeclaration, model: Model) -> dict[str, FloatArray]:
        """The arrays to run the model on, batch axis of 1 first."""
        given = {item.model_input: item.value for item in declaration.feed}
        arrays: dict[str, FloatArray] = {}
        for model_input in model.inputs:
            expression = given.get(model_input.name)
            value = self.inputs[model_input.name] if expression is None else self._fed(expression)
            numbers = [Fraction(n) for n in flatten(value)]
            if model_input.dtype == "float32":
                rounded = [round_to_float32(n) for n in numbers]
                flat = np.array([np.inf if r is None else float(r) for r in rounded], dtype=np.float32)
            else:
                flat = np.array([int(n) for n in numbers], dtype=np.int64)
            arrays[model_input.name] = flat.reshape((1, *model_input.shape))
        return arrays

    def _fed(self, source: SourceExpression) -> Value:
        return evaluate(source.expression, self._environment)

    def seen_in(self, owner: str, run: RuntimeRun, row: int = 0) -> dict[tuple[str, str], Value]:
        """What the sites of ``owner`` say in one real execution, through each variable's ``read_as``."""
        seen: dict[tuple[str, str], Value] = {}
        for variable in self._compiled.spec.variables:
            site = variable.site_in(owner)
            if site is not None:
                raw = _site_numbers(site, {k: a[row] for k, a in run.values.items()})
                seen[owner, variable.name] = self._decoded(variable.read_as, raw)
        return seen

    def _decoded(self, read_as: SourceExpression | None, raw: Value) -> Value:
        if read_as is None:
            return raw
        try:
            return evaluate(read_as.expression, {**self._environment, "it": raw})  # type: ignore[dict-item]
        except EvaluationError:
            return None

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
        if any(v is None for v in network.values()):
            return Judgement(network, None)
        expression = condition.expression
        return Judgement(network, self.holds(expression, network), self._margin(expression, network))

    def _margin(self, e: Expression, network: Mapping[tuple[str, str], Value]) -> Fraction | None:
        if not isinstance(e, Compare) or len(e.ops) != 1 or e.ops[0] not in ("<", "<=", ">", ">="):
            return None
        try:
            left, right = (evaluate(o, self._environment, dict(network)) for o in e.operands)  # type: ignore[arg-type]
        except EvaluationError:
            return None
        if not isinstance(left, Fraction) or not isinstance(right, Fraction):
            return None
        return right - left if e.ops[0].startswith("<") else left - right


def flatten(value: Any) -> Iterator[Any]:
    """The numbers of a nested tuple in order."""
    if isinstance(value, tuple):
        for item in value:
            yield from flatten(item)
    else:
        yield value


def activations_of(spec: Spec, model: str) -> tuple[str, ...]:
    """The names of the activations of a model that sites lie in, each once."""
    sites = (v.site_in(model) for v in spec.variables)
    return tuple(dict.fromkeys(_units(s).activation for s in sites if s is not None))


def _units(site: Site) -> SiteUnits:
    return site if isinstance(site, SiteUnits) else site.of


def _site_numbers(site: Site, activations: Mapping[str, FloatArray]) -> Value:
    units = _units(site)
    indices = tuple(slice(*i) if isinstance(i, tuple) else i for i in units.indices)
    value = _exact(np.asarray(activations[units.activation][indices]))
    if isinstance(site, SiteUnits):
        return value
    products = [d * Fraction(x) for d, x in zip(site.direction, flatten(value), strict=True)]
    return sum(products, Fraction(0))


def _exact(array: FloatArray) -> Value:
    if array.ndim:
        return tuple(_exact(np.asarray(row)) for row in array)
    number = array.item()
    if isinstance(number, float) and not np.isfinite(number):
        return None
    return Fraction(number)


def _filled(value: Nodes, exact: Mapping[int, Any]) -> Value:
    return tuple(_filled(v, exact) for v in value) if isinstance(value, tuple) else exact[value]
