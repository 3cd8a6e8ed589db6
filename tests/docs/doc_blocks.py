"""The marked blocks of the documentation, and what should stand in them.

A marker is a comment on the line above a fenced block:
``<!-- output of: mechverify ... -->``: what the command prints, run in the repository's root; of ``python FILE``, what the
file prints, run in its own folder.
``<!-- file: PATH -->``: the whole file. ``<!-- part of: PATH -->``: consecutive lines of the file (a notebook's: of its
code), checked but not refreshed.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_MARKER = r"^(?:<!-- (?P<kind>output of|file|part of): (?P<what>.+?) -->\n)?"
_BLOCK = re.compile(_MARKER + r"```(?P<language>\w*)\n", re.MULTILINE)

# What the default test runs instead of a slow command: more arguments, whose output is a part of the whole.
QUICK = {
    "mechverify verify specs/equal_inputs.yaml": ["--claim", "hands_back_the_first", "--claim", "only_when_equal"],
}


@dataclass(frozen=True)
class Block:
    """One fenced block: ``kind`` is empty for one without a marker; ``start`` and ``end`` are those of its text."""

    page: Path
    kind: str
    what: str
    language: str
    text: str
    start: int
    end: int

    @property
    def where(self) -> str:
        """For messages and test names."""
        return f"{self.page.relative_to(ROOT)}: {self.what or self.text[:30]!r}"


def pages() -> list[Path]:
    """Every page of the documentation."""
    return [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    text = page.read_text(encoding="utf-8")
    at = 0
    while (found := _BLOCK.search(text, at)) is not None:
        end = text.index("\n```", found.end() - 1) + 1
        kind, what = found["kind"] or "", found["what"] or ""
        yield Block(page, kind, what, found["language"], text[found.end() : end], found.end(), end)
        at = end + 4


def all_blocks() -> list[Block]:
    """The blocks of all pages."""
    return [b for page in pages() for b in blocks(page)]


def run(command: str, extra: list[str] | None = None) -> str:
    """What a ``mechverify`` command or a Python file prints, both streams, 100 columns wide."""
    name, *arguments = shlex.split(command)
    if name not in ("mechverify", "python"):
        raise ValueError(f"neither mechverify nor python: {command}")
    environment = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "FORCE_COLOR")}
    file = ROOT / arguments[0]
    started = ["-m", "mechverify", *arguments, *(extra or [])] if name == "mechverify" else [file.name]
    path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, *started],
        cwd=ROOT if name == "mechverify" else file.parent,
        env={**environment, "PYTHONIOENCODING": "utf-8", "MECHVERIFY_NO_CACHE": "1", "PYTHONPATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        check=False,
    )
    return without_progress(done.stdout)


def file_text(path: Path) -> str:
    """A file's text; of a notebook, the code of its cells."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".ipynb":
        return text
    return "\n\n".join("".join(c["source"]) for c in json.loads(text)["cells"] if c["cell_type"] == "code") + "\n"


def normal(text: str) -> str:
    """The text without what may differ from run to run: times, sizes of proofs, versions of runtimes, line breaks and
    the dots that a break takes the place of."""
    text = re.sub(r"under 1 ms|\d[\d,.]*\s(?:ms|s|min|h)\b(?: \d+ s\b)?", "TIME", text)
    text = re.sub(r"\d[\d,]*\s(?:steps?|operations?|bytes)\b", "SIZE", text)
    text = re.sub(r"\b\d+\.\d+\.\d+\S*", "VERSION", text)
    text = re.sub(r"─+", "─", text)
    return re.sub(r"[\s·]+", " ", text).strip()


def without_progress(text: str) -> str:
    """The text without the line that a long run prints each minute."""
    return re.sub(r"^mechverify: .* in all\n", "", text, flags=re.MULTILINE)
