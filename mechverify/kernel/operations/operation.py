"""What the kernel knows of an operation: one record has all of it, and everything else asks the record.

What a record does not say fails closed: an operation without `total`, `whole`, `summands`, `taken`, `line` or slope is
just bounded by its forms.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from ..algebra.relations import Algebra
from ..forms.form import Forms
from ..numbers.number import Number
from ..plan import Linear
from ..points.values import NodeValues
from ..reading.node import Node

# A node as constant + sum of weight * argument.
Sum = tuple[Number, Sequence[tuple[Number, int]]]


class TakenRule(Protocol):
    """See `Operation.taken`."""

    def __call__(self, node: Node, /, *, rises: bool) -> Sum: ...


class LineRule(Protocol):
    """See `Operation.line`."""

    def __call__(self, f: Forms, v: int, node: Node, /, *, upper: bool) -> tuple[Linear, bool] | None: ...


def _no_sum(_f: Forms, _v: int, _node: Node) -> Sequence[int] | None:
    return None


def _own_constant(_f: Forms, _v: int, node: Node) -> Number:
    return node.constant


def all_summands(_f: Forms, _v: int, node: Node) -> Sequence[int]:
    """For a node that is the sum of all its arguments."""
    return node.args


def _never(_node: Node, _integral: Sequence[int]) -> bool:
    return False


def switched(node: Node) -> tuple[int, int]:
    """(a, b) of the z = b - a whose sign a switch looks at; a = -1 stands for zero."""
    return (-1, node.args[0]) if len(node.args) == 1 else (node.args[0], node.args[1])


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, by the name that a problem file has for it.

    - `beside`: what stands after the name in a file, in order: words of `reading/problem.py`; None for an operation
      that no file can have. `boolean`: the sort of its value.
    - `at_point`: its value at a point, exact or enclosed (docs/kernel.md, "At a point").
    - `forms`: its interval, its two affine forms and its grid on a box ("The affine leaf").
    - `total`: it has a value wherever its arguments have one, so a proof may define a node with it.
    - `whole(node, integral)`: whether it is an integer by construction; `integral[a]` says the same of argument a.
    - `summands(f, v, node)`: the arguments whose sum, with the node's own weights, it is on the box of a leaf once its
      forms are known; or that it rounds (then `f.errors` has v); None where it is no sum. `constant(f, v, node)` is
      what the sum has beside them.
    - `product`: it is, or rounds, the product of its two arguments.
    - `taken(node, rises)`, for a switch: the sum that it is where z >= 0, or where z <= 0 (`switched`). It has phases.
    - `line(f, v, node, upper)`: a row that is never below (`upper`) or never above it, strictly if so marked.
    - `least_slope`: the least slope of its lower side that a leaf may choose, the greatest being 1; None for no choice.
    - `keeps_gaps`: where each argument (and the zero of a switch of one) is greater by at least s, so is its value.
    - `compares`: it says how b - a, its arguments being a and b, is related to zero.
    - `algebra`: its domain, and the equations and inequalities that its exact value obeys.
    """

    name: str
    beside: tuple[str, ...] | None
    at_point: Callable[[NodeValues, int, Node], None]
    forms: Callable[[Forms, int, Node], None]
    boolean: bool = False
    total: bool = False
    whole: Callable[[Node, Sequence[int]], bool] = _never
    summands: Callable[[Forms, int, Node], Sequence[int] | None] = _no_sum
    constant: Callable[[Forms, int, Node], Number] = _own_constant
    product: bool = False
    taken: TakenRule | None = None
    line: LineRule | None = None
    least_slope: int | None = None
    keeps_gaps: bool = False
    compares: bool = False
    algebra: Algebra | None = None


def of_integers(node: Node, integral: Sequence[int]) -> bool:
    """For an operation that makes integers of integers."""
    return all(integral[a] for a in node.args)
