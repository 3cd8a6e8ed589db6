"""Exact evaluation of a graph at one point, with rational numbers; rounded nodes without their rounding."""

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from math import isqrt

from mechverify.graph.float32 import round_to_float32
from mechverify.graph.graph import Graph, Node

Value = Fraction | bool | None
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
    op = node.op
    if op == "input":
        return Fraction(point[node.args[0]])
    if op == "const":
        return node.numbers[0]
    if op == "bool":
        return node.truth
    if op == "ite":
        condition = values[node.args[0]]
        if condition is None:
            a, b = values[node.args[1]], values[node.args[2]]
            return a if a == b else None
        return values[node.args[1] if condition else node.args[2]]
    args = [values[a] for a in node.args]
    if op == "and":
        return False if False in args else None if None in args else True
    if op == "or":
        return True if True in args else None if None in args else False
    if op == "not":
        return None if args[0] is None else not args[0]
    numbers = [a for a in args if isinstance(a, Fraction)]
    if len(numbers) < len(args):
        return None
    if op == "affine":
        return node.numbers[0] + sum((w * x for w, x in zip(node.numbers[1:], numbers, strict=True)), Fraction(0))
    return _TABLE[op](*numbers)


def _div(a: Fraction, b: Fraction) -> Value:
    return None if b == 0 else a / b


def _sqrt(a: Fraction) -> Value:
    if a < 0:
        return None
    top, bottom = isqrt(a.numerator), isqrt(a.denominator)
    return Fraction(top, bottom) if top * top == a.numerator and bottom * bottom == a.denominator else None


_TABLE: dict[str, Callable[..., Value]] = {
    "mul": lambda a, b: a * b,
    "div": _div,
    "relu": lambda a: max(a, Fraction(0)),
    "abs": abs,
    "max": max,
    "min": min,
    "floor": lambda a: Fraction(a.__floor__()),
    "round": lambda a: Fraction(round(a)),
    "sqrt": _sqrt,
    "exp": lambda a: Fraction(1) if a == 0 else None,
    "log": lambda a: Fraction(0) if a == 1 else None,
    "round32": round_to_float32,
    "le": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
    "eq": lambda a, b: a == b,
}
