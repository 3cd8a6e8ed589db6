"""Parts of a map whose label is shown by comparisons of sums."""

import random
from fractions import Fraction

import pytest
from attention_tools import head, truths_at
from kernel_tools import accepted, answer, execute, reject
from map_tools import listed_sizes, map_file

TOP = 2


def told(one, floor):
    """The map of a head, every point a part: its problem, and its steps in preorder."""
    build = one.build
    problem = build.problem(build.node("le", build.const(floor), one.largest), one.argmax_is_largest())
    rng, steps = random.Random(0), []

    def cut(k, low, high, point):
        if low < high:
            steps.append(["split", [["1", k]], str(low)])
            cut(k, low, low, point)
            cut(k, low + 1, high, point)
        elif k < one.asking:
            cut(k + 1, 0, TOP, [*point, low])
        else:
            values = execute(problem, [Fraction(x) for x in [*point, low]], rng)
            place = "inside" if values[problem["assumption"]] else "outside"
            verdict = "proved" if values[problem["claim"]] else "refuted"
            (_, true), (_, false) = truths_at(problem, values)
            alike = [v for v in true if problem["nodes"][v][0] != "eq"]
            later = [v for v in true if v not in alike]
            steps.append(["part", place, verdict, [one.asking], [["true", alike], ["false", false], ["true", later]]])

    cut(0, 0, TOP, [])
    return problem, steps


@pytest.fixture(scope="module")
def whole():
    one = head(random.Random(5), 3, TOP + 1, sharp=1)
    return told(one, 1)


def test_every_label_is_shown(whole):
    problem, steps = whole
    file = map_file(problem, steps, listed_sizes(problem))
    assert accepted(file), answer(file)
    labels = {tuple(step[1:3]) for step in steps if step[0] == "part"}
    assert {("inside", "proved"), ("inside", "refuted")} <= labels


def test_no_other_label_is(whole):
    problem, steps = whole
    sizes = listed_sizes(problem)
    rng = random.Random(1)
    parts = [i for i, step in enumerate(steps) if step[0] == "part"]
    for i in rng.sample(parts, 12):
        step = steps[i]
        other = {"proved": "refuted", "refuted": "proved"}[step[2]]
        reject(
            map_file(problem, [*steps[:i], [step[0], step[1], other, *step[3:]], *steps[i + 1 :]], sizes),
            "not shown",
            i,
        )
        place = {"inside": "outside", "outside": "inside"}[step[1]]
        reject(map_file(problem, [*steps[:i], ["part", place, *step[2:]], *steps[i + 1 :]], sizes), "not shown", i)


def test_what_a_part_may_say(whole):
    problem, steps = whole
    sizes = listed_sizes(problem)
    at = next(i for i, step in enumerate(steps) if step[0] == "part")
    held, groups = steps[at][3:]
    wrong = [["false" if word == "true" else "true", nodes] for word, nodes in groups]
    for rest, word in [
        ([held], "fields"),
        ([held, groups, []], "fields"),
        ([[7], groups], "index"),
        ([[2, 2], groups], "input 2"),
        ([held, wrong], "not shown"),
        ([held, []], "not shown by its comparisons"),
        ([held, [["true", [problem["claim"]]]]], "no comparison"),
        ([None, groups], ""),
        ([held, None], ""),
    ]:
        reject(map_file(problem, [*steps[:at], [*steps[at][:3], *rest], *steps[at + 1 :]], sizes), word, at)


def test_a_held_input_has_one_value_in_the_part(whole):
    problem, steps = whole
    part = next(step for step in steps if step[0] == "part")
    reject(map_file(problem, [part], listed_sizes(problem)), "input 2", 0)


def test_a_larger_part_is_not_told_by_the_truths_at_one_point(whole):
    """What holds at one point of a part is not shown on the whole of it."""
    problem, steps = whole
    part = next(step for step in steps if step[0] == "part" and step[1:3] == ["inside", "refuted"])
    cut = [["split", [["1", 2]], "0"], part, ["split", [["1", 2]], "1"], part, part]
    reject(map_file(problem, cut, listed_sizes(problem)), "is not shown")
