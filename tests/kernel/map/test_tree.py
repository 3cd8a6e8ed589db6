"""Certificates of kind map: those that the kernel takes, and those that it must not."""

import copy
import random
from collections import Counter
from fractions import Fraction
from itertools import product

import pytest
from kernel_tools import Build, answer, num, reject
from map_tools import DIFFERENCE, DIFFERENCE_STEPS, difference_problem, listed_sizes, map_file

from mechverify.kernel.api import check_data
from mechverify.kernel.map.region import Region
from mechverify.kernel.map.tree import Tally
from mechverify.kernel.reading.node import Input


def good():
    problem = difference_problem()
    return map_file(problem, copy.deepcopy(DIFFERENCE_STEPS), listed_sizes(problem))


def real_good():
    """The same over reals, where the second side of a split is open. Of the square of 81: 27 outside."""
    problem = difference_problem(kind="real")
    steps = copy.deepcopy(DIFFERENCE_STEPS)
    steps[0] = ["split", [["-1", 0]], "-3"]
    inside = steps[4:]
    outside = [["part", "outside", step[2]] if step[0] == "part" else step for step in inside]
    sizes = [
        ["inside", "proved", 2, 30, 30],
        ["inside", "refuted", 2, 24, 24],
        ["outside", "proved", 2, Fraction(53, 2), Fraction(53, 2)],
        ["outside", "refuted", 2, Fraction(1, 2), Fraction(1, 2)],
    ]
    return map_file(problem, [steps[0], *inside, *outside], sizes)


def test_a_map_is_taken():
    found = answer(good())
    assert (found.answer, found.kind, found.steps, found.at) == ("valid", "map", 9, None)
    assert found.operations > 0


def test_wrong_labels_are_rejected():
    for k, step in enumerate(DIFFERENCE_STEPS):
        if step[0] != "part":
            continue
        for place in ("inside", "outside", "apart"):
            for verdict in ("proved", "refuted"):
                if [place, verdict] != step[1:]:
                    file = good()
                    file["steps"][k] = ["part", place, verdict]
                    reject(file, "", k)


def test_a_part_may_say_less_than_is_known_and_its_size_moves_with_it():
    file = good()
    file["steps"][5] = ["part", "inside", "open"]
    reject(file, "sizes")
    file["steps"][5] = ["part", "open", "proved"]
    reject(file, "sizes")
    file["sizes"] = [
        ["inside", "proved", 0, "13", "13"],
        ["inside", "refuted", 0, "21", "21"],
        ["open", "proved", 0, "36", "36"],
        ["outside", "proved", 0, "30", "30"],
    ]
    reject(file, "sizes")
    inside = sum(x > 2 and 0 < x - y <= 2 for x in range(10) for y in range(10))
    refuted = sum(x > 2 and x - y > 2 for x in range(10) for y in range(10))
    unplaced = sum(2 < x <= y for x in range(10) for y in range(10))
    file["sizes"] = [
        ["inside", "proved", 0, str(inside), str(inside)],
        ["inside", "refuted", 0, str(refuted), str(refuted)],
        ["open", "proved", 0, str(unplaced), str(unplaced)],
        ["outside", "proved", 0, "30", "30"],
    ]
    assert answer(file).answer == "valid"


def test_a_truth_value_is_no_dimension():
    file = good()
    file["sizes"][0][2] = False
    reject(file, "sizes")


@pytest.mark.parametrize("column", [3, 4])
@pytest.mark.parametrize("change", [-1, 1])
def test_a_size_off_by_one_is_rejected(column, change):
    for k in range(len(good()["sizes"])):
        file = good()
        file["sizes"][k][column] = str(int(file["sizes"][k][column]) + change)
        reject(file, "sizes")


def test_sizes_have_one_spelling():
    sizes = good()["sizes"]
    for wrong in (sizes[:-1], [*sizes, sizes[-1]], sizes[::-1], [*sizes, ["open", "open", 0, "0", "0"]], []):
        reject({**good(), "sizes": wrong}, "sizes")
    assert answer({**good(), "sizes": {}}).answer == "unreadable"


