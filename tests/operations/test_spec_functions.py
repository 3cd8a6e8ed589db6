"""The operations of the spec language in the kernel against Python: Fractions, and decimals of 80 digits."""

import random
from collections.abc import Callable
from decimal import Context, Decimal
from fractions import Fraction
from math import floor

import pytest
from operation_kernel import BoxEnclosure, Ends, PointEnclosure, kernel_problem

from mechverify.graph.builder import GraphBuilder
from mechverify.graph.operations.smooth import EXP, LOG, SQRT

CONTEXT = Context(prec=80, Emax=10**6, Emin=-(10**6))
SLACK = Fraction(1, 10**78)
FAR = Fraction(2) ** 400

Build = Callable[[GraphBuilder, int, int], int]
Value = Fraction | None
Function = Callable[[Fraction, Fraction], Value]


def _decimal(x: Fraction) -> Decimal:
    return CONTEXT.divide(Decimal(x.numerator), Decimal(x.denominator))


def _fraction(x: Decimal) -> Fraction:
    return Fraction(*x.as_integer_ratio())


def _divided(function: Callable[[Fraction, Fraction], Fraction | int]) -> Function:
    return lambda x, y: None if y == 0 else Fraction(function(x, y))


def _sqrt(x: Fraction, _: Fraction) -> Value:
    return None if x < 0 else _fraction(CONTEXT.sqrt(_decimal(x)))


def _exp(x: Fraction, _: Fraction) -> Value:
    """Beyond 4096 the kernel has no enclosure; far below zero any positive number small enough will do."""
    if abs(x) > 50_000:
        return None if x > 0 else Fraction(1, 10**20_000)
    return _fraction(CONTEXT.exp(_decimal(x)))


def _log(x: Fraction, _: Fraction) -> Value:
    return None if x <= 0 else _fraction(CONTEXT.ln(_decimal(x)))


