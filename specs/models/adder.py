"""Train a recurrent ReLU network to add two 4-bit numbers digit by digit, and write adder.onnx.

Digits come in pairs, the lowest first: state <- relu(state K + (a_t, b_t) V + s), digit t of the sum is state r + o,
and a last step without input gives the fifth digit. Training only asks for the digits; nothing says where the carry
should be. It also prints two directions of the state in which the carry can be looked for: the least-squares probe,
and the difference between the mean states with and without a carry.
"""

from itertools import product

import numpy as np
from onnx_writer import Network
from training import Adam, Matrix

DIGITS, WIDTH = 4, 6
SEED = (3, 6)


def table() -> tuple[Matrix, Matrix, Matrix]:
    """All 256 additions: the digits fed, (steps, 256, 2); those of the sums, (steps, 256, 1); the carries after each
    step but the last, (DIGITS, 256)."""
    first, second = np.array(list(product(range(2**DIGITS), repeat=2))).T
    places = np.arange(DIGITS + 1)[:, None]
    fed = np.stack([first >> places & 1, second >> places & 1], axis=-1)
    sums = (first + second) >> places & 1
    below = 2 ** (places[:-1] + 1)
    carries = first % below + second % below >= below
    return fed.astype(float), sums[..., None].astype(float), carries.astype(float)


def states(parameters: list[Matrix], fed: Matrix) -> list[Matrix]:
    """The state before the first step and after each; each of shape (batch, WIDTH)."""
    keep, take, shift = parameters[:3]
    held = [np.zeros((fed.shape[1], WIDTH))]
    for x in fed:
        held.append(np.maximum(held[-1] @ keep + x @ take + shift, 0))
    return held


def trained() -> list[Matrix]:
    """K, V, s, r, o, rounded to float32."""
    random = np.random.default_rng(SEED)
    parameters = [
        random.normal(0, np.sqrt(1 / WIDTH), (WIDTH, WIDTH)),
        random.normal(0, 1, (2, WIDTH)),
        np.zeros((1, WIDTH)),
        random.normal(0, np.sqrt(1 / WIDTH), (WIDTH, 1)),
        np.zeros((1, 1)),
    ]
    fed, sums, _ = table()
    adam = Adam(parameters)
    steps = 4000
    for step in range(steps):
        held = states(parameters, fed)
        gradients = [np.zeros_like(p) for p in parameters]
        back = np.zeros_like(held[0])
        for t in reversed(range(DIGITS + 1)):
            d = 2 * (held[t + 1] @ parameters[3] + parameters[4] - sums[t]) / fed.shape[1]
            gradients[3] += held[t + 1].T @ d
            gradients[4] += d.sum(axis=0, keepdims=True)
            back = (back + d @ parameters[3].T) * (held[t + 1] > 0)
            gradients[0] += held[t].T @ back
            gradients[1] += fed[t].T @ back
            gradients[2] += back.sum(axis=0, keepdims=True)
            back = back @ parameters[0].T
        adam.step(gradients, 0.01 * 0.5 * (1 + np.cos(np.pi * step / steps)))
    return [p.astype(np.float32).astype(np.float64) for p in parameters]


def directions(parameters: list[Matrix]) -> dict[str, Matrix]:
    """Two directions of the state, each with its largest element 1, to two decimals."""
    fed, _, carries = table()
    held, carry = np.concatenate(states(parameters, fed)[1:-1]), carries.reshape(-1)
    probe, *_ = np.linalg.lstsq(np.column_stack([held, np.ones(len(held))]), carry, rcond=None)
    means = held[carry == 1].mean(axis=0) - held[carry == 0].mean(axis=0)
    return {name: (d / np.abs(d).max()).round(2) for name, d in (("probe", probe[:-1]), ("means", means))}


def report(parameters: list[Matrix]) -> None:
    """The largest error, and along each direction the values without and with a carry."""
    fed, sums, carries = table()
    held, carry = states(parameters, fed), carries.reshape(-1)
    error = max(np.abs(h @ parameters[3] + parameters[4] - s).max() for h, s in zip(held[1:], sums, strict=True))
    print(f"largest error of a digit {error:.4f}")
    for name, direction in directions(parameters).items():
        values = np.concatenate(held[1:-1]) @ direction
        ranges = [f"{v.min():.3f} .. {v.max():.3f}" for v in (values[carry == 0], values[carry == 1])]
        print(f"{name} {direction.tolist()}: {ranges[0]} without a carry, {ranges[1]} with one")


def save(parameters: list[Matrix]) -> None:
    """Write the unrolled network: a, b -> state_1 .. state_5 -> sum."""
    keep, take, shift, read, offset = parameters
    network = Network("adder")
    numbers = [network.input(name, DIGITS) for name in "ab"]
    k, v, s = network.weight("keep", keep), network.weight("take", take), network.weight("shift", shift[0])
    r, o = network.weight("read", read), network.weight("offset", offset[0])
    axis = network.integers("axis", [1])
    digits: list[str] = []
    state = ""
    for t in range(1, DIGITS + 2):
        inner = s
        if t <= DIGITS:
            ends = [network.integers(f"from_{t}", [t - 1]), network.integers(f"to_{t}", [t])]
            pair = [network.node("Slice", [n, *ends, axis], f"{n}_{t}") for n in numbers]
            inner = network.node("Gemm", [network.node("Concat", pair, f"pair_{t}", axis=1), v, s], f"taken_{t}")
        before = network.node("Gemm", [state, k, inner], f"before_{t}") if state else inner
        state = network.node("Relu", [before], f"state_{t}")
        digits.append(network.node("Gemm", [state, r, o], f"digit_{t}"))
    network.node("Concat", digits, "sum", axis=1)
    network.output("sum", DIGITS + 1)
    network.save("adder.onnx")


if __name__ == "__main__":
    weights = trained()
    report(weights)
    save(weights)
