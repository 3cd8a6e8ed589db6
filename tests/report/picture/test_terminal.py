"""Maps in characters."""

from dataclasses import replace
from fractions import Fraction as F

import pytest
from scope_samples import FAILED, MAP, MAPPED, UNFINISHED, X, on_a_line, part, wide, with_few_failing

from mechverify.report.picture.terminal import terminal_map


def test_each_point_of_a_small_domain_has_its_sign() -> None:
    rows = terminal_map(MAPPED.map)
    body = [row[-10:] for row in rows[:10]]
    assert body[0] == "·········█"
    assert body[-1] == "█▒▒▒▒▒▒▒▒▒"
    assert rows[0].startswith("9 ")
    assert rows[-2].split() == ["0", "x", "9"]
    assert rows[-1].strip() == "█ holds, ▒ holds outside the preconditions, · fails outside them"


def test_a_thin_part_inside_is_seen_in_a_large_domain() -> None:
    rows = terminal_map(wide(MAPPED, 100_000).map)
    assert len(rows) == 22
    assert all("█" in row for row in rows[:20])
    assert rows[0].split()[0] == "900,000"


def test_open_parts_and_lines() -> None:
    assert "?" in terminal_map(wide(UNFINISHED, 1000).map)[0]
    assert terminal_map(on_a_line().map)[0].strip() == "█████×××××"


def test_none_over_more_inputs() -> None:
    third = tuple(replace(X, name=name) for name in "xyz")
    assert terminal_map(replace(MAP, inputs=third)) == []
    assert FAILED.map is None


@pytest.mark.parametrize(
    ("verdict", "place", "sign"),
    [("refuted", "inside", "×"), ("open", "inside", "?"), ("refuted", "outside", "·"), ("refuted", "open", "?")],
)
def test_one_point_that_fails_or_is_open_shows_in_its_cell(verdict: str, place: str, sign: str) -> None:
    rows = terminal_map(with_few_failing(verdict, place).map)
    assert [row.count(sign) for row in rows[:20]] == [0] * 19 + [1]
    assert rows[19].index(sign) == len("1,000 ") + 777 * 48 // 1000
    assert f"{sign} " in rows[-1]
    assert not any(" " in row[len("1,000 ") :] for row in rows[:20])


def test_what_fails_from_a_border_of_cells_up_is_not_in_the_cell_below() -> None:
    found = on_a_line().map
    parts = (
        replace(found.parts[0], corners=((0.0,), (4.5,))),
        replace(found.parts[1], corners=((4.5,), (9.0,))),
    )
    real = replace(found, inputs=(replace(X, integer=False),), parts=parts)
    assert terminal_map(real)[0].strip() == "█" * 24 + "×" * 24


def test_few_integers_have_a_column_each_beside_many() -> None:
    few, many = replace(X, high=F(2)), replace(X, name="y", high=F(1000))
    parts = [
        part("inside", verdict, 1001, (), ((float(x), 0.0), (float(x), 1000.0)))
        for x, verdict in enumerate(("proved", "refuted", "open"))
    ]
    rows = terminal_map(replace(MAP, inputs=(few, many), parts=tuple(parts)))
    assert all(row.endswith(" █×?") for row in rows[:20])
