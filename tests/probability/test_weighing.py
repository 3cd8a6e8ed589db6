"""What regions weigh, against going through every point, and against areas that are known."""

import random
from fractions import Fraction as F
from itertools import product
from math import erf, exp, pi, sqrt

import pytest
from weighing_tools import Box, region_of, weights

from mechverify.kernel.search import Region
from mechverify.probability.bracket import Bracket
from mechverify.probability.densities import Curve
from mechverify.probability.measures import Counting, Density, Measure, Weights, with_whole
from mechverify.probability.weighing import Scales


def by_points(values: list[list[tuple[F, F]]], cuts: list[tuple[dict[int, int], F, bool]]) -> tuple[F, list[F]]:
    """The mass and the integrals of every input, point by point."""
    mass, moments = F(0), [F(0)] * len(values)
    for point in product(*values):
        xs = [v for v, _ in point]
        if all((sum(c * xs[k] for k, c in terms.items()) <= bound) is low for terms, bound, low in cuts):
            weight = F(1)
            for _, w in point:
                weight *= w
            mass += weight
            moments = [m + weight * x for m, x in zip(moments, xs, strict=True)]
    return mass, moments


@pytest.mark.parametrize("seed", range(120))
def test_integers_and_weights_against_every_point(seed: int) -> None:
    rng = random.Random(seed)
    inputs = rng.randint(1, 4)
    boxes: list[Box] = []
    measures: list[Measure] = []
    values = []
    for _ in range(inputs):
        low, kind = rng.randint(-4, 1), rng.choice(("plain", "weights", "fractions"))
        high = low + rng.randint(0, 5)
        boxes.append((F(low), F(high), kind != "fractions"))
        grid = [F(v) for v in range(low, high + 1)]
        if kind == "fractions":
            grid = sorted({F(low), *(F(rng.randint(2 * low, 2 * high), 2) for _ in range(3))})
        pairs = [(v, F(1) if kind == "plain" else F(rng.randint(1, 9), rng.randint(1, 4))) for v in grid]
        values.append(pairs)
        measures.append(Counting(integer=True) if kind == "plain" else Weights.of(pairs))
    cuts = []
    for _ in range(rng.randint(0, 4)):
        terms = {k: c for k in range(inputs) if (c := rng.randint(-3, 3))}
        if terms:
            cuts.append((terms, F(rng.randint(-8, 8)), rng.random() < 0.5))
    region = region_of(boxes, cuts)
    found = Scales(measures, moments=True).weigh(region)
    mass, moments = by_points(values, cuts)
    if region.whole:
        assert found.mass == Bracket.at(mass)
        assert list(found.moments) == [Bracket.at(m) for m in moments]
    else:
        assert found.mass.low <= mass <= found.mass.high
        assert all(b.low <= m <= b.high for b, m in zip(found.moments, moments, strict=True))
    assert Scales(measures).mass(region) == found.mass
    little = Scales(measures, moments=True, steps=3).weigh(region)
    assert little.mass.low <= mass <= little.mass.high
    assert all(b.low <= m <= b.high for b, m in zip(little.moments, moments, strict=True))


def test_areas() -> None:
    boxes = [(F(0), F(4), False), (F(0), F(3), False)]
    below = region_of(boxes, [({0: 3, 1: 4}, F(12), True)])
    found = Scales([Counting(False), Counting(False)], moments=True).weigh(below)
    assert (found.mass, found.moments) == (Bracket.at(6), (Bracket.at(8), Bracket.at(6)))
    point = region_of([*boxes, (F(0), F(2), True)], [({0: 3, 1: 4}, F(12), True), ({2: 1}, F(0), True)])
    scales = Scales([Counting(False), Counting(False), weights({0: F(1, 3), 1: F(2, 3)})])
    assert scales.mass(point) == Bracket.at(2)


def test_an_open_end_of_listed_fractions_is_not_counted() -> None:
    boxes = [(F(0), F(2), False), (F(0), F(1), False)]
    above = region_of(boxes, [({0: 1}, F(1, 2), False)])  # x > 1/2
    half = weights({F(1, 2): F(1), F(3, 2): F(1)})
    assert Scales([half, Counting(False)]).mass(above) == Bracket.at(1)
    tied = region_of(boxes, [({0: 2, 1: 1}, F(1), False)])  # 2 x + y > 1, the whole of y but an end
    assert Scales([half, Counting(False)]).mass(tied) == Bracket.at(2)
    assert Scales([half, weights({0: F(1), 1: F(1)})]).mass(tied) == Bracket.at(3)


def holds(one: Bracket, value: float, near: float = 1e-12) -> bool:
    return float(one.low) - near <= value <= float(one.high) + near


