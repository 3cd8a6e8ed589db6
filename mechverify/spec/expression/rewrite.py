"""Expressions with parts of them replaced."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from mechverify.spec.expression import syntax as ex
from mechverify.spec.spec import SourceExpression
from mechverify.spec.text import children, expression_text

Alternatives = Callable[[ex.Expression], Iterable[ex.Expression]]
Variant = tuple[ex.Expression, ex.Expression, ex.Expression]


def with_children(e: ex.Expression, parts: tuple[ex.Expression, ...]) -> ex.Expression:
    """The expression with other direct parts, as many and in the order of ``text.children``."""
    match e:
        case ex.Unary():
            return replace(e, operand=parts[0])
        case ex.Binary():
            return replace(e, left=parts[0], right=parts[1])
        case ex.Compare() | ex.Boolean():
            return replace(e, operands=parts)
        case ex.Conditional():
            return replace(e, then=parts[0], condition=parts[1], otherwise=parts[2])
        case ex.Call():
            return replace(e, arguments=parts)
        case ex.Index():
            return replace(e, value=parts[0], index=parts[1])
        case ex.Slice():
            rest = iter(parts[1:])
            start, stop, step = (None if p is None else next(rest) for p in (e.start, e.stop, e.step))
            return replace(e, value=parts[0], start=start, stop=stop, step=step)
        case ex.ListDisplay():
            return replace(e, items=parts)
        case ex.Comprehension():
            count = len(e.range_arguments)
            condition = None if e.condition is None else parts[-1]
            return replace(e, element=parts[0], range_arguments=parts[1 : 1 + count], condition=condition)
    return e


def replaced(e: ex.Expression, change: Callable[[ex.Expression], ex.Expression | None]) -> ex.Expression:
    """The expression with every part that ``change`` gives something for replaced by that, the outermost first."""
    new = change(e)
    if new is not None:
        return new
    return with_children(e, tuple(replaced(c, change) for c in children(e)))


def variants(e: ex.Expression, alternatives: Alternatives) -> Iterator[Variant]:
    """(the whole with one part replaced, that part, what stands there instead), for every part and each alternative."""
    for new in alternatives(e):
        yield new, e, new
    parts = children(e)
    for k, part in enumerate(parts):
        for whole, old, new in variants(part, alternatives):
            yield with_children(e, (*parts[:k], whole, *parts[k + 1 :])), old, new


def source_of(e: ex.Expression, like: SourceExpression) -> SourceExpression:
    """An expression in the place of another, its text written anew."""
    return SourceExpression(e, expression_text(e), like.span)


def literal(value: Fraction, span: ex.Span) -> ex.Expression:
    """A number as an expression."""
    plain = ex.Number(abs(value), span)
    return plain if value >= 0 else ex.Unary("-", plain, span)
