"""The answer of ``scope`` as JSON: the frame of a report of ``verify``, with ``scope`` alone filled in."""

import json
from typing import Any

from mechverify.mapping.map import ScopeMap, ScopePart
from mechverify.report.json.claims import Json, value_data, values_data
from mechverify.report.json.scope_ends import ends_data
from mechverify.report.text.scope import scope_exit_code
from mechverify.report.words.scope import Bracket, counted, dimension_of, where_text
from mechverify.scope_results import ScopeReport

FORMAT = 1
_MOST_PARTS = 10_000
_NO_MAP = dict.fromkeys(("inputs", "exact", "finished", "parts", "leaves", "sha256"))


def scope_json(report: ScopeReport) -> str:
    """The text of the JSON file."""
    return json.dumps(scope_data(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def scope_data(report: ScopeReport) -> Json:
    """The claim with its map."""
    claim = {
        "name": report.claim,
        "sentence": report.sentence,
        "arithmetic": report.arithmetic,
        "slice": values_data(report.fixed),
        "scope": _found(report),
    }
    return {
        "format": FORMAT,
        "tool": report.tool,
        "specs": [{"path": report.path.as_posix(), "claims": [claim]}],
        "problem": report.problem,
        "exit_code": scope_exit_code(report),
        "seconds": round(report.seconds, 6),
    }


def _found(report: ScopeReport) -> Json | None:
    """``claims[].scope``; null where nothing was found."""
    ends = ends_data(report)
    if report.map is None and all(value is None for value in ends.values()):
        return None
    return {**(_NO_MAP if report.map is None else map_data(report.map)), **ends}


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
    return value_data(low) if low == high else {"at_least": value_data(low), "at_most": value_data(high)}