def test_curves_alone() -> None:
    line = region_of([(F(-1), F(3), False)], [({0: 1}, F(2), True)])
    normal = Density(Curve("normal", F(1), F(2), F(-1)))
    found = Scales([normal], moments=True).weigh(line)
    area = 2 * sqrt(pi / 2) * (erf(0.5 / sqrt(2)) + erf(1 / sqrt(2)))
    assert holds(found.mass, area)
    assert found.mass.width < F(1, 10**9)
    assert holds(found.moments[0], area - 4 * (exp(-(0.5**2) / 2) - exp(-1 / 2)))
    falling = Density(Curve("exponential", F(2), F(1), F(-1)))
    assert holds(Scales([falling]).mass(line), 2 * (1 - exp(-1.5)))


def test_curves_that_are_tied_are_enclosed() -> None:
    """P(x + y <= 0) is one half for two normal inputs of mean 0, and so is each product with a uniform one."""
    boxes = [(F(-2), F(2), False), (F(-2), F(2), False)]
    half = region_of(boxes, [({0: 1, 1: 1}, F(0), True)])
    normal = Density(Curve("normal", F(0), F(1), F(-2)))
    for measures in ([normal, normal], [normal, Counting(False)], [Counting(False), normal]):
        part, whole = Scales(measures).mass(half), Scales(measures).mass(region_of(boxes, []))
        assert part.low / whole.high <= F(1, 2) <= part.high / whole.low
        assert (part.width / whole.low) < F(1, 10)


def test_a_split_that_was_not_looked_at_leaves_a_bracket() -> None:
    boxes = [(F(0), F(1), True)] * 5
    tied = region_of(boxes, [(dict.fromkeys(range(5), 1), F(2), True)])
    assert isinstance(tied, Region)
    assert not tied.whole
    assert Scales([weights({0: F(1), 1: F(3)})] * 5).mass(tied) == Bracket(F(0), F(4**5))


def test_a_curve_tied_to_many_integers() -> None:
    """More integers than are gone through one by one, and a corner cut off: none is counted twice where a box is
    halved, which would be more than what stays open.
    """
    most = 8191
    region = region_of([(F(0), F(4), False), (F(0), F(most), True)], [({0: 2000, 1: -1}, F(7999), True)])
    falling = Density(Curve("exponential", F(1, 4), F(1), F(0)))
    found = Scales([falling, Counting(integer=True)]).mass(region)
    whole = falling.mass(F(0), F(4))
    parts = [falling.mass(F(0), F(7999, 2000)), *[whole] * most]
    assert found.low <= sum(p.high for p in parts)
    assert found.high >= sum(p.low for p in parts)
    assert found.width < F(1, 10**5)


def test_boxes_are_shared_out_among_the_regions_to_come() -> None:
    """However few boxes there are, a tied region stays enclosed; with some, the last is cut as finely as the first."""
    square = [(F(-2), F(2), False), (F(-2), F(2), False)]
    half = region_of(square, [({0: 1, 1: 1}, F(0), True)])
    normal = Density(Curve("normal", F(0), F(1), F(-2)))
    whole = Scales([normal, normal]).mass(region_of(square, []))
    widths = []
    for boxes in (0, 400, 4_000):
        scales = Scales([normal, normal], boxes=boxes, regions=10)
        found = [scales.mass(half) for _ in range(10)]
        assert all(one.low * 2 <= whole.high and one.high * 2 >= whole.low for one in found)
        assert found[9].width <= found[0].width * F(3, 2)
        assert scales.boxes is not None
        widths.append(found[0].width)
    assert widths[0] > widths[1] > widths[2]
    assert widths[2] * 5 < whole.low
    fine = Scales([normal, normal]).mass(half)
    assert fine.width < widths[2]


def test_a_curve_that_no_part_cuts_leaves_exact_shares() -> None:
    """Of x from 0 to 9 beside a normal y that nothing reads: half, exactly; its mean stays enclosed."""
    boxes = [(F(0), F(9), True), (F(-2), F(2), False)]
    normal: Measure = Density(Curve("normal", F(0), F(1), F(-2)))
    low, high = (region_of(boxes, [({0: 1}, F(4), below)]) for below in (True, False))
    each = with_whole([Counting(True), normal], [low, high])
    found = [Scales(each, moments=True).weigh(region) for region in (low, high)]
    assert [one.mass for one in found] == [Bracket.at(5)] * 2
    assert holds(found[0].moments[1], 0)
    cut = region_of(boxes, [({1: 1}, F(0), True)])
    assert with_whole([Counting(True), normal], [low, cut]) == (Counting(True), normal)
    assert with_whole([normal], []) == (normal,)
