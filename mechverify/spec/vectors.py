"""Vectors that are made of inputs: probabilities that sum to 1, and vectors with few entries that are not 0.

Their inputs are ordinary ones, so that domains have a measure, maps have parts and witnesses have numbers. Wherever a
name stands for such a vector, both evaluators take the expression that it is.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from mechverify.spec.expression import syntax as ex
from mechverify.spec.expression.evaluate import evaluate
from mechverify.spec.expression.syntax import Span
from mechverify.spec.spec import InputDeclaration, MadeVector

FREE, WHICH, STRENGTH = "_free", "_which", "_strength"


def simplex(name: str, size: int, span: Span) -> tuple[tuple[InputDeclaration, ...], MadeVector]:
    """``size`` numbers from 0 up that sum to 1: the last is what the others, the inputs, leave."""
    free = name + FREE
    base = InputDeclaration(free, "reals", Fraction(0), Fraction(1), (), (size - 1,), span)
    total = ex.Call("sum", (ex.Name(free, span),), span)
    one = ex.Number(Fraction(1), span)
    items = (*(_element(free, k, span) for k in range(size - 1)), ex.Binary("-", one, total, span))
    condition = ex.Compare(("<=",), (total, one), span)
    says = f"probabilities {name}[0], ..., {name}[{size - 1}] that sum to 1"
    return (base,), MadeVector(name, ex.ListDisplay(items, span), condition, (free,), (free,), says, span)


def sparse(declared: InputDeclaration, most: int) -> tuple[tuple[InputDeclaration, ...], MadeVector]:
    """At most ``most`` entries of a vector are not 0: the inputs are which ones, in ascending order, and how strong."""
    name, span, (size,) = declared.name, declared.span, declared.shape
    last = Fraction(size - 1)
    which = InputDeclaration(name + WHICH, "integers", Fraction(0), last, (), (most,), span)
    strength = InputDeclaration(name + STRENGTH, declared.kind, declared.low, declared.high, (), (most,), span)
    places = [_element(which.name, k, span) for k in range(most)]
    strengths = [_element(strength.name, k, span) for k in range(most)]
    condition = ex.Compare(("<",) * (most - 1), tuple(places), span) if most > 1 else None

    def entry(i: int) -> ex.Expression:
        number, zero = ex.Number(Fraction(i), span), ex.Number(Fraction(0), span)
        parts = [
            ex.Conditional(ex.Compare(("==",), (place, number), span), value, zero, span)
            for place, value in zip(places, strengths, strict=True)
        ]
        return parts[0] if most == 1 else ex.Call("sum", (ex.ListDisplay(tuple(parts), span),), span)

    value = ex.ListDisplay(tuple(entry(i) for i in range(size)), span)
    noun = "integers" if declared.kind == "integers" else "real numbers"
    count = "1" if most == 1 else f"{most}"
    says = (
        f"vectors {name} of {size} {noun} of which at most {count} {'is' if most == 1 else 'are'} not 0: "
        f"{strength.name} at {which.name}, from {declared.low} to {declared.high}"
    )
    return (which, strength), MadeVector(name, value, condition, (which.name, strength.name), (which.name,), says, span)


def with_vectors(vectors: tuple[MadeVector, ...], names: Mapping[str, Any]) -> dict[str, Any]:
    """What names stand for, with the vectors that are made of them."""
    found = dict(names)
    for one in vectors:
        found[one.name] = evaluate(one.value, found)
    return found


def _element(name: str, k: int, span: Span) -> ex.Expression:
    return ex.Index(ex.Name(name, span), ex.Number(Fraction(k), span), span)
