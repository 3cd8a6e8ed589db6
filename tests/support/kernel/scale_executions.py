"""Executions of problems whose factors cancel, drawn apart from the kernel, against what its step `rescale` makes of
them.

An execution gives each node a number: an exact one by decimals of 60 digits, a rounded one within its error. A node
that has no value, and what is made of it, may be any number. Where the claim is false in an execution, not all
that the step leaves to be shown may be true at that point: that the numbers named are positive, and the claim anew.
"""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any

import numpy as np
from kernel_tools import Build

from mechverify.kernel.api import read_problem
from mechverify.kernel.reading.node import Node, Problem
from mechverify.kernel.search import InvalidError, Prepared, evaluate, open_path, take_step

ODD = (
    "nothing",
    "divisor",
    "product of divisors",
    "root",
    "second divisor",
    "no value",
    "bias",
    "product",
    "epsilon",
    "rounded share",
    "rounded square",
    "rounded sum",
    "rounded quotient",
)
"""What may be otherwise than the step asks."""

_DIGITS = 60
_EQUAL = Decimal(10) ** -40


@dataclass(frozen=True)
class Case:
    """A problem, the steps to try on it, and points of its box."""

    problem: Problem
    steps: tuple[Any, ...]
    points: tuple[tuple[int, ...], ...]


class _Vector:
    """Two numbers over one divisor, two sums of these, and the shares of those in their length."""

    def __init__(self, b: Build, inputs: tuple[int, int, int], rng: random.Random, odd: str) -> None:
        x, y, z = inputs
        rounding = {word: "float32" if odd == word else "exact" for word in ODD}
        if odd == "divisor":
            self.below = rng.choice((z, b.node("abs", z), b.affine(0, (1, x), (1, z))))
        elif odd == "product of divisors":
            self.below = b.node("mul", "exact", x, z)
        else:
            squares = [b.node("mul", "exact", a, a) for a in (x, z)]
            bias = rng.choice((0, -3)) if odd == "root" else rng.choice((1, 2))
            self.below = b.node("sqrt", b.affine(bias, *((1, s) for s in squares)))
        self.over = [b.node("div", rounding["rounded share"], a, self.below) for a in (b.affine(1, (2, x)), y)]
        if odd == "second divisor":
            self.over[1] = b.node("div", "exact", y, b.affine(rng.choice((3, 5)), (1, z)))
        stray = [(1, b.node("div", "exact", y, z))] if odd == "no value" else []
        stray += [(-w, a) for w, a in stray]
        self.reads = [
            b.affine(rng.choice((1, -1)) if odd == "bias" else 0, (rng.choice((-2, 1, 3)), self.over[0]), *stray),
            b.affine(0, (rng.choice((-1, 2)), self.over[1])),
        ]
        one, two = self.reads
        products = [b.node("mul", rounding["rounded square"], one, one)]
        products.append(b.node("mul", "exact", two, one if odd == "product" else two))
        weights = zip((rng.choice((1, 4)), rng.choice((1, 2))), products, strict=True)
        total = b.affine(9 if odd == "epsilon" else 0, *weights, rounding=rounding["rounded sum"])
        length = b.node("sqrt", total)
        self.shares = [b.node("div", rounding["rounded quotient"], r, length) for r in self.reads]


def random_case(rng: random.Random, odd: str) -> Case:
    """A comparison of two such numbers, of one with a constant, or of one with the same written once more."""
    b = Build()
    inputs = tuple([b.integer(name, rng.choice((-2, 1)), 2) for name in "xyz"])
    choices = rng.randrange(1 << 20)
    one, two = (_Vector(b, inputs, random.Random(choices), odd) for _ in range(2))
    level = b.const(rng.choice(("0", "1p-1", "-1p-1", "1", "-1")))
    k = rng.randrange(2)
    twice = (one.over, one.reads)[k][0], (two.over, two.reads)[k][0]
    lengths = (one.below, two.below)
    sides = rng.choice(
        (
            *((lengths,) * 8 if odd == "root" else ()),
            (one.shares[0], level),
            (level, one.shares[rng.randrange(2)]),
            (one.reads[0], one.reads[1]),
            (one.reads[0], level),
            (one.shares[0], two.shares[0]),
            (one.reads[0], two.reads[0]),
            lengths,
            (b.affine(0, (1, twice[0]), (1, twice[1])), level),
        )
    )
    claim = b.node(rng.choice(("le", "lt", "eq")), *sides)
    named = [[claim], [s for s in (*one.shares, *two.shares) if s in sides], []]
    steps = [["rescale", p, v] for p in ([], [one.below]) for v in named if p or v or named[1] == []]
    lows = [int(low) for _, _, low, _ in b.inputs]
    points = tuple([tuple([rng.randint(low, 2) for low in lows]) for _ in range(4)])
    return Case(read_problem(b.problem(None, claim)), tuple(steps), points)


def contradictions(cases: Iterable[Case], seed: int) -> Iterator[tuple[Case, Any]]:
    """Steps that the kernel takes, all children of which hold at a point where an execution breaks the claim."""
    for case in cases:
        rng = random.Random(seed)
        broken = [p for p in case.points if any(_breaks(case.problem, p, rng) for _ in range(4))]
        for step in case.steps if broken else ():
            try:
                children = [child.prepared for child in take_step(open_path(case.problem), step)]
            except InvalidError:
                continue
            for point in broken:
                named = dict(zip([i.name for i in case.problem.inputs], point, strict=True))
                if all(_holds(child, named) for child in children):
                    yield case, step


def _holds(child: Prepared, named: dict[str, int]) -> bool:
    values = evaluate(child, [named[i.name] for i in child.problem.inputs])
    return values.truth[child.problem.claim] is True


def _breaks(problem: Problem, point: tuple[int, ...], rng: random.Random) -> bool:
    """Whether the claim, a comparison, is false in one execution."""
    values: list[Decimal | None] = []
    with localcontext() as context:
        context.prec = _DIGITS
        for node in problem.nodes[: problem.claim]:
            args = [values[a] for a in node.args]
            exact = None if None in args else _value(node, [a for a in args if a is not None], point)
            values.append(_rounded(exact, rng) if exact is not None and node.rounded else exact)
        comparison = problem.nodes[problem.claim]
        left, right = (values[a] for a in comparison.args)
        if left is None or right is None:
            return rng.random() < 0.5
        near = abs(left - right) < _EQUAL
    return not {"le": near or left < right, "lt": not near and left < right, "eq": near}[comparison.op]


def _value(node: Node, args: list[Decimal], point: tuple[int, ...]) -> Decimal | None:
    match node.op:
        case "input":
            return Decimal(point[node.index])
        case "const":
            return _decimal(node.constant)
        case "affine":
            terms = [_decimal(w) * a for w, a in zip(node.weights, args, strict=True)]
            return sum(terms, _decimal(node.constant))
        case "mul":
            return args[0] * args[1]
        case "div":
            return None if abs(args[1]) < _EQUAL else args[0] / args[1]
        case "sqrt":
            return None if args[0] < -_EQUAL else max(args[0], Decimal(0)).sqrt()
        case "abs":
            return abs(args[0])
    raise AssertionError(node.op)


def _decimal(number: Any) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def _rounded(value: Decimal, rng: random.Random) -> Decimal:
    """A number within half a unit of a float32's last place; one that is a float32 stays."""
    if Decimal(float(np.float32(float(value)))) == value:
        return value
    return value + rng.choice((-1, 0, 1)) * abs(value) * Decimal(2) ** -25
