"""Proofs by cases that linear programs choose: orders of numbers, disjunctions, counts, equalities."""

from collections.abc import Callable
from fractions import Fraction as F
from functools import reduce

import pytest
from random_obligations import network_obligation

from mechverify.engines.certificates.problem import problem_data, proof_certificate
from mechverify.engines.engine import Budget, ProofFound
from mechverify.engines.points.inhabitant import find_inhabitant
from mechverify.engines.relaxed.engine import RelaxedCasesEngine
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation
from mechverify.kernel.api import check_data

Clear = Callable[[GraphBuilder, list[int]], int]
MARGIN, HALF = F(1, 100), F(1, 200)


def left_out(g: GraphBuilder, x: list[int]) -> int:
    """The second largest: the least of the largest that are left when one is left out."""
    return reduce(g.min, [reduce(g.max, [v for j, v in enumerate(x) if j != i]) for i in range(len(x))])


def running(g: GraphBuilder, x: list[int]) -> tuple[int, int]:
    """The largest and the second largest, kept while the numbers are read."""
    largest, second = g.max(x[0], x[1]), g.min(x[0], x[1])
    for v in x[2:]:
        largest, second = g.max(largest, v), g.max(second, g.min(largest, v))
    return largest, second


def above(g: GraphBuilder, a: int, b: int, by: F = MARGIN) -> int:
    """a >= b + by."""
    return g.le(g.affine([(F(1), b)], by), a)


def by_difference(g: GraphBuilder, x: list[int]) -> int:
    return g.le(g.const(MARGIN), g.sub(reduce(g.max, x), left_out(g, x)))


def by_count(g: GraphBuilder, x: list[int]) -> int:
    top = g.affine([(F(1), reduce(g.max, x))], -MARGIN)
    ones = [g.ite(g.le(top, v), g.const(1), g.const(0)) for v in x]
    return g.eq(g.affine([(F(1), one) for one in ones]), g.const(1))


def by_any(g: GraphBuilder, x: list[int]) -> int:
    return g.any([g.all([above(g, v, w) for w in x if w != v]) for v in x])


def gap(count: int, clear: Clear, wanted: F, kind: str = "real") -> Obligation:
    """Where the largest number is clear of the others, the running gap is at least ``wanted``."""
    g = GraphBuilder()
    x = [g.input(f"x[{k}]", kind, F(-1), F(1)) for k in range(count)]  # type: ignore[arg-type]
    largest, second = running(g, x)
    assumption = clear(g, x)
    claim = g.le(g.const(wanted), g.sub(largest, second))
    return Obligation(g.graph(), assumption, claim)


def proved(obligation: Obligation, seconds: float = 20.0) -> bool:
    """Whether the engine finds a proof; the kernel must then accept it."""
    found = RelaxedCasesEngine().solve(obligation, Budget(seconds))
    if not isinstance(found, ProofFound):
        return False
    certificate = proof_certificate(problem_data(obligation), found, find_inhabitant(obligation))
    assert check_data(certificate).answer == "valid"
    return True


@pytest.mark.parametrize("clear", [by_difference, by_count, by_any])
@pytest.mark.parametrize(("count", "kind"), [(3, "real"), (4, "real"), (4, "integer")])
def test_a_gap_stated_otherwise_than_it_is_computed(clear: Clear, count: int, kind: str) -> None:
    obligation = gap(count, clear, HALF, kind)
    assert RelaxedCasesEngine().suits(obligation)
    assert proved(obligation)


@pytest.mark.parametrize("clear", [by_difference, by_count, by_any])
def test_the_gap_that_is_just_reached_and_one_a_little_larger(clear: Clear) -> None:
    assert proved(gap(3, clear, MARGIN))
    assert not proved(gap(3, clear, MARGIN + F(1, 1 << 30)))


@pytest.mark.parametrize(("wanted", "true"), [(HALF, True), (MARGIN - F(1, 1 << 20), True), (MARGIN, False)])
def test_a_network_that_rounds(wanted: F, true: bool) -> None:
    """The numbers are rounded when they are fed, and so is the gap: a little less than the margin is left."""
    g = GraphBuilder()
    x = [g.input(f"x[{k}]", "real", F(-1), F(1)) for k in range(3)]
    largest, second = running(g, [g.round32(v) for v in x])
    found = g.affine([(F(1), largest), (F(-1), second)], F(0), "float32")
    assumption, claim = by_difference(g, x), g.le(g.const(wanted), found)
    assert proved(Obligation(g.graph(), assumption, claim)) is true


def test_six_numbers() -> None:
    assert proved(gap(6, by_difference, HALF))


def seconds_agree(count: int, off: F) -> Obligation:
    """Both ways to compute the second largest give the same, but for ``off``."""
    g = GraphBuilder()
    x = [g.input(f"x[{k}]", "real", F(-1), F(1)) for k in range(count)]
    kept = running(g, x)[1]
    claim = g.eq(g.affine([(F(1), left_out(g, x))], off), kept)
    always = g.boolean(True)
    return Obligation(g.graph(), always, claim)


def test_an_equality_with_nothing_to_spare() -> None:
    assert proved(seconds_agree(3, F(0)))
    assert not proved(seconds_agree(3, F(1, 1 << 40)))


@pytest.mark.parametrize("lacking", [None, 1, 3])
def test_the_second_largest_by_a_margin(lacking: int | None) -> None:
    """x[0] is above all others but one: then it is the running second; not so where one of the others is not compared."""
    g = GraphBuilder()
    x = [g.input(f"x[{k}]", "real", F(-1), F(1)) for k in range(5)]
    higher = [above(g, v, x[0]) for v in x[1:]]
    one = g.eq(g.affine([(F(1), g.ite(h, g.const(1), g.const(0))) for h in higher]), g.const(1))
    apart = [g.any([h, above(g, x[0], v)]) for k, (h, v) in enumerate(zip(higher, x[1:], strict=True)) if k != lacking]
    claim = g.le(g.abs(g.sub(running(g, x)[1], x[0])), g.const(HALF))
    assumption = g.all([one, *apart])
    assert proved(Obligation(g.graph(), assumption, claim)) is (lacking is None)


@pytest.mark.parametrize("least", [F(2), F(3)])
def test_a_choice_among_bounds(least: F) -> None:
    """|x| >= 2, or x == 1 or x == 5 in other words: x * x has no part in it, |x| + relu(-x) has."""
    g = GraphBuilder()
    x, y = (g.input(n, "real", F(-10), F(10)) for n in "xy")
    assumption = g.all([g.le(g.const(2), g.abs(x)), g.any([g.le(x, g.const(-2)), g.le(g.const(4), y)])])
    claim = g.any([g.le(g.const(least), g.max(x, g.affine([(F(-1), x)]))), g.le(g.const(5), y)])
    assert proved(Obligation(g.graph(), assumption, claim)) is (least == 2)


@pytest.mark.parametrize("seed", range(40))
def test_no_proof_of_what_is_false(seed: int) -> None:
    """Whatever is proved of a random obligation, the kernel accepts."""
    obligation = network_obligation(seed)
    engine = RelaxedCasesEngine()
    if engine.suits(obligation) and find_inhabitant(obligation, work=1.0) is not None:
        proved(obligation, 2.0)


def test_what_it_does_not_take_part_in() -> None:
    g = GraphBuilder()
    x = g.input("x", "real", F(0), F(1))
    always, claim = g.boolean(True), g.le(g.relu(x), g.const(1))
    assert not RelaxedCasesEngine().suits(Obligation(g.graph(), always, claim))
