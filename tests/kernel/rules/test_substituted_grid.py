"""The exact grid of a real input that an equality ties to integers: none before the substitution, and none without it."""

import random
from fractions import Fraction
from typing import Any

from kernel_tools import Build, accepted, answer, execute, num, proof, reject


def tied(weight: Any, bias: Any, top: int, *, kind: str = "integer", slope: Any = 3, shift: Any = 1) -> Any:
    """t == weight n + bias; the claim: slope t + shift, computed in float32, is slope (weight n + bias) + shift."""
    build = Build()
    n = build.integer("n", 0, top) if kind == "integer" else build.real("n", 0, top)
    t = build.real("t", -(10**9), 10**9)
    same = build.node("eq", t, build.affine(bias, (weight, n)))
    rounded = build.affine(shift, (slope, t), rounding="float32")
    slope, weight, bias, shift = (Fraction(x) for x in (slope, weight, bias, shift))
    exact = build.affine(slope * bias + shift, (slope * weight, n))
    return build.problem(same, build.node("eq", rounded, exact))


STEPS = [["substitute", 0, "solve", 1], ["leaf"]]


def certificate(problem: Any, steps: Any, bias: Any = 0) -> Any:
    return proof(problem, steps, [0, bias])


def test_exact_after_the_substitution() -> None:
    for seed in range(30):
        rng = random.Random(seed)
        weight = Fraction(rng.choice([-3, -1, 1, 2, 5]), 2 ** rng.randint(0, 3))
        bias = Fraction(rng.randint(-9, 9), 2 ** rng.randint(0, 3))
        problem = tied(weight, bias, rng.randint(10, 20_000))
        assert accepted(certificate(problem, STEPS, bias)), answer(certificate(problem, STEPS, bias))
        reject(certificate(problem, [["leaf"]], bias))


def test_no_grid_over_reals_and_fractions() -> None:
    for seed in range(30):
        rng = random.Random(seed)
        top, bias = rng.randint(10, 20_000), rng.randint(-9, 9)
        weight = rng.choice([-3, -1, 1, 2, 5])
        assert accepted(certificate(tied(weight, bias, top), STEPS, bias))
        third = Fraction(3 * bias + 1, 3)
        reject(certificate(tied(weight, bias, top, kind="real"), STEPS, bias), at=1)
        reject(certificate(tied(Fraction(weight, 3 if weight % 3 else 7), bias, top), STEPS, bias), at=1)
        reject(certificate(tied(weight, third, top), STEPS, third), at=1)


def test_no_grid_below_forget() -> None:
    """A node is forgotten and known to equal n: what reads it is no more exact for that."""
    for top in range(10, 30):
        build = Build()
        n = build.integer("n", 0, top)
        t = build.affine(0, ("1", n))
        goal = build.node("eq", build.affine(1, (3, t), rounding="float32"), build.affine(1, (3, n)))
        problem = build.problem(None, goal)
        assert accepted(proof(problem, [["leaf"]], [0]))
        cut = ["forget", [[t, "0", num(top)]], [["eq", "0", [["1", t], ["-1", n]]]], []]
        steps = [cut, ["leaf"], ["substitute", 1, "solve", 1], ["leaf"]]
        reject(proof(problem, steps, [0]), at=3)


def test_not_where_the_sum_is_too_large() -> None:
    """3 t + 1 is exact up to 2^24 and rounded beyond."""
    last = (2**24 - 1) // 3
    assert accepted(certificate(tied(1, 0, last), STEPS))
    for more in range(1, 22):
        reject(certificate(tied(1, 0, last + more), STEPS), at=1)


def test_a_grid_is_as_fine_as_its_finest_part() -> None:
    """t == n / 2^k + 2^-j: float32 is exact while the sum fits into 2^(24 - max(k, j))."""
    for k in range(8):
        for j in range(8):
            fine = max(k, j)
            top = 2 ** (24 - fine + k) // 4 - 2**k
            bias = Fraction(1, 2**j)
            assert accepted(certificate(tied(Fraction(1, 2**k), bias, top), STEPS, bias))
            reject(certificate(tied(Fraction(1, 2**k), bias, 3 * top), STEPS, bias), at=1)


def test_executions_follow() -> None:
    """Emulated executions of what is accepted agree with the claim, and random ones of what is refused do not all."""
    rng = random.Random(7)
    problem = tied(1, 0, 1000)
    for n in (0, 1, 999, 1000):
        values = execute(problem, [Fraction(n), Fraction(n)], rng, numpy_sums=True)
        assert values is not None
        assert values[problem["claim"]]
    large = tied(1, 0, 2**24)
    seen = [execute(large, [Fraction(n), Fraction(n)], rng, numpy_sums=True) for n in range(2**24 - 40, 2**24)]
    assert not all(values is not None and values[large["claim"]] for values in seen)
