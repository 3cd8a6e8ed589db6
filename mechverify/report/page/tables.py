"""The tables of a page: what is claimed, examples, how easily a claim is passed, and the wrong explanations."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from mechverify.dossier_results import ClaimDossier, Ease, Share
from mechverify.explanation.mutants.mutants import RE_ENCODED
from mechverify.probe_results import Probed, ProbeReport
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import count_text, named_values, plural, short_number, value_text
from mechverify.report.words.wording import share
from mechverify.results import Counterexample, Value, VariableRow
from mechverify.spec.spec import ONLY_MODEL

_MOST_LISTED = 24
_MUCH = Fraction(1, 2)
_LONG = re.compile(r"(?<![\w.])[0-9]{4,30}(?![\we])")
_SHUFFLED = "the same network with its numbers shuffled"


@dataclass(frozen=True, slots=True)
class Point:
    """An input that is shown: where it is, what network and explanation say there and whether they agree, the rows
    in which they part against the claim, and what follows."""

    title: str
    inputs: str
    sources: tuple[tuple[str, str], ...]
    header: tuple[str, ...]
    rows: tuple[tuple[tuple[str, ...], bool], ...]
    closing: str | None = None


def point(title: str, found: Counterexample, *, breaks: bool, spoken: frozenset[str] | None = None) -> Point:
    """A counterexample or an example, variable by variable. ``spoken``: the variables that the claim speaks of, where
    that is known."""
    owners = tuple(found.rows[0].models) if found.rows and found.rows[0].models else ("network",)
    rows = tuple(_row(row, breaks=breaks, told=spoken is None or row.name in spoken) for row in found.rows)
    closing = None
    if breaks and found.failing is not None:
        closing = f"False there: {one_line(found.failing)}"
        if found.undefined is not None:
            closing = f"No value there: {one_line(found.undefined)}"
    header = ("part of the explanation", *map(one_line, owners), "explanation", "agree?")
    sources = tuple((one_line(name), named_values(inputs)) for name, inputs in found.sources.items())
    return Point(title, named_values(found.inputs) or "the only input", sources, header, rows, closing)


def _row(row: VariableRow, *, breaks: bool, told: bool) -> tuple[tuple[str, ...], bool]:
    said = (*(row.models.values() or (row.network,)), row.explanation)
    spoken = [v for v in said if v is not None]
    words, allowed = _agreement(spoken, row.within)
    if words not in ("yes", "–"):
        words += ", as the claim allows" if allowed else "" if told else "; the claim does not speak of it"
    return (one_line(row.name), *map(grouped_text, said), words), breaks and told and not allowed


def grouped_text(value: Value) -> str:
    """A value with commas between the thousands, as the page's script writes it."""
    return _LONG.sub(lambda digits: f"{int(digits[0]):,}", value_text(value))


def _agreement(spoken: Sequence[Value], within: Fraction | None) -> tuple[str, bool]:
    """Whether what is said of a variable is the same, in words, and whether the claim allows what is not."""
    if len(spoken) < 2:
        return "–", True
    if all(v == spoken[0] for v in spoken):
        return "yes", True
    numbers = [Fraction(v) for v in spoken if isinstance(v, int | float | Fraction) and not isinstance(v, bool)]
    if len(numbers) < len(spoken):
        return "no", False
    distance = max(numbers) - min(numbers)
    return f"apart by {grouped_text(distance)}", within is not None and distance <= within


@dataclass(frozen=True, slots=True)
class EaseRow:
    """Something that was put to a claim, on how many inputs it passes, and what to think of that."""

    what: str
    passes: str
    remark: str


def ease_rows(ease: Ease) -> tuple[EaseRow, ...]:
    """What passes a claim how often."""
    return tuple(_ease(ease))


