"""Connectives, and the choice between two numbers: they may be known where an argument is not."""

import numpy as np

from mechverify.graph.groups import Array
from mechverify.graph.operations.operation import NEVER_ROUNDS, Ends, Operation, Value


def _and(*args: bool | None) -> bool | None:
    return False if False in args else None if None in args else True


def _or(*args: bool | None) -> bool | None:
    return True if True in args else None if None in args else False


def _least(*args: Array) -> Array:
    found: Array = np.minimum.reduce(args, axis=0, initial=1.0)
    return found


def _most(*args: Array) -> Array:
    found: Array = np.maximum.reduce(args, axis=0, initial=0.0)
    return found


def _choice(condition: Value, a: Value, b: Value) -> Value:
    if condition is None:
        return a if a == b else None
    return a if condition else b


def _picked(condition: Array, a: Array, b: Array) -> Array:
    return np.where(condition > 0.5, a, b)


def _chosen(condition: Ends, a: Ends, b: Ends) -> Ends:
    yes, no = condition[0] == 1.0, condition[1] == 0.0
    low = np.where(yes, a[0], np.where(no, b[0], np.minimum(a[0], b[0])))
    return low, np.where(yes, a[1], np.where(no, b[1], np.maximum(a[1], b[1])))


AND = Operation(
    "and", ("truth",), _and, _least, lambda *ends: (_least(*(e[0] for e in ends)), _least(*(e[1] for e in ends))),
    gives="truth", many=True, lenient=True,
)  # fmt: skip
OR = Operation(
    "or", ("truth",), _or, _most, lambda *ends: (_most(*(e[0] for e in ends)), _most(*(e[1] for e in ends))),
    gives="truth", many=True, lenient=True,
)  # fmt: skip
NOT = Operation(
    "not", ("truth",), lambda a: not a, lambda a: 1.0 - a, lambda a: (1.0 - a[1], 1.0 - a[0]), gives="truth"
)
ITE = Operation(
    "ite", ("truth", "number", "number"), _choice, _picked, _chosen,
    lenient=True, grid="arguments", covered=NEVER_ROUNDS,
)  # fmt: skip
