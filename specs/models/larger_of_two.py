"""Train 2-w-w-1 ReLU networks to the larger of two numbers in 0 .. 1, and write larger_of_two_<w>.onnx.

Without arguments it writes the gallery's network, w = 32; the arguments 8 16 32 write those of the benchmarks too.
"""

import sys

import numpy as np
from onnx_writer import save_dense
from training import Batch, Layers, Matrix, forward, initial, train

RANGE = 1_000_000
SEED = 7


def trained(width: int) -> Layers:
    """The network of a width, its weights rounded to float32."""
    random = np.random.default_rng([SEED, width])

    def batch() -> Batch:
        x = random.random((256, 2))
        x[:64, 1] = x[:64, 0]
        return x, x.max(axis=1, keepdims=True)

    layers = initial((2, width, width, 1), random)
    train(layers, batch, steps=6000, rate=0.01)
    return [(w.astype(np.float32).astype(np.float64), b.astype(np.float32).astype(np.float64)) for w, b in layers]


def errors(layers: Layers, points: Matrix) -> Matrix:
    """|network - larger| in units of 1, at integer points of shape (n, 2)."""
    return np.abs(forward(layers, points / RANGE)[-1][:, 0] - points.max(axis=1) / RANGE)


def largest_error(layers: Layers, *, diagonal: bool) -> float:
    """The largest error on the integers 0 .. 1000000: a grid, then ever finer grids around its worst points."""
    line = np.linspace(0, RANGE, 1_000_001 if diagonal else 2001).round()
    points = np.stack([line, line], axis=1) if diagonal else np.stack(np.meshgrid(line, line), axis=-1).reshape(-1, 2)
    found = np.concatenate([errors(layers, part) for part in np.array_split(points, 1 + len(points) // 50_000)])
    if diagonal:
        return float(found.max())
    offsets = np.stack(np.meshgrid(np.arange(-12, 13), np.arange(-12, 13)), axis=-1).reshape(-1, 2)
    best = 0.0
    for start in np.argpartition(found, -300)[-300:]:
        point = points[start]
        for spacing in (100, 30, 10, 3, 1, 1):
            near = np.clip(point + spacing * offsets, 0, RANGE)
            found_near = errors(layers, near)
            point = near[found_near.argmax()]
            best = max(best, float(found_near.max()))
    return best


if __name__ == "__main__":
    for width in [int(a) for a in sys.argv[1:]] or [32]:
        network = trained(width)
        for diagonal in (True, False):
            print(f"w = {width}: largest error {largest_error(network, diagonal=diagonal):.9f} {diagonal=}")
        save_dense(f"larger_of_two_{width}.onnx", network)
