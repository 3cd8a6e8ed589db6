"""How far a claim allows a site to be from its variable's value, read off the claim."""

from fractions import Fraction
from pathlib import Path

import pytest

from mechverify.explanation.structures.aims import aims_of
from mechverify.spec.read import read_spec

HEAD = (
    "mechverify: 1\ntitle: t\nparameters: {tol: 9}\nmodel: {onnx: m.onnx}\ninputs: {x: {reals: 0 .. 1}}\n"
    "explanation: {variables: {a: {value: x, located_at: h}, b: {value: x, located_at: g}}}\n"
)


@pytest.mark.parametrize(
    ("condition", "aims"),
    [
        ("abs(network.a - a) <= 0.5", {"a": Fraction(1, 2)}),
        ("abs(a - network.a) <= tol and network.b == b", {"a": Fraction(9), "b": Fraction(0)}),
        ("abs(network.a - a) <= tol and abs(network.a - a) <= 1", {"a": Fraction(1)}),
        ("abs(network.a - b) <= tol or network.a == a", {}),
        ("abs(network.a - a) <= x", {}),
    ],
)
def test_aims(condition: str, aims: dict[str, Fraction], tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(HEAD + f"claims: {{c: {{always: '{condition}'}}}}\n")
    spec = read_spec(path)
    assert aims_of(spec, spec.claims[0]) == aims
