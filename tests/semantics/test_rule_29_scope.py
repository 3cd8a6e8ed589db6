"""SEMANTICS 29: every point is in one part, inside the preconditions or outside, and outside the claim is the same."""

from itertools import product
from pathlib import Path

import pytest
from claim_jobs import jobs_of
from map_making import certificate_of, sizes_by_label
from semantics_tools import program_spec

from mechverify.engines.certificates.problem import problem_data
from mechverify.kernel.api import check_data, read_problem
from mechverify.kernel.search import Prepared
from mechverify.mapping.problem import map_problem
from mechverify.mapping.search import Limits, find_map

DIFFERENCE = "def f(x, y):\n    out = max(x - y, 0)\n    return out\n"
SQUARE = "x: {integers: -5 .. 6}, y: {integers: -4 .. 7}"


def sizes(folder: Path, inputs: str, claim: str, *conditions: str, source: str = DIFFERENCE):
    """The exact sizes of a claim's map, which the kernel has checked."""
    rest = "".join(f"  p{k}: {c!r}\n" for k, c in enumerate(conditions))
    text = program_spec(folder, source, inputs, {"c": claim}, "preconditions:\n" + rest if rest else "")
    problem = map_problem(jobs_of(folder, text)["c"].compiled)
    mapped = find_map(Prepared(read_problem(problem)), Limits())
    file = certificate_of(problem, mapped)
    assert check_data(file).answer == "valid"
    found = sizes_by_label(file)
    assert all(low == high for low, high in found.values())
    return {label: low for label, (low, _) in found.items()}


def test_inside_and_outside_are_told_apart(tmp_path: Path) -> None:
    points = list(product(range(-5, 7), range(-4, 8)))
    inside = [(x, y) for x, y in points if x >= y and x != 2]
    right = [(x, y) for x, y in points if max(x - y, 0) <= 3]
    assert sizes(tmp_path, SQUARE, "network.out <= 3", "x >= y", "x != 2") == {
        ("inside", "proved"): len(set(inside) & set(right)),
        ("inside", "refuted"): len(set(inside) - set(right)),
        ("outside", "proved"): len(set(right) - set(inside)),
        ("outside", "refuted"): len(set(points) - set(right) - set(inside)),
    }


@pytest.mark.parametrize("condition", ["x == y", "x + 2 * y == 1", "abs(x) == 3"])
def test_an_equality_leaves_points_of_one_dimension(tmp_path: Path, condition: str) -> None:
    points = product(range(-5, 7), range(-4, 8))
    inside = sum(eval(condition, {"x": x, "y": y, "abs": abs}) for x, y in points)  # noqa: S307
    found = sizes(tmp_path, SQUARE, "network.out <= 3", condition)
    assert sum(n for (place, _), n in found.items() if place == "inside") == inside
    assert sum(found.values()) == 144


def test_values_that_an_input_does_not_list_are_no_points(tmp_path: Path) -> None:
    found = sizes(tmp_path, "x: {one_of: [-5, 0, 6]}, y: {integers: 0 .. 3}", "network.out <= 3", "y <= 2")
    assert found.pop(("apart", "open")) == 9 * 4
    assert found == {
        ("inside", "proved"): 6,
        ("inside", "refuted"): 3,
        ("outside", "proved"): 3,
    }


def test_where_a_precondition_has_no_value_the_claim_fails(tmp_path: Path) -> None:
    found = sizes(
        tmp_path, "x: {integers: 0 .. 6}, y: {integers: 0 .. 0}", "x <= 6", "x <= 3", "[1, 2, 3, 4, 5, 6][x] > 0"
    )
    assert found == {("inside", "proved"): 4, ("inside", "refuted"): 1, ("outside", "proved"): 2}


def test_the_problem_of_a_plain_map_is_that_of_the_proof(tmp_path: Path) -> None:
    text = program_spec(tmp_path, DIFFERENCE, SQUARE, {"c": "network.out <= 3"}, "preconditions:\n  p: x <= y\n")
    compiled = jobs_of(tmp_path, text)["c"].compiled
    assert map_problem(compiled) == problem_data(compiled.obligation)
