"""SEMANTICS 27: reading is compared, not believed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semantics_tools import onnx_file, verify

from mechverify.models import onnx_table, program_expressions
from mechverify.models.tensor import known

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
