"""The JSON report has exactly the keys of DESIGN section 9 and loses no number."""

import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from report_samples import (
    BROKEN,
    COUNTEREXAMPLE,
    EVERY_CLAIM,
    INTERCHANGE,
    OPEN,
    REALS,
    REFUTED,
    SPEC,
    claim,
    one,
    report,
)

from mechverify.report.exit_codes import exit_code
from mechverify.report.json.claims import claim_data, report_data, report_json, write_atomically
from mechverify.results import BruteForce, InputCounts
from mechverify.verdict import Verdict

CLAIM_KEYS = [
    "name",
    "line",
    "notion",
    "verdict",
    "assurance",
    "reason",
    "expect",
    "as_expected",
    "arithmetic",
    "ideal_verdict",
    "inputs",
    "counterexample",
    "probability",
    "exceptions",
    "lemmas",
    "proof",
    "brute_force",
    "explanation_size",
    "assumptions",
    "notes",
    "scope",
    "sampled",
    "closeness",
    "warnings",
    "regions",
    "work",
    "cut_short",
    "suggested",
]
PROOF_KEYS = ["engine", "certificate", "sha256", "steps", "operations", "bytes", "seconds", "check_seconds", "uses"]
COUNTEREXAMPLE_KEYS = ["inputs", "sources", "network", "explanation", "replayed", "robust"]
SUMMARY_KEYS = ["proved", "held", "refuted", "likely", "partly", "open", "vacuous", "error", "as_expected"]

REPORTS = {
    "everything": report(SPEC, BROKEN),
    "proved": one(claim()),
    "nothing": report(),
    "broken": report(BROKEN),
    "interrupted": report(SPEC, interrupted=True),
}


@pytest.mark.parametrize("name", REPORTS)
def test_exactly_these_keys_in_this_order(name: str) -> None:
    data = json.loads(report_json(REPORTS[name]))
    assert list(data) == ["format", "tool", "specs", "summary"]
    assert list(data["summary"]) == SUMMARY_KEYS
    for spec in data["specs"]:
        keys = ["path", "title", "errors", "claims", "alignment", "warnings", "parameters", "set", "trusted", "compared"]
        assert list(spec) == keys
        for error in spec["errors"]:
            assert list(error) == ["line", "column", "message", "hint"]
        for result in spec["claims"]:
            assert list(result) == CLAIM_KEYS
            assert list(result["inputs"]) == ["total", "proved", "refuted", "open"]
            if result["proof"] is not None:
                assert list(result["proof"]) == PROOF_KEYS
            if result["counterexample"] is not None:
                assert list(result["counterexample"]) == COUNTEREXAMPLE_KEYS
            if result["brute_force"] is not None:
                assert list(result["brute_force"]) == ["inputs", "operations"]


@pytest.mark.parametrize("name", REPORTS)
def test_the_summary_and_the_exit_code_agree(name: str) -> None:
    data = report_data(REPORTS[name])
    assert data["summary"]["as_expected"] is (exit_code(REPORTS[name]) == 0)
    claims = [c for s in data["specs"] for c in s["claims"]]
    assert sum(v for k, v in data["summary"].items() if k != "as_expected") == len(claims)
    for verdict in Verdict:
        assert data["summary"][verdict.lower()] == sum(c["verdict"] == verdict for c in claims)


def numbers_in(data: Any) -> list[int]:
    if isinstance(data, dict):
        return [n for value in data.values() for n in numbers_in(value)]
    if isinstance(data, list):
        return [n for value in data for n in numbers_in(value)]
    return [data] if isinstance(data, int) else []


def test_counts_are_text_and_brackets_are_marked() -> None:
    huge = claim(counts=InputCounts((64**5000,) * 2, (3, 2**60), None, (0, 0)), brute_force=BruteForce(64**5000, 2**70))
    data = json.loads(report_json(one(huge)))["specs"][0]["claims"][0]
    assert len(data["inputs"]["total"]) == 9031
    assert data["inputs"]["proved"] == {"at_least": "3", "at_most": str(2**60)}
    assert data["inputs"]["refuted"] is None
    assert data["inputs"]["open"] == "0"
    assert data["brute_force"] == {"inputs": data["inputs"]["total"], "operations": str(2**70)}
    assert all(n < 2**53 for n in numbers_in(data))


def test_a_counterexample_keeps_every_number_exact() -> None:
    values = {"a": Fraction(1, 3), "b": Fraction(-5, 2), "c": (Fraction(1), True, None), "d": float("nan"), "e": 0.1}
    found = replace(COUNTEREXAMPLE, inputs=values)
    data = json.loads(report_json(one(replace(INTERCHANGE, counterexample=found))))
    shown = data["specs"][0]["claims"][0]["counterexample"]
    exact = shown["inputs"]
    assert exact["a"] == "1/3"
    assert exact["b"] == "-2.5"
    assert exact["c"] == ["1", True, None]
    assert exact["d"] == "nan"
    assert Fraction(exact["e"]) == Fraction(0.1)
    assert shown["network"] == {"difference": "1", "answer": "2.5", "step": None}
    assert shown["explanation"] == {"difference": "1", "answer": "0", "step": "1/3"}
    assert [r["shows"] for r in shown["replayed"]] == [True, True, False]


def test_what_does_not_apply_is_null() -> None:
    data = claim_data(OPEN)
    assert [data[k] for k in ("assurance", "ideal_verdict", "counterexample", "probability", "proof", "scope")] == [
        None
    ] * 6
    assert data["reason"] == "time"
    assert claim_data(REALS)["inputs"] == {"total": None, "proved": None, "refuted": None, "open": None}
    assert claim_data(REFUTED)["proof"]["steps"] is None


def test_the_same_report_gives_the_same_bytes() -> None:
    assert report_json(one(*EVERY_CLAIM)) == report_json(one(*EVERY_CLAIM))


def test_foreign_text_survives() -> None:
    title = 'quotes " and \\ and \x1b[31m and 数 and \ud800'
    text = report_json(report(replace(SPEC, title=title, claims=())))
    assert json.loads(text)["specs"][0]["title"] == title


def test_writing_replaces_the_whole_file(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    target.write_text("old and much longer than the new text")
    target.chmod(0o640)
    write_atomically(target, "new \ud800")
    assert target.read_bytes() == b"new \\ud800"
    assert target.stat().st_mode & 0o777 == 0o640
    assert list(tmp_path.iterdir()) == [target]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out.json"
    target.write_text("old")

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space"):
        write_atomically(target, "new")
    assert target.read_text() == "old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_stays_a_link_and_a_device_a_device(tmp_path: Path) -> None:
    real, link = tmp_path / "real.json", tmp_path / "link.json"
    real.write_text("old")
    link.symlink_to(real)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert real.read_text() == "new"
    write_atomically(Path("/dev/null"), "text")
    assert not Path("/dev/null").is_file()
