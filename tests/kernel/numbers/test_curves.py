"""Lines above and below curves: right for every choice of the tangent point, and not loose."""

import random
from fractions import Fraction

import pytest
from kernel_tools import Build, _transcendental, accepted, proof, reject

from mechverify.kernel.numbers.curves import lines
from mechverify.kernel.operations.products import _RECIPROCAL
from mechverify.kernel.operations.s_shaped import ERF_CURVE, SIGMOID_CURVE, TANH_CURVE
from mechverify.kernel.operations.smooth import EXP_CURVE, LOG_CURVE, SQRT_CURVE

CURVES = {
    "exp": EXP_CURVE, "log": LOG_CURVE, "sqrt": SQRT_CURVE,
    "tanh": TANH_CURVE, "sigmoid": SIGMOID_CURVE, "erf": ERF_CURVE, "reciprocal": _RECIPROCAL,
}  # fmt: skip
POSITIVE = {"log", "sqrt", "reciprocal"}
NEAR = Fraction(1, 10**60)


def value(op: str, x: Fraction) -> Fraction:
    found = -1 / x if op == "reciprocal" else _transcendental(op, x)
    assert found is not None
    return found


@pytest.mark.parametrize("op", sorted(CURVES))
def test_the_curve_lies_between_its_lines(op: str) -> None:
    rng = random.Random(op)
    for _ in range(60):
        bits = rng.choice([32, 64, 96])
        width = rng.choice([1, 1 << (bits - 12), 1 << bits, 5 << bits, 30 << bits])
        low = rng.randint(1, 8 << bits) if op in POSITIVE else rng.randint(-8 << bits, 8 << bits)
        high = low + rng.randint(1, width)
        share = rng.choice([None, None, Fraction(0), Fraction(1), Fraction(rng.randint(0, 8), 8)])
        (under, below), (over, above) = lines(CURVES[op], low, high, share, bits)
        for _ in range(8):
            x = rng.choice([low, high, rng.randint(low, high)])
            exact = value(op, Fraction(x, 1 << bits))
            assert Fraction(under * x, 1 << 2 * bits) + Fraction(below, 1 << bits) <= exact + NEAR
            assert Fraction(over * x, 1 << 2 * bits) + Fraction(above, 1 << bits) >= exact - NEAR


@pytest.mark.parametrize("op", ["tanh", "sigmoid", "erf", "exp", "sqrt", "log"])
def test_the_lines_come_together_as_the_interval_does(op: str) -> None:
    """Their distance falls with the square of the width."""
    bits, gaps = 96, []
    for width in (16, 8):
        low = (1 << bits) // 4
        high = low + (1 << bits) // width
        (under, below), (over, above) = lines(CURVES[op], low, high, None, bits)
        middle = (low + high) // 2
        gaps.append(((over - under) * middle >> bits) + above - below)
    assert 3 * gaps[0] < gaps[1]


def quotient(*, others: str = "exp", weight: str = "1", constant: str = "0", inside: bool = True) -> tuple[Build, int]:
    """exp(x) over a sum with exp(y), of which the least value may be zero at this precision."""
    build = Build()
    x, y = build.real("x", -200, 200), build.real("y", -200, 200)
    first, second = build.node("exp", x), build.node(others, y) if others != "y" else y
    third = build.node("exp", build.node("max", x, y))
    total = build.affine(Fraction(constant), (Fraction(weight), first if inside else third), (Fraction(1), second))
    return build, build.node("div", "exact", first, total)


def claims(build: Build, v: int) -> dict:
    return build.problem(None, build.node("le", v, build.const(1)))


def test_a_share_of_exponentials_is_at_most_one() -> None:
    assert accepted(proof(claims(*quotient()), [["leaf"]], ["0", "0"]))


@pytest.mark.parametrize(
    "broken",
    [{"others": "y"}, {"others": "tanh"}, {"weight": "1/2"}, {"weight": "-1"}, {"constant": "-1"}, {"inside": False}],
)
def test_what_is_no_share_is_not_taken_for_one(broken: dict) -> None:
    reject(proof(claims(*quotient(**broken)), [["leaf"]], ["0", "0"]))


@pytest.mark.parametrize("share", ["-1", "2", "3p-1", "-1p-1"])
@pytest.mark.parametrize("op", ["exp", "sqrt", "log", "tanh", "sigmoid", "erf", "div"])
def test_a_tangent_point_outside_is_rejected(op: str, share: str) -> None:
    build = Build()
    x = build.real("x", 1, 2)
    v = build.node("div", "exact", build.const(1), x) if op == "div" else build.node(op, x)
    problem = build.problem(None, build.node("le", v, build.const(9)))
    assert accepted(proof(problem, [["leaf", [[v, "1p-1"]], []]], ["1"]))
    reject(proof(problem, [["leaf", [[v, share]], []]], ["1"]), "slope")
