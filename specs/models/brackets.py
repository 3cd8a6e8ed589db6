"""Train a causal transformer that tells balanced strings of brackets; write brackets_6.onnx, brackets_16.onnx and a
direction along which the depth of six can be read, brackets_depth.safetensors.

Two layers, width 32, two heads, an MLP of 64, no normalisation. The streams of all positions are summed and one logit
is read of the sum: positive for a balanced string. Token 0 opens, token 1 closes. What is read of a prefix is the sum
over its positions alone, so one network is trained on every prefix of even length up to 16, and is cut to shorter
strings. AdamW; a quarter each of a batch is balanced, nearly balanced, never negative, and hard for the network so far.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper
from onnx_writer import FOLDER, Network
from safetensors.numpy import save_file
from training import Adam, Matrix

LENGTH, WIDTH, HEADS, HIDDEN, LAYERS = 16, 32, 2, 64, 2
STEPS, BATCH, RATE, DECAY, CLIP = 800, 256, 2e-3, 0.01, 1.0
HARD, AGAIN = 2000, 200
SEED = 1

Tokens = npt.NDArray[np.int64]
Truths = npt.NDArray[np.bool_]
SCALE = 1 / np.sqrt(WIDTH // HEADS)
EVEN = np.arange(1, LENGTH, 2)


@dataclass(frozen=True)
class Layer:
    """Matrices that a row is multiplied with from the left."""

    query: Matrix
    key: Matrix
    value: Matrix
    out: Matrix
    into: Matrix
    bias: Matrix
    back: Matrix

    def all(self) -> list[Matrix]:
        """Every matrix, in one order."""
        return [self.query, self.key, self.value, self.out, self.into, self.bias, self.back]


@dataclass(frozen=True)
class Transformer:
    """``tokens`` and ``positions`` are rows of the stream; the logit is ``start`` plus ``read`` of the streams' sum."""

    tokens: Matrix
    positions: Matrix
    layers: tuple[Layer, ...]
    read: Matrix
    start: Matrix

    def all(self) -> list[Matrix]:
        """Every matrix, in one order."""
        inner = [m for layer in self.layers for m in layer.all()]
        return [self.tokens, self.positions, *inner, self.read, self.start]

    def logits(self, t: Tokens) -> Matrix:
        """Of every prefix, (strings, length)."""
        x = self.tokens[t] + self.positions
        for layer in self.layers:
            x = _forward(layer, x)[0]
        return np.cumsum(x @ self.read, axis=1) + self.start

    def gradients(self, t: Tokens, signs: Matrix) -> list[Matrix]:
        """Of the mean of log(1 + e^-margin) over prefixes of even length, in the order of ``all``."""
        x = self.tokens[t] + self.positions
        kept = []
        for layer in self.layers:
            x, *inner = _forward(layer, x)
            kept.append(inner)
        logits = np.cumsum(x @ self.read, axis=1) + self.start
        d = np.zeros_like(logits)
        with np.errstate(over="ignore"):
            d[:, EVEN] = -signs / (1 + np.exp(signs * logits[:, EVEN])) / signs.size
        each = np.cumsum(d[:, ::-1], axis=1)[:, ::-1]
        last = [np.einsum("bnd,bn->d", x, each), d.sum(keepdims=True).reshape(1)]
        d_x = each[:, :, None] * self.read
        inner_gradients: list[Matrix] = []
        for layer, values in zip(reversed(self.layers), reversed(kept), strict=True):
            d_x, found = _backward(layer, values, d_x)
            inner_gradients = found + inner_gradients
        d_tokens = np.array([d_x[t == k].sum(axis=0) for k in (0, 1)])
        return [d_tokens, d_x.sum(axis=0), *inner_gradients, *last]


def _heads(x: Matrix) -> Matrix:
    return x.reshape(*x.shape[:2], HEADS, -1).transpose(0, 2, 1, 3)


def _joined(x: Matrix) -> Matrix:
    return x.transpose(0, 2, 1, 3).reshape(x.shape[0], x.shape[2], -1)


def _forward(layer: Layer, x: Matrix) -> tuple[Matrix, ...]:
    """The stream after a layer, and what its gradient needs."""
    q, k, v = (_heads(x @ m) for m in (layer.query, layer.key, layer.value))
    scores = q @ k.transpose(0, 1, 3, 2) * SCALE
    scores[:, :, *np.triu_indices(x.shape[1], 1)] = -np.inf
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    pattern = powers / powers.sum(axis=-1, keepdims=True)
    z = _joined(pattern @ v)
    middle = x + z @ layer.out
    hidden = np.maximum(middle @ layer.into + layer.bias, 0)
    return middle + hidden @ layer.back, x, q, k, v, pattern, z, middle, hidden


