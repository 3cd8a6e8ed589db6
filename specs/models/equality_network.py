"""Write equality_network.onnx: a hand-made ReLU network for (W == X) == (Y == Z), each letter a pair of integers.

Each pair is squeezed into one number, a weighted sum of its two members, and two pairs are taken for equal when these
numbers are. With weights A, A' on a grid of 2^-20 the sums of different pairs differ by 2^-20 at least or not at all:

    k A_0 + l A_1 = 0 for integers  <=>  (k, l) is a multiple of (838861, -629145), for the first two weights,
                                         or of (1363148, -1153433), for the other two,

so the first comparison can go wrong inside 0 .. 1000000 and the second cannot.
"""

from math import gcd

import numpy as np
from onnx_writer import save_dense

GRID = 2**20
WX = (629145, 838861)
YZ = (1153433, 1363148)


def layers() -> list[tuple[np.ndarray, np.ndarray]]:
    """W_1, W_2, X_1, X_2, Y_1, Y_2, Z_1, Z_2 -> signed distances -> equal? equal? -> differ? -> answer."""
    distance = np.zeros((8, 4))
    for row, column, weights in ((0, 0, WX), (4, 2, YZ)):
        for member in (0, 1):
            weight = weights[member] / GRID
            distance[row + member, column : column + 2] = weight, -weight
            distance[row + 2 + member, column : column + 2] = -weight, weight
    equal = np.zeros((4, 2))
    equal[0:2, 0] = equal[2:4, 1] = -GRID
    differ = np.array([[1.0, -1.0], [-1.0, 1.0]])
    answer = np.array([[-1.0], [-1.0]])
    return [(distance, np.zeros(4)), (equal, np.ones(2)), (differ, np.zeros(2)), (answer, np.ones(1))]


if __name__ == "__main__":
    if gcd(*WX) != 1 or gcd(*YZ) != 1:
        raise ValueError("weights with a common divisor collide sooner")
    save_dense("equality_network.onnx", layers())
