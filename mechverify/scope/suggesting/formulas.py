"""Expressions put together from parts, as a spec would have them."""

from fractions import Fraction

from mechverify.spec.expression import syntax as ex

_HERE = ex.Span(1, 1)


def number(value: Fraction | int) -> ex.Expression:
    """A literal."""
    return ex.Number(Fraction(value), _HERE)


def name(text: str) -> ex.Expression:
    """An input or a parameter."""
    return ex.Name(text, _HERE)


def element(vector: ex.Expression, index: int) -> ex.Expression:
    """``v[2]``."""
    return ex.Index(vector, number(index), _HERE)


def compared(left: ex.Expression, op: str, right: ex.Expression) -> ex.Expression:
    """``a <= b``."""
    return ex.Compare((op,), (left, right), _HERE)


def binary(left: ex.Expression, op: str, right: ex.Expression) -> ex.Expression:
    """``a - b``."""
    return ex.Binary(op, left, right, _HERE)


def called(function: str, *arguments: ex.Expression) -> ex.Expression:
    """``max(a, b)``."""
    return ex.Call(function, arguments, _HERE)


def listed(items: tuple[ex.Expression, ...]) -> ex.Expression:
    """``[a, b]``."""
    return ex.ListDisplay(items, _HERE)


def negated(e: ex.Expression) -> ex.Expression:
    """``not a``; what is negated already is itself again, and a comparison is turned round."""
    if isinstance(e, ex.Unary) and e.op == "not":
        return e.operand
    if isinstance(e, ex.Compare) and len(e.ops) == 1:
        opposite = {"==": "!=", "!=": "==", "<=": ">", ">": "<=", ">=": "<", "<": ">="}
        return compared(e.operands[0], opposite[e.ops[0]], e.operands[1])
    return ex.Unary("not", e, _HERE)


def joined(op: str, parts: tuple[ex.Expression, ...]) -> ex.Expression:
    """``a and b``; one part alone is itself, and none are true for ``and``, false for ``or``."""
    if not parts:
        return ex.Truth(op == "and", _HERE)
    if len(parts) == 1:
        return parts[0]
    flat = (p.operands if isinstance(p, ex.Boolean) and p.op == op else (p,) for p in parts)
    return ex.Boolean(op, tuple(e for group in flat for e in group), _HERE)


def count_of(vector: ex.Expression, length: int, op: str, index: str) -> ex.Expression:
    """``count(v[i] > 0 for i in range(n))``, with the comparison of an element with 0 that is named."""
    each = compared(ex.Index(vector, name(index), _HERE), op, number(0))
    return called("count", ex.Comprehension(each, index, (number(length),), None, False, _HERE))
