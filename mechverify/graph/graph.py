"""The graph: a straight-line list of scalar operations over the spec's inputs.

A tensor is never a node. A model reader holds an array of node numbers for each tensor, so that reshape, slice, gather
with constant indices and their kin cost nothing and cannot be wrong in the kernel.

The operations and their meaning are those of ``docs/kernel.md``; an ``Obligation`` is a kernel problem, node for node.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from mechverify.graph.operations.operation import Operation
from mechverify.graph.operations.table import OPERATIONS

Rounding = Literal["exact", "float32"]
Kind = Literal["integer", "real"]


@dataclass(frozen=True, slots=True)
class Input:
    """One spec input with its closed, exact bounds."""

    name: str
    kind: Kind
    low: Fraction
    high: Fraction


@dataclass(frozen=True, slots=True)
class Node:
    """One operation, by its name in ``operations.table``.

    ``args`` are earlier nodes (for ``input``: the input's index). ``numbers`` are its exact constants: ``const``
    (value,), ``affine`` (bias, weight of args[0], ...). ``truth`` is the value of a ``bool``. ``run`` tells apart
    copies of the model that round independently; it never reaches the kernel. Many float32 weights are a ``rows.Row``.
    ``plain``: a float32 sum each of whose products is rounded once, and added in some order.
    """

    op: str
    args: tuple[int, ...] = ()
    numbers: Sequence[Fraction] = ()
    rounding: Rounding = "exact"
    truth: bool = False
    run: int = 0
    plain: bool = False

    @property
    def is_boolean(self) -> bool:
        """Whether the node's value is a truth value."""
        return OPERATIONS[self.op].boolean

    @property
    def rounds(self) -> bool:
        """Whether its value is rounded to float32."""
        return self.rounding == "float32" or OPERATIONS[self.op].rounds

    @property
    def operation(self) -> Operation:
        """What the graph knows of the node's operation."""
        return OPERATIONS[self.op]


@dataclass(frozen=True, slots=True)
class Graph:
    """Inputs and nodes, each node after its arguments."""

    inputs: tuple[Input, ...]
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Obligation:
    """For all inputs in bounds, in every execution: ``assumption`` implies ``claim``. Nodes are those of the kernel
    problem.

    ``preconditions`` maps a precondition's name to its node in this graph, for reports of what a proof used.
    ``cases`` are nodes worth splitting on: what the explanation says the mechanism turns on (booleans, or small
    integers).
    """

    graph: Graph
    assumption: int
    claim: int
    preconditions: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    cases: tuple[int, ...] = ()
