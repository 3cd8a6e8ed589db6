"""Symbolic values: what an expression means in a graph, and where it is defined."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from mechverify.graph.builder import GraphBuilder
from mechverify.models.model import NodeArray

# A node number, or a vector of values (nested for matrices).
Value: TypeAlias = "int | tuple[Value, ...]"


class ShapeMismatchError(Exception):
    """A vector where a single value is needed, or the reverse: known only once the model's sites have shapes."""


@dataclass(frozen=True, slots=True)
class Symbolic:
    """A value with the truth node that says where evaluating it is defined (SEMANTICS 2)."""

    value: Value
    defined: int


def scalar(value: Value) -> int:
    """The node of a scalar value. Raises ShapeMismatchError for a vector."""
    if isinstance(value, tuple):
        elements = f"{len(value)} element{'' if len(value) == 1 else 's'}"
        raise ShapeMismatchError(f"a vector of {elements} stands where a single value is needed")
    return value


def vector(value: Value) -> tuple[Value, ...]:
    """The elements of a vector value. Raises ShapeMismatchError for a scalar."""
    if not isinstance(value, tuple):
        raise ShapeMismatchError("a single value stands where a vector is needed")
    return value


def leaves(value: Value) -> Iterator[int]:
    """Every node of a value, in order."""
    if isinstance(value, tuple):
        for item in value:
            yield from leaves(item)
    else:
        yield value


def refilled(value: Value, nodes: Iterator[int]) -> Value:
    """A value of the same shape, of these nodes in order."""
    return tuple(refilled(v, nodes) for v in value) if isinstance(value, tuple) else next(nodes)


def shape_of(value: Value) -> tuple[int, ...]:
    """The shape of a rectangular value. Raises ValueError for a ragged one."""
    if not isinstance(value, tuple):
        return ()
    shapes = {shape_of(item) for item in value}
    if len(shapes) > 1:
        raise ValueError("rows of different lengths")
    return (len(value), *(shapes.pop() if shapes else ()))


def from_array(nodes: NodeArray) -> Value:
    """The value that an array of node numbers is."""
    if nodes.ndim == 0:
        return int(nodes)
    return tuple(from_array(np.asarray(row)) for row in nodes)


def to_array(value: Value) -> NodeArray:
    """The array of node numbers of a rectangular value."""
    return np.array(list(leaves(value)), dtype=np.int64).reshape(shape_of(value))


def choose(builder: GraphBuilder, condition: int, then: Value, otherwise: Value) -> Value:
    """``then if condition else otherwise``, element by element. Raises ValueError where lengths differ."""
    truth = builder.truth_value(condition)
    if truth is not None:
        return then if truth else otherwise
    if isinstance(then, tuple) and isinstance(otherwise, tuple):
        if len(then) != len(otherwise):
            raise ValueError(f"the two sides of `if` have {len(then)} and {len(otherwise)} elements")
        return tuple(choose(builder, condition, a, b) for a, b in zip(then, otherwise, strict=True))
    a, b = scalar(then), scalar(otherwise)
    if builder.node(a).is_boolean:
        return builder.any((builder.all((condition, a)), builder.all((builder.negate(condition), b))))
    return builder.ite(condition, a, b)
