"""SEMANTICS 17 and 18: what a share or an average has to reach; the exit codes and their order."""

import contextlib
import io
from pathlib import Path

import pytest
from semantics_tools import IDENTITY, dense, onnx_file, program_spec, verify

from mechverify.__main__ import main

SMALL = "x: {integers: 0 .. 9}, y: {integers: 0 .. 9}"


def run(*arguments: str) -> tuple[int, str]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = main(list(arguments))
    return code, out.getvalue()


@pytest.mark.parametrize(
    ("claim", "verdict", "assurance", "code"),
    [
        ("{usually: network.out <= 5, probability: 0.6}", "PROVED", "checked", 0),
        ("{usually: network.out <= 5, probability: 0.61}", "REFUTED", "checked", 1),
        ("{usually: network.out <= 9, probability: 1}", "PROVED", "checked", 0),
        ("{on_average: network.out <= 4.5}", "PROVED", "weighed", 0),
        ("{on_average: network.out < 4.5}", "REFUTED", "weighed", 1),
        ("{on_average: network.out >= 4.6}", "REFUTED", "weighed", 1),
    ],
)
def test_a_share_and_an_average_at_the_edge(
    tmp_path: Path, claim: str, verdict: str, assurance: str, code: int
) -> None:
    text = program_spec(tmp_path, IDENTITY, SMALL, {"c": "x <= 9"}).replace("  c: {always: 'x <= 9'}", f"  c: {claim}")
    result = verify(tmp_path, text)["c"]
    assert (result.verdict, result.assurance) == (verdict, assurance)
    assert (result.counterexample is not None) is (verdict == "REFUTED")
    assert run("verify", str(tmp_path / "spec.yaml"))[0] == code


def spec(folder: Path, name: str, body: str) -> str:
    path = folder / f"{name}.yaml"
    path.write_text("mechverify: 1\ntitle: t\n" + body)
    return str(path)


def test_exit_codes_in_their_order(tmp_path: Path) -> None:
    """130, then 4, 2, 1, 3, 5, 0."""
    text = program_spec(tmp_path, IDENTITY, SMALL, {"c": "x <= 9"})
    fine = spec(tmp_path, "fine", text)
    refuted = spec(tmp_path, "refuted", text.replace("x <= 9", "x <= 8"))
    wanted = spec(tmp_path, "wanted", text.replace("'x <= 9'", "x <= 8, expect: refuted"))
    surprising = spec(tmp_path, "surprising", text.replace("'x <= 9'", "x <= 9, expect: refuted"))
    vacuous = spec(tmp_path, "vacuous", text.replace("claims:", "preconditions: {p: x > 9}\nclaims:"))
    wrong = spec(tmp_path, "wrong", text.replace("x <= 9", "z <= 9"))
    (tmp_path / "empty").mkdir()
    nothing = str(tmp_path / "empty")
    for paths, code in [
        ([fine, wanted], 0), ([nothing], 5), ([nothing, fine], 5), ([vacuous, nothing], 3), ([refuted, vacuous], 1),
        ([surprising], 1), ([wrong, refuted, vacuous, fine], 2),
    ]:  # fmt: skip
        assert run("verify", *paths)[0] == code, paths


def test_an_operation_that_is_not_modelled(tmp_path: Path) -> None:
    onnx_file(tmp_path / "m.onnx", [("Det", ("x",), ("y",))], {"x": [1, 2, 2]}, {"y": [1]})
    body = (
        "model: {onnx: m.onnx, feed: {x: [[n, 0], [0, n]]}}\ninputs: {n: {integers: 0 .. 3}}\n"
        "explanation: {variables: {y: {located_at: y}}}\nclaims: {c: {always: network.y >= 0}}\n"
    )
    code, out = run("verify", spec(tmp_path, "det", body))
    assert code == 2
    assert "Det (node 'y'" in out
    assert "det.yaml:3:" in out.replace("\n", "")


def test_a_tool_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine's contradiction is 4, and it outranks a refutation."""
    from mechverify.models.onnx import model as onnx_model

    dense(tmp_path / "m.onnx", [([[1]], [0])])
    body = (
        "model: {onnx: m.onnx, feed: {x: [n]}}\ninputs: {n: {integers: 0 .. 3}}\n"
        "explanation: {variables: {o: {located_at: 'output[0]'}}}\nclaims: {c: {always: network.o <= 2}}\n"
    )
    path = spec(tmp_path, "four", body)
    assert run("verify", path)[0] == 1

    def broken(*_: object) -> None:
        raise RuntimeError("the runtime is not there")

    monkeypatch.setattr(onnx_model.OnnxModel, "run", broken)
    assert run("verify", path)[0] == 4
