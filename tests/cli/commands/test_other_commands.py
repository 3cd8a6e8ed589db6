"""``lint``, ``check``, ``replay``, ``explain`` and the bare command."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from report_samples import ERROR, REFUTED, claim

from mechverify import __version__
from mechverify.cli.application import COMMANDS, application
from mechverify.errors import Diagnostic, UsageError
from mechverify.results import CheckReport

Runner = Callable[..., Any]


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    file = tmp_path / "double.yaml"
    file.write_text("mechverify: 1\nclaims: {}\n")
    return file


MISTAKE = Diagnostic("double.yaml", 4, 3, "unknown key `modle`", "did you mean `model`?", "  modle: x")
WARNING = Diagnostic("double.yaml", 9, 3, "warning: an exact equality on a rounded value")


def test_help_lists_every_command() -> None:
    result = CliRunner().invoke(application, ["--help"])
    assert result.exit_code == 0
    for command in COMMANDS:
        assert f"  {command.name} " in result.output
    for code in ("0", "1", "2", "3", "4", "5", "130"):
        assert f" {code}  " in result.output


@pytest.mark.parametrize("command", COMMANDS, ids=lambda c: c.name)
def test_every_command_explains_itself(command: Any) -> None:
    result = CliRunner().invoke(application, [command.name, "--help"])
    assert result.exit_code == 0
    assert command.help.split(".")[0].split()[0] in result.output


def test_the_bare_command_and_unknown_ones(run: Runner) -> None:
    assert run("--version").out == f"mechverify, version {__version__}\n"
    assert run().code == 2
    done = run("verfy")
    assert done.code == 2
    assert "No such command 'verfy'" in done.err


@pytest.mark.parametrize(
    ("diagnostics", "code", "words"),
    [
        ((), 0, "1 spec: no mistakes found."),
        ((WARNING,), 0, "1 spec: 1 warning."),
        ((MISTAKE, WARNING), 2, "1 spec: 1 mistake, 1 warning."),
        ((MISTAKE, MISTAKE), 2, "hint: did you mean `model`?"),
    ],
)
def test_lint(run: Runner, api: Any, spec: Path, diagnostics: Any, code: int, words: str) -> None:
    api.answer = lambda paths, options, suggested: tuple((p, diagnostics) for p in paths)
    done = run("lint", spec, "--set", "n=3")
    assert done.code == code
    assert words in done.out
    paths, options, suggested = api.calls[0]
    assert (paths, suggested) == ((spec,), None)
    assert dict(options.settings) == {"n": "3"}


def test_lint_of_nothing(run: Runner, api: Any, spec: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = run("lint", "empty")
    assert (done.code, api.calls) == (5, [])
    assert "no spec in this folder" in done.out
    api.answer = ((spec, ()),)
    assert run("lint", "empty", spec).code == 5
    assert run("lint", "absent").code == 2


def test_replay(run: Runner, api: Any, spec: Path) -> None:
    api.answer = REFUTED
    done = run("replay", f"{spec}#only_when_equal", "--set", "n=3", "--timeout", "9")
    assert done.code == 0
    path, name, options = api.calls[0]
    assert (path, name, options.claims, options.timeout) == (spec, "only_when_equal", ("only_when_equal",), 9.0)
    assert "rounding hides it in torch" in done.out
    api.answer = ERROR
    assert run("replay", f"{spec}#error_one").code == 4
    api.answer = claim(expect="refuted", as_expected=False)
    assert run("replay", f"{spec}#doubles").code == 1


@pytest.mark.parametrize("command", [("replay",), ("check", "double.yaml", "--spec")])
@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("double.yaml", "names no claim"),
        ("double.yaml#", "names no claim"),
        ("#doubles", "names no claim"),
        ("absent.yaml#doubles", "'absent.yaml' does not exist"),
    ],
)
def test_wrong_targets(run: Runner, api: Any, spec: Path, command: tuple[str, ...], target: str, words: str) -> None:
    done = run(*command, target)
    assert done.code == 2
    assert words in done.err
    assert not api.calls


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"answer": "invalid", "reason": "an unknown step", "at": "step 3"}, 4, "REJECTED"),
        ({"answer": "unreadable", "reason": "not JSON"}, 2, "UNREADABLE"),
    ],
)
def test_check(run: Runner, api: Any, spec: Path, tmp_path: Path, changes: Any, code: int, words: str) -> None:
    file = tmp_path / "c.json"
    file.write_text("{}")
    api.answer = replace(CheckReport(file, "invalid", "proof", "ab" * 32, 3, 9, None, None, 0.1), **changes)
    done = run("check", file, "--spec", f"{spec}#doubles")
    assert done.code == code
    assert done.out.startswith(words)
    path, target, options = api.calls[0]
    assert (path, target, options.claims) == (file, spec, ("doubles",))
    assert changes["reason"] in done.out


def test_check_without_a_file_or_a_spec(run: Runner, api: Any, tmp_path: Path) -> None:
    assert run("check").code == 2
    assert not api.calls
    file = tmp_path / "c.json"
    file.write_text("{}")
    api.answer = UsageError("no claim is named x")
    done = run("check", file)
    assert done.code == 2
    assert done.err == "mechverify: no claim is named x\n"
    assert api.calls[0][1:2] == (None,)


def test_explain(run: Runner) -> None:
    done = run("explain")
    assert done.code == 0
    assert "every order of summation" in done.out
    assert "  power" in run("explain", "power").out
    done = run("explain", "wave")
    assert done.code == 2
    assert "no operation is named 'wave'" in done.err
    assert "dense layer" in run("explain", "Gemm").out


@pytest.mark.parametrize("command", ["lint", "verify"])
def test_what_a_module_prints_goes_to_standard_error(tmp_path: Path, command: str) -> None:
    pytest.importorskip("torch")
    (tmp_path / "talking.py").write_text(
        "import torch\n\nprint('imported')\n\n\nclass Net(torch.nn.Module):\n"
        "    def __init__(self):\n        super().__init__()\n        print('made')\n\n"
        "    def forward(self, x):\n        print('run')\n        return torch.relu(x)\n"
    )
    spec = tmp_path / "s.yaml"
    spec.write_text(
        "mechverify: 1\ntitle: t\nmodel: {torch: 'talking:Net'}\ninputs: {x: {integers: 0 .. 3, shape: [2]}}\n"
        "explanation: {variables: {y: {located_at: 'output[0]'}}}\nclaims: {c: {always: network.y >= 0}}\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "mechverify", command, "--allow-code", str(spec)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0
    assert not any(word in ran.stdout.split() for word in ("imported", "made", "run"))
    assert all(word in ran.stderr.split() for word in ("imported", "made", "run"))
