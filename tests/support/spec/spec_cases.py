"""Specs with mistakes, and their exact messages, from the texts in ``invalid/``.

A case is ``=== name``, the spec, ``--->`` and the messages. Sections that a case leaves out are appended, so that
lines count from the case's own first line; ``!raw`` appends nothing, ``!bare`` only what every spec needs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mechverify.errors import Diagnostic, SpecError
from mechverify.spec.read import read_spec

FOLDER = Path(__file__).parents[2] / "spec" / "invalid"

DEFAULTS = {
    "mechverify": "mechverify: 1\n",
    "title": "title: A case\n",
    "inputs": "inputs:\n  x_1: {integers: 0 .. 10}\n  x_2: {integers: 0 .. 10}\n  v: {integers: 0 .. 3, shape: [4]}\n",
    "model": "model: {onnx: models/m.onnx}\n",
    "preconditions": "preconditions:\n  same: x_1 == x_2\n",
    "explanation": (
        "explanation:\n  variables:\n"
        '    difference: {value: x_1 - x_2, located_at: "hidden[0]"}\n'
        '    answer: {value: 2 * x_1, located_at: "output[0]"}\n'
        "    seen: {located_at: hidden}\n"
    ),
}


@dataclass(frozen=True)
class Case:
    """A spec's text and what must be said of it."""

    name: str
    text: str
    expected: str


def cases() -> Iterator[Case]:
    """Every case of every file."""
    for path in sorted(FOLDER.glob("*.txt")):
        for block in path.read_text(encoding="utf-8").split("\n=== "):
            name, _, rest = block.removeprefix("=== ").partition("\n")
            body, _, expected = rest.rstrip("\n").partition("\n--->\n")
            yield Case(f"{path.stem}: {name}", body + "\n", expected)


def completed(text: str) -> str:
    """The case's text with the sections that it leaves out."""
    for word in ("!raw", "!bare"):
        if text.startswith(f"{word}\n"):
            rest = text.removeprefix(f"{word}\n")
            return rest if word == "!raw" else rest + DEFAULTS["mechverify"] + DEFAULTS["title"]
    own = {line.split(":")[0] for line in text.splitlines()}
    wanted = ["mechverify", "title"] if "inputs" in own else list(DEFAULTS)
    return text + "".join(DEFAULTS[k] for k in wanted if k not in own)


def described(diagnostic: Diagnostic) -> str:
    """One message as the cases write it: place, message, hint."""
    hint = f"\n    hint: {diagnostic.hint}" if diagnostic.hint is not None else ""
    return f"{diagnostic.line}:{diagnostic.column}: {diagnostic.message}{hint}"


def messages(text: str, folder: Path) -> str:
    """What the reader says of a spec's text; empty if it reads."""
    path = folder / "case.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        read_spec(path)
    except SpecError as error:
        return "\n".join(described(d) for d in error.diagnostics)
    return ""
