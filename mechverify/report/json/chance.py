"""A claim's probability, average and exceptions as JSON."""

from typing import Any

from mechverify.probability.bracket import Bracket
from mechverify.report.words.numbers import exact_text, integer_text
from mechverify.results import Chance, Exceptions, ExceptionShown, Sample

Json = dict[str, Any]


def bracket_data(found: Bracket | None) -> str | Json | None:
    """A number as exact text, or its two ends; null where it is not known."""
    if found is None:
        return None
    low, high = exact_text(found.low), exact_text(found.high)
    return low if found.exact else {"at_least": low, "at_most": high}


def chance_data(one: Chance | None) -> Json | None:
    """The probability or the average of a claim, null for other kinds."""
    if one is None:
        return None
    return {
        "of": "average" if one.average else "share",
        "wanted": exact_text(one.wanted),
        "exact": bracket_data(one.exact),
        "holds": bracket_data(one.holds),
        "preconditions": bracket_data(one.admitted),
        "preconditions_if_holds": bracket_data(one.admitted_if_holds),
        "lift": bracket_data(one.lift),
        "sampled": _sample(one.sample),
        "same_work": None if one.same_work is None else {"samples": one.same_work[0], "width": one.same_work[1]},
        "distribution": list(one.distribution),
    }


def _sample(one: Sample | None) -> Json | None:
    if one is None:
        return None
    return {
        "held": one.hits,
        "samples": one.drawn,
        "asked": one.asked,
        "seed": one.seed,
        "fixed_in_spec": one.fixed,
        "confidence": exact_text(one.confidence),
        "claims_together": one.shared,
        "interval": [exact_text(one.interval.low), exact_text(one.interval.high)],
        "runtimes": list(one.runtimes),
        "mean": None if one.mean is None else exact_text(one.mean),
        "range": bracket_data(one.values),
    }


def exceptions_data(found: Exceptions | None, shown: Any) -> Json | None:
    """The inputs that break it; ``shown`` makes the data of one. Null where they were not looked for."""
    if found is None:
        return None
    return {
        "total": None if found.total is None else _count(found.total),
        "complete": found.complete,
        "listed": [_exception(one, shown) for one in found.listed],
    }


def _count(total: Bracket) -> str | Json:
    low, high = integer_text(int(total.low)), integer_text(int(total.high))
    return low if low == high else {"at_least": low, "at_most": high}


def _exception(one: ExceptionShown, shown: Any) -> Json:
    return {
        "why": one.why or None,
        "probability": None if one.share is None else exact_text(one.share),
        "fails_by": None if one.beyond is None else exact_text(one.beyond),
        "counterexample": shown(one.found),
    }
