"""What is plain of a node from the operations that make it: whether it surely has a value, and its sign.

These hold in every execution, and of rounded nodes nothing is said.
"""

from collections.abc import Sequence
from enum import IntEnum

from ..reading.node import Input, Node


class SureSign(IntEnum):
    """Each says all that those before it say."""

    UNKNOWN = 0
    VALUED = 1
    """It has a value; of a boolean node, its arguments have."""
    NOT_NEGATIVE = 2
    POSITIVE = 3


def sign_of_number(value: object) -> SureSign:
    """Of a constant, or of the least value that something has."""
    if value > 0:  # type: ignore[operator]
        return SureSign.POSITIVE
    return SureSign.NOT_NEGATIVE if value == 0 else SureSign.VALUED


def sign_of(node: Node, inputs: Sequence[Input], nodes: Sequence[Node], signs: Sequence[SureSign]) -> SureSign:
    """The sign of a node, by those of its arguments; ``nodes`` and ``signs`` are those before it."""
    known = [signs[a] for a in node.args]
    if node.rounded or node.op == "free":
        return SureSign.UNKNOWN
    if node.op == "input":
        return sign_of_number(inputs[node.index].low)
    if node.op == "const":
        return sign_of_number(node.constant)
    if min(known, default=SureSign.VALUED) is SureSign.UNKNOWN:
        return SureSign.UNKNOWN
    if node.boolean:
        return SureSign.VALUED
    rule = _SIGNS.get(node.op)
    if rule is not None:
        return rule(node, known)
    return _entry_sign(node, inputs, nodes) if node.op == "table" else SureSign.UNKNOWN


def _sum_sign(node: Node, known: Sequence[SureSign]) -> SureSign:
    if node.constant < 0 or any(w < 0 for w in node.numerators):
        return SureSign.VALUED
    parts = [sign for sign, w in zip(known, node.numerators, strict=True) if w]
    if min(parts, default=SureSign.NOT_NEGATIVE) < SureSign.NOT_NEGATIVE:
        return SureSign.VALUED
    return SureSign.POSITIVE if node.constant > 0 or SureSign.POSITIVE in parts else SureSign.NOT_NEGATIVE


def _product_sign(node: Node, known: Sequence[SureSign]) -> SureSign:
    if node.args[0] == node.args[1]:
        return max(known[0], SureSign.NOT_NEGATIVE)
    return min(known)


def _quotient_sign(_node: Node, known: Sequence[SureSign]) -> SureSign:
    return known[0] if known[1] is SureSign.POSITIVE else SureSign.UNKNOWN


def _root_sign(_node: Node, known: Sequence[SureSign]) -> SureSign:
    return known[0] if known[0] >= SureSign.NOT_NEGATIVE else SureSign.UNKNOWN


def _logarithm_sign(_node: Node, known: Sequence[SureSign]) -> SureSign:
    return SureSign.VALUED if known[0] is SureSign.POSITIVE else SureSign.UNKNOWN


def _size_sign(_node: Node, known: Sequence[SureSign]) -> SureSign:
    return max(known[0], SureSign.NOT_NEGATIVE)


def _always_positive(_node: Node, _known: Sequence[SureSign]) -> SureSign:
    return SureSign.POSITIVE


def _always_valued(_node: Node, _known: Sequence[SureSign]) -> SureSign:
    return SureSign.VALUED


def _larger_sign(_node: Node, known: Sequence[SureSign]) -> SureSign:
    return max(known)


def _smaller_sign(_node: Node, known: Sequence[SureSign]) -> SureSign:
    return min(known)


def _choice_sign(_node: Node, known: Sequence[SureSign]) -> SureSign:
    return min(known[1:])


def _entry_sign(node: Node, inputs: Sequence[Input], nodes: Sequence[Node]) -> SureSign:
    """It has a value where an integer input chooses the entry, and all that it may be are there."""
    chooser, table = nodes[node.args[0]], node.table
    if chooser.op != "input" or table is None:
        return SureSign.UNKNOWN
    one = inputs[chooser.index]
    if not one.integer or one.low < 0 or one.high >= len(table):
        return SureSign.UNKNOWN
    return sign_of_number(min(table.numerators))


_SIGNS = {
    "affine": _sum_sign,
    "mul": _product_sign,
    "div": _quotient_sign,
    "sqrt": _root_sign,
    "log": _logarithm_sign,
    "abs": _size_sign,
    "relu": _size_sign,
    "exp": _always_positive,
    "sigmoid": _always_positive,
    "tanh": _always_valued,
    "erf": _always_valued,
    "floor": _always_valued,
    "round": _always_valued,
    "max": _larger_sign,
    "min": _smaller_sign,
    "ite": _choice_sign,
}
