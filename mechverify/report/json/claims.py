"""The report as JSON: exactly the keys of DESIGN section 9, in that order."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from fractions import Fraction
from math import isfinite
from pathlib import Path
from typing import Any

from mechverify.caution import Caution
from mechverify.report.exit_codes import ExitCode, exit_code
from mechverify.report.json.chance import chance_data, exceptions_data
from mechverify.report.json.maps import map_data
from mechverify.report.words.numbers import exact_text, integer_text
from mechverify.results import (
    Alignment,
    BruteForce,
    ClaimResult,
    Closeness,
    Counterexample,
    InputCounts,
    Lemma,
    Proof,
    Region,
    Regions,
    Replay,
    Report,
    Sampled,
    SpecResult,
    Value,
    VariableRow,
)
from mechverify.spec.expression.complexity import Size
from mechverify.verdict import Verdict

FORMAT = 1
Json = dict[str, Any]


def value_data(value: Value) -> Any:
    """A value: null, truth value, list, or a number as exact text (a float is the exact number that it is)."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, tuple):
        return [value_data(v) for v in value]
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    return exact_text(Fraction(value))


def values_data(values: Mapping[str, Value]) -> Json:
    """Named values."""
    return {name: value_data(value) for name, value in values.items()}


def _bracket(bracket: tuple[int, int] | None) -> str | Json | None:
    if bracket is None:
        return None
    low, high = bracket
    return integer_text(low) if low == high else {"at_least": integer_text(low), "at_most": integer_text(high)}


def _counts(counts: InputCounts) -> Json:
    return {
        "total": _bracket(counts.total),
        "proved": _bracket(counts.proved),
        "refuted": _bracket(counts.refuted),
        "open": _bracket(counts.open),
    }


def _replay(replay: Replay) -> Json:
    return {
        "runtime": replay.runtime,
        "version": replay.version,
        "batching": replay.batching,
        "shows": replay.shows,
        "values": values_data(replay.values),
    }


def _network(row: VariableRow) -> Iterator[tuple[str, Value]]:
    """What the network says of a variable; with several models, ``model.variable`` for each."""
    yield from [(f"{model}.{row.name}", value) for model, value in row.models.items()] or [(row.name, row.network)]


def counterexample_data(found: Counterexample | None) -> Json | None:
    """A witness, null where there is none."""
    if found is None:
        return None
    return {
        "inputs": values_data(found.inputs),
        "sources": {name: values_data(inputs) for name, inputs in found.sources.items()},
        "network": {name: value_data(value) for row in found.rows for name, value in _network(row)},
        "explanation": {row.name: value_data(row.explanation) for row in found.rows},
        "replayed": [_replay(replay) for replay in found.replays],
        "robust": found.robust,
    }


def _proof(proof: Proof | None) -> Json | None:
    if proof is None:
        return None
    return {
        "engine": proof.engine,
        "certificate": None if proof.certificate is None else proof.certificate.as_posix(),
        "sha256": proof.sha256,
        "steps": proof.steps,
        "operations": proof.operations,
        "bytes": proof.size_bytes,
        "seconds": round(proof.seconds, 6),
        "check_seconds": None if proof.check_seconds is None else round(proof.check_seconds, 6),
        "uses": list(proof.uses),
    }


def _brute_force(cost: BruteForce | None) -> Json | None:
    if cost is None:
        return None
    return {"inputs": integer_text(cost.inputs), "operations": integer_text(cost.operations)}


def sampled_data(sampled: Sampled | None) -> Json | None:
    """The sampled accuracy, null where there is none."""
    if sampled is None:
        return None
    return {
        "agreed": sampled.agreed,
        "samples": sampled.samples,
        "asked": sampled.asked,
        "seed": sampled.seed,
        "seconds": round(sampled.seconds, 6),
    }


def closeness_data(one: Closeness) -> Json:
    """The largest difference found of one tolerance, and where."""
    return {
        "bound": one.bound,
        "allowed": value_data(one.allowed),
        "found": value_data(one.found),
        "inputs": values_data(one.inputs),
        "sources": {name: values_data(inputs) for name, inputs in one.sources.items()},
        "runtime": one.runtime,
    }


def _lemma(lemma: Lemma) -> Json:
    return {
        "name": lemma.name,
        "verdict": lemma.verdict.value,
        "assurance": None if lemma.assurance is None else lemma.assurance.value,
        "reason": None if lemma.reason is None else lemma.reason.value,
        "breaks_at": values_data(lemma.breaks_at),
    }


