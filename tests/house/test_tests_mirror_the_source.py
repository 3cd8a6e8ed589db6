"""Every source file has a test of its name in the mirrored place, or a line in ``tests/README.md`` that says where it
is tested.
"""

import ast
import re
from pathlib import Path

from doc_blocks import ROOT

TESTS = ROOT / "tests"
SOURCE = ROOT / "mechverify"
_ROOM = re.compile(r"^### `([\w/]+)`$")
_NAMED = re.compile(r"`([\w/]+\.py)`")


def sources() -> set[str]:
    """The files of the package, by their paths in it; of ``__init__.py`` those that define something."""
    files = SOURCE.rglob("*.py")
    return {f.relative_to(SOURCE).as_posix() for f in files if f.name != "__init__.py" or _defines(f)}


def _defines(file: Path) -> bool:
    statements = ast.parse(file.read_text(encoding="utf-8")).body
    return any(isinstance(s, ast.FunctionDef | ast.ClassDef) for s in statements)


def has_its_own(source: str) -> bool:
    path = Path(source)
    return (TESTS / path.parent / f"test_{path.name}").is_file()


def lines(text: str) -> list[tuple[list[str], list[str]]]:
    """The source files and the tests that each row of the tables names; a table stands under its room's heading."""
    found: list[tuple[list[str], list[str]]] = []
    room: Path | None = None
    for line in text.splitlines():
        heading = _ROOM.match(line)
        if heading is not None:
            room = SOURCE / heading[1].removeprefix("mechverify").removeprefix("/")
        cells = line.split("|")
        if room is not None and line.startswith("| `") and len(cells) == 4:
            files = [(room / name).relative_to(SOURCE).as_posix() for name in _NAMED.findall(cells[1])]
            found.append((files, _NAMED.findall(cells[2])))
    return found


def wrong(text: str) -> list[str]:
    """What the lines fail to say, or say of what is not so."""
    rows, there = lines(text), sources()
    told = [f for files, _ in rows for f in files]
    return [
        *(f"{f} has neither a test of its name nor a line" for f in sorted(there - set(told)) if not has_its_own(f)),
        *(f"{f} has a line and is not there" for f in told if f not in there),
        *(f"{f} has a line and a test of its name" for f in told if has_its_own(f)),
        *(f"{f} has more than one line" for f in sorted(set(told)) if told.count(f) > 1),
        *(f"the line of {files} names no test" for files, tests in rows if not tests),
        *(f"{t} is named and is not there" for _, tests in rows for t in tests if not (TESTS / t).is_file()),
    ]


def test_every_source_file_has_a_test_or_a_line() -> None:
    assert wrong((TESTS / "README.md").read_text(encoding="utf-8")) == []


def test_what_is_wrong_is_found() -> None:
    text = (TESTS / "README.md").read_text(encoding="utf-8")
    ((first, *_), (test, *_)) = next(row for row in lines(text) if len(row[0]) == 1 and "/" in row[0][0])
    row = next(line for line in text.splitlines() if line.startswith(f"| `{Path(first).name}` | `{test}`"))
    gone, odd = test.replace("test_", "test_no_"), "| `no_such_file.py` | `docs/test_told_tests.py` |"
    room = Path(first).parent.as_posix()
    assert wrong(text.replace(row + "\n", "")) == [f"{first} has neither a test of its name nor a line"]
    assert wrong(text.replace(row, f"{row}\n{row}")) == [f"{first} has more than one line"]
    assert wrong(text.replace(row, f"{row}\n{odd}")) == [f"{room}/no_such_file.py has a line and is not there"]
    assert f"{gone} is named and is not there" in wrong(text.replace(row, row.replace(test, gone)))
