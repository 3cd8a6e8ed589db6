"""Train attention-only transformers that give the largest of 4, 10 and 20 tokens, and write max_of_4.onnx and so on.

One layer, one head of width 32, a vocabulary of 64 tokens, no normalisation, no biases. The last position asks, and its
logits are the answer. AdamW on random tokens; a quarter of each batch has a largest token drawn evenly.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from onnx_writer import Network
from training import Adam, Matrix

VOCABULARY, WIDTH = 64, 32
LENGTHS = (4, 10, 20)
STEPS, BATCH, RATE, DECAY = 3000, 128, 1e-3, 0.01
SEED = 1

Tokens = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Transformer:
    """Matrices that a row is multiplied with from the left; ``tokens`` and ``positions`` are rows of the residual
    stream."""

    tokens: Matrix
    positions: Matrix
    query: Matrix
    key: Matrix
    value: Matrix
    out: Matrix
    unembed: Matrix

    def all(self) -> list[Matrix]:
        """Every matrix, in one order."""
        return [self.tokens, self.positions, self.query, self.key, self.value, self.out, self.unembed]

    def gradients(self, t: Tokens) -> list[Matrix]:
        """Of the mean cross entropy of the largest of each row of tokens, in the order of ``all``."""
        rows = np.arange(len(t))
        x = self.tokens[t] + self.positions
        last = x[:, -1]
        q, k, v = last @ self.query, x @ self.key, x @ self.value
        pattern = softmax(np.einsum("bd,bnd->bn", q, k) / np.sqrt(WIDTH))
        z = np.einsum("bn,bnd->bd", pattern, v)
        end = last + z @ self.out
        d = softmax(end @ self.unembed)
        d[rows, t.max(axis=1)] -= 1
        d /= len(t)
        d_end = d @ self.unembed.T
        d_z = d_end @ self.out.T
        d_pattern = np.einsum("bd,bnd->bn", d_z, v)
        d_scores = pattern * (d_pattern - (d_pattern * pattern).sum(axis=1, keepdims=True)) / np.sqrt(WIDTH)
        d_q, d_k = np.einsum("bn,bnd->bd", d_scores, k), d_scores[:, :, None] * q[:, None]
        d_v = pattern[:, :, None] * d_z[:, None]
        d_x = d_k @ self.key.T + d_v @ self.value.T
        d_x[:, -1] += d_end + d_q @ self.query.T
        d_tokens = np.zeros_like(self.tokens)
        np.add.at(d_tokens, t, d_x)
        flat = x.reshape(-1, WIDTH)
        return [
            d_tokens,
            d_x.sum(axis=0),
            last.T @ d_q,
            flat.T @ d_k.reshape(-1, WIDTH),
            flat.T @ d_v.reshape(-1, WIDTH),
            z.T @ d_end,
            end.T @ d,
        ]

    def answers(self, t: Tokens) -> Tokens:
        """The token of the greatest logit for each row of tokens."""
        x = self.tokens[t] + self.positions
        scores = np.einsum("bd,bnd->bn", x[:, -1] @ self.query, x @ self.key) / np.sqrt(WIDTH)
        z = np.einsum("bn,bnd->bd", softmax(scores), x @ self.value)
        return ((x[:, -1] + z @ self.out) @ self.unembed).argmax(axis=1)


def softmax(scores: Matrix) -> Matrix:
    """Along the last axis."""
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def untrained(length: int, random: np.random.Generator) -> Transformer:
    """Normal weights of size 1 / sqrt(width)."""
    square = (WIDTH, WIDTH)
    shapes = [(VOCABULARY, WIDTH), (length, WIDTH), square, square, square, square, (WIDTH, VOCABULARY)]
    return Transformer(*[random.normal(0, 1 / np.sqrt(WIDTH), shape) for shape in shapes])


def trained(length: int) -> Transformer:
    """A transformer for contexts of this length."""
    random = np.random.default_rng(SEED)
    model = untrained(length, random)
    adam = Adam(model.all())
    for _ in range(STEPS):
        t = random.integers(0, VOCABULARY, (BATCH, length))
        tops = random.integers(0, VOCABULARY, (BATCH // 4, 1))
        t[: BATCH // 4] = t[: BATCH // 4] % (tops + 1)
        for matrix in model.all():
            matrix[...] = matrix * (1 - RATE * DECAY)
        adam.step(model.gradients(t), RATE)
    t = random.integers(0, VOCABULARY, (100_000, length))
    print(f"of {length}: {(model.answers(t) == t.max(axis=1)).mean():.5f} right")
    return model


def save(model: Transformer) -> None:
    """Write the file of a transformer."""
    length = len(model.positions)
    network = Network(f"max_of_{length}")
    tokens = network.tokens("tokens", length)
    table = network.node("Gather", [network.weight("tokens_in", model.tokens), tokens], "embedded")
    x = network.node("Add", [table, network.weight("positions_in", model.positions)], "stream")
    at = network.integers("last_position", [length - 1])
    last = network.node("Gather", [x, at], "asking", axis=1)
    q = network.node("MatMul", [last, network.weight("query", model.query / np.sqrt(WIDTH))], "queries")
    k = network.node("MatMul", [x, network.weight("key", model.key)], "keys")
    v = network.node("MatMul", [x, network.weight("value", model.value)], "values")
    turned = network.node("Transpose", [k], "keys_turned", perm=[0, 2, 1])
    scores = network.node("MatMul", [q, turned], "scores")
    pattern = network.node("Softmax", [scores], "pattern", axis=-1)
    z = network.node("MatMul", [pattern, v], "mixed")
    added = network.node("MatMul", [z, network.weight("out", model.out)], "head_out")
    end = network.node("Add", [last, added], "stream_end")
    rows = network.node("MatMul", [end, network.weight("unembed", model.unembed)], "logits_of_last")
    network.node("Squeeze", [rows, network.integers("position_axis", [1])], "logits")
    network.output("logits", VOCABULARY)
    network.save(f"max_of_{length}.onnx")


if __name__ == "__main__":
    for tokens in LENGTHS:
        save(trained(tokens))