def test_parts_that_are_left_out_or_left_over_are_rejected():
    steps = good()["steps"]
    reject({**good(), "steps": steps[:-1]}, "left open", len(steps) - 1)
    reject({**good(), "steps": [*steps, steps[-1]]}, "left over", len(steps))
    reject({**good(), "steps": []}, "left open", 0)
    for k, step in enumerate(steps):
        if step[0] == "part":
            reject({**good(), "steps": [*steps[:k], ["empty"], *steps[k + 1 :]]}, "empty", k)


def test_a_cut_in_another_place_is_rejected():
    for k, change in ((0, -1), (0, 1), (4, 1), (6, -1), (6, 1)):
        file = good()
        file["steps"][k][2] = str(int(file["steps"][k][2]) + change)
        assert check_data(file).answer == "invalid", (k, change)


@pytest.mark.parametrize(
    "step",
    [
        None,
        [],
        "part",
        [None],
        ["leaf"],
        ["case", 3],
        ["phase", 3],
        ["enumerate"],
        ["part"],
        ["part", "inside"],
        ["part", "inside", "proved", 1],
        ["part", "within", "proved"],
        ["part", "inside", "true"],
        ["part", 1, 2],
        ["part", "apart", "proved"],
        ["part", ["inside"], "proved"],
        ["empty", 1],
    ],
)
def test_other_steps_are_rejected(step):
    file = good()
    file["steps"][2] = step
    reject(file, "", 2)


@pytest.mark.parametrize(
    "step",
    [
        ["split"], ["split", DIFFERENCE], ["split", [], "0"], ["split", [["0", 0]], "0"], ["split", [["1", 2]], "0"],
        ["split", [["1", 0], ["1", 0]], "0"], ["split", [["1p-1", 0]], "0"], ["split", DIFFERENCE, "1/3"],
        ["split", DIFFERENCE, 0], ["split", [[1, 0]], "0"], ["split", [["1", True]], "0"], ["split", DIFFERENCE, "0", 1],
        ["split", [[str(1 << 9000), 0]], "0"],
    ],
)  # fmt: skip
def test_other_splits_are_rejected(step):
    file = good()
    file["steps"][1] = step
    reject(file, "", 1)


def test_an_empty_part_says_so():
    steps = [["split", [["3", 0], ["-3", 1]], "1"], ["split", [["3", 0], ["-3", 1]], "0"]]
    problem = difference_problem()
    small = [*steps, ["part", "open", "open"], ["empty"], ["part", "open", "open"]]
    sizes = [["open", "open", 0, 100, 100]]
    assert answer(map_file(problem, small, sizes)).answer == "valid"
    void = [["split", [["1", 0]], "9"], ["part", "open", "open"], ["empty"]]
    assert answer(map_file(problem, void, sizes)).answer == "valid"
    void[2] = ["part", "open", "open"]
    reject(map_file(problem, void, sizes), "empty", 2)


def test_a_map_over_reals_has_areas():
    assert answer(real_good()).answer == "valid", answer(real_good())
    for k in range(4):
        file = real_good()
        file["sizes"][k][3:] = ["20", "20"]
        reject(file, "sizes")


def test_a_line_of_reals_belongs_to_the_closed_side():
    """x <= 3 where the claim is x < 3: true of the open half and not of the closed one."""
    build = Build()
    x = build.real("x", 0, 5)
    claim = build.node("lt", x, build.const(3))
    problem = build.problem(None, claim)
    right = [["split", [["-1", 0]], "-3"], ["part", "inside", "refuted"], ["part", "inside", "proved"]]
    sizes = [["inside", "proved", 1, 3, 3], ["inside", "refuted", 1, 2, 2]]
    assert answer(map_file(problem, right, sizes)).answer == "valid"
    wrong = [["split", [["1", 0]], "3"], ["part", "inside", "proved"], ["part", "inside", "refuted"]]
    reject(map_file(problem, wrong, sizes), "label", 1)


