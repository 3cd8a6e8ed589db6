"""Maps in which what fails is counted alone: accepted by the kernel, and true of every class, by listing its points."""

import random
from fractions import Fraction
from itertools import product

import pytest
from attention_tools import head
from kernel_tools import accepted, answer, execute

from mechverify.kernel.api import read_problem
from mechverify.kernel.search import Prepared
from mechverify.mapping import sums
from mechverify.mapping.counting import Counting
from mechverify.mapping.making import map_certificate
from mechverify.mapping.search import Limits
from mechverify.mapping.sums import find_map_by_sums
from mechverify.mapping.tree import has_counted, leaves
from mechverify.probability.of_map import leaves_of


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch):
    monkeypatch.setattr(sums, "_FEWEST_POINTS", 1)
    monkeypatch.setattr(sums, "_MOST_POINTS", 1)


def problem_of(seed, length=3, vocabulary=5, sharp=1):
    one = head(random.Random(seed), length, vocabulary, sharp=sharp)
    floor = one.build.node("le", one.build.const(seed % 3), one.largest)
    return one.build.problem(floor, one.argmax_is_largest())


def truths(problem):
    """Whether each point is inside, and whether the claim holds there."""
    rng, found = random.Random(0), {}
    for point in product(*(range(int(low), int(high) + 1) for *_, low, high in problem["inputs"])):
        values = execute(problem, [Fraction(x) for x in point], rng)
        found[point] = values[problem["assumption"]], values[problem["claim"]]
    return found


def own_points(part, points):
    """The points of a part, of those that it cuts off alone."""
    found = [p for p in points if all(_inside(f, p) for f in part.region.parts())]
    if part.counted is None or part.counted.cut is None:
        return found
    inputs, bound = part.counted.cut
    return [p for p in found if any(p[k] > bound for k in inputs)]


def _inside(factor, point):
    values = [corner[1] // corner[0] for corner in factor.corners]
    return min(values) <= point[factor.inputs[0]] <= max(values)


@pytest.mark.parametrize("seed", range(5))
def test_every_class_is_told_truly(seed):
    problem = problem_of(seed)
    found = find_map_by_sums(Prepared(read_problem(problem)), Limits())
    assert found is not None
    assert found.finished
    assert has_counted(found.root)
    file = map_certificate(problem, found)
    assert accepted(file), answer(file)
    at, seen, rare = truths(problem), 0, 0
    for part in leaves(found.root):
        own = own_points(part, at)
        seen += len(own)
        wrong = 0
        for p in own:
            inside, holds = at[p]
            assert part.place == "open" or inside is (part.place == "inside")
            wrong += part.label != "open" and holds is not (part.label == "proved")
        assert part.counted is not None
        assert wrong <= part.counted.most
        rare += wrong
    assert seen == len(at)
    assert rare or seed
    told = {tuple(row[:2]): (int(row[3]), int(row[4])) for row in file["sizes"]}
    holding = sum(inside and holds for inside, holds in at.values())
    low, high = told["inside", "proved"]
    assert low <= holding <= high + told.get(("inside", "open"), (0, 0))[1]


def test_boxes_of_what_is_counted_are_disjoint_and_cover():
    problem = problem_of(1)
    prepared = Prepared(read_problem(problem))
    found = find_map_by_sums(prepared, Limits())
    assert found is not None
    steps = map_certificate(problem, found)["steps"]
    boxes = list(leaves_of(prepared.problem, steps))
    at = truths(problem)
    for p in at:
        (own,) = [one for one in boxes if all(_inside(f, p) for f in one.region.parts())]
        if own.verdict != "open":
            assert at[p] == (own.place == "inside", own.verdict == "proved")
    assert {one.verdict for one in boxes} == {"open", "proved"}
    assert not list(leaves_of(prepared.problem, steps, counted=False))


def test_what_work_ends_is_open():
    problem = problem_of(2)
    found = find_map_by_sums(Prepared(read_problem(problem)), Limits(parts=8))
    assert found is not None
    assert not found.finished
    file = map_certificate(problem, found)
    assert accepted(file), answer(file)
    assert {tuple(row[:2]) for row in file["sizes"]} >= {("open", "open"), ("inside", "proved")}


def test_few_points_are_found_and_not_counted(monkeypatch):
    monkeypatch.setattr(sums, "_MOST_POINTS", 1 << 28)
    monkeypatch.setattr(Counting, "run", lambda *_: pytest.fail("counted"))
    found = find_map_by_sums(Prepared(read_problem(problem_of(0))), Limits())
    assert found is not None
    assert not has_counted(found.root)
