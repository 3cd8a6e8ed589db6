"""``verify --github``: annotations after the report, a summary beside it, and no command from a spec."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hostile_results import hostile_report
from report_samples import REFUTED, SPEC, claim, report

from mechverify.cli.output import without_commands


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


def test_only_beginnings_of_commands_are_changed() -> None:
    assert without_commands("a::b\n  ::error::x\n##[error]x\n#[x]") == "a::b\n  \\x3a:error::x\n\\x23#[error]x\n#[x]"