def test_the_domain_tells_points_apart():
    build = Build()
    x = build.integer("x", 1, 7)
    listed = build.node("or", [build.node("eq", x, build.const(c)) for c in (1, 4, 7)])
    claim = build.node("le", x, build.const(3))
    problem = {**build.problem(None, claim), "domain": listed}
    steps = [
        ["split", [["1", 0]], "1"], ["part", "inside", "proved"],
        ["split", [["1", 0]], "3"], ["part", "apart", "open"],
        ["split", [["1", 0]], "4"], ["part", "inside", "refuted"],
        ["split", [["1", 0]], "6"], ["part", "apart", "open"], ["part", "inside", "refuted"],
    ]  # fmt: skip
    file = map_file(problem, steps, listed_sizes(problem))
    assert answer(file).answer == "valid"
    for k, label in (
        (1, ["apart", "open"]),
        (3, ["inside", "proved"]),
        (3, ["outside", "open"]),
        (5, ["apart", "open"]),
        (3, ["open", "proved"]),
        (7, ["open", "refuted"]),
    ):
        reject({**file, "steps": [*steps[:k], ["part", *label], *steps[k + 1 :]]}, "label", k)
    for wrong in (0, 100, "1", None, True):
        assert answer({**file, "problem": {**problem, "domain": wrong}}).answer == "unreadable"


def test_a_verdict_is_told_only_of_points_known_to_be_of_the_domain():
    """x <= 9 holds on all of 1 .. 7, of which only 1, 4 and 7 count: the whole is not "proved", and nothing is open."""
    build = Build()
    x = build.integer("x", 1, 7)
    listed = build.node("or", [build.node("eq", x, build.const(c)) for c in (1, 4, 7)])
    claim = build.node("le", x, build.const(9))
    problem = build.problem(None, claim)
    whole = [["part", "open", "proved"]]
    assert answer(map_file(problem, whole, [["open", "proved", 0, 7, 7]])).answer == "valid"
    reject(map_file({**problem, "domain": listed}, whole, [["open", "proved", 0, 7, 7]]), "label", 0)
    nothing = map_file({**problem, "domain": listed}, [["part", "open", "open"]], [["open", "open", 0, 7, 7]])
    assert answer(nothing).answer == "valid"


def test_only_a_map_has_a_domain():
    problem = {**difference_problem(), "domain": 5}
    proof = {
        "format": "mechverify-certificate 1", "kind": "proof", "problem": problem, "precision": 96,
        "steps": [["leaf"]], "inhabitant": ["3", "3"],
    }  # fmt: skip
    found = answer(proof)
    assert found.answer == "unreadable"
    assert "domain" in (found.reason or "")


def largest_file(claim_bound: int = 0):
    """max(x, y, z) >= x + bound over a million cubed: cut at its switches, true in every part for bound 0."""
    build = Build()
    x, y, z = (build.integer(n, 0, 10**6) for n in "xyz")
    largest = build.node("max", build.node("max", x, y), z)
    claim = build.node("le", build.affine(claim_bound, (1, x)), largest)
    steps = [
        ["split", [["1", 1], ["-1", 0]], "0"],
        ["split", [["1", 2], ["-1", 0]], "0"],
        ["part", "inside", "proved"],
        ["part", "inside", "proved"],
        ["split", [["1", 2], ["-1", 1]], "0"],
        ["part", "inside", "proved"],
        ["part", "inside", "proved"],
    ]
    every = (10**6 + 1) ** 3
    return map_file(build.problem(None, claim), steps, [["inside", "proved", 0, every, every]])


def test_parts_of_one_label_are_together_what_was_split():
    """No part of three tied inputs of that range has an exact size, all together have."""
    assert answer(largest_file()).answer == "valid"
    for change in (-1, 1):
        file = largest_file()
        file["sizes"][0][3] = file["sizes"][0][4] = str((10**6 + 1) ** 3 + change)
        reject(file, "sizes")
    one_open = largest_file()
    one_open["steps"][2] = ["part", "inside", "open"]
    reject(one_open, "sizes")
    reject(largest_file(1), "label", 2)


def test_two_labels_below_a_split_keep_their_brackets():
    """Where y > x all is proved, which is exact; of y <= x < z the box around it is what is known."""
    file = largest_file()
    file["steps"][2] = ["part", "inside", "open"]
    values = 10**6 + 1
    above = values * (values - 1) // 2 * values
    file["sizes"] = [
        ["inside", "open", 0, "0", str(values**3)],
        ["inside", "proved", 0, str(above), str(above + (values - 1) ** 3)],
    ]
    assert answer(file).answer == "valid"
    file["sizes"][1][3] = str(above + 1)
    reject(file, "sizes")


