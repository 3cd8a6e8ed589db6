"""Hypothesis strategies that have a name, and those for numbers that are no integers, stand in one room."""

import ast
from pathlib import Path

from doc_blocks import ROOT

TESTS = ROOT / "tests"
ROOM = TESTS / "support" / "strategies"
NUMBERS = ("floats", "fractions", "decimals")


def is_strategy(node: ast.expr, *names: str) -> bool:
    """Whether this is ``st.name``, of any name where none is given."""
    ours = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "st"
    return ours and (not names or node.attr in names)


def strays(source: str) -> list[int]:
    """The lines of strategies that are named at the top of a module or composed, and of numbers."""
    tree = ast.parse(source)
    named = [
        statement.lineno
        for statement in tree.body
        if isinstance(statement, ast.Assign | ast.AnnAssign)
        and any(is_strategy(node) for node in ast.walk(statement) if isinstance(node, ast.expr))
    ]
    others = [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and is_strategy(node, "composite", *NUMBERS)
    ]
    return sorted({*named, *others})


def outside() -> list[Path]:
    return [path for path in sorted(TESTS.rglob("*.py")) if ROOM not in path.parents]


def test_no_strategy_stands_elsewhere() -> None:
    texts = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in outside()}
    found = {name: strays(text) for name, text in texts.items() if "hypothesis" in text}
    assert len(found) > 15
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_strays_are_found() -> None:
    assert strays("numbers = st.integers(0, 3).map(abs)\n") == [1]
    assert strays("@st.composite\ndef graphs(draw):\n    return draw(st.integers())\n") == [1]
    assert strays("@given(st.lists(st.fractions()))\ndef test(x):\n    pass\n") == [1]
    assert strays("@given(st.lists(st.integers(0, 9)), st.data())\ndef test(x, data):\n    pass\n") == []
