"""The search for a condition under which a claim is proved, and then for the weakest such: by counterexamples.

A condition that excludes all that is known to break the claim is proposed; the claim under it is proved, or broken by
an input that the next one excludes. What is proved is weakened until each weaker neighbour is broken by a replayed
input. Everything is counted in attempts, each with so much work, so that the same search says the same.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from fractions import Fraction

from mechverify.engines.work.meter import WITHOUT_END, work_done
from mechverify.scope.suggesting.predicates import (
    Bound,
    Conjunction,
    expression_of,
    text_of,
    weaker_neighbours,
)
from mechverify.scope.suggesting.proposing import Proposer, loosest, shape_of
from mechverify.scope.suggesting.samples import Samples
from mechverify.scope.variants import Tried, Variant, Variants
from mechverify.spec.expression.syntax import Span
from mechverify.spec.spec import NamedCondition, SourceExpression
from mechverify.verdict import Verdict

_SLOW = 3
_CONFIRMED = 4
_LEAST_WORK = 0.1
_HERE = Span(1, 1)
SUGGESTED = "suggested"


@dataclass(frozen=True, slots=True)
class Limits:
    """How many claims are put to a search for a proof, for each kind of condition; the work of each in millions of
    steps, and of all together.
    """

    attempts: int = 60
    work: float = 30.0
    total: float = WITHOUT_END


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A weaker condition and what a search says of the claim under it; None where the attempts were used up."""

    condition: Conjunction
    tried: Tried | None


@dataclass(frozen=True, slots=True)
class Found:
    """A condition that suffices, by the proof ``tried``, and its weaker ``neighbours``."""

    condition: Conjunction
    tried: Tried
    neighbours: tuple[Neighbour, ...]

    @property
    def maximal(self) -> bool:
        """Whether every weaker neighbour is broken by an input."""
        return all(n.tried is not None and n.tried.verdict is Verdict.REFUTED for n in self.neighbours)