# name: how the graph says it, what it is, and whether the second column is only a decimal approximation
FUNCTIONS: dict[str, tuple[Build, Function, bool]] = {
    "floor": (lambda b, x, y: b.floor(x), lambda x, y: Fraction(floor(x)), False),
    "round": (lambda b, x, y: b.round(x), lambda x, y: Fraction(round(x)), False),
    "abs": (lambda b, x, y: b.abs(x), lambda x, y: abs(x), False),
    "min": (lambda b, x, y: b.min(x, y), min, False),
    "max": (lambda b, x, y: b.max(x, y), max, False),
    "product": (lambda b, x, y: b.mul(x, y), lambda x, y: x * y, False),
    "square": (lambda b, x, y: b.mul(x, x), lambda x, y: x * x, False),
    "cube": (lambda b, x, y: b.power(x, 3), lambda x, y: x**3, False),
    "quotient": (lambda b, x, y: b.div(x, y), _divided(lambda x, y: x / y), False),
    "floor division": (lambda b, x, y: b.floordiv(x, y), _divided(lambda x, y: x // y), False),
    "modulo": (lambda b, x, y: b.mod(x, y), _divided(lambda x, y: x % y), False),
    "choice": (lambda b, x, y: b.ite(b.lt(x, y), x, b.mul(y, y)), lambda x, y: x if x < y else y * y, False),
    "less": (lambda b, x, y: b.lt(x, y), lambda x, y: Fraction(x < y), False),
    "at most": (lambda b, x, y: b.le(x, y), lambda x, y: Fraction(x <= y), False),
    "equal": (lambda b, x, y: b.eq(x, y), lambda x, y: Fraction(x == y), False),
    "sqrt": (lambda b, x, y: b.apply(SQRT, x), _sqrt, True),
    "exp": (lambda b, x, y: b.apply(EXP, x), _exp, True),
    "log": (lambda b, x, y: b.apply(LOG, x), _log, True),
}


def _one(rng: random.Random, *, integer: bool) -> Fraction:
    if integer:
        return Fraction(rng.choice([rng.randint(-9, 9), rng.randint(-(10**6), 10**6), rng.randint(-(2**70), 2**70)]))
    kind = rng.randrange(6)
    if kind == 0:
        return Fraction(rng.randint(-40, 40), rng.choice([1, 2, 2, 4, 3]))
    if kind == 1:
        return Fraction(rng.uniform(-700, 700))
    if kind == 2:
        return Fraction(rng.choice([-1, 1]) * 2.0 ** rng.uniform(-120, 120))
    if kind == 3:
        return Fraction(rng.randint(-(10**9), 10**9), rng.randint(1, 10**9))
    if kind == 4:
        return Fraction(rng.randint(0, 30)) ** 2 / Fraction(rng.choice([1, 4, 9]))
    return Fraction(rng.gauss(0, 2))


def _radius(rng: random.Random, case: int, centre: Fraction, *, integer: bool) -> Fraction:
    if case % 4 < 2 or (integer and case % 4 == 2):
        return Fraction(rng.randint(0, 3)) if integer and case % 4 == 2 else Fraction(0)
    if case % 4 == 2:
        return Fraction(1, 10**7)
    return Fraction(rng.randint(0, 9)) if integer else abs(centre) * Fraction(rng.randint(0, 8), 8)


def _inside(value: Value, ends: Ends, *, approximate: bool) -> bool:
    if ends is None:
        return True
    if value is None:
        return False
    slack = abs(value) * SLACK if approximate else Fraction(0)
    return bool(ends[0] - slack <= value <= ends[1] + slack)


def check(name: str, seed: int, cases: int) -> int:
    """How many of the cases the kernel gave an enclosure for. Raises AssertionError."""
    build, function, approximate = FUNCTIONS[name]
    defined = 0
    for integer in (False, True):
        b = GraphBuilder()
        x, y = (b.input(n, "integer" if integer else "real", -FAR, FAR) for n in "xy")
        output = build(b, x, y)
        problem = kernel_problem(b.graph())
        points = PointEnclosure(problem, [output])
        boxes = {p: BoxEnclosure(problem, [output], p) for p in (64, 96, 256)}
        rng = random.Random(f"{name} {seed} {integer}")
        for case in range(cases // 2):
            centre = [_one(rng, integer=integer) for _ in range(2)]
            if rng.randrange(5) == 0:
                centre[1] = centre[0]
            radius = [_radius(rng, case, c, integer=integer) for c in centre]
            box = [(c - r, c + r) for c, r in zip(centre, radius, strict=True)]
            at = [low + (high - low) * Fraction(rng.randint(0, 16), 16) for low, high in box]
            at = [Fraction(floor(v)) for v in at] if integer else at
            numbers = [v.numerator if v.denominator == 1 else v for v in at]
            ends = points.at(numbers)[0] if case % 4 == 0 else boxes[rng.choice((64, 96, 256))].on(box, numbers)[0]
            value = function(*at)
            defined += ends is not None
            assert _inside(value, ends, approximate=approximate), (
                f"{name} of {at} in {box}: {value} outside {ends}; repeat: check({name!r}, {seed}, {cases})"
            )
            if case % 4 == 0 and not approximate and value is not None:
                assert ends == (value, value)
    return defined


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_function(name: str) -> None:
    assert check(name, 1, 200) >= 40


@pytest.mark.campaign
@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_campaign_function(name: str) -> None:
    defined = check(name, 2, 10_000)
    print(f"\n| {name} | 10,000 | {100 * defined // 10_000}% | 0 |")


@pytest.mark.parametrize("name", ["exp", "log", "sqrt"])
def test_enclosures_are_narrow(name: str) -> None:
    """At a point: to 150 bits, so that a wrong value would be seen."""
    build, function, _ = FUNCTIONS[name]
    b = GraphBuilder()
    x = b.input("x", "real", -FAR, FAR)
    problem = kernel_problem_of(b, build(b, x, x))
    for at in (Fraction(1, 3), Fraction(5), Fraction(2, 7)):
        (ends,) = problem.at([at])
        assert ends is not None
        assert 0 < ends[1] - ends[0] < Fraction(1, 2**150)
        assert function(at, at) is not None


def kernel_problem_of(b: GraphBuilder, output: int) -> PointEnclosure:
    return PointEnclosure(kernel_problem(b.graph()), [output])
