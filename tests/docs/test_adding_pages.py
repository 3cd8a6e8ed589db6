"""The files and names that the pages on adding an operation or an engine tell of are there."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from doc_blocks import ROOT

from mechverify.cli.application import COMMANDS

PAGES = sorted((ROOT / "docs").glob("adding-*.md"))
_QUOTED = re.compile(r"`([^`]+)`")
# Words of certificates and of the kernel's answers, with the module that has them.
WORDS = {"float32": "kernel/reading/problem.py", "unreadable": "kernel/entry.py"}
_CALL = re.compile(r"([A-Za-z_][\w.]*(?:<\w+>)?)(?:\(.*\))?")


def items(text: str) -> Iterator[str]:
    """The paragraphs, list items and rows of tables of a page."""
    yield from re.split(r"\n\s*\n|\n(?=\d+\. |- |\|)", text)


def place(path: str) -> Path | None:
    """Where a path of the documentation is, which may leave out the package."""
    return next((p for p in (ROOT / path, ROOT / "mechverify" / path) if p.exists()), None)


@cache
def names_of(file: Path) -> frozenset[str]:
    """What a module defines or imports, and ``Class.member`` and ``.member`` for what its classes have."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.ClassDef():
                members = {n for statement in node.body for n in _bound(statement)}
                found |= {node.name} | {f"{node.name}.{n}" for n in members} | {f".{n}" for n in members}
            case ast.ImportFrom():
                found |= {alias.asname or alias.name for alias in node.names}
            case ast.FunctionDef() | ast.Assign() | ast.AnnAssign():
                found |= set(_bound(node))
    return frozenset(found)


def _bound(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.FunctionDef() | ast.ClassDef():
            yield statement.name
        case ast.Assign():
            yield from (n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name


@cache
def anywhere(name: str) -> bool:
    """Whether some module of mechverify has the name, with a class's ``Class.member``."""
    files = (f for f in sorted((ROOT / "mechverify").rglob("*.py")) if name.partition(".")[0] in f.read_text("utf-8"))
    return any({name, f".{name}"} & names_of(f) for f in files)


def is_there(name: str, modules: list[Path]) -> bool:
    """Whether one of the modules has the name, or any where there are none. ``op_<name>`` is a pattern; a class's
    member is looked for in the class, wherever it is, and another's in the classes of the modules."""
    beside = frozenset().union(*map(names_of, modules))
    if name in WORDS:
        return f'"{name}"' in (ROOT / "mechverify" / WORDS[name]).read_text("utf-8")
    if "<" in name:
        return any(n.startswith(name.partition("<")[0]) for n in beside)
    first, dot, rest = name.partition(".")
    if not dot:
        return bool({name, f".{name}"} & beside) if modules else anywhere(name)
    if first[0].isupper():
        return anywhere(name)
    return f".{rest}" in beside or in_a_package(first, rest)


def in_a_package(package: str, module: str) -> bool:
    """Whether an installed package has a module, which is not imported for that."""
    spec = find_spec(package)
    folders = [] if spec is None else spec.submodule_search_locations or []
    return any((Path(f) / module).is_dir() or (Path(f) / f"{module}.py").is_file() for f in folders)


def missing(text: str) -> list[str]:
    """The paths and names in backquotes that are not there: a name beside files has to stand in one of them."""
    found = []
    for item in items(text):
        quoted = _QUOTED.findall(item)
        paths = [q for q in quoted if "/" in q]
        found += [p for p in paths if place(p) is None]
        modules = [p for p in map(place, paths) if p is not None and p.suffix == ".py" and "mechverify" in p.parts]
        for one in quoted:
            command, _, argument = one.partition(" ")
            if command == "mechverify" and argument:
                found += [] if argument in {c.name for c in COMMANDS} else [one]
            elif "/" not in one:
                name = _CALL.fullmatch(one)
                found += [] if name is not None and is_there(name[1], modules) else [one]
    return found


@pytest.mark.skipif(find_spec("torch") is None, reason="the pages speak of torch")
@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_every_name_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(_QUOTED.findall(text)) > 15
    assert missing(text) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("`op.refuse(reason)`", "`op.reject(reason)`"),
        ("One line in `TABLE`", "One line in `ROWS`"),
        ("line in the graph's `OPERATIONS`", "line in the graph's `RECORDS`"),
        ("`Arithmetic.dot`", "`Arithmetic.dotted`"),
        ("`op_<name>(op: Operation)`", "`operation_<name>(op: Operation)`"),
        ("`torch.export`", "`torch.exported`"),
        ("`mechverify explain`", "`mechverify explains`"),
        ("`mechverify/graph/operations/table.py`", "`mechverify/graph/operations/tables.py`"),
    ],
)  # fmt: skip
def test_a_name_that_is_not_there_is_found(right: str, wrong: str) -> None:
    text = (ROOT / "docs/adding-an-operation.md").read_text(encoding="utf-8")
    assert right in text
    assert wrong.partition("`")[2].partition("`")[0] in missing(text.replace(right, wrong, 1))
