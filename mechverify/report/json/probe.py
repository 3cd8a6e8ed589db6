"""The answer of ``probe`` as JSON."""

import json

from mechverify.probe_results import Probed, ProbeReport
from mechverify.report.json.claims import Json, claim_data, sampled_data, values_data
from mechverify.report.text.probe import probe_exit_code

FORMAT = 1


def probe_json(report: ProbeReport) -> str:
    """The text of the JSON file."""
    return json.dumps(probe_data(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def probe_data(report: ProbeReport) -> Json:
    """The claim as in the report of ``verify``, every mutant and control, and their number by outcome."""
    return {
        "format": FORMAT,
        "tool": report.tool,
        "path": report.path.as_posix(),
        "claim": claim_data(report.claim),
        "seed": report.seed,
        "possible": report.possible,
        "mutants": [_probed(one) for one in report.mutants],
        "controls": [_probed(one) for one in report.controls],
        "edges": [{**_probed(one), "parent": one.change} for one in report.edges],
        "uncut": report.uncut,
        "summary": {
            "caught": len(report.of("caught")),
            "survives": len(report.of("survives")),
            "open": len(report.of("open")),
            "equivalent": len(report.of("equivalent")),
            "within": len(report.of("within")),
            "missed_by_sampling": len(report.missed_by_sampling()),
            "exit_code": probe_exit_code(report),
        },
        "seconds": round(report.seconds, 6),
    }


def _probed(one: Probed) -> Json:
    result = one.result
    return {
        "kind": one.kind,
        "variable": one.variable or None,
        "change": one.change,
        "outcome": one.outcome,
        "verdict": None if result is None else result.verdict.value,
        "assurance": None if result is None or result.assurance is None else result.assurance.value,
        "reason": None if result is None or result.reason is None else result.reason.value,
        "detail": one.problem if result is None else result.detail,
        "counterexample": None if result is None else claim_data(result)["counterexample"],
        "sampled": None if result is None else sampled_data(result.sampled),
        "equal": one.equal,
        "same_as": None if one.same_model is None else "causal model" if one.same_model else "reachable values",
        "apart": None
        if one.apart is None
        else {
            "differing": one.apart.differing,
            "samples": one.apart.samples,
            "largest": one.apart.largest,
            "inputs": values_data(one.apart.at) or None,
        },
        "seconds": None if result is None else round(result.seconds, 6),
    }
