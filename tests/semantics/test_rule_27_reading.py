"""SEMANTICS 27: reading is compared, not believed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semantics_tools import onnx_file, verify

from mechverify.models.onnx import runtime as onnx_runtime
from mechverify.models.onnx.operations import table as onnx_table
from mechverify.models.program import expressions as program_expressions
from mechverify.models.tensors.tensor import known

SPEC = """\
model: {{{model}}}
inputs: {{a: {{integers: 0 .. 1000000}}}}
explanation: {{variables: {{y: {{located_at: "{site}"}}}}}}
claims:
  zero: {{always: network.y <= 0}}
"""


def test_a_network_read_wrongly_at_one_input_in_a_million(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = [
        ("Sub", ("x", "k"), ("d",)),
        ("Abs", ("d",), ("far",)),
        ("Sub", ("one", "far"), ("m",)),
        ("Relu", ("m",), ("y",)),
    ]
    onnx_file(tmp_path / "m.onnx", nodes, {"x": ["N", 1]}, {"y": ["N", 1]}, {"k": 123456, "one": 1})
    text = SPEC.format(model='onnx: m.onnx, feed: {x: "[a]"}', site="y[0]")
    assert verify(tmp_path, text)["zero"].verdict.value == "REFUTED"
    lost = replace(onnx_table.TABLE["Relu"], build=lambda op: known("float32", np.zeros(op.inputs[0].shape)))
    monkeypatch.setitem(onnx_table.TABLE, "Relu", lost)
    result = verify(tmp_path, text)["zero"]
    assert result.verdict.value == "ERROR"
    assert "tensor 'y'[0][0] is 1.0, outside the enclosure [0.0, 0.0] for x = [123456.0]" in str(result.detail)


def test_a_program_read_wrongly_at_one_input_in_a_million(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.py").write_text("def f(a):\n    d = abs(a - 123456)\n    y = max(1 - d, 0)\n    return y\n")
    text = SPEC.format(model="program: p.py:f", site="output")
    assert verify(tmp_path, text)["zero"].verdict.value == "REFUTED"
    true_call = program_expressions.Expressions._call

    def lost(self: Any, node: Any, env: Any) -> Any:
        return self.builder.const(0) if node.func.id == "max" else true_call(self, node, env)

    monkeypatch.setattr(program_expressions.Expressions, "_call", lost)
    result = verify(tmp_path, text)["zero"]
    assert result.verdict.value == "ERROR"
    assert "place '3:5 y'[0] is 1.0, outside the enclosure [0.0, 0.0] for a = 123456" in str(result.detail)


def test_an_optimised_graph_with_something_set_that_is_left_out_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def only_as_it_is(_written: Any, rewritten: Any, _singles: Any) -> str | None:
        names = [i.name for i in rewritten.graph.input]
        return "it computes 'output' by Wave in place of other operations" if "h (replaced by)" in names else None

    monkeypatch.setattr(onnx_runtime, "uncovered", only_as_it_is)
    onnx_file(
        tmp_path / "m.onnx",
        [("Relu", ("x",), ("h",)), ("Neg", ("h",), ("output",))],
        {"x": ["batch", 1]},
        {"output": ["batch", 1]},
    )
    text = (
        "model: {onnx: m.onnx}\ninputs: {x: {integers: -9 .. 9, shape: [1]}}\nexplanation:\n  variables:\n"
        "    h: {value: 'max(x[0], 0)', located_at: 'h[0]'}\n    out: {value: -h, located_at: 'output[0]'}\n"
        "claims:\n  plain: {always: network.out == out}\n  moved: {interchange: [h], always: network.out == out}\n"
    )
    found = verify(tmp_path, text)
    assert (found["plain"].verdict, found["plain"].notes) == ("PROVED", ())
    assert found["moved"].verdict == "PROVED"
    (note,) = found["moved"].notes
    assert "onnxruntime (default optimisation) with h set is not among the executions that this speaks of" in note
    assert "by Wave in place of other operations" in note
