"""Expressions back to text, their size, and the names in them."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from mechverify.spec.expression import syntax as ex

_SHORT = 10
_LEVELS = {
    "or": 1,
    "and": 2,
    "not": 3,
    "compare": 4,
    "+": 5,
    "-": 5,
    "*": 6,
    "/": 6,
    "//": 6,
    "%": 6,
    "unary": 7,
    "**": 8,
}
_ATOM = 10


def children(e: ex.Expression) -> tuple[ex.Expression, ...]:
    """The direct parts of an expression, in the order of the text."""
    match e:
        case ex.Unary(operand=operand):
            return (operand,)
        case ex.Binary(left=left, right=right):
            return left, right
        case ex.Compare(operands=operands) | ex.Boolean(operands=operands):
            return operands
        case ex.Conditional(condition=condition, then=then, otherwise=otherwise):
            return then, condition, otherwise
        case ex.Call(arguments=arguments):
            return arguments
        case ex.Index(value=value, index=index):
            return value, index
        case ex.Slice(value=value, start=start, stop=stop, step=step):
            return (value, *(p for p in (start, stop, step) if p is not None))
        case ex.ListDisplay(items=items):
            return items
        case ex.Comprehension(element=element, range_arguments=arguments, condition=None):
            return (element, *arguments)
        case ex.Comprehension(element=element, range_arguments=arguments, condition=condition) if condition is not None:
            return (element, *arguments, condition)
    return ()


def walk(e: ex.Expression) -> Iterator[ex.Expression]:
    """The expression and everything in it."""
    waiting = [e]
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(children(node)))


def expression_size(e: ex.Expression) -> int:
    """How many nodes the expression has."""
    return sum(1 for _ in walk(e))


def names_in(e: ex.Expression) -> frozenset[str]:
    """The plain names that the expression speaks of; indices of its own loops are not among them."""
    if isinstance(e, ex.Name):
        return frozenset({e.name})
    if isinstance(e, ex.Comprehension):
        inside = names_in(e.element) | (names_in(e.condition) if e.condition is not None else frozenset())
        return (inside - {e.variable}).union(*(names_in(a) for a in e.range_arguments))
    return frozenset().union(*(names_in(c) for c in children(e)))


def attributes_in(e: ex.Expression) -> frozenset[tuple[str, str]]:
    """The (model, variable) pairs that the expression speaks of."""
    return frozenset((n.owner, n.name) for n in walk(e) if isinstance(n, ex.Attribute))


def number_text(value: Fraction) -> str:
    """A number exactly: ``12``, ``0.1`` where the decimals end within twelve places, otherwise ``1/3``."""
    if value.denominator == 1:
        return str(value.numerator)
    places = next((k for k in range(1, 13) if 10**k % value.denominator == 0), None)
    if places is None:
        return f"{value.numerator}/{value.denominator}"
    digits = str(abs(value.numerator) * (10**places // value.denominator)).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def decimal_text(value: Fraction) -> str:
    """A number for people: as it is where that is short, otherwise in six digits."""
    text = number_text(value)
    return text if len(text) <= _SHORT else f"{Decimal(value.numerator) / Decimal(value.denominator):.6g}"


def expression_text(e: ex.Expression) -> str:
    """The expression in one line, with no more brackets than it needs; read again, it is the same expression."""
    return _text(e, 0)


def _text(e: ex.Expression, level: int) -> str:
    text, own = _piece(e)
    return f"({text})" if own < level else text


def _piece(e: ex.Expression) -> tuple[str, int]:
    """The text and how strongly it binds."""
    match e:
        case ex.Number(value=value):
            return number_text(value), _ATOM if value >= 0 and "/" not in number_text(value) else _LEVELS["+"]
        case ex.Truth(value=truth):
            return ("true" if truth else "false"), _ATOM
        case ex.Name(name=name):
            return name, _ATOM
        case ex.Attribute(owner=owner, name=name):
            return f"{owner}.{name}", _ATOM
        case ex.Unary(op="not", operand=operand):
            return f"not {_text(operand, _LEVELS['not'])}", _LEVELS["not"]
        case ex.Unary(op=op, operand=operand):
            return f"{op}{_text(operand, _LEVELS['unary'])}", _LEVELS["unary"]
        case ex.Binary(op="**", left=left, right=right):
            return f"{_text(left, _LEVELS['**'] + 1)} ** {_text(right, _LEVELS['unary'])}", _LEVELS["**"]
        case ex.Binary(op=op, left=left, right=right):
            own = _LEVELS[op]
            return f"{_text(left, own)} {op} {_text(right, own + 1)}", own
        case ex.Compare(ops=ops, operands=operands):
            own = _LEVELS["compare"]
            rest = "".join(f" {op} {_text(o, own + 1)}" for op, o in zip(ops, operands[1:], strict=True))
            return _text(operands[0], own + 1) + rest, own
        case ex.Boolean(op=op, operands=operands):
            return f" {op} ".join(_text(o, _LEVELS[op] + 1) for o in operands), _LEVELS[op]
        case ex.Conditional(condition=condition, then=then, otherwise=otherwise):
            return f"{_text(then, 1)} if {_text(condition, 1)} else {_text(otherwise, 0)}", 0
        case ex.Call(function=function, arguments=arguments):
            return f"{function}({', '.join(_text(a, 0) for a in arguments)})", _ATOM
        case ex.Index(value=value, index=index):
            return f"{_text(value, _ATOM)}[{_text(index, 0)}]", _ATOM
        case ex.Slice(value=value, start=start, stop=stop, step=step):
            parts = [_text(p, 0) if p is not None else "" for p in (start, stop)]
            tail = f":{_text(step, 0)}" if step is not None else ""
            return f"{_text(value, _ATOM)}[{':'.join(parts)}{tail}]", _ATOM
        case ex.ListDisplay(items=items):
            return f"[{', '.join(_text(i, 0) for i in items)}]", _ATOM
        case ex.Comprehension():
            return _loop_text(e), _ATOM


def _loop_text(e: ex.Comprehension) -> str:
    condition = f" if {_text(e.condition, 1)}" if e.condition is not None else ""
    arguments = ", ".join(_text(a, 0) for a in e.range_arguments)
    inner = f"{_text(e.element, 0)} for {e.variable} in range({arguments}){condition}"
    return f"[{inner}]" if e.is_list else inner
