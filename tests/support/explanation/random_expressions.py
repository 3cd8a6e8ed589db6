"""Random expressions of the spec language, as syntax trees, over the integer inputs a, b, c."""

import random
from fractions import Fraction

from mechverify.spec.expression import syntax as ex

SPAN = ex.Span(1, 1)
NAMES = ("a", "b", "c")


def number(rng: random.Random, depth: int) -> ex.Expression:
    """A random number-valued expression."""
    if depth == 0 or rng.random() < 0.15:
        if rng.random() < 0.6:
            return ex.Name(rng.choice(NAMES), SPAN)
        return ex.Number(Fraction(rng.choice([-3, -2, -1, 0, 1, 2, 3, 7]), rng.choice([1, 1, 2, 3])), SPAN)
    match rng.randrange(8):
        case 0:
            return ex.Unary("-", number(rng, depth - 1), SPAN)
        case 1 | 2:
            op = rng.choice(["+", "-", "*", "/", "//", "%"])
            return ex.Binary(op, number(rng, depth - 1), number(rng, depth - 1), SPAN)
        case 3:
            return ex.Binary("**", number(rng, depth - 1), ex.Number(Fraction(rng.randrange(4)), SPAN), SPAN)
        case 4:
            return ex.Call(rng.choice(["abs", "round", "floor"]), (number(rng, depth - 1),), SPAN)
        case 5:
            return _of_vector(rng, depth)
        case 6:
            return ex.Conditional(truth(rng, depth - 1), number(rng, depth - 1), number(rng, depth - 1), SPAN)
        case _:
            return ex.Index(_vector(rng, depth), ex.Name(rng.choice(NAMES), SPAN), SPAN)


def _vector(rng: random.Random, depth: int) -> ex.ListDisplay:
    return ex.ListDisplay(tuple(number(rng, depth - 1) for _ in range(rng.randint(1, 4))), SPAN)


def _of_vector(rng: random.Random, depth: int) -> ex.Expression:
    function = rng.choice(["min", "max", "sum", "mean", "argmax", "len", "position", "count", "dot"])
    if function == "count":
        truths = tuple(truth(rng, depth - 1) for _ in range(rng.randint(1, 3)))
        return ex.Call("count", (ex.ListDisplay(truths, SPAN),), SPAN)
    vector = _vector(rng, depth)
    if function == "position":
        return ex.Call(function, (number(rng, depth - 1), vector), SPAN)
    if function == "dot":
        return ex.Call(function, (vector, ex.ListDisplay(vector.items[::-1], SPAN)), SPAN)
    return ex.Call(function, (vector,), SPAN)


def truth(rng: random.Random, depth: int) -> ex.Expression:
    """A random truth-valued expression."""
    kind = rng.randrange(4) if depth > 0 else 3
    if kind == 0:
        return ex.Unary("not", truth(rng, depth - 1), SPAN)
    if kind == 1:
        parts = tuple(truth(rng, depth - 1) for _ in range(rng.randint(2, 3)))
        return ex.Boolean(rng.choice(["and", "or"]), parts, SPAN)
    links = rng.randint(1, 2)
    ops = tuple(rng.choice(["==", "!=", "<", "<=", ">", ">="]) for _ in range(links))
    return ex.Compare(ops, tuple(number(rng, max(depth - 1, 0)) for _ in range(links + 1)), SPAN)
