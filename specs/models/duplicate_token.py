"""Write duplicate_token*.onnx: heads that look for an earlier copy of the last token, by one feature among others.

A residual stream of width 64 holds a token and eight other features, as much of each as the input says. All of them are
columns of a Hadamard matrix, or sums of such, and none is the constant one, so that a layer norm does not centre them
away. The head reads the directions of tokens, whose products with those of the other features are exactly zero. Its
values read the others.
"""

from dataclasses import dataclass, field

import numpy as np
from onnx_writer import Network

WIDTH, TOKENS, HEAD, OTHERS, LENGTH = 64, 24, 8, 4, 4
EPSILON = 2.0**-17
TEMPERATURE = 8.0
SEED = 1

Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]
Vector = np.ndarray[tuple[int], np.dtype[np.float64]]


def hadamard(size: int) -> Matrix:
    """The matrix of signs whose rows are orthogonal to each other, for a power of two."""
    found = np.ones((1, 1))
    while len(found) < size:
        found = np.block([[found, found], [found, -found]])
    return found


def twos() -> Vector:
    """Powers of two: a gain that can be undone exactly."""
    return 2.0 ** (np.arange(WIDTH) % 3 - 1)


def others() -> Vector:
    """A gain that float32 weights cannot undo exactly."""
    return 1 + np.arange(WIDTH) / WIDTH


@dataclass(frozen=True)
class Head:
    """What a variant of the head has. ``epsilon`` is that of the QK-norm, None for a head without; ``shift`` the bias
    of the layer norm. Where ``matrices`` are given, the key's and the query's are these, otherwise both read the
    directions of tokens behind the layer norm."""

    name: str
    epsilon: float | None = 0.0
    gain: Vector = field(default_factory=twos)
    shift: Vector | None = None
    matrices: tuple[Matrix, Matrix] | None = None
    temperature: float = TEMPERATURE

    @property
    def key(self) -> Matrix:
        """What the key is, of a row of the stream behind the layer norm."""
        own = (hadamard(WIDTH)[1 : 1 + HEAD] / (WIDTH * self.gain)).T
        return own if self.matrices is None else self.matrices[0]


def codes() -> Matrix:
    """What each token writes along each direction of tokens: small integers, no two rows parallel."""
    random = np.random.default_rng(SEED)
    found: list[Vector] = []
    while len(found) < TOKENS:
        one = random.integers(-2, 3, HEAD).astype(np.float64)
        if one.any() and all(abs(cosine(one, other)) <= 0.7 for other in found):
            found.append(one)
    return np.array(found)


def cosine(a: Vector, b: Vector) -> float:
    """Of the angle between two vectors."""
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def with_length_one(network: Network, head: Head, rows: str, matrix: Matrix, name: str) -> str:
    """What is read of the rows, over its length where the head has a QK-norm."""
    read = network.node("MatMul", [rows, network.weight(f"matrix{name}", matrix)], f"read{name}")
    if head.epsilon is None:
        return read
    squares = network.node("Mul", [read, read], f"squares{name}")
    total = network.node("ReduceSum", [squares, network.integers(f"axis{name}", [-1])], f"total{name}", keepdims=1)
    if head.epsilon:
        total = network.node("Add", [total, network.weight("epsilon", np.array(head.epsilon))], "total_and_epsilon")
    return network.node("Div", [read, network.node("Sqrt", [total], f"length{name}")], f"directed{name}")


def save(head: Head) -> None:
    """Write the file of a head."""
    directions = hadamard(WIDTH)
    network = Network(head.name)
    tokens = network.tokens("tokens", LENGTH)
    strengths = network.input("strengths", LENGTH * OTHERS)
    table = network.weight("tokens_in", 32 * codes() @ directions[1 : 1 + HEAD])
    embedded = network.node("Gather", [table, tokens], "embedded")
    shape = network.integers("shape_of_strengths", [-1, LENGTH, OTHERS])
    rows = network.node("Reshape", [strengths, shape], "strengths_by_position")
    others = network.weight("others_in", directions[1 + HEAD : 1 + HEAD + OTHERS])
    stream = network.node("Add", [embedded, network.node("MatMul", [rows, others], "others")], "stream")
    shift = np.zeros(WIDTH) if head.shift is None else head.shift
    scale = [network.weight("gain", head.gain), network.weight("shift", shift)]
    normed = network.node("LayerNormalization", [stream, *scale], "normed", axis=-1, epsilon=EPSILON)
    directed = with_length_one(network, head, normed, head.key, "")
    before = network.integers("before", list(range(LENGTH - 1)))
    last = network.integers("last", [LENGTH - 1])
    keys = network.node("Gather", [directed, before], "keys", axis=1)
    if head.matrices is None:
        query = network.node("Gather", [directed, last], "query", axis=1)
    else:
        asking = network.node("Gather", [normed, last], "asking", axis=1)
        query = with_length_one(network, head, asking, head.matrices[1], "_of_query")
    asked = network.node("Mul", [query, network.weight("temperature", np.array(head.temperature))], "asked")
    products = network.node("MatMul", [asked, network.node("Transpose", [keys], "turned", perm=[0, 2, 1])], "products")
    pattern = network.node("Softmax", [products], "weights", axis=-1)
    value = network.weight("value", hadamard(WIDTH)[1 + HEAD : 1 + 2 * HEAD].T / WIDTH)
    values = network.node("MatMul", [network.node("Gather", [normed, before], "candidates", axis=1), value], "values")
    mixed = network.node("MatMul", [pattern, values], "mixed")
    axis = network.integers("position_axis", [1])
    network.node("Squeeze", [products, axis], "scores")
    network.node("Squeeze", [pattern, axis], "pattern")
    network.node("Squeeze", [mixed, axis], "output")
    network.output("output", HEAD)
    network.output("pattern", LENGTH - 1)
    network.output("scores", LENGTH - 1)
    network.save(f"{head.name}.onnx")


def main() -> None:
    """Write all variants."""
    save(Head("duplicate_token_qk_norm"))
    save(Head("duplicate_token_no_qk_norm", epsilon=None))
    save(Head("duplicate_token_epsilon", epsilon=2.0**-10))
    save(Head("duplicate_token_shift", shift=hadamard(WIDTH)[1] / 8))
    save(Head("duplicate_token_rounded", gain=others()))
    found = codes()
    largest = max(cosine(a, b) for i, a in enumerate(found) for b in found[:i])
    print(f"the largest cosine: {largest:.6f}")


if __name__ == "__main__":
    main()
