"""The command line as a process of its own: what it imports, and what it survives."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import wait_for

HEAVY = (
    "numpy", "z3", "cvc5", "torch", "onnx", "onnxruntime", "rich", "ruamel", "safetensors", "multiprocessing",
    "transformer_lens", "jinja2",
)  # fmt: skip

PROBE = """
import json, sys
from mechverify.__main__ import main
code = main(sys.argv[1:])
sys.stdout.flush()
print(json.dumps([int(code), sorted(sys.modules)]), file=sys.stderr)
"""


def imported_by(arguments: list[str]) -> set[str]:
    done = subprocess.run([sys.executable, "-c", PROBE, *arguments], capture_output=True, text=True, check=True)
    code, modules = json.loads(done.stderr)
    assert code == 0
    assert "click" in modules
    return set(modules)


@pytest.mark.parametrize("arguments", [["--help"], ["verify", "--help"], ["--version"], ["check", "--help"], ["report", "--help"]])
def test_help_imports_nothing_heavy(arguments: list[str]) -> None:
    assert not {*HEAVY, "mechverify.results"} & imported_by(arguments)


def test_explain_reads_the_tables_of_the_readers_and_no_framework() -> None:
    assert imported_by(["explain", "relu"]) & set(HEAVY) <= {"numpy"}


def start(*arguments: str, **changes: str) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, **changes}
    command = [sys.executable, "-m", "mechverify", *arguments]
    return subprocess.run(command, capture_output=True, env=environment, check=False)


def test_exit_codes_reach_the_shell(tmp_path: Path) -> None:
    assert start("--help").returncode == 0
    assert start("verify", "absent.yaml").returncode == 2
    assert start("nonsense").returncode == 2
    (tmp_path / "empty").mkdir()
    assert start("lint", str(tmp_path / "empty")).returncode == 5


def test_the_collector_of_a_process_that_is_not_ours_is_left_alone() -> None:
    program = (
        "import gc\nfrom mechverify.__main__ import main\nbefore = gc.get_threshold()\nmain(['--version'])\n"
        "assert gc.get_threshold() == before\nimport sys\nsys.argv[1:] = ['--version']\nmain()\n"
        "assert gc.get_threshold() > before\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_output_without_unicode() -> None:
    done = start("explain", PYTHONIOENCODING="ascii")
    assert done.returncode == 0
    assert b"every order of summation" in done.stdout


def test_a_reader_who_goes_away_changes_nothing() -> None:
    command = [sys.executable, "-m", "mechverify", "explain"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.wait(30) == 0
        assert process.stderr.read() == b""


def test_a_module_that_takes_no_batch_is_a_mistake(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "fixed_batch_module.py").write_text(
        "import torch\n\n\nclass Net(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.line = torch.nn.Linear(2, 2)\n\n    def forward(self, x):\n"
        "        return self.line(x.reshape(2))\n"
    )
    spec = tmp_path / "s.yaml"
    spec.write_text(
        "mechverify: 1\ntitle: t\nmodel:\n  torch: fixed_batch_module:Net\n  feed: {x: '[a, b]'}\n"
        "inputs: {a: {integers: 0 .. 3}, b: {integers: 0 .. 3}}\n"
        "explanation: {variables: {y: {located_at: 'output[0]'}}}\nclaims: {c: {always: network.y <= 100}}\n"
    )
    done = start("verify", str(spec), "--allow-code")
    assert done.returncode == 2
    words = b"s.yaml:4:10: the module takes a batch of one input and fails on a batch of 3 (x of shape [3, 2])"
    assert words in done.stdout


SLOW = (
    "mechverify: 1\ntitle: t\nmodel: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 1000000000000}}\n"
    "explanation: {variables: {y: {located_at: output}}}\n"
    "claims: {c: {always: network.y % 7 != 3 or x < 999999999989}}\n"
)


@pytest.mark.parametrize("command", ["exec", "trap '' INT; exec"], ids=["plain", "in the background"])
def test_a_run_that_is_asked_to_end_leaves_what_it_found(tmp_path: Path, command: str) -> None:
    (tmp_path / "p.py").write_text("def f(x):\n    return x * x * x\n")
    (tmp_path / "a.yaml").write_text(SLOW.replace("1000000000000}", "3}"))
    (tmp_path / "b.yaml").write_text(SLOW)
    lines = tmp_path / "out.jsonl"
    shell = f"{command} {sys.executable} -m mechverify verify a.yaml b.yaml --no-cache --jsonl out.jsonl"
    with subprocess.Popen(["sh", "-c", shell], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        wait_for(lambda: lines.is_file() and b'"spec"' in lines.read_bytes(), "the first spec")
        process.terminate()
        shown, _ = process.communicate()
    assert process.returncode == 130
    assert b"PROVED   c" in shown
    assert json.loads(lines.read_text().splitlines()[-1])["kind"] == "summary"


@pytest.mark.parametrize("command", ["verify", "probe"])
def test_a_run_that_is_killed_leaves_no_older_results(tmp_path: Path, command: str) -> None:
    (tmp_path / "p.py").write_text("def f(x):\n    return x * x * x\n")
    (tmp_path / "s.yaml").write_text(
        "mechverify: 1\ntitle: t\nmodel: {program: 'p.py:f'}\ninputs: {x: {integers: 0 .. 1000000000000}}\n"
        "explanation: {variables: {y: {located_at: output}}}\n"
        "claims: {c: {always: network.y % 7 != 3 or x < 999999999989}}\n"
    )
    out = tmp_path / "out.json"
    out.write_text('{"summary": {"as_expected": true}, "old": true}')
    target = tmp_path / ("s.yaml" if command == "verify" else "s.yaml#c")
    run = [sys.executable, "-m", "mechverify", command, str(target), "--timeout", "100", "--json", str(out)]
    with subprocess.Popen(run, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_for(lambda: not out.exists() or "old" not in out.read_text(), "the older results' end")
        process.kill()
        assert process.wait() != 0
    if command == "probe":
        assert not out.exists()
    else:
        left = json.loads(out.read_text())
        assert (left["specs"], left["summary"]["as_expected"]) == ([], False)
