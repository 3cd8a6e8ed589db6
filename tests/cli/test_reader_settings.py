"""``allow-code`` in the reader's own pyproject.toml."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from report_samples import claim, one

from mechverify.cli.reader_settings import code_allowed_by_settings
from mechverify.errors import UsageError


def settings(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(text)


def test_the_nearest_file_counts(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    settings(tmp_path, "[tool.mechverify]\nallow-code = true\n")
    assert code_allowed_by_settings(tmp_path) is True
    inner.mkdir()
    assert code_allowed_by_settings(inner) is True
    settings(inner, "[project]\nname = 'x'\n")
    assert code_allowed_by_settings(inner) is False


@pytest.mark.parametrize(
    "text", ["", "[tool]\n", "[tool.other]\nallow-code = true", "[tool.mechverify]\nallow_code = true"]
)
def test_nothing_else_allows_it(tmp_path: Path, text: str) -> None:
    settings(tmp_path, text)
    assert code_allowed_by_settings(tmp_path) is False


@pytest.mark.parametrize(
    "text",
    [
        "[tool.mechverify]\nallow-code = 'true'",
        "[tool.mechverify]\nallow-code = 1",
        "[tool]\nmechverify = true",
        "not toml [",
    ],
)
def test_what_cannot_be_read_is_a_mistake(tmp_path: Path, text: str) -> None:
    settings(tmp_path, text)
    with pytest.raises(UsageError, match=r"pyproject\.toml"):
        code_allowed_by_settings(tmp_path)


def test_on_the_command_line(run: Callable[..., Any], api: Any, tmp_path: Path) -> None:
    spec = tmp_path / "s.yaml"
    spec.write_text("mechverify: 1\n")
    api.answer = one(claim())
    settings(tmp_path, "[tool.mechverify]\nallow-code = true\n")
    run("verify", spec)
    assert api.calls[0][1].allow_code is True
    settings(tmp_path, "[tool.mechverify]\nallow-code = 'yes'\n")
    done = run("verify", spec)
    assert done.code == 2
    assert "must be true or false" in done.err
