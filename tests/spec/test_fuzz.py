"""Mutated specs either read or are refused at a place in the file, quickly, and with no other exception."""

import random
from pathlib import Path

import pytest
from spec_cases import cases, completed
from waiting import no_hang

from mechverify.errors import Diagnostic, SpecError
from mechverify.spec.read import read_spec

HERE = Path(__file__).parent
SIGNS = [
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ":",
    ",",
    "..",
    "'",
    '"',
    "|",
    ">",
    "#",
    "&a",
    "*a",
    "!!x",
    "%",
    "**",
    "^",
    "=",
    "==",
    "-",
    "0",
    "1e9",
    "1e999999999",
    "9**9**9",
    "~",
    "\\",
    "\\x",
    "<<:",
    "@",
    "`",
]
WORDS = [
    "it",
    "network.",
    "x_1",
    "answer",
    "true",
    "null",
    "if",
    "else",
    "not",
    "for",
    "in",
    "range(",
    "claims:",
    "inputs:",
    "all(",
    "v[",
]
BLANKS = [
    "\n",
    "\n  ",
    "\t",
    " #",
    ": ",
    "- ",
    "? ",
    "---\n",
    "...\n",
    "\r",
    "\x00",
    "\x85",
    "\ufeff",
    "\u2028",
    "\u00e9",
]
BOMBS = ["{" * 40, "[" * 40, "(" * 300, "-" * 300, "a " * 300, "not " * 300, "1 if 1 else " * 300, "x_1 + " * 300]
PIECES = [*SIGNS, *WORDS, *BLANKS, *BOMBS]


def mutated(text: str, pick: random.Random) -> str:
    """The text with one to four changes: pieces put in, spans cut, repeated or moved, lines swapped."""
    for _ in range(pick.randint(1, 4)):
        at = pick.randint(0, len(text))
        to = min(len(text), at + pick.choice((1, 1, 2, 5, 20, 80)))
        match pick.randrange(6):
            case 0 | 1:
                text = text[:at] + pick.choice(PIECES) + text[at:]
            case 2:
                text = text[:at] + text[to:]
            case 3:
                text = text[:to] + text[at:]
            case 4:
                other = pick.randint(0, len(text))
                text = text[:other] + text[at:to] + text[other:]
            case _:
                lines = text.split("\n")
                i, j = pick.randrange(len(lines)), pick.randrange(len(lines))
                lines[i], lines[j] = lines[j], lines[i]
                text = "\n".join(lines)
    return text


def originals() -> list[str]:
    """The design example, and every spec of the invalid cases."""
    design = (HERE / "design.yaml").read_text(encoding="utf-8")
    return [design] * 60 + [completed(c.text) for c in cases()]


def mistakes(path: Path) -> tuple[Diagnostic, ...]:
    """What the reader refuses; nothing if it reads."""
    try:
        read_spec(path)
    except SpecError as error:
        return error.diagnostics
    return ()


def check(text: str, path: Path) -> bool:
    """Whether the text reads; fails where it is refused in the wrong way."""
    path.write_bytes(text.encode("utf-8"))
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    with no_hang(10.0):
        found = mistakes(path)
    for d in found:
        assert d.path == str(path)
        assert 1 <= d.line <= len(lines)
        assert 1 <= d.column <= len(lines[d.line - 1]) + 1
        assert d.message
        assert d.render()
    return not found


def fuzz(count: int, seed: int, tmp_path: Path) -> None:
    pick = random.Random(seed)
    texts = originals()
    outcomes = [check(mutated(pick.choice(texts), pick), tmp_path / "case.yaml") for _ in range(count)]
    assert not all(outcomes)


def test_mutations(tmp_path: Path) -> None:
    fuzz(500, 1, tmp_path)


@pytest.mark.campaign
def test_many_mutations(tmp_path: Path) -> None:
    fuzz(20_000, 2, tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "a:\n" + "".join(" " * k + "a:\n" for k in range(400)),
        "- " * 100_000,
        "preconditions: {c: '" + "(" * 100_000 + "'}\n",
        "preconditions: {c: '" + "-" * 15_000 + "1'}\n",
        "preconditions: {c: '" + "x_1 + " * 2_000 + "1 > 0'}\n",
        "preconditions: {c: '" + "x_1 ** " * 2_000 + "1 > 0'}\n",
        "preconditions: {c: '" + "1 if x_1 > 0 else " * 1_000 + "1 > 0'}\n",
        "preconditions: {c: '" + "9" * 18_000 + " > 0'}\n",
        "preconditions: {c: '" + "9 ** 64 ** " * 1_000 + "9 > 0'}\n",
        "preconditions: {c: '" + "x_1[" * 45 + "0" + "]" * 45 + " > 0'}\n",
        "".join(f"k{i}: &a{i} [*a{i - 1}, *a{i - 1}]\n" for i in range(1, 60)),
        "title: " + "a" * 200_000,
        "parameters: {" + ", ".join(f"p{i}: p{i - 1} * p{i - 1}" if i else "p0: 10" for i in range(200)) + "}\n",
        "explanation: {variables: {"
        + ", ".join(f"a{i}: {{value: a{i + 1} + a{i + 1}}}" for i in range(300))
        + ", a300: {value: x_1}}}\n",
    ],
    ids=lambda t: t[:30],
)
def test_bombs(text: str, tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(completed(text if text.endswith("\n") else text + "\n"), encoding="utf-8")
    with no_hang(30.0):
        mistakes(path)
