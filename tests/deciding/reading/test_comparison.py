"""A reader that is wrong in one tensor, even at one input in a million, is found when the model is loaded."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semantics_tools import onnx_file

from mechverify.deciding.options import VerifyOptions
from mechverify.deciding.reading.comparison import check_readings
from mechverify.errors import EnclosureError
from mechverify.models.onnx.operations import table as onnx_table
from mechverify.models.program import expressions as program_expressions
from mechverify.models.tensors.operation import Operation
from mechverify.models.tensors.tensor import Tensor, known
from mechverify.models.torch import call as torch_call
from mechverify.models.torch import model as torch_model
from mechverify.results import Compared
from mechverify.spec.read import read_spec
from mechverify.verification.loading import load_models
from mechverify.verification.plan import plan

K = 123456

SPEC = """\
mechverify: 1
title: t
model: {MODEL, feed: {x: "[a, b, c]"}}
inputs:
  a: {integers: 0 .. 1000000}
  b: {integers: 0 .. 1000000}
  c: {integers: 0 .. 1000000}
explanation:
  variables:
    y: {located_at: "y[0]"}
claims:
  zero: {always: network.y <= 0}
"""
PROGRAM_SPEC = SPEC.replace(', feed: {x: "[a, b, c]"}', "").replace("y[0]", "output")

PROGRAM = f"""\
def spike(x):
    d = abs(x - {K})
    return max(1 - d, 0)


def f(a, b, c):
    h = [spike(v) for v in [a, b, c]]
    tail = h[-2:]
    hit = 0
    for v in [a, b, c]:
        if v == {K}:
            hit = hit + 1
    odd = (a + b) % 2
    return 0 - max(tail) - hit - odd
"""

MODULE = f"""\
import torch


class Net(torch.nn.Module):
    mechverify_inputs = {{"x": [3]}}

    def __init__(self):
        super().__init__()
        self.y = torch.nn.Identity()

    def forward(self, x):
        h = torch.relu(1 - torch.abs(x - {K}))
        hit = torch.where(x == {K}, 1, 0)
        both = torch.cat([h.narrow(1, 1, 2), hit.float()], dim=1)
        return self.y(-both.amax(dim=1, keepdim=True))
"""


def onnx_model(folder: Path) -> None:
    nodes = [
        ("Sub", ("x", "k"), ("d",)),
        ("Abs", ("d",), ("size",)),
        ("Sub", ("one", "size"), ("m",)),
        ("Relu", ("m",), ("h",)),
        ("Slice", ("h", "from", "to", "axis"), ("tail",)),
        ("Equal", ("x", "k"), ("same",)),
        ("Cast", ("same",), ("hit",), {"to": 7}),
        ("Cast", ("hit",), ("hits",), {"to": 1}),
        ("Concat", ("tail", "hits"), ("both",), {"axis": 1}),
        ("ReduceMax", ("both",), ("most",), {"axes": [1]}),
        ("Neg", ("most",), ("y",)),
    ]
    weights = {"k": K, "one": 1.0, "from": np.array([-2]), "to": np.array([2**40]), "axis": np.array([1])}
    onnx_file(folder / "m.onnx", nodes, {"x": ["N", 3]}, {"y": ["N", 1]}, weights)


def files(folder: Path, kind: str) -> str:
    """The spec's text, its model written beside it."""
    if kind == "onnx":
        onnx_model(folder)
        return SPEC.replace("MODEL", "onnx: m.onnx")
    if kind == "torch":
        (folder / f"net_{folder.name}.py").write_text(MODULE)
        return SPEC.replace("MODEL", f'torch: "net_{folder.name}:Net"')
    (folder / "p.py").write_text(PROGRAM)
    return PROGRAM_SPEC.replace("MODEL", "program: p.py:f")


def checked(folder: Path, kind: str) -> Compared:
    path = folder / "s.yaml"
    path.write_text(files(folder, kind))
    spec = read_spec(path)
    models = load_models(spec, allow_code=True)
    job = plan(spec, models, VerifyOptions(allow_code=True))[0].job
    assert job is not None
    return check_readings(job.compiled, models, 0)


@pytest.mark.parametrize("kind", ["onnx", "torch", "program"])
def test_an_honest_reader_passes(kind: str, tmp_path: Path) -> None:
    found = checked(tmp_path, kind)
    assert found.inputs >= 1000
    assert found.both == found.looked_at == found.switches > 0
    assert found.turning > 10


Row = Callable[..., Any]


def shorter(op: Operation, a: Tensor, *_: Any) -> Tensor:
    return Tensor(a.dtype, a.array[:, :1])


def as_float(op: Operation, a: Any, *_: Any) -> Tensor:
    return Tensor("float32", op.arithmetic.nodes(a)) if a.dtype != "bool" else numbers(op, a, "float32")


def numbers(op: Operation, a: Tensor, dtype: Any) -> Tensor:
    b = op.arithmetic.builder
    flat = [b.ite(int(n), b.const(1), b.const(0)) for n in op.arithmetic.nodes(a).ravel()]
    return Tensor(dtype, np.array(flat).reshape(a.shape))


def nothing_positive(op: Operation, a: Tensor, *_: Any) -> Tensor:
    """Right for all that is not positive."""
    return known("float32", np.zeros(a.shape))


