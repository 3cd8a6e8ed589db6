"""What is measured: |network(n / range) - larger / range| <= eps on the diagonal and on the square, w = 8, 16, 32."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import onnx
from onnx import numpy_helper

MODELS = Path(__file__).resolve().parent.parent / "specs" / "models"

Matrix = npt.NDArray[np.float64]
Domain = Literal["diagonal", "square"]

# 1.1 times the largest error that specs/models/larger_of_two.py finds, rounded up to six decimals.
EPS: dict[tuple[int, Domain], Fraction] = {
    (8, "diagonal"): Fraction("0.005125"),
    (8, "square"): Fraction("0.006574"),
    (16, "diagonal"): Fraction("0.002162"),
    (16, "square"): Fraction("0.021138"),
    (32, "diagonal"): Fraction("0.003872"),
    (32, "square"): Fraction("0.008672"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One claim. ``layers``: (weights of shape (in, out), bias of shape (out,)), the float32 values exactly."""

    width: int
    domain: Domain
    eps: Fraction
    layers: tuple[tuple[Matrix, Matrix], ...]

    def error(self, points: Matrix) -> Matrix:
        """|network - larger| in float64, at points of the unit square of shape (n, 2)."""
        h = points
        for k, (w, b) in enumerate(self.layers):
            h = h @ w + b
            h = h if k == len(self.layers) - 1 else np.maximum(h, 0)
        return np.abs(h[:, 0] - points.max(axis=1))


def model_file(width: int) -> Path:
    """The ONNX file of a width."""
    return MODELS / f"larger_of_two_{width}.onnx"


def problem(width: int, domain: Domain) -> Problem:
    """The claim for a width and a domain."""
    weights = {
        i.name: numpy_helper.to_array(i).astype(np.float64) for i in onnx.load(model_file(width)).graph.initializer
    }
    layers = tuple((weights[f"weights_{k}"], weights[f"bias_{k}"]) for k in (1, 2, 3))
    return Problem(width, domain, EPS[width, domain], layers)


def interval_bounds(layers: tuple[tuple[Matrix, Matrix], ...]) -> list[tuple[Matrix, Matrix]]:
    """Bounds of every layer before its ReLU on the unit square, by interval arithmetic with a little room."""
    low, high = np.zeros(2), np.ones(2)
    found = []
    for w, b in layers:
        positive, negative = np.maximum(w, 0), np.minimum(w, 0)
        z_low = low @ positive + high @ negative + b - 1e-6
        z_high = high @ positive + low @ negative + b + 1e-6
        found.append((z_low, z_high))
        low, high = np.maximum(z_low, 0), np.maximum(z_high, 0)
    return found
