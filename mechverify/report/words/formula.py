"""Formulas of a kernel problem as text."""

from collections import deque
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from mechverify.errors import InternalError
from mechverify.graph.operations.operation import Operation
from mechverify.graph.operations.table import OPERATIONS
from mechverify.kernel.api import PLAIN_SUM, spelled_out
from mechverify.report.words.numbers import plural, short_number

_OPEN_NODES = 24  # distinct nodes of one formula that are spelled out
_MOST_TERMS = 16
_MOST_ARGUMENTS = 4  # a node with more is not spelled out
_WRITTEN = 120  # shared nodes are written again wherever they are used, up to this many in all
_SHOWN_INPUTS = 8
_MOST_ENTRIES = 8
_ATOM, _PRODUCT, _SUM, _COMPARE, _NOT, _AND, _OR, _TERNARY = range(8)


def rounds(node: Sequence[Any]) -> bool:
    """Whether a node of a problem is marked as one that rounds to float32."""
    return node[1:2] in (["float32"], [PLAIN_SUM])


def _arguments(node: Sequence[Any]) -> list[int]:
    """The nodes that a node of the kernel's format refers to."""
    operation = _operation(node)
    match operation.beside:
        case "terms":
            return [a for _, a in node[3]]
        case "rounding" | "entries":
            return list(node[2:])
    if not operation.takes:
        return []
    return list(node[1] if operation.many else node[1:])


def _operation(node: Sequence[Any]) -> Operation:
    found = OPERATIONS.get(node[0])
    if found is None:
        raise InternalError(f"no kernel operation is named {node[0]}")
    return found


def number_of(text: str) -> Fraction:
    """The number that a canonical spelling of the kernel stands for."""
    significand, dyadic, exponent = text.partition("p")
    return Fraction(int(significand)) * Fraction(2) ** int(exponent) if dyadic else Fraction(text)


