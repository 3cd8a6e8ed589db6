"""SEMANTICS 3: preconditions, mechanisms, read_as and claims are exact; lint warns of equality on rounded values."""

from pathlib import Path

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
