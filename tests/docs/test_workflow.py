"""The example workflow does what it says, and the hook for pre-commit names a command and files that there are."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from shutil import copy
from typing import Any

import pytest
from doc_blocks import ROOT
from ruamel.yaml import YAML

from mechverify.cli.application import COMMANDS


def read(path: str) -> Any:
    return YAML(typ="safe").load((ROOT / path).read_text(encoding="utf-8"))


def steps() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = read("docs/ci-workflow.yml")["jobs"]["verify"]["steps"]
    return found


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    for name in ("clamp.yaml", "programs.py"):
        copy(ROOT / "docs/examples" / name, tmp_path / "specs")
    (tmp_path / "bin").mkdir()
    for name, command in (("python", ""), ("mechverify", "-m mechverify")):
        script = tmp_path / "bin" / name
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {command} "$@"\n')
        script.chmod(0o755)
    return tmp_path


def test_the_commands_of_the_workflow_pass_and_leave_what_is_kept(project: Path) -> None:
    environment = {**os.environ, "PATH": f"{project}/bin:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environment |= {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(project / "summary.md")}
    for step in steps():
        if "pip install" not in step.get("run", "pip install"):
            command = ["bash", "-e", "-c", step["run"]]
            done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
    (kept,) = (step["with"]["path"].split() for step in steps() if "upload-artifact" in step.get("uses", ""))
    assert len(kept) == 5
    assert all((project / name).exists() for name in kept)
    assert (project / "summary.md").read_text().startswith("### ✅ mechverify")


def test_the_hook_takes_specs_and_names_a_command() -> None:
    (hook,) = read(".pre-commit-hooks.yaml")
    program, command = hook["entry"].split()
    assert program == "mechverify"
    assert command in {one.name for one in COMMANDS}
    taken = [p for p in ("specs/a.yaml", "x/specs/a.yml", "specs/models/a.yaml", "a.yaml") if re.search(hook["files"], p)]
    assert taken == ["specs/a.yaml", "x/specs/a.yml"]
