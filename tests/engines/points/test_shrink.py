"""Shrunk witnesses still break the claim, are no less simple, and are simple where we know what simple is."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_obligations import points_of, random_obligation

from mechverify.engines.points.judge import PointJudge
from mechverify.engines.points.shrink import Point, _Measured, one_by_one, shrink, simplicity
from mechverify.graph.graph import Input

MILLION = 1_000_000


def integers(count: int, low: int = 0, high: int = MILLION) -> list[Input]:
    return [Input(f"x_{k}", "integer", Fraction(low), Fraction(high)) for k in range(count)]


def reals(count: int) -> list[Input]:
    return [Input(f"x_{k}", "real", Fraction(-10), Fraction(10)) for k in range(count)]


def point(*values: int | str) -> Point:
    return tuple(Fraction(v) for v in values)


CASES: list[tuple[str, Point, Callable[[Point], bool], list[Input], Point]] = [
    ("different", point(812345, 23), lambda p: p[0] != p[1], integers(2), point(0, 1)),
    ("equal and large", point(777777, 777777), lambda p: p[0] == p[1] and p[0] >= 1234, integers(2), point(1234, 1234)),
    ("fixed sum", point(800000, 200000), lambda p: p[0] + p[1] == MILLION, integers(2), point(0, MILLION)),
    ("fixed difference", point(5017, 5000), lambda p: p[0] - p[1] == 17, integers(2), point(17, 0)),
    (
        "two differences among many",
        point(*[0] * 8, 216536, 36242, 845681, 36241, *[0] * 12),
        lambda p: p[10] - p[8] == 629145 and p[9] - p[11] == 1,
        integers(24),
        point(*[0] * 9, 1, 629145, 0, *[0] * 12),
    ),
    ("threshold", point(999999), lambda p: p[0] > 6789, integers(1), point(6790)),
    ("all zero", point(5, 7, 9, 11), lambda p: True, integers(4), point(0, 0, 0, 0)),
    ("low bound", point(900), lambda p: True, integers(1, low=100), point(100)),
    ("negative", point(-731), lambda p: p[0] < -12, integers(1, low=-1000), point(-13)),
    ("fraction", point("1234567/9999991"), lambda p: 0 < p[0] < 1, reals(1), point("1/2")),
    ("thin interval", point("0.3333333"), lambda p: Fraction(1, 4) < p[0] < Fraction(1, 3), reals(1), point("3/10")),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_known_simplest(case: tuple[str, Point, Callable[[Point], bool], list[Input], Point]) -> None:
    _, start, breaks, inputs, simplest = case
    found = shrink(start, one_by_one(breaks), inputs)
    assert breaks(found)
    assert simplicity(found) <= simplicity(simplest), found


@given(st.integers(0, 500), st.randoms(use_true_random=False))
def test_shrunk_points_break_and_are_no_less_simple(seed: int, random: object) -> None:
    obligation = random_obligation(seed, size=4)
    judge = PointJudge(obligation)
    for start in points_of(obligation):
        if judge.breaks(start):
            found = shrink(start, one_by_one(judge.breaks), obligation.graph.inputs, most_calls=200)
            assert judge.breaks(found)
            assert simplicity(found) <= simplicity(start)
            assert found == shrink(start, one_by_one(judge.breaks), obligation.graph.inputs, most_calls=200)
            return


def test_calls_are_bounded_never_repeated_and_within_bounds() -> None:
    asked: list[Point] = []
    inputs = integers(30, low=3)

    def breaks(p: Point) -> bool:
        asked.append(p)
        return len(asked) % 7 == 0

    shrink(tuple(Fraction(1000 + 17 * k) for k in range(30)), one_by_one(breaks), inputs, most_calls=300)
    assert len(asked) <= 300
    assert len(set(asked)) == len(asked)
    assert all(3 <= v <= MILLION and v.denominator == 1 for p in asked for v in p)


def test_nothing_simpler_gives_the_point_back() -> None:
    start = point(813, 402)
    assert shrink(start, one_by_one(lambda p: p == start), integers(2)) == start
    assert shrink((), one_by_one(lambda p: True), []) == ()


@given(st.lists(st.integers(0, MILLION), min_size=1, max_size=8), st.integers(2, 97), st.sampled_from((5, 60, 2000)))
def test_looking_ahead_changes_nothing(values: list[int], modulus: int, most_calls: int) -> None:
    """Points beyond the first that breaks the claim are as if they had not been asked about."""
    inputs = [*integers(len(values)), *reals(1)]
    start = (*point(*values), Fraction(values[0] % 7, 3))

    def breaks(p: Point) -> bool:
        return (int(sum(p)) % modulus) <= (int(sum(start)) % modulus)

    def first_broken(points: Sequence[Point]) -> int | None:
        truths = [breaks(p) for p in points]
        return truths.index(True) if any(truths) else None

    ahead = shrink(start, first_broken, inputs, most_calls=most_calls)
    assert ahead == shrink(start, one_by_one(breaks), inputs, most_calls=most_calls)
    assert all(type(v) is Fraction for v in ahead)


def test_what_is_compared_by_its_differences_is_compared_by_simplicity() -> None:
    random = Random(11)
    numbers: list[int | Fraction] = [*range(-9, 10), *(Fraction(k, 8) for k in (-9, -3, 1, 7, 21))]
    for _ in range(2_000):
        one = tuple(random.choices(numbers, k=random.randint(1, 5)))
        other = tuple(random.choice((v, random.choice(numbers))) for v in one)
        measured = _Measured(one, simplicity(one))
        assert measured.above(other) is (simplicity(other) < simplicity(one))
        assert not measured.above(one)
