"""What a claim asserts of its runs, as a truth node."""

from collections.abc import Iterator
from fractions import Fraction

from mechverify.explanation.formulas.expressions import ExpressionError
from mechverify.explanation.formulas.symbolic import Symbolic, Value, leaves, scalar, shape_of
from mechverify.explanation.interventions import read_by
from mechverify.explanation.runs import Runs
from mechverify.graph.builder import GraphBuilder
from mechverify.spec.spec import Claim


def asserted(runs: Runs, claim: Claim) -> Symbolic:
    """The condition of ``always``; for ``ignores`` that the network's values do not move, and for ``faithful`` alone
    that network and explanation agree on every located variable, both within the claim's tolerance.

    Raises ExpressionError for a condition that is no truth value, and where shapes do not fit.
    """
    b = runs.base.builder
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
