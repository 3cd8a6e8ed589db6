"""Every operation of the graph, by its name."""

from collections.abc import Sequence

from mechverify.graph.operations.comparisons import EQ, LE, LT
from mechverify.graph.operations.leaves import BOOL, CONST, INPUT
from mechverify.graph.operations.logic import AND, ITE, NOT, OR
from mechverify.graph.operations.lookup import TABLE
from mechverify.graph.operations.operation import Operation
from mechverify.graph.operations.products import DIV, MUL
from mechverify.graph.operations.rounding import ROUND32
from mechverify.graph.operations.s_shaped import ERF, SIGMOID, TANH
from mechverify.graph.operations.smooth import EXP, LOG, SQRT
from mechverify.graph.operations.steps import FLOOR, ROUND
from mechverify.graph.operations.sums import AFFINE
from mechverify.graph.operations.switches import ABS, MAX, MIN, RELU

OPERATIONS: dict[str, Operation] = {
    one.name: one
    for one in (
        INPUT, CONST, BOOL, AFFINE, MUL, DIV, RELU, ABS, MAX, MIN, FLOOR, ROUND, ITE, TABLE, SQRT, EXP, LOG, TANH,
        SIGMOID, ERF, ROUND32, LE, LT, EQ, AND, OR, NOT,
    )
}  # fmt: skip
"""In the order in which ``mechverify explain`` tells of them."""

FREE = Operation("free", (), None, None, gives="truth")
"""A truth that a proof has forgotten. Only the kernel's problems have it, while a proof is under way."""


def operation(name: str) -> Operation:
    """The record of a node of the graph's, or of the kernel's while a proof is under way."""
    return FREE if name == FREE.name else OPERATIONS[name]


def turning_pair(op: str, args: Sequence[int]) -> tuple[int, int]:
    """Of a node whose operation ``turns``: the nodes (a, b) whose difference b - a decides; a is -1 for zero."""
    return (-1, args[0]) if len(operation(op).takes) == 1 else (args[0], args[1])
