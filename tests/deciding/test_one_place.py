"""Verdicts are made in one place: nothing beside it hands a verdict on that it has not been given."""

import ast
from collections.abc import Iterator
from pathlib import Path

import mechverify

ROOT = Path(mechverify.__file__).parent
MAKER = ROOT / "deciding" / "combine.py"
ROOMS = ("deciding", "findings", "verification", "probing", "tighten")


def made(source: str) -> Iterator[int]:
    """Lines at which a verdict is put into something: an argument, a value that is assigned or returned, a choice."""
    for node in ast.walk(ast.parse(source)):
        values: list[ast.AST | None] = []
        if isinstance(node, ast.Call):
            values = [*node.args, *(k.value for k in node.keywords)]
            if ast.unparse(node.func) == "Verdict":
                yield node.lineno
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.Return | ast.NamedExpr):
            values = [node.value]
        elif isinstance(node, ast.IfExp):
            values = [node.body, node.orelse]
        for value in values:
            if isinstance(value, ast.Attribute) and ast.unparse(value.value) == "Verdict":
                yield value.lineno
            if isinstance(value, ast.Tuple | ast.List) and not isinstance(node, ast.Assign) and value.elts:
                yield from (e.lineno for e in value.elts if ast.unparse(e).startswith("Verdict."))


def test_the_search_finds_what_it_looks_for() -> None:
    for text in (
        "f(Verdict.PROVED)", "replace(d, verdict=Verdict.PROVED)", "v = Verdict.OPEN", "v = Verdict(word)",
        "x = Verdict.PROVED if a else b", "def f():\n    return Verdict.HELD", "def f():\n    return Verdict.HELD, None",
    ):  # fmt: skip
        assert list(made(text))
    for text in ("d.verdict is Verdict.PROVED", "_SETTLED = (Verdict.OPEN, Verdict.ERROR)", "f(verdict=d.verdict)"):
        assert not list(made(text))


def test_nothing_beside_it_makes_a_verdict() -> None:
    files = [path for room in ROOMS for path in (ROOT / room).rglob("*.py") if path != MAKER]
    assert len(files) > 50
    found = [f"{path.relative_to(ROOT)}:{line}" for path in files for line in made(path.read_text())]
    assert found == []
    assert list(made(MAKER.read_text()))
