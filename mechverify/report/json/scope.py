"""The answer of ``scope`` as JSON: the frame of a report of ``verify``, with ``scope`` alone filled in."""

import json

from mechverify.report.json.claims import Json, values_data
from mechverify.report.json.maps import map_data
from mechverify.report.json.scope_ends import ends_data
from mechverify.report.text.scope import scope_exit_code
from mechverify.scope_results import ScopeReport

FORMAT = 1
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
        "interrupted": report.interrupted,
        "exit_code": scope_exit_code(report),
        "seconds": round(report.seconds, 6),
    }


def _found(report: ScopeReport) -> Json | None:
    """``claims[].scope``; null where nothing was found."""
    ends = ends_data(report)
    if report.map is None and all(value is None for value in ends.values()):
        return None
    return {**(_NO_MAP if report.map is None else map_data(report.map)), **ends}
