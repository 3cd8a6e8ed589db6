"""Functions that grow from one limit to another, convex below zero and concave above it."""

from fractions import Fraction
from math import erf, pi, sqrt

import numpy as np

from mechverify.graph.groups import Array
from mechverify.graph.operations.operation import Operation, Value
from mechverify.graph.operations.smooth import grown

_erf_of_each = np.frompyfunc(erf, 1, 1)


def _erf(a: Array) -> Array:
    found: Array = np.asarray(_erf_of_each(a), dtype=np.float64)
    return found


def _sigmoid(a: Array) -> Array:
    small = np.exp(-np.abs(a))
    found: Array = np.where(a >= 0, 1.0, small) / (1.0 + small)
    return found


def _odd(a: Fraction) -> Value:
    return Fraction(0) if a == 0 else None


SIGMOID = Operation(
    "sigmoid", ("number",), lambda a: Fraction(1, 2) if a == 0 else None, _sigmoid,
    lambda a: grown(_sigmoid, a, least=0.0, most=1.0),
    slopes=lambda a: (_sigmoid(a) * _sigmoid(-a),),
    grows_with=(1,),
)  # fmt: skip
TANH = Operation(
    "tanh", ("number",), _odd, np.tanh, lambda a: grown(np.tanh, a, least=-1.0, most=1.0),
    slopes=lambda a: (1.0 - np.tanh(a) ** 2,),
    grows_with=(1,),
)  # fmt: skip
ERF = Operation(
    "erf", ("number",), _odd, _erf, lambda a: grown(_erf, a, least=-1.0, most=1.0),
    slopes=lambda a: (2.0 / sqrt(pi) * np.exp(-(a**2)),),
    grows_with=(1,),
)  # fmt: skip
