"""What stands in the way of a claim that stayed undecided, where that can be said of its inputs, and what to do."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mechverify.deciding.decision import Decision, Point
from mechverify.deciding.reading.enclosure_check import sample_points
from mechverify.deciding.running.point_view import PointView, activations_of
from mechverify.deciding.running.transplanting import stacked
from mechverify.engines.points.extremes import bounded_nodes
from mechverify.errors import ModelError
from mechverify.explanation.compiled import CompiledClaim
from mechverify.graph.intervals import interval_values
from mechverify.models.model import FloatArray, Model
from mechverify.models.program.model import ProgramModel, RaisedError
from mechverify.spec.expression.syntax import Boolean, Call, Compare, Expression
from mechverify.spec.spec import ModelDeclaration
from mechverify.spec.text import number_text
from mechverify.verdict import Verdict

_MOST_POINTS = 256
_NO_PROOF = "It has no value there, so no claim about it can be proved of that input."
_LEAVE_OUT = "Add a precondition that leaves such inputs out, or give the inputs narrower bounds."
_UNDECIDED = (Verdict.OPEN, Verdict.PARTLY)


@dataclass(frozen=True, slots=True)
class Advice:
    """``because``: what was seen at an input, in place of an engine's words; ``todo``: what to change in the spec."""

    because: str | None
    todo: str


def advice(
    compiled: CompiledClaim,
    models: Mapping[str, Model],
    decision: Decision,
    ideal: Decision | None,
    others: Sequence[Point],
    seed: int,
) -> Advice | None:
    """For an undecided claim: an admissible input on which a model has no value, or, in float32, how much wider the
    claim's bound would have to be. ``others`` are points worth a look beside the decision's own suspects.
    """
    if decision.verdict not in _UNDECIDED:
        return None
    points = tuple(_candidates(compiled, (*decision.suspects, *others), seed))
    found = _without_value(compiled, models, points)
    if found is not None:
        return found
    return _wider(compiled, points, ideal) if compiled.arithmetic == "float32" else None


def _candidates(compiled: CompiledClaim, first: Sequence[Point], seed: int) -> Iterator[Point]:
    """Admissible points: the given ones, some at random, and those with one input set to 0."""
    inputs = compiled.graph.inputs
    sampled = sample_points(inputs, seed)
    zeros = [
        tuple(x * 0 if k == place else x for k, x in enumerate(point))
        for place, one in enumerate(inputs[:16])
        if one.low <= 0 <= one.high
        for point in sampled[:8]
    ]
    for point in list(dict.fromkeys((*first, *sampled, *zeros)))[:_MOST_POINTS]:
        if PointView(compiled, point).admissible() is True:
            yield point


# --- inputs on which a model has no value


def _without_value(compiled: CompiledClaim, models: Mapping[str, Model], points: Sequence[Point]) -> Advice | None:
    for declaration in compiled.spec.models:
        model = models[declaration.name]
        feeds = [PointView(compiled, point).feeds(declaration, model) for point in points]
        if isinstance(model, ProgramModel):
            found = _raised(declaration, model, feeds)
        else:
            found = _not_finite(model, feeds, activations_of(compiled.spec, declaration.name))
        if found is not None:
            place, because, todo = found
            return Advice(because.format(at=_at(compiled, points[place])), todo)
    return None


def _raised(
    declaration: ModelDeclaration, model: ProgramModel, feeds: Sequence[Mapping[str, FloatArray]]
) -> tuple[int, str, str] | None:
    for place, feed in enumerate(feeds if model.may_raise else ()):
        try:
            error = model.raised(feed)
        except ModelError:  # too large to run: nothing is known of this input
            error = None
        if error is None:
            continue
        file = declaration.location.rpartition(":")[0]
        where = f" in `{error.text}` ({file}:{error.line}:{error.column})" if error.line else ""
        because = f"The program raises an error at {{at}}: {_braced(error.words + where)}. {_NO_PROOF}"
        fed = {item.model_input for item in declaration.feed}
        return place, because, _way_round(error, {i.name for i in model.inputs if i.name not in fed and not i.shape})
    return None


def _not_finite(
    model: Model, feeds: Sequence[Mapping[str, FloatArray]], activations: tuple[str, ...]
) -> tuple[int, str, str] | None:
    if not feeds or not activations:
        return None
    for run in model.run(stacked(feeds), activations):
        for name, values in run.values.items():
            wrong = ~np.isfinite(np.asarray(values, dtype=np.float64)).reshape(len(feeds), -1).all(axis=1)
            if wrong.any():
                because = f"In {run.runtime}, {_braced(name)} is infinite or not a number at {{at}}. {_NO_PROOF}"
                return int(np.argmax(wrong)), because, _LEAVE_OUT
    return None


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _at(compiled: CompiledClaim, point: Point) -> str:
    return ", ".join(f"{i.name} = {number_text(x)}" for i, x in zip(compiled.graph.inputs, point, strict=True))


def _way_round(error: RaisedError, names: set[str]) -> str:
    """``names``: the parameters that are spec inputs of the same name."""
    if error.divisor is None:
        return _LEAVE_OUT
    if error.divisor in names:
        return f"Add the precondition `{error.divisor} != 0`, or give {error.divisor} bounds without 0."
    return f"Add a precondition under which `{error.divisor}` is never 0, or give the inputs bounds that see to it."


# --- bounds too close for rounding


def _wider(compiled: CompiledClaim, points: Sequence[Point], ideal: Decision | None) -> Advice | None:
    """By how much the claim's bound would have to be wider to hold at all these points, whatever the execution; None
    where it holds at them as it is, where no number is enough, or where the claim has no bound.
    """
    obligation = compiled.obligation
    comparisons = [(a, b) for _, a, b in bounded_nodes(obligation)] if _has_bound(compiled) else []
    if not comparisons or not points:
        return None
    low, high = interval_values(obligation.graph, np.array([[float(x) for x in p] for p in points]))
    excess = float(np.max([high[a] - low[b] for a, b in comparisons]))
    if not 0 < excess < math.inf:
        return None
    return Advice(
        None,
        f"A bound wider by {_above(excess)} would do at each of the {len(points)} inputs looked at: allow that "
        "much more in the claim"
        + (", or claim it in `arithmetic: real`." if ideal is not None and ideal.verdict is Verdict.PROVED else "."),
    )


def _has_bound(compiled: CompiledClaim) -> bool:
    """Whether the claim is written as an inequality, or says how far values may be apart."""
    condition = compiled.claim.condition
    if condition is None:
        return True
    stack: list[Expression] = [condition.expression]
    found = False
    while stack:
        one = stack.pop()
        if isinstance(one, Compare):
            found = found or bool({"<", "<=", ">", ">="} & set(one.ops))
        elif isinstance(one, Boolean):
            stack.extend(one.operands)
        elif isinstance(one, Call):
            stack.extend(one.arguments)
    return found


def _above(value: float) -> str:
    """A positive number in two digits, not below it."""
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return f"{math.ceil(value / step) * step:.2g}"
