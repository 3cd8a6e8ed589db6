"""Regions: splits are disjoint and cover, sizes are those found one by one, and ends are taken exactly where they are
said to be."""

import random
from fractions import Fraction
from itertools import product

import pytest

from mechverify.kernel.fault import InvalidError
from mechverify.kernel.map.factor import Size
from mechverify.kernel.map.region import Region
from mechverify.kernel.reading.node import Input

SEEDS = range(150)


def some_inputs(rng: random.Random, kinds: str) -> tuple[Input, ...]:
    lows = [rng.randint(-4, 1) for _ in kinds]
    return tuple(Input(f"x_{k}", kinds[k] == "i", low, low + rng.randint(0, 5)) for k, low in enumerate(lows))


def some_split(rng: random.Random, inputs, most: int):
    chosen = rng.sample(range(len(inputs)), rng.randint(1, min(most, len(inputs))))
    terms = {k: rng.choice((-3, -2, -1, 1, 2, 3)) for k in chosen}
    return terms, rng.randint(-6, 6)


def walked(rng: random.Random, inputs, splits: int, most: int):
    """A region on a random path, and the test of its own points."""
    region, tests = Region.start(inputs), []
    for _ in range(splits):
        terms, bound = some_split(rng, inputs, most)
        below, above = region.split(terms, bound)
        low = rng.random() < 0.5
        region = below if low else above
        tests.append((terms, bound, low))
    return region, tests


def belongs(tests, point):
    return all((sum(c * point[k] for k, c in terms.items()) <= bound) is low for terms, bound, low in tests)


def lattice(inputs):
    return product(*(range(int(i.low), int(i.high) + 1) for i in inputs))


@pytest.mark.parametrize("seed", SEEDS)
def test_integer_points_are_counted(seed):
    rng = random.Random(seed)
    inputs = some_inputs(rng, "i" * rng.randint(1, 4))
    region, tests = walked(rng, inputs, rng.randint(0, 5), 2)
    wanted = sum(belongs(tests, point) for point in lattice(inputs))
    size = region.size()
    assert size.dimension == 0
    if region.whole:
        assert (size.low, size.high) == (wanted, wanted)
    assert size.low <= wanted <= size.high


@pytest.mark.parametrize("seed", SEEDS)
def test_points_of_polytopes_are_counted_polygon_by_polygon(seed):
    rng = random.Random(seed)
    inputs = some_inputs(rng, "i" * rng.choice((3, 4, 5)))
    region, tests = walked(rng, inputs, rng.randint(1, 4), 4)
    points = [point for point in lattice(inputs) if belongs(tests, point)]
    size = region.size()
    assert size.low <= len(points) <= size.high
    if region.whole and max(len(part.inputs) for part in region.parts()) <= 3:
        assert size.low == size.high
    assert not (region.is_void() and points)
    if points:
        terms, _ = some_split(rng, inputs, 4)
        ends = region.ends(0, terms)
        values = [sum(c * point[k] for k, c in terms.items()) for point in points]
        assert ends.low <= min(values)
        assert max(values) <= ends.high


def test_wide_polytopes_have_a_bracket():
    region = Region.start(tuple(Input(n, True, 0, 10**6) for n in "xyz"))
    below, above = region.split({0: 1, 1: 1, 2: 1}, 10)
    assert below.whole
    assert below.size() == Size(0, 286, 286)
    assert above.size() == Size(0, 0, (10**6 + 1) ** 3)
    assert above.ends(0, {0: 1, 1: 1, 2: 1}).low == 11


def test_five_inputs_are_not_tied():
    region = Region.start(tuple(Input(n, True, 0, 1) for n in "vwxyz"))
    below, above = region.split(dict.fromkeys(range(5), 1), 2)
    for side in (below, above):
        assert not side.whole
        assert side.size() == Size(0, 0, 32)
    four, _ = region.split(dict.fromkeys(range(4), 1), 2)
    assert four.whole
    assert four.size() == Size(0, 22, 22)


