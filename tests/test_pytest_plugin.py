"""The plug-in for pytest, in runs of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from doc_blocks import ROOT

SPEC = """\
mechverify: 1
title: No number below 0
model:
  program: program.py:clamp
inputs:
  x: {integers: -9 .. 9}
explanation:
  variables:
    result:
      value: 0 if x < 0 else x
      located_at: output
claims:
  clamps:
    always: network.result == result
  changes_nothing:
    always: network.result == x
    expect: refuted
  below:
    for: {i: 7 .. 8}
    always: network.result <= i
"""
PROGRAM = "def clamp(x):\n    return max(x, 0)\n"
SETTINGS = "[pytest]\nmechverify_specs = specs/*.yaml\nmechverify_timeout = 4\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/clamp.yaml").write_text(SPEC)
    (tmp_path / "specs/program.py").write_text(PROGRAM)
    (tmp_path / "pytest.ini").write_text(SETTINGS)
    return tmp_path


def run(project: Path, *arguments: str) -> tuple[int, str]:
    """The exit code of a run of pytest and what it printed."""
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(ROOT)}
    environment.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, "-m", "pytest", "-p", "mechverify.pytest_plugin", "-p", "no:cacheprovider", *arguments]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_each_claim_is_a_test_and_a_wanted_refutation_passes(project: Path) -> None:
    code, text = run(project, "-v")
    assert code == 1
    assert dict(re.findall(r"clamp\.yaml::(.+?) (PASSED|FAILED)", text)) == {
        "clamps": "PASSED",
        "changes_nothing": "PASSED",
        "below[i=7]": "FAILED",
        "below[i=8]": "FAILED",
    }
    assert "below[i=7]: REFUTED, expected PROVED\nspecs/clamp.yaml:18\nREFUTED  b" in text.replace(f"{project}/", "")
    assert "Traceback" not in text
    assert "pytest_plugin.py" not in text


def test_a_claim_is_run_by_its_name(project: Path) -> None:
    assert run(project, "specs/clamp.yaml::below[i=8]", "specs/clamp.yaml::clamps", "-q")[0] == 1
    code, text = run(project, "-k", "clamps or nothing")
    assert (code, "2 passed" in text) == (0, True), text


def test_nothing_is_collected_unless_the_settings_say_so(project: Path) -> None:
    (project / "pytest.ini").write_text("[pytest]\n")
    assert run(project)[0] == 5
    (project / "pytest.ini").write_text("[pytest]\nmechverify_specs = other/*.yaml\n")
    assert run(project, "specs/clamp.yaml")[0] != 0


def test_mistakes_and_settings_that_are_none_fail(project: Path) -> None:
    (project / "pytest.ini").write_text(SETTINGS.replace("= 4", "= soon"))
    code, text = run(project, "-k", "clamps")
    assert (code, "mechverify_timeout = soon: no positive number of seconds" in text) == (1, True)
    (project / "pytest.ini").write_text(SETTINGS)
    (project / "specs/program.py").write_text(PROGRAM.replace("clamp", "other"))
    code, text = run(project, "-k", "clamps")
    assert (code, "clamp.yaml:4:" in text) == (1, True)
    (project / "specs/clamp.yaml").write_text(SPEC.replace("claims:", "clams:"))
    code, text = run(project)
    assert (code, "clams" in text) == (2, True)
    assert "Traceback" not in text


def test_settings_give_no_leave_to_run_code(project: Path) -> None:
    (project / "specs/clamp.yaml").write_text(SPEC.replace("program: program.py:clamp", "torch: program:clamp"))
    (project / "specs/program.py").write_text("open('ran', 'w')\n" + PROGRAM)
    (project / "pytest.ini").write_text(SETTINGS + "mechverify_allow_code = true\n")
    code, text = run(project, "-k", "clamps")
    assert (code, "would run Python code" in text) == (1, True)
    assert not (project / "ran").exists()


def test_what_a_spec_says_is_no_command_of_github(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    file = project / "specs/clamp.yaml"
    forged = SPEC.replace("  below:\n", f'  below:\n    says: "{"word " * 25}\\n::error::forged"\n')
    file.write_text(forged)
    (project / "specs/mistake.yaml").write_text(f'{SPEC}  "::error::forged": {{}}\n  ::error::forged: {{}}\n')
    code, text = run(project, "--continue-on-collection-errors")
    assert code == 1
    assert "3a:error::forged" in text
    assert [line for line in text.splitlines() if line.lstrip().startswith("::")] == []
