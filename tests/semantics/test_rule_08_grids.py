"""SEMANTICS 8: the error is zero on a grid, as far as the sum of absolute terms allows."""

from pathlib import Path

import pytest
from semantics_tools import F, builder, dense, verdict_of, verdicts, verify


def sum_of(values: list[int], *, spread: int = 0, scale: int = 1, seconds: float = 15.0) -> str:
    """The verdict on: a float32 sum of integers (times 1/scale) is exact."""
    b = builder()
    inputs = [b.input(f"x_{i}", "integer", F(v - spread), F(v)) for i, v in enumerate(values)]
    terms = [(F(1, scale), x) for x in inputs]
    claim = b.eq(b.affine(terms, 0, "float32"), b.affine(terms))
    return verdict_of(b, claim, seconds=seconds)


@pytest.mark.parametrize(
    ("values", "exact"),
    [
        ([2**23, 2**23], True),
        ([2**24 - 2, -1, 1], True),
        ([2**24 - 1, -(2**24 - 1), 2], False),
        ([2**24 - 1, 2], False),
        ([2, 2**24 - 1, -(2**24 - 1)], False),
    ],
)
def test_the_sum_of_absolute_terms_counts(values: list[int], exact: bool) -> None:
    assert (sum_of(values, seconds=15.0 if exact else 0.4) == "PROVED") is exact


def test_on_a_box_the_largest_absolute_values_count() -> None:
    assert sum_of([1000, 1000], spread=2000) == "PROVED"
    assert sum_of([2**23, 2**23], spread=2**23) == "PROVED"
    assert sum_of([2**23, 2**23 + 1], spread=2**23, seconds=0.4) != "PROVED"


def test_dyadic_grids_and_no_others() -> None:
    assert sum_of([1000, 1001], spread=10, scale=2**10) == "PROVED"
    assert sum_of([2**20, 2**20], spread=10, scale=2**10) == "PROVED"
    assert sum_of([1000, 1001], spread=10, scale=10, seconds=0.4) != "PROVED"


def test_an_integer_network_is_exact_below_two_to_the_24(tmp_path: Path) -> None:
    dense(tmp_path / "m.onnx", [([[3, -5], [-2, 7]], [1, 2]), ([[2, -3]], [4])])
    text = (
        "model: {onnx: m.onnx, feed: {x: [a, b]}}\ninputs: {a: {integers: 0 .. 1000}, b: {integers: 0 .. 1000}}\n"
        "explanation:\n  variables:\n    h: {value: 'max(3 * a - 5 * b + 1, 0)'}\n"
        "    k: {value: 'max(7 * b - 2 * a + 2, 0)'}\n    o: {located_at: 'output[0]', value: 2 * h - 3 * k + 4}\n"
        "claims: {exact: {always: network.o == o}, off: {always: network.o == o + 1}}\n"
    )
    assert verdicts(verify(tmp_path, text)) == {"exact": "PROVED", "off": "REFUTED"}
    dense(tmp_path / "m.onnx", [([[30000, -50000], [-20000, 70000]], [1, 2]), ([[2, -3]], [4])])
    text = text.replace("3 * a - 5 * b", "30000 * a - 50000 * b").replace("7 * b - 2 * a", "70000 * b - 20000 * a")
    assert verify(tmp_path, text, claims=("exact",), timeout=0.5)["exact"].verdict != "PROVED"
