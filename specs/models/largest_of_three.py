"""Write largest_of_three.onnx and rare_bypass.onnx: hand-made ReLU networks for the largest of three numbers, by twos.

Both hold m / 4, with m = max(a, b), in one unit and go on from there. The weights are halves, quarters and eighths, so
that float32 rounds nothing.

In rare_bypass.onnx that unit holds 64 too little for each unit by which a + b is beyond 1,999,990, and a unit of its
own hands that back behind it. The answer is the same; the first unit no longer holds all that matters of a and b, on
one input in 18,000,000,000.
"""

import numpy as np
from onnx_writer import Layer, save_dense

EDGE = 1_999_990


def layers(bypass: float) -> list[Layer]:
    """a, b, c -> max(b - a, 0) / 2, a / 2, c / 2, max(a + b - EDGE, 0) / 4 -> m / 4 less the bypass, c / 4, the bypass
    -> max(c - m, 0) / 8, m / 8 -> the largest.
    """
    first = np.array([[-0.5, 0.5, 0, 0.25], [0.5, 0, 0, 0.25], [0, 0, 0.5, 0]])
    second = np.array([[0.5, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [-4 * bypass, 0, 4 * bypass]])
    third = np.array([[-0.5, 0.5], [0.5, 0], [-0.5, 0.5]])
    last = np.array([[8.0], [8.0]])
    biases = [np.array([0, 0, 0, -EDGE / 4]), np.zeros(3), np.zeros(2), np.zeros(1)]
    if not bypass:
        first, second, third, biases[:2] = first[:, :3], second[:3, :2], third[:2], [np.zeros(3), np.zeros(2)]
    return list(zip((first, second, third, last), biases, strict=True))


if __name__ == "__main__":
    save_dense("largest_of_three.onnx", layers(0))
    save_dense("rare_bypass.onnx", layers(64))