def _backward(layer: Layer, values: list[Matrix], d: Matrix) -> tuple[Matrix, list[Matrix]]:
    """The gradient before a layer from that behind it, and those of its matrices."""
    x, q, k, v, pattern, z, middle, hidden = values
    d_hidden = (d @ layer.back.T) * (hidden > 0)
    d_back, d_into, d_bias = _product(hidden, d), _product(middle, d_hidden), d_hidden.sum(axis=(0, 1))
    d = d + d_hidden @ layer.into.T
    d_out, d_z = _product(z, d), _heads(d @ layer.out.T)
    d_pattern, d_v = d_z @ v.transpose(0, 1, 3, 2), pattern.transpose(0, 1, 3, 2) @ d_z
    d_scores = pattern * (d_pattern - (d_pattern * pattern).sum(axis=-1, keepdims=True)) * SCALE
    d_q, d_k = _joined(d_scores @ k), _joined(d_scores.transpose(0, 1, 3, 2) @ q)
    d_v = _joined(d_v)
    d = d + d_q @ layer.query.T + d_k @ layer.key.T + d_v @ layer.value.T
    return d, [_product(x, d_q), _product(x, d_k), _product(x, d_v), d_out, d_into, d_bias, d_back]


def _product(rows: Matrix, others: Matrix) -> Matrix:
    return rows.reshape(-1, rows.shape[-1]).T @ others.reshape(-1, others.shape[-1])


def strings(numbers: Tokens) -> Tokens:
    """Numbers below 65,536 as strings of 16 tokens."""
    return numbers[:, None] >> np.arange(LENGTH - 1, -1, -1) & 1


def balanced(t: Tokens) -> Truths:
    """Whether each prefix is balanced: never closed more than opened, and as often in all."""
    depth = np.cumsum(1 - 2 * t, axis=1)
    return (depth == 0) & (np.minimum.accumulate(depth, axis=1) >= 0)


def untrained(random: np.random.Generator) -> Transformer:
    """Normal weights of size one over the root of the rows."""

    def normal(*shape: int) -> Matrix:
        return random.normal(0, shape[0] ** -0.5, shape)

    layers = [
        Layer(*(normal(WIDTH, WIDTH) for _ in range(4)), normal(WIDTH, HIDDEN), np.zeros(HIDDEN), normal(HIDDEN, WIDTH))
        for _ in range(LAYERS)
    ]
    rows = [random.normal(0, WIDTH**-0.5, (count, WIDTH)) for count in (2, LENGTH)]
    return Transformer(rows[0], rows[1], tuple(layers), random.normal(0, 0.05, WIDTH), np.zeros(1))


def depth_direction(model: Transformer, length: int) -> tuple[Matrix, float]:
    """The least-squares fit of the depth at the last of so many brackets to that position's stream after the first
    layer, over all strings: a direction and what is added, for a depth that is read as ``it`` plus that."""
    t = strings(np.arange(1 << LENGTH))[:: 1 << LENGTH - length]
    x = _forward(model.layers[0], model.tokens[t] + model.positions)[0][:, length - 1]
    depth = (1 - 2 * t[:, :length]).sum(axis=1)
    found = np.linalg.lstsq(np.c_[x, np.ones(len(x))], depth, rcond=None)[0]
    off = np.abs(x @ found[:-1] + found[-1] - depth).max()
    print(f"depth of {length} brackets: it + {found[-1]:.4f}, off by at most {off:.3f}")
    return found[:-1], found[-1]


def read(file: str) -> Transformer:
    """The transformer that a file was written of."""
    w = {one.name: numpy_helper.to_array(one) for one in onnx.load(FOLDER / file).graph.initializer}
    names = ("keys", "values", "out", "into")
    layers = [
        Layer(w[f"w_queries_{k}"] / SCALE, *(w[f"w_{n}_{k}"] for n in names), w[f"bias_{k}"], w[f"w_back_{k}"])
        for k in range(1, LAYERS + 1)
    ]
    return Transformer(w["tokens_in"], w["positions_in"], tuple(layers), w["read"][:, 0], w["start"])


def margins(model: Transformer) -> Matrix:
    """How far every prefix of even length of every string is on its side, (65,536, 8)."""
    everything = strings(np.arange(1 << LENGTH))
    parts = np.array_split(everything, 16)
    logits = np.concatenate([model.logits(part) for part in parts])
    return np.where(balanced(everything), logits, -logits)[:, EVEN]