def _ease(ease: Ease) -> Iterator[EaseRow]:
    yield EaseRow("the explanation as it is", _passes(ease.original), "")
    for one in ease.constants:
        what = f"an explanation in which “{one_line(one.replaced)}” is always {one_line(one.value)}, the best constant"
        yield EaseRow(what, _passes(one.share), _remark(one.share, "a constant does as well"))
    if ease.constant_network is not None:
        fixed = ease.constant_network
        says = {name if owner == ONLY_MODEL else f"{owner}.{name}": v for (owner, name), v in fixed.says.items()}
        what = f"a network that says the same of every input: {named_values(says)}"
        much = "a network that looks at nothing does as well"
        yield EaseRow(what, _passes(fixed.share), _remark(fixed.share, much))
    if ease.shuffled is not None:
        much = "the claim is as true of a network that learned nothing"
        yield EaseRow(_SHUFFLED, _passes(ease.shuffled), _remark(ease.shuffled, much))
    elif ease.unshuffled is not None:
        yield EaseRow(_SHUFFLED, "–", f"{one_line(ease.unshuffled)}.")
    for tolerance in ease.tolerances:
        width = tolerance.high - tolerance.low
        part = tolerance.allowed / width
        text = share(part.numerator, part.denominator)
        low, high = (short_number(end) for end in (tolerance.low, tolerance.high))
        name = one_line(tolerance.variable)
        what = f"the tolerance, {short_number(tolerance.allowed)}, beside the range of “{name}” ({low} to {high})"
        yield EaseRow(what, f"{text} of it", "That is wide: much would pass." if part >= _MUCH / 5 else "")


def _passes(one: Share) -> str:
    return f"{share(one.held, one.tried)} of {plural(one.tried, 'random case')}"


def _remark(one: Share, words: str) -> str:
    """What it means that something passes on half of the cases, or on all."""
    if not one.tried or Fraction(one.held, one.tried) < _MUCH:
        return ""
    return f"On {'every case' if one.held == one.tried else 'half of the cases or more'} {words}."


@dataclass(frozen=True, slots=True)
class ProbeTable:
    """What became of wrong explanations: in a sentence, those that were not caught, and the controls. ``recoded``: one
    that was not caught is the right one with other numbers on its way."""

    sentence: str
    missed: tuple[tuple[str, str], ...]
    controls: tuple[tuple[str, str], ...]
    recoded: bool = False


_OUTCOMES = {
    "caught": "caught",
    "equivalent": "says the same as the original",
    "survives": "not caught: the claim is true of it as well",
    "open": "not decided",
    "within": "not caught: it differs by no more than the tolerance",
}
_MISSED = ("survives", "open", "within")


def probe_table(probe: ProbeReport) -> ProbeTable:
    """The wrong explanations of a claim."""
    caught, equivalent = len(probe.of("caught")), len(probe.of("equivalent"))
    tried = len(probe.mutants) - equivalent
    if not probe.mutants:
        sentence = "There was nothing in the explanation to change that the claim speaks of."
    elif not tried:
        sentence = "All changed explanations that were tried turned out to say the same as the original."
    else:
        sentence = f"{plural(tried, 'wrong explanation')} tried, of {probe.possible} possible changes: {caught} caught."
        if equivalent:
            sentence += f" {plural(equivalent, 'more change')} turned out to say the same as the original."
    if probe.left:
        sentence += f" {count_text(probe.left)} more left out: the work set aside for them was used up."
    missed = [(_change(m), _OUTCOMES[str(m.outcome)]) for m in probe.mutants if m.outcome in _MISSED]
    controls = [(_change(m), _control(m)) for m in probe.controls]
    recoded = any(m.outcome in _MISSED and m.kind == RE_ENCODED for m in probe.mutants)
    return ProbeTable(sentence, tuple(missed[:_MOST_LISTED]), tuple(controls), recoded)


def _change(one: Probed) -> str:
    where = f" of “{one_line(one.variable)}”" if one.variable else ""
    return f"{one_line(one.kind)}{where}: {one_line(one.change)}"


def _control(one: Probed) -> str:
    if one.problem is not None:
        return f"not tried: {one_line(one.problem)}"
    if one.result is None or one.outcome is None:
        return "the same claim"
    return _OUTCOMES[str(one.outcome)]


def missed(claims: Sequence[ClaimDossier]) -> int:
    """How many wrong explanations no claim caught."""
    return sum(len(one.probe.of("survives")) for one in claims if one.probe is not None)
