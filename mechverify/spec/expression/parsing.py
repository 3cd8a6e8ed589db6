"""Expression text to the dataclasses of ``expression``: Python's ``ast`` reads the grammar, and nothing is ever run.

Numbers are taken from their source text. Every node's place is that of its first character in the YAML file.
"""

import ast
from collections.abc import Set as AbstractSet
from fractions import Fraction

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.functions import FUNCTIONS, function_hint
from mechverify.spec.expression.grammar import is_expression
from mechverify.spec.expression.tokens import tokenize
from mechverify.spec.source import Report
from mechverify.spec.text import names_in
from mechverify.spec.yaml.positions import Located

MAX_LEVELS = 150

RESERVED = frozenset({"True", "False", "true", "false", "it", "range", *FUNCTIONS})
"""Names that cannot be given to inputs, parameters, variables or indices."""

_BINARY: dict[type[ast.operator], str] = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
}  # fmt: skip
_COMPARE: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
}  # fmt: skip
_UNARY: dict[type[ast.unaryop], str] = {ast.USub: "-", ast.UAdd: "+", ast.Not: "not"}
_TRUTHS = {"True": True, "true": True, "False": False, "false": False}


class _Wrong(Exception):  # noqa: N818
    def __init__(self, node: ast.expr, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.node, self.message, self.hint = node, message, hint


def parse_expression(source: Located, report: Report) -> ex.Expression | None:
    """The expression, or None with the first mistake reported."""
    source = source.strip()
    tokens = tokenize(source, report)
    if tokens is None or not is_expression(tokens, source, report):
        return None
    flat = source.text.replace("\r", " ").replace("\n", " ").replace("\t", " ")
    try:
        tree = ast.parse(flat, mode="eval").body
    except SyntaxError as error:
        report.error(source.mark((error.offset or 1) - 1), "this cannot be read as an expression")
        return None
    except (RecursionError, MemoryError):
        report.error(source.mark(0), f"nested more than {MAX_LEVELS} levels deep", "name the parts as variables")
        return None
    try:
        expression = _Reader(source, flat, report.spoiled).read(tree, 0)
    except _Wrong as wrong:
        report.error(source.mark(wrong.node.col_offset), wrong.message, wrong.hint)
        return None
    report.spoken |= names_in(expression)
    return expression


def exact_number(text: str) -> Fraction:
    """The exact value of a decimal literal that ``number_problem`` has passed: ``0.1`` is 1/10."""
    mantissa, _, exponent = text.replace("_", "").lower().partition("e")
    whole, _, part = mantissa.partition(".")
    value = Fraction(int(whole + part or "0"), 10 ** len(part))
    return value * Fraction(10) ** int(exponent or "0")


class _Reader:
    def __init__(self, source: Located, flat: str, spoiled: AbstractSet[str]) -> None:
        self.source = source
        self.flat = flat
        self.spoiled = spoiled

    def span(self, node: ast.expr) -> ex.Span:
        return self.source.mark(node.col_offset).span

    def read(self, node: ast.expr, level: int) -> ex.Expression:
        if level > MAX_LEVELS:
            raise _Wrong(
                node,
                f"nested more than {MAX_LEVELS} levels deep",
                "use sum, all or any, or name the parts as variables",
            )
        span, level = self.span(node), level + 1
        match node:
            case ast.Constant():
                text = self.flat[node.col_offset : node.end_col_offset]
                return ex.Truth(_TRUTHS[text], span) if text in _TRUTHS else ex.Number(exact_number(text), span)
            case ast.Name(id=name):
                return self.name(node, name)
            case ast.Attribute(value=ast.Name(id=owner), attr=attribute):
                return ex.Attribute(owner, attribute, span)
            case ast.UnaryOp(op=unary, operand=operand):
                return ex.Unary(_UNARY[type(unary)], self.read(operand, level), span)
            case ast.BinOp(left=left, op=binary, right=right):
                return ex.Binary(_BINARY[type(binary)], self.read(left, level), self.read(right, level), span)
            case ast.Compare(left=left, ops=ops, comparators=others):
                operands = tuple(self.read(n, level) for n in (left, *others))
                return ex.Compare(tuple(_COMPARE[type(op)] for op in ops), operands, span)
            case ast.BoolOp(op=boolean, values=values):
                word = "and" if isinstance(boolean, ast.And) else "or"
                return ex.Boolean(word, tuple(self.read(n, level) for n in values), span)
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                parts = [self.read(n, level) for n in (test, body, otherwise)]
                return ex.Conditional(parts[0], parts[1], parts[2], span)
            case ast.Call():
                return self.call(node, level)
            case ast.Subscript(value=value, slice=ast.Slice(lower=lower, upper=upper, step=step)):
                bounds = [None if n is None else self.read(n, level) for n in (lower, upper, step)]
                return ex.Slice(self.read(value, level), bounds[0], bounds[1], bounds[2], span)
            case ast.Subscript(value=value, slice=index):
                return ex.Index(self.read(value, level), self.read(index, level), span)
            case ast.List(elts=items):
                return ex.ListDisplay(tuple(self.read(n, level) for n in items), span)
            case ast.ListComp(elt=element, generators=[loop]):
                return self.loop(node, element, loop, level, is_list=True)
        raise _Wrong(node, "this is not part of the expression language")

    def name(self, node: ast.expr, name: str) -> ex.Expression:
        if name in _TRUTHS:
            return ex.Truth(_TRUTHS[name], self.span(node))
        if (name in FUNCTIONS or name == "range") and name not in self.spoiled:
            usage = FUNCTIONS[name].usage if name in FUNCTIONS else "for i in range(n)"
            raise _Wrong(node, f"'{name}' is a function and needs its arguments", f"as in {usage}")
        return ex.Name(name, self.span(node))

    def call(self, node: ast.Call, level: int) -> ex.Expression:
        if not isinstance(node.func, ast.Name) or node.keywords:
            raise _Wrong(node, "only the built-in functions can be called")
        name = node.func.id
        function = FUNCTIONS.get(name)
        if function is None:
            raise _Wrong(node, f"there is no function '{name}'", function_hint(name))
        problem = function.arity_problem(len(node.args))
        if problem is not None:
            raise _Wrong(node, problem, f"as in {function.usage}")
        arguments: list[ex.Expression] = []
        for argument in node.args:
            if isinstance(argument, ast.GeneratorExp) and len(argument.generators) == 1:
                if not function.loop:
                    raise _Wrong(argument, f"{name} takes no loop", f"as in {function.usage}")
                arguments.append(self.loop(argument.elt, argument.elt, argument.generators[0], level, is_list=False))
            else:
                arguments.append(self.read(argument, level))
        return ex.Call(name, tuple(arguments), self.span(node))

    def loop(
        self, node: ast.expr, element: ast.expr, loop: ast.comprehension, level: int, *, is_list: bool
    ) -> ex.Comprehension:
        target, source = loop.target, loop.iter
        if not isinstance(target, ast.Name) or not isinstance(source, ast.Call):
            raise _Wrong(element, "a loop runs over range(...)", "as in: for i in range(3)")
        if target.id in RESERVED:
            raise _Wrong(target, f"'{target.id}' cannot name an index", "as in: for i in range(3)")
        if not 1 <= len(source.args) <= 3:
            raise _Wrong(source, f"range takes one to three arguments, found {len(source.args)}")
        arguments = tuple(self.read(a, level) for a in source.args)
        condition = self.read(loop.ifs[0], level) if loop.ifs else None
        body = self.read(element, level)
        return ex.Comprehension(body, target.id, arguments, condition, is_list, self.span(node))
