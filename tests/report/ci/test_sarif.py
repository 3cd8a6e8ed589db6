"""SARIF: what its schema asks, what code scanning on GitHub reads, and nothing that a stranger put there."""

import json
import re
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hostile_results import hostile_report
from jsonschema import Draft4Validator
from report_samples import BROKEN, EVERY_CLAIM, INTERCHANGE, OPEN, SPEC, claim, one, report

from mechverify.report.ci.sarif import report_sarif, sarif_data
from mechverify.results import Report
from mechverify.verdict import Verdict

# As @microsoft/jest-sarif 1.0.0-beta.0 of npm brings it.
SCHEMA = Path(__file__).parents[2] / "support/report/sarif-2.1.0-rtm.5.json"
VALIDATOR = Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
WRONG = claim(name="wrong", verdict=Verdict.REFUTED, as_expected=False)


def data(some: Report) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(report_sarif(some))
    VALIDATOR.validate(found)
    return found["runs"][0]


def marks(some: Report) -> list[str]:
    return [r["partialFingerprints"]["primaryLocationLineHash"] for r in data(some)["results"]]


@pytest.mark.parametrize("some", [report(SPEC, BROKEN), report(SPEC, interrupted=True), Report("mechverify", ())])
def test_the_schema_is_kept_and_every_result_has_its_rule(some: Report) -> None:
    run = data(some)
    rules = run["tool"]["driver"]["rules"]
    assert run["results"]
    for result in run["results"]:
        rule = rules[result["ruleIndex"]]
        assert rule["id"] == result["ruleId"]
        assert rule["defaultConfiguration"]["level"] == result["level"]
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))


def test_the_schema_is_not_kept_by_everything() -> None:
    wrong = sarif_data(one(WRONG))
    wrong["runs"][0]["results"][0]["level"] = "severe"
    assert list(VALIDATOR.iter_errors(wrong))


def test_what_is_as_expected_is_no_result() -> None:
    run = data(one(claim()))
    assert (run["results"], run["invocations"]) == (
        [r for r in run["results"] if r["level"] == "note"],
        [{"executionSuccessful": True, "exitCode": 0}],
    )
    kinds = {r["ruleId"] for r in data(one(*EVERY_CLAIM))["results"]}
    assert kinds >= {"refuted", "open", "vacuous", "error", "likely", "warning-decoding", "warning-unread-variable"}


def test_a_run_that_did_not_end_well_says_so() -> None:
    for some, code in ((report(BROKEN), 2), (report(SPEC, interrupted=True), 130), (Report("mechverify", ()), 5)):
        assert data(some)["invocations"] == [{"executionSuccessful": False, "exitCode": code}]


def test_a_fingerprint_stays_where_lines_move_and_tells_findings_apart() -> None:
    moved = one(replace(WRONG, line=900), replace(OPEN, line=2), INTERCHANGE)
    assert sorted(marks(one(WRONG, OPEN, INTERCHANGE))) == sorted(marks(moved))
    several = marks(report(SPEC, replace(SPEC, path=Path("specs/other.yaml")), BROKEN))
    assert len(set(several)) == len(several)


def test_a_finding_that_comes_twice_has_two_fingerprints() -> None:
    assert [mark.partition(":")[2] for mark in marks(one(WRONG, WRONG)) if mark.endswith((":1", ":2"))][:2] == ["1", "2"]


def test_the_worst_come_first_and_the_rest_is_counted() -> None:
    run = sarif_data(report(SPEC, BROKEN), most=3)["runs"][0]
    assert [r["level"] for r in run["results"]] == ["error"] * 3
    (notice,) = run["invocations"][0]["toolExecutionNotifications"]
    assert re.match(r"\d+ more findings are left out", notice["message"]["text"])


def test_paths_are_written_as_they_are_and_escaped() -> None:
    for path, uri in ((Path("a b/é#?.yaml"), "a%20b/%C3%A9%23%3F.yaml"), (Path("/x/y.yaml"), "file:///x/y.yaml")):
        some = report(replace(SPEC, path=path, claims=(WRONG,)))
        place = data(some)["results"][0]["locations"][0]["physicalLocation"]
        assert (place["artifactLocation"]["uri"], place["region"]) == (uri, {"startLine": 31})


def test_hostile_texts_change_nothing() -> None:
    some = hostile_report()
    text = report_sarif(some)
    run = data(some)
    assert len(run["results"]) == sum(5 if spec.claims else 1 for spec in some.specs) + len(some.specs) // 2 * 1
    assert not [c for c in text if c not in "\n\u200d" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")]
    messages = [r["message"]["text"] for r in run["results"]]
    assert not [m for m in messages if re.search(r"\]\(|(?<!\{)\{\d+\}(?!\})", m)]
    assert all(rule["help"]["text"].isascii() for rule in run["tool"]["driver"]["rules"])
