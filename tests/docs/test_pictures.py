"""The pictures of the README show what runs print and draw now."""

import hashlib
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from doc_blocks import ROOT, normal

PICTURES = ROOT / "docs" / "pictures"


@pytest.fixture(autouse=True)
def in_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


@pytest.fixture(scope="module")
def make() -> ModuleType:
    found = importlib.util.spec_from_file_location("make_pictures", PICTURES / "make.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def test_the_terminal_shows_what_the_command_prints(make: ModuleType) -> None:
    picture = (PICTURES / "verify.svg").read_text(encoding="utf-8")
    shown = make.text_of(picture)
    assert shown[0] == f"$ {make.VERIFY}"
    printed = re.sub(r"\x1b\[[0-9;]*m", "", make.coloured())
    lines = [line.rstrip() for line in printed.splitlines() if line.strip()]
    assert normal("\n".join(shown[1:])) == normal("\n".join(lines))
    assert make.text_of(make.terminal(printed)) == [shown[0], *lines]


def test_the_map_is_the_one_that_is_drawn_now(make: ModuleType) -> None:
    assert (PICTURES / "map.svg").read_text(encoding="utf-8") == make.drawn_map()


@pytest.mark.campaign
def test_the_page_is_the_one_that_is_written_now(make: ModuleType) -> None:
    """Its bytes are those of one browser with its fonts; what it shows is named by its digest."""
    assert hashlib.sha256(make.page().encode()).hexdigest().encode() in (PICTURES / "page.png").read_bytes()


@pytest.mark.parametrize("path", sorted(PICTURES.glob("*.[sp][vn]g")), ids=lambda path: path.name)
def test_pictures_are_small_in_the_readme_and_ask_for_nothing(path: Path) -> None:
    assert path.stat().st_size < 150_000
    assert f"docs/pictures/{path.name}" in (ROOT / "README.md").read_text(encoding="utf-8")
    if path.suffix == ".svg":
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"https?://[^\"\'\s)<]*", text)) <= {"http://www.w3.org/2000/svg"}
        assert "<script" not in text
