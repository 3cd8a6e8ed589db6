"""A second run goes the way of the first, says the same, and is not led astray."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from doc_blocks import ROOT

from mechverify.deciding.options import VerifyOptions
from mechverify.report.json.claims import report_data
from mechverify.results import Report
from mechverify.verification.run import verify_specs

SPEC = ROOT / "specs/pattern_only.yaml"
CLAIMS = ("fits_answers", "is_used", "other_unit_is_used")
SECONDS = ("seconds", "check_seconds", "work")


def plain(report: Report) -> list[object]:
    """All that is said, but for times and the last digits of work."""
    text = json.dumps(report_data(report)["specs"])
    return json.loads(text, object_hook=lambda one: {k: v for k, v in one.items() if k not in SECONDS})  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> VerifyOptions:
    folder = tmp_path_factory.mktemp("course")
    return VerifyOptions(claims=CLAIMS, timeout=6.0, jobs=1, cache=folder / "cache", scope=True, iia_samples=50)


@pytest.fixture(scope="module")
def first(options: VerifyOptions) -> Report:
    return verify_specs([SPEC], options)


def entries(options: VerifyOptions) -> list[Path]:
    assert options.cache is not None
    return sorted(options.cache.rglob("*.json"))


def test_a_second_run_says_the_same_without_a_search(
    first: Report, options: VerifyOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Engines would race in the processes of claims, which inherit this."""
    assert [claim.verdict.value for claim in first.specs[0].claims] == ["PROVED", "REFUTED", "PROVED"]
    assert len(entries(options)) >= 2 * len(CLAIMS)
    monkeypatch.setattr("mechverify.deciding.portfolio.entrants", lambda *_: pytest.fail("a search"))
    assert plain(verify_specs([SPEC], options)) == plain(first)


def test_entries_in_each_others_place_change_no_verdict(first: Report, options: VerifyOptions) -> None:
    files = entries(options)
    contents = [file.read_bytes() for file in files]
    for file, content in zip(files, [*contents[1:], contents[0]], strict=True):
        file.write_bytes(content)
    again = verify_specs([SPEC], replace(options, scope=False))
    found = [(claim.verdict, claim.assurance, claim.ideal_verdict) for claim in again.specs[0].claims]
    assert found == [(claim.verdict, claim.assurance, claim.ideal_verdict) for claim in first.specs[0].claims]
