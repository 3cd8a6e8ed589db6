"""SEMANTICS 3: preconditions, mechanisms, read_as and claims are exact; lint warns of equality on rounded values."""

from pathlib import Path

import pytest
from semantics_tools import dense, expressions, verdicts, verify

from mechverify.api import VerifyOptions, lint_paths

TEXT = (
    "model: {onnx: m.onnx, feed: {x: [n]}}\ninputs: {n: {integers: 0 .. 9}}\n"
    "explanation:\n  variables:\n    o: {located_at: 'output[0]', read_as: it / 3, value: n / 3}\n"
)


def test_expressions_are_exact_mathematics(tmp_path: Path) -> None:
    big = 2**53
    results = expressions(
        tmp_path,
        f"x: {{integers: {big} .. {big + 4}}}, y: {{integers: 0 .. 0}}",
        {
            "thirds": "x / 3 * 3 == x",
            "beyond_doubles": "x + 1 != x and (x + 1) / 10 - x / 10 == 0.1",
            "root": "sqrt(x * x) == x",
            "wrong": "x + 1 == x",
        },
        "preconditions:\n  exact: x / 7 * 7 == x\n",
    )
    assert verdicts(results) == {"thirds": "PROVED", "beyond_doubles": "PROVED", "root": "PROVED", "wrong": "REFUTED"}
    assert results["thirds"].counts.total == (5, 5)


def test_decodings_are_exact_over_what_the_model_produced(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1]], [0])])
    results = verify(tmp_path, TEXT + "claims: {same: {always: network.o == o}, off: {always: network.o == o + 0.0000001}}\n")
    assert verdicts(results) == {"same": "PROVED", "off": "REFUTED"}


def test_lint_warns_of_equality_on_a_rounded_value(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1]], [0])])
    path = tmp_path / "spec.yaml"
    claims = (
        "claims:\n  exact: {always: network.o == o}\n  near: {always: abs(network.o - o) <= 0.1}\n"
        "  rounded: {always: round(network.o) == round(o)}\n"
    )
    path.write_text("mechverify: 1\ntitle: t\n" + TEXT + claims)
    ((_, found),) = lint_paths([path], VerifyOptions())
    warned = [d.line for d in found if "exact equality" in d.message]
    assert warned == [path.read_text().splitlines().index("  exact: {always: network.o == o}") + 1]


NETWORK = """mechverify: 1
title: t
model: {onnx: m.onnx, feed: {x: [n]}}
inputs: {n: {integers: 0 .. 9}}
parameters: {half: 0.5}
"""


@pytest.mark.parametrize(
    ("read_as", "doubtful"),
    [
        ("it", True),
        ("it > 0.5", False),
        ("not it > 0.5", False),
        ("it > 0.5 and it < 2", False),
        ("1 if it > 0.5 else 0", False),
        ("half if it > half else 0", False),
        ("1 if it > 0.5 else it", True),
        ("it if it > 0.5 else 1", True),
        ("round(it) // 2", False),
        ("round(it * 4) / 4", False),
        ("round(it) + it", True),
        ("-round(it)", False),
        ("-it", True),
        ("max(round(it), 0)", False),
        ("max(it, 0)", True),
        ("abs(floor(it))", False),
    ],
)
def test_exact_equality_behind_a_decoding(tmp_path: Path, read_as: str, *, doubtful: bool) -> None:
    dense(tmp_path / "m.onnx", [([[1]], [0])])
    path = tmp_path / "s.yaml"
    explanation = f"explanation: {{variables: {{o: {{located_at: 'output[0]', read_as: '{read_as}', value: n}}}}}}\n"
    path.write_text(NETWORK + explanation + "claims: {one: {always: network.o == o}}\n")
    found = [d.message for d in lint_paths([path], VerifyOptions())[0][1]]
    assert any("exact equality" in message for message in found) is doubtful, found


def test_exact_equality_behind_a_list_of_decodings(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[1]], [0])])
    path = tmp_path / "s.yaml"
    for item, doubtful in (("1 if it[i] > 0.5 else 0", False), ("it[i]", True)):
        variables = "{o: {located_at: output, read_as: \"[" + item + " for i in range(1)]\", value: \"[n]\"}}"
        claims = "claims: {one: {always: 'network.o[0] == 0'}}\n"
        path.write_text(NETWORK + f"explanation: {{variables: {variables}}}\n{claims}")
        found = [d.message for d in lint_paths([path], VerifyOptions())[0][1]]
        assert any("exact equality" in message for message in found) is doubtful, found
