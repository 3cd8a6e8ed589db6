"""Sizes of factors: against inclusion and exclusion for one plane, and for several by cutting in two and adding up."""

import random
from fractions import Fraction
from itertools import product
from math import factorial, prod

import pytest

from mechverify.kernel.map.factor import Size
from mechverify.kernel.map.region import Region
from mechverify.kernel.reading.node import Input


def below(weights, sides, level):
    """The volume of a box [0, s_1] x ... where sum w x <= level, all w > 0: inclusion and exclusion over its corners."""
    n = len(weights)
    total = Fraction(0)
    for chosen in product((0, 1), repeat=n):
        rest = level - sum(w * s for w, s, c in zip(weights, sides, chosen, strict=True) if c)
        total += (-1) ** sum(chosen) * max(Fraction(0), Fraction(rest)) ** n
    return total / factorial(n) / prod(weights)


def start(kinds, sides):
    pairs = zip(kinds, sides, strict=True)
    return Region.start(tuple(Input(f"x{k}", kind == "i", 0, side) for k, (kind, side) in enumerate(pairs)))


@pytest.mark.parametrize("seed", range(40))
def test_one_plane_cuts_reals(seed):
    rng = random.Random(seed)
    n = rng.choice((3, 3, 4))
    weights, sides = ([rng.randint(1, 5) for _ in range(n)] for _ in range(2))
    level = rng.randint(1, sum(w * s for w, s in zip(weights, sides, strict=True)))
    low, high = start("r" * n, sides).split(dict(enumerate(weights)), level)
    wanted = below(weights, sides, level)
    assert low.size() == Size(n, wanted, wanted)
    assert high.is_void() == (wanted == prod(sides))
    if not high.is_void():
        assert high.size() == Size(n, prod(sides) - wanted, prod(sides) - wanted)


@pytest.mark.parametrize("seed", range(60))
def test_what_is_cut_again_and_again_adds_up(seed):
    rng = random.Random(seed)
    kinds = rng.choice(("rrr", "rrr", "rrrr", "ri", "ir", "rri", "irr", "iri", "iir"))
    sides = [rng.randint(1, 6) for _ in kinds]
    parts, whole = [start(kinds, sides)], start(kinds, sides).size()
    for _ in range(rng.randint(1, 3)):
        terms = {k: rng.choice((-3, -2, -1, 1, 2, 3)) for k in range(len(kinds))}
        level = Fraction(rng.randint(-20, 40), 2)
        parts = [side for part in parts for side in part.split(terms, level) if not side.is_void()]
    sizes = [part.size() for part in parts]
    alike = [one for one in sizes if one.dimension == whole.dimension]
    assert sum(one.low for one in alike) <= whole.low <= sum(one.high for one in alike)
    if all(one.low == one.high for one in alike) and all(part.whole for part in parts):
        assert sum(one.low for one in alike) == whole.low
    if all(part.whole for part in parts):
        assert any(one.low == one.high for one in alike)


@pytest.mark.parametrize("seed", range(40))
def test_reals_beside_an_integer_are_summed_value_by_value(seed):
    """n from 0 to 5, or to a million, and x: a * n + b * x <= c."""
    rng = random.Random(seed)
    most, side = rng.choice((5, 10**6)), rng.randint(1, 7)
    a, b = rng.randint(1, 3), rng.randint(1, 3)
    level = rng.randint(1, a * 5 + b * side)
    low, high = start("ir", (most, side)).split({0: a, 1: b}, level)
    wanted = sum(max(Fraction(0), min(Fraction(side), Fraction(level - a * n, b))) for n in range(min(most, level) + 1))
    assert low.size().low == low.size().high == wanted
    swapped, _ = start("ri", (side, most)).split({0: b, 1: a}, level)
    assert swapped.size() == low.size()
    if not high.is_void():
        assert high.size().low == (most + 1) * side - wanted


def test_what_has_points_and_no_volume_is_never_nothing():
    """x == y == z leaves a line, and x == n points: neither has a size of 0."""
    line = start("rrr", (1, 1, 1))
    for terms in ({0: 1, 1: -1}, {0: -1, 1: 1}, {1: 1, 2: -1}, {1: -1, 2: 1}):
        line, _ = line.split(terms, 0)
    assert line.size() == Size(3, 0, 1)
    points = start("ri", (3, 3))
    for terms in ({0: 1, 1: -1}, {0: -1, 1: 1}):
        points, _ = points.split(terms, 0)
    assert points.size() == Size(1, 0, 12)


def test_few_integers_beside_two_reals_and_many():
    few, _ = start("iirr", (9, 9, 1, 1)).split({0: 1, 1: 1, 2: 1, 3: 1}, 4)
    assert few.size() == Size(2, 8, 8)  # six squares, and four halves
    many, _ = start("iirr", (99, 99, 1, 1)).split({0: 1, 1: 1, 2: 1, 3: 1}, 40)
    assert many.size() == Size(2, 0, 41 * 41)
