"""One run of the spec's models at one point, read by the second evaluator: the spec interpreted directly."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from mechverify.graph.float32 import round_to_float32
from mechverify.models.model import FloatArray, Model
from mechverify.results import Value
from mechverify.spec.expression.evaluate import EvaluationError, InexactError, LimitError, UndefinedError, evaluate
from mechverify.spec.expression.syntax import Expression
from mechverify.spec.spec import InputDeclaration, ModelDeclaration, NamedCondition, SourceExpression, Spec
from mechverify.spec.text import names_in
from mechverify.spec.vectors import with_vectors

# What a variable is set to: its value, or why it has none, or None where exact arithmetic cannot tell.
Setting = tuple[Value, str | None] | None


class RunView:
    """The values of inputs and mechanisms in one run.

    ``inputs`` are the run's own. ``given`` are inputs that mechanisms and feeds take from other runs instead,
    ``set_to`` what variables are set to.
    """

    def __init__(
        self,
        spec: Spec,
        family: Mapping[str, int],
        inputs: Mapping[str, Any],
        given: Mapping[str, Any] | None = None,
        set_to: Mapping[str, "Setting"] | None = None,
    ) -> None:
        self._spec = spec
        self.inputs = dict(inputs)
        constants = constants_of(spec) | {n: Fraction(v) for n, v in family.items()}
        self._environment: dict[str, Any] = with_vectors(spec.vectors, {**self.inputs, **constants})
        self._inside: dict[str, Any] = with_vectors(spec.vectors, {**self.inputs, **(given or {}), **constants})
        self.explanation: dict[str, Value] = {}
        self._untold = False
        self._undefined: dict[str, str] = {}
        self._set(set_to or {})
        self._add_variables(set(set_to or {}))

    def _set(self, set_to: Mapping[str, "Setting"]) -> None:
        for name, setting in set_to.items():
            if setting is None:
                self._untold = True
            elif setting[1] is not None:
                self._undefined[name] = setting[1]
            else:
                self._know(name, setting[0])

    def _know(self, name: str, value: Value) -> None:
        self._environment[name] = self._inside[name] = self.explanation[name] = value

    def setting(self, name: str) -> "Setting":
        """What a variable of another run is set to, if it takes its value from this one."""
        if name in self.explanation:
            return self.explanation[name], None
        return (None, self._undefined[name]) if name in self._undefined else None

    def _add_variables(self, settled: set[str]) -> None:
        """Evaluate each mechanism once its parents are known; one that is undefined here stays unknown."""
        waiting = {v.name: v.value.expression for v in self._spec.variables if v.value is not None}
        waiting = {name: e for name, e in waiting.items() if name not in settled}
        progress = True
        while waiting and progress:
            progress = False
            for name, expression in list(waiting.items()):
                try:
                    value = evaluate(expression, self._inside)
                except UndefinedError as problem:
                    self._undefined[name] = problem.message
                    progress = waiting.pop(name) is not None
                except (InexactError, LimitError):
                    self._untold = True
                    progress = waiting.pop(name) is not None
                except EvaluationError:
                    continue
                else:
                    self._know(name, value)
                    progress = waiting.pop(name) is not None

    def value(self, expression: Expression, attributes: Mapping[tuple[str, str], Value] | None = None) -> Value:
        """The value of an expression here. Raises EvaluationError."""
        return evaluate(expression, self._environment, dict(attributes or {}))  # type: ignore[arg-type]

    def holds(self, expression: Expression, attributes: Mapping[tuple[str, str], Value] | None = None) -> bool | None:
        """The truth of an expression here; False where it is undefined, None where exact arithmetic cannot tell."""
        try:
            return bool(self.value(expression, attributes))
        except (InexactError, LimitError):
            return None
        except EvaluationError:
            return None if self._untold else False

    def undefined(
        self, expression: Expression, attributes: Mapping[tuple[str, str], Value] | None = None
    ) -> str | None:
        """Why an expression has no value here, such as ``division by zero``; None where it has one, or an irrational
        one. ``attributes`` are what the models' variables say; None in them stands for a value that is not known.
        """
        known = {key: value for key, value in (attributes or {}).items() if None not in flatten(value)}
        try:
            self.value(expression, known)
        except UndefinedError as problem:
            return problem.message
        except (InexactError, LimitError):
            return None
        except EvaluationError:
            return self._missing_part(expression)
        return None

    def _missing_part(self, expression: Expression) -> str | None:
        """Which variable that an expression speaks of is undefined here, and why."""
        mechanisms = {v.name: v.value.expression for v in self._spec.variables if v.value is not None}
        for name in sorted(names_in(expression)):
            if name in self._undefined:
                return f"in {name}, {self._undefined[name]}"
        for name in sorted(names_in(expression) & (set(mechanisms) - set(self.explanation))):
            return self._missing_part(mechanisms[name])
        return None

    def admissible(self, conditions: tuple[NamedCondition, ...]) -> bool | None:
        """Whether the inputs are declared ones and the conditions hold here."""
        for declaration in self._spec.inputs:
            listed = declaration.kind == "one_of"
            if listed and not set(flatten(self.inputs[declaration.name])) <= set(declaration.values):
                return False
        tied = [one.condition for one in self._spec.vectors if one.condition is not None]
        if not all(self.holds(condition) for condition in tied):
            return False
        answers = [self.holds(c.condition.expression) for c in conditions]
        return None if None in answers else all(answers)

    def undefined_condition(self, conditions: tuple[NamedCondition, ...]) -> str | None:
        """The name of a condition that cannot be evaluated here."""
        for condition in conditions:
            try:
                self.value(condition.condition.expression)
            except UndefinedError:
                return condition.name
            except EvaluationError:
                continue
        return None

    def feeds(
        self, declaration: ModelDeclaration, model: Model, instead: Mapping[str, Any] | None = None
    ) -> dict[str, FloatArray]:
        """The arrays to run the model on, batch axis of 1 first; ``instead`` are inputs that it alone sees."""
        names = with_vectors(self._spec.vectors, {**self._inside, **(instead or {})})
        return fed_arrays(declaration, model, names)

    def decoded(self, read_as: SourceExpression | None, raw: Value) -> Value:
        """What a site says, given what it holds; None where that cannot be said."""
        if read_as is None or None in flatten(raw):
            return raw if read_as is None else None
        try:
            return evaluate(read_as.expression, {**self._environment, "it": raw})  # type: ignore[dict-item]
        except EvaluationError:
            return None


def constants_of(spec: Spec) -> dict[str, Fraction]:
    """The spec's parameters."""
    return {name: Fraction(v) for name, v in spec.parameters}


