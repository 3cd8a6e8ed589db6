"""SEMANTICS 25: the compiled graph, evaluated by the kernel, against the second evaluator."""

import random
from fractions import Fraction

import pytest
from random_expressions import NAMES, truth

from mechverify.engines.certificates.problem import problem_data
from mechverify.explanation.formulas.expressions import ExpressionCompiler, ExpressionError
from mechverify.explanation.formulas.symbolic import Symbolic, scalar
from mechverify.explanation.prune import prune
from mechverify.graph.builder import GraphBuilder
from mechverify.kernel.api import evaluate_point, format_number, parse_number, read_problem
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.evaluate import InexactError, LimitError, UndefinedError, evaluate


def compiled_truth(claim: ex.Expression, point: tuple[int, ...]) -> bool | None:
    """What the kernel says of `defined and value` at the point."""
    b = GraphBuilder()
    inputs = {n: b.input(n, "integer", Fraction(-4), Fraction(4)) for n in NAMES}
    always = b.boolean(True)

    def attribute(owner: str, name: str, span: ex.Span) -> Symbolic:
        raise AssertionError(f"{owner}.{name} at {span}")

    compiler = ExpressionCompiler(b, lambda name, _: Symbolic(inputs[name], always), attribute)
    compiled = compiler.compile(claim)
    goal = b.all((compiled.defined, scalar(compiled.value)))
    obligation = prune(b.graph(), always, goal, {}, ())
    problem = read_problem(problem_data(obligation))
    value = evaluate_point(problem, [parse_number(format_number(x)) for x in point])[obligation.claim]
    assert value is None or isinstance(value, bool)
    return value


def direct_truth(claim: ex.Expression, point: tuple[int, ...]) -> bool:
    """The same by the second evaluator: undefined counts as false (SEMANTICS 2)."""
    try:
        return evaluate(claim, dict(zip(NAMES, map(Fraction, point), strict=True))) is True
    except UndefinedError:
        return False


def disagreements(seeds: range) -> tuple[list[int], int]:
    """The seeds at which the two differ, and how many points were compared."""
    wrong, compared = [], 0
    for seed in seeds:
        rng = random.Random(seed)
        claim = truth(rng, rng.randint(1, 4))
        point = tuple(rng.randint(-4, 4) for _ in NAMES)
        try:
            same = compiled_truth(claim, point) is direct_truth(claim, point)
        except (ExpressionError, InexactError, LimitError):
            continue
        compared += 1
        if not same:
            wrong.append(seed)
    return wrong, compared


def test_same_truth_at_every_point() -> None:
    wrong, compared = disagreements(range(1500))
    assert not wrong
    assert compared > 1200


@pytest.mark.campaign
def test_same_truth_at_ten_thousand_points() -> None:
    wrong, _ = disagreements(range(2000, 14000))
    assert not wrong


def _number(n: int) -> ex.Number:
    return ex.Number(Fraction(n), ex.Span(1, 1))


def test_short_circuit_guards_a_division() -> None:
    span = ex.Span(1, 1)
    a = ex.Name("a", span)
    quotient = ex.Binary("/", _number(1), a, span)
    guarded = ex.Boolean(
        "or", (ex.Compare(("==",), (a, _number(0)), span), ex.Compare((">",), (quotient, _number(0)), span)), span
    )
    bare = ex.Compare((">=",), (ex.Binary("*", quotient, quotient, span), _number(0)), span)
    assert compiled_truth(guarded, (0, 0, 0)) is True
    assert compiled_truth(guarded, (-1, 0, 0)) is False
    assert compiled_truth(bare, (0, 0, 0)) is False
    assert compiled_truth(bare, (1, 0, 0)) is True


def test_floor_division_and_modulo_are_pythons() -> None:
    span = ex.Span(1, 1)
    for x in range(-4, 5):
        for y in (-3, -2, 2, 3):
            a, b = ex.Name("a", span), ex.Name("b", span)
            same = ex.Boolean(
                "and",
                (
                    ex.Compare(("==",), (ex.Binary("//", a, b, span), _number(x // y)), span),
                    ex.Compare(("==",), (ex.Binary("%", a, b, span), _number(x % y)), span),
                ),
                span,
            )
            assert compiled_truth(same, (x, y, 0)) is True
