"""An ONNX model that is read but that onnxruntime refuses, or runs otherwise, is a mistake of the model: exit 2."""

from pathlib import Path

from onnx import TensorProto, helper

from mechverify.api import VerifyOptions, verify_paths
from mechverify.report.exit_codes import exit_code

SPEC = """mechverify: 1
title: A model that onnxruntime refuses
model: {onnx: m.onnx, feed: {x: "[a, a, a, a]"}}
inputs:
  a: {integers: 0 .. 3}
explanation:
  variables:
    y: {located_at: y}
claims:
  c: {always: "network.y[0] >= 0"}
"""


def test_what_onnxruntime_does_not_load_is_a_mistake(tmp_path: Path) -> None:
    """Relu with a second input."""
    values = [helper.make_tensor_value_info(n, TensorProto.FLOAT, [1, 4]) for n in "xy"]
    graph = helper.make_graph([helper.make_node("Relu", ["x", "x"], ["y"])], "g", values[:1], values[1:])
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (tmp_path / "m.onnx").write_bytes(proto.SerializeToString())
    (tmp_path / "s.yaml").write_text(SPEC)
    report = verify_paths([tmp_path / "s.yaml"], VerifyOptions(timeout=5.0))
    (spec,) = report.specs
    assert exit_code(report) == 2
    (error,) = spec.errors
    assert error.line == 3
    assert "onnxruntime does not load the model" in error.message
