"""Maps in words."""

from dataclasses import replace
from fractions import Fraction as F

import pytest
from scope_samples import MAP, UNFINISHED

from mechverify.mapping.map import Amount, Condition, ScopeSize
from mechverify.report.words.scope import amount_text, amounts_text, counted, summary, where_text


def condition(relation: str, bound: object, **terms: object) -> Condition:
    return Condition(tuple((n, F(str(c))) for n, c in terms.items()), relation, F(str(bound)))


@pytest.mark.parametrize(
    ("where", "text"),
    [
        ([], "everywhere"),
        ([condition("<=", 3, x=1)], "x <= 3"),
        ([condition("<=", 3, x=1), condition(">=", 1, x=1)], "1 <= x <= 3"),
        ([condition(">", 1, t=1), condition("<=", "5/2", t=1)], "1 < t <= 2.5"),
        ([condition("==", 0, x=1, y=-1)], "x == y"),
        ([condition("<=", 0, x=1, y=-1)], "x <= y"),
        ([condition(">=", 1, x=1, y=-1)], "x > y"),
        ([condition("<=", -1, x=1, y=-1)], "x < y"),
        ([condition(">=", 1, t=1, y=-1)], "t - y >= 1"),
        ([condition("<=", 3, x=1, y=-1)], "x - y <= 3"),
        ([condition(">=", 7, x=2, y=3)], "2 * x + 3 * y >= 7"),
        ([condition(">=", 7, x=1, y="-1/3")], "x - 0.333333 * y >= 7 (numbers rounded)"),
        ([condition("<=", 3, x=1), condition("==", 0, x=1, y=-1)], "x <= 3 and x == y"),
    ],
)
def test_conditions(where: list[Condition], text: str) -> None:
    assert where_text(where, {"x", "y"}) == text


def test_summaries() -> None:
    assert summary(MAP) == (
        "holds on all 10 inputs that meet the preconditions",
        "holds on 45 of 90 inputs (50%), fails on the rest",
    )
    assert UNFINISHED.map is not None
    assert summary(UNFINISHED.map) == ("holds on 70 of 100 inputs (70%), fails on 0 (0%), open on 30 (30%)",)


def sized(*sizes: tuple[str, str, int, int, int]) -> tuple[str, ...]:
    return summary(replace(MAP, sizes=tuple(ScopeSize(p, v, Amount(d, F(a), F(b))) for p, v, d, a, b in sizes)))


def test_what_is_not_known_is_a_bracket() -> None:
    assert sized(("inside", "proved", 0, 0, 8), ("inside", "refuted", 0, 2, 2)) == (
        "holds on between 0 and 8 of between 2 and 10 inputs, fails on the rest",
    )
    unplaced = sized(("inside", "proved", 0, 5, 5), ("open", "open", 0, 3, 3), ("outside", "refuted", 0, 2, 2))
    assert unplaced == (
        "holds on 5 of between 5 and 8 inputs, fails on 0, open on between 0 and 3 that meet the preconditions",
        "holds on 0 of between 2 and 5 inputs, fails on 2, open on between 0 and 3",
    )


def test_one_input_is_no_plural() -> None:
    assert sized(("inside", "refuted", 0, 1, 1)) == ("fails on the one input",)
    assert sized(("inside", "proved", 0, 1, 1), ("outside", "proved", 0, 1, 1)) == (
        "holds on the one input that meets the preconditions",
        "holds on the one input",
    )


def test_reals_have_lengths_and_areas_of_their_own_dimension() -> None:
    lines = sized(("inside", "proved", 1, 3, 3), ("outside", "proved", 2, 6, 6), ("outside", "refuted", 2, 2, 2))
    assert lines == (
        "holds everywhere (length 3) where the preconditions hold",
        "holds on area 6 of 8 (75%), fails on the rest",
    )
    assert amount_text(Amount(3, F(1, 4), F(1, 4))) == "volume 0.25"
    assert amount_text(Amount(4, F(1, 4), F(1, 4))) == "volume (4 dimensions) 0.25"


def test_a_line_on_which_it_fails_is_not_hidden_by_an_area_where_it_holds() -> None:
    (line,) = sized(("inside", "proved", 2, 6, 6), ("inside", "refuted", 1, 2, 2), ("inside", "refuted", 0, 1, 1))
    assert line == "holds everywhere (area 6); and where it has no area: fails on length 2, fails on 1 point"
    (plain,) = sized(("inside", "proved", 2, 6, 6), ("inside", "proved", 1, 2, 2))
    assert plain == "holds everywhere (area 6)"
    (mixed,) = sized(("inside", "proved", 2, 6, 6), ("inside", "refuted", 2, 2, 2), ("inside", "proved", 1, 2, 2))
    assert mixed == "holds on area 6 of 8 (75%), fails on the rest; and where it has no area: holds on length 2"


def test_a_count_is_never_rounded() -> None:
    assert amount_text(Amount(0, F(10**30 + 1), F(10**30 + 1))) == f"{10**30 + 1:,}"


def test_shares_are_of_the_same_place() -> None:
    assert amounts_text(MAP, "outside", "proved") == ("45 (50%)",)
    assert counted(MAP, "inside", 0).total == (10, 10)
