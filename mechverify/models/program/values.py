"""Values of a program while it is read into a graph: nodes, and lists of values of fixed length."""

from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from mechverify.graph.builder import GraphBuilder
from mechverify.models.model import NodeArray

# A node number, a tuple of values for a list, or a FixedList for a tuple of the program.
Value = Any


class FixedList(tuple[Any, ...]):
    """The value of a tuple in the program: it joins no list, and none of its items can be replaced."""

    __slots__ = ()


class LengthMismatch(Exception):  # noqa: N818
    """Two values of different shapes, or a list and a tuple, cannot be merged."""


def like(model: tuple[Value, ...], items: Iterable[Value]) -> tuple[Value, ...]:
    """The items as a list or a tuple, whichever ``model`` is."""
    return FixedList(items) if isinstance(model, FixedList) else tuple(items)


def merged(builder: GraphBuilder, condition: int, yes: Value, no: Value) -> Value:
    """``yes if condition else no``, element by element. Raises LengthMismatch."""
    if isinstance(yes, tuple) or isinstance(no, tuple):
        if type(yes) is not type(no) or len(yes) != len(no):
            raise LengthMismatch
        return like(yes, [merged(builder, condition, a, b) for a, b in zip(yes, no, strict=True)])
    if yes == no:
        return yes
    if builder.node(yes).is_boolean and builder.node(no).is_boolean:
        other = builder.negate(condition)
        return builder.any((builder.all((condition, yes)), builder.all((other, no))))
    return builder.ite(condition, number(builder, yes), number(builder, no))


def number(builder: GraphBuilder, node: int) -> int:
    """A truth value as 1 or 0, a number as it is."""
    return builder.ite(node, builder.const(1), builder.const(0)) if builder.node(node).is_boolean else node


def truth(builder: GraphBuilder, value: Value) -> int:
    """Python's truth of a value: a number is not 0, a list is not empty."""
    if isinstance(value, tuple):
        return builder.boolean(bool(value))
    return value if builder.node(value).is_boolean else builder.negate(builder.eq(value, builder.const(0)))


def mapped(function: Callable[[int], int], value: Value) -> Value:
    """A function of every node in a value."""
    return tuple(mapped(function, v) for v in value) if isinstance(value, tuple) else function(value)


def to_array(builder: GraphBuilder, value: Value) -> NodeArray | None:
    """The nodes of a value in its shape, truth values as numbers; None for a ragged list."""
    try:
        return np.array(mapped(lambda n: number(builder, n), value), dtype=np.int64)
    except ValueError:
        return None


def from_array(array: NodeArray) -> Value:
    """A value from an array of nodes."""
    return tuple(from_array(part) for part in array) if array.ndim else int(array)


def holds_lists(value: Value) -> bool:
    """Whether a value is a list with lists in it."""
    return isinstance(value, tuple) and any(isinstance(v, tuple) for v in value)
