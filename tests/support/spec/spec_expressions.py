"""Random expressions, for properties of the parser, the printer and the evaluator."""

import random
from dataclasses import fields, is_dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.parsing import parse_expression
from mechverify.spec.source import Report, SourceFile
from mechverify.spec.yaml.positions import Located

HERE = ex.Span(1, 1)
NAMES = ("x", "y", "z_1")


def parsed(text: str) -> tuple[ex.Expression | None, Report]:
    """The expression in a text, and the mistakes."""
    report = Report()
    file = SourceFile.of(Path("e"), text)
    return parse_expression(Located(text, file, tuple(range(len(text) + 1))), report), report


def read(text: str) -> ex.Expression:
    """The expression in a correct text."""
    found, report = parsed(text)
    assert found is not None, report.diagnostics
    return found


def spanless(e: Any) -> Any:
    """The expression with every place the same."""
    if isinstance(e, tuple):
        return tuple(spanless(part) for part in e)
    if isinstance(e, ex.Span):
        return HERE
    if is_dataclass(e) and not isinstance(e, type):
        return replace(e, **{f.name: spanless(getattr(e, f.name)) for f in fields(e)})
    return e


class Expressions:
    """Random expressions of every sort, well-typed, from a seed."""

    def __init__(self, seed: int) -> None:
        self.pick = random.Random(seed)

    def constant(self, value: int) -> ex.Expression:
        return ex.Number(Fraction(value), HERE)

    def number(self, depth: int) -> ex.Expression:
        """A number of at most so many levels."""
        pick = self.pick
        if depth == 0 or pick.random() < 0.2:
            if pick.random() < 0.5:
                return ex.Name(pick.choice(NAMES), HERE)
            return ex.Number(Fraction(pick.randint(0, 200), pick.choice((1, 1, 2, 5, 8, 100))), HERE)
        inner = depth - 1
        match pick.randrange(9):
            case 0 | 1 | 2:
                op = pick.choice(("+", "-", "*", "/", "//", "%"))
                return ex.Binary(op, self.number(inner), self.number(inner), HERE)
            case 3:
                return ex.Binary("**", self.number(inner), self.constant(pick.randint(0, 3)), HERE)
            case 4:
                return ex.Unary(pick.choice("+-"), self.number(inner), HERE)
            case 5:
                return ex.Call(pick.choice(("abs", "floor", "round")), (self.number(inner),), HERE)
            case 6:
                return ex.Conditional(self.truth(inner), self.number(inner), self.number(inner), HERE)
            case 7:
                return ex.Call(pick.choice(("min", "max")), (self.number(inner), self.number(inner)), HERE)
        if pick.random() < 0.5:
            return ex.Call("sum", (self.vector(inner),), HERE)
        return ex.Index(self.vector(inner), self.constant(0), HERE)

    def vector(self, depth: int) -> ex.Expression:
        """A list, a slice or a loop, never empty."""
        pick = self.pick
        items = tuple(self.number(depth) for _ in range(pick.randint(2, 3)))
        display = ex.ListDisplay(items, HERE)
        match pick.randrange(4):
            case 0:
                return display
            case 1:
                return ex.Slice(display, self.constant(1), None, None, HERE)
            case 2:
                return ex.Slice(display, None, None, ex.Unary("-", self.constant(1), HERE), HERE)
        index = ex.Name("i", HERE)
        condition = ex.Compare(("!=",), (index, self.constant(1)), HERE) if pick.random() < 0.5 else None
        element = ex.Binary("+", items[0], index, HERE)
        return ex.Comprehension(element, "i", (self.constant(3),), condition, is_list=True, span=HERE)

    def truth(self, depth: int) -> ex.Expression:
        """A comparison, perhaps chained, or several joined."""
        pick = self.pick
        if depth > 0 and pick.random() < 0.4:
            op = pick.choice(("and", "or"))
            operands = tuple(
                t
                for t in (self.truth(depth - 1) for _ in range(pick.randint(2, 3)))
                if not isinstance(t, ex.Boolean) or t.op != op
            )
            return ex.Boolean(op, operands, HERE) if len(operands) > 1 else self.truth(depth - 1)
        if depth > 0 and pick.random() < 0.2:
            return ex.Unary("not", self.truth(depth - 1), HERE)
        count = pick.choice((1, 1, 2))
        ops = tuple(pick.choice(("==", "!=", "<", "<=", ">", ">=")) for _ in range(count))
        return ex.Compare(ops, tuple(self.number(max(0, depth - 1)) for _ in range(count + 1)), HERE)

    def point(self) -> dict[str, Fraction]:
        """A value for every name."""
        return {n: Fraction(self.pick.randint(-20, 20), self.pick.choice((1, 1, 2, 3))) for n in NAMES}
