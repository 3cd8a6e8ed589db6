"""onnx's own classes, with and without the rest of onnx."""

import subprocess
import sys
from pathlib import Path

import onnx
import pytest

from mechverify.models.onnx.protos import protos, value_info

SPECS = Path(__file__).resolve().parents[3] / "specs"

ALONE = """
import sys
from pathlib import Path
from mechverify.models.onnx.model import read_onnx
model = read_onnx(Path(sys.argv[1]))
model.open(model.outputs)
print("onnx" in sys.modules, "ml_dtypes" in sys.modules)
import onnx
from onnx import onnx_ml_pb2
print(type(model.proto) is onnx.ModelProto is onnx_ml_pb2.ModelProto)
onnx.checker.check_model(model.proto)
"""


def test_a_model_is_read_without_the_rest_of_onnx_which_then_has_the_same_classes() -> None:
    model = SPECS / "models" / "leak.onnx"
    done = subprocess.run([sys.executable, "-c", ALONE, str(model)], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]


def test_where_onnx_is_imported_it_is_used() -> None:
    assert protos() is onnx


@pytest.mark.parametrize("rank", [0, 1, 3])
def test_a_tensor_whose_extents_are_not_told(rank: int) -> None:
    element = onnx.TensorProto.INT64
    assert value_info("x", element, rank) == onnx.helper.make_tensor_value_info("x", element, [None] * rank)
