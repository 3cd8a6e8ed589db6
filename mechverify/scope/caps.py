"""Up to where the preconditions of a claim let inputs go, whatever range these are given."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Protocol

from mechverify.deciding.ceilings import seconds_for
from mechverify.deciding.portfolio import Search, decide
from mechverify.engines.processes.ceiling import Ceiling
from mechverify.engines.work.meter import work_done
from mechverify.explanation.obligations import conditions
from mechverify.scope.attempts import told
from mechverify.scope.bisection import Attempt, Bisection
from mechverify.scope.variants import Tried, Variant, Variants
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.rewrite import literal, source_of
from mechverify.spec.spec import InputDeclaration, NamedCondition, SourceExpression
from mechverify.verdict import Verdict

_EACH = 1 / 8
_LEAST_WORK = 1.0
_BEYOND = "beyond that"
_START = ex.Span(1, 1)
_FALSE = SourceExpression(ex.Truth(value=False, span=_START), "false", _START)


class Bounded(Protocol):
    """Inputs, and a bound of their range that is moved."""

    @property
    def inputs(self) -> tuple[InputDeclaration, ...]: ...
    @property
    def bound(self) -> str: ...
    @property
    def start(self) -> Fraction: ...
    @property
    def least(self) -> Fraction: ...
    @property
    def limit(self) -> Fraction: ...
    @property
    def whole(self) -> bool: ...
    def variant(self, reach: Fraction) -> Variant: ...
    def reach(self, tried: Tried) -> Fraction: ...


@dataclass(frozen=True, slots=True)
class Cap:
    """No input that meets the preconditions ``names`` reaches further than ``at``: that was proved, and some input does
    reach that far where the inputs are integers.
    """

    at: Fraction
    names: tuple[str, ...]
    attempts: int
    exact: bool


def cap_of(variants: Variants, group: Bounded, work: float) -> Cap | None:
    """The cap of the preconditions on some inputs, if there is one below the limit. The work goes to finding it.

    Raises SpecError for a precondition that does not fit inputs of the range up to the limit.
    """
    before = work_done()
    first = _beyond(variants, group, group.limit - 1, work * _EACH)
    if first.outcome != "holds":
        return None

    def attempt(below: Fraction, each: float) -> Attempt:
        return _beyond(variants, group, -below, each)

    search = Bisection(attempt, work / 2, -group.limit, whole=group.whole)
    ends = search.run((first,), -group.least)
    if ends.holds is None:
        return None
    at = -ends.holds.at
    names = [one.name for one in conditions(variants.spec, variants.claim)]
    left = (work - (work_done() - before)) / max(1, len(names))
    alone = [n for n in names if len(names) == 1 or _beyond(variants, group, at, left, {*names} - {n}).outcome == "holds"]
    return Cap(at, tuple(alone or names), ends.attempts + 1, exact=ends.exact or not group.whole)


def _beyond(
    variants: Variants, group: Bounded, reach: Fraction, work: float, dropped: Collection[str] = ()
) -> Attempt:
    """Whether no input beyond a reach meets the preconditions: ``holds`` at minus that reach, since the smaller the
    reach, the more is said.
    """
    asked = group.variant(group.limit)
    further = NamedCondition(_BEYOND, _further(group, reach), _START)
    nothing = replace(variants.claim, kind="always", condition=_FALSE, parts=(), tolerance=None)
    variant = Variant(f"{asked.name}, beyond {told(reach)}", asked.ranges, frozenset(dropped), (further,), nothing)
    compiled = variants.compiled(variant)
    search = Search(max(work, _LEAST_WORK), variants.options.seed, Ceiling(seconds_for(work)), parts=False)
    decision = decide(compiled.obligation, search)
    if decision.verdict is Verdict.VACUOUS:
        return Attempt("holds", -reach)
    if decision.verdict is not Verdict.REFUTED:
        return Attempt("open", -reach)
    least = group.reach(Tried(compiled, decision, None))
    return Attempt("fails", 1 - least if group.whole else -reach)


def _further(group: Bounded, reach: Fraction) -> SourceExpression:
    """That some of the inputs lies beyond a reach."""
    parts: list[ex.Expression] = []
    for one in group.inputs:
        for element in _elements(ex.Name(one.name, _START), one.shape):
            if group.bound in ("high", "both"):
                parts.append(ex.Compare((">",), (element, literal(reach, _START)), _START))
            if group.bound in ("low", "both"):
                parts.append(ex.Compare(("<",), (element, literal(-reach, _START)), _START))
    whole = parts[0] if len(parts) == 1 else ex.Boolean("or", tuple(parts), _START)
    return source_of(whole, _FALSE)


def _elements(value: ex.Expression, shape: tuple[int, ...]) -> Iterator[ex.Expression]:
    if not shape:
        yield value
    for k in range(shape[0] if shape else 0):
        yield from _elements(ex.Index(value, ex.Number(Fraction(k), _START), _START), shape[1:])
