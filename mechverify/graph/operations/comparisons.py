"""Comparisons of two numbers. One with an argument that may be any value is true or false."""

import numpy as np

from mechverify.graph.groups import Array
from mechverify.graph.operations.operation import Ends, Operation, Sort


def _less_or_equal(a: Ends, b: Ends) -> Ends:
    return (a[1] <= b[0]).astype(np.float64), (a[0] <= b[1]).astype(np.float64)


def _less(a: Ends, b: Ends) -> Ends:
    return (a[1] < b[0]).astype(np.float64), (a[0] < b[1]).astype(np.float64)


def _equal(a: Ends, b: Ends) -> Ends:
    yes: Array = (a[0] == a[1]) & (b[0] == b[1]) & (a[0] == b[0])
    possible: Array = (a[0] <= b[1]) & (b[0] <= a[1])
    return yes.astype(np.float64), possible.astype(np.float64)


_PAIR: tuple[Sort, ...] = ("number", "number")

LE = Operation(
    "le", _PAIR, lambda a, b: a <= b, lambda a, b: (a <= b).astype(np.float64), _less_or_equal,
    gives="truth", rational=True, compares=True, sign="<=", negated=">",
)  # fmt: skip
LT = Operation(
    "lt", _PAIR, lambda a, b: a < b, lambda a, b: (a < b).astype(np.float64), _less,
    gives="truth", rational=True, compares=True, sign="<", negated=">=",
)  # fmt: skip
EQ = Operation(
    "eq", _PAIR, lambda a, b: a == b, lambda a, b: (a == b).astype(np.float64), _equal,
    gives="truth", rational=True, compares=True, sign="==", negated="!=",
)  # fmt: skip

COMPARISONS = (LE, LT, EQ)
