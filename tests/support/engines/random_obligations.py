"""Random small obligations over small boxes of integers, with every operation, and their truth by enumeration."""

import random
from collections import Counter
from fractions import Fraction
from itertools import product

from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation, Rounding
from mechverify.graph.operations.table import OPERATIONS
from mechverify.graph.tables import Entries

EXACT = ("affine", "affine", "mul", "relu", "abs", "max", "min", "floor", "round", "ite", "floordiv", "mod", "div")
WIDE = (*EXACT, "sqrt", "exp", "log", "round32", "affine32", "affine32", "mul32", "div32")
LOOKING_UP = (*EXACT, "table", "table", "table")
FRACTIONS = ("affine", "affine", "affine", "relu", "abs", "max", "min", "floor", "round", "ite", "affine32", "round32")


def number(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(-6, 6), rng.choice((1, 1, 1, 2, 3, 4)))


def random_obligation(seed: int, ops: tuple[str, ...] = EXACT, size: int = 8, inputs: int = 2) -> Obligation:
    """``size`` random operations on ``inputs`` integers, an assumption about the inputs, and a claim about anything."""
    rng = random.Random(seed)
    b = GraphBuilder()
    numbers = []
    for k in range(inputs):
        low = rng.randint(-5, 2)
        numbers.append(b.input(f"x_{k}", "integer", Fraction(low), Fraction(low + rng.randint(0, 7))))
    assumption = comparison(b, rng, numbers) if rng.random() < 0.5 else b.boolean(True)
    numbers.append(b.const(number(rng)))
    for _ in range(size):
        numbers.append(operation(b, rng, rng.choice(ops), numbers))
    late = numbers[-4:]
    parts = [comparison(b, rng, late) for _ in range(rng.randint(1, 3))]
    claim = rng.choice((b.all, b.any))(parts)
    if rng.random() < 0.3:
        claim = b.negate(claim)
    return Obligation(b.graph(), assumption, claim)


def comparison(b: GraphBuilder, rng: random.Random, numbers: list[int]) -> int:
    kind = rng.choice((b.le, b.lt, b.le, b.lt, b.eq))
    other = b.const(number(rng) * 3) if rng.random() < 0.6 else rng.choice(numbers)
    pair = [rng.choice(numbers), other]
    rng.shuffle(pair)
    return kind(*pair)


def operation(b: GraphBuilder, rng: random.Random, op: str, numbers: list[int]) -> int:
    x, y, z = (rng.choice(numbers) for _ in range(3))
    rounding: Rounding = "float32" if op.endswith("32") else "exact"
    match op:
        case "affine" | "affine32":
            return b.affine([(number(rng), a) for a in (x, y, z)], number(rng), rounding)
        case "mul" | "mul32":
            return b.mul(x, y, rounding)
        case "div" | "div32":
            return b.div(x, y if rng.random() < 0.4 else b.const(rng.choice((-3, 2, 5))), rounding)
        case "floordiv":
            return b.floordiv(x, y if rng.random() < 0.4 else b.const(rng.choice((-3, -2, 2, 5))))
        case "mod":
            return b.mod(x, y if rng.random() < 0.3 else b.const(rng.choice((-3, -2, 2, 5))))
        case "ite":
            return b.ite(comparison(b, rng, numbers), x, y)
        case "table":
            entries = Entries([number(rng) for _ in range(rng.randint(2, 6))])
            inside = b.max(b.floor(x), b.const(0))
            return b.entry(b.min(inside, b.const(len(entries) - 1)), entries)
        case "relu" | "abs" | "floor" | "round" | "round32":
            return int(getattr(b, op)(x))
        case "max" | "min":
            return int(getattr(b, op)(x, y))
    return b.apply(OPERATIONS[op], x)


def points_of(obligation: Obligation) -> list[tuple[Fraction, ...]]:
    """Every point of the box."""
    ranges = [range(int(i.low), int(i.high) + 1) for i in obligation.graph.inputs]
    return [tuple(Fraction(x) for x in p) for p in product(*ranges)]


def statuses(obligation: Obligation) -> Counter[PointStatus]:
    """How many points of the box have which status."""
    judge = PointJudge(obligation)
    return Counter(judge.status(p) for p in points_of(obligation))
