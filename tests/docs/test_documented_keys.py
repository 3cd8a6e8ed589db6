"""The keys of the JSON report, and the rules that the source cites, stand in the documentation."""

import json
import re
import sys
from dataclasses import replace
from typing import Any

from doc_blocks import ROOT

sys.path.insert(0, str(ROOT / "tests/report"))

from probe_samples import GOOD, SURVIVOR
from report_samples import BROKEN, EVERY_CLAIM, SPEC, report
from scope_samples import EXTENDED, MAPPED, OVER
from tighten_samples import TIGHTENED

from mechverify.report.json.claims import report_json
from mechverify.report.json.probe import probe_json
from mechverify.report.json.scope import scope_data
from mechverify.report.json.scope_over import over_data
from mechverify.report.json.tighten import tighten_data

PAGE = (ROOT / "docs/command_line.md").read_text(encoding="utf-8")
FREE = ("inputs", "sources", "network", "explanation", "values")  # their keys are names of the spec


def keys(data: Any) -> set[str]:
    if isinstance(data, list):
        return set().union(*(keys(item) for item in data))
    if not isinstance(data, dict):
        return set()
    inner = [keys(v) for k, v in data.items() if k not in FREE or (k == "inputs" and v and "total" in v)]
    return set(data).union(*inner)


def test_every_key_of_the_json_report_is_documented() -> None:
    found = keys(json.loads(report_json(report(SPEC, BROKEN))))
    assert {"ideal_verdict", "check_seconds", "robust", "total"} <= found
    assert sorted(k for k in found if f"`{k}`" not in PAGE and f'"{k}"' not in PAGE) == []
    assert len(EVERY_CLAIM) > 5


def test_every_key_of_the_json_of_probe_is_documented() -> None:
    page = (ROOT / "docs/probe.md").read_text(encoding="utf-8") + PAGE
    found = keys(json.loads(probe_json(replace(GOOD, mutants=(SURVIVOR,)))))
    assert {"possible", "differing", "exit_code", "equal"} <= found
    assert sorted(k for k in found if f"`{k}`" not in page) == []


def test_every_key_of_the_json_of_tighten_is_documented() -> None:
    page = (ROOT / "docs/tighten.md").read_text(encoding="utf-8") + PAGE
    found = keys(tighten_data(TIGHTENED))
    assert {"bounds", "difference", "enough"} <= found
    assert sorted(k for k in found if f"`{k}`" not in page) == []


def test_every_key_of_the_json_of_scope_is_documented() -> None:
    page = "".join((ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in ("scope", "tighten")) + PAGE
    found = keys(scope_data(MAPPED)) | keys(scope_data(EXTENDED)) | keys(over_data(OVER))
    assert {"exact", "where", "dimension"} <= found
    assert sorted(k for k in found if f"`{k}`" not in page) == []


def test_every_rule_that_is_cited_is_there() -> None:
    text = (ROOT / "docs/semantics.md").read_text(encoding="utf-8")
    rules = {int(n) for n in re.findall(r"^(\d+)\. ", text, re.MULTILINE)}
    assert rules >= set(range(1, 29))
    cited = set()
    for file in (ROOT / "mechverify").rglob("*.py"):
        for first, last in re.findall(r"SEMANTICS (\d+)(?: (?:and|to) (\d+))?", file.read_text(encoding="utf-8")):
            cited |= {int(n) for n in (first, last) if n}
    assert {2, 6, 25} <= cited <= rules


def test_pages_for_users_cite_nothing_that_they_do_not_have() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert "DESIGN" not in text, page
        assert page.name == "semantics.md" or "SEMANTICS" not in text, page
