"""``verify --github``: annotations after the report, a summary beside it, and no command from a spec."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hostile_results import hostile_report
from report_samples import REFUTED, SPEC, claim, report


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "double.yaml"
    file.write_text("mechverify: 1\nclaims: {}\n")
    return file


def commands(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.lstrip().startswith("::") or "##[" in line]


def test_annotations_and_summary(
    run: Callable[..., Any], api: Any, spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.answer = report(replace(SPEC, claims=(claim(), replace(REFUTED, as_expected=False)), warnings=()))
    step = tmp_path / "summary.md"
    step.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    assert commands(run("verify", spec).out) == []
    done = run("verify", spec, "--github")
    assert [line.partition(",")[0] for line in commands(done.out)] == ["::error file=specs/double.yaml"]
    assert done.out.splitlines()[-1] == commands(done.out)[0]
    assert step.read_text().startswith("before\n### ❌ mechverify\n")


def test_a_full_summary_gets_nothing_more(
    run: Callable[..., Any], api: Any, spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.answer = report(SPEC)
    step = tmp_path / "summary.md"
    step.write_bytes(b"x" * (1 << 20))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))
    run("verify", spec, "--github")
    assert step.stat().st_size == 1 << 20


def test_a_summary_that_cannot_be_written_is_said(
    run: Callable[..., Any], api: Any, spec: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.answer = report(SPEC)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    done = run("verify", spec, "--github")
    assert (done.code, "cannot be written to" in done.err) == (2, True)


def test_what_a_spec_says_is_no_command(
    run: Callable[..., Any], api: Any, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    api.answer = hostile_report()
    assert commands(run("verify", spec).out) == []


def test_what_a_spec_says_is_no_command_where_only_the_option_says_who_reads(
    run: Callable[..., Any], api: Any, spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a container GITHUB_ACTIONS is not set, and what it prints is read as commands all the same."""
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    api.answer = hostile_report()
    told = commands(run("verify", spec, "--github").out)
    assert told != []
    assert [line for line in told if "mechverify" not in line.partition("title=")[2][:20]] == []
