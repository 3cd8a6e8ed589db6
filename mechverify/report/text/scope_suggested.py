"""What ``scope`` prints of suggested preconditions: each with what it keeps, and the weaker ones that fail."""

from collections.abc import Iterator

from mechverify.probability.bracket import Bracket
from mechverify.report.view import Line
from mechverify.report.words.chance import probability
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import count_text, named_values, plural
from mechverify.report.words.scope import size_text
from mechverify.report.words.wording import share
from mechverify.results import Counterexample
from mechverify.suggested_results import Family, Kept, Suggested, Suggestion, Weaker
from mechverify.verdict import Verdict

_SHOWN, _PARTS = 12, 8
_ATTEMPTS = 8


def suggested_settled(found: Suggested) -> bool:
    """Whether there is nothing to suggest, or a suggestion none weaker than which would do."""
    return found.without is Verdict.PROVED or any(one.maximal for one in found.suggestions)


def suggested_lines(found: Suggested) -> Iterator[Line]:
    """The suggestions, best first; where there are none, what was tried."""
    if found.problem is not None:
        yield Line("suggests", found.problem, strong=not found.attempts)
    for one in found.suggestions:
        yield from _suggestion(one)
    if found.suggestions:
        also = "also" if not found.dropped else f"without: [{', '.join(found.dropped)}], and also"
        lines = [one_line(one.line) for one in found.suggestions]
        yield Line("to paste", f"one of these into the claim, as its `{also}`:")
        yield from (Line("", line) for line in lines)
    if found.attempts and not found.suggestions:
        yield from _attempts(found)


def _suggestion(one: Suggestion) -> Iterator[Line]:
    yield Line("suggests", one_line(one.condition), strong=True)
    steps = "" if one.steps is None else f" ({plural(one.steps, 'step')})"
    how = "by a map that the kernel checked, weighed outside of it" if one.weighed else "checked by the kernel"
    yield Line("", f"under it the claim is proved, {how}{steps}; {kept_text(one.kept)}")
    if one.probability is not None:
        yield Line("", f"it holds there with probability {probability(Bracket(*one.probability))}")
    yield Line("", _family(one.family))
    if one.maximal:
        count = len(one.weaker)
        each = "its weaker neighbour fails" if count == 1 else f"each of its {count} weaker neighbours fails"
        why = "by a replayed input" if one.probability is None else "too often, and for a replayed input"
        yield Line("", f"nothing weaker of its kind will do: {each}, {why} (another may keep more)")
    else:
        left = sum(w.verdict is not Verdict.REFUTED for w in one.weaker)
        yield Line("", f"perhaps a weaker one will do: {left} of {plural(len(one.weaker), 'neighbour')} not settled")
    for weaker in one.weaker[:_SHOWN]:
        yield Line("", _weaker(weaker))
    if len(one.weaker) > _SHOWN:
        yield Line("", f"and {len(one.weaker) - _SHOWN} more (all of them in the JSON)")
    if one.certificate is not None:
        yield Line("", f"certificate: {one_line(str(one.certificate))}")


def _family(family: Family) -> str:
    """``of its kind: bounds of x, y and 3 more; up to 3 together``."""
    shown = ", ".join(one_line(part) for part in family.parts[:_PARTS])
    more = len(family.parts) - _PARTS
    rest = f" and {more} more" if more > 0 else ""
    return f"its kind: {family.about} of {shown}{rest}; up to {family.most} together"


def _weaker(one: Weaker) -> str:
    text = one_line(one.condition) if one.condition != "true" else "no condition"
    if one.counterexample is not None and one.probability is not None:
        often = probability(Bracket(*one.probability))
        return f"{text}: holds with probability {often}, fails at {_where(one.counterexample)}"
    if one.counterexample is not None:
        return f"{text}: fails at {_where(one.counterexample)}"
    return f"{text}: {'not looked at' if one.verdict is None else one.verdict.value}"


def kept_text(kept: Kept) -> str:
    """``keeps 7 of 49 inputs (14%)``: counted or measured, and where it is neither, sampled."""
    words = []
    if kept.kept is not None and kept.total is not None:
        noun = " inputs" if not kept.dimension else ""
        text = f"{size_text(kept.kept, kept.dimension)} of {size_text(kept.total, 0)}{noun}"
        ends = kept.share
        if ends is not None and ends[0] == ends[1]:
            text += f" ({share(ends[0].numerator, ends[0].denominator)})"
        words.append(text)
    if kept.sampled is not None:
        words.append(f"{share(*kept.sampled)} of {count_text(kept.sampled[1])} random inputs (sampled)")
    if kept.probability is not None:
        words.append(f"inputs of probability {probability(Bracket(*kept.probability))}")
    return f"keeps {', '.join(words)}" if words else "what it keeps was not counted"


def _attempts(found: Suggested) -> Iterator[Line]:
    yield Line("tried", plural(len(found.attempts), "condition"))
    for text, verdict in found.attempts[:_ATTEMPTS]:
        yield Line("", f"{one_line(text)}: {verdict.value}")
    if len(found.attempts) > _ATTEMPTS:
        yield Line("", f"and {len(found.attempts) - _ATTEMPTS} more (all of them in the JSON)")


def _where(found: Counterexample) -> str:
    base = named_values(found.inputs) or "the only input"
    others = (f"{one_line(name)} from {named_values(inputs)}" for name, inputs in found.sources.items())
    return ", with ".join((base, *others))
