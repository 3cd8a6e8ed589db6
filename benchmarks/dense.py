"""The layers of the gallery's dense networks."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

Matrix = npt.NDArray[np.float64]


def read_layers(file: Path) -> list[tuple[Matrix, Matrix]]:
    """(weights of shape (in, out), bias of shape (out,)) of each layer, the float32 values exactly."""
    named = {i.name: numpy_helper.to_array(i).astype(np.float64) for i in onnx.load(file).graph.initializer}
    return [(named[f"weights_{k}"], named[f"bias_{k}"]) for k in range(1, len(named) // 2 + 1)]
