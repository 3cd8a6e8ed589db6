"""How much an expression says, and how far a decoding is from a mere change of units."""

from dataclasses import dataclass

from mechverify.spec import expression as ex
from mechverify.spec.text import children, names_in, walk

_AFFINE_CALLS = frozenset(("sum", "mean", "count", "all", "any", "len"))
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
    of site values, and the entries of looked-up tables; in a loop, each for more than one.
    """
    own = 0
    match e:
        case ex.Comprehension():
            inner = steps_of(e.element) + (0 if e.condition is None else steps_of(e.condition))
            return _MANY * inner
        case ex.Compare(ops=ops, operands=operands):
            own = len(ops) if any(map(_reads, operands)) else 0
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


def _reads(e: ex.Expression) -> bool:
    return "it" in names_in(e)
