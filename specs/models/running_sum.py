"""Train a linear recurrent network to add up ten numbers, and write running_sum.onnx.

The state is four numbers h, with no non-linearity: h <- h R + x_t w + c, and the sum is read off as h v + b. Nothing
keeps the weights at the exact solution: training stops near it, so the rounded output is exact only up to some size.
"""

import numpy as np
from onnx_writer import Network
from training import Adam, Matrix

LENGTH, WIDTH = 10, 4
SEED = 11


def states(parameters: list[Matrix], x: Matrix) -> list[Matrix]:
    """The state before each step and after the last; each of shape (batch, WIDTH)."""
    recurrence, take, shift = parameters[:3]
    held = [np.zeros((len(x), WIDTH))]
    for t in range(LENGTH):
        held.append(held[-1] @ recurrence + x[:, t : t + 1] @ take + shift)
    return held


def trained() -> list[Matrix]:
    """R, w, c, v, b."""
    random = np.random.default_rng(SEED)
    rotation, _ = np.linalg.qr(random.normal(size=(WIDTH, WIDTH)))
    parameters = [
        rotation,
        random.normal(0, 0.5, (1, WIDTH)),
        np.zeros((1, WIDTH)),
        random.normal(0, 0.5, (WIDTH, 1)),
        np.zeros((1, 1)),
    ]
    adam = Adam(parameters)
    steps = 2500
    for step in range(steps):
        x = random.random((64, LENGTH))
        held = states(parameters, x)
        d = 2 * (held[-1] @ parameters[3] + parameters[4] - x.sum(axis=1, keepdims=True)) / len(x)
        gradients = [np.zeros_like(p) for p in parameters]
        gradients[3], gradients[4] = held[-1].T @ d, d.sum(axis=0, keepdims=True)
        back = d @ parameters[3].T
        for t in reversed(range(LENGTH)):
            gradients[0] += held[t].T @ back
            gradients[1] += x[:, t : t + 1].T @ back
            gradients[2] += back.sum(axis=0, keepdims=True)
            back = back @ parameters[0].T
        adam.step(gradients, 0.01 * 0.5 * (1 + np.cos(np.pi * step / steps)))
    return parameters


def main() -> None:
    """Train and write."""
    recurrence, take, shift, read, offset = trained()
    network = Network("running_sum")
    x = network.input("x", LENGTH)
    keep, take_in = network.weight("keep", recurrence), network.weight("take_in", take)
    shift_by = network.weight("shift", shift[0])
    axes = network.integers("axis", [1])
    state = ""
    for t in range(LENGTH):
        bounds = [network.integers(f"step_{t}", [t]), network.integers(f"step_{t}_end", [t + 1])]
        x_t = network.node("Slice", [x, *bounds, axes], f"x_{t}")
        taken = network.node("Gemm", [x_t, take_in, shift_by], f"taken_{t}" if t else "state_0")
        state = network.node("Gemm", [state, keep, taken], f"state_{t}") if t else taken
    network.node("Gemm", [state, network.weight("read", read), network.weight("offset", offset[0])], "sum")
    network.output("sum", 1)
    network.save("running_sum.onnx")


if __name__ == "__main__":
    main()