def test_reals_in_three_dimensions_have_a_volume_and_exact_ends():
    region = Region.start(reals((0, 1), (0, 1), (0, 1)))
    below, above = region.split({0: 1, 1: 1, 2: 1}, 1)
    assert (below.size(), above.size()) == (Size(3, Fraction(1, 6), Fraction(1, 6)), Size(3, Fraction(5, 6), Fraction(5, 6)))
    assert (below.ends(0, {0: 1, 1: 2}).high, above.ends(0, {0: 1, 1: 1, 2: 1}).low_open) == (2, True)
    assert above.split({0: 1, 1: 1, 2: 1}, 1)[0].is_void()


@pytest.mark.parametrize("seed", SEEDS)
def test_both_sides_of_a_split_are_the_whole(seed):
    rng = random.Random(seed)
    inputs = some_inputs(rng, rng.choice(("rr", "r", "ii", "rri")))
    region, _ = walked(rng, inputs, rng.randint(0, 3), 2)
    below, above = region.split(*some_split(rng, inputs, 2))
    if below.whole and above.whole:
        sizes = [one.size() for one in (below, above) if not one.is_void()]
        whole = region.size()
        same = [s for s in sizes if s.dimension == whole.dimension]
        if not region.is_void() and whole.low == whole.high and all(s.low == s.high for s in sizes):
            assert sum(s.high for s in same) == whole.high


@pytest.mark.parametrize("seed", SEEDS)
def test_a_point_is_on_one_side(seed):
    """Of real inputs too: a region is void exactly if none of its points exists, told by points on a fine grid."""
    rng = random.Random(seed)
    inputs = some_inputs(rng, "rr")
    region, tests = walked(rng, inputs, rng.randint(1, 4), 2)
    steps = [[Fraction(k, 12) for k in range(12 * int(i.low), 12 * int(i.high) + 1)] for i in inputs]
    found = [point for point in product(*steps) if belongs(tests, point)]
    if found:
        assert not region.is_void()
    if region.is_void():
        assert not found
    terms, _ = some_split(rng, inputs, 2)
    if found:
        ends = region.ends(0, terms)
        values = [sum(c * point[k] for k, c in terms.items()) for point in found]
        assert ends.low <= min(values)
        assert max(values) <= ends.high
        assert not (ends.low_open and min(values) == ends.low)
        assert not (ends.high_open and max(values) == ends.high)


def reals(*bounds):
    return tuple(Input(f"t_{k}", False, low, high) for k, (low, high) in enumerate(bounds))


def test_strictness_is_kept():
    region = Region.start(reals((0, 2)))
    below, above = region.split({0: 1}, 1)
    assert (below.ends(0, {0: 1}).high, below.ends(0, {0: 1}).high_open) == (1, False)
    assert (above.ends(0, {0: 1}).low, above.ends(0, {0: 1}).low_open) == (1, True)
    again, nothing = above.split({0: -1}, -1)
    assert not again.is_void()
    assert nothing.is_void()
    point, _ = below.split({0: -1}, -1)
    assert point.size() == Size(0, 1, 1)
    assert point.split({0: 1}, 1)[1].is_void()


def test_an_open_side_excludes_a_face_only_where_it_vanishes_on_it():
    """x > 0 on a square: the least x is not taken, the least y is, and that of x + y is not."""
    _, region = Region.start(reals((0, 1), (0, 1))).split({0: 1}, 0)
    _, tied = region.split({0: 1, 1: 1}, 0)
    assert region.ends(0, {0: 1}).low_open
    assert not region.ends(0, {1: 1}).low_open
    assert region.ends(0, {0: 1, 1: 1}).low_open
    assert tied.ends(0, {0: 1}).low_open
    assert not tied.ends(0, {1: 1}).low_open


