"""The second evaluator against Python itself."""

import ast
import math
from fractions import Fraction
from typing import Any

import pytest
from any_expressions import any_expressions, depths
from hypothesis import example, given, settings
from spec_expressions import Expressions, read

from mechverify.spec.expression.evaluate import EvaluationError, InexactError, LimitError, UndefinedError, evaluate
from mechverify.spec.expression.syntax import Expression
from mechverify.spec.text import expression_text


class _Exact(ast.NodeTransformer):
    """Numbers become Fractions of their text, and dividends Fractions: two of Python's ints divide to a float."""

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool):
            return node
        return ast.Call(ast.Name("Fraction", ast.Load()), [ast.Constant(str(node.value))], [])

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        left, right = self.visit(node.left), self.visit(node.right)
        if isinstance(node.op, ast.Div):
            left = ast.Call(ast.Name("Fraction", ast.Load()), [left], [])
        return ast.BinOp(left, node.op, right)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        range_call = isinstance(node.func, ast.Name) and node.func.id == "range"
        return node if range_call else self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return ast.Subscript(self.visit(node.value), node.slice, node.ctx)


def in_python(e: Expression, env: dict[str, Fraction]) -> Any:
    """What Python itself makes of the printed expression, every number a Fraction."""
    tree = ast.fix_missing_locations(_Exact().visit(ast.parse(expression_text(e), mode="eval")))
    names = {**env, "Fraction": Fraction, "floor": math.floor, "true": True, "false": False}
    return eval(compile(tree, "expression", "eval"), names)  # noqa: S307


@given(any_expressions, depths)
@example(Expressions(477165834), 4)  # divides round(...) by floor(...)
@settings(max_examples=300, deadline=None)
def test_agrees_with_python(made: Expressions, depth: int) -> None:
    for e in (made.number(depth), made.truth(depth)):
        env = made.point()
        try:
            expected = in_python(e, env)
        except ZeroDivisionError:
            with pytest.raises(UndefinedError):
                evaluate(e, dict(env))
            continue
        found = evaluate(e, dict(env))
        assert found == expected
        assert isinstance(found, bool) == isinstance(expected, bool)


X = {"x": Fraction(-7), "v": (Fraction(3), Fraction(9), Fraction(9)), "n": Fraction(3)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("x // 2", -4),
        ("x % 2", 1),
        ("x / -2 % 1", Fraction(1, 2)),
        ("round(0.5) + round(1.5) + round(-2.5)", 0),
        ("0 ** 0", 1),
        ("argmax(v)", 1),
        ("position(9, v)", 1),
        ("count(v[i] > 3 for i in range(3))", 2),
        ("mean(v)", 7),
        ("dot(v, [1, 0, 2])", 21),
        ("v[-1] + len(v[1:])", 11),
        ("sum([i * j for i in range(2)][1] for j in range(4))", 6),
        ("max(v[i] for i in range(0, n, 2))", 9),
        ("sqrt(9 / 4)", Fraction(3, 2)),
        ("exp(0) + log(1)", 1),
        ("x < 0 or 1 / 0 > 0", True),
        ("x > 0 and 1 / 0 > 0", False),
        ("0 < x < 1 / 0", False),
        ("1 if x < 0 else 1 / 0", 1),
        ("all(v[i] > 1 for i in range(3)) == any(v[i] > 8 for i in range(3))", True),
        ("0.1 + 0.2 == 0.3", True),
        ("network.a + 1", 6),
        ("v == [3, 9, 9]", True),
        ("v[1:] != [9, 9]", False),
        ("[[1, 2], [3, 4]] == [[1, 2], [3, 5]]", False),
    ],
)
def test_values(text: str, value: Any) -> None:
    assert evaluate(read(text), X, {("network", "a"): Fraction(5)}) == value


@pytest.mark.parametrize(
    "text",
    [
        "x / 0",
        "x % 0",
        "x // 0",
        "sqrt(x)",
        "log(0)",
        "v[3]",
        "v[-4]",
        "v[0.5]",
        "position(1, v)",
        "max(v[3:])",
        "mean([])",
        "x < 0 and 1 / 0 > 0",
        "x < 0 < 1 / 0",
        "all(1 / (i - 1) > 0 for i in range(3))",
        "v[::0]",
        "sum(i for i in range(0, 3, 0))",
        "sum(i for i in range(1 / 2))",
        "2 ** -1",
        "dot(v, [1])",
    ],
)
def test_undefined(text: str) -> None:
    with pytest.raises(UndefinedError):
        evaluate(read(text), X)


@pytest.mark.parametrize("text", ["sqrt(2)", "exp(1)", "log(2)"])
def test_irrational(text: str) -> None:
    with pytest.raises(InexactError):
        evaluate(read(text), X)


@pytest.mark.parametrize("text", ["10 ** 10 ** 10", "sum(i for i in range(10 ** 9))", "((2 ** 64) ** 64) ** 64 * 0"])
def test_limits(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mechverify.spec.expression.evaluate.MAX_ELEMENTS", 1000)
    with pytest.raises(LimitError):
        evaluate(read(text), X)


@pytest.mark.parametrize(
    "text", ["w", "network.b", "v + 1", "x and x > 1", "count(v)", "len(x)", "v == x", "v == [1]", "v < v"]
)
def test_wrong_sorts(text: str) -> None:
    with pytest.raises(EvaluationError):
        evaluate(read(text), X)
