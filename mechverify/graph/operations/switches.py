"""Piecewise linear operations of two pieces."""

from fractions import Fraction

import numpy as np

from mechverify.graph.groups import Array
from mechverify.graph.operations.operation import NEVER_ROUNDS, Ends, Operation, Switch


def _abs(a: Ends) -> Ends:
    low, high = a
    least = np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
    return least, np.maximum(np.abs(low), np.abs(high))


def _first(taken: Array) -> tuple[Array, Array]:
    first = taken.astype(np.float64)
    return first, 1.0 - first


RELU = Operation(
    "relu", ("number",), lambda a: max(a, Fraction(0)), lambda a: np.maximum(a, 0.0),
    lambda a: (np.maximum(a[0], 0.0), np.maximum(a[1], 0.0)),
    slopes=lambda a: ((a > 0).astype(np.float64),),
    grid="arguments", rational=True, switch=Switch((0,), (1,)), grows_with=(1,), covered=NEVER_ROUNDS,
)  # fmt: skip
ABS = Operation(
    "abs", ("number",), abs, np.abs, _abs,
    slopes=lambda a: (np.where(a < 0, -1.0, 1.0),),
    grid="arguments", rational=True, switch=Switch((-1,), (1,)), covered=NEVER_ROUNDS,
)  # fmt: skip
MAX = Operation(
    "max", ("number", "number"), max, np.maximum,
    lambda a, b: (np.maximum(a[0], b[0]), np.maximum(a[1], b[1])),
    slopes=lambda a, b: _first(a >= b),
    grid="arguments", rational=True, switch=Switch((1, 0), (0, 1)), grows_with=(1, 1), covered=NEVER_ROUNDS,
)  # fmt: skip
MIN = Operation(
    "min", ("number", "number"), min, np.minimum,
    lambda a, b: (np.minimum(a[0], b[0]), np.minimum(a[1], b[1])),
    slopes=lambda a, b: _first(a <= b),
    grid="arguments", rational=True, switch=Switch((0, 1), (1, 0)), grows_with=(1, 1), covered=NEVER_ROUNDS,
)  # fmt: skip
