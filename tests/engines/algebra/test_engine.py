"""What real algebra proves, what it must not prove, and that it proves nothing false."""

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from kernel_mutations import mutate
from kernel_tools import box_points, execute
from obligations import F, kernel_answer
from random_obligations import EXACT, admissible_points, random_obligation

from mechverify.engines.algebra.engine import AlgebraEngine
from mechverify.engines.certificates.problem import problem_data, proof_certificate
from mechverify.engines.engine import Budget, GaveUp, ProofFound
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.explanation.obligations import compile_claim
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.graph.operations.smooth import SQRT
from mechverify.kernel.api import check_data, format_number
from mechverify.spec.read import read_spec

INPUTS = """mechverify: 1
title: Real algebra
inputs:
  x: {reals: -10 .. 10}
  y: {reals: -10 .. 10}
  z: {reals: -10 .. 10}
  p: {reals: 0 .. 1, shape: [3]}
claims:
  claim:
"""

NESBITT = "x > 0 and y > 0 and z > 0", "x / (y + z) + y / (x + z) + z / (x + y) >= 1.5"
TRUE = {
    "a square": ("", "2 * x * y <= x ** 2 + y ** 2"),
    "three squares": ("", "x * y + y * z + x * z <= x ** 2 + y ** 2 + z ** 2"),
    "Cauchy": ("", "(x * z + y * z) ** 2 <= (x ** 2 + y ** 2) * (2 * z ** 2)"),
    "squares of quadratics": ("", "(x ** 2 + y ** 2 + z ** 2) ** 2 >= (x * y + y * z + z * x) ** 2"),
    "squares with odd numbers": ("", "x ** 2 + y ** 2 + z ** 2 + 1 >= x * y + y * z + z + 0.3 * x"),
    "what is squared": ("", "(x - 2 * y + z / 3) ** 2 + (x * y - 1 + z) ** 2 >= 0"),
    "means of three": ("x >= 0 and y >= 0 and z >= 0", "x ** 3 + y ** 3 + z ** 3 >= 3 * x * y * z"),
    "an identity of quotients": ("x != 0 and y != 0", "1 / x + 1 / y == (x + y) / (x * y)"),
    "quotients of quotients": ("x > 0", "1 / (1 + 1 / x) == x / (x + 1)"),
    "harmonic mean": ("x > 0 and y > 0", "2 / (1 / x + 1 / y) <= (x + y) / 2"),
    "what divides is positive": ("", "1 / (1 + x ** 2) <= 1 and abs(2 * x / (1 + x ** 2)) <= 1"),
    "geometric mean": ("x >= 0 and y >= 0", "sqrt(x * y) <= (x + y) / 2"),
    "a logarithm": ("x > 0", "log(x) <= x - 1"),
    "logarithms rise": ("x > 0 and x <= y", "log(x) <= log(y)"),
    "Gibbs": (
        "p[0] > 0 and p[0] < 1 and x > 0 and x < 1",
        "p[0] * log(p[0] / x) + (1 - p[0]) * log((1 - p[0]) / (1 - x)) >= 0",
    ),
    "a switch": ("", "max(x, y) * min(x, y) == x * y"),
    "a strict condition": ("x > 0", "0.9 * x < x and not 0.9 * x >= x"),
    "a choice": ("", "(x if x >= y else y) ** 2 >= x * y or x * y < 0 or x + y < 0"),
}
FALSE = {
    "a square": ("", "2 * x * y <= x ** 2 + y ** 2 - 0.001"),
    "an identity of quotients": ("x > 0 and y > 0", "1 / x + 1 / y == (x + y) / (x * y + 0.001)"),
    "an undefined quotient": ("y > 0", "x / x == 1"),
    "undefined on both sides": ("", "1 / x == 1 / x"),
    "an undefined root": ("", "sqrt(x) ** 2 == x"),
    "an undefined logarithm": ("", "log(x) <= x - 1"),
    "a logarithm": ("x > 0", "log(x) <= x - 1.001"),
    "Gibbs the other way": (
        "p[0] > 0 and p[0] < 1 and x > 0 and x < 1",
        "p[0] * log(x / p[0]) + (1 - p[0]) * log((1 - x) / (1 - p[0])) >= 0",
    ),
}


def obligation(folder: Path, condition: str, claim: str) -> Obligation:
    also = f'    also: {{c: "{condition}"}}\n' if condition else ""
    path = folder / "algebra.yaml"
    path.write_text(f'{INPUTS}{also}    always: "{claim}"\n', encoding="utf-8")
    spec = read_spec(path)
    return compile_claim(spec, {}, spec.claims[0], "claim", {}).obligation


@pytest.mark.parametrize("name", TRUE)
def test_what_it_proves(tmp_path: Path, name: str) -> None:
    one = obligation(tmp_path, *TRUE[name])
    assert AlgebraEngine().suits(one)
    found = AlgebraEngine().solve(one, Budget(6.0))
    assert isinstance(found, ProofFound), found
    assert kernel_answer(one, found) == "valid"


