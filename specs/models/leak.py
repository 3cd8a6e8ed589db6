"""Write leak.onnx: a number, held once by a unit that is used and twice by two that cancel."""

import numpy as np
from onnx_writer import save_dense


def layers() -> list[tuple[np.ndarray, np.ndarray]]:
    """x -> max(x, 0) three times -> the first, plus the second, less the third."""
    return [(np.array([[1.0, 1.0, 1.0]]), np.zeros(3)), (np.array([[1.0], [1.0], [-1.0]]), np.zeros(1))]


if __name__ == "__main__":
    save_dense("leak.onnx", layers())
