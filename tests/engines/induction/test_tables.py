"""Members as functions of sums and of each other: guessed where they hold at all points, and written so that they do."""

from fractions import Fraction

import numpy as np
import pytest

from mechverify.engines.induction.tables import Case, Function, bent, tables
from mechverify.kernel.api import evaluate_point, read_problem
from mechverify.kernel.search import open_path, take_step

F = Fraction
SUM = ((F(1), 0), (F(2), 1))


def value(function: Function, key: int) -> Fraction:
    for case in function.cases[:-1]:
        if key <= case.bound if case.relation == "le" else key == case.bound:
            return case.slope * key + case.offset
    return function.cases[-1].slope * key + function.cases[-1].offset


def columns(count: int = 300) -> dict[int, np.ndarray]:
    random = np.random.default_rng(3)
    return {k: random.integers(0, 6, count) for k in range(2)}


@pytest.mark.parametrize("limit", [1, 3, 7])
def test_a_sum_that_stops_and_one_that_starts_late(limit: int) -> None:
    values = columns()
    total = values[0] + 2 * values[1]
    values |= {2: np.minimum(total, limit), 3: np.maximum(total - limit, 0), 4: (total >= limit) * 1, 5: total % 2}
    found = {f.member: f for f in bent(values, [SUM], [2, 3, 4, 5])}
    assert set(found) >= {2, 3}
    assert 5 not in found
    for f in found.values():
        assert all(value(f, int(t)) == v for t, v in zip(total, values[f.member], strict=True))


def test_where_two_pieces_meet_between_the_points() -> None:
    """At totals 0, 2, 4, 10, 12, 14 a sum that stops at 7 was not seen near 7; its pieces tell where it turns."""
    total = np.array([0, 2, 4, 10, 12, 14])
    (found,) = bent({0: total, 1: np.minimum(total, 7)}, [((F(1), 0),)], [1])
    assert [(c.relation, c.bound, c.slope, c.offset) for c in found.cases[:1]] == [("le", 7, 1, 0)]


def test_states_numbered_in_two_ways() -> None:
    state = np.random.default_rng(1).integers(0, 3, 200)
    values = {0: state, 1: np.array([7, 3, 5])[state], 2: np.random.default_rng(2).integers(0, 90, 200)}
    (found,) = tables(values, [0, 1, 2], {2})
    assert (found.member, [v for _, v in found.key]) == (1, [0])
    assert [value(found, k) for k in range(3)] == [7, 3, 5]
    assert not tables(values | {1: np.random.default_rng(4).integers(0, 3, 200)}, [0, 1, 2], {2})
    assert not tables(values, [0, 1, 2], {0, 1, 2})


def test_values_that_do_not_occur_are_excluded() -> None:
    (found,) = tables({0: np.array([1, 5, 9, 1, 5])}, [0], set())
    assert found.key == ((F(1), 0),)
    assert [value(found, k) == k for k in (1, 3, 5, 7, 9)] == [True, False, True, False, True]


def test_two_members_together_are_told_as_they_occur() -> None:
    one, other = np.array([0, 0, 1]), np.array([0, 1, 0])
    found = tables({0: one, 1: other, 2: 4 * one + other}, [0, 1, 2], set())
    assert {f.member for f in found} == {0, 1, 2}
    for a, b in ((0, 0), (0, 1), (1, 0)):
        key = [int(c) * v for f in found[:1] for (c, _), v in zip(f.key, (a, b), strict=True)]
        assert [value(f, sum(key)) for f in found] == [a, b, 4 * a + b]


def test_what_is_defined_is_the_function() -> None:
    function = Function(0, SUM, (Case("le", 3, F(1), F(0)), Case("eq", 8, F(0), F(-5)), Case("le", 0, F(1, 2), F(3))))
    nodes, guess = function.defined(5)
    problem = read_problem(
        {
            "format": "mechverify-problem 2",
            "inputs": [["x", "integer", "0", "9"], ["y", "integer", "0", "9"]],
            "nodes": [["input", 0], ["input", 1], ["const", "0"], ["bool", "true"], ["le", 0, 1]],
            "assumption": 3,
            "claim": 4,
        }
    )
    (after,) = take_step(open_path(problem), ["define", nodes])
    assert guess.terms[0] == (F(-1), 0)
    assert guess.terms[1] == (F(1), 5 + len(nodes) - 1)
    for x in range(5):
        for y in range(5):
            found = evaluate_point(after.prepared.problem, [x, y])
            assert found[-1] == (value(function, x + 2 * y),) * 2
