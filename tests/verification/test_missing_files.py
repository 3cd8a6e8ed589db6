"""Files that a spec names and that are not there: the place, the path as written, the folder looked in."""

from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.verification.lint import lint_spec

TEXT = "mechverify: 1\ntitle: t\nmodel:\n  {MODEL}\ninputs: {x: {integers: 0 .. 3}}\nclaims: {c: {always: x >= 0}}\n"


def mistakes(folder: Path, model: str) -> list[str]:
    (folder / "models").mkdir(exist_ok=True)
    (folder / "models/double.onnx").write_bytes(b"")
    (folder / "model.py").write_text("def f(x):\n    return x\n")
    path = folder / "s.yaml"
    path.write_text(TEXT.replace("{MODEL}", model))
    found = lint_spec(path, VerifyOptions(allow_code=True))
    return [f"{d.line}:{d.column}: {d.message} | {d.hint}".replace(str(folder), "FOLDER") for d in found]


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (
            "onnx: models/doubles.onnx",
            "4:9: no such file: 'models/doubles.onnx' in the folder FOLDER/models | did you mean 'models/double.onnx'?",
        ),
        (
            "onnx: model/double.onnx",
            "4:9: no such file: 'model/double.onnx' (there is no folder FOLDER/model) | paths start at the spec's folder, FOLDER",
        ),
        ("onnx: models", "4:9: 'models' is a folder, and a file is needed | name the file in it"),
        (
            "program: models.py:f",
            "4:12: no such file: 'models.py' in the folder FOLDER | did you mean 'model.py'?",
        ),
        (
            "onnx: model.onnx",
            "4:9: no such file: 'model.onnx' in the folder FOLDER | paths start at the spec's folder, FOLDER",
        ),
        (
            "onnx: models/double.onx",
            "4:9: no such file: 'models/double.onx' in the folder FOLDER/models | did you mean 'models/double.onnx'?",
        ),
        (
            "torch: networks:Larger\n  weights: w.safetensors",
            "5:12: no such file: 'w.safetensors' in the folder FOLDER | paths start at the spec's folder, FOLDER",
        ),
    ],
)
def test_the_place_the_path_and_the_folder(tmp_path: Path, model: str, words: str) -> None:
    assert mistakes(tmp_path, model) == [words]


def test_a_missing_function_is_told_at_its_place(tmp_path: Path) -> None:
    (found,) = mistakes(tmp_path, "program: model.py:g")
    assert found.startswith("4:12: ")
    assert "'g'" in found


def test_exact_integers_are_for_models_of_integers(tmp_path: Path) -> None:

    from semantics_tools import dense

    mistakes(tmp_path, "program: model.py:f")
    dense(tmp_path / "m.onnx", [([[1.0]], [0.0])])
    path = tmp_path / "s.yaml"
    path.write_text(TEXT.replace("{MODEL}", "onnx: m.onnx\n  arithmetic: integer\n  feed: {x: [x]}"))
    (found,) = lint_spec(path, VerifyOptions())
    assert "arithmetic integer is for models of integers, and the input 'x' of this one is float32" in found.message
    path.write_text(TEXT.replace("{MODEL}", "onnx: m.onnx\n  arithmetic: real\n  feed: {x: [x]}"))
    assert all(d.message.startswith("warning:") for d in lint_spec(path, VerifyOptions()))
    assert len(lint_spec(path, VerifyOptions(arithmetic="integer"))) == 1