class Words:
    """The nodes of one problem as text: spelled out near the top, by number (``#41``) where it would grow long."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        self._inputs = problem["inputs"]
        self._nodes = spelled_out(problem)
        self._open: set[int] = set()
        self._named: set[int] = set()
        self._left = 0
        self.rounds = any(rounds(node) for node in self._nodes)

    def domain(self, before: str) -> str:
        """The inputs and their bounds."""
        parts = [
            f"{name} {'an integer' if kind == 'integer' else 'a real'} in {_bound(low)} .. {_bound(high)}"
            for name, kind, low, high in self._inputs[:_SHOWN_INPUTS]
        ]
        if len(self._inputs) > _SHOWN_INPUTS:
            parts.append(f"and {len(self._inputs) - _SHOWN_INPUTS} more inputs")
        return before + ", ".join(parts) if parts else ""

    def text(self, index: int) -> str:
        """One formula."""
        self._open = self._opened(index)
        self._left = _WRITTEN
        return self._node(index, _TERNARY)

    def legend(self) -> str:
        """What the numbered nodes are made of."""
        named = sorted(self._named)
        lines = [f" Here #{index} is {self._made_of(index)}." for index in named[:_SHOWN_INPUTS]]
        if len(named) > _SHOWN_INPUTS:
            more = len(named) - _SHOWN_INPUTS
            others = "other numbered node is" if more == 1 else f"other {more} numbered nodes are"
            lines.append(f" The {others} in the certificate.")
        return "".join(lines)

    def _opened(self, root: int) -> set[int]:
        """The nodes to spell out: breadth first, rounded ones and those of many arguments left closed."""
        found = {root}
        queue = deque([root])
        while queue and len(found) < _OPEN_NODES:
            for a in _arguments(self._nodes[queue.popleft()]):
                node = self._nodes[a]
                closed = rounds(node) or len(_arguments(node)) > _MOST_ARGUMENTS
                if a not in found and not closed:
                    found.add(a)
                    queue.append(a)
        return found

    def _made_of(self, root: int) -> str:
        cone, stack = {root}, [root]
        while stack:
            new = [a for a in _arguments(self._nodes[stack.pop()]) if a not in cone]
            cone.update(new)
            stack += new
        names = [str(self._inputs[self._nodes[n][1]][0]) for n in sorted(cone) if self._nodes[n][0] == "input"]
        work = sum(bool(_operation(self._nodes[n]).takes) for n in cone)
        shown = ", ".join(names[:_SHOWN_INPUTS]) + (
            f" and {len(names) - _SHOWN_INPUTS} more" if names[_SHOWN_INPUTS:] else ""
        )
        rounding = ", float32 rounding included," if any(rounds(self._nodes[n]) for n in cone) else ""
        return f"the result of {plural(work, 'operation')}{rounding} on {shown or 'constants'}"

    def _node(self, index: int, loosest: int) -> str:
        node = self._nodes[index]
        self._left -= 1
        if _operation(node).takes and (index not in self._open or self._left < 0):
            self._named.add(index)
            return f"#{index}"
        text, level = self._spelled(node)
        return text if level <= loosest else f"({text})"

    def _spelled(self, node: Sequence[Any]) -> tuple[str, int]:
        op, args, operation = node[0], _arguments(node), _operation(node)
        if op == "input":
            return str(self._inputs[node[1]][0]), _ATOM
        if op == "const":
            return short_number(number_of(node[1])), _ATOM
        if op == "bool":
            return node[1], _ATOM
        if op == "affine":
            return self._affine(node[2], node[3])
        if op == "le" and args[0] == args[1]:
            return f"{self._node(args[0], _SUM)} has a value", _COMPARE
        if operation.sign is not None:
            inner, level = (_SUM, _COMPARE) if operation.compares else (_ATOM, _PRODUCT)
            return f" {operation.sign} ".join(self._node(x, inner) for x in args), level
        if op == "not":
            return self._negation(args[0])
        if op in ("and", "or"):
            level = _AND if op == "and" else _OR
            parts = [self._node(x, level - 1) for x in node[1][:_MOST_TERMS]]
            if len(node[1]) > _MOST_TERMS:
                parts.append(f"[{len(node[1]) - _MOST_TERMS} more]")
            return f" {op} ".join(parts) or ("true" if op == "and" else "false"), level if len(parts) > 1 else _ATOM
        if operation.beside == "entries":
            shown = [short_number(number_of(x)) for x in node[1][:_MOST_ENTRIES]]
            more = [f"{len(node[1]) - _MOST_ENTRIES} more"] if len(node[1]) > _MOST_ENTRIES else []
            return f"[{', '.join(shown + more)}][{self._node(args[0], _TERNARY)}]", _ATOM
        if op == "ite":
            condition, a, b = (self._node(x, _OR) for x in args)
            return f"{a} if {condition} else {b}", _TERNARY
        return f"{operation.word or op}({', '.join(self._node(x, _TERNARY) for x in args)})", _ATOM

    def _negation(self, index: int) -> tuple[str, int]:
        inner = self._nodes[index]
        if inner[0] == "le" and inner[1] == inner[2]:
            return f"{self._node(inner[1], _SUM)} has no value", _COMPARE
        negated = _operation(inner).negated
        if negated is not None:
            return f" {negated} ".join(self._node(x, _SUM) for x in inner[1:]), _COMPARE
        return f"not {self._node(index, _COMPARE)}", _NOT

    def _affine(self, bias: str, terms: Sequence[tuple[str, int]]) -> tuple[str, int]:
        parts: list[str] = []
        for weight, arg in terms[:_MOST_TERMS]:
            value = number_of(weight)
            factor = "" if abs(value) == 1 else f"{short_number(abs(value))} * "
            parts += ["-" if value < 0 else "+", factor + self._node(arg, _PRODUCT if not factor else _ATOM)]
        if len(terms) > _MOST_TERMS:
            parts += ["+", f"[{len(terms) - _MOST_TERMS} more]"]
        constant = number_of(bias)
        if constant != 0 or not parts:
            parts += ["-" if constant < 0 else "+", short_number(abs(constant))]
        first = "" if parts[0] == "+" else "-"
        return first + " ".join(parts[1:]), _SUM


def _bound(text: str) -> str:
    return short_number(number_of(text))
