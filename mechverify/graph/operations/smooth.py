"""Monotone functions with irrational values."""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt

import numpy as np

from mechverify.graph.groups import Array
from mechverify.graph.operations.operation import Above, Ends, Operation, Value

_ZERO = Fraction(0)


def _sqrt(a: Fraction) -> Value:
    if a < 0:
        return None
    top, bottom = isqrt(a.numerator), isqrt(a.denominator)
    return Fraction(top, bottom) if top * top == a.numerator and bottom * bottom == a.denominator else None


def grown(function: Callable[[Array], Array], a: Ends, *, least: float = -np.inf, most: float = np.inf) -> Ends:
    """The interval of a function that grows from ``least`` to ``most``, good to 1e-12; NaN is any value."""
    low, high = function(a[0]), function(a[1])
    low, high = low - 1e-12 * np.abs(low) - 1e-300, high + 1e-12 * np.abs(high) + 1e-300
    return np.maximum(low, least), np.minimum(high, most)


def _log(a: Ends) -> Ends:
    low, high = grown(np.log, a)
    return np.where(a[0] <= 0, np.nan, low), high


SQRT = Operation(
    "sqrt", ("number",), _sqrt, np.sqrt, lambda a: grown(np.sqrt, a, least=0.0),
    slopes=lambda a: (0.5 / np.sqrt(a),),
    grows_with=(1,), partial=True, domain=Above(_ZERO, strict=False),
)  # fmt: skip
EXP = Operation(
    "exp", ("number",), lambda a: Fraction(1) if a == 0 else None, np.exp, lambda a: grown(np.exp, a, least=0.0),
    slopes=lambda a: (np.exp(a),),
    grows_with=(1,), grows=True,
)  # fmt: skip
LOG = Operation(
    "log", ("number",), lambda a: Fraction(0) if a == 1 else None, np.log, _log,
    slopes=lambda a: (1.0 / a,),
    grows_with=(1,), partial=True, domain=Above(_ZERO, strict=True),
)  # fmt: skip
