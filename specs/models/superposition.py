"""Write, by hand, the linear models V^T V x of n features on a circle, circle_N.onnx, and one with a ReLU.

Feature k is stored in the direction (cos, sin) of 2 pi k / n, rounded to float32: ``hidden`` is V x, ``output``
V^T V x.
``circle_relu_5.onnx`` reads ReLU((V^T V x - c) / (1 - c)), c = cos(2 pi / 5), what a neighbour hears.
"""

import numpy as np
from onnx_writer import Array, Network

LINEAR = (2, 3, 4, 5, 8, 16, 32)
BENT = 5


def directions(n: int) -> Array:
    """The directions of n features, as rows."""
    angles = 2 * np.pi * np.arange(n) / n
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def save_circle(file: str, n: int, *, bent: bool = False) -> None:
    """The model of n features."""
    v = directions(n)
    network = Network(file.removesuffix(".onnx"))
    hidden = network.node("MatMul", [network.input("x", n), network.weight("encoder", v)], "hidden")
    if bent:
        c = float(np.cos(2 * np.pi / n))
        scale = 1 / (1 - c)
        terms = [hidden, network.weight("decoder", v.T * scale), network.weight("bias", np.full(n, -c * scale))]
        network.node("Relu", [network.node("Gemm", terms, "heard")], "output")
    else:
        network.node("MatMul", [hidden, network.weight("decoder", v.T)], "output")
    network.output("output", n)
    network.save(file)


def main() -> None:
    """All of them."""
    for n in LINEAR:
        save_circle(f"circle_{n}.onnx", n)
    save_circle(f"circle_relu_{BENT}.onnx", BENT, bent=True)


if __name__ == "__main__":
    main()
