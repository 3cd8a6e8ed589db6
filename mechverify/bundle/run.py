"""One run of the joined checker on a certificate, and what of it ran: suites of statements, classes, entries."""

import ast
import contextlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

from .join import Joined

Place = tuple[str, int, int]  # a suite: its module, and the line and column of its first statement
_MARK = "__ran__"

# What is faster, no more, and the plain function that stands in its place in a checker for one certificate.
PLAIN = {"packed_sums": "plain_sums", "packed_totals": "plain_totals"}


@dataclass(frozen=True, slots=True)
class Run:
    """The printed answer and the exit code; the suites that ran, the classes of which an object was made, and for each
    table of functions the keys that were looked up."""

    line: str
    code: int
    ran: frozenset[Place]
    made: frozenset[str]
    looked_up: dict[str, frozenset[object]]


class _Watched(dict[str, Any]):
    """A table that remembers the keys that were looked up."""

    def __init__(self, table: dict[str, Any]) -> None:
        super().__init__(table)
        self.found: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.found.add(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        """The entry, or the default."""
        self.found.add(key)
        return super().get(key, default)


def suites(node: ast.AST, lines: list[str]) -> Iterator[list[ast.stmt]]:
    """The suites directly under a statement; an `elif` is none, but has some."""
    for field in ("body", "orelse", "finalbody"):
        found = getattr(node, field, None)
        if not isinstance(found, list) or not found:
            continue
        if field == "orelse" and isinstance(found[0], ast.If) and _is_elif(found[0], lines):
            yield from suites(found[0], lines)
        else:
            yield found


def _is_elif(node: ast.If, lines: list[str]) -> bool:
    return lines[node.lineno - 1].lstrip().startswith("elif")


def run_whole(whole: Joined, certificate: Path, tables: tuple[str, ...]) -> Run:
    """Run the whole checker on a certificate file, in this process; `tables` are the tables of functions."""
    ran: set[Place] = set()
    made: set[str] = set()
    names: dict[str, Any] = {"__name__": "mechverify_check", _MARK: lambda *place: ran.add(place)}
    exec("\n".join(whole.imports), names)  # noqa: S102 - as below, the kernel's own source
    for code in _marked(whole):
        exec(code, names)  # noqa: S102
    names.update({fast: names[plain] for fast, plain in PLAIN.items()})
    for name, one in names.items():
        if isinstance(one, type) and one.__module__ == names["__name__"] and one.__base__ is object:
            _count(name, one, made)
        elif type(one).__module__ == names["__name__"]:
            made.add(type(one).__name__)
    watched = {name: _Watched(names[name]) for name in tables}
    names.update(watched)
    line, exit_code = _answer(names, certificate)
    looked_up: dict[str, frozenset[object]] = {n: frozenset(table.found & table.keys()) for n, table in watched.items()}
    return Run(line, exit_code, frozenset(ran), frozenset(made), looked_up)


def run_text(text: str, certificate: Path) -> str:
    """The answer that the text of a checker prints of a certificate file, in this process."""
    names: dict[str, Any] = {"__name__": "mechverify_check"}
    exec(compile(text, "mechverify_check.py", "exec"), names)  # noqa: S102
    return _answer(names, certificate)[0]


def _answer(names: dict[str, Any], certificate: Path) -> tuple[str, int]:
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        code: int = names["main"]([str(certificate)])
    return output.getvalue(), code


@cache
def _marked(whole: Joined) -> tuple[CodeType, ...]:
    """The modules, so that every suite but those of modules and classes says first that it runs."""
    found: list[CodeType] = []
    for module, source in whole.sections:
        tree = ast.parse(source)
        _mark(module, tree, source.splitlines())
        found.append(compile(tree, module, "exec"))
    return tuple(found)


def _mark(module: str, tree: ast.Module, lines: list[str]) -> None:
    found = [suite for node in ast.walk(tree) if not isinstance(node, ast.Module | ast.ClassDef | ast.Lambda)
             for suite in suites(node, lines)]
    for suite in {id(suite): suite for suite in found}.values():
        first = suite[0]
        place: list[ast.expr] = [ast.Constant(x) for x in (module, first.lineno, first.col_offset)]
        suite.insert(0, ast.Expr(ast.Call(ast.Name(_MARK, ast.Load()), place, [])))
    ast.fix_missing_locations(tree)


def _count(name: str, one: type, made: set[str]) -> None:
    start: Callable[..., None] = one.__init__  # type: ignore[misc]

    def counted(self: object, *given: object, **named: object) -> None:
        made.add(name)
        start(self, *given, **named)

    one.__init__ = counted  # type: ignore[misc]
