"""Controls beside the mutants: the best constant explanation, and the network with its weights shuffled."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.running.sampled import listed_values
from mechverify.engines.affine.layout import Floats, make_plan
from mechverify.engines.points.admissible import AdmissiblePoints, Draws
from mechverify.engines.points.nominal import Points
from mechverify.engines.work.meter import work_done
from mechverify.errors import ModelError, SpecError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.explanation.formulas.references import Sort
from mechverify.explanation.mutants.mutants import Mutant, constant_of
from mechverify.models.model import Model
from mechverify.models.shuffle import shuffled
from mechverify.probing.mutant import the_job
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.rewrite import source_of
from mechverify.spec.spec import InputDeclaration, SourceExpression, Spec, Variable
from mechverify.spec.text import decimal_text, expression_text

_SAMPLES = 1000
_WORK = 2.0
_CANDIDATES = 24
_DENOMINATOR = 10**6
_HALF = Fraction(1, 2)
_FREE = "the constant"  # no name of a spec has a blank in it
BEST_CONSTANT = "best constant"
SHUFFLED = "shuffled weights"


def best_constant(
    original: CompiledClaim,
    name: str,
    sort: Sort,
    models: Mapping[str, Model],
    options: VerifyOptions,
    drawn: Sequence[Draws] | None = None,
) -> Mutant | None:
    """The explanation with a variable's mechanism replaced by the constant at which the claim holds on most of the
    random admissible inputs tried (``drawn``, where there are some already); None for vectors, and where no admissible
    input was found.
    """
    spec = original.spec
    variable = next(v for v in spec.variables if v.name == name)
    value = variable.value
    if value is None or sort.shape:
        return None
    if drawn is None:
        points = AdmissiblePoints(original.obligation, options.seed, listed_values(original))
        drawn = list(points.batches(_SAMPLES, work_done() + _WORK))
    if not drawn:
        return None
    inputs = np.concatenate([d.inputs for d in drawn])[:_SAMPLES]
    candidates = [Fraction(0), Fraction(1)] if sort.truth else _candidates(original, name, inputs)
    free = _with_free_constant(spec, variable, value, sort)
    try:
        shares = _shares(free, original, candidates, inputs, models, options)
    except SpecError:
        return None
    best = candidates[int(np.argmax(shares))]
    constant = constant_of(sort, best, value.expression.span)
    changed = replace(variable, value=source_of(constant, value))
    shown = expression_text(constant) if sort.truth else decimal_text(best)
    change = f"{value.text} -> {shown}"
    return Mutant(BEST_CONSTANT, name, change, _with_variable(spec, changed))


def _with_variable(spec: Spec, changed: Variable) -> Spec:
    return replace(spec, variables=tuple(changed if v.name == changed.name else v for v in spec.variables))


def _with_free_constant(spec: Spec, variable: Variable, value: SourceExpression, sort: Sort) -> Spec:
    """The spec with one more input, which is what the variable is."""
    span = value.expression.span
    free = ex.Name(_FREE, span)
    e: ex.Expression = ex.Compare((">",), (free, ex.Number(_HALF, span)), span) if sort.truth else free
    low, high = Fraction(-(2**64)), Fraction(2**64)
    declared = InputDeclaration(_FREE, "reals", low, high, (), (), variable.span)
    changed = _with_variable(spec, replace(variable, value=source_of(e, value)))
    return replace(changed, inputs=(*spec.inputs, declared))


def _candidates(original: CompiledClaim, name: str, inputs: Floats) -> list[Fraction]:
    """Values that the variable takes: the most frequent one, and others spread evenly."""
    node = original.explanation[name]
    if isinstance(node, tuple):
        return []
    plan = make_plan(original.graph, [node])
    values = Points(plan, inputs).numbers[plan.number_row[node]]
    distinct, counts = np.unique(values[np.isfinite(values)], return_counts=True)
    if not len(distinct):
        return [Fraction(0)]
    spread = distinct[np.linspace(0, len(distinct) - 1, min(_CANDIDATES, len(distinct))).astype(int)]
    chosen = [float(distinct[int(np.argmax(counts))]), *map(float, spread)]
    return list(dict.fromkeys(Fraction(v).limit_denominator(_DENOMINATOR) for v in chosen))


def _shares(
    spec: Spec,
    original: CompiledClaim,
    candidates: list[Fraction],
    inputs: Floats,
    models: Mapping[str, Model],
    options: VerifyOptions,
) -> list[float]:
    """At what share of the inputs the claim holds, for each candidate."""
    obligation = the_job(spec, models, options, original.name).compiled.obligation
    plan = make_plan(obligation.graph, (obligation.claim,))
    column = {one.name: k for k, one in enumerate(original.graph.inputs)}
    given = np.zeros((len(inputs), len(obligation.graph.inputs)))
    free = []
    for k, one in enumerate(obligation.graph.inputs):
        if one.name in column:
            given[:, k] = inputs[:, column[one.name]]
        elif one.name == _FREE or one.name.endswith(f": {_FREE}"):
            free.append(k)
    shares = []
    for candidate in candidates:
        given[:, free] = float(candidate)
        shares.append(float(Points(plan, given).holds(obligation.claim).mean()))
    return shares


def shuffled_models(models: Mapping[str, Model], seed: int) -> tuple[dict[str, Model], str | None]:
    """The models with shuffled weights, and why not where none has weights that can be."""
    found = dict(models)
    changed = False
    for name, model in models.items():
        try:
            other = shuffled(model, seed)
        except ModelError as problem:
            return found, f"the shuffled network cannot be read: {problem}"
        if other is not None:
            found[name], changed = other, True
    return found, None if changed else "no model has weights to shuffle"
