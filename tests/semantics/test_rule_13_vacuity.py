"""SEMANTICS 13: a proof needs a point that meets the preconditions; otherwise a proof of emptiness, or OPEN
(vacuity)."""

from pathlib import Path

import pytest
from semantics_tools import expressions, verdicts

from mechverify.deciding import portfolio

WIDE = "x: {integers: -1000000 .. 1000000}, y: {integers: -1000000 .. 1000000}"
REAL = "x: {integers: 0 .. 0}, y: {integers: 0 .. 0}, r: {reals: 0 .. 2}"


def test_irrational_points_are_not_found_and_not_denied(tmp_path: Path) -> None:
    results = expressions(tmp_path, REAL, {"right": "x == 0", "near": "r >= 1"}, "preconditions: {root: r * r == 2}\n", timeout=0.4)
    assert verdicts(results) == {"right": "OPEN (vacuity)", "near": "OPEN (vacuity)"}


def test_parity_is_proved_empty_although_its_relaxation_is_not(tmp_path: Path) -> None:
    results = expressions(tmp_path, WIDE, {"right": "x == x", "wrong": "x > y + 5"}, "preconditions: {odd: 2 * x == 2 * y + 1}\n")
    assert verdicts(results) == {"right": "VACUOUS", "wrong": "VACUOUS"}
    assert all(r.assurance == "checked" for r in results.values())
    assert results["right"].counts.total == (0, 0)


@pytest.mark.parametrize("condition", ["x > 1000000", "x < y and y < x", "x != x", "x * x < 0"])
def test_contradictions(tmp_path: Path, condition: str) -> None:
    results = expressions(tmp_path, WIDE, {"c": "x <= 1000000", "f": "x > y"}, f"preconditions: {{p: {condition!r}}}\n")
    assert verdicts(results) == {"c": "VACUOUS", "f": "VACUOUS"}


def test_a_single_point_is_enough(tmp_path: Path) -> None:
    rest = "preconditions: {one: x == 999983 and y == -999979}\n"
    results = expressions(tmp_path, WIDE, {"c": "x + y == 4", "f": "x + y == 5"}, rest)
    assert verdicts(results) == {"c": "PROVED", "f": "REFUTED"}


def test_no_proof_without_a_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no point is found, steps that would pass are worth nothing."""
    monkeypatch.setattr(portfolio, "find_inhabitant", lambda *_: None)
    monkeypatch.setattr(portfolio._Portfolio, "_searched_inhabitant", lambda _: None)
    results = expressions(tmp_path, "x: {integers: 0 .. 9}, y: {integers: 0 .. 9}", {"c": "x <= 9"}, timeout=1.0)
    assert verdicts(results) == {"c": "OPEN (vacuity)"}