@dataclass(slots=True)
class Search:
    """The search over one claim, some of its preconditions ``dropped``, ``until`` the work of this process has come to
    so much; ``attempted``: what was tried, in order, with its verdict.
    """

    variants: Variants
    dropped: frozenset[str]
    samples: Samples
    limits: Limits
    without: Tried
    until: float
    attempted: list[tuple[str, Verdict]] = field(default_factory=list)
    _known: dict[str, Tried] = field(default_factory=dict)
    _left: int = 0

    def find(self, proposer: Proposer) -> Found | None:
        """A condition that suffices, as weak as was found; None where no attempt succeeded."""
        self._left = self.limits.attempts
        skip: set[str] = set()
        refuted: Counter[tuple[str, ...]] = Counter()
        doubts: Counter[str] = Counter()
        while self._left > 0:
            condition = proposer.best(self.samples, skip, doubts)
            if condition is None:
                return None
            shape = tuple(map(shape_of, condition))
            if refuted[shape] >= _SLOW:
                condition = self._halved(condition)
            tried = self._try(condition)
            if tried is None:
                return None
            if tried.established:
                return self._weakened(condition, tried)
            skip.add(text_of(condition))
            refuted[shape] += tried.verdict is Verdict.REFUTED
            doubts.update(() if tried.verdict is Verdict.REFUTED else shape)
        return None

    def _weakened(self, condition: Conjunction, tried: Tried) -> Found:
        """The condition made weaker as long as the claim can be proved under it."""
        while True:
            loosened = self._halfway if self.variants.usual else self._loosened
            condition, tried = loosened(condition, tried)
            neighbours: list[Neighbour] = []
            for other in weaker_neighbours(condition):
                verdict = self._decided(other)
                if verdict is not None and verdict.established:
                    condition, tried = other, verdict
                    break
                neighbours.append(Neighbour(other, verdict))
            else:
                return Found(condition, tried, tuple(neighbours))

    def _loosened(self, condition: Conjunction, tried: Tried) -> tuple[Conjunction, Tried]:
        """Each bound as far as it can be proved, between what is proved and what an input breaks."""
        for k, one in enumerate(condition):
            others = (*condition[:k], *condition[k + 1 :])
            if not isinstance(one, Bound) or one.op == "==":
                continue
            far: Fraction | None = None
            for attempt in range(self.limits.attempts):
                goal = self._next(one, others, far, halve=attempt % 2 == 1)
                if goal is None or self._left <= 0:
                    break
                wider = (*condition[:k], goal, *condition[k + 1 :])
                found = self._decided(wider)
                if found is None:
                    break
                if found.checked:
                    condition, tried, one = wider, found, goal  # noqa: PLW2901 - the bound as it is now
                elif found.verdict is not Verdict.REFUTED:
                    far = goal.value
        return condition, tried

    def _halfway(self, condition: Conjunction, tried: Tried) -> tuple[Conjunction, Tried]:
        """Each bound halfway to where it bounds no sample, or to what is known not to do, until the next number does
        not: of a claim that holds usually no input says how far a bound may go.
        """
        for k, one in enumerate(condition):
            if not isinstance(one, Bound) or one.op == "==":
                continue
            up = one.op.startswith("<")
            low, high = self.samples.ends(one.term)
            end = Fraction(float(high.max() if up else low.min()))
            steps = int(abs(end - one.value) / one.term.step) + 1
            while steps > 1 and self._left > 0:
                half = steps // 2
                goal = replace(one, value=one.value + (half if up else -half) * one.term.step)
                wider = (*condition[:k], goal, *condition[k + 1 :])
                found = self._decided(wider)
                if found is None:
                    break
                if found.established:
                    condition, tried, one = wider, found, goal  # noqa: PLW2901 - the bound as it is now
                    steps -= half
                else:
                    steps = half
        return condition, tried

    def _next(self, one: Bound, others: Conjunction, far: Fraction | None, *, halve: bool) -> Bound | None:
        """A looser bound to try: the loosest that no known input breaks, or half the way there."""
        up = one.op.startswith("<")
        samples = self.samples
        broken = samples.bad & samples.holds(others)
        values = samples.values(one.term)[broken]
        if not len(values):
            return None
        edge = Fraction(float(values.max(axis=1).min() if up else values.min(axis=1).max()))
        goal = loosest(one.term, edge, "<" if up else ">")
        if far is not None and (goal.value >= far if up else goal.value <= far):
            goal = loosest(one.term, far, "<" if up else ">")
        steps = (goal.value - one.value) / one.term.step * (1 if up else -1)
        if halve and steps > 1:
            steps = Fraction(steps // 2)
            goal = replace(one, value=one.value + (1 if up else -1) * steps * one.term.step)
        return goal if steps > 0 and _bounds_less(goal, one) else None

    def _halved(self, condition: Conjunction) -> Conjunction:
        """Bounds half the way to the values that the claim's good inputs begin at: where one counterexample after
        the other moves a bound by little.
        """
        found = list(condition)
        good = ~self.samples.bad
        for k, one in enumerate(condition):
            if isinstance(one, Bound) and one.op != "==":
                values = self.samples.values(one.term)[good]
                end = Fraction(float(values.min() if one.op.startswith("<") else values.max()))
                steps = (one.value - end) / one.term.step // 2
                op = one.op if one.term.integer or steps == 0 else f"{one.op[0]}="
                found[k] = Bound(one.term, op, one.value - steps * one.term.step)
        return tuple(found)

    def _decided(self, condition: Conjunction) -> Tried | None:
        """The verdict under a condition: of none, of one that was tried, by a known input, or by an attempt."""
        if not condition:
            return self.without
        known = self._known.get(text_of(condition))
        if known is not None:
            return known
        for place in () if self.variants.usual else self._broken(condition):
            found = self.variants.broken_at(self.variant(condition), self.samples.witness(place))
            if found is not None:
                self._known[text_of(condition)] = found
                return found
        return self._try(condition)

    def _broken(self, condition: Conjunction) -> Iterator[int]:
        """Samples that meet a condition and break the claim."""
        places = (self.samples.bad & self.samples.holds(condition)).nonzero()[0]
        yield from (int(place) for place in places[:_CONFIRMED])

    def _try(self, condition: Conjunction) -> Tried | None:
        """A search for a proof and a counterexample; what it finds is remembered. None where no attempt is left."""
        work = min(self.limits.work, self.until - work_done())
        if self._left <= 0 or work < _LEAST_WORK:
            return None
        self._left -= 1
        tried = self.variants.tried(self.variant(condition), work)
        self._known[text_of(condition)] = tried
        self.attempted.append((text_of(condition), tried.verdict))
        if tried.verdict is Verdict.REFUTED and tried.decision.point is not None:
            self.samples.add(tried.decision.point)
        return tried

    def variant(self, condition: Conjunction, name: str = SUGGESTED) -> Variant:
        """The claim under a condition."""
        return Variant(name, dropped=self.dropped, added=() if not condition else (named(condition, name),))


def named(condition: Conjunction, name: str = SUGGESTED) -> NamedCondition:
    """A condition as a precondition of a claim."""
    return NamedCondition(name, SourceExpression(expression_of(condition), text_of(condition), _HERE), _HERE)


def _bounds_less(goal: Bound, one: Bound) -> bool:
    return (goal.op, goal.value) != (one.op, one.value)
