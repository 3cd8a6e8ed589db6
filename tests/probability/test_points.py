"""Points of regions, against going through every point."""

import random
from fractions import Fraction as F
from itertools import product

import pytest
from weighing_tools import region_of, weights

from mechverify.probability.measures import Counting, Measure
from mechverify.probability.points import Points, corners_of, point_within


@pytest.mark.parametrize("seed", range(40))
def test_all_points_and_the_most_probable_one(seed: int) -> None:
    rng = random.Random(seed)
    measures: list[Measure] = [Counting(integer=True)]
    values = [{F(v): F(1) for v in range(-3, 4)}]
    for _ in range(rng.randint(0, 2)):
        shares = {F(v): F(rng.randint(1, 20)) for v in rng.sample(range(-3, 4), rng.randint(1, 5))}
        measures.append(weights(shares))
        values.append(shares)
    n = len(measures)
    cuts = []
    for _ in range(2):
        terms = {k: c for k in range(n) if (c := rng.randint(-2, 2))}
        cuts += [(terms, F(rng.randint(-3, 5)), rng.random() < 0.5)] if terms else []
    region = region_of([(F(-3), F(3), True)] * n, cuts)
    inside = {
        p
        for p in product(*values)
        if all((sum(c * p[k] for k, c in terms.items()) <= bound) is low for terms, bound, low in cuts)
    }
    points = Points(measures)
    assert points.count(region) == len(inside)
    assert sorted(points.all(region)) == sorted(inside)
    best = points.most_probable([region])
    if not inside:
        assert best is None
        return

    def weight(point: tuple[F, ...]) -> F:
        found = F(1)
        for shares, x in zip(values, point, strict=True):
            found *= shares[x]
        return found

    assert best is not None
    assert best[0] in inside
    assert best[1] == weight(best[0]) == max(map(weight, inside))
    assert all(points.beside(region, corner) in inside for corner in corners_of(region))


def test_looks_are_limited() -> None:
    region = region_of([(F(0), F(10**6), True)] * 2, [])
    points = Points([Counting(integer=True)] * 2, looks=100)
    assert len(list(points.all(region))) < 100
    assert points.exhausted


def test_reals_are_taken_in_the_middle() -> None:
    region = region_of([(F(0), F(4), False), (F(0), F(3), True)], [({0: 1, 1: 1}, F(3), True)])
    measures = [Counting(integer=False), Counting(integer=True)]
    assert Points(measures).count(region) is None
    assert Points(measures).beside(region, (F(0), F(3))) is not None


def test_a_point_within_is_one_whatever_the_volume() -> None:
    equal = region_of([(F(0), F(4), False)] * 2, [({0: 1, 1: -1}, F(0), True), ({0: -1, 1: 1}, F(0), True)])
    found = point_within(equal)
    assert found is not None
    assert found[0] == found[1]
    assert 0 < found[0] < 4
    whole = region_of([(F(0), F(4), True)] * 2, [({0: 1, 1: 1}, F(6), False)])
    found = point_within(whole)
    assert found is not None
    assert found[0] + found[1] >= 7