@pytest.mark.campaign
def test_nesbitt(tmp_path: Path) -> None:
    """The signs of three sums first: cleared of quotients of unknown sign it is of degree 6."""
    one = obligation(tmp_path, *NESBITT)
    assert kernel_answer(one, AlgebraEngine().solve(one, Budget(6.0))) == "valid"


@pytest.mark.parametrize("name", FALSE)
def test_what_it_does_not_prove(tmp_path: Path, name: str) -> None:
    one = obligation(tmp_path, *FALSE[name])
    assert isinstance(AlgebraEngine().solve(one, Budget(0.05)), GaveUp)


def test_what_it_leaves_to_others(tmp_path: Path) -> None:
    linear = obligation(tmp_path, "", "x + y <= 20")
    assert not AlgebraEngine().suits(linear)


def curved(seed: int) -> Obligation:
    """A square of two integers, and perhaps a quotient or a root, against what it may just reach or just miss."""
    rng = random.Random(seed)
    b = GraphBuilder()
    x, y = (b.input(n, "integer", F(-rng.randint(2, 5)), F(rng.randint(2, 5))) for n in "xy")
    p, q, c = (F(rng.randint(-4, 4), rng.choice((1, 2))) for _ in range(3))
    square = b.power(b.affine([(p, x), (q, y)], c), 2)
    written = b.affine([(p * p, b.mul(x, x)), (q * q, b.mul(y, y)), (2 * p * q, b.mul(x, y)), (2 * p * c, x)], c * c)
    low = b.affine([(F(-2) * q * c, y)], F(rng.randint(-2, 3), 4))
    assumption = b.boolean(True)
    match rng.randrange(4):
        case 0:
            claim = b.le(low, written)
        case 1:
            claim = b.eq(square, b.sub(written, low))
        case 2:
            d = b.affine([(F(1), x), (F(rng.randint(-1, 1)), y)], F(rng.randint(0, 3)))
            assumption = rng.choice((b.lt(b.const(F(0)), d), b.negate(b.eq(d, b.const(F(0))))))
            one, other = b.div(square, d), b.div(b.mul(square, d), b.mul(d, d))
            claim = rng.choice((b.eq, b.le))(one, b.affine([(F(1), other)], F(rng.randint(0, 1), 8)))
        case _:
            e = b.affine([(F(1), x), (F(1), y)], F(rng.randint(0, 2)))
            assumption = b.le(b.const(F(0)), e)
            claim = b.le(b.apply(SQRT, e), b.affine([(F(1, 2), e)], F(rng.randint(1, 3), 4)))
    if rng.random() < 0.3:
        claim = b.any((claim, b.lt(x, y)))
    return Obligation(b.graph(), assumption, claim)


def holds_at(one: Obligation, point: Sequence[Fraction]) -> bool:
    """Whether all has a value there, and the claim is true; roots to 90 digits."""
    values = execute(problem_data(one), list(point), random.Random(0))
    return values is not None and bool(values[one.claim])


def proofs(seeds: range) -> Iterator[tuple[Obligation, ProofFound]]:
    """Of random claims: none is false."""
    for seed in seeds:
        one = curved(seed) if seed % 8 else random_obligation(seed, (*EXACT, "mul", "mul", "div", "sqrt"), size=5)
        outcome = AlgebraEngine().solve(one, Budget(0.1)) if AlgebraEngine().suits(one) else None
        if isinstance(outcome, ProofFound):
            assert all(holds_at(one, point) for point in admissible_points(one)), seed
            yield one, outcome


def test_proofs_agree_with_enumeration_and_do_not_prove_what_a_mutation_made_false() -> None:
    assert offered(range(40), 25) > 10


@pytest.mark.campaign
def test_proofs_agree_with_enumeration_at_length() -> None:
    assert offered(range(1000, 2000), 60) >= 1000


def offered(seeds: range, changes: int) -> int:
    """How many problems that a mutation made false were offered the proof of the true one."""
    count = 0
    rng = random.Random(7)
    for one, found in proofs(seeds):
        problem = problem_data(one)
        inhabitant = find_inhabitant(one)
        if inhabitant is None:
            continue
        assert check_data(proof_certificate(problem, found, inhabitant)).answer == "valid"
        for _ in range(changes):
            changed = mutate(problem, rng)
            broken = next((p for p in box_points(changed) if breaks(changed, p)), None)
            if broken is not None:
                count += 1
                told = {"inhabitant": [format_number(x) for x in broken]}
                assert check_data(proof_certificate(changed, found, inhabitant) | told).answer != "valid", changed
    return count


def breaks(problem: Any, point: tuple[int, ...]) -> bool:
    """Whether a point meets the assumption and breaks the claim, and all has a value there."""
    values = execute(problem, [Fraction(x) for x in point], random.Random(0))
    return values is not None and values[problem["assumption"]] and not values[problem["claim"]]
