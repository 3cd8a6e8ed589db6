"""A map as JSON: ``claims[].scope`` of ``scope`` and of ``verify``."""

from typing import Any

from mechverify.mapping.map import ScopeMap, ScopePart
from mechverify.report.words.numbers import exact_text
from mechverify.report.words.scope import Bracket, counted, dimension_of, where_text

Json = dict[str, Any]
_MOST_PARTS = 10_000


def map_data(found: ScopeMap) -> Json:
    """``claims[].scope``; what is not computed yet is null."""
    integers = {i.name for i in found.inputs if i.integer}
    return {
        "inputs": {"inside": _place(found, "inside"), "outside": _place(found, "outside")},
        "exact": found.exact,
        "finished": found.finished,
        "parts": [_part(part, found, integers) for part in found.parts[:_MOST_PARTS]],
        "leaves": found.leaves,
        "sha256": found.sha256,
        "extents": None,
        "preconditions": None,
        "spare": None,
        "suggested": None,
        "suggesting": None,
        "length": None,
        "tightest": None,
        "exceptions": None,
    }


def _place(found: ScopeMap, place: str) -> Json:
    one = counted(found, place, dimension_of(found, place))
    sizes = {name: _bracket(getattr(one, name)) for name in ("total", "proved", "refuted", "open")}
    return {"dimension": one.dimension, **sizes, "between": None}


def _part(part: ScopePart, found: ScopeMap, integers: set[str]) -> Json:
    return {
        "place": part.place,
        "verdict": part.verdict,
        "where": where_text(part.where, integers),
        "inputs": _bracket((part.amount.low, part.amount.high)),
        "dimension": part.amount.dimension,
        "certificate": None if found.certificate is None else found.certificate.as_posix(),
    }


def _bracket(bracket: Bracket) -> Any:
    """The exact number, or both ends."""
    low, high = bracket
    return exact_text(low) if low == high else {"at_least": exact_text(low), "at_most": exact_text(high)}