def never_equal(op: Operation, a: Tensor, *_: Any) -> Tensor:
    return known("bool", np.zeros(a.shape))


ROWS: dict[str, tuple[str, str, Row, str]] = {
    "a slice too short": ("Slice", "narrow.default", shorter, r"has shape \[1, 2\], and is read with shape \[1, 1\]"),
    "an integer as a float": ("Cast", "where.ScalarOther", as_float, "holds int64, and is read as float32"),
    "one side of a switch": ("Relu", "relu.default", nothing_positive, r"is 1\.0, outside the enclosure"),
    "one side of a comparison": (
        "Equal",
        "eq.Scalar",
        never_equal,
        r"is 1\.0, outside the enclosure",
    ),
}


@pytest.mark.parametrize("what", sorted(ROWS))
def test_a_broken_row_of_the_onnx_table(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name, _, row, message = ROWS[what]
    entry = onnx_table.TABLE[name]
    broken = replace(entry, build=lambda op: row(op, op.inputs[0]))
    monkeypatch.setitem(onnx_table.TABLE, name, broken)
    with pytest.raises(EnclosureError, match=message):
        checked(tmp_path, "onnx")


@pytest.mark.parametrize("what", sorted(ROWS))
def test_a_broken_row_of_the_aten_table(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, name, row, message = ROWS[what]
    from mechverify.models.torch.operations.table import TABLE

    names = [n for n in TABLE if n.startswith("where.")] if name.startswith("where") else [name]
    for one in names:
        monkeypatch.setitem(TABLE, one, row)
    # What the exported program says of shapes and types is compared before: here it is not.
    monkeypatch.setattr(torch_call, "compare_result", lambda *_: None)
    monkeypatch.setattr(torch_model, "compare_result", lambda *_: None)
    with pytest.raises(EnclosureError, match=message):
        checked(tmp_path, "torch")


def test_a_program_read_with_a_list_too_short(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true_subscript = program_expressions.Expressions._subscript

    def broken(self: Any, node: Any, value: Any, index: Any, env: Any) -> Any:
        return true_subscript(self, node, value, index, env)[:1]

    monkeypatch.setattr(program_expressions.Expressions, "_subscript", broken)
    with pytest.raises(EnclosureError, match=r"place '8:5 tail' has shape \[nn\], and is read with shape \[n\]"):
        checked(tmp_path, "program")


def test_a_program_read_with_truth_values_for_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Any, node: Any, operator: Any, a: Any, b: Any) -> Any:
        found = true_binary(self, node, operator, a, b)
        if type(operator).__name__ == "Mod":
            return self.builder.negate(self.builder.eq(found, self.builder.const(0)))
        return found

    true_binary = program_expressions.Expressions.binary
    monkeypatch.setattr(program_expressions.Expressions, "binary", broken)
    with pytest.raises(EnclosureError, match="place '13:5 odd' has shape n, and is read with shape b"):
        checked(tmp_path, "program")


def test_a_program_in_which_no_numbers_are_equal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true_compare = program_expressions.Expressions._compare

    def broken(self: Any, node: Any, operator: Any, left: Any, right: Any) -> Any:
        found = true_compare(self, node, operator, left, right)
        return self.builder.boolean(truth=False) if type(operator).__name__ == "Eq" else found

    monkeypatch.setattr(program_expressions.Expressions, "_compare", broken)
    with pytest.raises(EnclosureError, match=r"'11:9\[\d\] > 11:9 if' is 1\.0, outside|11:9"):
        checked(tmp_path, "program")


def test_a_program_in_which_nothing_exceeds_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    true_call = program_expressions.Expressions._call

    def broken(self: Any, node: Any, env: Any) -> Any:
        found = true_call(self, node, env)
        return self.builder.const(0) if node.func.id == "max" and len(node.args) == 2 else found

    monkeypatch.setattr(program_expressions.Expressions, "_call", broken)
    with pytest.raises(EnclosureError, match=r"7:10\[\d\] > 7:10 spike > 3:5 return'\[0\]|3:5 return"):
        checked(tmp_path, "program")


def test_integers_beyond_float64_are_compared_exactly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p.py").write_text("def f(a, b, c):\n    big = (a + 1000007) ** 5 + b\n    return big - c\n")
    path = tmp_path / "s.yaml"
    path.write_text(PROGRAM_SPEC.replace("MODEL", "program: p.py:f"))
    true_binary = program_expressions.Expressions.binary

    def broken(self: Any, node: Any, operator: Any, a: Any, b: Any) -> Any:
        found = true_binary(self, node, operator, a, b)
        return self.builder.add(found, self.builder.const(1)) if type(operator).__name__ == "Pow" else found

    def check() -> Compared:
        spec = read_spec(path)
        models = load_models(spec, allow_code=False)
        job = plan(spec, models, VerifyOptions())[0].job
        assert job is not None
        return check_readings(job.compiled, models, 0)

    assert check().values > 3000
    monkeypatch.setattr(program_expressions.Expressions, "binary", broken)
    with pytest.raises(EnclosureError, match=r"'2:5 big'\[0\] is \d+, and not \d+"):
        check()
