"""Parts of a map that have a label but at points that are counted: accepted where that is so, and rejected elsewhere."""

import random

import pytest
from attention_tools import head
from kernel_tools import Build, accepted, answer, num, reject
from map_tools import listed_sizes, map_file

from mechverify.kernel.api import read_problem
from mechverify.kernel.search import Prepared, Region
from mechverify.mapping import sums
from mechverify.mapping.making import map_certificate
from mechverify.mapping.search import Limits
from mechverify.mapping.sums import find_map_by_sums


@pytest.fixture(scope="module")
def found():
    """The map of a head that often errs, over 216 points: its problem and certificate."""
    one = head(random.Random(0), 3, 6, sharp=1)
    floor = one.build.node("le", one.build.const(1), one.largest)
    problem = one.build.problem(floor, one.argmax_is_largest())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sums, "_FEWEST_POINTS", 1)
        patch.setattr(sums, "_MOST_POINTS", 1)
        mapped = find_map_by_sums(Prepared(read_problem(problem)), Limits())
    assert mapped is not None
    return problem, map_certificate(problem, mapped)


def steps_with(file, at, **changed):
    """The steps with some fields of one of them changed."""
    names = ("rule", "place", "verdict", "held", "groups", "rare", "more", "most", "cut")
    step = [changed.get(name, old) for name, old in zip(names, file["steps"][at], strict=True)]
    return {**file, "steps": [*file["steps"][:at], step, *file["steps"][at + 1 :]]}


def first(file, wanted):
    return next(i for i, step in enumerate(file["steps"]) if step[0] == "mostly" and wanted(step))


def counted(step):
    return int(step[7]) > 0


def test_it_is_accepted_and_the_counts_contain_the_truth(found):
    problem, file = found
    assert accepted(file), answer(file)
    assert any(step[0] == "mostly" and step[5] for step in file["steps"])
    truth = {tuple(row[:2]): row[3] for row in listed_sizes(problem)}
    told = {tuple(row[:2]): (int(row[3]), int(row[4])) for row in file["sizes"]}
    low, high = told["inside", "proved"]
    assert 0 < low <= truth["inside", "proved"] <= high + told["inside", "open"][1]
    assert 0 < truth["inside", "refuted"] <= told["inside", "open"][1]


def test_a_count_that_is_too_small(found):
    _, file = found
    at = first(file, counted)
    for most in ("0", num(int(file["steps"][at][7]) // 2), "-1", "1p-1"):
        reject(steps_with(file, at, most=most), "more points", at)


def test_what_is_counted_must_be_named(found):
    _, file = found
    at = first(file, lambda step: counted(step) and len(step[5]) > 0)
    rare = file["steps"][at][5]
    reject(steps_with(file, at, rare=rare[1:]), "is not shown", at)
    for entry, word in [
        ([rare[0][0], rare[0][1]], ""),
        ([rare[0][0], rare[0][1], 0], "too small"),
        ([rare[0][0], rare[0][1], -1], "index"),
        ([rare[0][0], rare[0][1], 1 << 20], "index"),
        ([rare[0][1], rare[0][0], rare[0][2]], ""),
        ([9999, rare[0][1], rare[0][2]], "index"),
        ([rare[0][0], None, rare[0][2]], ""),
        (["0", rare[0][1], rare[0][2]], ""),
    ]:
        reject(steps_with(file, at, rare=[entry, *rare[1:]]), word, at)


def test_every_pair_counts_by_itself(found):
    """A pair that is named twice is counted twice, and what may fail for one is not granted by another."""
    _, file = found
    at = first(file, counted)
    rare = file["steps"][at][5]
    reject(steps_with(file, at, rare=[*rare, rare[0]]), "more points", at)


def test_no_other_label(found):
    _, file = found
    at = first(file, lambda step: step[1:3] == ["inside", "proved"])
    reject(steps_with(file, at, verdict="refuted"), "label is not shown", at)
    reject(steps_with(file, at, place="outside"), "place is not shown", at)
    reject(steps_with(file, at, place="apart"), "place and a verdict", at)
    reject(steps_with(file, at, verdict="mostly"), "place and a verdict", at)
    reject(steps_with(file, at, more=[]), "label is not shown", at)


def test_the_place_is_shown_before_anything_is_counted(found):
    _, file = found
    at = first(file, lambda step: counted(step) and step[4])
    groups, more = file["steps"][at][4], file["steps"][at][6]
    reject(steps_with(file, at, groups=[], more=[*groups, *more]), "place is not shown", at)


def test_nothing_is_counted_where_no_verdict_is_told(found):
    _, file = found
    at = first(file, counted)
    reject(steps_with(file, at, verdict="open"), "nothing to count", at)


def test_sizes_are_those_of_the_counts(found):
    _, file = found
    at = first(file, counted)
    more = num(int(file["steps"][at][7]) + 1)
    reject(steps_with(file, at, most=more), "sizes stated")
    reject({**file, "sizes": file["sizes"][1:]}, "sizes stated")


def test_what_is_cut_off(found):
    _, file = found
    at = first(file, lambda step: step[8])
    inputs, bound = file["steps"][at][8]
    for cut, word in [
        ([[*inputs, inputs[0]], bound], "named twice"),
        ([[*inputs, 2], bound], "held, or named twice"),
        ([inputs, "7"], "nothing off, or all"),
        ([inputs, "-1"], "nothing off, or all"),
        ([[], bound], "nothing off, or all"),
        ([inputs, "1p-1"], "no integer"),
        ([inputs], ""),
        ([[9], bound], "index"),
        (None, ""),
    ]:
        reject(steps_with(file, at, cut=cut), word, at)
    assert not accepted(steps_with(file, at, cut=[], verdict="open", rare=[], more=[], most="0"))


def test_fewer_inputs_cut_off_less_and_show_less(found):
    """That one of all tokens is large is no ground for one of two being so."""
    _, file = found
    at = first(file, lambda step: step[8] and step[2] == "proved")
    inputs, bound = file["steps"][at][8]
    assert not accepted(steps_with(file, at, cut=[inputs[:-1], bound]))


def test_a_map_that_ends_too_early(found):
    _, file = found
    reject({**file, "steps": file["steps"][:-1]}, "left open")


def test_only_boxes_of_integers():
    build = Build()
    x, y, z = build.integer("x", 0, 5), build.integer("y", 0, 5), build.real("z", 0, 1)
    five = build.const(5)
    claim = build.node("le", x, five)
    step = ["mostly", "inside", "proved", [], [], [], [["true", [claim]]], "0", []]
    whole = [["inside", "proved", 0, 36, 36]]
    reject(map_file(build.problem(None, claim), [step], whole), "integers alone", 0)
    assert y < z
    build = Build()
    x, y = build.integer("x", 0, 5), build.integer("y", 0, 5)
    claim = build.node("le", x, build.const(5))
    problem = build.problem(None, claim)
    step[6] = [["true", [claim]]]
    assert accepted(map_file(problem, [step], whole))
    tied = [["split", [["1", 0], ["1", 1]], "5"], step, step]
    reject(map_file(problem, tied, whole), "no box", 1)
    assert Region.start(read_problem(problem).inputs).size().high == 36
    void = [["split", [["1", 0]], "9"], step, step]
    reject(map_file(problem, void, whole), "empty", 2)


def test_a_problem_with_a_domain_is_not_told_of(found):
    problem, file = found
    apart = {**problem, "domain": problem["claim"]}
    at = first(file, lambda step: step[1] == "inside")
    reject({**file, "problem": apart}, "place is not shown", at)
