"""Numbers in preconditions: which there are, and the condition with another one."""

from fractions import Fraction as F
from pathlib import Path

import pytest

from mechverify.scope.loosening import is_whole, loosened, slacks_of, written_with
from mechverify.spec.expression import syntax as ex
from mechverify.spec.read import read_spec
from mechverify.spec.spec import Spec
from mechverify.spec.text import expression_text

SPEC = """mechverify: 1
title: t
model: {program: 'p.py:f'}
parameters: {top: 40}
inputs: {x: {integers: 0 .. 9}, y: {integers: 0 .. 9}, r: {reals: 0 .. 1}, v: {integers: 0 .. 9, shape: [2]}}
preconditions: {p: %s}
explanation: {variables: {out: {value: x, located_at: output}}}
claims: {c: {always: network.out == x}}
"""
K = ex.Name("k", ex.Span(1, 1))


def spec_of(tmp_path: Path, condition: str) -> Spec:
    (tmp_path / "p.py").write_text("def f(x, y, r, v):\n    out = x\n    return out\n")
    (tmp_path / "s.yaml").write_text(SPEC % f"'{condition}'")
    return read_spec(tmp_path / "s.yaml")


@pytest.mark.parametrize(
    ("condition", "forms"),
    [
        ("x <= 5", ["x <= k, 5, 5"]),
        ("5 > x", ["x <= k, 5, 4"]),
        ("r < 0.5", ["r < k, 0.5, 0.5"]),
        ("x >= 2", ["x >= k, 2, -2"]),
        ("x > 2.5", ["x >= k, 2.5, -3"]),
        ("x == y", ["abs(x - y) <= k, 0, 0"]),
        ("x <= y", ["x <= y + k, 0, 0"]),
        ("x > y", ["x + k > y, 0, 0"]),
        ("x <= 5 and y <= 5", ["x <= k and y <= k, 5, 5"]),
        ("1 <= x <= top", ["x >= k and x <= top, 1, -1", "1 <= x and x <= k, 40, 40"]),
        ("all(v[i] <= top for i in range(2))", ["all(v[i] <= k for i in range(2)), 40, 40"]),
        ("all([x <= 1, y >= 3])", ["all([x <= k, y >= 3]), 1, 1", "all([x <= 1, y >= k]), 3, -3"]),
        ("x <= 5 or y <= 5", []),
        ("not x <= 5", []),
        ("x != 5", []),
        ("any(v[i] <= 3 for i in range(2))", []),
        ("2 * x - y <= 3", ["2 * x - y <= k, 3, 3"]),
    ],
)
def test_what_can_be_loosened(tmp_path: Path, condition: str, forms: list[str]) -> None:
    spec = spec_of(tmp_path, condition)
    expression = spec.preconditions[0].condition.expression
    found = slacks_of(expression, spec, {})
    texts = [
        f"{expression_text(loosened(expression, s, K, spec, {}))}, {float(s.written):g}, {float(s.start):g}"
        for s in found
    ]
    assert texts == forms


def test_the_condition_at_another_number(tmp_path: Path) -> None:
    spec = spec_of(tmp_path, "x >= 2 and y < 7")
    expression = spec.preconditions[0].condition.expression
    low, high = slacks_of(expression, spec, {})
    assert written_with(expression, low, low.start, spec, {}) == expression
    assert expression_text(written_with(expression, low, F(3), spec, {})) == "x >= -3 and y < 7"
    assert expression_text(written_with(expression, high, F(8), spec, {})) == "x >= 2 and y <= 8"
    assert low.number(F(3)) == -3


@pytest.mark.parametrize(
    ("text", "whole"),
    [("r", False), ("x // 2 + max(v)", True), ("x / 2", False), ("count([x > 1, y > 2]) * 2", True),
     ("sum(v[i] * i for i in range(2))", True), ("x if x > r else r", False), ("abs(x - 0.5)", False), ("floor(r)", True)],
)  # fmt: skip
def test_whole_numbers(tmp_path: Path, text: str, *, whole: bool) -> None:
    spec = spec_of(tmp_path, f"({text}) <= 3")
    (slack,) = slacks_of(spec.preconditions[0].condition.expression, spec, {})
    assert slack.whole is whole


def test_truth_values_are_no_whole_numbers() -> None:
    assert not is_whole(ex.Truth(True, ex.Span(1, 1)), ())