def fed_arrays(declaration: ModelDeclaration, model: Model, names: Mapping[str, Any]) -> dict[str, FloatArray]:
    """The arrays to run a model on, batch axis of 1 first, given what the names of its feed stand for."""
    given = {item.model_input: item.value for item in declaration.feed}
    arrays: dict[str, FloatArray] = {}
    for model_input in model.inputs:
        source = given.get(model_input.name)
        value = names[model_input.name] if source is None else evaluate(source.expression, names)
        numbers = [Fraction(n) for n in flatten(value)]
        if model_input.dtype == "float32":
            rounded = [round_to_float32(n) for n in numbers]
            flat = np.array([np.inf if r is None else float(r) for r in rounded], dtype=np.float32)
        else:
            flat = _integers(numbers)
        arrays[model_input.name] = flat.reshape((1, *model_input.shape))
    return arrays


def _integers(numbers: Sequence[Fraction]) -> FloatArray:
    """As int64, or as Python integers where one is larger: a program takes integers of any size."""
    values = [int(n) for n in numbers]
    if all(-(2**63) <= v < 2**63 for v in values):
        return np.array(values, dtype=np.int64)
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


def shaped_inputs(
    declarations: tuple[InputDeclaration, ...], prefix: str, flat: Mapping[str, Fraction]
) -> dict[str, Any]:
    """The inputs of one run, nested as declared, from the values of the graph's inputs by name."""

    def shaped(name: str, shape: tuple[int, ...]) -> Any:
        return tuple(shaped(f"{name}[{k}]", shape[1:]) for k in range(shape[0])) if shape else flat[name]

    return {d.name: shaped(prefix + d.name, d.shape) for d in declarations}


def flatten(value: Any) -> Iterator[Any]:
    """The numbers of a nested tuple in order."""
    if isinstance(value, tuple):
        for item in value:
            yield from flatten(item)
    else:
        yield value
