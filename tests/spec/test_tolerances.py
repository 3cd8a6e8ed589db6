"""Which numbers of a claim are tolerances, and claims with other ones."""

from fractions import Fraction as F
from pathlib import Path

import pytest

from mechverify.spec.read import read_spec
from mechverify.spec.spec import Claim, Spec
from mechverify.spec.text import expression_text
from mechverify.spec.tolerances import tolerances_of, with_tolerance

SPEC = """mechverify: 1
title: t
model: {program: 'p.py:f'}
parameters: {tol: 60000, unit: 3}
inputs: {x: {integers: 0 .. 9}}
explanation: {variables: {out: {value: x, located_at: output}, other: {located_at: output}}}
claims:
  c: {CLAIM}
"""


def read(folder: Path, claim: str) -> tuple[Spec, Claim]:
    (folder / "p.py").write_text("def f(x):\n    return x\n")
    (folder / "s.yaml").write_text(SPEC.replace("CLAIM", claim))
    spec = read_spec(folder / "s.yaml")
    return spec, spec.claims[0]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("abs(network.out - out) <= tol", [("tol", 60000, ["abs(network.out - out)"])]),
        ("tol >= abs(network.out - out)", [("tol", 60000, ["abs(network.out - out)"])]),
        ("network.out - out < 2 * unit", [("2 * unit", 6, ["network.out - out"])]),
        ("network.out <= 3 and out - 1 <= unit", [("3", 3, ["network.out", "out - 1"])]),
        ("network.out <= 3 and out <= 4 and out == x", [("3", 3, ["network.out"]), ("4", 4, ["out"])]),
        ("network.out <= out", []),
        ("network.out == out", []),
        ("network.out <= 3 or out <= 4", []),
        ("3 <= network.out", []),
        ("unit <= tol", []),
    ],
)
def test_tolerances(tmp_path: Path, condition: str, expected: list[tuple[str, int, list[str]]]) -> None:
    spec, claim = read(tmp_path, f'always: "{condition}"')
    found = tolerances_of(spec, claim, {})
    assert [(t.text, t.value, [expression_text(s) for s in t.sides]) for t in found] == expected


def test_the_tolerance_of_whole_explanations(tmp_path: Path) -> None:
    spec, claim = read(tmp_path, "faithful: true, tolerance: 0.5")
    (found,) = tolerances_of(spec, claim, {})
    assert (found.value, found.sides) == (F(1, 2), ())
    assert with_tolerance(claim, found, F(3)).tolerance == 3
    spec, claim = read(tmp_path, "faithful: true")
    assert tolerances_of(spec, claim, {}) == ()


def test_an_index_of_a_family_is_a_number(tmp_path: Path) -> None:
    spec, claim = read(tmp_path, "for: {i: 0 .. 2}, always: 'abs(network.out - out) <= unit * i'")
    assert tolerances_of(spec, claim, {"i": 2})[0].value == 6


@pytest.mark.parametrize(("value", "text"), [(F(7, 2), "3.5"), (F(1, 3), "1/3"), (F(-2), "-2")])
def test_a_claim_with_another_tolerance(tmp_path: Path, value: F, text: str) -> None:
    _, claim = read(tmp_path, 'always: "abs(network.out - out) < tol and out == x and network.out <= 60000"')
    spec = read_spec(tmp_path / "s.yaml")
    (tolerance,) = tolerances_of(spec, claim, {})
    changed = with_tolerance(claim, tolerance, value)
    assert changed.condition is not None
    assert changed.condition.text == f"abs(network.out - out) <= {text} and network.out <= {text}"
    assert changed.span == claim.span
