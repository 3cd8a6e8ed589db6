"""The notebook's cells, run again as one script, say what they say in the notebook."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from doc_blocks import ROOT, normal

NOTEBOOK = ROOT / "docs/notebook.ipynb"
MARK = "---- next cell ----"


def code_cells() -> list[dict[str, Any]]:
    book = json.loads(NOTEBOOK.read_text(encoding="utf-8"))
    return [c for c in book["cells"] if c["cell_type"] == "code"]


def script(sources: list[str]) -> str:
    """All cells after one another; the value of a last expression is printed, as a notebook shows it."""
    parts = []
    for source in sources:
        tree = ast.parse(source)
        last = tree.body[-1]
        prints = isinstance(last, ast.Expr) and ast.unparse(last).startswith("print(")
        if isinstance(last, ast.Expr) and not prints and not source.rstrip().endswith(";"):
            shown = ast.parse("print(repr(value))").body[0]
            assign = ast.Assign([ast.Name("value", ast.Store())], last.value)
            tree.body[-1:] = [ast.fix_missing_locations(assign), shown]
        parts.append(ast.unparse(tree))
    return f"\nprint({MARK!r})\n".join(parts)


def stored(cell: dict[str, Any]) -> str:
    """What the notebook shows under a cell, as text."""
    return "".join("".join(o.get("text") or o["data"]["text/plain"]) for o in cell["outputs"])


def verdicts(text: str) -> list[str]:
    return re.findall(r"\b(?:PROVED|HELD|REFUTED|LIKELY|PARTLY|OPEN|VACUOUS|ERROR)\b", text)


def test_the_cells_say_again_what_they_said(tmp_path: Path) -> None:
    cells = code_cells()
    path = tmp_path / "notebook.py"
    path.write_text(script(["".join(c["source"]) for c in cells]), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(path)], capture_output=True, text=True, encoding="utf-8", cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = done.stdout.split(f"{MARK}\n")
    assert len(found) == len(cells)
    assert [verdicts(text) for text in found] == [verdicts(stored(c)) for c in cells]
    refuted = [(text, stored(c)) for text, c in zip(found, cells, strict=True) if "REFUTED" in text]
    assert len(refuted) == 2
    assert all(normal(text) == normal(shown) for text, shown in refuted)


def test_stored_outputs_are_complete_and_name_no_machine() -> None:
    text = NOTEBOOK.read_text(encoding="utf-8")
    assert not re.search(r"/(?:home|root|tmp|work|Users)/", text)
    cells = code_cells()
    assert [c["execution_count"] for c in cells] == list(range(1, len(cells) + 1))
    shown = "".join(stored(c) for c in cells)
    assert verdicts(shown)[0] == "PROVED"
    assert "REFUTED" in shown
    assert sum("text/html" in o.get("data", {}) for c in cells for o in c["outputs"]) == 3
