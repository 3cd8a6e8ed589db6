"""Write unreachable.onnx: how far two numbers add up to 2 or more, with a wrong rule for a sum that does not occur."""

import numpy as np
from onnx_writer import save_dense


def layers() -> list[tuple[np.ndarray, np.ndarray]]:
    """x_1, x_2 -> their sum s -> s - 1 from 1 on, and twice what s is above 2 -> the first less the second."""
    return [
        (np.array([[1.0], [1.0]]), np.zeros(1)),
        (np.array([[1.0, 2.0]]), np.array([-1.0, -4.0])),
        (np.array([[1.0], [-1.0]]), np.zeros(1)),
    ]


if __name__ == "__main__":
    save_dense("unreachable.onnx", layers())
