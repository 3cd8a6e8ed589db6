"""What ``scope`` says of suggested preconditions as JSON."""

from mechverify.report.json.claims import Json, counterexample_data, value_data
from mechverify.suggested_results import Bracket, Kept, Suggested, Suggestion


def suggested_data(found: Suggested | None) -> Json:
    """The keys of ``claims[].scope`` that these fill; null where they were not asked for."""
    if found is None:
        return {"suggested": None, "suggesting": None}
    return {
        "suggested": [_suggestion(one) for one in found.suggestions],
        "suggesting": {
            "dropped": list(found.dropped),
            "without": found.without.value,
            "attempts": [{"condition": text, "verdict": verdict.value} for text, verdict in found.attempts],
            "seed": found.seed,
            "problem": found.problem,
        },
    }


def _suggestion(one: Suggestion) -> Json:
    return {
        "condition": one.condition,
        "line": one.line,
        "family": {"about": one.family.about, "parts": list(one.family.parts), "most": one.family.most},
        "maximal": one.maximal,
        "keeps": _kept(one.kept),
        "weaker": [
            {
                "condition": weaker.condition,
                "verdict": None if weaker.verdict is None else weaker.verdict.value,
                "witness": counterexample_data(weaker.counterexample),
                "probability": _bracket(weaker.probability),
            }
            for weaker in one.weaker
        ],
        "probability": _bracket(one.probability),
        "engine": one.engine,
        "steps": one.steps,
        "sha256": one.sha256,
        "certificate": None if one.certificate is None else one.certificate.as_posix(),
    }


def _kept(kept: Kept) -> Json:
    sampled = kept.sampled
    return {
        "dimension": kept.dimension,
        "inputs": _bracket(kept.kept),
        "total": _bracket(kept.total),
        "share": _bracket(kept.share),
        "probability": _bracket(kept.probability),
        "sampled": None if sampled is None else {"met": sampled[0], "samples": sampled[1]},
    }


def _bracket(bracket: Bracket | None) -> object:
    if bracket is None:
        return None
    low, high = bracket
    return value_data(low) if low == high else {"at_least": value_data(low), "at_most": value_data(high)}
