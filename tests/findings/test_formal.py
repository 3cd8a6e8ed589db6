"""The identity of a claim: words may be edited freely, and nothing that the claim says."""

from pathlib import Path

import pytest

from mechverify.findings.formal import formal_sha256
from mechverify.spec.read import read_spec

TEXT = """\
mechverify: 1
title: One title
summary: Some words.
parameters: {n: 9}
model:
  program: program.py:clamp
inputs:
  x: {integers: -9 .. 9}
preconditions:
  small: x <= 5
explanation:
  variables:
    result:
      says: what it is
      value: 0 if x < 0 else x
      located_at: output
claims:
  clamps:
    says: It is what it is.
    always: abs(network.result - result) <= 0.5
"""


def identity(folder: Path, text: str) -> str:
    (folder / "spec.yaml").write_text(text)
    (folder / "program.py").write_text("def clamp(x):\n    return max(x, 0)\n")
    spec = read_spec(folder / "spec.yaml")
    return formal_sha256(spec, spec.claims[0], spec.claims[0].name)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("One title", "Another title"), ("Some words.", "Others."), ("what it is\n", "something\n"),
        ("It is what it is.", "Other words."), ("mechverify: 1\n", "# a comment\nmechverify: 1\n"),
        ("0 if x < 0 else x", "(0 if (x < 0) else x)"), ("<= 0.5", "<= 0.50"), ("network.result - result", "network.result-result"),
    ],
)  # fmt: skip
def test_words_and_places_do_not_count(tmp_path: Path, old: str, new: str) -> None:
    assert old in TEXT
    assert identity(tmp_path, TEXT.replace(old, new)) == identity(tmp_path, TEXT)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<= 0.5", "<= 0.75"), ("-9 .. 9", "-8 .. 9"), ("x <= 5", "x <= 4"), ("x < 0 else", "x <= 0 else"),
        ("n: 9", "n: 8"), ("located_at: output", "within: 1\n      located_at: output"),
        ("    always", "    also: {more: x > 0}\n    always"), ("    always", "    without: [small]\n    always"),
        ("integers", "reals"), ("  clamps:", "  clamped:"), ("preconditions:\n  small: x <= 5\n", ""),
        ("program.py:clamp", "program.py:other"),
    ],
)  # fmt: skip
def test_everything_else_does(tmp_path: Path, old: str, new: str) -> None:
    assert old in TEXT
    assert identity(tmp_path, TEXT.replace(old, new)) != identity(tmp_path, TEXT)


def test_a_shared_file_in_another_folder_names_another_model(tmp_path: Path) -> None:
    """Two folders, a model of the same name in each: what a shared file there says is not the same."""
    own, _, model = TEXT.partition("model:")
    shared, rest = "model:" + model.partition("inputs:")[0], "inputs:" + model.partition("inputs:")[2]
    found = []
    for folder in ("one", "other"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "model.yaml").write_text(shared)
        (tmp_path / folder / "program.py").write_text("def clamp(x):\n    return max(x, 0)\n")
        found.append(identity(tmp_path, f"{own}use: {folder}/model.yaml\n{rest}"))
    assert found[0] != found[1]
    moved = tmp_path / "moved"
    (tmp_path / "one").rename(tmp_path / "kept")
    moved.mkdir()
    (tmp_path / "kept").rename(moved / "one")
    assert identity(moved, f"{own}use: one/model.yaml\n{rest}") == found[0]  # wherever the whole of it is
    (tmp_path / "model.yaml").write_text(shared)
    assert identity(tmp_path, f"{own}use: model.yaml\n{rest}") == identity(tmp_path, TEXT)
