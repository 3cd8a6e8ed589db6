"""Write pattern_only.onnx: the larger of two numbers, with the head start of the second held twice and used once."""

import numpy as np
from onnx_writer import save_dense


def layers() -> list[tuple[np.ndarray, np.ndarray]]:
    """x_1, x_2 -> x_1, max(x_2 - x_1, 0), max(x_2 - x_1, 0) -> the first plus the third."""
    hidden = np.array([[1.0, -1.0, -1.0], [0.0, 1.0, 1.0]])
    return [(hidden, np.zeros(3)), (np.array([[1.0], [0.0], [1.0]]), np.zeros(1))]


if __name__ == "__main__":
    save_dense("pattern_only.onnx", layers())
