"""Decodings with numbers left open, such as ``it * ?``: fitted to sampled runs, and printed to be pasted.

Only the text of the spec counts, so nothing is verified with a fitted number before it stands there.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mechverify.engines.work.meter import work_done
from mechverify.errors import Diagnostic, SpecError
from mechverify.explanation.formulas.symbolic import Value as Nodes
from mechverify.explanation.obligations import compile_claim, diagnostic
from mechverify.models.model import Model
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.evaluate import EvaluationError, evaluate
from mechverify.spec.holes import filled, holes_in
from mechverify.spec.spec import Claim, SourceExpression, Spec, Variable
from mechverify.spec.text import expression_text, number_text

Array = NDArray[np.float64]

_POINTS = 2000
_WORK = 3.0
_SHARE = 1.02  # how much worse than the best a number with fewer digits may be
_MOST_DIGITS = 15
_REWEIGHTINGS = 100
_NEARLY = 1e-6  # of the largest value: what float32 hardly tells apart


def refuse_unfitted(spec: Spec, models: Mapping[str, Model]) -> None:
    """Raise SpecError for every decoding with a number left open, with what fits as the hint."""
    found = [v for v in spec.variables if v.read_as is not None and holes_in(v.read_as.expression)]
    if found:
        raise SpecError(tuple(_fitted(spec, models, found)))


def _fitted(spec: Spec, models: Mapping[str, Model], variables: list[Variable]) -> Iterator[Diagnostic]:
    names = {v.name for v in variables}
    plain = replace(
        spec, variables=tuple(replace(v, read_as=None) if v.name in names else v for v in spec.variables), claims=()
    )
    sampled = None
    for variable in variables:
        source = variable.read_as
        if source is None:
            continue
        if variable.value is None:
            hint = f"there is nothing to fit it to: give {variable.name} a value"
        else:
            sampled = _Sampled(plain, models) if sampled is None else sampled
            hint = _hint(sampled, variable, source)
        words = f"read_as of '{variable.name}' has a number left open: {source.text}"
        yield diagnostic(spec, source.span, words, hint)


def _hint(sampled: "_Sampled", variable: Variable, source: SourceExpression) -> str:
    try:
        numbers, error, count = _fit(sampled, variable, source.expression)
    except _NoFitError as problem:
        return f"not fitted: {problem}"
    span = source.span
    parts = tuple(_literal(n, span) for n in numbers)
    text = expression_text(filled(source.expression, parts))
    far = number_text(Fraction(f"{error:.2e}"))
    return f"fitted: {text} (largest error found {far}, at {count:,} random admissible inputs); write that"


def _literal(value: Fraction, span: ex.Span) -> ex.Expression:
    plain = ex.Number(abs(value), span)
    return plain if value >= 0 else ex.Unary("-", plain, span)


class _NoFitError(Exception):
    """Why nothing was fitted."""


class _Sampled:
    """Site values and mechanisms at random admissible inputs, in float64."""

    def __init__(self, spec: Spec, models: Mapping[str, Model]) -> None:
        from mechverify.engines.affine.layout import make_plan  # noqa: PLC0415
        from mechverify.engines.points.admissible import AdmissiblePoints  # noqa: PLC0415 - loaded only where needed
        from mechverify.engines.points.nominal import Points  # noqa: PLC0415

        span = ex.Span(1, 1)
        holds = SourceExpression(ex.Truth(True, span), "true", span)
        claim = Claim("fitting", None, "always", holds, (), (), (), "open", (), span)
        self.spec = spec
        self.compiled = compile_claim(spec, models, claim, "fitting", {})
        graph = self.compiled.graph
        found = [_nodes(v) for v in (*self.compiled.network.values(), *self.compiled.explanation.values())]
        wanted = sorted({n for nodes in found for n in nodes})
        draws = AdmissiblePoints(self.compiled.obligation, 0, {}).batches(_POINTS, work_done() + _WORK)
        inputs = [d.inputs for d in draws]
        self.count = sum(len(i) for i in inputs)
        self._columns: dict[int, Array] = {}
        if self.count:
            plan = make_plan(graph, wanted)
            values = Points(plan, np.concatenate(inputs))
            self._columns = {n: values.numbers[plan.number_row[n]] for n in wanted if n in plan.number_row}

    def at(self, value: Nodes, row: int) -> Any:
        """A value at one point, nested as it is. Raises _NoFitError for what is no finite number."""
        if isinstance(value, tuple):
            return tuple(self.at(v, row) for v in value)
        if value not in self._columns:
            raise _NoFitError("truth values are not fitted")
        number = self._columns[value][row]
        if not np.isfinite(number):
            raise _NoFitError("a value is infinite or not a number at some input")
        return Fraction(float(number))


def _nodes(value: Nodes) -> list[int]:
    return [n for v in value for n in _nodes(v)] if isinstance(value, tuple) else [value]


def _numbers(value: Any) -> list[Fraction]:
    if isinstance(value, tuple):
        return [n for v in value for n in _numbers(v)]
    if isinstance(value, bool):
        raise _NoFitError("the decoding gives a truth value, and only numbers are fitted")
    return [Fraction(value)]


def _fit(sampled: _Sampled, variable: Variable, e: ex.Expression) -> tuple[list[Fraction], float, int]:
    """The numbers for the holes, and the largest error with them; short ones where they do about as well."""
    if not sampled.count:
        raise _NoFitError("no input that meets the preconditions was found")
    constants, columns, wanted = _system(sampled, variable, e)
    target = wanted - constants

    def worst(numbers: Array) -> float:
        return float(np.abs(columns @ numbers - target).max(initial=0.0))

    best = _minimax(columns, target, worst)
    limit = max(_SHARE * worst(best), _NEARLY * float(np.abs(wanted).max(initial=0.0)))
    for digits in range(1, _MOST_DIGITS):
        short = [Fraction(f"{n:.{digits - 1}e}") for n in best]
        if worst(np.array([float(n) for n in short])) <= limit:
            return short, worst(np.array([float(n) for n in short])), sampled.count
    return [Fraction(float(n)) for n in best], worst(best), sampled.count


def _system(sampled: _Sampled, variable: Variable, e: ex.Expression) -> tuple[Array, Array, Array]:
    """What the decoding is without its holes, how it depends on each, and what it should be, point by point.

    Raises _NoFitError where it is not linear in the holes.
    """
    count = len(holes_in(e))
    span = e.span
    units = [tuple(Fraction(int(i == k)) for i in range(count)) for k in range(-1, count)]
    probe = tuple(Fraction(k + 2) for k in range(count))
    bodies = [filled(e, tuple(_literal(n, span) for n in numbers)) for numbers in (*units, probe)]
    known: dict[str, Any] = dict(sampled.spec.parameters)
    sites = [v for (_, name), v in sampled.compiled.network.items() if name == variable.name]
    value = sampled.compiled.explanation[variable.name]
    rows: list[list[float]] = []
    wanted: list[float] = []
    for row in range(sampled.count):
        aim = _numbers(sampled.at(value, row))
        for site in sites:
            said = [_numbers(_value(b, {**known, "it": sampled.at(site, row)})) for b in bodies]
            if len(said[0]) != len(aim):
                raise _NoFitError("the decoding and the mechanism have different shapes")
            for k, goal in enumerate(aim):
                plain, *each = (s[k] for s in said)
                slopes = [one - plain for one in each[:-1]]
                if plain + sum((n * s for n, s in zip(probe, slopes, strict=True)), Fraction(0)) != each[-1]:
                    raise _NoFitError("a number is fitted where the decoding is linear in it")
                rows.append([float(plain), *(float(s) for s in slopes)])
                wanted.append(float(goal))
    table = np.array(rows)
    return table[:, 0], table[:, 1:], np.array(wanted)


def _value(body: ex.Expression, known: Mapping[str, Any]) -> Any:
    try:
        return evaluate(body, known)
    except EvaluationError as problem:
        raise _NoFitError(f"the decoding has no value at some input ({problem.message})") from None


def _minimax(columns: Array, target: Array, worst: Callable[[Array], float]) -> Array:
    """The numbers with the least largest error, nearly: least squares with weights that follow the errors (C. L.
    Lawson, Contributions to the Theory of Linear Least Maximum Approximation, thesis, UCLA 1961).
    """
    weights = np.full(len(target), 1.0 / len(target))
    best: Array = np.zeros(columns.shape[1])
    for _ in range(_REWEIGHTINGS):
        root = np.sqrt(weights)
        numbers = np.linalg.lstsq(columns * root[:, None], target * root, rcond=None)[0].astype(np.float64)
        if worst(numbers) < worst(best):
            best = numbers
        weights = weights * np.abs(columns @ numbers - target)
        if not weights.sum() > 0.0:
            break
        weights = weights / weights.sum()
    return best
