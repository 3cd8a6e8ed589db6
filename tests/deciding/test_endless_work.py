"""Small files that ask for endless work: answered, or refused with the place."""

import os
from pathlib import Path

import pytest
from semantics_tools import onnx_file

from mechverify.__main__ import main
from mechverify.api import verify_paths
from mechverify.deciding.options import VerifyOptions
from mechverify.verdict import Verdict
from mechverify.verification import claim as claim_module
from mechverify.verification.lint import lint_spec

pytestmark = pytest.mark.usefixtures("ceilings_as_told")

SQUARES = """
def f(x, y):
    for i in range(40):
        x = x * x
    return y // (x + 1)
"""
PROGRAM = """mechverify: 1
title: t
model: {program: "p.py:f"}
inputs: {x: {integers: 2 .. 3}, y: {integers: 0 .. 3}}
explanation: {variables: {y_: {located_at: output}}}
claims: {c: {always: network.y_ >= 0}}
"""


@pytest.mark.parametrize("command", [["lint"], ["verify", "--timeout", "1"], ["replay", "--timeout", "1"]])
def test_forty_squarings(tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Numbers of 2^40 bits, had they been written out."""
    (tmp_path / "p.py").write_text(SQUARES)
    (tmp_path / "s.yaml").write_text(PROGRAM)
    path = str(tmp_path / "s.yaml")
    done = main([*command, f"{path}#c" if command[0] == "replay" else path])
    captured = capsys.readouterr()
    if command[0] == "lint":
        assert done == 0
        return
    assert done == 2
    assert "p.py:4:13: a number of more than 131,072 bits" in " ".join((captured.out + captured.err).split())


@pytest.mark.parametrize("claim", ["argmax(x) <= 1199", "max(x) <= max(z)", "network.y[0] <= 1199", "sum(x) <= 1200"])
def test_extremes_of_many_inputs_are_read_at_once(tmp_path: Path, claim: str) -> None:
    nodes = [("ArgMax", ("x",), ("y",), {"axis": 1})]
    onnx_file(tmp_path / "n.onnx", nodes, {"x": ["batch", 1200]}, {"y": ["batch", 1]}, types={"y": 7})
    (tmp_path / "s.yaml").write_text(f"""mechverify: 1
title: t
model: {{onnx: n.onnx, feed: {{x: x}}}}
inputs: {{x: {{reals: 0 .. 1, shape: [1200]}}, z: {{reals: 0 .. 1, shape: [1200]}}}}
explanation: {{variables: {{y: {{located_at: y}}}}}}
claims: {{c: {{always: "{claim}"}}}}
""")
    assert [d.message for d in lint_spec(tmp_path / "s.yaml", VerifyOptions()) if "warning" not in d.message] == []


@pytest.mark.parametrize(
    ("model", "site"),
    [
        ("onnx: pipe", "y"),
        ("program: 'pipe:f'", "output"),
        ("onnx: n.onnx", "{direction: {file: pipe, tensor: d}, of: y}"),
    ],
)
def test_pipes_in_the_place_of_files(tmp_path: Path, model: str, site: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    onnx_file(tmp_path / "n.onnx", [("Relu", ("x",), ("y",))], {"x": ["batch", 2]}, {"y": ["batch", 2]})
    (tmp_path / "s.yaml").write_text(f"""mechverify: 1
title: t
model: {{{model}}}
inputs: {{x: {{reals: 0 .. 1, shape: [2]}}}}
explanation: {{variables: {{y: {{located_at: {site}}}}}}}
claims: {{c: {{always: network.y == 1}}}}
""")
    found = lint_spec(tmp_path / "s.yaml", VerifyOptions())
    assert found
    assert not any("warning" in d.message for d in found)


def test_a_shared_file_that_is_a_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "s.yaml").write_text("mechverify: 1\ntitle: t\nuse: pipe.yaml\nclaims: {c: {always: 1 == 1}}\n")
    found = lint_spec(tmp_path / "s.yaml", VerifyOptions())
    assert any("pipe.yaml" in d.message for d in found)


@pytest.mark.parametrize(
    ("condition", "claim"),
    [
        ("x >= 0", "{always: (((x ** 64) ** 64) ** 64) ** 64 >= 0}"),
        ("(((x ** 64) ** 64) ** 64) ** 64 < 7", "{always: x <= 1}"),
        ("(((x ** 64) ** 64) ** 64) ** 64 < 7", "{always: x <= 1, interchange: [x]}"),
    ],
)
def test_powers_of_powers(tmp_path: Path, condition: str, claim: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim_module, "grace", lambda _: 1.0)
    (tmp_path / "s.yaml").write_text(
        f"mechverify: 1\ntitle: t\ninputs: {{x: {{integers: 0 .. 1000}}}}\npreconditions: {{p: {condition}}}\n"
        f"claims: {{c: {claim}}}\n"
    )
    (spec,) = verify_paths([tmp_path / "s.yaml"], VerifyOptions(timeout=1.0)).specs
    assert not spec.errors
    assert spec.claims[0].verdict not in (Verdict.REFUTED, Verdict.ERROR)
