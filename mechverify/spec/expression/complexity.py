"""How much an expression says, and how far a decoding is from a mere change of units."""

from collections.abc import Iterator
from dataclasses import dataclass

from mechverify.spec.expression import syntax as ex
from mechverify.spec.text import children, expression_text, names_in, walk

_AFFINE_CALLS = frozenset(("sum", "mean", "count", "all", "any", "len"))
_WHOLE_CALLS = frozenset(("argmax", "position", "round", "floor"))
_MANY = 2


@dataclass(frozen=True, slots=True)
class Size:
    """What an expression is made of: operations (calls, operators, comparisons, choices, indexing) and constants."""

    operations: int = 0
    constants: int = 0

    @property
    def total(self) -> int:
        """Both together."""
        return self.operations + self.constants

    def plus(self, other: "Size") -> "Size":
        """The sum of two."""
        return Size(self.operations + other.operations, self.constants + other.constants)


def size_of(e: ex.Expression) -> Size:
    """The operations and constants of an expression as written; a loop counts once."""
    operations = constants = 0
    for node in walk(e):
        if isinstance(node, ex.Number | ex.Truth):
            constants += 1
        elif isinstance(node, ex.Compare):
            operations += len(node.ops)
        elif isinstance(node, ex.Boolean):
            operations += len(node.operands) - 1
        elif not isinstance(node, ex.Name | ex.Attribute | ex.ListDisplay):
            operations += 1
    return Size(operations, constants)


def steps_of(e: ex.Expression) -> int:
    """How far a decoding is from an affine map of the site's value: comparisons, roundings, choices, extrema, products
    of site values, and the entries of looked-up tables; in a loop, each for more than one. A class or a whole number
    that was read off (``argmax(it)``) may be compared with constants at no cost.
    """
    own = 0
    match e:
        case ex.Comprehension():
            inner = steps_of(e.element) + (0 if e.condition is None else steps_of(e.condition))
            return _MANY * inner
        case ex.Compare(ops=ops, operands=operands):
            reading = [operand for operand in operands if _reads(operand)]
            own = 0 if len(reading) < 2 and all(map(_is_whole, reading)) else len(ops)
        case ex.Conditional(then=then, otherwise=otherwise):
            own = 1 if _reads(then) or _reads(otherwise) else 0
        case ex.Binary(op="*", left=left, right=right):
            own = 1 if _reads(left) and _reads(right) else 0
        case ex.Binary(op="/", right=right):
            own = 1 if _reads(right) else 0
        case ex.Binary(op="//" | "%" | "**"):
            own = 1 if _reads(e) else 0
        case ex.Call(function="dot", arguments=(left, right)):
            own = 1 if _reads(left) and _reads(right) else 0
        case ex.Call(function=function):
            own = 1 if _reads(e) and function not in _AFFINE_CALLS else 0
        case ex.Index(value=value, index=index) if _reads(index):
            own = len(value.items) - 1 if isinstance(value, ex.ListDisplay) else _MANY
    return own + sum(steps_of(c) for c in children(e))


def combines(e: ex.Expression) -> bool:
    """Whether a decoding computes something from what a site holds, rather than giving each number in other units: a
    step beyond an affine map, or several units of the site in one number.
    """
    match e:
        case ex.ListDisplay(items=items):
            return any(map(combines, items))
        case ex.Comprehension(element=element, condition=None):
            return combines(element)
    return steps_of(e) > 0 or _gathers(e) or len(set(_units_read(e))) > 1


def computes(e: ex.Expression) -> bool:
    """Whether a mechanism is more than names and elements of them."""
    names = ex.Name | ex.Index | ex.Number | ex.Truth | ex.ListDisplay | ex.Slice
    return not all(isinstance(node, names) for node in walk(e))


def _gathers(e: ex.Expression) -> bool:
    """Whether a call makes one number of several units: ``sum(it)``."""
    calls = (node for node in walk(e) if isinstance(node, ex.Call) and node.function in _AFFINE_CALLS | {"dot"})
    return any(map(_reads, calls))


def _units_read(e: ex.Expression) -> Iterator[str]:
    """The text of every reference to what the site holds."""
    if isinstance(e, ex.Name | ex.Index) and _reads(e):
        yield expression_text(e)
    else:
        for part in children(e):
            yield from _units_read(part)


def _is_whole(e: ex.Expression) -> bool:
    """Whether an expression reads a class or a whole number off the site."""
    return isinstance(e, ex.Call) and e.function in _WHOLE_CALLS


def _reads(e: ex.Expression) -> bool:
    return "it" in names_in(e)
