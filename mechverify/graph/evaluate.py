"""Exact evaluation of a graph at one point, with rational numbers; rounded nodes without their rounding."""

from collections.abc import Iterable, Sequence
from fractions import Fraction

from mechverify.errors import InternalError
from mechverify.graph.graph import Graph, Node
from mechverify.graph.operations.operation import Value

__all__ = ["Value", "evaluate_exact"]

_MAX_BITS = 1 << 20


def evaluate_exact(graph: Graph, point: Sequence[Fraction], wanted: Iterable[int]) -> dict[int, Value]:
    """The values of the wanted nodes at a point (one number for each input). ``float32`` nodes are taken in ideal
    arithmetic.

    None stands for undefined (division by zero, a square root of a negative), and for what is irrational: exp and log
    except at 0 and 1, and most square roots. So does it for numbers of more than 2^20 bits, which would take all the
    time there is. A truth value that hangs on such a number is None.
    """
    targets = tuple(wanted)
    needed = set(targets)
    stack = list(targets)
    while stack:
        node = graph.nodes[stack.pop()]
        if node.op != "input":
            fresh = [a for a in node.args if a not in needed]
            needed.update(fresh)
            stack.extend(fresh)
    values: dict[int, Value] = {}
    for index in sorted(needed):
        value = _value(graph.nodes[index], values, point)
        values[index] = None if isinstance(value, Fraction) and _is_long(value) else value
    return {t: values[t] for t in targets}


def _is_long(value: Fraction) -> bool:
    return max(value.numerator.bit_length(), value.denominator.bit_length()) > _MAX_BITS


def _value(node: Node, values: dict[int, Value], point: Sequence[Fraction]) -> Value:
    if node.op == "input":
        return Fraction(point[node.args[0]])
    operation = node.operation
    args = [values[a] for a in node.args]
    if not operation.lenient and any(a is None for a in args):
        return None
    if operation.value is None:
        raise InternalError(f"{node.op} has no value at a point")
    match operation.beside:
        case "number" | "terms" | "entries":
            return operation.value(node.numbers, *args)
        case "truth":
            return operation.value(node.truth)
    return operation.value(*args)
