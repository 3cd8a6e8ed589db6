"""Nearly equal networks: differences bounded unit by unit, halving far fewer boxes than two outputs would need."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from obligations import kernel_answer

from mechverify.engines.differences.engine import DifferencesEngine, pairs_of
from mechverify.engines.engine import Budget, ProofFound
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation, Rounding

F = Fraction
BUDGET = Budget(20.0)


def exact(array: np.ndarray) -> list[list[Fraction]]:
    return [[F(float(x)) for x in row] for row in array]


def network(g: GraphBuilder, xs: list[int], weights: list[np.ndarray], rounding: Rounding) -> list[int]:
    layer = xs
    for matrix in weights[:-1]:
        layer = [g.relu(g.affine(zip(row[1:], layer, strict=True), row[0], rounding)) for row in exact(matrix)]
    return [g.affine(zip(row[1:], layer, strict=True), row[0], rounding) for row in exact(weights[-1])]


def two_networks(
    off: float, width: int, outputs: int, rounding: Rounding, seed: int = 3
) -> tuple[GraphBuilder, list[int], list[int]]:
    """Two networks of two hidden layers whose weights differ by up to `off`, and their outputs."""
    random = np.random.default_rng(seed)
    sizes = [2, width, width, outputs]
    shapes = [(b, a + 1) for a, b in pairwise(sizes)]
    first = [np.round(random.normal(size=s) * (2.0 / s[1]) ** 0.5, 3) for s in shapes]
    second = [w + off * np.round(random.uniform(-1, 1, w.shape), 2) for w in first]
    if rounding == "float32":
        first, second = ([np.float32(w) for w in some] for some in (first, second))
    g = GraphBuilder()
    xs = [g.input(n, "real", F(-1), F(1)) for n in "xy"]
    xs = [g.round32(x) for x in xs] if rounding == "float32" else xs
    f_out, g_out = (network(g, xs, w, rounding) for w in (first, second))
    return g, f_out, g_out


def twins(
    off: float, limit: Fraction, width: int = 8, *, both: bool = True, rounding: Rounding = "exact"
) -> Obligation:
    """|f - g| <= limit for two networks whose weights differ by up to `off`."""
    g, (f_out,), (g_out,) = two_networks(off, width, 1, rounding)
    gap = g.sub(f_out, g_out)
    sides = [g.le(gap, g.const(limit)), g.le(g.neg(gap), g.const(limit))]
    everywhere, claim = g.boolean(truth=True), g.all(sides) if both else sides[0]
    return Obligation(g.graph(), everywhere, claim)


def test_units_are_paired() -> None:
    obligation = twins(0.001, F(1))
    assert 12 <= len(pairs_of(obligation)) <= 16
    assert DifferencesEngine().suits(obligation)
    assert not DifferencesEngine().suits(twins(3.0, F(1)))


@pytest.mark.parametrize(("off", "limit"), [(0.001, F(1, 50)), (0.0001, F(1, 500)), (0.01, F(1, 5))])
@pytest.mark.parametrize("both", [True, False])
def test_nearly_equal_networks(off: float, limit: Fraction, both: bool) -> None:
    obligation = twins(off, limit, both=both)
    outcome = DifferencesEngine().solve(obligation, BUDGET)
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"


def test_two_copies_of_one_are_equal() -> None:
    """Up to a scale that exact arithmetic undoes, so that no node of one is a node of the other."""
    g = GraphBuilder()
    xs = [g.input(f"x{k}", "real", F(-1, 3), F(1)) for k in range(6)]
    random = np.random.default_rng(0)
    weights = exact(np.round(random.normal(size=(24, 7)), 2))
    one = [g.relu(g.affine(zip(row[1:], xs, strict=True), row[0])) for row in weights]
    two = [g.relu(g.affine(((3 * w, x) for w, x in zip(row[1:], xs, strict=True)), 3 * row[0])) for row in weights]
    gap = g.affine([*((F(1), u) for u in one), *((F(-1, 3), v) for v in two)])
    everywhere, claim = g.boolean(truth=True), g.le(gap, g.const(0))
    assert not DifferencesEngine().suits(Obligation(g.graph(), everywhere, claim))  # not near: three times as much
    copies = [g.relu(g.affine(((w, x) for w, x in zip(row[1:], xs, strict=True)), row[0] + F(1, 10**9))) for row in weights]
    gap = g.affine([*((F(1), u) for u in one), *((F(-1), v) for v in copies)])
    claim = g.le(g.abs(gap), g.const(F(25, 10**9)))
    obligation = Obligation(g.graph(), everywhere, claim)
    outcome = DifferencesEngine().solve(obligation, BUDGET)
    assert isinstance(outcome, ProofFound)
    assert not any(step[0] == "split" for step in outcome.steps)
    assert kernel_answer(obligation, outcome) == "valid"


def test_what_is_false_is_not_proved() -> None:
    assert not isinstance(DifferencesEngine().solve(twins(0.01, F(1, 1000)), Budget(1.0)), ProofFound)


@pytest.mark.parametrize(("off", "limit"), [(0.001, F(1, 50)), (0.0, F(1, 20000))])
def test_nearly_equal_networks_in_float32(off: float, limit: Fraction) -> None:
    """Of two copies of one network, which round on their own, only the errors of rounding are left."""
    obligation = twins(off, limit, rounding="float32")
    assert DifferencesEngine().suits(obligation)
    outcome = DifferencesEngine().solve(obligation, BUDGET)
    assert isinstance(outcome, ProofFound)
    assert kernel_answer(obligation, outcome) == "valid"


@pytest.mark.parametrize(("off", "limit"), [(0.01, F(1, 1000)), (0.0, F(1, 10**7)), (0.0, F(0))])
def test_what_is_false_in_float32_is_not_proved(off: float, limit: Fraction) -> None:
    assert not isinstance(DifferencesEngine().solve(twins(off, limit, rounding="float32"), Budget(1.0)), ProofFound)


def margin_claim(kind: str, margin: Fraction, *, rounding: Rounding) -> Obligation:
    """Where f prefers one of three outputs by a margin, g has the same first maximum: output 0, or whichever it is."""
    g, left, right = two_networks(0.001, 6, 3, rounding, seed=14)
    others = [[j for j in range(3) if j != k] for k in range(3)]
    ahead = [g.all([g.le(g.add(left[j], g.const(margin)), left[k]) for j in others[k]]) for k in range(3)]

    def first(ys: list[int]) -> int:
        beats = [g.all([*(g.lt(ys[i], ys[k]) for i in range(k)), *(g.le(ys[i], ys[k]) for i in range(k + 1, 3))]) for k in (0, 1)]
        return g.ite(beats[0], g.const(0), g.ite(beats[1], g.const(1), g.const(2)))

    if kind == "one":
        claim = g.any([g.negate(ahead[0]), g.eq(first(right), g.const(0))])
    else:
        claim = g.any([g.negate(g.any(ahead)), g.eq(first(left), first(right))])
    everywhere = g.boolean(truth=True)
    return Obligation(g.graph(), everywhere, claim)


@pytest.mark.parametrize("rounding", ["exact", "float32"])
@pytest.mark.parametrize("kind", ["one", "all"])
def test_the_same_first_maximum_where_one_is_ahead(kind: str, rounding: Rounding) -> None:
    """Without a split of the inputs; not with a margin that rounding and weights eat up."""
    obligation = margin_claim(kind, F(1, 20), rounding=rounding)
    outcome = DifferencesEngine().solve(obligation, BUDGET)
    assert isinstance(outcome, ProofFound)
    assert not any(step[0] == "split" for step in outcome.steps)
    assert kernel_answer(obligation, outcome) == "valid"
    small = margin_claim(kind, F(1, 10**6), rounding=rounding)
    assert not isinstance(DifferencesEngine().solve(small, Budget(0.5)), ProofFound)
