"""``init``: new files only, and a spec that passes lint."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mechverify.report.starter import onnx_spec

Runner = Callable[..., Any]


def test_a_program_and_its_spec(run: Runner) -> None:
    done = run("init", "first.yaml")
    assert done.code == 0
    assert done.out == "Wrote first.yaml and first_model.py. Next: mechverify verify first.yaml\n"
    assert "program: first_model.py:add" in Path("first.yaml").read_text()
    assert "def add(x_1, x_2):" in Path("first_model.py").read_text()


@pytest.mark.parametrize("there", ["first.yaml", "first_model.py"])
def test_nothing_is_overwritten(run: Runner, there: str) -> None:
    Path(there).write_text("mine")
    done = run("init", "first.yaml")
    assert done.code == 2
    assert f"{there} is there already" in done.err
    assert Path(there).read_text() == "mine"
    assert len(list(Path.cwd().iterdir())) == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["first.txt"], "should end in .yaml"),
        (["nowhere/first.yaml"], "there is no folder nowhere"),
        (["first.yaml", "--onnx", "absent.onnx"], "does not exist"),
        ([], "Missing argument"),
    ],
)
def test_wrong_names(run: Runner, arguments: list[str], words: str) -> None:
    done = run("init", *arguments)
    assert done.code == 2
    assert words in done.err
    assert not list(Path.cwd().iterdir())


def test_names_that_are_no_names() -> None:
    inputs = {"input.1": ((2,), "float32"), "for": ((), "integer"), "1": ((), "float32"), "plain": ((3, 4), "bool")}
    text = onnx_spec("odd name's.onnx", inputs, {"out put": (1,)}, ("out put",))
    assert "onnx: 'odd name''s.onnx'" in text
    for line in (
        "    input.1: input_1",
        "    for: x_for",
        "  input_1: {reals: 0 .. 1, shape: [2]}",
        "  x_for: {integers: 0 .. 9}",
    ):
        assert line in text.splitlines()
    assert "  plain: {integers: 0 .. 1, shape: [3, 4]}" in text
    assert "    plain:" not in text
