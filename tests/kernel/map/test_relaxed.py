"""Truths by the forms on the box around a region, against the kernel's values at every point of it; and labels that
only they show.
"""

import random
from itertools import product

import pytest
from kernel_tools import num
from random_obligations import EXACT, WIDE, random_obligation

from mechverify.engines.certificates.problem import problem_data
from mechverify.kernel.api import CERTIFICATE_FORMAT, PROBLEM_FORMAT, check_data, evaluate_point, read_problem
from mechverify.kernel.map.region import Region
from mechverify.kernel.map.relaxed import box_around, relaxed_forms
from mechverify.kernel.plan import Prepared

ROUNDED = ("affine32", "sum32", "mul32", "round32", "relu", "abs", "max", "min", "floor", "ite")


@pytest.mark.parametrize("ops", [EXACT, WIDE, ROUNDED], ids=["exact", "wide", "rounded"])
@pytest.mark.parametrize("seed", range(60))
def test_what_is_said_of_a_node_is_so_at_every_point(seed, ops):
    rng = random.Random(seed)
    problem = read_problem(problem_data(random_obligation(seed, ops, inputs=2 + seed % 2)))
    region = Region.start(problem.inputs)
    for k, one in enumerate(problem.inputs):
        if one.low < one.high:
            region = rng.choice(region.split({k: 1}, rng.randint(int(one.low), int(one.high) - 1)))
    order = problem.cone((problem.assumption, problem.claim))
    forms = relaxed_forms(Prepared(problem), region, order)
    assert forms is not None
    ranges = [range(one.low, one.high + 1) for one in box_around(region).values()]
    for point in list(product(*ranges))[::3]:
        at = evaluate_point(problem, point)
        for v in order:
            if forms.truth[v] is not None:
                assert at[v] is forms.truth[v], (v, point)


PRODUCT = {
    "format": PROBLEM_FORMAT,
    "inputs": [["x", "integer", "0", "9"], ["y", "integer", "0", "9"]],
    "nodes": [["input", 0], ["input", 1], ["mul", "exact", 0, 1], ["const", "20"], ["le", 2, 3], ["bool", "true"]],
    "assumption": 5,
    "claim": 4,
}


def cut_at(x: int, y: int, *labels: str) -> str:
    """The kernel's answer on a map of x * y <= 20 in three boxes: x <= X; x > X and y <= Y; the rest."""
    counts = {"proved": 0, "refuted": 0, "open": 0}
    for label, n in zip(labels, (10 * (x + 1), (9 - x) * (y + 1), (9 - x) * (9 - y)), strict=True):
        counts[label] += n
    steps = [["split", [["1", 0]], num(x)], ["part", "inside", labels[0]], ["split", [["1", 1]], num(y)]]
    steps += [["part", "inside", labels[1]], ["part", "inside", labels[2]]]
    sizes = [["inside", label, 0, num(n), num(n)] for label, n in sorted(counts.items()) if n]
    file = {"format": CERTIFICATE_FORMAT, "kind": "map", "problem": PRODUCT, "steps": steps, "sizes": sizes}
    return check_data(file).answer


@pytest.mark.parametrize(
    ("x", "y", "labels", "answer"),
    [
        (2, 2, ("proved", "open", "open"), "valid"),
        (3, 2, ("open", "open", "open"), "valid"),
        (4, 4, ("open", "open", "refuted"), "valid"),
        (2, 2, ("open", "open", "open"), "valid"),
        (3, 2, ("proved", "open", "open"), "invalid"),
        (2, 2, ("refuted", "open", "open"), "invalid"),
        (2, 3, ("proved", "proved", "open"), "invalid"),
        (3, 3, ("open", "open", "refuted"), "invalid"),
        (4, 4, ("open", "open", "proved"), "invalid"),
        (2, 9, ("proved", "open", "open"), "invalid"),
    ],
)
def test_a_label_that_only_the_forms_show(x, y, labels, answer):
    assert cut_at(x, y, *labels) == answer


def test_a_box_without_an_integer_says_nothing():
    problem = read_problem(PRODUCT)
    region = Region.start(problem.inputs).split({0: 3, 1: 3}, 1)[0]
    region = region.split({0: 3, 1: -3}, 0)[0].split({0: 3, 1: -3}, -1)[1]
    region = region.split({0: 2}, 0)[1]
    assert region.is_void() or relaxed_forms(Prepared(problem), region, problem.cone((4,))) is None
