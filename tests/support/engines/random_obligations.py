"""Random obligations over small boxes of integers, with every operation or a network, and their truth by enumeration."""

import random
from collections import Counter
from fractions import Fraction
from itertools import product

from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.evaluate import evaluate_exact
from mechverify.graph.graph import Obligation, Rounding
from mechverify.graph.operations.table import OPERATIONS
from mechverify.graph.tables import Entries

EXACT = ("affine", "affine", "mul", "relu", "abs", "max", "min", "floor", "round", "ite", "floordiv", "mod", "div")
WIDE = (*EXACT, "sqrt", "exp", "log", "round32", "affine32", "sum32", "mul32", "div32")
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
        case "sum32":
            terms = [(number(rng), a) for a in (x, y, z)[: rng.randint(1, 3)]]
            return b.affine(terms, number(rng), "float32", plain=True)
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


def admissible_points(obligation: Obligation) -> list[tuple[Fraction, ...]]:
    """All integer points in bounds that meet the assumption."""
    points = points_of(obligation)
    return [p for p in points if evaluate_exact(obligation.graph, p, [obligation.assumption])[obligation.assumption]]


def holds_nominally(obligation: Obligation, points: list[tuple[Fraction, ...]]) -> bool:
    """Whether the claim is true at each of these points, without rounding."""
    return all(evaluate_exact(obligation.graph, p, [obligation.claim])[obligation.claim] for p in points)


def network_obligation(seed: int) -> Obligation:
    """One to three integer inputs, a small network of integer or dyadic weights, and its difference from an expression
    within a bound that is the least one, or just misses it."""
    r = random.Random(seed)
    g = GraphBuilder()
    inputs = [
        g.input(f"x_{i}", "integer", Fraction(low := r.randint(-6, 2)), Fraction(low + r.randint(0, 7)))
        for i in range(r.randint(1, 3))
    ]
    rounding = r.choice(["exact", "exact", "float32"])

    def weight() -> Fraction:
        return r.choice(
            [
                Fraction(r.randint(-3, 3)),
                Fraction(r.randint(-9, 9), 4),
                Fraction(r.randint(-9, 9), 10) if rounding == "exact" else Fraction(1),
            ]
        )

    layer = inputs
    for _ in range(r.randint(1, 2)):
        layer = [g.relu(g.affine([(weight(), a) for a in layer], weight(), rounding)) for _ in range(r.randint(1, 4))]
    out = g.affine([(weight(), a) for a in layer], weight(), rounding)
    spec = _expression(g, r, inputs, 2)
    difference = g.sub(out, spec) if r.random() < 0.7 else g.sub(spec, _expression(g, r, inputs, 2))
    parts = [_condition(g, r, inputs) for _ in range(r.choice([0, 1, 1, 2]))]
    assumption = g.all(parts)
    bound = g.const(_tight_bound(Obligation(g.graph(), assumption, g.boolean(True)), difference, r))
    claim = r.choice(
        [
            lambda: g.le(g.abs(difference), bound),
            lambda: g.le(g.abs(difference), bound),
            lambda: g.le(difference, bound),
            lambda: g.any([g.le(difference, bound), _condition(g, r, inputs)]),
            lambda: g.all([g.le(difference, bound), g.negate(g.lt(g.const(1000), g.abs(spec)))]),
        ]
    )()
    return Obligation(g.graph(), assumption, claim)


def _tight_bound(obligation: Obligation, node: int, r: random.Random) -> Fraction:
    """Near the largest absolute value of a node, or just below it, so that the claim is nearly false or barely so."""
    values = [evaluate_exact(obligation.graph, p, [node])[node] for p in admissible_points(obligation)]
    largest = max((abs(v) for v in values if isinstance(v, Fraction)), default=Fraction(0))
    return largest + r.choice(
        [Fraction(0), Fraction(1, 64), Fraction(1), Fraction(-1, 64), Fraction(-1, 64), Fraction(-1)]
    )


def _linear(g: GraphBuilder, r: random.Random, inputs: list[int]) -> int:
    return g.affine([(Fraction(r.randint(-2, 2)), a) for a in inputs], Fraction(r.randint(-3, 3)))


def _condition(g: GraphBuilder, r: random.Random, inputs: list[int]) -> int:
    a, b = _linear(g, r, inputs), _linear(g, r, inputs)
    if r.random() < 0.8:
        values = evaluate_exact(
            g.graph(), [Fraction(r.randint(int(i.low), int(i.high))) for i in g.graph().inputs], [a, b]
        )
        b = g.add(b, g.const(Fraction(values[a] or 0) - Fraction(values[b] or 0)))
    made = r.choice([g.le, g.lt, g.eq, g.eq])(a, b)
    if r.random() < 0.2:
        made = g.any([made, g.le(_linear(g, r, inputs), g.const(0))])
    return g.negate(made) if r.random() < 0.2 else made


def _expression(g: GraphBuilder, r: random.Random, inputs: list[int], depth: int) -> int:
    if depth == 0:
        return _linear(g, r, inputs)
    a, b = _expression(g, r, inputs, depth - 1), _expression(g, r, inputs, depth - 1)
    kind = r.randrange(10)
    if kind < 3:
        return g.ite(_condition(g, r, inputs), a, b)
    if kind == 3:
        return g.max(a, b)
    if kind == 4:
        return g.min(a, b)
    if kind == 5:
        return g.mul(a, b) if depth == 1 else g.add(a, b)
    if kind == 6:
        return g.mod(a, g.const(r.randint(2, 4)))
    if kind == 7:
        return g.round(g.affine([(Fraction(1, 3), a)]))
    return g.affine([(Fraction(1), a), (Fraction(-1, 2), b)])
