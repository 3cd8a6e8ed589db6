"""LeastDifferences of differences, against the values at every point of a box."""

import random
from fractions import Fraction

import pytest
from attention_tools import head
from kernel_tools import Build, execute

from mechverify.kernel.api import read_problem
from mechverify.kernel.plan import Prepared
from mechverify.kernel.separable import bounds as bounds_module
from mechverify.kernel.separable.bounds import Box, LeastDifferences
from mechverify.kernel.separable.values import Tabulation

QUERY = 1


def points_of(box, cases=None):
    """The points of a box of two free tokens, in one of the cases where there are some."""
    found = []
    for x in range(box.ranges[0][0], box.ranges[0][1] + 1):
        for y in range(box.ranges[1][0], box.ranges[1][1] + 1):
            point = x, y, QUERY
            if cases is None or any(low <= point[k] <= high for k, (low, high) in cases):
                found.append(point)
    return found


def random_box(rng):
    ends = [sorted((rng.randrange(4), rng.randrange(4))) for _ in range(2)]
    return Box({k: (low, high) for k, (low, high) in enumerate(ends)})


@pytest.mark.parametrize("seed", range(6))
def test_the_sign_of_the_least_difference(seed):
    """With one denominator nothing is lost: the sign is that of the least value itself."""
    rng = random.Random(seed)
    one = head(rng, 3, 4, sharp=rng.choice([1, 2]))
    half = one.build.const(Fraction(1, 2))
    problem = one.build.problem(None, one.build.truth())
    prepared = Prepared(read_problem(problem))
    values = Tabulation(prepared, {2: QUERY}, Tabulation(prepared, {}))
    bounds = LeastDifferences(values)
    at = {p: execute(problem, [Fraction(x) for x in p], rng) for p in points_of(Box({0: (0, 3), 1: (0, 3)}))}
    told = set()
    for _ in range(25):
        box = random_box(rng)
        a, b = rng.choice([rng.sample(one.logits, 2), [half, rng.choice(one.weights)], rng.sample(one.weights, 2)])
        cases = [(k, tuple(sorted((rng.randrange(lo, hi + 1), hi)))) for k, (lo, hi) in box.ranges.items()]
        for own, where in ((box, None), (Box(box.ranges, [cases]), cases)):
            least = min(at[p][b] - at[p][a] for p in points_of(box, where))
            found = bounds.below(a, b, own)
            assert (found > 0) is (least > 0)
            told.add(least > 0)
    assert told == {True, False}


@pytest.mark.parametrize("seed", range(6))
def test_two_denominators_and_sums_beside_them(seed):
    """Bounded one by one: never above the least value, and close to it where the first quotient hardly varies."""
    rng = random.Random(seed)
    one = head(rng, 3, 4)
    other = head(rng, 3, 4, beside=one)
    build = one.build
    both = [build.affine(0, (1, x), (1, y)) for x, y in zip(one.logits, other.logits, strict=True)]
    beside = [build.affine(1, (Fraction(1, 4), one.tokens[0]), (1, x)) for x in one.logits]
    problem = build.problem(None, build.truth())
    prepared = Prepared(read_problem(problem))
    bounds = LeastDifferences(Tabulation(prepared, {2: QUERY}, Tabulation(prepared, {})))
    at = {p: execute(problem, [Fraction(x) for x in p], rng) for p in points_of(Box({0: (0, 3), 1: (0, 3)}))}
    shown = 0
    for _ in range(25):
        box = random_box(rng)
        a, b = rng.sample(rng.choice([both, beside]), 2)
        cases = [(0, (box.ranges[0][1],) * 2), (1, (box.ranges[1][1],) * 2)]
        for own, where in ((box, None), (Box(box.ranges, [cases]), cases)):
            least = min(at[p][b] - at[p][a] for p in points_of(box, where))
            found = bounds.below(a, b, own)
            if found is not None and found > 0:
                assert least > 0
                shown += 1
            single = all(low == high for low, high in box.ranges.values())
            assert not single or (found > 0) is (least > 0)
    assert shown


def test_what_is_not_separable_has_no_bound():
    one = head(random.Random(0), 3, 4)
    prepared = Prepared(read_problem(one.build.problem(None, one.build.truth())))
    bounds = LeastDifferences(Tabulation(prepared, {}))
    assert bounds.below(one.logits[0], one.logits[1], Box(dict.fromkeys(range(3), (0, 3)))) is None


def test_a_full_memory_changes_no_bound(monkeypatch):
    one = head(random.Random(1), 3, 4)
    prepared = Prepared(read_problem(one.build.problem(None, one.build.truth())))
    values = Tabulation(prepared, {2: QUERY}, Tabulation(prepared, {}))
    box = Box({0: (0, 3), 1: (1, 2)})
    wanted = [LeastDifferences(values).below(one.logits[0], x, box) for x in one.logits]
    monkeypatch.setattr(bounds_module, "MAX_MEMO", 1)
    assert [LeastDifferences(values).below(one.logits[0], x, box) for x in one.logits] == wanted


def test_least_differences_of_plain_sums():
    build = Build()
    x, y = build.integer("x", -2, 3), build.integer("y", 0, 4)
    square, total = build.node("mul", "exact", x, x), build.affine(1, (1, x), (-2, y))
    bounds = LeastDifferences(Tabulation(Prepared(read_problem(build.problem(None, build.truth()))), {}))
    found = bounds.below(square, total, Box({0: (0, 5), 1: (0, 4)}))
    assert found == min(1 + a - 2 * b - a * a for a in range(-2, 4) for b in range(5)) << 96
