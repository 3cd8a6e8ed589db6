"""Which preconditions a claim needs, and how far their numbers can be loosened (SEMANTICS 31)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from mechverify.deciding.running.run_view import flatten
from mechverify.engines.engine import ProofFound
from mechverify.engines.work.meter import work_done
from mechverify.errors import SpecError
from mechverify.explanation.obligations import conditions
from mechverify.findings.uses import needed_preconditions
from mechverify.scope.attempts import broken_of, reach_of, runs_at, told
from mechverify.scope.bisection import Attempt, Bisection
from mechverify.scope.loosening import Slack, loosened, slacks_of, written_with
from mechverify.scope.variants import Tried, Variant, Variants
from mechverify.scope_results import Loosened, Needed, NeededReport
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.evaluate import EvaluationError
from mechverify.spec.expression.rewrite import source_of
from mechverify.spec.spec import NamedCondition
from mechverify.spec.text import expression_text
from mechverify.verdict import Verdict

LIMIT = Fraction(10**12)
_DROPPING = 1 / 3
_TOGETHER = 1 / 6


@dataclass(frozen=True, slots=True)
class _Dropped:
    """A claim without one precondition."""

    condition: NamedCondition
    tried: Tried

    @property
    def needed(self) -> bool | None:
        refuted = self.tried.verdict is Verdict.REFUTED and self.tried.counterexample is not None
        return True if refuted else False if self.tried.checked else None


def needed(variants: Variants, written: Tried, work: float) -> NeededReport:
    """Each precondition of a claim that is proved with all of them, with so much work; nothing of another claim.

    Raises SpecError and EnclosureError as ``Variants.tried`` does.
    """
    asked = conditions(variants.spec, variants.claim)
    if not written.checked or not asked:
        return NeededReport(written.verdict)
    before = work_done()
    used = set(needed_preconditions(written.compiled.obligation, written.decision))
    order = sorted(asked, key=lambda one: one.name in used)
    dropped: list[_Dropped] = []
    for k, condition in enumerate(order):
        left = _DROPPING * work - (work_done() - before)
        dropped.append(_without(variants, condition, left / (len(order) - k)))
    spare = [one.condition.name for one in dropped if one.needed is False]
    together, exclusive = _together(variants, spare, _TOGETHER * work)
    found: list[Needed] = []
    waiting = [(one, slacks_of(one.condition.condition.expression, variants.spec, variants.family)) for one in dropped]
    for k, (one, slacks) in enumerate(waiting):
        rest = sum(len(s) for o, s in waiting[k:] if o.needed is not False)
        left = work - (work_done() - before)
        found.append(_told(variants, written, one, slacks, left / max(1, rest)))
    places = {one.name: k for k, one in enumerate(asked)}
    each = tuple(sorted(found, key=lambda one: places[one.name]))
    return NeededReport(written.verdict, each, tuple(n for n in places if n in together), exclusive)


def _without(variants: Variants, condition: NamedCondition, work: float) -> _Dropped:
    variant = Variant(f"without {condition.name}", dropped=frozenset({condition.name}))
    return _Dropped(condition, variants.tried(variant, max(work, 1.0)))


def _together(variants: Variants, spare: Sequence[str], work: float) -> tuple[Sequence[str], bool]:
    """Which of those that are not needed can go together, and whether it was shown that not all can: all of them, or as
    many as can be dropped one after the other.
    """
    if len(spare) < 2:
        return spare, False
    before = work_done()

    def tried(names: Sequence[str]) -> Tried:
        left = max(1.0, (work - (work_done() - before)) / 2)
        return variants.tried(Variant(f"without {'+'.join(names)}", dropped=frozenset(names)), left)

    whole = tried(spare)
    if whole.checked:
        return spare, False
    gone = [spare[0]]
    for name in spare[1:] if len(spare) > 2 else ():
        if tried([*gone, name]).checked:
            gone.append(name)
    return gone, whole.verdict is Verdict.REFUTED and whole.counterexample is not None


def _told(
    variants: Variants, written: Tried, one: _Dropped, slacks: Sequence[Slack], work: float
) -> Needed:
    condition, tried = one.condition, one.tried
    certificate = variants.stored(tried) if tried.checked else None
    answer = Needed(
        condition.name,
        expression_text(condition.condition.expression),
        one.needed,
        broken_of(variants, tried) if one.needed else None,
        certificate,
    )
    if one.needed is False:
        return answer
    searches = (_Loosening(variants, written, one, slack, work) for slack in slacks)
    return replace(answer, loosened=tuple(found for s in searches for found in s.found()))


class _Loosening:
    """How far one number of a precondition goes."""

    def __init__(self, variants: Variants, written: Tried, one: _Dropped, slack: Slack, work: float) -> None:
        self._variants, self._written, self._one, self._slack, self._work = variants, written, one, slack, work
        self._earlier: ProofFound | None = written.proof

    def found(self) -> Iterator[Loosened]:
        """What came of it; nothing where the number is none that can be moved, such as a truth value."""
        slack = self._slack
        try:
            self._variants.compiled(self._variant(slack.start + 1))
        except SpecError:
            return
        known = [Attempt("holds", slack.start, self._written)]
        if self._one.needed:
            known.extend(self._fails(self._one.tried))
        limit = max(LIMIT, 1000 * abs(slack.start))
        ends = Bisection(self._attempt, self._work, slack.start, whole=slack.whole).run(tuple(known), limit)
        reach = reach_of(self._variants, ends, self._variant)
        proved, refuted = (None if x is None else slack.number(x) for x in (reach.proved, reach.refuted))
        at = slack.start if reach.proved is None else reach.proved
        yield Loosened(
            self._text(ex.Name("k", ex.Span(1, 1))),
            slack.written,
            replace(reach, proved=proved, refuted=refuted),
            expression_text(self._at(at)),
        )

    def _attempt(self, reach: Fraction, work: float) -> Attempt:
        tried = self._variants.tried(self._variant(reach), work, self._earlier)
        if tried.checked:
            self._earlier = tried.proof
            return Attempt("holds", reach, tried)
        if tried.verdict is Verdict.REFUTED and tried.counterexample is not None:
            least = next(self._fails(tried), None)
            return Attempt("fails", reach, tried) if least is None or least.at > reach else least
        return Attempt("open", reach)

    def _fails(self, tried: Tried) -> Iterator[Attempt]:
        """The least reach at which a witness meets the precondition, if there is one."""
        found: list[Fraction] = []
        for run in runs_at(tried):
            for side in self._slack.sides:
                try:
                    values = list(flatten(run.value(side)))
                except EvaluationError:
                    return
                if any(isinstance(v, bool) or not isinstance(v, int | Fraction) for v in values):
                    return
                found.extend(Fraction(v) for v in values)
        least = max(found, default=None)
        if least is None or self._slack.strict or least <= self._slack.start:
            return
        condition = self._at(least)
        if all(run.holds(condition) is True for run in runs_at(tried)):
            yield Attempt("fails", least, tried)

    def _variant(self, reach: Fraction) -> Variant:
        name = self._one.condition.name
        condition = source_of(self._at(reach), self._one.condition.condition)
        added = NamedCondition(name, condition, self._one.condition.span)
        number = told(self._slack.number(reach))
        return Variant(f"{name} {self._slack.kind} {number}", dropped=frozenset({name}), added=(added,))

    def _at(self, reach: Fraction) -> ex.Expression:
        expression = self._one.condition.condition.expression
        return written_with(expression, self._slack, reach, self._variants.spec, self._variants.family)

    def _text(self, number: ex.Expression) -> str:
        expression = self._one.condition.condition.expression
        return expression_text(loosened(expression, self._slack, number, self._variants.spec, self._variants.family))
