"""Sampling finds what is rare, never reports what is not a counterexample, and keeps to its time."""

from collections import Counter
from fractions import Fraction

import pytest
from random_obligations import EXACT, WIDE, random_obligation, statuses

from mechverify.engines.certificates.problem import point_certificate, problem_data
from mechverify.engines.engine import Budget, CounterexampleFound, GaveUp
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.engines.sampling import SamplingEngine
from mechverify.engines.work.meter import work_done
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation, Rounding
from mechverify.kernel.api import check_data

MILLION = Fraction(1_000_000)


def box(
    *names: str, high: Fraction = MILLION, kind: str = "integer", low: Fraction = Fraction(0)
) -> tuple[GraphBuilder, list[int]]:
    b = GraphBuilder()
    return b, [b.input(n, "integer" if kind == "integer" else "real", low, high) for n in names]


def always(b: GraphBuilder, claim: int) -> Obligation:
    given = b.boolean(True)
    return Obligation(b.graph(), given, claim)


def breaks(obligation: Obligation, seconds: float = 3.0, seed: int = 0) -> bool:
    """Whether sampling found a counterexample; it must be one for the kernel."""
    outcome = SamplingEngine().solve(obligation, Budget(seconds, seed))
    if not isinstance(outcome, CounterexampleFound):
        assert isinstance(outcome, GaveUp)
        return False
    assert check_data(point_certificate(problem_data(obligation), outcome.point)).answer == "valid"
    return True


@pytest.mark.parametrize("ops", [EXACT, WIDE], ids=["exact", "wide"])
def test_small_boxes_agree_with_enumeration(ops: tuple[str, ...]) -> None:
    seen: Counter[bool] = Counter()
    for seed in range(4000, 4080):
        obligation = random_obligation(seed, ops)
        expected = statuses(obligation)[PointStatus.BREAKS] > 0
        found = breaks(obligation, 0.5)
        assert found <= expected, seed
        seen[found == expected] += 1
    assert seen[False] <= 2


def test_nothing_is_found_where_nothing_is() -> None:
    b, (x, y) = box("x", "y")
    claim = b.le(b.abs(b.sub(b.relu(x), b.relu(y))), b.const(MILLION))
    before = work_done()
    outcome = SamplingEngine().solve(always(b, claim), Budget(0.5))
    assert isinstance(outcome, GaveUp)
    assert 0.45 < work_done() - before < 0.55


@pytest.mark.parametrize("value", [0, 1, 2**19, 2**19 - 1, 1_000_000, 999_999])
def test_special_values(value: int) -> None:
    b, (x, _) = box("x", "y")
    claim = b.negate(b.eq(x, b.const(value)))
    assert breaks(always(b, claim), 1.0)


def test_a_needle_is_found_by_climbing() -> None:
    b, (x, y, z) = box("x", "y", "z", high=Fraction(10**12))
    off = [b.abs(b.affine([(Fraction(1), v)], -t)) for v, t in ((x, 123456789123), (y, 777), (z, 10**11 + 7))]
    claim = b.lt(b.const(40), b.affine([(Fraction(1), v) for v in off]))
    assert breaks(always(b, claim))


def test_equality_preconditions_are_met_by_construction() -> None:
    b, (x, y, z) = box("x", "y", "z")
    assumption = b.all([b.eq(x, y), b.eq(b.affine([(Fraction(3), y), (Fraction(-7), z)]), b.const(5))])
    claim = b.le(b.affine([(Fraction(1), x), (Fraction(1), z)]), b.const(1_400_000))
    assert breaks(Obligation(b.graph(), assumption, claim))


def test_contradicting_preconditions() -> None:
    b, (x, _) = box("x", "y")
    assumption = b.all([b.eq(x, b.const(3)), b.le(x, b.const(2))])
    outcome = SamplingEngine().solve(Obligation(b.graph(), assumption, assumption), Budget(1.0))
    assert isinstance(outcome, GaveUp)
    assert outcome.reason == "vacuity"