def trained() -> Transformer:
    """A transformer that is right on every string, of every even length."""
    random = np.random.default_rng(SEED)
    model = untrained(random)
    adam = Adam(model.all())
    everything = strings(np.arange(1 << LENGTH))
    depth = np.cumsum(1 - 2 * everything, axis=1)
    good = np.flatnonzero(balanced(everything)[:, -1])
    upward = np.flatnonzero(depth.min(axis=1) >= 0)
    hard = np.arange(1 << LENGTH)
    quarter = BATCH // 4
    for step in range(STEPS):
        flips = 1 << random.integers(0, LENGTH, (2, quarter))
        near = random.choice(good, quarter) ^ flips[0] ^ flips[1]
        chosen = [random.choice(good, quarter), near, random.choice(upward, quarter), random.choice(hard, quarter)]
        t = everything[np.concatenate(chosen)]
        gradients = model.gradients(t, np.where(balanced(t), 1.0, -1.0)[:, EVEN])
        size = np.sqrt(sum((g * g).sum() for g in gradients))
        rate = RATE * 0.5 * (1 + np.cos(np.pi * step / STEPS))
        for matrix in model.all():
            matrix[...] = matrix * (1 - rate * DECAY)
        adam.step([g * min(1.0, CLIP / size) for g in gradients], rate)
        if (step + 1) % AGAIN == 0:
            found = margins(model)
            hard = np.argsort(found.min(axis=1))[:HARD]
            least = ", ".join(f"{m:.2f}" for m in found.min(axis=0))
            print(f"step {step + 1}: the least margins of 2 to 16 brackets are {least}")
    for matrix in model.all():
        matrix[...] = matrix.astype(np.float32)
    return model


def save(model: Transformer, length: int) -> None:
    """Write the file of the network for strings of this length."""
    network = Network(f"brackets_{length}")
    tokens = network.tokens("tokens", length)
    table = network.node("Gather", [network.weight("tokens_in", model.tokens), tokens], "embedded")
    x = network.node("Add", [table, network.weight("positions_in", model.positions[:length])], "stream_0")
    mask = network.weight("mask", np.triu(np.full((length, length), -np.inf), 1))
    shapes = network.integers("shape_split", [0, length, HEADS, WIDTH // HEADS])
    joined = network.integers("shape_joined", [0, length, WIDTH])
    for k, layer in enumerate(model.layers, 1):
        parts = []
        scaled = layer.query * SCALE
        for name, matrix in (("queries", scaled), ("keys", layer.key), ("values", layer.value)):
            all_heads = network.node("MatMul", [x, network.weight(f"w_{name}_{k}", matrix)], f"{name}_{k}")
            split = network.node("Reshape", [all_heads, shapes], f"{name}_split_{k}")
            turn = [0, 2, 3, 1] if name == "keys" else [0, 2, 1, 3]
            parts.append(network.node("Transpose", [split], f"{name}_turned_{k}", perm=turn))
        scores = network.node("MatMul", parts[:2], f"scores_{k}")
        masked = network.node("Add", [scores, mask], f"scores_masked_{k}")
        pattern = network.node("Softmax", [masked], f"pattern_{k}", axis=-1)
        z = network.node("MatMul", [pattern, parts[2]], f"mixed_{k}")
        turned = network.node("Transpose", [z], f"mixed_turned_{k}", perm=[0, 2, 1, 3])
        together = network.node("Reshape", [turned, joined], f"mixed_joined_{k}")
        out = network.node("MatMul", [together, network.weight(f"w_out_{k}", layer.out)], f"attention_{k}")
        middle = network.node("Add", [x, out], f"middle_{k}")
        into = network.node("MatMul", [middle, network.weight(f"w_into_{k}", layer.into)], f"into_{k}")
        before = network.node("Add", [into, network.weight(f"bias_{k}", layer.bias)], f"before_{k}")
        hidden = network.node("Relu", [before], f"hidden_{k}")
        back = network.node("MatMul", [hidden, network.weight(f"w_back_{k}", layer.back)], f"mlp_{k}")
        x = network.node("Add", [middle, back], f"stream_{k}")
    pooled = network.node("ReduceSum", [x, network.integers("over_positions", [1])], "pooled", keepdims=0)
    read = [pooled, network.weight("read", model.read[:, None]), network.weight("start", model.start)]
    network.node("Gemm", read, "logit")
    network.output("logit", 1)
    network.save(f"brackets_{length}.onnx")


if __name__ == "__main__":
    network = trained()
    for size in (6, 16):
        save(network, size)
    direction = depth_direction(network, 6)[0].astype(np.float32)
    save_file({"depth": direction[:, None]}, FOLDER / "brackets_depth.safetensors")
