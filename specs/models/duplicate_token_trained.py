"""Train a head with QK-norm that looks for an earlier copy of the last token, and write duplicate_token_trained.onnx.

Its stream, its layer norm and its tokens are those of duplicate_token.py, and so are the other features, of any amount
up to 100. Key, query and temperature are learnt: cross entropy of the attention, Adam, weight decay. Nothing asks for a
head that reads tokens alone; what else it reads only makes the attention worse.
"""

import numpy as np
import numpy.typing as npt
from duplicate_token import EPSILON, HEAD, LENGTH, OTHERS, TOKENS, WIDTH, Head, codes, hadamard, save, twos
from training import Adam, Matrix

STEPS, BATCH, RATE, DECAY = 2000, 128, 1e-2, 0.01
STRENGTH = 100.0
SEED = 1

Tokens = npt.NDArray[np.int64]
Rows = npt.NDArray[np.float64]


def examples(random: np.random.Generator, count: int) -> tuple[Tokens, Tokens, Rows]:
    """Tokens of which exactly one is the last, where that is, and the amounts of all else."""
    tokens = random.integers(0, TOKENS, (count, LENGTH))
    place = random.integers(0, LENGTH - 1, count)
    same = tokens[:, :-1] == tokens[:, -1:]
    tokens[:, :-1] = np.where(same, (tokens[:, :-1] + random.integers(1, TOKENS, same.shape)) % TOKENS, tokens[:, :-1])
    tokens[np.arange(count), place] = tokens[:, -1]
    return tokens, place, random.uniform(-STRENGTH, STRENGTH, (count, LENGTH, OTHERS))


def normed(tokens: Tokens, strengths: Rows) -> Rows:
    """The stream behind the layer norm."""
    directions = hadamard(WIDTH)
    stream = (32 * codes() @ directions[1 : 1 + HEAD])[tokens] + strengths @ directions[1 + HEAD : 1 + HEAD + OTHERS]
    centred = stream - stream.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + EPSILON) * twos()


def over_length(x: Rows) -> tuple[Rows, Rows]:
    """Vectors of length one, and the lengths."""
    lengths = np.sqrt((x**2).sum(axis=-1, keepdims=True))
    return x / lengths, lengths


def gradients(key: Matrix, query: Matrix, log_scale: Matrix, x: Rows, place: Tokens) -> list[Matrix]:
    """Of the mean cross entropy of the attention."""
    rows = np.arange(len(x))
    k, long_k = over_length(x[:, :-1] @ key)
    q, long_q = over_length(x[:, -1] @ query)
    scale = float(np.exp(log_scale[0, 0]))
    scores = scale * (k * q[:, None]).sum(axis=-1)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    d = powers / powers.sum(axis=1, keepdims=True)
    d[rows, place] -= 1
    d /= len(x)
    d_k, d_q = scale * d[:, :, None] * q[:, None], scale * (d[:, :, None] * k).sum(axis=1)
    d_k = (d_k - k * (d_k * k).sum(axis=-1, keepdims=True)) / long_k
    d_q = (d_q - q * (d_q * q).sum(axis=-1, keepdims=True)) / long_q
    flat = x[:, :-1].reshape(-1, WIDTH)
    return [flat.T @ d_k.reshape(-1, HEAD), x[:, -1].T @ d_q, np.array([[(d * scores).sum()]])]


def trained() -> Head:
    """The head."""
    random = np.random.default_rng(SEED)
    key, query = (random.normal(0, 1 / WIDTH, (WIDTH, HEAD)) for _ in range(2))
    log_scale = np.array([[np.log(4.0)]])
    adam = Adam([key, query, log_scale])
    for step in range(STEPS):
        tokens, place, strengths = examples(random, BATCH)
        for matrix in (key, query):
            matrix[...] = matrix * (1 - RATE * DECAY)
        rate = RATE * 0.5 * (1 + np.cos(np.pi * step / STEPS))
        adam.step(gradients(key, query, log_scale, normed(tokens, strengths), place), rate)
    return Head(
        "duplicate_token_trained", matrices=(key, query), temperature=float(np.float32(np.exp(log_scale[0, 0])))
    )


if __name__ == "__main__":
    save(trained())
