"""Write faithful_or_not.onnx: two hidden units copy the two inputs, and the output copies the first of them."""

import numpy as np
from onnx_writer import save_dense


def layers() -> list[tuple[np.ndarray, np.ndarray]]:
    """x_1, x_2 -> hidden_1[0] = x_1, hidden_1[1] = x_2 -> output = hidden_1[0]."""
    return [(np.eye(2), np.zeros(2)), (np.array([[1.0], [0.0]]), np.zeros(1))]


if __name__ == "__main__":
    save_dense("faithful_or_not.onnx", layers())
