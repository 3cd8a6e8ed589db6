"""Faults that readers once had, put back: the comparison on load alone turns each false proof into an error.

Each model is wrong at one input in a million.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semantics_tools import onnx_file, verify

from mechverify.models.onnx import model as onnx_model
from mechverify.models.onnx import runtime as onnx_runtime
from mechverify.models.tensors.arithmetic import Arithmetic
from mechverify.models.tensors.tensor import Tensor
from mechverify.models.torch import call as torch_call
from mechverify.models.torch import model as torch_model
from mechverify.models.torch.operations import movement as aten_movement
from mechverify.models.torch.operations import table as aten_table
from mechverify.results import ClaimResult

K = 123456

SPEC = """\
model: {{{model}}}
inputs: {{{inputs}}}
explanation: {{variables: {{y: {{located_at: "{site}"}}}}}}
claims:
  never: {{always: "{claim}"}}
"""


def told(folder: Path, model: str, inputs: Sequence[str], site: str, claim: str) -> ClaimResult:
    text = SPEC.format(
        model=model,
        inputs=", ".join(f"{name}: {{integers: 0 .. 1000000}}" for name in inputs),
        site=site,
        claim=claim,
    )
    return verify(folder, text, allow_code=True)["never"]


def module(folder: Path, body: str, width: int) -> str:
    name = f"net_{folder.name}"
    text = f"import torch\n\n\nclass Net(torch.nn.Module):\n    mechverify_inputs = {{'x': [{width}]}}\n\n"
    (folder / f"{name}.py").write_text(text + f"    def forward(self, x):\n        {body}\n")
    return name


def without_records(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an exported program records of its results is not looked at."""
    monkeypatch.setattr(torch_call, "compare_result", lambda *_: None)
    monkeypatch.setattr(torch_model, "compare_result", lambda *_: None)


def test_narrow_from_the_end_taken_for_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = (
        f"h = torch.relu(1 - torch.abs(x - {K})); "
        "return torch.cat([h[:, :1], h.narrow(1, -2, 2)], dim=1).amax(dim=1, keepdim=True)"
    )

    def narrow(op: Any, a: Any, dim: int, start: int, length: int) -> Tensor:
        return aten_movement.aten_slice(op, a, dim, start, start + length)

    name = module(tmp_path, body, 3)
    monkeypatch.setitem(aten_table.TABLE, "narrow.default", narrow)
    without_records(monkeypatch)
    found = told(tmp_path, f'torch: "{name}:Net", feed: {{x: "[a, b, c]"}}', "abc", "output[0]", "network.y == 0")
    assert found.verdict.value == "ERROR"
    assert "step 'narrow' has shape [1, 2], and is read with shape [1, 0]" in str(found.detail)


def test_a_choice_of_two_integers_taken_for_floats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def where(op: Any, condition: Tensor, a: int, b: int) -> Tensor:
        builder = op.arithmetic.builder
        yes, no = (builder.const(int(np.float32(v))) for v in (a, b))
        flat = [builder.ite(int(c), yes, no) for c in condition.array.ravel()]
        return Tensor("float32", np.array(flat).reshape(condition.shape))

    name = module(tmp_path, f"return torch.where(x == {K}, 16777217, 0)", 1)
    monkeypatch.setitem(aten_table.TABLE, "where.Scalar", where)
    without_records(monkeypatch)
    found = told(tmp_path, f'torch: "{name}:Net", feed: {{x: "[a]"}}', "a", "output[0]", "network.y <= 16777216")
    assert found.verdict.value == "ERROR"
    assert "step 'where' holds int64, and is read as float32" in str(found.detail)


def test_the_size_of_a_batch_taken_for_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = [
        ("Shape", ("x",), ("s",)),
        ("Gather", ("s", "first"), ("n",), {"axis": 0}),
        ("Cast", ("n",), ("size",), {"to": 1}),
        ("Equal", ("x", "k"), ("e",)),
        ("Where", ("e", "size", "zero"), ("y",)),
    ]
    weights = {"k": K, "first": np.array(0), "zero": 0.0}
    onnx_file(tmp_path / "m.onnx", nodes, {"x": ["N", 1]}, {"y": ["N", 1]}, weights)
    monkeypatch.setattr(onnx_model, "check_rows", lambda *_: frozenset())
    found = told(tmp_path, 'onnx: m.onnx, feed: {x: "[a]"}', "a", "y[0]", "network.y <= 1")
    assert found.verdict.value == "ERROR"
    assert "(batched) returns y[0] = " in str(found.detail)


@pytest.mark.parametrize("zero", [False, True])
def test_a_scale_that_is_moved_behind_a_product(zero: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights: dict[str, Any] = {"k": K, "one": [1, 1], "w": [[3e38], [3e38]]}
    nodes = [
        ("Sub", ("x", "k"), ("d",)),
        ("Abs", ("d",), ("far",)),
        ("Sub", ("one", "far"), ("m",)),
        ("Relu", ("m",), ("h",)),
    ]
    if zero:
        nodes.append(("Mul", ("h", "nothing"), ("z",)))
        weights["nothing"] = 0.0
    else:
        nodes += [("Mul", ("h", "v"), ("hv",)), ("Mul", ("hv", "s"), ("z",))]
        weights |= {"v": [3.0, 2.0], "s": 2.0**-60}
    nodes.append(("MatMul", ("z", "w"), ("y",)))
    onnx_file(tmp_path / "m.onnx", nodes, {"x": ["N", 1]}, {"y": ["N", 1]}, weights)
    monkeypatch.setattr(Arithmetic, "_noted", lambda self, node, *_: node, raising=False)
    monkeypatch.setattr("mechverify.models.tensors.scales.scale_cover", lambda *_: ())
    monkeypatch.setattr(onnx_runtime, "uncovered", lambda *_: None)
    found = told(tmp_path, 'onnx: m.onnx, feed: {x: "[a]"}', "a", "y[0]", "abs(network.y) <= 1e22")
    assert found.verdict.value == "ERROR"
    assert "returns y[0] = " in str(found.detail)
    assert "x = [123456.0]" in str(found.detail)
