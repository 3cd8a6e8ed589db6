"""Preconditions that no input meets, and parameters that nothing speaks of: lint says so."""

from pathlib import Path

import pytest

from mechverify.deciding.options import VerifyOptions
from mechverify.verification.lint import lint_spec

SPEC = """mechverify: 1
title: t
parameters: {{{parameters}}}
model: {{program: 'f.py:f'}}
inputs: {{x: {{integers: 0 .. 1000000}}, y: {{integers: 0 .. 1000000}}}}
preconditions: {{{preconditions}}}
explanation: {{variables: {{out: {{located_at: output}}}}}}
claims:
{claims}
"""
CLAIM = "  c: {always: network.out >= x}\n"


def linted(folder: Path, preconditions: str = "", claims: str = CLAIM, parameters: str = "") -> list[str]:
    (folder / "f.py").write_text("def f(x, y):\n    return x + y\n")
    path = folder / "s.yaml"
    path.write_text(SPEC.format(preconditions=preconditions, claims=claims, parameters=parameters))
    return [d.message for d in lint_spec(path, VerifyOptions())]


@pytest.mark.parametrize(
    ("preconditions", "blamed"),
    [
        ("p: x > 1000000", "the precondition p"),
        ("p: x > y, q: y > 3, r: y > x", "the preconditions p and r"),
        ("p: x + y == 3, q: x == y", "the preconditions p and q"),
        ("p: x * y < 0", "the precondition p"),
        ("p: 2 * x == 2 * y + 1", "the precondition p"),
        ("p: 'max(x, y) < min(x, y)'", "the precondition p"),
        ("p: x == 999999 and y == 999998, q: x + y == 1999997", None),
        ("p: x > 999990 and x % 7 == 3", None),
        ("p: x > y", None),
        ("", None),
    ],
)
def test_preconditions_that_no_input_meets(tmp_path: Path, preconditions: str, blamed: str | None) -> None:
    said = [message for message in linted(tmp_path, preconditions) if "never be met" in message]
    if blamed is None:
        assert said == []
    else:
        together = " together" if " and " in blamed else ""
        assert said == [f"warning: {blamed} can never be met{together}, so that c will be VACUOUS"]


def test_which_claims_are_concerned(tmp_path: Path) -> None:
    claims = (
        "  dropped: {without: [p], always: network.out >= x}\n"
        "  own: {without: [p], also: {q: y > 1000000}, always: network.out >= x}\n"
        "  first: {always: network.out >= x}\n"
        "  second: {always: network.out >= x}\n"
        "  expected: {always: network.out >= x, expect: vacuous}\n"
        "  member: {for: {i: 0 .. 3}, without: [p], also: {r: x == 1000003 - i}, always: network.out >= x}\n"
    )
    said = [message for message in linted(tmp_path, "p: x > y and y > x", claims) if "never be met" in message]
    assert said == [
        "warning: the precondition q can never be met, so that own will be VACUOUS",
        "warning: the precondition p can never be met, so that first, second will be VACUOUS",
        "warning: the precondition r can never be met, so that member will be VACUOUS",
    ]


@pytest.mark.parametrize(
    ("parameters", "claims", "unused"),
    [
        ("n: 3", CLAIM, ["n"]),
        ("n: 3, m: n + 1", CLAIM, ["m"]),
        ("n: 3", "  c: {always: network.out >= x - n}\n", []),
        ("n: 3", "  c: {for: {i: 0 .. n}, always: network.out >= x - i}\n", []),
        ("n: 3", "  c: {always: all(network.out >= x - i for i in range(n))}\n", []),
        ("n: 3", "  c: {resample: [y], ignores: [out], tolerance: n, expect: refuted}\n", []),
        ("n: 3", "  c: {says: about n, always: network.out >= x}\n", ["n"]),
    ],
)
def test_parameters_that_nothing_speaks_of(tmp_path: Path, parameters: str, claims: str, unused: list[str]) -> None:
    said = [message for message in linted(tmp_path, "", claims, parameters) if "the parameter" in message]
    assert said == [f"warning: nothing uses the parameter {name}: no expression speaks of it" for name in unused]


def test_parameters_of_a_shared_file_are_for_all_that_share_it(tmp_path: Path) -> None:
    (tmp_path / "shared.yaml").write_text("parameters: {shared: 4}\n")
    text = "use: shared.yaml\n" + SPEC.format(preconditions="", claims=CLAIM, parameters="own: 5")
    (tmp_path / "f.py").write_text("def f(x, y):\n    return x + y\n")
    (tmp_path / "s.yaml").write_text(text)
    said = [d.message for d in lint_spec(tmp_path / "s.yaml", VerifyOptions()) if "the parameter" in d.message]
    assert len(said) == 1
    assert "own" in said[0]