def claim_data(claim: ClaimResult) -> Json:
    """One claim."""
    return {
        "name": claim.name,
        "line": claim.line,
        "notion": claim.notion,
        "verdict": claim.verdict.value,
        "assurance": None if claim.assurance is None else claim.assurance.value,
        "reason": None if claim.reason is None else claim.reason.value,
        "expect": claim.expect,
        "as_expected": claim.as_expected,
        "arithmetic": claim.arithmetic,
        "ideal_verdict": None if claim.ideal_verdict is None else claim.ideal_verdict.value,
        "inputs": _counts(claim.counts),
        "counterexample": counterexample_data(claim.counterexample),
        "probability": chance_data(claim.chance),
        "exceptions": exceptions_data(claim.exceptions, counterexample_data),
        "lemmas": [_lemma(one) for one in claim.lemmas],
        "proof": _proof(claim.proof),
        "brute_force": _brute_force(claim.brute_force),
        "explanation_size": claim.explanation_size,
        "assumptions": list(claim.assumptions),
        "notes": list(claim.notes),
        "scope": None if claim.scope is None else map_data(claim.scope),
        "sampled": sampled_data(claim.sampled),
        "closeness": [closeness_data(one) for one in claim.closeness],
        "warnings": [_caution(one) for one in claim.warnings],
        "regions": _regions(claim.regions),
        "work": claim.work,
        "cut_short": claim.cut_short,
        "suggested": list(claim.suggested),
    }


def _regions(regions: Regions | None) -> Json | None:
    if regions is None:
        return None
    return {"proved": [_region(one) for one in regions.proved], "open": [_region(one) for one in regions.open]}


def _region(region: Region) -> Json:
    return {
        "where": {name: [exact_text(low), exact_text(high)] for name, (low, high) in region.where.items()},
        "inputs": _bracket(region.inputs),
        "share": exact_text(region.share),
        "of": "box" if region.of_box else "inputs",
    }


def _caution(caution: Caution) -> Json:
    return {"kind": caution.kind, "line": caution.span.line, "text": caution.words, "todo": caution.todo}


def _alignment(alignment: Alignment | None) -> Json | None:
    if alignment is None:
        return None
    return {
        "variables": alignment.variables,
        **_size(alignment.size),
        "decodings": [
            {
                "variable": one.variable,
                **_size(one.size),
                "steps": one.steps,
                "mechanism": None if one.mechanism is None else _size(one.mechanism),
                "at_inputs": one.at_inputs,
                "doubtful": one.doubtful,
            }
            for one in alignment.decodings
        ],
        "models": [
            {"model": m.model, "weights": m.weights, "model_inputs": m.inputs, "units": m.units, "located": m.located}
            for m in alignment.models
        ],
    }


def _size(size: Size) -> Json:
    return {"operations": size.operations, "constants": size.constants}


def spec_data(spec: SpecResult) -> Json:
    """One spec with its claims."""
    return {
        "path": spec.path.as_posix(),
        "title": spec.title,
        "errors": [{"line": e.line, "column": e.column, "message": e.message, "hint": e.hint} for e in spec.errors],
        "claims": [claim_data(claim) for claim in spec.claims],
        "alignment": _alignment(spec.alignment),
        "warnings": [_caution(one) for one in spec.warnings],
        "parameters": values_data(spec.parameters),
        "set": list(spec.declared),
        "trusted": list(spec.trusted),
        "compared": None if spec.compared is None else asdict(spec.compared),
    }


def report_data(report: Report) -> Json:
    """The whole report. ``as_expected`` is true exactly when the exit code is 0."""
    verdicts = [claim.verdict for spec in report.specs for claim in spec.claims]
    summary: Json = {verdict.value.lower(): verdicts.count(verdict) for verdict in Verdict}
    summary["as_expected"] = exit_code(report) == ExitCode.AS_EXPECTED
    return {
        "format": FORMAT,
        "tool": report.tool,
        "specs": [spec_data(spec) for spec in report.specs],
        "summary": summary,
    }


def report_json(report: Report) -> str:
    """The text of the JSON file."""
    return json.dumps(report_data(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_atomically(path: Path, text: str) -> None:
    """Replace the file as a whole, so that a reader sees the old text or the new one. Raises OSError.

    A path that is no regular file (a pipe, ``/dev/null``) is written to as it is.
    """
    data = text.encode("utf-8", "backslashreplace")
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:
            stream.write(data)
        return
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    descriptor, temporary = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".tmp", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
