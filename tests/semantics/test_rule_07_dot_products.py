"""SEMANTICS 7: the bound of a dot product, its overflow condition, and no belief in "this value is a float32"."""

from fractions import Fraction

from semantics_tools import F, builder, decided, obligation, verdict_of

from mechverify.engines.certificates.problem import problem_data, proof_certificate
from mechverify.engines.engine import ProofFound
from mechverify.graph.builder import GraphBuilder
from mechverify.kernel.api import check_data

U = F(1, 2**24)
TINY = F(1, 2**126)


def gamma(n: int) -> Fraction:
    return n * U / (1 - n * U)


def dot(b: GraphBuilder, weights: list[Fraction], size: int = 1) -> tuple[int, int]:
    """A rounded and an exact dot product with real inputs in [-size, size]."""
    inputs = [b.input(f"x_{i}", "real", F(-size), F(size)) for i in range(len(weights))]
    terms = list(zip(weights, inputs, strict=True))
    return b.affine(terms, 0, "float32"), b.affine(terms)


def test_the_bound_is_gamma_times_the_absolute_terms() -> None:
    weights = [F(1, 2) + F(1, 2**20), F(-1, 4), F(3, 8)]
    total = sum(map(abs, weights), F(0))
    bound = gamma(2 * len(weights)) * total + 2 * (2 * len(weights) + 1 + total) * TINY
    for factor, wanted in ((1 + F(1, 2**16), True), (F(9, 10), False)):
        b = builder()
        rounded, exact = dot(b, weights)
        claim = b.le(b.abs(b.sub(rounded, exact)), b.const(bound * factor))
        assert (verdict_of(b, claim, seconds=15.0 if wanted else 0.4) == "PROVED") is wanted, factor


def test_underflow_has_a_term_of_its_own() -> None:
    """Tiny weights: the error is no longer relative, because products may be flushed to zero."""
    b = builder()
    rounded, exact = dot(b, [F(1, 2**130)])
    claim = b.le(b.abs(b.sub(rounded, exact)), b.const(F(1, 2**140)))
    assert verdict_of(b, claim, seconds=0.4) != "PROVED"


def test_overflow_makes_the_node_undefined_and_the_claim_open() -> None:
    for size, wanted in ((2**125, "PROVED"), (2**126, "OPEN")):
        b = builder()
        x, y = (b.input(n, "real", F(size), F(size) * 5 / 4) for n in "xy")
        rounded = b.affine([(F(1), x), (F(1), y)], 0, "float32")
        claim = b.le(rounded, b.const(F(2) ** 300))
        decision = decided(obligation(b, claim), 2.0 if wanted == "PROVED" else 0.4)
        assert decision.verdict == wanted
        if wanted == "OPEN":
            assert decision.reason == "rounding"


def test_a_cancelling_sum_may_overflow_too() -> None:
    b = builder()
    x = b.input("x", "real", F(2**126), F(2**127 - 2**103))
    rounded = b.affine([(F(1), x), (F(-1), x)], 0, "float32")
    assert verdict_of(b, b.le(rounded, b.const(F(2) ** 300)), seconds=0.4) == "OPEN"


def test_nothing_uses_that_a_value_is_a_float32() -> None:
    """A number between two neighbouring floats is no float32, but it is not excluded by being none."""
    b = builder()
    x = b.input("x", "integer", F(1), F(1))
    rounded = b.affine([(F(1, 10), x)], 0, "float32")
    between = F(1, 10) + F(1, 2**40)
    assert verdict_of(b, b.negate(b.eq(rounded, b.const(between))), seconds=0.4) != "PROVED"


def test_a_plain_sum_is_bounded_by_what_its_orders_lose() -> None:
    """Products rounded once: their sizes, and for each addition no more than so many terms come to."""
    weights = [F(1, 2) + F(1, 2**20), F(-1, 4), F(3, 8)]
    charged = sum(map(abs, weights), F(0)) + sum((sum(sorted(map(abs, weights))[-k:]) for k in (2, 3)), F(0))
    bound = U / (1 - 6 * U) * charged + 2 * (7 + sum(map(abs, weights), F(0))) * TINY
    assert bound < gamma(6) * sum(map(abs, weights), F(0)) * F(3, 5)
    for factor, wanted in ((1 + F(1, 2**10), True), (F(9, 10), False)):
        b = builder()
        inputs = [b.input(f"x_{i}", "real", F(-1), F(1)) for i in range(3)]
        terms = list(zip(weights, inputs, strict=True))
        rounded, exact = b.affine(terms, 0, "float32", plain=True), b.affine(terms)
        problem = problem_data(obligation(b, b.le(b.abs(b.sub(rounded, exact)), b.const(bound * factor))))
        certificate = proof_certificate(problem, ProofFound((["leaf"],), 96), [F(0)] * 3)
        assert (check_data(certificate).answer == "valid") is wanted, factor
