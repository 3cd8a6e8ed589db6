"""Rule split.

For each side condition at least twenty certificates that violate it alone, each rejected; a twin of each without the
violation is accepted.
"""

import random
from fractions import Fraction

import pytest
from kernel_tools import Build, accepted, box, num, proof, reject

SEEDS = range(20)


def split_cases(rng):
    k = rng.randint(0, 2)
    one = num(rng.choice([1, 2, -3]))
    bound = num(rng.randint(0, 3))
    other = (k + 1) % 3
    good = ["split", [[one, k], ["1", other]], bound]
    return good, [
        (["split", [], bound], "no terms"),
        (["split", [["0", k]], bound], "zero"),
        (["split", [[one, k], ["0", other]], bound], "zero"),
        (["split", [[one, k], ["1", k]], bound], "twice"),
        (["split", [[one, 3 + rng.randint(0, 5)]], bound], "index"),
        (["split", [[one, -1]], bound], "index"),
        (["split", [[one, True]], bound], "index"),
        (["split", [[one, str(k)]], bound], "index"),
        (["split", [[one]], bound], "list of 2"),
        (["split", [[one, k, k]], bound], "list of 2"),
        (["split", [one, k], bound], "list"),
        (["split", [["2/4", k]], bound], "fraction"),
        (["split", [[1, k]], bound], "number"),
        (["split", [[one, k]], 1], "number"),
        (["split", [[one, k]]], "fields"),
        (["split", [[one, k]], bound, bound], "fields"),
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_split_side_conditions(seed):
    rng = random.Random(seed)
    build, _, true = box(rng)
    problem = build.problem(None, true)
    good, bads = split_cases(rng)
    assert accepted(proof(problem, [good, ["leaf"], ["leaf"]], [0, 0, 0]))
    for bad, word in bads:
        reject(proof(problem, [bad, ["leaf"], ["leaf"]], [0, 0, 0]), word, 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_split_leaves_no_gap_unless_all_is_integer(seed):
    """x <= c or x >= c + 1 for an integer x. With a real input, coefficient or bound the gap would be unsound."""
    rng = random.Random(seed)
    c = rng.randint(1, 5)
    for kind, coefficient, bound, gap in [
        ("integer", Fraction(1), Fraction(c), True),
        ("real", Fraction(1), Fraction(c), False),
        ("integer", Fraction(1, 2), Fraction(c, 2), False),
        ("integer", Fraction(1), c + Fraction(1, 2), True),
    ]:
        build = Build()
        x = build.integer("x", 0, 9) if kind == "integer" else build.real("x", 0, 9)
        y = build.real("y", 0, 1)
        half = build.affine(-c - Fraction(1, 2), (1, x))
        claim = build.node("le", build.affine(0, (Fraction(1, 4), y)), build.node("abs", half))
        problem = build.problem(None, claim)
        steps = [["split", [[num(coefficient), 0]], num(bound)], ["leaf"], ["leaf"]]
        assert accepted(proof(problem, steps, [0, 0])) is gap, (kind, coefficient, bound)
    build = Build()
    x, y = build.real("x", 0, 9), build.integer("y", 0, 9)
    total = build.affine(-c - Fraction(1, 2), (1, x), (1, y))
    problem = build.problem(None, build.node("lt", build.const(0), build.node("abs", total)))
    reject(proof(problem, [["split", [["1", 0], ["1", 1]], num(c)], ["leaf"], ["leaf"]], [0, 0]), "does not show")
