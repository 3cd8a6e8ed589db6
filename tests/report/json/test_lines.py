"""The stream of lines: the same as the JSON, an object a line."""

import json
from dataclasses import replace

from hostile_results import hostile_report
from report_samples import BROKEN, SPEC, claim, report

from mechverify.report.json.claims import report_data
from mechverify.report.json.lines import report_lines


def test_the_lines_say_what_the_document_says() -> None:
    some = report(SPEC, BROKEN, replace(SPEC, claims=(claim(),)))
    found = [json.loads(line) for line in report_lines(some).splitlines()]
    whole = report_data(some)
    assert [one["kind"] for one in found] == (
        ["run", *["claim"] * len(SPEC.claims), "spec", "spec", "claim", "spec", "summary"]
    )
    assert found[0] == {"kind": "run", "format": whole["format"], "tool": whole["tool"]}
    assert found[-1] == {"kind": "summary", **whole["summary"]}
    told = [{k: v for k, v in one.items() if k not in ("kind", "spec")} for one in found if one["kind"] == "claim"]
    assert told == json.loads(json.dumps([c for spec in whole["specs"] for c in spec["claims"]]))
    assert {one["spec"] for one in found if one["kind"] == "claim"} == {"specs/double.yaml"}


def test_a_hostile_text_ends_no_line() -> None:
    some = hostile_report()
    text = report_lines(some)
    assert text.isascii()
    assert len(text.splitlines()) == len(text.split("\n")) - 1 == 2 + sum(1 + len(s.claims) for s in some.specs)
    assert all(json.loads(line)["kind"] for line in text.splitlines())
