"""The expression language: a closed subset of Python's grammar, as data. Every node remembers where it stood."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Span:
    """Where in the spec file an expression stands: 1-based line and column of its first character.

    ``path`` names the file when it is not the spec itself but one that it shares by ``use:``.
    """

    line: int
    column: int
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Number:
    """A literal, exactly as written."""

    value: Fraction
    span: Span


@dataclass(frozen=True, slots=True)
class Truth:
    """``true`` or ``false`` (``True``, ``False``)."""

    value: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Name:
    """An input, parameter, variable, loop index, family index, or ``it``."""

    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Attribute:
    """``network.answer``: what the site of a variable says (``owner`` a model's name)."""

    owner: str
    name: str
    span: Span


@dataclass(frozen=True, slots=True)
class Unary:
    """``-a``, ``+a`` or ``not a``."""

    op: str
    operand: "Expression"
    span: Span


@dataclass(frozen=True, slots=True)
class Binary:
    """``+ - * / // % **``; the exponent of ``**`` is a literal non-negative integer (or a parameter that is one)."""

    op: str
    left: "Expression"
    right: "Expression"
    span: Span


@dataclass(frozen=True, slots=True)
class Compare:
    """A chain ``a < b <= c``: operands one more than ops (``== != < <= > >=``)."""

    ops: tuple[str, ...]
    operands: tuple["Expression", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Boolean:
    """``and`` / ``or`` over two or more operands, short-circuiting left to right."""

    op: str
    operands: tuple["Expression", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Conditional:
    """``then if condition else otherwise``."""

    condition: "Expression"
    then: "Expression"
    otherwise: "Expression"
    span: Span


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a built-in: abs min max sum mean count dot argmax position round floor sqrt exp log all any len.

    ``argmax(v)`` is the index of the first maximum; ``position(value, v)`` the index of the first element of v equal
    to value (undefined when there is none); ``count(v)`` the number of true elements.
    """

    function: str
    arguments: tuple["Expression", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Index:
    """``v[i]``, Python's indices (negative ones from the end); the index may be any integer expression."""

    value: "Expression"
    index: "Expression"
    span: Span


@dataclass(frozen=True, slots=True)
class Slice:
    """``v[start:stop:step]`` with constant bounds."""

    value: "Expression"
    start: "Expression | None"
    stop: "Expression | None"
    step: "Expression | None"
    span: Span


@dataclass(frozen=True, slots=True)
class ListDisplay:
    """``[a, b, c]``."""

    items: tuple["Expression", ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Comprehension:
    """``element for variable in range(start, stop, step) if condition``; range arguments are constants (parameters,
    family and outer loop indices included). ``is_list`` tells ``[...]`` from the bare generator of all, any, sum,
    min, max, count.
    """

    element: "Expression"
    variable: str
    range_arguments: tuple["Expression", ...]
    condition: "Expression | None"
    is_list: bool
    span: Span


Expression = (
    Number
    | Truth
    | Name
    | Attribute
    | Unary
    | Binary
    | Compare
    | Boolean
    | Conditional
    | Call
    | Index
    | Slice
    | ListDisplay
    | Comprehension
)