def equality_network(rounding: Rounding = "exact") -> Obligation:
    """(W == X) == (Y == Z) by a ReLU network that squeezes pairs into numbers; wrong at W - X = (838861, -629145)."""
    b, v = box(*(f"{n}_{k}" for n in "WXYZ" for k in (1, 2)))
    grid = Fraction(1, 2**20)
    same = []
    for at, weights in ((0, (629145, 838861)), (4, (1153433, 1363148))):
        terms = [
            (sign * w * grid, v[at + 2 * side + k]) for side, sign in ((0, 1), (1, -1)) for k, w in enumerate(weights)
        ]
        up = b.relu(b.affine(terms, 0, rounding))
        down = b.relu(b.affine([(-w, a) for w, a in terms], 0, rounding))
        same.append(b.relu(b.affine([(Fraction(-(2**20)), up), (Fraction(-(2**20)), down)], 1, rounding)))
    ahead, behind = (b.relu(b.affine([(Fraction(s), same[0]), (Fraction(-s), same[1])], 0, rounding)) for s in (1, -1))
    answer = b.affine([(Fraction(-1), ahead), (Fraction(-1), behind)], 1, rounding)
    left, right = (b.all([b.eq(v[i + k], v[i + 2 + k]) for k in (0, 1)]) for i in (0, 4))
    truth = b.any([b.all([left, right]), b.all([b.negate(left), b.negate(right)])])
    close = b.le(b.abs(b.affine([(Fraction(1), answer)], -1)), b.const(Fraction(1, 4)))
    far = b.le(b.abs(answer), b.const(Fraction(1, 4)))
    return always(b, b.any([b.all([truth, close]), b.all([b.negate(truth), far])]))


@pytest.mark.parametrize("seed", range(3))
def test_the_collision_of_the_equality_network_is_found(seed: int) -> None:
    assert breaks(equality_network(), 5.0, seed)


def test_collisions_that_rounding_hides_are_suspects() -> None:
    outcome = SamplingEngine().solve(equality_network("float32"), Budget(1.5))
    assert isinstance(outcome, GaveUp | CounterexampleFound)
    if isinstance(outcome, GaveUp):
        assert outcome.suspects


@pytest.mark.parametrize(
    ("k", "l"),
    [(Fraction(3, 5), Fraction(4, 5)), (Fraction(7, 12), Fraction(5, 11)), (Fraction(1, 3), Fraction(101, 997))],
)
def test_weighted_sums_collide(k: Fraction, l: Fraction) -> None:  # noqa: E741
    """k a + l b == k c + l d although (a, b) != (c, d)."""
    b, (p, q, r, s) = box("a", "b", "c", "d")
    left, right = b.affine([(k, p), (l, q)]), b.affine([(k, r), (l, s)])
    claim = b.any([b.negate(b.eq(left, right)), b.all([b.eq(p, r), b.eq(q, s)])])
    assert breaks(always(b, claim))


def test_near_collisions() -> None:
    """Different pairs whose sums with float32 weights differ by less than 1/50000, without being equal."""
    b, (p, q, r, s) = box("a", "b", "c", "d")
    k, m = Fraction(10066330, 2**24), Fraction(11863283, 2**24)
    off = b.abs(b.affine([(k, p), (m, q), (-k, r), (-m, s)]))
    claim = b.any([b.lt(b.const(Fraction(1, 50_000)), off), b.all([b.eq(p, r), b.eq(q, s)])])
    assert breaks(always(b, claim))


def test_an_exact_zero_over_the_reals() -> None:
    b, (x, y) = box("x", "y", kind="real", high=Fraction(1))
    turn = b.affine([(Fraction(3), x), (Fraction(-7), y)], Fraction(1, 11))
    claim = b.negate(b.eq(turn, b.const(0)))
    assert breaks(always(b, claim))


def test_a_violation_within_rounding_is_no_counterexample() -> None:
    b, (x,) = box("x", kind="real", high=Fraction(1))
    y = b.affine([(Fraction(1), x)], 0, "float32")
    claim = b.eq(x, y)
    obligation = always(b, claim)
    outcome = SamplingEngine().solve(obligation, Budget(0.5))
    assert isinstance(outcome, GaveUp)
    assert outcome.reason == "rounding"
    judge = PointJudge(obligation)
    assert any(judge.status(p) is PointStatus.UNCLEAR for p in outcome.suspects)


def test_no_inputs_left_to_choose() -> None:
    b, (x,) = box("x")
    assumption, claim = b.eq(x, b.const(5)), b.le(x, b.const(4))
    assert breaks(Obligation(b.graph(), assumption, claim))


@pytest.mark.parametrize("reals", [False, True])
def test_many_inputs(reals: bool) -> None:
    b, v = box(*(f"x_{k}" for k in range(200)), kind="real" if reals else "integer", high=Fraction(1000))
    claim = b.lt(b.affine([(Fraction(1), a) for a in v]), b.const(199_000))
    assert breaks(always(b, claim))
