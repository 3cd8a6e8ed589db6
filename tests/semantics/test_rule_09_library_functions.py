"""SEMANTICS 9: no range and no monotonicity of exp, tanh, sigmoid, erf and GELU is assumed of what runtimes compute."""

from pathlib import Path

import pytest
from semantics_tools import onnx_file, verdicts, verify

BOUNDS = {"Tanh": 1, "Sigmoid": 1, "Erf": 1, "Exp": 3}


@pytest.mark.parametrize("op", list(BOUNDS))
def test_never_a_proof_from_an_assumed_range(tmp_path: Path, op: str) -> None:
    onnx_file(tmp_path / "m.onnx", [(op, ("x",), ("y",))], {"x": ["batch", 1]}, {"y": ["batch", 1]})

    def claimed(arithmetic: str, bound: str) -> str:
        text = (
            f"model: {{onnx: m.onnx, arithmetic: {arithmetic}, feed: {{x: [r]}}}}\ninputs: {{r: {{reals: -17 .. 17}}}}\n"
            "explanation: {variables: {y: {located_at: 'y[0]'}}}\n"
            f"claims: {{c: {{always: network.y <= {bound}}}}}\n"
        )
        return verify(tmp_path, text)["c"].verdict

    wide = BOUNDS[op] == 1
    assert claimed("real", f"{BOUNDS[op]}") == ("PROVED" if wide else "REFUTED")
    assert claimed("float32", f"{BOUNDS[op]}") != "PROVED"
    if wide:
        assert claimed("float32", "1.00001") == "PROVED"


def test_exp_in_expressions_is_exact_mathematics(tmp_path: Path) -> None:
    from semantics_tools import expressions

    results = expressions(
        tmp_path, "x: {integers: -3 .. 3}, y: {integers: 0 .. 0}",
        {"low": "exp(x) > 0.04", "high": "exp(1) < 2.71828183 and exp(1) > 2.71828182", "wrong": "exp(x) < 20"},
    )  # fmt: skip
    assert verdicts(results) == {"low": "PROVED", "high": "PROVED", "wrong": "REFUTED"}
