"""Small mistakes in an expression, one at a time: constants, operators, swapped references."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import floor

from mechverify.explanation.formulas.references import SortOf, reference_sort, references
from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.rewrite import replaced, variants
from mechverify.spec.text import expression_text

_MOST_SWAPS = 6
_LARGE = 1000
_TENTH = Fraction(11, 10)
_COMPARISONS = {"<": ("<=", ">"), "<=": ("<", ">="), ">": (">=", "<"), ">=": (">", "<="), "==": ("!=",), "!=": ("==",)}
_ARITHMETIC = {"+": ("-",), "-": ("+",), "*": ("+",), "/": ("*",), "//": ("%",), "%": ("//",)}
_CALLS = {"max": "min", "min": "max", "all": "any", "any": "all", "round": "floor", "floor": "round"}

Expression = ex.Expression
Change = tuple[Expression, str]




def constants(e: Expression, tolerance: Fraction = Fraction(0)) -> Iterator[Change]:
    """Each constant changed by more than the tolerance: integers by the next whole number, others and large ones by a
    tenth or else by twice the tolerance. Truth values are turned around.
    """
    for whole, old, new in variants(e, lambda part: _other_constants(part, tolerance)):
        yield whole, f"{expression_text(old)} -> {expression_text(new)}"


def _other_constants(e: Expression, tolerance: Fraction) -> Iterator[Expression]:
    if isinstance(e, ex.Truth):
        yield replace(e, value=not e.value)
    if not isinstance(e, ex.Number):
        return
    step = Fraction(floor(tolerance) + 1)
    if e.value.denominator == 1:
        yield replace(e, value=e.value + step)
        if e.value >= step:
            yield replace(e, value=e.value - step)
    if e.value.denominator != 1 or abs(e.value) > _LARGE:
        more = e.value * _TENTH
        if abs(more - e.value) <= tolerance:
            more = e.value + 2 * tolerance
        yield replace(e, value=more if e.value.denominator != 1 else Fraction(round(more)))


def operators(e: Expression) -> Iterator[Change]:
    """Each operator, comparison, choice and extremum exchanged for another."""
    for whole, old, new in variants(e, _other_operators):
        yield whole, f"{expression_text(old)} -> {expression_text(new)}"


def _other_operators(e: Expression) -> Iterator[Expression]:
    match e:
        case ex.Compare(ops=ops):
            for k, op in enumerate(ops):
                for other in _COMPARISONS[op]:
                    yield replace(e, ops=(*ops[:k], other, *ops[k + 1 :]))
        case ex.Binary(op=op) if op in _ARITHMETIC:
            for other in _ARITHMETIC[op]:
                yield replace(e, op=other)
        case ex.Boolean(op=op):
            yield replace(e, op="or" if op == "and" else "and")
        case ex.Unary(op="not" | "-", operand=operand):
            yield operand
        case ex.Conditional(then=then, otherwise=otherwise):
            yield replace(e, then=otherwise, otherwise=then)
        case ex.Call(function="abs", arguments=(argument,)):
            yield argument
        case ex.Call(function=function) if function in _CALLS:
            yield replace(e, function=_CALLS[function])


def swaps(e: Expression, sort_of: SortOf) -> Iterator[Change]:
    """Two references of one sort exchanged wherever they stand: names that ``sort_of`` knows, and their elements by
    constant index. Those that stand next to each other come first.
    """
    found = references(e, sort_of)
    place = {text: k for k, text in enumerate(found)}
    pairs = sorted(combinations(found, 2), key=lambda pair: place[pair[1]] - place[pair[0]])
    alike = [(a, b) for a, b in pairs if reference_sort(found[a], sort_of) == reference_sort(found[b], sort_of)]
    for a, b in alike[:_MOST_SWAPS]:
        exchange = {a: found[b], b: found[a]}
        whole = replaced(e, _exchanger(exchange))
        if expression_text(whole) != expression_text(e):
            yield whole, f"{a} and {b} are swapped"


def _exchanger(exchange: Mapping[str, Expression]) -> Callable[[Expression], Expression | None]:
    return lambda part: exchange.get(expression_text(part)) if isinstance(part, ex.Name | ex.Index) else None
