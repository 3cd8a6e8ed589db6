"""Training small ReLU networks with plain numpy: float64, full determinism, rounded to float32 at the end."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
Layers = list[tuple[Matrix, Matrix]]
Batch = tuple[Matrix, Matrix]


class Adam:
    """The Adam optimiser (Kingma and Ba, 2015), in place; ``decay`` of squares is that of its second moment."""

    def __init__(self, parameters: Sequence[Matrix], decay: float = 0.999) -> None:
        self._parameters, self._decay = parameters, decay
        self._first = [np.zeros_like(p) for p in parameters]
        self._second = [np.zeros_like(p) for p in parameters]
        self._step = 0

    def step(self, gradients: Sequence[Matrix], rate: float) -> None:
        """Move every parameter against its gradient."""
        self._step += 1
        scale = rate * np.sqrt(1 - self._decay**self._step) / (1 - 0.9**self._step)
        for p, g, m, v in zip(self._parameters, gradients, self._first, self._second, strict=True):
            m[...] = m + 0.1 * (g - m)
            v[...] = v + (1 - self._decay) * (g * g - v)
            p[...] = p - scale * m / (np.sqrt(v) + 1e-8)


def initial(widths: Sequence[int], random: np.random.Generator) -> Layers:
    """He initialisation; each layer is (weights of shape (in, out), bias of shape (out,))."""
    return [(random.normal(0.0, np.sqrt(2 / a), (a, b)), np.zeros(b)) for a, b in pairwise(widths)]


def forward(layers: Layers, x: Matrix) -> list[Matrix]:
    """The input, every hidden layer after its ReLU, and the output; each of shape (batch, width)."""
    values = [x]
    for k, (w, b) in enumerate(layers):
        z = values[-1] @ w + b
        values.append(z if k == len(layers) - 1 else np.maximum(z, 0))
    return values


def train(layers: Layers, batch: Callable[[], Batch], steps: int, rate: float) -> None:
    """Least squares by Adam with a cosine schedule, in place."""
    parameters = [p for layer in layers for p in layer]
    adam = Adam(parameters)
    for step in range(steps):
        x, y = batch()
        values = forward(layers, x)
        d = 2 * (values[-1] - y) / len(x)
        gradients: list[Matrix] = []
        for k in reversed(range(len(layers))):
            gradients[:0] = [values[k].T @ d, d.sum(axis=0)]
            d = (d @ layers[k][0].T) * (values[k] > 0)
        adam.step(gradients, rate * 0.5 * (1 + np.cos(np.pi * step / steps)))