def test_long_numbers_count_as_work():
    """The same parts, cut by numbers of 7,000 bits: their corners are as long, and counting points takes as long."""
    long = 1 << 7000
    build = Build()
    x, y = build.integer("x", 0, 9), build.integer("y", 0, 9)
    problem = build.problem(None, build.node("le", x, build.affine(20, (1, y))))
    answers = []
    for scale in (3, long + 1):
        cut = ["split", [[num(scale), 0], [num(-scale + 1), 1]], num(scale)]
        label = ["part", "inside", "proved"]
        answers.append(answer(map_file(problem, [cut, label, label], [["inside", "proved", 0, 100, 100]])))
    assert [a.answer for a in answers] == ["valid", "valid"]
    assert answers[1].operations > answers[0].operations + 1000


def test_keys_of_a_map():
    file = good()
    for name in ("problem", "steps", "sizes"):
        assert answer({k: v for k, v in file.items() if k != name}).answer == "unreadable"
    assert answer({**file, "inhabitant": ["3", "3"]}).answer == "unreadable"
    assert answer({**file, "about": {"claim": "c"}}).answer == "valid"


@pytest.mark.parametrize("seed", range(200))
def test_what_is_changed_at_random_is_rejected_or_says_the_same(seed):
    """A part moved, doubled, dropped or mislabelled, a cut moved: what is still valid has the sizes of the truth."""
    rng = random.Random(seed)
    problem = difference_problem(high=rng.randint(5, 12))
    truth = listed_sizes(problem)
    steps = copy.deepcopy(DIFFERENCE_STEPS)
    for _ in range(rng.randint(1, 2)):
        k = rng.randrange(len(steps))
        match rng.randrange(5):
            case 0:
                steps.insert(k, copy.deepcopy(rng.choice(steps)))
            case 1:
                del steps[k]
            case 2:
                j = rng.randrange(len(steps))
                steps[k], steps[j] = steps[j], steps[k]
            case 3 if steps[k][0] == "part":
                steps[k][rng.choice((1, 2))] = rng.choice(("inside", "outside", "proved", "refuted", "open"))
            case _ if steps[k][0] == "split":
                steps[k][2] = num(rng.randint(-3, 9))
    sizes = [row if rng.random() < 0.8 else [*row[:3], row[3] + 1, row[4] + 1] for row in truth]
    found = answer(map_file(problem, steps, sizes))
    if found.answer == "valid":
        assert sizes == truth


@pytest.mark.parametrize("seed", range(150))
def test_tallies_of_random_trees_contain_the_counts_of_listing(seed):
    """Random splits and labels, three inputs tied or not, an input beside them that may be a real of one value."""
    rng = random.Random(seed)
    inputs = [Input(f"x_{k}", True, 0, rng.randint(1, 5)) for k in range(rng.randint(1, 4))]
    if rng.random() < 0.5:
        value = Fraction(rng.randint(0, 9), rng.randint(1, 3))
        inputs.insert(rng.randint(0, len(inputs)), Input("t", False, value, value))
    tally, truth = Tally(), Counter()
    points = list(product(*(range(i.low, i.high + 1) if i.integer else [i.low] for i in inputs)))
    exact = True

    def grow(region, points, depth):
        nonlocal exact
        exact = exact and region.whole
        if depth == 0 or rng.random() < 0.2:
            empty = region.is_void() or region.size().high == 0
            label = None if empty else (rng.choice(("inside", "outside")), rng.choice(("proved", "refuted")))
            assert not (empty and points)
            tally.part(region, label)
            if label is not None:
                truth[label] += len(points)
            return
        chosen = rng.sample(range(len(inputs)), rng.randint(1, len(inputs)))
        terms, bound = {k: rng.choice((-2, -1, 1, 2)) for k in chosen}, rng.randint(-3, 6)
        tally.split(region)
        below, above = region.split(terms, bound)
        low = [p for p in points if sum(c * p[k] for k, c in terms.items()) <= bound]
        grow(below, low, depth - 1)
        grow(above, [p for p in points if p not in low], depth - 1)

    grow(Region.start(tuple(inputs)), points, rng.randint(1, 4))
    rows = {(place, verdict): (Fraction(low), Fraction(high)) for place, verdict, _, low, high in tally.rows()}
    for label, count in truth.items():
        low, high = rows.get(label, (0, 0))
        assert low <= count <= high
        assert not exact or low == high
