"""Edges of operations that a fuzzer found: sizes of zero, scalars, ends beyond every axis, values that overflow."""

from pathlib import Path

import numpy as np
import pytest
from onnx_making import make_model, node, save

from mechverify.errors import MechverifyError
from mechverify.models.crosscheck import cross_check
from mechverify.models.onnx_model import read_onnx

INT32_MAX = 2**31 - 1


def sliced(folder: Path, start: int, end: int, step: int) -> Path:
    weights = {n: np.array([v], dtype=np.int64) for n, v in {"s": start, "e": end, "a": 1, "t": step}.items()}
    return save(
        make_model([node("Slice", ["x", "s", "e", "a", "t"], ["y"])], {"x": [1, 5]}, ["y"], weights), folder / "m.onnx"
    )


@pytest.mark.parametrize("end", [INT32_MAX, 2**63 - 1])
def test_a_backward_slice_to_no_known_end_is_refused(tmp_path: Path, end: int) -> None:
    with pytest.raises(MechverifyError, match="negative step"):
        read_onnx(sliced(tmp_path, 4, end, -1))


def test_an_empty_slice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MechverifyError, match="no elements"):
        read_onnx(sliced(tmp_path, 3, 1, 1))


@pytest.mark.parametrize(("start", "end", "step"), [(4, -6, -1), (-1, 0, -2), (0, INT32_MAX, 2), (-3, 2**63 - 1, 1)])
def test_slices_that_runtimes_agree_on(tmp_path: Path, start: int, end: int, step: int) -> None:
    model = read_onnx(sliced(tmp_path, start, end, step))
    cross_check(model, {"x": np.arange(10, dtype=np.float32).reshape(2, 5)})


def test_a_scalar_index_into_a_vector(tmp_path: Path) -> None:
    nodes = [node("Gather", ["table", "i"], ["y"], axis=0)]
    proto = make_model(nodes, {"i": []}, ["y"], {"table": np.array([3, 1, 2], dtype=np.float32)}, dtypes={"i": "int64"})
    model = read_onnx(save(proto, tmp_path / "m.onnx"))
    cross_check(model, {"i": np.array([0, 2, 1])})
