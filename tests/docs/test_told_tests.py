"""The pages that say which test holds what: each line of theirs names one, and those are there."""

import re
from pathlib import Path

import pytest
from doc_blocks import ROOT

PAGES = [ROOT / "docs" / name for name in ("divergences.md", "bugs-found.md")]
_TEST = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
_AS = re.compile(r"\b[Aa]s (\d+)\b")


def told(text: str) -> list[str]:
    """The rows of the tables of a page and the entries of its numbered lists, each in one line."""
    rows = [line for line in text.splitlines() if line.startswith("| ") and "| test |" not in line]
    entries = re.findall(r"^\d+\. .*(?:\n {3,}.*)*", text, flags=re.MULTILINE)
    return rows + [" ".join(entry.split()) for entry in entries]


def absent(line: str) -> list[str]:
    """The tests that a line names and that are not there; the line itself where it names none."""
    named = _TEST.findall(line)
    if not named and not _AS.search(line):
        return [line]
    return [f"{file}::{name}" for file, name in named if not _holds(ROOT / file, name)]


def _holds(file: Path, name: str) -> bool:
    return file.is_file() and (not name or f"\ndef {name}(" in file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_line_names_tests_that_are_there(page: Path) -> None:
    lines = told(page.read_text(encoding="utf-8"))
    assert len(lines) > 20
    assert [a for line in lines for a in absent(line)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_what_is_quoted_of_tests_is_a_test(page: Path) -> None:
    """Nothing in backquotes that begins like a test's path is spelled in a way that is not looked at."""
    text = page.read_text(encoding="utf-8")
    assert [q for q in re.findall(r"`([^`]+)`", text) if q.startswith("tests/") and not _TEST.fullmatch(f"`{q}`")] == []


def test_a_line_without_a_test_or_with_one_that_is_not_there_is_found() -> None:
    assert absent("| a | b | `tests/docs/test_told_tests.py::told` |") == []
    assert absent("| a | b | `tests/docs/test_told_tests.py::missing` |") == ["tests/docs/test_told_tests.py::missing"]
    assert absent("| a | b | `tests/docs/test_gone.py` |") == ["tests/docs/test_gone.py::"]
    assert absent("| a | b | no test |") == ["| a | b | no test |"]
    assert told("1. One\n   more.\n2. Two.\n\ntext\n") == ["1. One more.", "2. Two."]
