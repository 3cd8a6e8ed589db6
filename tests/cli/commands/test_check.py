"""``check`` on files that are no certificates, and on certificates about something else."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mechverify.__main__ import main

Runner = Callable[..., Any]
SPEC = """mechverify: 1
title: A program
model: {program: 'f.py:f'}
inputs: {x: {integers: 0 .. 3}}
explanation: {variables: {y: {located_at: output}}}
claims:
  small: {always: network.y <= 4}
  smaller: {always: network.y <= 5}
"""

NO_CERTIFICATES = {
    "empty.json": (b"", "the file is empty"),
    "blank.json": (b" \n", "the file is empty"),
    "text.json": (b"hello", "it is not JSON: reading stopped at line 1, column 1"),
    "cut.json": (b'{"kind": "proof",\n', "it is not JSON: reading stopped at line 2, column 1"),
    "binary.json": (b"ab\xe0\x00", "it is not ASCII text: byte 0xe0 at position 2"),
    "list.json": (b"[1]", "it is JSON, but no object with a `problem` and a `kind`"),
    "number.json": (b"9" * 5000, "a number or a nesting too large"),
    "deep.json": (b"[" * 100_000, "a number or a nesting too large"),
    "other.json": (b'{"a": 1}', "it is JSON without `problem` and `kind`"),
    "half.json": (b'{"problem": 1}', "it is JSON without `kind`"),
    "kind.json": (
        b'{"problem": 1, "kind": 3}',
        "its kind is 3; a certificate's is one of proof, empty, witness, replayed",
    ),
    "nokind.json": (b'{"problem": 1, "kind": ["proof"]}', 'its kind is ["proof"]; a certificate\'s is one of'),
    "report.json": (json.dumps({"tool": "x", "specs": []}).encode(), "it is a report of `verify --json`"),
    "spec.yaml": (SPEC.encode(), "it looks like a spec; specs are for `mechverify verify`"),
}


@pytest.mark.parametrize("name", NO_CERTIFICATES)
def test_no_certificate(run: Runner, tmp_path: Path, name: str) -> None:
    content, words = NO_CERTIFICATES[name]
    (tmp_path / name).write_bytes(content)
    done = run("check", name)
    assert done.code == 2
    text = " ".join(done.out.split())
    assert text.startswith(f"UNREADABLE {name} because the file is no certificate: ")
    assert words in text
    for leak in ("Expecting", "codec", "Errno", "Extra data", "recursion"):
        assert leak not in done.out + done.err


def test_a_folder_and_a_missing_file(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for name, words in (("folder", "it is a folder; name one of the files in it"), ("gone", "there is no such file")):
        done = run("check", name)
        assert (done.code, words in done.out) == (2, True)


def test_the_first_word_tells_of_a_mismatch(run: Runner, tmp_path: Path) -> None:
    (tmp_path / "f.py").write_text("def f(x):\n    y = x + 1\n    return y\n")
    (tmp_path / "s.yaml").write_text(SPEC)
    assert run("verify", "s.yaml", "--claim", "small", "--certificates", "c").code == 0
    (file,) = (tmp_path / "c").iterdir()
    done = run("check", file, "--spec", "s.yaml#small")
    assert (done.code, done.out.split()[0]) == (0, "VALID")
    assert "s.yaml#small compiles to this very statement" in done.out
    done = run("check", file, "--spec", "s.yaml#smaller")
    assert (done.code, done.out.split()[0]) == (4, "MISMATCH")
    text = " ".join(done.out.split())
    assert "this certificate says nothing about s.yaml#smaller: that compiles to another statement" in text
    assert "by itself valid, for the statement below" in text
    assert "VALID" not in done.out


@pytest.mark.usefixtures("ceilings_as_told")
def test_a_kernel_that_does_not_finish(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """x <= x for two million values: seconds of work, and a moment is given."""
    nodes = [["input", 0], ["bool", "true"], ["mul", "exact", 0, 0], ["le", 0, 2]]
    problem = {
        "format": "mechverify-problem 2",
        "inputs": [["x", "integer", "0", "1999999"]],
        "nodes": nodes,
        "assumption": 1,
        "claim": 3,
    }
    file = tmp_path / "c.json"
    file.write_text(
        json.dumps(
            {
                "format": "mechverify-certificate 1",
                "kind": "proof",
                "problem": problem,
                "precision": 96,
                "steps": [["enumerate"]],
                "inhabitant": ["0"],
            }
        )
    )
    assert main(["check", str(file), "--timeout", "0.3"]) == 3
    shown = capsys.readouterr().out
    assert shown.startswith("UNFINISHED")
    assert "had not finished after 0.3 s; give it more with --timeout" in " ".join(shown.split())
    assert "of at most 0.3 s" in shown


def test_a_pipe_is_no_certificate(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "c.json")
    assert main(["check", str(tmp_path / "c.json")]) == 2
    assert "it is a device or a pipe" in capsys.readouterr().out
