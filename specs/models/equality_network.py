"""Write equality_network.onnx: a hand-made ReLU network for (W == X) == (Y == Z), each letter a pair of integers.

Each pair is squeezed into one number, a weighted sum of its two members, and two pairs are taken for equal when these
numbers are. The weights are halves of odd integers, so the sums of two pairs differ by 1/2 at least or not at all:

    k / 2 + l 314572.5 = 0 for integers k, l  <=>  (k, l) is a multiple of (629145, -1),
    k / 2 + l 500001.5 = 0 for integers k, l  <=>  (k, l) is a multiple of (1000003, -1),

so the first comparison can go wrong inside 0 .. 1000000 and the second cannot.
"""

import numpy as np
from onnx_writer import save_dense

STEP = 0.5
WX = (1, 629145)
YZ = (1, 1000003)


def layers() -> list[tuple[np.ndarray, np.ndarray]]:
    """W_1, W_2, X_1, X_2, Y_1, Y_2, Z_1, Z_2 -> signed distances -> equal? equal? -> differ? -> answer."""
    distance = np.zeros((8, 4))
    for row, column, weights in ((0, 0, WX), (4, 2, YZ)):
        for member in (0, 1):
            weight = weights[member] * STEP
            distance[row + member, column : column + 2] = weight, -weight
            distance[row + 2 + member, column : column + 2] = -weight, weight
    equal = np.zeros((4, 2))
    equal[0:2, 0] = equal[2:4, 1] = -1 / STEP
    differ = np.array([[1.0, -1.0], [-1.0, 1.0]])
    answer = np.array([[-1.0], [-1.0]])
    return [(distance, np.zeros(4)), (equal, np.ones(2)), (differ, np.zeros(2)), (answer, np.ones(1))]


if __name__ == "__main__":
    save_dense("equality_network.onnx", layers())
