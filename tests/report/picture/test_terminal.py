"""Maps in characters."""

from dataclasses import replace

from scope_samples import FAILED, MAP, MAPPED, UNFINISHED, X, on_a_line, wide

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
