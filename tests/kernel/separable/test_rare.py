"""Numbers of points at which a difference is not positive: never less than they are, at every point of small boxes."""

import random
from fractions import Fraction

import pytest
from attention_tools import head
from kernel_tools import Build, execute

from mechverify.kernel.api import read_problem
from mechverify.kernel.fault import InvalidError
from mechverify.kernel.plan import Prepared
from mechverify.kernel.separable.bounds import Box, LeastDifferences
from mechverify.kernel.separable.rare import MOST, most_not_above, powers_of_z
from mechverify.kernel.separable.values import Tabulation

BITS = 160


def bounds_of(problem, held):
    prepared = Prepared(read_problem(problem), BITS)
    return LeastDifferences(Tabulation(prepared, held, Tabulation(prepared, {})))


def test_powers_are_rounded_up():
    table = powers_of_z()
    assert len(table) == 2 * MOST + 1
    assert table[MOST] == 1 << 128
    for u in (-MOST, -1000, -1, 1, 7, 1000, MOST):
        exact = Fraction(64, 65) ** u * (1 << 128)
        assert exact <= table[MOST + u] < exact * (1 + Fraction(1, 1 << 20)) + 100


@pytest.mark.parametrize("seed", range(8))
def test_there_are_no_more_points(seed):
    rng = random.Random(seed)
    one = head(rng, 4, 4, sharp=rng.choice([1, 2]))
    problem = one.build.problem(None, one.build.truth())
    asked = rng.randrange(4)
    bounds = bounds_of(problem, {3: asked})
    points = [(x, y, z, asked) for x in range(4) for y in range(4) for z in range(4)]
    at = {p: execute(problem, [Fraction(x) for x in p], rng) for p in points}
    close = 0
    for _ in range(20):
        ranges = {k: tuple(sorted((rng.randrange(4), rng.randrange(4)))) for k in range(3)}
        cases = [(k, (rng.randint(low, high), high)) for k, (low, high) in ranges.items() if rng.random() < 0.7]
        a, b = rng.sample(one.logits, 2)
        for facts in ((), (cases,)) if cases else ((),):
            inside = [p for p in points if all(low <= p[k] <= high for k, (low, high) in ranges.items())]
            if facts:
                inside = [p for p in inside if any(low <= p[k] <= high for k, (low, high) in cases)]
            truth = sum(at[p][b] <= at[p][a] for p in inside)
            found = []
            for shift in range(BITS - 8, BITS + 8):
                try:
                    found.append(most_not_above(bounds, (a, b), shift, Box(ranges, facts)))
                except InvalidError:
                    continue
            assert truth <= min(found)
            close += min(found) <= 2 * truth + 1 < len(inside) / 2
    assert close


def test_without_a_column_every_value_counts():
    """A difference that depends on one of two inputs fails at as many points as the other has values, at each."""
    build = Build()
    x = build.integer("x", 0, 7)
    build.integer("y", 0, 10**12)
    five = build.const(5)
    bounds = bounds_of(build.problem(None, build.node("lt", five, x)), {})
    many = 10**12 + 1
    ranges = {0: (0, 7), 1: (0, many - 1)}
    assert 6 * many <= most_not_above(bounds, (five, x), BITS, Box(ranges)) < 9 * many
    assert most_not_above(bounds, (five, x), BITS - 6, Box(ranges, [[(0, (7, 7))]])) < many


def test_what_is_never_positive_is_everywhere():
    build = Build()
    x = build.integer("x", 0, 9)
    nine = build.const(9)
    bounds = bounds_of(build.problem(None, build.node("le", x, nine)), {})
    for shift in (BITS - 8, BITS, BITS + 40):
        assert most_not_above(bounds, (nine, x), shift, Box({0: (0, 9)})) >= 10


@pytest.mark.parametrize(
    ("shift", "facts", "word"),
    [
        (0, (), "too small"),
        (BITS - 12, (), "too small"),
        (BITS, ([(0, (1, 1))], [(0, (2, 2))]), "one fact"),
        (BITS, ([(0, (1, 1)), (0, (2, 2))],), "another"),
        (BITS, ([(-1, (0, 0))],), "one input each"),
    ],
)
def test_what_is_refused(shift, facts, word):
    build = Build()
    x = build.integer("x", 0, 9)
    nine = build.const(9)
    bounds = bounds_of(build.problem(None, build.node("le", x, nine)), {})
    with pytest.raises(InvalidError, match=word):
        most_not_above(bounds, (nine, x), shift, Box({0: (0, 9)}, facts))


def test_products_of_inputs_have_no_columns():
    build = Build()
    x, y = build.integer("x", 0, 9), build.integer("y", 0, 9)
    product, nine = build.node("mul", "exact", x, y), build.const(9)
    bounds = bounds_of(build.problem(None, build.node("le", product, nine)), {})
    with pytest.raises(InvalidError, match="do not differ by a sum"):
        most_not_above(bounds, (product, nine), BITS, Box({0: (0, 9), 1: (0, 9)}))
