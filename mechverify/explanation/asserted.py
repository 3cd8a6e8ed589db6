"""What a claim asserts of its runs, as a truth node."""

from collections.abc import Iterator
from fractions import Fraction

from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.formulas.symbolic import Symbolic, Value, leaves, scalar, shape_of
from mechverify.explanation.interventions import read_by
from mechverify.explanation.runs import Runs
from mechverify.graph.builder import GraphBuilder
from mechverify.spec.expression.syntax import Compare
from mechverify.spec.spec import Claim, SourceExpression


def asserted(runs: Runs, claim: Claim) -> Symbolic:
    """The condition of ``always`` and ``usually``, and at one input that of ``on_average``; for ``ignores`` that the
    network's values do not move, and for ``faithful`` alone that network and explanation agree on every located
    variable, both within the claim's tolerance.

    Raises ExpressionError for a condition that is no truth value, and where shapes do not fit.
    """
    b = runs.base.builder
    if claim.kind == "on_average":
        spare = spare_of(runs, claim)
        return Symbolic(_spared(b, claim, scalar(spare.value)), spare.defined)
    if claim.condition is not None:
        wanted = [run.compile(claim.condition) for run in runs.seen()]
        truths = [scalar(each.value) for each in wanted]
        if not all(b.node(truth).is_boolean for truth in truths):
            raise ExpressionError(claim.condition.span, "`always` needs a truth value, such as a comparison")
        return Symbolic(b.all(truths), b.all([each.defined for each in wanted]))
    pairs = list(_compared(runs, claim))
    if not pairs:
        raise ExpressionError(claim.span, f"the claim {claim.name} asserts nothing")
    tolerance = claim.tolerance or Fraction(0)
    close = [_close(b, one.value, two.value, tolerance, claim, name) for name, one, two in pairs]
    return Symbolic(b.all(close), b.all([s.defined for _, one, two in pairs for s in (one, two)]))


def spare_of(runs: Runs, claim: Claim) -> Symbolic:
    """Of an ``on_average`` claim the larger side less the smaller one: a number whose average is to be at least 0.

    Raises ExpressionError for a claim that speaks of several runs at once, or of what is no number.
    """
    b = runs.base.builder
    condition = claim.condition
    if condition is None or not isinstance(condition.expression, Compare):
        raise ExpressionError(claim.span, "`on_average` needs one comparison, as in a ** 2 <= 0.01")
    if len(runs.seen()) > 1:
        raise ExpressionError(condition.span, "`on_average` is about one run: leave `resample: [rest]` out")
    (run,) = runs.seen()
    sides = [run.compile(SourceExpression(e, condition.text, condition.span)) for e in condition.expression.operands]
    one, other = (scalar(side.value) for side in sides)
    if b.node(one).is_boolean or b.node(other).is_boolean:
        raise ExpressionError(condition.span, "`on_average` compares numbers")
    least, most = (one, other) if condition.expression.ops[0].startswith("<") else (other, one)
    return Symbolic(b.sub(most, least), b.all([side.defined for side in sides]))


def _spared(b: GraphBuilder, claim: Claim, spare: int) -> int:
    """Whether there is something to spare, or with ``<`` and ``>`` more than that, at one input."""
    expression = None if claim.condition is None else claim.condition.expression
    strict = isinstance(expression, Compare) and expression.ops[0] in ("<", ">")
    compare = b.lt if strict else b.le
    return compare(b.const(Fraction(0)), spare, whole=True)


def _compared(runs: Runs, claim: Claim) -> Iterator[tuple[str, Symbolic, Symbolic]]:
    spec = runs.base.spec
    read = read_by(spec, claim)
    for model in spec.models:
        for variable in spec.variables:
            if variable.name not in read or variable.site_in(model.name) is None:
                continue
            for run in runs.seen():
                seen = run.network(model.name, variable.name, claim.span)
                if claim.kind == "ignores":
                    yield variable.name, runs.base.network(model.name, variable.name, claim.span), seen
                else:
                    yield variable.name, run.value(variable.name, claim.span), seen


def _close(b: GraphBuilder, one: Value, two: Value, tolerance: Fraction, claim: Claim, name: str) -> int:
    if shape_of(one) != shape_of(two):
        words = f"{name} has shape {list(shape_of(one))} in the explanation and {list(shape_of(two))} at its site"
        hint = "add an `always` that says what is compared"
        if not shape_of(one) and not any(n > 1 for n in shape_of(two)):
            hint = f"locate {name} at the one unit that is meant, as in `located_at: output[0]`, or {hint}"
        raise ExpressionError(claim.span, words, hint)
    truths = []
    for mine, theirs in zip(leaves(one), leaves(two), strict=True):
        kinds = (b.node(mine).is_boolean, b.node(theirs).is_boolean)
        if kinds[0] is not kinds[1]:
            words = f"{name} is a truth value on one side and a number on the other"
            raise ExpressionError(claim.span, words, "add a read_as such as `it > 0.5`, or an `always`")
        if kinds[0]:
            truths.append(b.iff(mine, theirs))
        else:
            truths.append(b.le(b.abs(b.sub(theirs, mine)), b.const(tolerance)))
    return b.all(truths)
