"""Build, by hand, a 2-4-2-1 ReLU network that adds two numbers, and write capped_sum.onnx.

One of its units takes away from the sum what is above 1,999,997, which with numbers up to 1,000,000 is next to never.
"""

import numpy as np
from onnx_writer import save_dense

CAP = 1_999_997


def main() -> None:
    """hidden_1: both numbers and their sum twice; hidden_2: the sum, and what is above the cap."""
    one = np.array([[1, 0, 1, 0], [0, 1, 0, 1]]), np.zeros(4)
    two = np.array([[1, 1], [1, 1], [0, 0], [0, 0]]), np.array([0, -CAP])
    three = np.array([[1], [-1]]), np.zeros(1)
    save_dense("capped_sum.onnx", [one, two, three])


if __name__ == "__main__":
    main()
