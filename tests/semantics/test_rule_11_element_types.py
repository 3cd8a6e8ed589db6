"""SEMANTICS 11: what is not modelled is refused by name."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from semantics_tools import mistakes, onnx_file, program_spec, verdicts, verify

TYPES = {"float64": ("DOUBLE", np.float64), "float16": ("FLOAT16", np.float16)}
TEXT = (
    "model: {onnx: m.onnx, arithmetic: ARITHMETIC, feed: {x: [n]}}\ninputs: {n: {integers: 0 .. HIGH}}\n"
    "explanation: {variables: {y: {located_at: 'y[0]'}}}\nclaims: {c: {always: network.y == network.y}}\n"
)


def spec(arithmetic: str = "float32", high: int = 9) -> str:
    return TEXT.replace("ARITHMETIC", arithmetic).replace("HIGH", str(high))


@pytest.mark.parametrize("name", list(TYPES))
def test_other_floats(tmp_path: Path, name: str) -> None:
    from onnx import TensorProto

    kind, array = TYPES[name]
    number = getattr(TensorProto, kind)
    onnx_file(
        tmp_path / "m.onnx", [("Add", ("x", "c"), ("y",))], {"x": ["batch", 1]}, {"y": ["batch", 1]},
        {"c": np.array([1], dtype=array)}, types={"x": number, "y": number},
    )  # fmt: skip
    found = mistakes(tmp_path, spec())
    assert found
    assert kind in found[0] or name in found[0]


@pytest.mark.parametrize(("target", "source"), [("DOUBLE", "FLOAT"), ("FLOAT16", "FLOAT"), ("INT64", "FLOAT")])
def test_casts(tmp_path: Path, target: str, source: str) -> None:
    from onnx import TensorProto

    to = getattr(TensorProto, target)
    onnx_file(
        tmp_path / "m.onnx", [("Cast", ("x",), ("y",), {"to": to})], {"x": ["batch", 1]}, {"y": ["batch", 1]},
        types={"x": getattr(TensorProto, source), "y": to},
    )  # fmt: skip
    (found,) = mistakes(tmp_path, spec())
    assert "y" in found
    assert any(word in found for word in (target, "Cast", "float"))


def wrapping(folder: Path, factor: int) -> Any:
    from onnx import TensorProto

    onnx_file(
        folder / "m.onnx", [("Mul", ("x", "c"), ("y",))], {"x": ["batch", 1]}, {"y": ["batch", 1]},
        {"c": np.array([factor], dtype=np.int64)}, types=dict.fromkeys("xy", TensorProto.INT64),
    )  # fmt: skip


def test_integers_that_may_wrap(tmp_path: Path) -> None:
    wrapping(tmp_path, 2**40)
    assert verdicts(verify(tmp_path, spec("integer", 2**20))) == {"c": "PROVED"}
    found = mistakes(tmp_path, spec("integer", 2**30))
    assert found
    assert "y" in found[0]


def test_integers_of_programs_do_not_wrap(tmp_path: Path) -> None:
    source = "def f(x, y):\n    out = x * x * x * x\n    return out\n"
    text = program_spec(
        tmp_path, source, f"x: {{integers: {2**40} .. {2**40}}}, y: {{integers: 0 .. 0}}", {"c": f"network.out == {2**160}"}
    )
    assert verdicts(verify(tmp_path, text)) == {"c": "PROVED"}
