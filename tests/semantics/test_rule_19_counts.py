"""SEMANTICS 19: exact counts for boxes, equalities and two free dimensions; otherwise a bracket."""

from pathlib import Path

import pytest
from semantics_tools import IDENTITY, F, builder, obligation, program_spec, verify

from mechverify.engines.integers.counting import count_inputs


def count(ranges: dict[str, tuple[int, int]], *conditions: str) -> tuple[int, int] | None:
    """The count for conditions written in Python over the names of the inputs."""
    b = builder()
    names = {n: b.input(n, "integer", F(low), F(high)) for n, (low, high) in ranges.items()}
    made = []
    for condition in conditions:
        left, op, right = condition.split()
        other = names[right] if right in names else b.const(F(right))
        made.append({"<=": b.le, "<": b.lt, "==": b.eq}[op](names[left], other))
    return count_inputs(obligation(b, b.boolean(True), *made))


@pytest.mark.parametrize(
    ("conditions", "exact"),
    [
        ((), 1001**3), (("x <= 10",), 11 * 1001**2), (("x == y",), 1001**2), (("x == y", "y == z"), 1001),
        (("x < y",), 1001 * 1000 // 2 * 1001), (("x <= y", "x == 5"), 996 * 1001),
    ],
)  # fmt: skip
def test_exact_counts(conditions: tuple[str, ...], exact: int) -> None:
    assert count(dict.fromkeys("xyz", (0, 1000)), *conditions) == (exact, exact)


def test_small_domains_agree_with_listing() -> None:
    ranges = {"x": (0, 6), "y": (-3, 4), "z": (0, 3)}
    listed = sum((x <= y < z) or False for x in range(7) for y in range(-3, 5) for z in range(4))
    assert count(ranges, "x <= y", "y < z") == (listed, listed)


def test_a_bracket_contains_the_count() -> None:
    low, high = count(dict.fromkeys("xyz", (0, 10**6)), "x < y", "y < z")
    n = 10**6 + 1
    assert low <= n * (n - 1) * (n - 2) // 6 <= high
    assert low >= 1


def test_counts_in_results(tmp_path: Path) -> None:
    wide = "x: {integers: 0 .. 1000000}, y: {integers: 0 .. 1000000}"
    rest = "preconditions: {same: x == y}\n"
    counted = verify(tmp_path, program_spec(tmp_path, IDENTITY, wide, {"c": "x == y"}, rest))["c"].counts
    assert counted.total == counted.proved == (1000001, 1000001)
    real = "x: {integers: 0 .. 3}, y: {integers: 0 .. 3}, r: {reals: 0 .. 1}"
    assert verify(tmp_path, program_spec(tmp_path, IDENTITY, real, {"c": "r <= 1"}))["c"].counts.total is None
    listed = "x: {one_of: [1, 5, 7]}, y: {integers: 0 .. 0}"
    assert verify(tmp_path, program_spec(tmp_path, IDENTITY, listed, {"c": "x != 3"}))["c"].counts.total == (3, 3)
