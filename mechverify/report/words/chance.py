"""Probabilities, averages and exceptions in words. What was sampled is never worded as a proof."""

from collections.abc import Iterator
from fractions import Fraction

from mechverify.probability.bracket import Bracket
from mechverify.report.words.clean import one_line
from mechverify.report.words.numbers import count_text, named_values, plural, rough_size, short_number, value_text
from mechverify.results import Chance, ClaimResult, Exceptions, ExceptionShown, Sample
from mechverify.verdict import Verdict

Labelled = tuple[str, str]
_ANYTHING = Bracket(Fraction(0), Fraction(1))
_HUNDREDTH = Fraction(1, 1_000)
_TEN_BILLIONTH = Fraction(1, 10**10)


def percent(value: Fraction) -> str:
    """A probability as a percentage, as many digits as tell it from 0 and from 100."""
    if value in (0, 1):
        return f"{int(value) * 100}%"
    rest = min(value, 1 - value)
    if rest < _TEN_BILLIONTH:
        return f"{'100% less ' if value > rest else ''}{rough_size(rest * 100)}%"
    places = 3
    while rest * 10 ** (places + 2) < 100:
        places += 1
    digits = value * 10 ** (places + 2)
    text = f"{digits.__floor__():0{places + 1}d}"
    plain = f"{text[:-places]}.{text[-places:]}".rstrip("0").rstrip(".")
    return f"{'' if digits.denominator == 1 else '≈ '}{plain}%"


def probability(found: Bracket) -> str:
    """One probability, or what it lies between."""
    if not found.exact:
        if found == _ANYTHING:
            return "that a map does not tell"
        return f"between {percent(found.low)} and {percent(found.high)}: {_size(found.width)} is open"
    value = found.low
    exact = f" ({count_text(value.numerator)} of {count_text(value.denominator)})"
    return percent(value) + (exact if value not in (0, 1) and value.denominator < 10**16 else "")


def number(found: Bracket) -> str:
    """An average, or what it lies between."""
    low, high = value_text(found.low), value_text(found.high)
    return low if low == high else f"between {low} and {high}"


def chance_lines(claim: ClaimResult) -> Iterator[Labelled]:
    """What is known of a claim's probability or average, a line each with its label."""
    one = claim.chance
    if one is None:
        return
    if one.exact is not None and one.average:
        yield "average", f"to spare: {number(one.exact)}"
    elif one.exact is not None:
        yield "probability", f"it holds with probability {probability(one.exact)}"
        if one.exact != _ANYTHING:
            yield from _given(one)
    for words in one.distribution:
        yield "inputs", one_line(words)
    if one.sample is not None:
        yield "sampled", _sampled(one.sample, claim.verdict)


def _given(one: Chance) -> Iterator[Labelled]:
    """What preconditions and claim say of each other, where there are any."""
    if one.admitted is None or one.holds is None or one.admitted == Bracket.at(1):
        return
    yield "", f"the preconditions hold with probability {probability(one.admitted)}"
    yield "", f"without them it holds with probability {probability(one.holds)}"
    if one.admitted_if_holds is not None:
        yield "", f"where it holds, they hold with probability {probability(one.admitted_if_holds)}"
    if one.lift is not None:
        yield "", f"lift: both hold together {_times(one.lift)} as often as if they had nothing to do with each other"


def _times(lift: Bracket) -> str:
    if lift.exact:
        return f"{value_text(lift.low)} times"
    return f"between {value_text(lift.low)} and {value_text(lift.high)} times"


def _sampled(one: Sample, verdict: Verdict) -> str:
    where = f"in {' and '.join(map(one_line, one.runtimes))}" if one.runtimes else "evaluated exactly"
    drawn = plural(one.drawn, "random input")
    if one.drawn < one.asked:
        drawn += f", of {count_text(one.asked)} asked for"
    seed = f"seed {one.seed}{', seed and size fixed in the spec' if one.fixed else ''}"
    sure = f"{percent(one.confidence)} confidence"
    if one.shared > 1:
        sure += f" for all {one.shared} claims of the family together (Bonferroni)"
    each = f"{percent((1 - one.confidence) / 2 / one.shared)} for each end"
    if one.mean is None:
        text = f"it held at {count_text(one.hits)} of {drawn}, {where} ({seed}): the share is between "
        text += f"{percent(one.interval.low)} and {percent(one.interval.high)} at {sure}, {each} (Clopper and Pearson)"
    else:
        text = f"to spare, on average over {drawn}, {where} ({seed}): {short_number(one.mean)}; the average is between "
        text += f"{short_number(one.interval.low)} and {short_number(one.interval.high)} at {sure}, {each}"
        if one.values is not None:
            ends = f"{short_number(one.values.low)} and {short_number(one.values.high)}"
            text += f", by the proved range between {ends} (Hoeffding; Maurer and Pontil)"
    return text + ("" if verdict is Verdict.LIKELY else "; that settles nothing")


def same_work(claim: ClaimResult) -> str | None:
    """What a sample would tell for the work that the map took; None where there is no map."""
    one = claim.chance
    if one is None or one.exact is None or one.same_work is None:
        return None
    draws, width = one.same_work
    text = f"the map took about the work of {_rough(draws)} random inputs; these would tell the probability to within "
    text += f"{_size(Fraction(width))}, at 99% confidence"
    return text + ("" if one.exact.exact else f", and the map tells it to within {_size(one.exact.width)}")


def _size(share: Fraction) -> str:
    """About how wide an interval of probabilities is."""
    if share < _HUNDREDTH:
        return f"{rough_size(share * 100)}%"
    tenths = round(share * 1000)
    return f"{round(share * 100)}%" if tenths >= 100 else f"{tenths // 10}.{tenths % 10}%"


def _rough(count: int) -> str:
    """A count by its first digit."""
    ten = 10 ** (len(str(count)) - 1)
    return f"{(2 * count + ten) // (2 * ten) * ten:,}"


def exception_lines(
    found: Exceptions | None, *, average: bool = False, weighed: bool = False
) -> Iterator[Labelled]:
    """The inputs that break it: all of them, or how many and which are shown. ``weighed``: some inputs may have no
    probability.
    """
    if found is None:
        return
    if found.complete:
        label = "exceptions"
        if not found.listed:
            yield label, "none that has a probability" if weighed else "none"
        elif len(found.listed) > 1:
            yield label, f"all {len(found.listed)}{' that have a probability' if weighed else ''}:"
        else:
            yield label, f"one{' that has a probability' if weighed else ''}:"
    elif average:
        label = "" if not found.listed else "worst found"
    else:
        label = "exceptions"
        yield label, _how_many(found)
    for one in found.listed:
        yield label if average else "", _shown(one, share=not found.complete)


def _how_many(found: Exceptions) -> str:
    """How many inputs break it, where they are not all listed."""
    if found.total is None:
        return "such as" if found.listed else "not counted; none was found"
    low, high = (count_text(int(x)) for x in (found.total.low, found.total.high))
    text = f"{low} inputs" if low == high else f"between {low} and {high} inputs"
    return text if found.listed else f"{text}; none was found" if found.total.high else "none"


def _shown(one: ExceptionShown, *, share: bool) -> str:
    at = named_values(one.found.inputs)
    for source, inputs in one.found.sources.items():
        at += f", with {one_line(source)} from {named_values(inputs)}"
    facts = [one.why] if one.why else []
    if one.share is not None and share:
        facts.append(f"probability {percent(one.share)}")
    if one.beyond is not None:
        facts.append(f"fails by {value_text(one.beyond)}")
    return at + (f" ({'; '.join(facts)})" if facts else "")
