"""The numbers in a claim that say how far apart two values may be: the right sides of ``abs(a - b) <= t`` and the like.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.evaluate import EvaluationError, evaluate
from mechverify.spec.expression.rewrite import literal, source_of
from mechverify.spec.spec import Claim, Spec
from mechverify.spec.text import attributes_in, expression_text, names_in

_FLIPPED = {">=": "<=", ">": "<"}


@dataclass(frozen=True, slots=True)
class Tolerance:
    """``text`` as it stands in the spec, and its ``value``. ``sides`` are what must not be above it; none where the
    claim compares whole explanations (``faithful``, ``ignores``).
    """

    text: str
    value: Fraction
    sides: tuple[ex.Expression, ...]


def tolerances_of(spec: Spec, claim: Claim, family: Mapping[str, int]) -> tuple[Tolerance, ...]:
    """The tolerances of a claim, parts with the same one together. A part of a conjunction that is not of this form is
    left out.
    """
    if claim.condition is None:
        return () if claim.tolerance is None else (Tolerance("the tolerance", claim.tolerance, ()),)
    known = dict(spec.parameters) | {name: Fraction(v) for name, v in family.items()}
    found: dict[Fraction, Tolerance] = {}
    for side, _, bound in _bounded(claim.condition.expression, known):
        value = Fraction(known_number(bound, known) or 0)
        before = found.get(value, Tolerance(expression_text(bound), value, ()))
        found[value] = replace(before, sides=(*before.sides, side))
    return tuple(found.values())


def with_tolerance(claim: Claim, tolerance: Tolerance, value: Fraction) -> Claim:
    """The claim that what this tolerance bounds stays within another one, and nothing else."""
    if claim.condition is None or not tolerance.sides:
        return replace(claim, tolerance=value)
    span = claim.condition.span
    parts = tuple(ex.Compare(("<=",), (side, literal(value, span)), span) for side in tolerance.sides)
    whole = parts[0] if len(parts) == 1 else ex.Boolean("and", parts, span)
    return replace(claim, condition=source_of(whole, claim.condition))


def _bounded(
    e: ex.Expression, known: Mapping[str, Fraction]
) -> Iterator[tuple[ex.Expression, str, ex.Expression]]:
    """The parts ``side <= bound`` of a conjunction whose bound is a number and whose side is none."""
    if isinstance(e, ex.Boolean) and e.op == "and":
        for operand in e.operands:
            yield from _bounded(operand, known)
    elif isinstance(e, ex.Compare) and len(e.ops) == 1:
        left, right = e.operands
        op = e.ops[0]
        if op in _FLIPPED:
            left, right, op = right, left, _FLIPPED[op]
        if op in ("<=", "<") and known_number(right, known) is not None and known_number(left, known) is None:
            yield left, op, right


def known_number(e: ex.Expression, known: Mapping[str, Fraction]) -> Fraction | None:
    """The value of an expression that speaks of parameters and indices alone."""
    if attributes_in(e) or not names_in(e) <= set(known):
        return None
    try:
        value = evaluate(e, dict(known))
    except EvaluationError:
        return None
    return Fraction(value) if isinstance(value, Fraction | int) and not isinstance(value, bool) else None
