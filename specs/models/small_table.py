"""Train a 2-8-1 ReLU network to multiply two numbers from 0 to 3, and write small_table.onnx."""

import numpy as np
from onnx_writer import save_dense
from training import Batch, initial, train

SEED = 6


def main() -> None:
    """Train on all sixteen products."""
    random = np.random.default_rng(SEED)
    pairs = np.array([(a, b) for a in range(4) for b in range(4)], dtype=np.float64)
    products = pairs.prod(axis=1, keepdims=True)

    def batch() -> Batch:
        return pairs, products

    layers = initial((2, 8, 1), random)
    train(layers, batch, steps=4000, rate=0.02)
    save_dense("small_table.onnx", layers)


if __name__ == "__main__":
    main()
