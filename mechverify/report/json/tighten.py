"""The answer of ``tighten`` as JSON."""

import json

from mechverify.report.json.claims import Json, counterexample_data, value_data
from mechverify.report.text.tighten import tighten_exit_code
from mechverify.tighten_results import BrokenEnd, ProvedEnd, Tightened, TightenReport

FORMAT = 1


def tighten_json(report: TightenReport) -> str:
    """The text of the JSON file."""
    return json.dumps(tighten_data(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def tighten_data(report: TightenReport) -> Json:
    """Every tolerance of the claim with both its ends."""
    return {
        "format": FORMAT,
        "tool": report.tool,
        "path": report.path.as_posix(),
        "claim": report.claim,
        "arithmetic": report.arithmetic,
        "within": value_data(report.within),
        "seed": report.seed,
        "bounds": [bound_data(one) for one in report.bounds],
        "problem": report.problem,
        "exit_code": tighten_exit_code(report),
        "seconds": round(report.seconds, 6),
    }


def bound_data(one: Tightened) -> Json:
    """One tolerance with both its ends."""
    return {
        "bound": one.bound,
        "allowed": value_data(one.allowed),
        "proved": _proved(one.proved),
        "broken": _broken(one.broken),
        "attempts": one.attempts,
        "enough": one.enough,
    }


def _proved(end: ProvedEnd | None) -> Json | None:
    if end is None:
        return None
    return {
        "value": value_data(end.value),
        "engine": end.engine,
        "steps": end.steps,
        "sha256": end.sha256,
        "certificate": None if end.certificate is None else end.certificate.as_posix(),
        "seconds": round(end.seconds, 6),
    }


def _broken(end: BrokenEnd | None) -> Json | None:
    if end is None:
        return None
    return {
        "value": value_data(end.value),
        "difference": value_data(end.difference),
        "runtime": end.runtime,
        "counterexample": counterexample_data(end.counterexample),
        "sha256": end.sha256,
        "certificate": None if end.certificate is None else end.certificate.as_posix(),
    }
