"""What ``scope`` says of ranges, preconditions and tolerances as JSON."""

from fractions import Fraction

from mechverify.report.json.claims import Json, counterexample_data, value_data
from mechverify.report.json.scope_lengths import lengths_data
from mechverify.report.json.scope_suggested import suggested_data
from mechverify.report.json.tighten import bound_data
from mechverify.scope_results import Broken, Loosened, Needed, RangeExtent, Reach, ScopeReport


def ends_data(report: ScopeReport) -> Json:
    """The keys of ``claims[].scope`` that these fill; null where they were not asked for."""
    found = report.needed
    return {
        "extents": None if report.extents is None else [extent_data(one) for one in report.extents],
        "preconditions": None if found is None else [_needed(one) for one in found.each],
        "spare": None if found is None else {"together": list(found.together), "exclusive": found.exclusive},
        **suggested_data(report.suggested),
        "length": lengths_data(report.lengths),
        "tightest": None if report.tightest is None else [bound_data(one) for one in report.tightest],
    }


def extent_data(one: RangeExtent) -> Json:
    """One bound of a range, and how it ends."""
    low, high = one.declared
    ends = None if one.reach.proved is None else one.ends(one.reach.proved)
    return {
        "inputs": list(one.inputs),
        "bound": one.bound,
        "declared": {"low": value_data(low), "high": value_data(high)},
        "low": None if ends is None else value_data(ends[0]),
        "high": None if ends is None else value_data(ends[1]),
        **_reach(one.reach),
    }


def _needed(one: Needed) -> Json:
    return {
        "name": one.name,
        "condition": one.text,
        "needed": one.needed,
        "witness": None if one.witness is None else counterexample_data(one.witness.counterexample),
        "witness_certificate": _certificate(one.witness),
        "certificate": None if one.certificate is None else one.certificate.as_posix(),
        "loosened": [_loosened(loose) for loose in one.loosened],
    }


def _loosened(one: Loosened) -> Json:
    return {
        "form": one.form,
        "written": value_data(one.written),
        "proved": _value(one.reach.proved),
        "condition": one.condition,
        **_reach(one.reach),
    }


def _reach(reach: Reach) -> Json:
    found = reach.witness
    return {
        "refuted": _value(reach.refuted),
        "first_failure": None if found is None else counterexample_data(found.counterexample),
        "exact": reach.exact,
        "ended_by": reach.ended_by,
        "names": list(reach.names),
        "detail": reach.detail,
        "sha256": reach.sha256,
        "certificate": None if reach.certificate is None else reach.certificate.as_posix(),
        "failure_certificate": _certificate(found),
        "attempts": reach.attempts,
    }


def _value(value: Fraction | None) -> object:
    return None if value is None else value_data(value)


def _certificate(found: Broken | None) -> str | None:
    return None if found is None or found.certificate is None else found.certificate.as_posix()
