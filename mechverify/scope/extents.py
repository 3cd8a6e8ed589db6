"""How far the ranges of a claim's inputs can be moved before it fails (SEMANTICS 30)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Literal

from mechverify.engines.engine import ProofFound
from mechverify.engines.work.meter import work_done
from mechverify.errors import SpecError
from mechverify.explanation.obligations import conditions
from mechverify.scope.attempts import reach_of, told, values_at
from mechverify.scope.bisection import Attempt, Bisection, Ends
from mechverify.scope.caps import cap_of
from mechverify.scope.far_ends import broken_at_an_end
from mechverify.scope.variants import Range, Tried, Variant, Variants
from mechverify.scope_results import RangeExtent, Reach
from mechverify.spec.spec import InputDeclaration
from mechverify.verdict import Verdict
from mechverify.verification.apart import compare_readings

LIMIT = Fraction(10**12)
_BEYOND = 1000
_MOST_ALONE = 8

Bound = Literal["high", "low", "both"]


@dataclass(frozen=True, slots=True)
class Group:
    """Inputs with one range, and the bound of it that is moved: a ``reach`` is larger the larger the range."""

    inputs: tuple[InputDeclaration, ...]
    bound: Bound

    @property
    def whole(self) -> bool:
        """Whether they are integers."""
        return self.inputs[0].kind == "integers"

    @property
    def declared(self) -> Range:
        """Their range in the spec."""
        low, high = self.inputs[0].low, self.inputs[0].high
        return Fraction(low or 0), Fraction(high or 0)

    @property
    def names(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(one.name for one in self.inputs)

    @property
    def start(self) -> Fraction:
        """The reach of the declared range."""
        low, high = self.declared
        return -low if self.bound == "low" else high

    @property
    def least(self) -> Fraction:
        """The reach of the smallest range."""
        low, high = self.declared
        return {"high": low, "low": -high, "both": Fraction(0)}[self.bound]

    @property
    def limit(self) -> Fraction:
        """The largest reach that is tried."""
        return max(LIMIT, _BEYOND * max(abs(x) for x in self.declared))

    def range(self, reach: Fraction) -> Range:
        """The range of that reach."""
        low, high = self.declared
        return {"high": (low, reach), "low": (-reach, high), "both": (-reach, reach)}[self.bound]

    def bounded(self, reach: Fraction) -> Fraction:
        """The bound itself of a range of that reach."""
        return -reach if self.bound == "low" else reach

    def reach(self, tried: Tried) -> Fraction:
        """The least reach of a range that has a witness in it."""
        found = [x for name in self.names for x in values_at(tried, name)]
        sign = {"high": 1, "low": -1}.get(self.bound)
        return max(self.least, *(abs(x) if sign is None else sign * x for x in found))

    def variant(self, reach: Fraction) -> Variant:
        """The claim on the range of that reach."""
        low, high = self.range(reach)
        name = f"{'+'.join(self.names)} {told(low)} to {told(high)}"
        return Variant(name, dict.fromkeys(self.names, (low, high)))


def groups_of(declared: tuple[InputDeclaration, ...], *, holds: bool) -> tuple[Group, ...]:
    """What is asked: of all inputs with one range together and of each alone, unless these are many; first of the
    highest values. A lowest value of zero is where counting begins: where the claim ``holds``, it stays.
    """
    ranged = [d for d in declared if d.kind != "one_of" and not d.entries and d.low is not None and d.high is not None]
    alike: dict[tuple[str, Fraction | None, Fraction | None], list[InputDeclaration]] = {}
    for one in ranged:
        alike.setdefault((one.kind, one.low, one.high), []).append(one)
    together = [tuple(ones) for ones in alike.values() if len(ones) > 1]
    alone = [(one,) for one in ranged] if len(ranged) <= _MOST_ALONE else []
    found = [Group(ones, bound) for ones in (*together, *alone) for bound in _bounds(ones[0], holds=holds)]
    return tuple(sorted(found, key=lambda group: group.bound == "low"))


def _bounds(one: InputDeclaration, *, holds: bool) -> Iterator[Bound]:
    """A range from -N to N has one number, and others a highest and a lowest."""
    if one.low is not None and one.low == -(one.high or 0) and one.low < 0:
        yield "both"
        return
    yield "high"
    if one.low != 0 or not holds:
        yield "low"


def extents(variants: Variants, written: Tried, work: float) -> tuple[RangeExtent, ...]:
    """How far each range goes, with so much work for all of them, given what was decided of the claim as written.

    Raises SpecError and EnclosureError where what was read of the models does not agree with the runtimes.
    """
    groups = groups_of(variants.spec.ranged, holds=written.checked)
    before = work_done()
    found: list[RangeExtent] = []
    for k, group in enumerate(groups):
        share = len(group.inputs) / sum(len(one.inputs) for one in groups[k:])
        left = work - (work_done() - before)
        found.append(_Extent(variants, group, written, share * left).found(found))
    return tuple(found)


def first_extent(variants: Variants, written: Tried, work: float) -> RangeExtent | None:
    """How far the highest value goes of all inputs with one range together, or else of the first input; None without
    one. Raises as ``extents`` does.
    """
    groups = groups_of(variants.spec.ranged, holds=True)
    return _Extent(variants, groups[0], written, work).found([]) if groups else None


class _Extent:
    """The search for one bound."""

    def __init__(self, variants: Variants, group: Group, written: Tried, work: float) -> None:
        self._variants, self._group, self._written, self._work = variants, group, written, work
        self._earlier: ProofFound | None = written.proof

    def found(self, before: list[RangeExtent]) -> RangeExtent:
        group = self._group
        known = self._attempt_of(group.start, self._written)
        implied = _implied(before, group)
        hint = implied if implied is not None and implied > group.start else None
        search = Bisection(self._attempt, self._work, group.least, whole=group.whole)
        ends = search.run((known,), group.limit, hint)
        return RangeExtent(group.names, group.whole, group.declared, group.bound, self._told(ends))

    def _attempt(self, reach: Fraction, work: float) -> Attempt:
        variant = self._group.variant(reach)
        try:
            end = broken_at_an_end(self._variants.compiled(variant))
            tried = None if end is None else self._variants.broken_at(variant, end)
            tried = tried or self._variants.tried(variant, work, self._earlier)
        except SpecError as problem:
            return Attempt("stops", reach, words="; ".join(d.message for d in problem.diagnostics))
        self._earlier = tried.proof or self._earlier
        return self._attempt_of(reach, tried)

    def _attempt_of(self, reach: Fraction, tried: Tried) -> Attempt:
        if tried.checked:
            return Attempt("holds", reach, tried)
        if tried.verdict is Verdict.VACUOUS:
            return Attempt("empty", reach, tried)
        if tried.verdict is Verdict.REFUTED and tried.counterexample is not None:
            return Attempt("fails", min(reach, self._group.reach(tried)), tried)
        return Attempt("open", reach)

    def _told(self, ends: Ends) -> Reach:
        """What came of it, both ends put on record."""
        group, variants = self._group, self._variants
        if ends.holds is not None and ends.holds.tried is not None and ends.holds.at > group.start:
            compare_readings(ends.holds.tried.compiled, variants.models, variants.options.seed)
        reach = reach_of(variants, ends, group.variant)
        if ends.limited and reach.witness is None:
            names = conditions(variants.spec, variants.claim)
            cap = cap_of(variants, group) if names else None
            if cap is not None:
                held = replace(reach, proved=cap.at, ended_by="precondition", names=cap.names, exact=cap.exact)
                return self._turned(replace(held, settled=cap.exact, attempts=reach.attempts + cap.attempts))
        return self._turned(reach)

    def _turned(self, reach: Reach) -> Reach:
        """The bound in place of the reach."""

        def bounded(value: Fraction | None) -> Fraction | None:
            return None if value is None else self._group.bounded(value)

        return replace(reach, proved=bounded(reach.proved), refuted=bounded(reach.refuted))


def _implied(before: list[RangeExtent], group: Group) -> Fraction | None:
    """The reach that is proved for inputs among which these are."""
    found = [
        one.reach.proved
        for one in before
        if one.bound == group.bound and set(one.inputs) > set(group.names) and one.reach.proved is not None
    ]
    sign = -1 if group.bound == "low" else 1
    return max((sign * x for x in found), default=None)
