"""Bounds that an assumption implies of its inputs, whatever way it is written."""

from collections.abc import Callable
from fractions import Fraction

import pytest
from obligations import kernel_answer
from random_obligations import admissible_points

from mechverify.engines.affine.boxes import Box
from mechverify.engines.branch_and_bound import BranchAndBoundEngine
from mechverify.engines.certificates.preparation import prepare
from mechverify.engines.engine import Budget, CounterexampleFound, ProofFound
from mechverify.engines.exhaustive import ExhaustiveEngine
from mechverify.engines.ranges.assumed import assumed_ends
from mechverify.engines.sampling import SamplingEngine
from mechverify.engines.search.implied import bounded
from mechverify.engines.search.paths import root_box, settled
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Kind, Obligation

F = Fraction
Write = Callable[[GraphBuilder, list[int]], int]


def square(g: GraphBuilder, xs: list[int]) -> int:
    return g.le(g.mul(g.sub(xs[0], g.const(40)), g.sub(xs[0], g.const(40))), g.const(100))


def diamond(g: GraphBuilder, xs: list[int]) -> int:
    distances = [g.abs(g.sub(x, g.const(c))) for x, c in zip(xs, (30, -20), strict=False)]
    return g.le(g.affine((F(1), d) for d in distances), g.const(12))


def disc(g: GraphBuilder, xs: list[int]) -> int:
    parts = [g.sub(x, g.const(c)) for x, c in zip(xs, (30, -20), strict=False)]
    return g.le(g.affine((F(1), g.mul(p, p)) for p in parts), g.const(144))


def rounded(g: GraphBuilder, xs: list[int]) -> int:
    scaled = [g.affine([(F(1, 3), x)], rounding="float32") for x in xs]
    return g.all([g.le(g.abs(g.sub(s, g.const(5))), g.const(2)) for s in scaled])


def remainder(g: GraphBuilder, xs: list[int]) -> int:
    return g.eq(g.sub(xs[0], g.affine([(F(7), g.floor(g.affine([(F(1, 7), xs[0])])))])), g.const(3))


CASES = {"square": (square, 1), "diamond": (diamond, 2), "disc": (disc, 2), "rounded": (rounded, 2)}


def obligation_of(write: Write, count: int, kind: Kind, claim: Write, size: int = 1000) -> Obligation:
    g = GraphBuilder()
    xs = [g.input(f"x_{k}", kind, F(-size), F(size)) for k in range(count)]
    assumption, said = write(g, xs), claim(g, xs)
    return Obligation(g.graph(), assumption, said)


def most(limit: int) -> Write:
    return lambda g, xs: g.le(g.mul(xs[0], xs[0]), g.const(limit))


def leaves_outside(root: Box) -> int:
    """The closed sides of the splits, each of which the kernel accepts."""
    count, branch = 0, root.leaf
    while branch.step is not None and branch.step[0] == "split":
        closed = [b for b in branch.children if b.step is not None and b.step[0] in ("leaf", "forget")]
        count += len(closed)
        branch = next(b for b in branch.children if b not in closed)
    return count


@pytest.mark.parametrize("kind", ["integer", "real"])
@pytest.mark.parametrize("name", CASES)
def test_the_bounds_are_close_and_hold_every_admissible_point(name: str, kind: Kind) -> None:
    write, count = CASES[name]
    obligation = obligation_of(write, count, kind, most(2500))
    ends = assumed_ends(obligation)
    assert all(high - low <= (30 if kind == "integer" else 60) for low, high in ends)
    if kind == "integer":
        for point in admissible_points(obligation_of(write, count, kind, most(2500), 60)):
            assert all(low <= x <= high for x, (low, high) in zip(point, ends, strict=True))
    root = root_box(prepare(obligation))
    bounded(root)
    assert 2 * count <= leaves_outside(root) <= 12 * count


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize(("limit", "right"), [(3000, True), (100, False)])
def test_proofs_within_them_are_accepted_and_false_claims_refuted(name: str, limit: int, right: bool) -> None:
    write, count = CASES[name]
    obligation = obligation_of(write, count, "integer", most(limit))
    for engine in (ExhaustiveEngine(), BranchAndBoundEngine()):
        assert engine.suits(obligation)
        outcome = engine.solve(obligation, Budget(20.0))
        assert isinstance(outcome, ProofFound if right else CounterexampleFound)
        assert kernel_answer(obligation, outcome) == "valid"


@pytest.mark.parametrize("name", ["square", "disc", "rounded"])
def test_real_inputs(name: str) -> None:
    write, count = CASES[name]
    right = obligation_of(write, count, "real", most(3000))
    outcome = BranchAndBoundEngine().solve(right, Budget(20.0))
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(right, outcome) == "valid"
    wrong = obligation_of(write, count, "real", most(150))
    found = SamplingEngine().solve(wrong, Budget(5.0))
    assert isinstance(found, CounterexampleFound)
    assert kernel_answer(wrong, found) == "valid"


def test_where_no_end_is_outside_nothing_is_cut_off() -> None:
    obligation = obligation_of(remainder, 1, "integer", most(10))
    root = root_box(prepare(obligation))
    assert bounded(root) is root
    assert root.leaf.step is None


def test_an_assumption_that_is_false_everywhere_closes_the_box() -> None:
    obligation = obligation_of(lambda g, xs: g.le(g.mul(xs[0], xs[0]), g.const(-1)), 1, "integer", most(10))
    root = root_box(prepare(obligation, empty=True))
    box = bounded(root)
    assert settled(box.state, ["leaf"])
