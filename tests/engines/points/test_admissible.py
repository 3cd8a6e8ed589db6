"""Random admissible points: they meet the assumption, are spread evenly, and equalities cost nothing."""

from fractions import Fraction

import numpy as np
import pytest

from mechverify.engines.points.admissible import AdmissiblePoints, Draws
from mechverify.engines.points.judge import PointJudge, PointStatus
from mechverify.engines.work.meter import work_done
from mechverify.graph.builder import GraphBuilder
from mechverify.graph.graph import Obligation

F = Fraction
TRILLION = F(10**12)


def draws(obligation: Obligation, count: int, seed: int = 0, **listed: tuple[Fraction, ...]) -> list[Draws]:
    points = AdmissiblePoints(obligation, seed, listed)
    return list(points.batches(count, work_done() + 20.0))


def inputs(obligation: Obligation, count: int, seed: int = 0, **listed: tuple[Fraction, ...]) -> np.ndarray:
    return np.concatenate([d.inputs for d in draws(obligation, count, seed, **listed)])


def under(b: GraphBuilder, assumption: int) -> Obligation:
    claim = b.boolean(True)
    return Obligation(b.graph(), assumption, claim)


def two(high: Fraction = TRILLION, kind: str = "integer") -> tuple[GraphBuilder, int, int]:
    b = GraphBuilder()
    x, y = (b.input(n, "integer" if kind == "integer" else "real", F(0), high) for n in "xy")
    return b, x, y


def test_equal_inputs_are_drawn_equal_and_evenly() -> None:
    b, x, y = two()
    found = inputs(under(b, b.eq(x, y)), 5000)
    assert len(found) == 5000
    assert (found[:, 0] == found[:, 1]).all()
    assert 0.48 < found[:, 0].mean() / 1e12 < 0.52
    assert len(np.unique(found[:, 0])) > 4990


def test_real_inputs_under_an_equation_that_float64_cannot_meet() -> None:
    b, x, y = two(F(1), "real")
    third = b.affine([(F(1, 3), x), (F(1, 7), y)])
    obligation = under(b, b.eq(third, b.const(F(1, 9))))
    found = draws(obligation, 500)
    assert sum(len(d.inputs) for d in found) == 500
    judge = PointJudge(obligation)
    assert all(judge.status(found[0].point(k)) is PointStatus.HOLDS for k in range(20))


def test_all_admissible_points_come_up_alike() -> None:
    b, x, y = two(F(3))
    condition = b.all([b.le(x, y), b.negate(b.eq(b.add(x, y), b.const(4)))])
    found = inputs(under(b, condition), 16_000)
    counts = np.unique(found, axis=0, return_counts=True)[1]
    assert len(counts) == 8  # ten pairs x <= y in 0..3, but for (1, 3) and (2, 2)
    assert counts.min() > 1800
    assert counts.max() < 2200


def test_listed_values_are_drawn_directly() -> None:
    b, x, _ = two()
    values = (F(1), F(7), F(10**12))
    domain = b.any([b.eq(x, b.const(v)) for v in values])
    obligation = under(b, domain)
    (found,) = draws(obligation, 900, x=values)  # the first batch rejects none
    assert sorted(np.unique(found.inputs[:, 0])) == [1, 7, 1e12]
    assert len(found.inputs) == 900


def test_a_seed_gives_the_same_points_and_another_seed_others() -> None:
    b, x, y = two()
    obligation = under(b, b.le(x, y))
    assert (inputs(obligation, 50) == inputs(obligation, 50)).all()
    assert (inputs(obligation, 50) != inputs(obligation, 50, seed=1)).any()


@pytest.mark.parametrize("contradiction", [True, False])
def test_nothing_is_drawn_where_nothing_is_admissible(contradiction: bool, ) -> None:
    b, x, _ = two(F(9))
    wrong = b.eq(x, b.const(20)) if contradiction else b.lt(b.mul(x, x), b.const(-1))
    points = AdmissiblePoints(under(b, wrong), 0, {})
    assert list(points.batches(100, work_done() + 0.2)) == []
