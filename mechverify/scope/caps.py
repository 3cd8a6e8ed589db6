"""Up to where the preconditions of a claim let inputs go, whatever range these are given."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import isqrt
from typing import Protocol

from mechverify.deciding.portfolio import Search, decide
from mechverify.explanation.obligations import conditions
from mechverify.scope.attempts import told
from mechverify.scope.variants import Tried, Variant, Variants
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.rewrite import literal, source_of
from mechverify.spec.spec import InputDeclaration, NamedCondition, SourceExpression
from mechverify.spec.text import walk
from mechverify.tighten.readable import between
from mechverify.verdict import Verdict

_EACH = 1.0
_MOST = 80
_FEW = 30
_CLOSE = Fraction(1, 1000)
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


def cap_of(variants: Variants, group: Bounded) -> Cap | None:
    """The cap of the preconditions on some inputs, if there is one well below the limit: the largest odd number there
    is none. The work that this takes does not depend on the models.

    Raises SpecError for a precondition that does not fit inputs of the range up to the limit.
    """
    search = _Search(variants, group)
    if search.empty_beyond(search.highest) is not True:
        return None
    at, exact = search.run()
    asked = conditions(variants.spec, variants.claim)
    others = {one.name: {other.name for other in asked} - {one.name} for one in asked}
    alone = [name for name, rest in others.items() if not rest or search.empty_beyond(at, rest)]
    return Cap(at, tuple(alone or others), search.attempts, exact=exact)


class _Search:
    """The search for the least reach beyond which no input meets the preconditions."""

    def __init__(self, variants: Variants, group: Bounded) -> None:
        self._variants, self._group = variants, group
        self.attempts = 0
        self.highest = Fraction(group.limit // 2)
        self._some: Fraction | None = None
        self._none = self.highest

    def run(self) -> tuple[Fraction, bool]:
        """That reach, and whether some input does go so far; numbers that the spec has, and their sums, come first."""
        bottom = self._group.least - 1
        waiting = sorted(self._numbers())
        while waiting:
            number = waiting[len(waiting) // 2]
            self._try(number)
            low = bottom if self._some is None else self._some
            waiting = [x for x in waiting if low < x < self._none and x != number]
        if self._group.whole:
            self._try(self._none - 1)
        while self.attempts < _MOST and not self._close(bottom if self._some is None else self._some):
            low = bottom if self._some is None else self._some
            before = (self._some, self._none)
            self._try(_middle(low, self._none, whole=self._group.whole))
            if before == (self._some, self._none):
                break
        return self._none, self._close(bottom if self._some is None else self._some)

    def _close(self, low: Fraction) -> bool:
        gap = self._none - low
        return gap <= 1 if self._group.whole else gap <= _CLOSE * max(abs(self._none), abs(low))

    def _try(self, reach: Fraction) -> None:
        if not (self._group.least - 1 if self._some is None else self._some) < reach < self._none:
            return
        empty = self.empty_beyond(reach)
        if empty:
            self._none = reach

    def _numbers(self) -> set[Fraction]:
        """The numbers in preconditions, parameters and ranges, of either sign, as reaches."""
        spec = self._variants.spec
        found = {value for _, value in spec.parameters}
        for one in conditions(spec, self._variants.claim):
            found |= {part.value for part in walk(one.condition.expression) if isinstance(part, ex.Number)}
        for declared in spec.inputs:
            found |= {x for x in (declared.low, declared.high) if x is not None}
        signed = {sign * x for x in found for sign in (1, -1)}
        return {x + y for x in signed for y in signed} | signed if len(found) <= _FEW else signed

    def empty_beyond(self, reach: Fraction, dropped: Collection[str] = ()) -> bool | None:
        """Whether no input beyond a reach meets the preconditions but those that are dropped; None: not known."""
        self.attempts += 1
        variants, group = self._variants, self._group
        asked = group.variant(group.limit)
        further = NamedCondition(_BEYOND, _further(group, reach), _START)
        nothing = replace(variants.claim, kind="always", condition=_FALSE, parts=(), tolerance=None)
        variant = Variant(f"{asked.name}, beyond {told(reach)}", asked.ranges, frozenset(dropped), (further,), nothing)
        compiled = variants.compiled(variant)
        decision = decide(compiled.obligation, Search(_EACH, variants.options.seed, parts=False))
        if decision.verdict is Verdict.REFUTED and not dropped:
            least = group.reach(Tried(compiled, decision, None))
            known = least - 1 if group.whole else reach
            self._some = known if self._some is None else max(self._some, known)
        return {Verdict.VACUOUS: True, Verdict.REFUTED: False}.get(decision.verdict)


def _middle(low: Fraction, high: Fraction, *, whole: bool) -> Fraction:
    """Half-way, or by size where the upper number is many times the lower one."""
    if not whole:
        return between(low, high)
    if 0 < 4 * (abs(low) + 1) < high:
        return Fraction(isqrt((abs(int(low)) + 1) * int(high)))
    return Fraction((int(low) + int(high)) // 2)


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
