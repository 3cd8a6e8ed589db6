"""Maps of claims about sums of functions of one input each: accepted by the kernel, and as listing every point has it."""

import random

import pytest
from attention_tools import head
from kernel_tools import Build, accepted, answer
from map_tools import listed_sizes, map_file

from mechverify.kernel.api import read_problem
from mechverify.kernel.search import Prepared
from mechverify.mapping import sums
from mechverify.mapping.making import map_certificate
from mechverify.mapping.search import Limits
from mechverify.mapping.sums import find_map_by_sums, find_map_for


@pytest.mark.parametrize("seed", range(4))
def test_the_sizes_are_those_of_all_points(seed, monkeypatch):
    monkeypatch.setattr(sums, "_FEWEST_POINTS", 1)
    one = head(random.Random(seed), 3, 4, sharp=1 + seed % 2)
    at_least = one.build.node("le", one.build.const(seed % 3), one.largest)
    problem = one.build.problem(at_least, one.argmax_is_largest())
    found = find_map_by_sums(Prepared(read_problem(problem)), Limits())
    assert found is not None
    assert found.finished
    file = map_certificate(problem, found)
    assert accepted(file), answer(file)
    inside = [row for row in listed_sizes(problem) if row[0] == "inside"]
    told = [[*row[:3], int(row[3]), int(row[4])] for row in file["sizes"]]
    assert [row for row in told if row[0] == "inside"] == inside
    listed = {row[0]: 0 for row in listed_sizes(problem)}
    for row in listed_sizes(problem):
        listed[row[0]] += row[3]
    assert sum(row[3] for row in told if row[0] == "outside") == listed.get("outside", 0)


def test_what_is_left_undecided_is_open(monkeypatch):
    monkeypatch.setattr(sums, "_FEWEST_POINTS", 1)
    one = head(random.Random(0), 3, 4, sharp=1)
    problem = one.build.problem(None, one.argmax_is_largest())
    found = find_map_by_sums(Prepared(read_problem(problem)), Limits(parts=0))
    assert found is not None
    assert not found.finished
    file = map_certificate(problem, found)
    assert accepted(file), answer(file)
    assert {tuple(row[:2]) for row in file["sizes"]} >= {("open", "open"), ("inside", "proved")}


def test_other_problems_are_cut_as_before():
    build = Build()
    x, y = build.integer("x", 0, 999), build.integer("y", 0, 999)
    problem = build.problem(
        None, build.node("le", build.node("relu", build.affine(0, (1, x), (-1, y))), build.const(5))
    )
    prepared = Prepared(read_problem(problem))
    assert find_map_by_sums(prepared, Limits()) is None
    found = find_map_for(prepared, Limits())
    file = map_certificate(problem, found)
    assert accepted(file)
    assert file == map_file(problem, file["steps"], [[*row[:3], int(row[3]), int(row[4])] for row in file["sizes"]])
