"""What lint warns of."""

from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.verification.lint import lint_spec

HEAD = "mechverify: 1\ntitle: t\nmodel: {program: 'f.py:f'}\ninputs:\n  x: {integers: 0 .. 3}\n  c: {integers: 0 .. 3}\n"
VARIABLES = "explanation: {variables: {y: {located_at: output}}}\n"
CLAIMS = "claims: {one: {always: network.y <= 4}}\n"


def linted(folder: Path, text: str, program: str = "def f(x):\n    y = x + 1\n    return y\n") -> list[str]:
    (folder / "f.py").write_text(program)
    path = folder / "s.yaml"
    path.write_text(text)
    return [f"{d.line}:{d.column}: {d.message}" for d in lint_spec(path, VerifyOptions())]


def test_an_input_that_nothing_uses(tmp_path: Path) -> None:
    assert linted(tmp_path, HEAD + VARIABLES + CLAIMS) == [
        "6:3: warning: nothing uses the input c: no model, explanation, precondition or claim"
    ]


@pytest.mark.parametrize(
    "text",
    [
        HEAD + "preconditions: {p: c == x}\n" + VARIABLES + CLAIMS,
        HEAD + VARIABLES.replace("output", "output, value: x + c") + CLAIMS,
        HEAD + VARIABLES + CLAIMS.replace("<= 4", "<= 4 + c"),
        HEAD + VARIABLES + CLAIMS.replace("always", "also: {p: c == 1}, always"),
        HEAD.replace("f.py:f'}", "f.py:f', feed: {x: c + 0 * x}}") + VARIABLES + CLAIMS,
        HEAD + VARIABLES + CLAIMS.replace("<= 4", "<= 4 + max(c * i for i in range(2))"),
    ],
)
def test_an_input_that_something_uses(tmp_path: Path, text: str) -> None:
    assert linted(tmp_path, text) == []


def test_an_input_that_the_model_takes_by_name(tmp_path: Path) -> None:
    assert linted(tmp_path, HEAD + VARIABLES + CLAIMS, "def f(x, c):\n    y = x + c\n    return y\n") == []


def test_a_fed_model_input_does_not_use_the_spec_input_of_its_name(tmp_path: Path) -> None:
    text = HEAD.replace("f.py:f'}", "f.py:f', feed: {x: c}}") + VARIABLES + CLAIMS
    assert [line.split(":")[0] for line in linted(tmp_path, text)] == ["5"]


def test_one_warning_for_all_members_of_a_group(tmp_path: Path) -> None:
    head = HEAD.replace("  c: {integers: 0 .. 3}\n", "")
    variables = (
        "explanation: {variables: {y: {located_at: y, value: x + 1}, z: {located_at: z, value: 2 * y}, "
        "out: {located_at: output, value: z}}}\n"
    )
    program = "def f(x):\n    y = x + 1\n    z = 2 * y\n    return z\n"
    claims = "claims: {swap: {interchange: all, always: network.out == out}}\n"
    silent = [w for w in linted(tmp_path, head + variables + claims, program) if "says nothing" in w]
    words = "8 of the 16 members of swap (swap[x], ...) move what others follow"
    assert silent == [f"7:10: warning: {words}, and `always` says nothing of what that does to y, z"]
    alone = claims.replace("all", "[x]")
    silent = [w for w in linted(tmp_path, head + variables + alone, program) if "says nothing" in w]
    assert silent == ["7:10: warning: swap moves x, and `always` says nothing of what that does to y, z"]