def test_an_equality_leaves_a_segment_and_its_length():
    region, _ = Region.start(reals((0, 4), (1, 7))).split({0: 1, 1: -1}, 0)
    region, _ = region.split({0: -1, 1: 1}, 0)
    assert region.size() == Size(1, 3, 3)
    assert region.ends(0, {0: 1, 1: -1}).low == region.ends(0, {0: 1, 1: -1}).high == 0


def test_an_input_of_one_value_ties_nothing():
    one = Input("n", True, 3, 3)
    region = Region.start((one, Input("x", True, 0, 9), Input("y", True, 0, 9)))
    below, above = region.split({0: 2, 1: 1, 2: 1}, 10)
    assert below.whole
    assert below.size().high == sum(x + y <= 4 for x in range(10) for y in range(10))
    assert above.size().high == 100 - below.size().high
    never, always = region.split({0: 1}, 2)
    assert never.is_void()
    assert always.size().high == 100


def test_integers_and_reals_that_are_tied_have_the_lengths_at_the_integers():
    region = Region.start((Input("n", True, 0, 3), Input("t", False, 0, 1)))
    assert region.size() == Size(1, 4, 4)
    below, _ = region.split({0: 1, 1: 1}, 2)
    assert below.size() == Size(1, 2, 2)


@pytest.mark.parametrize(
    ("terms", "bound"),
    [({}, 0), ({0: 0}, 1), ({0: Fraction(1, 2)}, 1), ({0: 1}, Fraction(1, 2)), ({0: 1, 1: 0}, 1)],
)
def test_other_forms_are_refused(terms, bound):
    region = Region.start((Input("n", True, 0, 3), Input("m", True, 0, 3)))
    with pytest.raises(InvalidError):
        region.split(terms, bound)


@pytest.mark.parametrize("value", [Fraction(5), Fraction(5, 2), Fraction(-1)])
def test_the_open_side_of_integers_beside_a_real_of_one_value_is_counted(value):
    """k - t > 0 where t has one value: 0 .. 10 without those up to it, the bound itself not counted twice."""
    inputs = (Input("k", True, 0, 10), Input("t", False, value, value), Input("l", True, 0, 3))
    below, above = Region.start(inputs).split({0: 1, 1: -1}, 0)
    assert below.size() == Size(0, 4 * len([k for k in range(11) if k <= value]), below.size().low)
    assert above.size() == Size(0, 4 * len([k for k in range(11) if k > value]), above.size().low)
    below, above = Region.start(inputs).split({0: Fraction(1, 3), 2: Fraction(1, 2), 1: -1}, 0)
    for region, low in ((below, True), (above, False)):
        wanted = sum((Fraction(k, 3) + Fraction(j, 2) <= value) is low for k, j in product(range(11), range(4)))
        assert region.size() == Size(0, wanted, wanted)


@pytest.mark.parametrize("seed", SEEDS)
def test_integer_points_are_counted_beside_reals_of_one_value(seed):
    rng = random.Random(seed)
    inputs = tuple(
        i if i.integer else Input(i.name, False, value := Fraction(rng.randint(-4, 4), rng.randint(1, 3)), value)
        for i in some_inputs(rng, rng.choice(("ir", "iri", "irr", "riir")))
    )
    region, tests = Region.start(inputs), []
    for _ in range(rng.randint(1, 5)):
        terms, bound = some_split(rng, inputs, len(inputs))
        if any(not inputs[k].integer for k in terms):
            terms, bound = {k: Fraction(c, rng.randint(1, 3)) for k, c in terms.items()}, Fraction(bound, 2)
        low = rng.random() < 0.5
        tests.append((terms, bound, low))
        region = region.split(terms, bound)[0 if low else 1]
    points = product(*(range(i.low, i.high + 1) if i.integer else [i.low] for i in inputs))
    wanted = sum(belongs(tests, point) for point in points)
    assert region.whole
    assert region.is_void() <= (wanted == 0)
    assert region.size() == Size(0, wanted, wanted)
